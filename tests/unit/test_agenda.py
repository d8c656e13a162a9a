"""Which part of an agenda is read."""

from datetime import timedelta

from appointments.agenda import PAST, Wanted
from common import keys
from common.clock import clock
from tests.harness.moments import MONDAY_MORNING


def test_a_list_that_goes_on_starts_where_it_was_though_the_default_moves_on() -> None:
    # DynamoDB refuses to go on after a key that lies outside of what is asked for.
    place = keys.agenda_entry("ann", MONDAY_MORNING - PAST, "walk")
    clock.advance(timedelta(hours=1))

    first, last = Wanted().between(place)

    assert first <= place["SK"] < last


def test_what_is_asked_for_takes_in_every_entry_from_its_first_moment_up_to_its_last() -> None:
    first, last = Wanted(MONDAY_MORNING, MONDAY_MORNING + timedelta(minutes=1)).between(None)

    assert first < keys.agenda_entry("ann", MONDAY_MORNING, "walk")["SK"] < last
    assert first > keys.agenda_entry("ann", MONDAY_MORNING - timedelta(minutes=15), "walk")["SK"]
    assert last < keys.agenda_entry("ann", MONDAY_MORNING + timedelta(minutes=15), "walk")["SK"]
