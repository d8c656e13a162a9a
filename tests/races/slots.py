"""Many devices that want the same quarter hours of one pet."""

import random
from collections import Counter
from datetime import timedelta
from functools import partial

from common.clock import clock
from common.table import Table
from tests.harness.client import Answer, Owner
from tests.harness.invariants import faults_of
from tests.harness.moments import text
from tests.harness.playdates import plan_care
from tests.harness.trials import Tally, at_once


def race_for_slots(store: Table, owner: Owner, pet_id: str, *, bookings: int, clients: int, slots: int) -> Tally:
    """Let clients book quarter hours at random, every one of them many times over; each has exactly one winner."""
    first = clock.now().replace(minute=0, second=0) + timedelta(hours=1)
    starts = [text(first + timedelta(minutes=15) * (number % slots)) for number in range(bookings)]
    random.Random(bookings).shuffle(starts)

    def book(start: str) -> tuple[str, Answer]:
        return start, plan_care(owner, pet_id, start, 15)

    answers = at_once([partial(book, start) for start in starts], clients)
    won = Counter(start for start, answer in answers if answer.status == 201)
    refused = Counter(f"{answer.status} {answer.code}" for _, answer in answers if answer.status != 201)
    wrong = [f"{start} has {won[start]} winners" for start in sorted(set(starts)) if won[start] != 1]
    wrong += [f"{number} were answered {what}" for what, number in refused.items() if what != "409 slot_taken"]
    return Tally(len(answers), wrong + faults_of(store))
