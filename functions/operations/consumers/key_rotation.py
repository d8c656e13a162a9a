"""Rotates the keys that sign tokens, when Secrets Manager asks for it. What fails is asked for again."""

from typing import Any

from auth.key_rotation import KeyRotation
from common import aws
from common.table import table


def handler(event: dict[str, Any], _context: Any = None) -> None:
    """Do the step of the rotation that Secrets Manager names."""
    rotation = KeyRotation(table(), aws.client("secretsmanager"), event["SecretId"])
    rotation.do(event["Step"], event["ClientRequestToken"])
