"""What holds of every answer, whatever was asked."""

import json
import re
from typing import Any

from tests.harness.client import Answer

CODE = re.compile(r"[a-z][a-z0-9_]*")
MEMBERS = frozenset({"type", "title", "status", "code", "request_id"})


def faults(answer: Answer) -> list[str]:
    """Return what is wrong with an answer: nothing but a 5xx, or a problem that does not say what it is."""
    if answer.status >= 500:
        return [f"{answer.status}: {answer.text[:200]}"]
    if answer.status < 400:
        return []
    if answer.headers.get("Content-Type") != "application/problem+json":
        return [f"{answer.status} is no problem+json: {answer.headers.get('Content-Type')}"]
    problem: dict[str, Any] = json.loads(answer.text)
    found = [f"{answer.status} without {name}" for name in sorted(MEMBERS - problem.keys())]
    if problem.get("status") != answer.status:
        found.append(f"{answer.status} that says {problem.get('status')}")
    if not CODE.fullmatch(str(problem.get("code"))):
        found.append(f"{answer.status} with the code {problem.get('code')!r}")
    return found
