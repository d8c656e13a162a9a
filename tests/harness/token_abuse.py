"""Everything that might be offered in the place of an access token, to every operation that asks for one.

Some of it anybody can make; the rest is signed with our own key, which nobody else has, to see that each member counts
by itself. Not among it: the other signature (r, n - s) that ECDSA has of everything, which proves as much as the first.
"""

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Self

import jwt
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA, SECP256R1, generate_private_key
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from auth.signing_keys import signing_keys
from common import keys
from common.clock import clock
from common.ids import new_id
from tests.contract.stack import operations
from tests.harness.client import Answer, Client, Owner
from tests.harness.findings import Findings
from tests.harness.samples import SAMPLES
from tests.harness.soundness import faults
from tests.harness.world import World, sign_in

type Claims = Mapping[str, Any]
type Form = Callable[[Subject], str]

OTHER_KEY = generate_private_key(SECP256R1())
FORMS: dict[str, Form] = {}
"""What an abuse is called, and how its Authorization header is made."""


def encoded(part: bytes | str | Claims) -> str:
    """A part of a token, in base64url without padding."""
    raw = part if isinstance(part, bytes) else (part if isinstance(part, str) else json.dumps(part)).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


@dataclass(frozen=True)
class Subject:
    """A good token of Ann's, taken apart, and what else an attacker might have at hand."""

    token: str
    header: Claims
    claims: Claims
    refresh_token: str
    ended: str
    other: Claims
    published: Mapping[str, str]
    cursor_key: bytes

    @classmethod
    def of(cls, world: World) -> Self:
        """Ann's, in a session of its own, beside one that she has ended and one of Ben's."""
        ann, gone, ben = sign_in(world.ann.username), sign_in(world.ann.username), sign_in(world.ben.username)
        assert gone.post("/auth/logout").status == 204
        item = world.store.get(keys.verification_keys())
        assert item
        token = str(ann.token)
        return cls(
            token=token,
            header=jwt.get_unverified_header(token),
            claims=_shown(ann),
            refresh_token=ann.refresh_token,
            ended=str(gone.token),
            other=_shown(ben),
            published=item["public"],
            cursor_key=item["cursor_key"],
        )

    @property
    def parts(self) -> list[str]:
        return self.token.split(".")

    @property
    def signature(self) -> bytes:
        return base64.urlsafe_b64decode(self.parts[2] + "==")

    def signed_by_us(
        self, header: Claims | str | bytes | None = None, claims: Claims | str | bytes | None = None
    ) -> str:
        """A token with our signature over whatever stands in it."""
        first = encoded(self.header if header is None else header)
        second = encoded(self.claims if claims is None else claims)
        return f"{first}.{second}.{encoded(_sign(signing_keys().private, f'{first}.{second}'))}"

    def with_header(self, *without: str, **members: Any) -> str:
        kept = {name: value for name, value in self.header.items() if name not in without}
        return self.signed_by_us(header=kept | members)

    def with_claims(self, *without: str, **members: Any) -> str:
        kept = {name: value for name, value in self.claims.items() if name not in without}
        return self.signed_by_us(claims=kept | members)

    def by_hmac(self, algorithm: str, key: bytes, **header: Any) -> str:
        """A token that is signed symmetrically, with what is no secret or not meant for it."""
        digest = {"HS256": hashlib.sha256, "HS384": hashlib.sha384, "HS512": hashlib.sha512}[algorithm]
        text = f"{encoded({**self.header, 'alg': algorithm, **header})}.{encoded(self.claims)}"
        return f"{text}.{encoded(hmac.digest(key, text.encode(), digest))}"

    def by_stranger(self, **header: Any) -> str:
        """A token that is signed as ours are, with a key of the attacker's."""
        text = f"{encoded({**self.header, **header})}.{encoded(self.claims)}"
        return f"{text}.{encoded(_sign(OTHER_KEY, text))}"

    def unsigned(self, algorithm: Any, signature: str = "") -> str:
        return f"{encoded({**self.header, 'alg': algorithm})}.{self.parts[1]}.{signature}"

    def with_signature(self, signature: bytes | str) -> str:
        last = signature if isinstance(signature, str) else encoded(signature)
        return ".".join([*self.parts[:2], last])


