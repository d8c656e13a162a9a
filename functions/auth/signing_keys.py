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
from common.table import Condition, Put, Table, Update, absent, settle


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
    """Make the first keys unless the secret holds some, and publish what verifies them.

    Nothing already published is withdrawn: of two callers who both make keys the secret keeps one's, and tokens
    signed with either are good.
    """
    try:
        secret = secrets_manager.get_secret_value(SecretId=secret_id)["SecretString"]
    except ClientError as error:
        if error.response["Error"]["Code"] != "ResourceNotFoundException":
            raise
        secret = _new_secret()
        secrets_manager.put_secret_value(SecretId=secret_id, SecretString=secret)
    kept = json.loads(secret)
    settle(lambda: _publish(table, kept["kid"], _public_pem(kept["private"])))


def _new_secret() -> str:
    private = generate_private_key(SECP256R1())
    pem = private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    refresh = base64.b64encode(secrets.token_bytes(32)).decode()
    return json.dumps({"kid": ids.new_id(), "private": pem, "refresh": refresh})


def _public_pem(private_pem: str) -> str:
    public = load_pem_private_key(private_pem.encode(), password=None).public_key()
    return public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode()


def _publish(table: Table, kid: str, pem: str) -> None:
    item = table.get(keys.verification_keys())
    if item is None:
        first = {"public": {kid: pem}, "cursor_key": secrets.token_bytes(32)}
        table.write(Put(keys.verification_keys() | first, condition=absent()))
    elif kid not in item["public"]:
        unchanged = Condition("#public = :seen", {"seen": item["public"]})
        public = item["public"] | {kid: pem}
        table.write(Update(keys.verification_keys(), put={"public": public}, condition=unchanged))
