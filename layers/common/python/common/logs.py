"""Structured logs, one line a request, without secrets and without personal data."""

import traceback
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.logging.formatter import LambdaPowertoolsFormatter
from botocore.exceptions import ClientError

PRIVATE = ("password", "token", "secret", "authorization", "cookie", "email", "name", "latitude", "longitude")
PUBLIC = frozenset({"function_name"})


def redact(value: Any) -> Any:
    """Return `value` with everything hidden that stands under a name that suggests a secret or a person."""
    if isinstance(value, dict):
        return {
            name: "***" if inner is not None and _is_private(str(name)) else redact(inner)
            for name, inner in value.items()
        }
    if isinstance(value, list | tuple):
        return [redact(inner) for inner in value]
    return value


def _is_private(name: str) -> bool:
    return name not in PUBLIC and any(word in name.lower() for word in PRIVATE)


class RedactingFormatter(LambdaPowertoolsFormatter):
    """The last thing that sees a log line before it leaves."""

    def serialize(self, log: Any) -> str:
        """Return the line, with everything private hidden."""
        return super().serialize(redact(log))


logger = Logger(service="pawtime", logger_formatter=RedactingFormatter())


def failure(error: BaseException) -> dict[str, Any]:
    """Return what a log may say of an unexpected error: types and places, never messages, which may quote data."""
    chain: list[str] = []
    cause: BaseException | None = error
    while cause is not None:
        code = cause.response["Error"]["Code"] if isinstance(cause, ClientError) else ""
        chain.append(f"{type(cause).__name__} {code}".strip())
        cause = cause.__cause__ or cause.__context__
    frames = traceback.extract_tb(error.__traceback__)
    return {"error": chain, "where": [f"{frame.filename}:{frame.lineno} {frame.name}" for frame in frames[-8:]]}