def _shown(owner: Owner) -> dict[str, Any]:
    claims: dict[str, Any] = jwt.decode(owner.token or "", options={"verify_signature": False})
    return claims


def _sign(key: Any, text: str) -> bytes:
    r, s = decode_dss_signature(key.sign(text.encode(), ECDSA(hashes.SHA256())))
    return r.to_bytes(32, "big") + s.to_bytes(32, "big")


def _der(subject: Subject) -> bytes:
    der: bytes = signing_keys().private.sign(".".join(subject.parts[:2]).encode(), ECDSA(hashes.SHA256()))
    return der


def _pem(subject: Subject) -> bytes:
    return subject.published[subject.header["kid"]].encode()


def _jwk() -> dict[str, str]:
    numbers = OTHER_KEY.public_key().public_numbers()
    x, y = (encoded(number.to_bytes(32, "big")) for number in (numbers.x, numbers.y))
    return {"kty": "EC", "crv": "P-256", "alg": "ES256", "x": x, "y": y}


def _der_key() -> str:
    der = OTHER_KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return base64.b64encode(der).decode()


def _flipped(raw: bytes, place: int) -> bytes:
    return raw[:place] + bytes([raw[place] ^ 1]) + raw[place + 1 :]


def _nested(depth: int) -> str:
    return '{"kid":' + "[" * depth + "]" * depth + "}"


def _unsigned(algorithm: Any) -> Form:
    return lambda subject: subject.unsigned(algorithm)


def _naming(kid: Any) -> Form:
    return lambda subject: subject.with_header(kid=kid)


def _without(claim: str) -> Form:
    return lambda subject: subject.with_claims(claim)


def _claiming(claim: str, value: Any) -> Form:
    return lambda subject: subject.with_claims(**{claim: value})


def _changing(claim: str, change: Callable[[int], Any]) -> Form:
    return lambda subject: subject.with_claims(**{claim: change(subject.claims[claim])})


def _behind_bearer(make: Form) -> Form:
    return lambda subject: f"Bearer {make(subject)}"


def _bearer(forms: dict[str, Form]) -> None:
    """Register forms of a token."""
    FORMS.update({name: _behind_bearer(make) for name, make in forms.items()})


