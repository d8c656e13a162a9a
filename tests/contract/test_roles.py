"""Who may do what, as roles.txt has it: every operation, for everybody, with what is theirs and what is not.

What somebody may not see answers, byte for byte, as what does not exist; and strangers see nothing of Ann's anywhere.
"""

import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest

from auth.accounts import AccountRepository
from common import keys
from common.clock import clock
from common.table import Table, Update
from tests.contract.stack import operations
from tests.harness.client import Answer, Client, Owner
from tests.harness.playdates import like, move_in
from tests.harness.samples import SAMPLES, Sample
from tests.harness.world import World, sign_in, sign_up

pytestmark = pytest.mark.engines("dynoxide")  # the rules are the same on every engine, and the other is slower

TABLE = Path(__file__).with_name("roles.txt")
NOTHING = "-"
OWN_COPIES = frozenset({"x-request-id", "date"})
"""Headers that differ between any two answers."""

MAY_OF_A_CHILD = {
    "POST /auth/login": "public",
    "POST /auth/refresh": "public",
    "POST /auth/logout": "allow",
    "GET /auth/sessions": "allow",
    "DELETE /auth/sessions": "allow",
    "DELETE /auth/sessions/{session_id}": "allow",
    "POST /auth/password/forgot": "public",
    "POST /auth/password/reset": "public",
    "GET /me": "allow",
    "GET /me/activity": "allow",
    "GET /me/export": "allow",
    "GET /pets": "allow",
    "GET /pets/{pet_id}": "allow",
    "GET /appointments": "allow",
    "GET /appointments/{appointment_id}": "allow",
    "GET /appointments/{appointment_id}/calendar.ics": "allow",
    "POST /appointments": "ask",
    "POST /blocks": "allow",
    "POST /reports": "allow",
}
"""What is not on this list a child may not do. Matches are to be read by children as well, once there is a view of
them that shows no more than the other pet's name, type and picture; until then they are closed."""


@dataclass(frozen=True)
class Row:
    """What one sample is answered, by column."""

    name: str
    expected: dict[str, str]


def read_rows() -> Iterator[Row]:
    """Give the rows of roles.txt; two spaces or more part its columns."""
    lines = [line for line in TABLE.read_text().splitlines() if line and not line.startswith("#")]
    columns = lines[0].split()[1:]
    for line in lines[1:]:
        name, _, cells = line.partition("  ")
        expected = cells.split()
        assert len(expected) == len(columns), line
        yield Row(name, dict(zip(columns, expected, strict=True)))


ROWS = list(read_rows())


def nobody(_world: World) -> Client:
    return Client()


def ann(world: World) -> Owner:
    return sign_in(world.ann.username)


def expired(world: World) -> Owner:
    """Ann, with a token that was good until a minute ago."""
    clock.advance(timedelta(minutes=-6))
    try:
        return ann(world)
    finally:
        clock.advance(timedelta(minutes=6))


def revoked(world: World) -> Owner:
    """Ann, with a token that is still good of a session that she has ended."""
    owner = ann(world)
    assert owner.post("/auth/logout").status == 204
    return owner


def blocked(world: World) -> Owner:
    """Eve, whom Ann blocks."""
    eve = enemy(world, "eve")
    assert ann(world).post("/blocks", {"user_id": eve.user_id}).status == 201
    return eve


def blocker(world: World) -> Owner:
    """Finn, who blocks Ann."""
    finn = enemy(world, "finn")
    assert finn.post("/blocks", {"user_id": world.ann.user_id}).status == 201
    return finn


def enemy(world: World, name: str) -> Owner:
    """Somebody nearby who has been a match of Ann's."""
    if AccountRepository(world.store).find(name):
        return sign_in(name)
    person = sign_up(world.store, name)
    move_in(person)
    pet_id = person.pet(name="Medlar")["pet_id"]
    like(ann(world), world.couple.biscuit, pet_id)
    like(person, pet_id, world.couple.biscuit)
    return person


def with_role(person: Owner, world: World, role: str) -> Owner:
    """Somebody whose stored session has another role."""
    owner = sign_in(person.username)
    [session] = [each["session_id"] for each in owner.get("/auth/sessions").json["items"] if each["current"]]
    world.store.update(Update(keys.session(owner.user_id, session), put={"role": role}))
    return owner


