"""Nothing that others see tells more of where somebody lives than the cell; if it did, the instruments would see it."""

from collections.abc import Callable

import pytest

from common import geo
from common.logs import logger
from common.table import Table
from matching import profiles
from matching.models import Location, NewLocation
from matching.profiles import ProfileRepository
from tests.harness.leaks import CELLS_ARE_SHOWN, WEAK
from tests.harness.stalking import better_than_told, stalk
from tests.harness.within_a_cell import move_within_cells

pytestmark = pytest.mark.engines("dynoxide")

locate, band = ProfileRepository.locate, geo.distance_band


def keep_more(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(profiles, "CELL_LENGTHS", {"neighbourhood": 8, "area": 7})
    patch.setattr(profiles, "PRECISIONS", {8: "neighbourhood", 7: "area"})


def log_it(patch: pytest.MonkeyPatch) -> None:
    def telling(self: ProfileRepository, owner_id: str, place: NewLocation) -> Location:
        logger.info("located", extra={"at": f"{place.latitude:.9f}"})
        return locate(self, owner_id, place)

    patch.setattr(ProfileRepository, "locate", telling)


def remember_it(patch: pytest.MonkeyPatch) -> None:
    latest: list[NewLocation] = []

    def remembering(self: ProfileRepository, owner_id: str, place: NewLocation) -> Location:
        latest[:] = [place]
        return locate(self, owner_id, place)

    patch.setattr(ProfileRepository, "locate", remembering)
    patch.setattr(geo, "distance_band", lambda km: f"{band(km)}, of {latest[0].longitude:.9f}")


def test_moving_within_a_cell_changes_nothing_for_anybody_else(store: Table) -> None:
    findings = move_within_cells(store, number=5, points=2)

    assert findings.wrong == []
    assert findings.looked_at == 10


@pytest.mark.parametrize(
    ("leak", "where"),
    [(keep_more, "stored at"), (log_it, "logged"), (remember_it, "answered")],
)
def test_a_point_that_leaks_is_seen(
    store: Table, monkeypatch: pytest.MonkeyPatch, leak: Callable[[pytest.MonkeyPatch], None], where: str
) -> None:
    leak(monkeypatch)

    findings = move_within_cells(store, number=2, points=2)

    assert [wrong for wrong in findings.wrong if where in wrong]


def test_an_attacker_does_no_better_than_one_who_is_told_the_cell(store: Table) -> None:
    attempts = stalk(store, number=6, snaps=True)

    assert list(better_than_told(attempts)) == []
    assert [each.guess for each in attempts] == [each.victim.cell.middle for each in attempts]


@pytest.mark.parametrize("weakness", WEAK)
def test_the_same_attack_finds_everybody_where_points_can_be_told_apart(store: Table, weakness: str) -> None:
    with WEAK[weakness]():
        attempts = stalk(store, number=4, snaps=weakness in CELLS_ARE_SHOWN)

    assert [each for each in attempts if not each.found] == []
    assert list(better_than_told(attempts))