# Not signed, or by a key that is not ours.
_bearer(
    {
        f"alg {algorithm!r}": _unsigned(algorithm)
        for algorithm in ("none", "None", "NONE", "nOnE", "", None, 0, ["ES256"], {"alg": "ES256"}, "ES256")
    }
)
_bearer(
    {
        "alg none with the signature left on": lambda it: it.unsigned("none", it.parts[2]),
        "alg HS256 by the public key": lambda it: it.by_hmac("HS256", _pem(it)),
        "alg HS384 by the public key": lambda it: it.by_hmac("HS384", _pem(it)),
        "alg HS512 by the public key": lambda it: it.by_hmac("HS512", _pem(it)),
        "alg HS256 by the public key without its last line break": lambda it: it.by_hmac("HS256", _pem(it).strip()),
        "alg HS256 by an empty key": lambda it: it.by_hmac("HS256", b""),
        "alg HS256 by the key of cursors": lambda it: it.by_hmac("HS256", it.cursor_key),
        "alg HS256 by the key of cursors, by name": lambda it: it.by_hmac("HS256", it.cursor_key, kid="cursor_key"),
        "alg HS256 by the key of refresh tokens": lambda it: it.by_hmac(
            "HS256", signing_keys().refresh[it.header["kid"]]
        ),
        "another key": lambda it: it.by_stranger(),
        "another key by an unknown name": lambda it: it.by_stranger(kid=new_id()),
        "another key in jwk": lambda it: it.by_stranger(jwk=_jwk()),
        "another key in jwk and no name": lambda it: it.by_stranger(jwk=_jwk(), kid=None),
        "another key at jku": lambda it: it.by_stranger(jku="https://attacker.example/keys.json"),
        "another key in x5c": lambda it: it.by_stranger(x5c=[_der_key()]),
        "another key at x5u": lambda it: it.by_stranger(x5u="https://attacker.example/key.pem"),
        "a key that has never signed, by the name of the current": lambda it: it.by_stranger(
            kid=next(kid for kid in it.published if kid != it.header["kid"])
        ),
        "another user in what was signed": lambda it: ".".join(
            [it.parts[0], encoded({**it.claims, "sub": it.other["sub"]}), it.parts[2]]
        ),
        "a later expiry in what was signed": lambda it: ".".join(
            [it.parts[0], encoded({**it.claims, "exp": it.claims["exp"] + 1}), it.parts[2]]
        ),
    }
)
# Our signature, over a header that we never make.
_bearer(
    {
        f"kid {kid!r:.60}": _naming(kid)
        for kid in (
            "",
            None,
            0,
            True,
            1.5,
            [],
            {},
            ["x"],
            {"kid": "x"},
            "x",
            "../../../etc/passwd",
            "/dev/null",
            "' OR '1'='1",
            "KEYS",
            "cursor_key",
            "public",
            "current",
            "__class__",
            "\x00",
            "\ud800",
            "k" * 900,
        )
    }
)
_bearer(
    {
        "kid of ours in a list": lambda it: it.with_header(kid=[it.header["kid"]]),
        "kid of ours in an object": lambda it: it.with_header(kid={"kid": it.header["kid"]}),
        "kid of ours in upper case": lambda it: it.with_header(kid=it.header["kid"].upper()),
        "kid of ours and a space": lambda it: it.with_header(kid=f"{it.header['kid']} "),
        "kid of another key of ours": lambda it: it.with_header(
            kid=next(kid for kid in it.published if kid != it.header["kid"])
        ),
        "kid missing": lambda it: it.with_header("kid"),
        "typ missing": lambda it: it.with_header("typ"),
        "typ JWT": lambda it: it.with_header(typ="JWT"),
        "typ in upper case": lambda it: it.with_header(typ="AT+JWT"),
        "typ of a media type": lambda it: it.with_header(typ="application/at+jwt"),
        "typ in a list": lambda it: it.with_header(typ=["at+jwt"]),
        "alg missing": lambda it: it.with_header("alg"),
        "alg ES384": lambda it: it.with_header(alg="ES384"),
        "alg in lower case": lambda it: it.with_header(alg="es256"),
        "alg RS256": lambda it: it.with_header(alg="RS256"),
        "jwk beside our signature": lambda it: it.with_header(jwk=_jwk()),
        "jku beside our signature": lambda it: it.with_header(jku="https://attacker.example/keys.json"),
        "x5u beside our signature": lambda it: it.with_header(x5u="https://attacker.example/key.pem"),
        "x5c beside our signature": lambda it: it.with_header(x5c=[_der_key()]),
        "crit of what is unknown": lambda it: it.with_header(crit=["roles"], roles="admin"),
        "crit of what is known": lambda it: it.with_header(crit=["exp"]),
        "crit empty": lambda it: it.with_header(crit=[]),
        "b64 false": lambda it: it.with_header(b64=False, crit=["b64"]),
        "b64 true": lambda it: it.with_header(b64=True, crit=["b64"]),
        "zip": lambda it: it.with_header(zip="DEF"),
        "cty": lambda it: it.with_header(cty="JWT"),
        "a header that is no object": lambda it: it.signed_by_us(header='["ES256"]'),
        "a header that is a text": lambda it: it.signed_by_us(header='"ES256"'),
        "a header that is no JSON": lambda it: it.signed_by_us(header="{"),
        "a header that is no UTF-8": lambda it: it.signed_by_us(header=b"\xff\xfe\xfd"),
        "a header that is nested deeply": lambda it: it.signed_by_us(header=_nested(500)),
        "a header with a name twice, the first good": lambda it: it.signed_by_us(
            header=json.dumps(it.header)[:-1] + ',"alg":"none"}'
        ),
        "a header with a name twice, the last good": lambda it: it.signed_by_us(
            header='{"alg":"none",' + json.dumps(it.header)[1:]
        ),
    }
)
# Our signature, over claims that we never make.
NO_IDS: list[Any] = ["", None, 0, True, [], {}, ["x"], "x", "a" * 26, "#", "\x00", "\ud800", "../PROFILE", "s" * 1030]
NO_AUDIENCES = ["", None, "other", "pawtime", [], ["pawtime-api"], ["pawtime-api", "other"], {"pawtime-api": 1}]
WRONG_CLAIMS: dict[str, list[Any]] = {
    "sub": NO_IDS,
    "sid": NO_IDS,
    "iss": ["", None, "other", "PAWTIME", ["pawtime"], {"iss": "pawtime"}],
    "aud": NO_AUDIENCES,
    "jti": [None, 0, ["x"]],
}
WRONG_TIMES: dict[str, Callable[[int], Any]] = {
    "as a float": float,
    "as a text": str,
    "in a list": lambda time: [time],
    "null": lambda _: None,
    "true": lambda _: True,
    "zero": lambda _: 0,
    "negative": lambda time: -time,
    "of 400 digits": lambda _: 10**400,
    "infinite": lambda _: float("inf"),
    "not a number": lambda _: float("nan"),
}
_bearer({f"{name} missing": _without(name) for name in ("iss", "aud", "sub", "sid", "jti", "iat", "exp")})
_bearer({f"{name} {value!r:.40}": _claiming(name, value) for name, values in WRONG_CLAIMS.items() for value in values})
_bearer({f"{name} {what}": _changing(name, change) for name in ("iat", "exp") for what, change in WRONG_TIMES.items()})
_bearer(
    {
        "expired just now": lambda it: it.with_claims(exp=clock.timestamp()),
        "expired long ago": lambda it: it.with_claims(iat=0, exp=300),
        "issued in a second": lambda it: it.with_claims(iat=clock.timestamp() + 1),
        "issued tomorrow": lambda it: it.with_claims(iat=clock.timestamp() + 86_400, exp=clock.timestamp() + 86_700),
        "expiring before it is issued": lambda it: it.with_claims(iat=it.claims["exp"], exp=it.claims["iat"]),
        "good for longer than five minutes": lambda it: it.with_claims(exp=it.claims["iat"] + 301),
        "good for ever": lambda it: it.with_claims(exp=2**53),
        "not before tomorrow": lambda it: it.with_claims(nbf=clock.timestamp() + 86_400),
        "not before a text": lambda it: it.with_claims(nbf="tomorrow"),
        "another user's sub": lambda it: it.with_claims(sub=it.other["sub"]),
        "another user's sid": lambda it: it.with_claims(sid=it.other["sid"]),
        "sub and sid exchanged": lambda it: it.with_claims(sub=it.claims["sid"], sid=it.claims["sub"]),
        "claims that are no object": lambda it: it.signed_by_us(claims='["sub"]'),
        "claims that are no JSON": lambda it: it.signed_by_us(claims="{"),
        "claims that are no UTF-8": lambda it: it.signed_by_us(claims=b"\xff\xfe\xfd"),
        "claims that are null": lambda it: it.signed_by_us(claims="null"),
        "claims with a name twice, the first good": lambda it: it.signed_by_us(
            claims=json.dumps(it.claims)[:-1] + f',"sub":"{it.other["sub"]}"}}'
        ),
        "claims with a name twice, the last good": lambda it: it.signed_by_us(
            claims='{"exp":1,' + json.dumps(it.claims)[1:]
        ),
        "the token of a session that has ended": lambda it: it.ended,
    }
)
# A good token, spelt otherwise or with another signature.
_bearer(
    {
        "signature stripped": lambda it: it.with_signature(""),
        "signature and its dot stripped": lambda it: ".".join(it.parts[:2]),
        "signature of zeros": lambda it: it.with_signature(bytes(64)),
        "signature of ones": lambda it: it.with_signature(b"\xff" * 64),
        "signature of r alone": lambda it: it.with_signature(it.signature[:32]),
        "signature with s zero": lambda it: it.with_signature(it.signature[:32] + bytes(32)),
        "signature with r and s exchanged": lambda it: it.with_signature(it.signature[32:] + it.signature[:32]),
        "signature in DER": lambda it: it.with_signature(_der(it)),
        "signature twice": lambda it: it.with_signature(it.signature * 2),
        "signature with a zero before": lambda it: it.with_signature(b"\0" + it.signature),
        "signature with a byte behind": lambda it: it.with_signature(it.signature + b"\0"),
        "signature with its first bit turned": lambda it: it.with_signature(_flipped(it.signature, 0)),
        "signature with its last bit turned": lambda it: it.with_signature(_flipped(it.signature, 63)),
        "signature with loose bits set": lambda it: (
            it.token[:-1] + {"A": "B", "Q": "R", "g": "h", "w": "x"}[it.token[-1]]
        ),
        "signature with characters that decoders pass over": lambda it: f"{it.token}!!!!",
        "signature with a line break inside": lambda it: f"{it.token[:-4]}\n{it.token[-4:]}",
        "signature in hex": lambda it: it.with_signature(it.signature.hex()),
        "signature with padding": lambda it: f"{it.token}==",
        "header with padding": lambda it: f"{it.parts[0]}=.{it.parts[1]}.{it.parts[2]}",
        "the alphabet of base64": lambda it: it.with_signature(base64.b64encode(b"\xfb\xef" * 32).decode().rstrip("=")),
        "truncated": lambda it: it.token[:-1],
        "truncated by half": lambda it: it.token[: len(it.token) // 2],
        "without its first character": lambda it: it.token[1:],
        "doubled": lambda it: it.token * 2,
        "doubled with a dot": lambda it: f"{it.token}.{it.token}",
        "reversed": lambda it: it.token[::-1],
        "in lower case": lambda it: it.token.lower(),
        "with a dot before": lambda it: f".{it.token}",
        "with a dot behind": lambda it: f"{it.token}.",
        "with five parts, as encrypted ones have": lambda it: ".".join([it.parts[0], "", *it.parts[1:], "x"]),
        "five empty parts": lambda _: "....",
        "three empty parts": lambda _: "..",
        "no header": lambda it: f".{it.parts[1]}.{it.parts[2]}",
        "no claims": lambda it: f"{it.parts[0]}..{it.parts[2]}",
        "not in base64": lambda _: "!.!.!",
        "base64 of odd length": lambda it: f"a.{it.parts[1]}.{it.parts[2]}",
        "beyond ASCII": lambda _: "\u00ff.\u00ff.\u00ff",
        "beyond ASCII behind a good token": lambda it: f"{it.token}\u00e9",
        "digits of another script": lambda it: f"{it.token[:-1]}\u0661",
        "NUL behind a good token": lambda it: f"{it.token}\x00",
        "a tab before a good token": lambda it: f"\t{it.token}",
        "a space of no width behind a good token": lambda it: f"{it.token}\u200b",
        "a space that does not break behind a good token": lambda it: f"{it.token}\u00a0",
        "a space inside": lambda it: it.token.replace(".", " . "),
        "in quotes": lambda it: f'"{it.token}"',
        "percent-encoded": lambda it: it.token.replace(".", "%2E"),
        "as a JSON serialisation": lambda it: json.dumps(
            dict(zip(("protected", "payload", "signature"), it.parts, strict=True))
        ),
        "two tokens": lambda it: f"{it.token} {it.token}",
        "two tokens with a comma": lambda it: f"{it.token}, {it.token}",
        "two headers in one": lambda it: f"x, Bearer {it.token}",
        "a token of 1 MB": lambda _: "a" * 1_000_000,
        "a token of 1 MB in three parts": lambda it: f"{it.parts[0]}.{'A' * 1_000_000}.{it.parts[2]}",
        "a good token of 1 MB": lambda it: it.with_claims(jti="j" * 1_000_000),
        "a megabyte of dots": lambda _: "." * 1_000_000,
        "a refresh token": lambda it: it.refresh_token,
        "a refresh token in the form of a token": lambda it: ".".join(it.refresh_token.split(".")[2:]),
        "the session's id": lambda it: it.claims["sid"],
        "nothing": lambda _: "",
        "null": lambda _: "null",
        "undefined": lambda _: "undefined",
    }
)
# A good token, offered by another scheme.
FORMS |= {
    "no scheme": lambda it: it.token,
    "a scheme alone": lambda _: "Bearer",
    "the scheme twice": lambda it: f"Bearer Bearer {it.token}",
    "no space behind the scheme": lambda it: f"Bearer{it.token}",
    "a tab behind the scheme": lambda it: f"Bearer\t{it.token}",
    "a colon behind the scheme": lambda it: f"Bearer: {it.token}",
    "Basic": lambda it: f"Basic {it.token}",
    "Basic with the token as its name": lambda it: f"Basic {base64.b64encode(f'{it.token}:'.encode()).decode()}",
    "Token": lambda it: f"Token {it.token}",
    "JWT": lambda it: f"JWT {it.token}",
    "DPoP": lambda it: f"DPoP {it.token}",
    "a scheme beyond ASCII": lambda it: f"Be\u0430rer {it.token}",
    "an empty header": lambda _: "",
}


def protected() -> Iterator[str]:
    """Name a sample of every operation that asks for a token."""
    closed = {str(each) for each in operations() if not each.operation.public}
    return (name for name in SAMPLES if name.partition(" : ")[0] in closed)


def abuse(world: World, names: list[str] | None = None) -> Findings:
    """Offer every form to the operations, or to those named; each must then let the good token in."""
    findings = Findings()
    for name in names or protected():
        sample, subject = SAMPLES[name](world), Subject.of(world)
        for form, make in FORMS.items():
            answer = sample.send(Client(headers={"authorization": make(subject)}))
            findings.note(f"{name}: {form}", refused_wrongly(answer))
        control = sample.send(Client(token=subject.token))
        if control.status >= 300:
            findings.wrong.append(f"{name}: the good token was answered {control.status} {control.code}")
        world.enter()  # that may have ended all of her sessions, and her account
    return findings


def abuse_of_refresh(world: World) -> Findings:
    """Offer the same where a refresh token is wanted."""
    findings, subject = Findings(), Subject.of(world)
    for form, make in FORMS.items():
        token = make(subject).removeprefix("Bearer ")
        if token in (subject.refresh_token, ""):
            continue
        answer = Client().post("/auth/refresh", {"refresh_token": token})
        refused = answer.status in (400, 413, 422) or refused_wrongly(answer) == []
        findings.note(f"POST /auth/refresh: {form}", faults(answer) if refused else [f"{answer.status} {answer.code}"])
    return findings


def refused_wrongly(answer: Answer) -> list[str]:
    """Return what is wrong with an answer that should be a 401 with a challenge."""
    wrong = faults(answer)
    if answer.status != 401:
        wrong.append(f"answered {answer.status}")
    elif not answer.headers.get("WWW-Authenticate", "").startswith("Bearer"):
        wrong.append("no WWW-Authenticate")
    return wrong
