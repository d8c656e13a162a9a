"""Cursors that we did not give out, or not for this; and lists that grow while they are read."""

import base64
import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from tests.harness.client import Answer, Owner
from tests.harness.findings import Findings
from tests.harness.neighbours import UNION_SQUARE, move
from tests.harness.playdates import planned
from tests.harness.soundness import faults
from tests.harness.world import World, make_admin, sign_up

ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
MANY = 5


@dataclass(frozen=True)
class List:
    """A list with several pages, of somebody: how to ask for it, and how to add to it while it is read.

    One that does not grow says why in place of `add`.
    """

    path: str
    owner: Owner
    query: dict[str, Any]
    name_of: str
    add: Callable[[], object] | str

    def page(self, cursor: str | None = None, limit: int = 2, reader: Owner | None = None) -> Answer:
        return (reader or self.owner).get(self.path, cursor=cursor, limit=limit, **self.query)

    def cursor(self) -> str:
        """A cursor for the second page."""
        answer = self.page()
        assert answer.status == 200, answer.text
        return str(answer.json["next_cursor"])


def lists(world: World) -> list[List]:
    """Fill every list that is paged, and return them; one is here for each operation that takes a cursor."""
    ann = world.ann
    for _ in range(MANY):
        ann.pet(name="Another")
        planned(ann, world.couple.biscuit, world.next_start(), 15)
        befriend(world)
        ann.patch("/me", {"first_name": "Ann"})
        _block(world)
        _report(world)
    for reader in (ann, world.ben, world.cleo, world.dora):
        make_admin(world.store, reader)
    second, doras = (str(each.pet(name="Mango")["pet_id"]) for each in (world.cleo, world.dora))
    parts = "it has several parts, which tests/integration/test_export.py reads in full"
    kept = "a search goes on with what it found at first"
    return [
        List("/pets", ann, {}, "pet_id", lambda: ann.pet(name="Late")),
        List("/matches", ann, {}, "match_id", lambda: befriend(world)),
        List("/matches", ann, {"status": "Active"}, "match_id", lambda: befriend(world)),
        List("/appointments", ann, {}, "appointment_id", lambda: _care(world)),
        List("/appointments", ann, {"pet_id": world.couple.biscuit}, "appointment_id", lambda: _care(world)),
        List("/me/export", ann, {}, "", parts),
        List("/me/activity", ann, {}, "activity_id", lambda: ann.patch("/me", {"first_name": "Anna"})),
        List("/blocks", ann, {}, "user_id", lambda: _block(world)),
        List("/admin/reports", ann, {}, "report_id", lambda: _report(world)),
        List("/matching/candidates", world.cleo, {"pet_id": world.pomelo}, "", kept),
        List("/matching/candidates", world.cleo, {"pet_id": second}, "", kept),
        List("/matching/candidates", world.dora, {"pet_id": doras}, "", kept),
    ]


def befriend(world: World) -> str:
    """Match Ann with somebody new; return the match's id."""
    friend = sign_up(world.store, world.newcomer())
    pet_id = str(friend.pet(name="Friend")["pet_id"])
    move(friend, *UNION_SQUARE)
    likes = {"pet_id": world.couple.biscuit, "target_pet_id": pet_id}
    assert world.ann.post("/matching/likes", likes).status == 201
    answer = friend.post("/matching/likes", {"pet_id": pet_id, "target_pet_id": world.couple.biscuit})
    return str(answer.json["match"]["match_id"])


def _block(world: World) -> None:
    other, _ = world.neighbour()
    assert world.ann.post("/blocks", {"user_id": other.user_id}).status == 201


def _report(world: World) -> None:
    assert world.ann.post("/reports", {"user_id": world.cleo.user_id, "reason": "spam"}).status == 201


def _care(world: World) -> str:
    return planned(world.ann, world.couple.biscuit, world.next_start(), 15)


def alterations(cursor: str, chance: random.Random) -> Iterator[str]:
    """Give cursors that differ from a good one: a bit, a character, the length, the spelling; without an end."""
    raw = base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))
    spellings = [
        cursor + "=",
        cursor + "==",
        cursor.lower(),
        cursor.upper(),
        cursor[::-1],
        cursor * 2,
        "",
        f" {cursor}",
    ]
    yield from (spelt for spelt in spellings if spelt != cursor)
    while True:
        place = chance.randrange(len(raw))
        flipped = bytearray(raw)
        flipped[place] ^= 1 << chance.randrange(8)
        yield base64.urlsafe_b64encode(bytes(flipped)).decode().rstrip("=")
        place = chance.randrange(len(cursor))
        yield cursor[:place] + chance.choice(ALPHABET.replace(cursor[place], "")) + cursor[place + 1 :]
        yield cursor[:place]
        yield cursor + chance.choice(ALPHABET)
        yield cursor[:place] + chance.choice("\x00\u202e+/=%& é#") + cursor[place + 1 :]
        swapped = bytearray(raw)
        swapped[16:] = chance.randbytes(len(raw) - 16)
        yield base64.urlsafe_b64encode(bytes(swapped)).decode().rstrip("=")
        yield base64.urlsafe_b64encode(chance.randbytes(chance.randrange(1, 200))).decode().rstrip("=")


def forge(world: World, count: int, seed: int = 0) -> Findings:
    """Offer altered cursors, those of other lists and those of other people: none may be taken."""
    findings, chance = Findings(), random.Random(seed)
    filled = lists(world)
    mine = [(each, each.cursor()) for each in filled]
    for each, _ in mine:
        for other, cursor in mine:
            if other is not each:
                _offer(findings, each, cursor, "of another list")
        for reader in (world.ben, world.cleo, world.dora, world.ann):
            if reader is not each.owner:
                _offer(findings, each, each.cursor(), "of somebody else", reader)
    sources = [(each, alterations(cursor, chance)) for each, cursor in mine]
    while findings.looked_at < count:
        for each, altered in sources:
            _offer(findings, each, next(altered), "altered")
    return findings


def _offer(findings: Findings, place: List, cursor: str, how: str, reader: Owner | None = None) -> None:
    answer = place.page(cursor, reader=reader)
    wrong = faults(answer)
    # What is too long is refused as a parameter already.
    if answer.code != "invalid_cursor" and answer.status != 422:
        wrong.append(f"answered {answer.status} {answer.code}")
    findings.note(f"{place.path} {place.query}, a cursor {how}: {cursor[:200]!r}", wrong)


def read_while_growing(world: World) -> Findings:
    """Read each list page by page while it grows; what was there at first must come exactly once."""
    findings = Findings()
    for each in lists(world):
        if callable(each.add):
            findings.note(f"{each.path} {each.query}", _read(each))
    return findings


def _read(place: List) -> list[str]:
    assert callable(place.add)
    known: list[str] = []
    following = None
    while not known or following:
        page = place.page(following, limit=10).json
        known += [item[place.name_of] for item in page["items"]]
        following = page["next_cursor"]
    seen: list[str] = []
    cursor = None
    for _ in range(len(known) + 10):
        page = place.page(cursor).json
        seen += [item[place.name_of] for item in page["items"]]
        cursor = page["next_cursor"]
        if cursor is None:
            break
        if len(seen) < 2 * MANY:
            place.add()
    repeated = len(seen) - len(set(seen))
    missed = len(set(known) - set(seen))
    return [f"{repeated} repeated, {missed} missed"] if repeated or missed else []
