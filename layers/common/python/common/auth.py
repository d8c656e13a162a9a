"""Who is calling: access tokens are verified here and sessions looked up; nothing here can sign one."""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from typing import Annotated, Any, Literal

import jwt
from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.request import Request
from cryptography.hazmat.primitives.asymmetric.ec import EllipticCurvePublicKey
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from common import ids, keys
from common.clock import clock
from common.errors import Unauthenticated, Unavailable
from common.table import Table

ALGORITHM = "ES256"
ISSUER = "pawtime"
AUDIENCE = "pawtime-api"
TOKEN_TYPE = "at+jwt"  # noqa: S105 (RFC 9068's name for the type)
MAX_TOKEN_LENGTH = 2048
# Three parts in base64url without padding, the last of 64 bytes. Decoders pass over other characters and loose bits:
# nothing but what we give out may stand for a token.
COMPACT = re.compile(r"[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]{85}[AQgw]")
ACCESS_LIFETIME = timedelta(minutes=5)
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
    """What it takes to check what we signed: previous, current and next public key by id, and the key of cursors."""

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


def _members(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    members = dict(pairs)
    if len(members) != len(pairs):
        raise ValueError("A member name appears twice")
    return members


def _parts(token: str) -> list[dict[str, Any]]:
    """Return the header and the claims that a token shows, before anything of it is believed."""
    encoded = (part + "=" * (-len(part) % 4) for part in token.split(".")[:2])
    return [json.loads(base64.urlsafe_b64decode(part), object_pairs_hook=_members) for part in encoded]


def _claims(token: str, table: Table) -> dict[str, Any]:
    if len(token) > MAX_TOKEN_LENGTH or not COMPACT.fullmatch(token):
        raise Unauthenticated
    try:
        header, claims = _parts(token)
        key = verification_keys(table).public.get(header["kid"])
        if key is None or header != {"alg": ALGORITHM, "kid": header["kid"], "typ": TOKEN_TYPE}:
            raise Unauthenticated
        jwt.decode(
            token,
            key,
            algorithms=[ALGORITHM],
            audience=AUDIENCE,
            issuer=ISSUER,
            options={
                "require": ["exp", "iat", "iss", "aud", "sub", "sid", "jti"],
                "strict_aud": True,
                # time is checked below against our own clock
                "verify_exp": False,
                "verify_iat": False,
                "verify_nbf": False,
            },
        )
    except (jwt.PyJWTError, AttributeError, KeyError, TypeError, ValueError, RecursionError) as error:
        raise Unauthenticated from error
    if not _is_timely(claims) or not all(_is_id(claims[name]) for name in ("sub", "sid")):
        raise Unauthenticated
    return claims


def _is_timely(claims: Mapping[str, Any]) -> bool:
    """Tell whether now is within a token's life, and this no longer than we give to any."""
    issued, expires = claims["iat"], claims["exp"]
    if type(issued) is not int or type(expires) is not int or "nbf" in claims:
        return False
    longest = int(ACCESS_LIFETIME.total_seconds())
    return issued <= clock.timestamp() < expires <= issued + longest


def _is_id(value: Any) -> bool:
    """Tell whether a value has the form of our ids, and so can be part of a key."""
    return isinstance(value, str) and ids.FORM.fullmatch(value) is not None


def authenticate(headers: Mapping[str, str], table: Table) -> SignedIn:
    """Return the caller that the Authorization header proves; raise Unauthenticated otherwise.

    The session is read with strong consistency on every request, so a revoked one is refused at once.
    """
    scheme, _, token = headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Unauthenticated
    claims = _claims(token.strip(" "), table)
    session = table.get(keys.session(claims["sub"], claims["sid"]))
    if session is None or clock.timestamp() >= session["ends_at"]:
        raise Unauthenticated
    return SignedIn(claims["sub"], claims["sid"], session["role"])


def signed_in(request: Request) -> SignedIn:
    """Return the caller whom `Api` has authenticated."""
    caller: SignedIn = request.context["caller"]
    return caller


CurrentUser = Annotated[SignedIn, Depends(signed_in)]
