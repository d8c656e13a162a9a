"""The keys that sign tokens: private in Secrets Manager, public in the table, made here when there are none.

The secret is one JSON object: {"kid", "private" (PEM, ES256), "refresh" (base64, for refresh tokens)}.
"""

import base64
import json
import secrets
from dataclasses import dataclass
from functools import cache, lru_cache
from typing import Any

import boto3
from botocore.exceptions import BotoCoreError, ClientError
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, EllipticCurvePrivateKey, generate_private_key
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
)

from common import config, ids, keys
from common.auth import KEYS_CACHED_SECONDS
from common.clock import clock
from common.errors import Unavailable
from common.table import Put, Table, absent


@dataclass(frozen=True)
class SigningKeys:
    """What it takes to sign: for login and refresh only."""

    kid: str
    private: EllipticCurvePrivateKey
    refresh: bytes


@cache
def _secrets_manager() -> Any:
    return boto3.client("secretsmanager")


@lru_cache(maxsize=2)
def _load(secret_id: str, _period: int) -> SigningKeys:
    try:
        secret = json.loads(_secrets_manager().get_secret_value(SecretId=secret_id)["SecretString"])
    except (BotoCoreError, ClientError) as error:
        raise Unavailable from error
    private = load_pem_private_key(secret["private"].encode(), password=None)
    if not isinstance(private, EllipticCurvePrivateKey):
        raise TypeError("The signing key is not an elliptic-curve key")
    return SigningKeys(secret["kid"], private, base64.b64decode(secret["refresh"]))


def signing_keys() -> SigningKeys:
    """Return the current keys, at most five minutes old; raise Unavailable where they cannot be read."""
    return _load(config.signing_secret_id(), clock.timestamp() // KEYS_CACHED_SECONDS)


def ensure(table: Table, secrets_manager: Any, secret_id: str) -> None:
    """Make the first keys unless there are some. The table's item decides, so two callers cannot make two sets."""
    if table.get(keys.verification_keys()):
        return
    kid = ids.new_id()
    private = generate_private_key(SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    public = private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()
    refresh = base64.b64encode(secrets.token_bytes(32)).decode()
    secret = json.dumps({"kid": kid, "private": pem, "refresh": refresh})
    secrets_manager.put_secret_value(SecretId=secret_id, SecretString=secret)
    item = {"public": {kid: public}, "cursor_key": secrets.token_bytes(32)}
    table.write(Put(keys.verification_keys() | item, condition=absent()))
