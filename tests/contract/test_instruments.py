"""The instruments of this folder see what they are there to see: each is shown a Pawtime that does wrong."""

import pytest

from common import requests
from common.paging import Cursors
from common.table import Table
from pets.models import PetRecord
from pets.repository import PetNotFound, PetRepository
from tests.contract.test_roles import ROWS, check
from tests.harness.cursors import forge
from tests.harness.nasty import Attempt
from tests.harness.soundness import faults
from tests.harness.world import World

pytestmark = pytest.mark.engines("dynoxide")


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

    assert [each.split(": ")[0].rpartition(", ")[2] for each in wrong] == ["matched", "other", "admin"]


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

    assert wrong == [
        f"GET /pets/{{pet_id}}, {who}: differs from what is absent" for who in ("matched", "other", "admin")
    ]


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
