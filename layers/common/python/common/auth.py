"""Who is calling: access tokens are verified here and sessions looked up; nothing here can sign one."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Annotated, Any, Literal

import jwt
from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.request import Request
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from common import keys
from common.clock import clock
from common.errors import Unauthenticated, Unavailable
from common.table import Table

ALGORITHM = "ES256"
ISSUER = "pawtime"
AUDIENCE = "pawtime-api"
TOKEN_TYPE = "at+jwt"  # noqa: S105 (RFC 9068's name for the type)
MAX_TOKEN_LENGTH = 2048
KEYS_CACHED_SECONDS = 300

type Role = Literal["pet_owner", "child", "admin"]


@dataclass(frozen=True)
class SignedIn:
    """The caller, as the stored session says: never as the token says."""

    user_id: str
    session_id: str
    role: Role


@dataclass(frozen=True)
class VerificationKeys:
    """What it takes to check what we signed: public keys by key id, and the key of cursors."""

    public: Mapping[str, EllipticCurvePublicKey]
    cursor_key: bytes


@lru_cache(maxsize=4)
def _load_keys(table: Table, _period: int) -> VerificationKeys:
    item = table.get(keys.verification_keys())
    if item is None:
        raise Unavailable("The signing keys have not been created yet")
    public: dict[str, Any] = {kid: load_pem_public_key(pem.encode()) for kid, pem in item["public"].items()}
    return VerificationKeys(public, item["cursor_key"])


def verification_keys(table: Table) -> VerificationKeys:
    """Return the current keys, at most five minutes old."""
    return _load_keys(table, clock.timestamp() // KEYS_CACHED_SECONDS)


def _claims(token: str, table: Table) -> dict[str, Any]:
    if len(token) > MAX_TOKEN_LENGTH:
        raise Unauthenticated
    try:
        header = jwt.get_unverified_header(token)
        key = verification_keys(table).public.get(header["kid"])
        if key is None or header.get("typ") != TOKEN_TYPE or header.get("alg") != ALGORITHM:
            raise Unauthenticated
        claims = jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            # expiry is checked below against our own clock
            options={
                "require": ["exp", "iat", "iss", "aud", "sub", "sid", "jti"],
                "verify_exp": False,
                "verify_iat": False,
            },
        )
    except (jwt.PyJWTError, KeyError, TypeError, ValueError) as error:
        raise Unauthenticated from error
    now = clock.timestamp()
    if (
        not isinstance(claims["exp"], int)
        or not isinstance(claims["iat"], int)
        or not claims["iat"] <= now < claims["exp"]
    ):
        raise Unauthenticated
    if not isinstance(claims["sub"], str) or not isinstance(claims["sid"], str):
        raise Unauthenticated
    return claims


def authenticate(headers: Mapping[str, str], table: Table) -> SignedIn:
    """Return the caller that the Authorization header proves; raise Unauthenticated otherwise.

    The session is read with strong consistency on every request, so a revoked one is refused at once.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    claims = _claims(token.strip(), table)
    session = table.get(keys.session(claims["sub"], claims["sid"]))
    if session is None:
        raise Unauthenticated
    return SignedIn(claims["sub"], claims["sid"], session["role"])


def signed_in(request: Request) -> SignedIn:
    """Return the caller whom `Api` has authenticated."""
    caller: SignedIn = request.context["caller"]
    return caller


CurrentUser = Annotated[SignedIn, Depends(signed_in)]
