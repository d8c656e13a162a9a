"""The keys that sign tokens, as login and refresh read them from Secrets Manager.

The secret is one JSON object. `current` and `next` are {"kid", "public", "private" (PEM, ES256), "refresh" (base64, the
HMAC key of refresh tokens)}; `previous`, after the first rotation, is the same without "private". `earlier` lists the
HMAC keys before those, {"kid", "refresh", "until"}. `auth.key_rotation` makes all of them.
"""

import base64
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePrivateKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from common import aws, config
from common.auth import KEYS_CACHED_SECONDS
from common.clock import clock
from common.errors import Unavailable


@dataclass(frozen=True)
class SigningKeys:
    """What it takes to sign: for login and refresh only. `refresh` has every HMAC key, also the next, by key id."""

    kid: str
    private: EllipticCurvePrivateKey
    refresh: Mapping[str, bytes]


@lru_cache(maxsize=2)
def _load(secret_id: str, _period: int) -> SigningKeys:
    try:
        answer = aws.client("secretsmanager").get_secret_value(SecretId=secret_id, VersionStage="AWSCURRENT")
    except (BotoCoreError, ClientError) as error:
        raise Unavailable from error
    secret = json.loads(answer["SecretString"])
    if "current" not in secret:
        raise Unavailable("The signing keys have not been created yet")
    private = load_pem_private_key(secret["current"]["private"].encode(), password=None)
    if not isinstance(private, EllipticCurvePrivateKey):
        raise TypeError("The signing key is not an elliptic-curve key")
    known = [*secret["earlier"], *(secret[name] for name in ("previous", "current", "next") if name in secret)]
    refresh = {key["kid"]: base64.b64decode(key["refresh"]) for key in known}
    return SigningKeys(secret["current"]["kid"], private, refresh)


def signing_keys() -> SigningKeys:
    """Return the current keys, at most five minutes old; raise Unavailable where they cannot be read."""
    return _load(config.signing_secret_id(), clock.timestamp() // KEYS_CACHED_SECONDS)
