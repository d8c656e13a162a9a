"""The settings that the template gives to a function, read when first asked for."""

import os
from functools import cache


@cache
def table_name() -> str:
    """Return the name of the one table."""
    return os.environ["TABLE_NAME"]


def signing_secret_id() -> str:
    """Return the Secrets Manager id of the token-signing keys: every function knows it, few roles may read them."""
    return os.environ["SIGNING_SECRET_ID"]


def public_url() -> str:
    """Return the address under which people reach Pawtime, without a trailing slash."""
    return os.environ["PUBLIC_URL"].rstrip("/")


def mail_sender() -> str:
    """Return the address that mail comes from."""
    return os.environ["MAIL_SENDER"]


def queue_url(effect: str) -> str:
    """Return the address of the queue that feeds an effect's consumer."""
    return os.environ[f"{effect.upper()}_QUEUE_URL"]


def limits_addresses() -> bool:
    """Return whether requests are counted by the network address that they come from."""
    return os.environ.get("ADDRESS_LIMITS", "on") == "on"


def media_bucket() -> str:
    """Return the name of the bucket of pictures."""
    return os.environ["MEDIA_BUCKET"]


def switched_off() -> frozenset[str]:
    """Return the names of the switches that are off."""
    return frozenset(filter(None, os.environ.get("SWITCHED_OFF", "").split(",")))
