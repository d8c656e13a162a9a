"""A machine that plays three owners finds no answer of the API that the plain model does not give."""

import pytest

from common.table import Table
from tests.stateful.machine import play
from tests.stateful.model import Model

pytestmark = pytest.mark.engines("dynoxide")


def test_the_api_does_what_the_model_says(store: Table) -> None:
    assert play(lambda: store, runs=30, steps=40) > 500


def test_a_model_that_lets_pets_be_in_two_places_is_found_to_differ(
    store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(Model, "taken", lambda *_, **__: set())

    with pytest.raises(AssertionError, match=r"409 .*slot_taken"):
        play(lambda: store, runs=30, steps=40, shrink=False)
