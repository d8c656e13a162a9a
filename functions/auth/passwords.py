"""Passwords: which may be chosen, and how they are kept: by argon2id with OWASP's parameters (19 MiB, 2 passes).

What may be chosen follows NIST SP 800-63B-4: any characters, no rules of composition, but nothing that is tried first.
"""

import unicodedata
from collections.abc import Iterable
from functools import cache
from pathlib import Path

from argon2 import PasswordHasher, Type
from argon2.exceptions import InvalidHashError, VerificationError

from common.errors import invalid_field

COMMON = Path(__file__).with_name("common_passwords.txt")
OURS = frozenset({"pawtime", "playdate", "playdates"})
SHORTEST_WORD = 4
AROUND_WORDS = "0123456789!@#$%^&*()-_=+.,?/ "

_hasher = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1, hash_len=32, salt_len=16, type=Type.ID)


def hash_password(password: str) -> str:
    """Return the hash to store."""
    return _hasher.hash(_same_everywhere(password))


def matches(password_hash: str | None, password: str) -> bool:
    """Return whether the password fits; without a hash (no such user) it costs the same and does not."""
    try:
        fits = _hasher.verify(password_hash or _nobody(), _same_everywhere(password))
    except (VerificationError, InvalidHashError):
        return False
    return fits and password_hash is not None


def is_outdated(password_hash: str) -> bool:
    """Return whether the hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(password_hash)


def refuse_easily_guessed(password: str, own: Iterable[str | None], pointer: str) -> None:
    """Raise Invalid, at the JSON `pointer`, for a password that is tried first; `own` are its owner's name and such."""
    if is_easily_guessed(password, own):
        raise invalid_field(pointer, "is too easily guessed: choose a longer one, or one that nobody else has")


def is_easily_guessed(password: str, own: Iterable[str | None]) -> bool:
    """Return whether a password is among those tried first: common, or no more than a word of ours or of its owner's.

    Letters count whatever their case, and figures and signs around a word add nothing to it.
    """
    folded = _same_everywhere(password).casefold()
    word = folded.strip(AROUND_WORDS)
    parts = {part.casefold().strip(AROUND_WORDS) for each in own if each for part in (each, *each.split("@"))}
    words = OURS | {part for part in parts if len(part) >= SHORTEST_WORD}
    repeated = any(folded == each * (len(folded) // len(each)) for each in words | {folded[0]})
    return bool({folded, word} & _common()) or word in words or repeated


def _same_everywhere(password: str) -> str:
    """Return the one form of a text that keyboards compose in several ways; nothing else is changed of a password."""
    return unicodedata.normalize("NFC", password)


@cache
def _common() -> frozenset[str]:
    return frozenset(COMMON.read_text(encoding="utf-8").split())


@cache
def _nobody() -> str:
    return _hasher.hash("no account has this password")
