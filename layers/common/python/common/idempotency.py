"""Repeating a request safely: its answer is stored in the very transaction that has the effect.

So there is no time at which the effect stands and the record does not, or the other way round: a crash anywhere
leaves both or neither, and of parallel requests with one key exactly one commits; the others then find its answer.
See the IETF draft "The Idempotency-Key HTTP Header Field".

An answer that holds a secret is sealed with the caller's key, of which only the digest is kept: who repeats the request
can have the answer again, and who reads the table cannot, as far as the key is one that nobody guesses.
"""

import hashlib
import json
import re
import secrets
from dataclasses import dataclass, field
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.request import Request
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from pydantic import BaseModel

from common import ids, keys
from common.clock import clock
from common.errors import Conflict, IdempotencyKeyMissing, IdempotencyKeyReused, Malformed
from common.table import Key, Put, Table, absent

type Requirement = Literal["required", "honoured", "none"]

KEPT_SECONDS = 24 * 3600
NONCE_BYTES = 12
KEY_PATTERN = re.compile(r'"?[\x21\x23-\x7e]{1,64}"?')


class KeyInvalid(Malformed):
    code = "idempotency_key_invalid"
    title = "An Idempotency-Key is 1 to 64 visible ASCII characters"


class AlreadyAnswered(Conflict):
    """A parallel request with the same key committed first: `Api` answers with what that one stored."""

    code = "already_answered"
    title = "This request was carried out a moment ago"


@dataclass(frozen=True)
class Answer:
    """The stored answer of a request that was carried out before."""

    status: int
    body: str


@dataclass
class Once:
    """One request with its key. A repository puts `record(...)` into the transaction that has the effect.

    `secret`: its answer is one that nobody else may read, and so is kept sealed.
    """

    table: Table
    user_id: str
    key: str | None
    fingerprint: str
    status: int
    secret: bool = False
    recorded: bool = field(default=False, init=False)

    def record(self, result: BaseModel) -> Put | None:
        """Return the write that stores `result` as this request's answer; None where the caller sent no key."""
        self.recorded = True
        if self.key is None:
            return None
        body = json.dumps(result.model_dump(mode="json"), separators=(",", ":"), ensure_ascii=False)
        return Put(
            self._place(self.key)
            | {"fingerprint": self.fingerprint, "status": self.status, "ttl": clock.timestamp() + KEPT_SECONDS}
            | ({"body": "{}", "sealed": _seal(self.key, body)} if self.secret else {"body": body}),
            condition=absent(),
            otherwise=AlreadyAnswered,
        )

    def answer(self) -> Answer | None:
        """Return the answer given before; raise IdempotencyKeyReused where the key came with another request."""
        item = self.table.get(self._place(self.key)) if self.key else None
        if self.key is None or item is None:
            return None
        if item["fingerprint"] != self.fingerprint:
            raise IdempotencyKeyReused
        return Answer(item["status"], _unseal(self.key, item["sealed"]) if "sealed" in item else item["body"])

    def _place(self, key: str) -> Key:
        return keys.idempotency(self.user_id, ids.digest(key) if self.secret else key)


def _seal(key: str, text: str) -> bytes:
    nonce = secrets.token_bytes(NONCE_BYTES)
    return nonce + _cipher(key).encrypt(nonce, text.encode(), None)


def _unseal(key: str, sealed: bytes) -> str:
    return _cipher(key).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], None).decode()


def _cipher(key: str) -> AESGCM:
    """Return the cipher of a caller's key; it has nothing to do with the digest under which the answer lies."""
    return AESGCM(hashlib.sha256(b"sealed answer " + key.encode()).digest())


def read_key(header: str | None, requirement: Requirement) -> str | None:
    """Return the key in the header; raise where it is malformed, or missing and required."""
    if requirement == "none":
        return None
    if header is None:
        if requirement == "required":
            raise IdempotencyKeyMissing
        return None
    if not KEY_PATTERN.fullmatch(header):
        raise KeyInvalid
    return header.strip('"')


def fingerprint(method: str, path: str, body: Any) -> str:
    """Return what tells two requests apart: method, path and body, whatever the order of its members."""
    canonical = json.dumps([method, path, body], sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(canonical.encode()).hexdigest()


def current_once(request: Request) -> Once:
    """Return the idempotency of the request under way."""
    once: Once = request.context["once"]
    return once


Idempotency = Annotated[Once, Depends(current_once)]
