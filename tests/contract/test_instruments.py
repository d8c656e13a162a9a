"""The instruments of this folder see what they are there to see: each is shown a Pawtime that does wrong."""

import re
from typing import Any

import pytest

from common import api, requests
from common.paging import Cursors
from common.table import Table
from pets.models import PetRecord
from pets.repository import PetNotFound, PetRepository
from tests.contract.test_roles import ROWS, STRANGERS, check
from tests.harness import exploring
from tests.harness.cursors import forge, read_while_growing
from tests.harness.described import body_of, members_in
from tests.harness.nasty import Attempt
from tests.harness.samples import SAMPLES
from tests.harness.soundness import faults
from tests.harness.stored import offer
from tests.harness.world import World

pytestmark = pytest.mark.engines("dynoxide")

card, parse = PetRecord.as_card, requests.parse


def forgiving(document: Any, *, deep: bool) -> Any:
    """The document without `role`: at the top, or in what lies inside."""
    if not deep:
        return {name: value for name, value in document.items() if name != "role"}
    return {
        name: [forgiving(each, deep=False) for each in value] if isinstance(value, list) else value
        for name, value in document.items()
    }


def test_a_pet_that_is_shown_to_everybody_is_seen(store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    def owned(self: PetRepository, _owner_id: str, pet_id: str) -> PetRecord:
        pet = self.find(pet_id)
        if pet is None:
            raise PetNotFound
        return pet

    world = World.build(store)
    monkeypatch.setattr(PetRepository, "owned", owned)
    [row] = [row for row in ROWS if row.name == "GET /pets/{pet_id}"]

    wrong = check(world, row)

    name = "GET /pets/{pet_id}"
    assert [each for each in wrong if "200" in each] == [
        f"{name}, {who}: 200 and not 404" for who in ("matched", *STRANGERS)
    ]
    assert {f"{name}, {who}: shows Ann's pet" for who in STRANGERS} <= set(wrong)


def test_a_refusal_that_tells_somebody_elses_pet_from_none_is_seen(
    store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    def owned(self: PetRepository, owner_id: str, pet_id: str) -> PetRecord:
        pet = self.find(pet_id)
        if pet is None:
            raise PetNotFound
        if pet.owner_id != owner_id:
            raise PetNotFound("It is somebody else's")
        return pet

    world = World.build(store)
    monkeypatch.setattr(PetRepository, "owned", owned)
    [row] = [row for row in ROWS if row.name == "GET /pets/{pet_id}"]

    wrong = check(world, row)

    assert wrong == [f"GET /pets/{{pet_id}}, {who}: differs from what is absent" for who in ("matched", *STRANGERS)]


def test_a_list_of_anns_pets_that_is_shown_to_everybody_is_seen(store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World.build(store)
    list_owned, ann = PetRepository.list_owned, world.ann.user_id
    monkeypatch.setattr(PetRepository, "list_owned", lambda self, _owner, *more: list_owned(self, ann, *more))
    [row] = [row for row in ROWS if row.name == "GET /pets"]

    wrong = check(world, row)

    assert wrong == [f"GET /pets, {who}: shows Ann's {kind}" for who in STRANGERS for kind in ("name", "pet")]


def test_a_card_that_names_its_owner_is_seen(store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World.build(store)
    monkeypatch.setattr(PetRecord, "as_card", lambda self: card(self).model_copy(update={"breed": self.owner_id}))
    [row] = [row for row in ROWS if row.name == "GET /matching/candidates"]

    wrong = check(world, row)

    assert wrong == [f"GET /matching/candidates, {who}: shows Ann's user" for who in ("other", "admin")]


@pytest.mark.parametrize("deep", [False, True], ids=["at the top", "inside"])
def test_a_body_in_which_what_is_not_known_is_passed_over_is_seen(
    store: Table, monkeypatch: pytest.MonkeyPatch, *, deep: bool
) -> None:
    world = World.build(store)
    monkeypatch.setattr(requests, "parse", lambda text: forgiving(parse(text), deep=deep))

    findings = offer(world, ["role"], ["admin"])

    passed = {wrong.partition(" with ")[0] for wrong in findings.wrong if "answered 20" in wrong}
    assert passed >= ({"PUT /matching/availability"} if deep else {"POST /appointments : care", "POST /pets"})


def test_what_is_answered_or_taken_otherwise_than_described_is_seen(
    store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    world = World.build(store)
    known = {name for each in ("POST /auth/login", "PUT /matching/criteria") for name in members_in(body_of(each))}
    monkeypatch.setattr(exploring, "SAMPLES", {"PUT /matching/criteria": SAMPLES["PUT /matching/criteria"]})
    monkeypatch.setattr(api, "PROBLEM_JSON", "text/html")
    monkeypatch.setattr(requests, "parse", lambda text: {n: v for n, v in parse(text).items() if n in known})

    findings, _ = exploring.explore(world, "pet_owner", each=5, number=0, parts=1)

    seen = " ".join(findings.wrong)
    assert "UndefinedContentType" in seen
    assert "AcceptedNegativeData" in seen


@pytest.mark.parametrize(("method", "fault"), [("open", "repeated"), ("seal", "missed")])
def test_a_list_that_begins_anew_or_ends_early_is_seen(
    store: Table, monkeypatch: pytest.MonkeyPatch, method: str, fault: str
) -> None:
    world = World.build(store)
    monkeypatch.setattr(Cursors, method, lambda *_: None)

    findings = read_while_growing(world)

    assert len(findings.wrong) == findings.looked_at
    assert all(re.search(rf"[1-9]\d* {fault}", wrong) for wrong in findings.wrong)


@pytest.mark.parametrize("part", [1, 2], ids=["the user", "the pet"])
def test_a_search_that_is_not_bound_to_its_user_or_pet_is_seen(
    store: Table, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    world = World.build(store)
    bound = Cursors._signature  # noqa: SLF001

    def loose(self: Cursors, scope: str, payload: bytes) -> bytes:
        parts = scope.split(":")
        kept = parts[:part] + parts[part + 1 :] if parts[0] == "candidates" else parts
        return bound(self, ":".join(kept), payload)

    monkeypatch.setattr(Cursors, "_signature", loose)

    findings = forge(world, 0)

    assert findings.wrong
    assert all(wrong.startswith("/matching/candidates") for wrong in findings.wrong)


def test_cursors_that_are_not_bound_to_their_list_are_seen(store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World.build(store)
    monkeypatch.setattr(Cursors, "_signature", lambda *_: b"\0" * 16)

    findings = forge(world, 100)

    assert findings.wrong


def test_an_unexpected_error_is_seen(store: Table, monkeypatch: pytest.MonkeyPatch) -> None:
    world = World.build(store)
    monkeypatch.setattr(requests, "_depth", lambda _text: 1 / 0)

    answer = Attempt("PUT", "/matching/criteria", body=b"[" * 100, headers={"content-type": "application/json"}).send(
        world.ann
    )

    assert answer
    assert faults(answer)
