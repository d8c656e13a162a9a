"""Checks presigned forms (POST to a bucket) as S3 does: who signed them, until when, and what they allow."""

import hmac
import json
from base64 import b64decode
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from common.clock import clock
from local.refusal import Refusal

ALGORITHM = "AWS4-HMAC-SHA256"
FREE = ("policy", "x-amz-signature")
"""Fields that no condition of the policy needs to name."""


def check(fields: Mapping[str, str], bucket: str, size: int, secret_key: str) -> None:
    """Raise Refusal where a form's fields, whose names are in lower case, do not allow a file of this size."""
    try:
        signed_by = _signature(fields["policy"], fields["x-amz-credential"], secret_key)
        if fields["x-amz-algorithm"] != ALGORITHM or not hmac.compare_digest(signed_by, fields["x-amz-signature"]):
            raise Refusal("SignatureDoesNotMatch", "The signature does not match the one that was calculated.")
        policy = json.loads(b64decode(fields["policy"]))
        expires, conditions = datetime.fromisoformat(policy["expiration"]), list(_conditions(policy))
    except (KeyError, ValueError, TypeError) as error:
        raise Refusal("MalformedPOSTRequest", "The form is not one that was presigned.") from error
    if clock.now() >= expires:
        raise Refusal("AccessDenied", "Invalid according to Policy: Policy expired.")
    given = {**fields, "bucket": bucket}
    for kind, name, value in conditions:
        if kind == "content-length-range":
            _check_size(size, name, value)
        elif not _holds(kind, given.get(name, ""), value):
            raise Refusal("AccessDenied", f"Invalid according to Policy: Policy Condition failed: {kind} {name}")
    if extra := given.keys() - {name for _, name, _ in conditions} - {*FREE, "bucket"}:
        raise Refusal("AccessDenied", f"Invalid according to Policy: Extra input fields: {', '.join(sorted(extra))}")


def _signature(policy: str, credential: str, secret_key: str) -> str:
    key = f"AWS4{secret_key}".encode()
    for part in credential.split("/")[1:]:  # the day, the region, the service, and how it ends
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.digest(key, policy.encode(), "sha256").hex()


def _conditions(policy: Mapping[str, Any]) -> Iterator[tuple[str, Any, Any]]:
    for condition in policy["conditions"]:
        match condition:
            case [str(kind), str(name), str(value)]:
                yield kind, name.removeprefix("$").lower(), value
            case ["content-length-range", int(least), int(most)]:
                yield "content-length-range", least, most
            case dict():
                yield from (("eq", name.lower(), value) for name, value in condition.items())
            case _:
                raise ValueError("a condition of no known form")


def _check_size(size: int, least: int, most: int) -> None:
    if size < least:
        raise Refusal("EntityTooSmall", "Your proposed upload is smaller than the minimum allowed size")
    if size > most:
        raise Refusal("EntityTooLarge", "Your proposed upload exceeds the maximum allowed size")


def _holds(kind: str, given: str, value: str) -> bool:
    return given == value if kind == "eq" else kind == "starts-with" and given.startswith(value)
