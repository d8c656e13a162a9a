"""Cards follow their sources: after any sequence of changes, changes at once, and faults."""

from collections.abc import Callable

import pytest

from common.table import Table
from matching.profiles import ProfileRepository
from pets.discovery import Discovery
from pets.repository import PetRepository
from tests.races.sources import change_sources

pytestmark = pytest.mark.engines("dynoxide")

all_owned = PetRepository.all_owned


def test_every_card_follows_from_its_sources_whatever_changed(store: Table) -> None:
    tally = change_sources(store, steps=120)

    assert tally.wrong == []


def forgetting_one(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(PetRepository, "all_owned", lambda self, owner_id: all_owned(self, owner_id)[1:])


def keeping_the_place(patch: pytest.MonkeyPatch) -> None:
    def half(self: ProfileRepository, owner_id: str) -> None:
        self.table.write(Discovery.read(self.table, owner_id).advance(remove=("cell", "located_at")))

    patch.setattr(ProfileRepository, "forget_place", half)


@pytest.mark.parametrize("mistake", [forgetting_one, keeping_the_place])
def test_a_card_that_does_not_follow_is_noticed(
    store: Table, monkeypatch: pytest.MonkeyPatch, mistake: Callable[[pytest.MonkeyPatch], None]
) -> None:
    mistake(monkeypatch)

    tally = change_sources(store, steps=60)

    assert any("is not what follows from its sources" in fault for fault in tally.wrong)
