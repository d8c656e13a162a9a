"""Rotates the signing keys of the local stack that runs: `python -m local.rotate_keys`, or `make rotate-keys`.

It asks the rotation function for the four steps that Secrets Manager would ask it for, and so needs the stack to run.
"""

import secrets
import sys
from http import HTTPStatus

import httpx

from auth.key_rotation import STEPS
from local.run import CannotStart, Settings
from local.template import load


def rotate(url: str) -> str | None:
    """Rotate the keys of the stack at `url`; return why they were not, if so."""
    [rotation] = load().rotations
    token = secrets.token_hex(16)
    for step in STEPS:
        event = {"SecretId": rotation.secret, "ClientRequestToken": token, "Step": step}
        address = f"{url}/2015-03-31/functions/{rotation.function.name}/invocations"
        try:
            answer = httpx.post(address, json=event, timeout=rotation.function.timeout + 1, trust_env=False)
        except httpx.TransportError:
            return f"Pawtime does not run at {url}: start it with make run, then rotate its keys"
        if answer.status_code != HTTPStatus.OK or "X-Amz-Function-Error" in answer.headers:
            return str(answer.json().get("errorMessage") or answer.json().get("message"))
    return None


def main() -> int:
    """Rotate and say so; return the exit code."""
    try:
        refused = rotate(Settings.read().url)
    except CannotStart as error:
        refused = str(error)
    if refused:
        print(refused, file=sys.stderr)
        return 1
    print(
        "The keys are rotated: what is signed from now on is signed by the next ones, within five minutes everywhere."
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