IDENTITIES: dict[str, Callable[[World], Client]] = {
    "anonymous": nobody,
    "expired": expired,
    "revoked": revoked,
    "owner": lambda world: with_role(world.ann, world, "pet_owner"),
    "matched": lambda world: sign_in(world.ben.username),
    "other": lambda world: sign_in(world.cleo.username),
    "blocked": blocked,
    "blocker": blocker,
    "admin": lambda world: with_role(world.dora, world, "admin"),
    "child": lambda world: with_role(world.ann, world, "child"),
}
"""Who calls. A child has a session under the owner's own account, so that only its role can keep it out."""


STRANGERS: dict[str, Callable[[World], str]] = {
    "other": lambda world: world.pomelo,
    "blocked": lambda world: str(blocked(world).get("/pets").json["items"][0]["pet_id"]),
    "blocker": lambda world: str(blocker(world).get("/pets").json["items"][0]["pet_id"]),
    "admin": lambda world: str(world.dora.pet(name="Mango")["pet_id"]),
}
"""Who has nothing to do with Ann, and a pet of theirs."""

SEEN_RIGHTLY = {
    "GET /matching/candidates": {"pet", "name"},  # the card of a pet that is found: no owner, no place
    "POST /auth/login": {"user", "email"},  # whoever sends Ann's password, or her token, is Ann
    "POST /auth/refresh": {"user", "email"},
    "GET /admin/reports": {"user"},
    "GET /calendar/{token}/pawtime.ics": {"appointment", "name"},  # whoever has Ann's address has it from her
}
"""What of Ann's a stranger is shown by these operations, and by no others."""

THEIR_OWN = {
    ("GET /blocks", "blocker"): {"user"},
    ("GET /me/export", "blocker"): {"user", "pet"},
    ("GET /me/export", "blocked"): {"pet"},
}
"""What is theirs to know: whom they block, and what they liked."""

HIDDEN = {"blocked": "GET /matching/candidates", "blocker": "GET /matching/candidates"}
"""To whom these operations show nothing of hers all the same."""


def anns(world: World) -> dict[str, set[str]]:
    """Return, by kind, the ids and words by which anything of Ann's is known again."""
    me = ann(world)
    lists = {
        "pet": ("/pets", "pet_id"),
        "name": ("/pets", "name"),
        "match": ("/matches", "match_id"),
        "appointment": ("/appointments", "appointment_id"),
        "session": ("/auth/sessions", "session_id"),
        "activity": ("/me/activity", "activity_id"),
    }
    words = {
        kind: {item[name] for item in me.get(path, limit=100).json["items"]} for kind, (path, name) in lists.items()
    }
    return words | {"user": {me.user_id}, "email": {me.email}}


def shown_of(words: dict[str, set[str]], sample: Sample, answer: Answer, column: str) -> set[str]:
    """Return the kinds of Ann's words that are in an answer, neither sent by the caller nor rightly seen there."""
    shown = f"{answer.text} {dict(answer.headers)} {answer.cookies}" if answer.status < 300 else ""
    sent = json.dumps(sample.body)
    seen = {kind for kind, each in words.items() if any(word in shown and word not in sent for word in each)}
    rightly = set() if HIDDEN.get(column) == sample.operation else SEEN_RIGHTLY.get(sample.operation, set())
    return seen - rightly - THEIR_OWN.get((sample.operation, column), set())


def about_ones_own(world: World, column: str, sample: Sample) -> Sample | None:
    """The sample about the stranger's own pet, where it is about a pet."""
    if sample.thing is None or sample.thing.kind != "pet":
        return None
    return sample.naming(sample.thing.thing_id, STRANGERS[column](world))


def removed(world: World, sample: Sample) -> Sample:
    """The sample, once what it is about is gone."""
    assert sample.thing
    world.remove(sample.thing)
    return sample


ABSENCES: dict[str, Callable[[World, Sample], Sample]] = {
    "absent": lambda _world, sample: sample.about_nothing(),
    "deleted": removed,
}
"""What the owner asks for that is not there."""


