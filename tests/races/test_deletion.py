"""An account is erased while requests are under way, its owner's or others': nothing of it is left in any order."""

import pytest

from common.table import Table
from tests.harness.playdates import Couple
from tests.races.leaving import cross_with_erasure, cross_with_leaving

pytestmark = pytest.mark.engines("dynoxide")


def test_what_others_were_about_to_do_leaves_nothing(store: Table, couple: Couple) -> None:
    """An acceptance, whose answer would quote who has left; `make prove` lets more cross."""
    tally = cross_with_erasure(store, couple, ["accept"])

    assert tally.wrong == []
    assert tally.tried > 5


def test_what_they_were_about_to_do_themselves_leaves_nothing(store: Table, couple: Couple) -> None:
    tally = cross_with_leaving(store, couple)

    assert tally.wrong == []
    assert tally.tried > 1
