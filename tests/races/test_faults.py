"""Whatever DynamoDB does at whichever call, a client that asks again, or many times at once, gets one whole effect."""

from collections.abc import Iterable

import pytest
from pydantic import BaseModel

from common.errors import Unavailable
from common.idempotency import Once
from common.table import Table
from pets.models import PetRecord
from pets.repository import PetRepository
from tests.harness.faults import CRASHES, FAULTS
from tests.harness.trials import WRITES, keyed, repeat_at_once, sampled, strike_everywhere
from tests.harness.world import World

pytestmark = pytest.mark.engines("dynoxide")


@pytest.fixture
def world(store: Table) -> World:
    return World.build(store)


def test_every_write_that_is_asked_for_again_happens_once_and_whole(world: World) -> None:
    """Every seventh of all faults at all calls of all operations; `make prove` lets each of them strike."""
    tally = strike_everywhere(world, sampled(WRITES), FAULTS, every=7)

    assert tally.wrong == []
    assert tally.tried > 120


def test_what_is_read_is_right_or_refused(world: World) -> None:
    """Every eleventh of all faults; the search, which has half of all calls, is struck by `make prove` alone."""
    tally = strike_everywhere(world, [name for name in sampled(("GET",)) if "candidates" not in name], FAULTS, every=11)

    assert tally.wrong == []
    assert tally.tried > 30


def test_a_store_that_fails_and_is_taken_for_an_empty_one_is_caught(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    find_many = PetRepository.find_many

    def find_what_there_is(self: PetRepository, pet_ids: Iterable[str]) -> list[PetRecord]:
        try:
            return find_many(self, pet_ids)
        except Unavailable:
            return []

    monkeypatch.setattr(PetRepository, "find_many", find_what_there_is)

    tally = strike_everywhere(world, ["GET /pets"], {"refused": FAULTS["connection refused"]})

    assert any("reads otherwise" in fault for fault in tally.wrong)


def test_a_crash_between_any_two_calls_is_made_good_by_asking_again(world: World) -> None:
    tally = strike_everywhere(world, keyed(), CRASHES)

    assert tally.wrong == []


def test_fifty_requests_with_one_key_have_one_effect_and_one_answer(world: World) -> None:
    tally = repeat_at_once(world, keyed(), times=50)

    assert tally.wrong == []


def test_a_transaction_in_the_way_of_a_single_write_is_not_noticed(world: World) -> None:
    conflict = {"conflict": FAULTS["conflict with another transaction"]}

    tally = strike_everywhere(world, ["POST /auth/refresh", "POST /auth/logout"], conflict)

    assert tally.wrong == []


def test_an_answer_that_is_not_kept_with_its_effect_is_caught(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    def record_nothing(self: Once, _result: BaseModel) -> None:
        self.recorded = True

    monkeypatch.setattr(Once, "record", record_nothing)

    struck = strike_everywhere(world, ["POST /pets"], CRASHES)
    at_once = repeat_at_once(world, ["POST /pets"], times=3)

    assert any("too much" in fault for fault in struck.wrong)
    assert any("answers that differ" in fault for fault in at_once.wrong)