def alike(answer: Answer) -> tuple[int, dict[str, str], object, list[str]]:
    """Return all of an answer that must not differ between what is absent and what is somebody else's."""
    headers = {name: value for name, value in answer.headers.items() if name.lower() not in OWN_COPIES}
    body = json.loads(answer.text) if answer.text else None
    if isinstance(body, dict):
        body.pop("request_id", None)
    return answer.status, headers, body, answer.cookies


def check(world: World, row: Row) -> list[str]:
    """Return what is answered otherwise than the row says, and what tells somebody else's from nothing."""
    wrong: list[str] = []
    make = SAMPLES[row.name]
    for column, expected in row.expected.items():
        if expected == NOTHING:
            continue
        sample = make(world)
        if column in ABSENCES:
            answer = ABSENCES[column](world, sample).send(ann(world))
        else:
            words = anns(world) if column in STRANGERS else {}
            answer = sample.send(IDENTITIES[column](world))
            seen = shown_of(words, sample, answer, column)
            if words and (own := about_ones_own(world, column, sample)):
                seen |= shown_of(words, own, own.send(IDENTITIES[column](world)), column)
            wrong += [f"{row.name}, {column}: shows Ann's {kind}" for kind in sorted(seen)]
        if str(answer.status) != expected:
            wrong.append(f"{row.name}, {column}: {answer.status} and not {expected}")
        if answer.status == 404 and sample.thing:
            caller = IDENTITIES.get(column, ann)(world)
            if alike(answer) != alike(sample.about_nothing().send(caller)):
                wrong.append(f"{row.name}, {column}: differs from what is absent")
    return wrong


def beyond_the_list() -> list[str]:
    """Return the operations that declare of children something else than the list has."""
    listed = MAY_OF_A_CHILD.items()
    declared = {
        str(each): "public" if each.operation.public else each.operation.child
        for each in operations()
        if not each.operation.public or str(each) in MAY_OF_A_CHILD
    }
    opened = {name: policy for name, policy in declared.items() if policy != "deny"}
    return [f"{name}: {policy}" for name, policy in listed ^ opened.items()]


def ajar() -> list[str]:
    """Return the rows that would let a child in without being on the list, or keep it out although they are."""
    wrong: list[str] = []
    for row in ROWS:
        open_to_all = row.expected["anonymous"] == row.expected["owner"]
        allowed = MAY_OF_A_CHILD.get(row.name.partition(" : ")[0]) == "allow"
        wanted = row.expected["owner"] if allowed or open_to_all else "403"
        if row.expected["child"] != wanted:
            wrong.append(f"{row.name}: {row.expected['child']} and not {wanted}")
    return wrong


def test_every_sample_has_one_row() -> None:
    assert sorted(row.name for row in ROWS) == sorted(SAMPLES)


def test_the_columns_are_the_identities_and_the_absences() -> None:
    assert all(row.expected.keys() == IDENTITIES.keys() | ABSENCES.keys() for row in ROWS)


def test_absence_is_said_of_every_sample_that_is_about_something(store: Table) -> None:
    world = World.build(store)

    about = {name: make(world).thing is not None for name, make in SAMPLES.items()}

    for row in ROWS:
        assert all((row.expected[column] != NOTHING) == about[row.name] for column in ABSENCES), row.name


def test_what_a_child_may_do_is_on_the_list() -> None:
    assert beyond_the_list() == []
    assert ajar() == []


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.name)
def test_everybody_gets_what_the_table_says(store: Table, row: Row) -> None:
    world = World.build(store)

    assert check(world, row) == []


def test_another_pet_that_one_may_not_see_is_as_good_as_absent(store: Table) -> None:
    world = World.build(store)
    hidden = str(sign_up(store, "gil").pet(name="Hidden")["pet_id"])
    made = (make(world) for make in SAMPLES.values())

    for sample, foreign in [(sample, sample.foreign) for sample in made if sample.foreign]:
        answer = sample.naming(foreign, hidden).send(ann(world))

        absent = sample.naming(foreign, "a" * 26).send(ann(world))
        assert answer.status == 404
        assert alike(answer) == alike(absent)
