"""Whatever is offered in the place of an access token is refused; and what offers it sees a verifier that is weak."""

import hmac
import json
import re
from base64 import urlsafe_b64decode
from collections.abc import Callable
from contextlib import suppress
from typing import Any

import jwt
import pytest

from common import auth, keys
from common.table import Table
from tests.harness.token_abuse import FORMS, abuse, abuse_of_refresh, protected
from tests.harness.world import World

pytestmark = pytest.mark.engines("dynoxide")

ONE_OF_EACH_METHOD = [
    "GET /pets",
    "POST /pets",
    "PUT /matching/criteria",
    "PATCH /pets/{pet_id}",
    "DELETE /pets/{pet_id}",
]


def test_nothing_but_a_good_token_is_taken(store: Table) -> None:
    world = World.build(store)

    findings = abuse(world, ONE_OF_EACH_METHOD)

    assert findings.wrong == []
    assert findings.looked_at == len(FORMS) * len(ONE_OF_EACH_METHOD)


def test_no_access_token_or_what_looks_like_one_is_taken_for_a_refresh_token(store: Table) -> None:
    world = World.build(store)

    findings = abuse_of_refresh(world)

    assert findings.wrong == []
    assert findings.looked_at > 200


def test_operations_that_ask_for_a_token_are_all_tried() -> None:
    names = set(protected())

    assert set(ONE_OF_EACH_METHOD) < names
    assert not [name for name in names if name.startswith("POST /auth/login")]


def published(table: Table) -> dict[str, str]:
    item = table.get(keys.verification_keys())
    assert item
    return dict(item["public"])


def trust_the_header(patch: pytest.MonkeyPatch) -> None:
    """Verify by whichever algorithm the token names, the classic mistake."""
    careful = auth._claims  # noqa: SLF001

    def trusting(token: str, table: Table) -> dict[str, Any]:
        with suppress(ValueError, KeyError, TypeError):
            first, second, signature = token.split(".")
            header, claims = (json.loads(urlsafe_b64decode(f"{part}==")) for part in (first, second))
            if header["alg"] == "none":
                return dict(claims)
            key, text = published(table)[header["kid"]], f"{first}.{second}"
            if header["alg"] == "HS256" and hmac.digest(key.encode(), text.encode(), "sha256") == urlsafe_b64decode(
                f"{signature}=="
            ):
                return dict(claims)
        return careful(token, table)

    patch.setattr(auth, "_claims", trusting)


def ignore(claim: str) -> Callable[[pytest.MonkeyPatch], None]:
    """Verify the signature, and not whether a claim is what it should be."""

    def weaken(patch: pytest.MonkeyPatch) -> None:
        decode = jwt.decode

        def lax(token: str, key: Any = "", *, options: Any, **members: Any) -> Any:
            required = [name for name in options.get("require", []) if name != claim]
            return decode(token, key, options=options | {f"verify_{claim}": False, "require": required}, **members)

        patch.setattr(jwt, "decode", lax)

    return weaken


def replace(name: str, weaker: Any) -> Callable[[pytest.MonkeyPatch], None]:
    """Leave out a check of the verifier's."""
    return lambda patch: patch.setattr(auth, name, weaker)


WEAK: dict[str, tuple[Callable[[pytest.MonkeyPatch], None], set[str]]] = {
    "trusts the header's alg": (trust_the_header, {"alg 'none'", "alg HS256 by the public key"}),
    "ignores aud": (ignore("aud"), {"aud missing", "aud 'other'", "aud ['pawtime-api', 'other']"}),
    "ignores iss": (ignore("iss"), {"iss missing", "iss 'other'"}),
    "ignores time": (
        replace("_is_timely", lambda _: True),
        {"expired just now", "issued in a second", "not before tomorrow", "exp as a float", "good for ever"},
    ),
    "takes any sub and sid": (replace("_is_id", lambda _: True), {r"sub '\ud800'", r"sid '\ud800'"}),
    "takes any spelling": (
        replace("COMPACT", re.compile(r"(?s).*")),
        {"signature with padding"},
    ),
    "takes names twice": (replace("_members", dict), {"a header with a name twice, the last good"}),
}


@pytest.mark.parametrize(("weaken", "seen"), WEAK.values(), ids=WEAK)
def test_a_verifier_that_is_weak_is_seen(
    store: Table, monkeypatch: pytest.MonkeyPatch, weaken: Callable[[pytest.MonkeyPatch], None], seen: set[str]
) -> None:
    world = World.build(store)
    weaken(monkeypatch)

    findings = abuse(world, ["GET /pets"])

    assert seen <= {form for form in FORMS if any(each.startswith(f"GET /pets: {form}: ") for each in findings.wrong)}
