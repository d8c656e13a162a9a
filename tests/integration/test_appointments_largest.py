"""The largest transaction of an appointment fits into what DynamoDB takes, and the document counts it rightly."""

import re
from datetime import timedelta
from pathlib import Path

import pytest

from common.table import TRANSACTION_LIMIT, Table, Write
from tests.harness.mail import see_to_what_is_due
from tests.harness.moments import nine_tomorrow, text
from tests.harness.playdates import Couple, act

DOCUMENT = Path(__file__).parent.parent.parent / "docs/appointments.md"


def told() -> list[int]:
    """Return the numbers of items that the document adds up, and then its sum."""
    rows = re.findall(r"^\| (?:(\d+) \+ )?\*{0,2}(\d+)\*{0,2} \|", DOCUMENT.read_text(), re.MULTILINE)
    return [int(more or 0) + int(number) for more, number in rows]


def test_moving_the_longest_weekly_playdate_fits_into_a_transaction(
    couple: Couple, monkeypatch: pytest.MonkeyPatch
) -> None:
    day_after = nine_tomorrow() + timedelta(days=2)
    appointment_id = couple.scheduled(text(day_after), 240, repeat={"weeks": 26})
    see_to_what_is_due()
    other = {"start": text(day_after + timedelta(days=1)), "minutes": 240, "following": True}
    assert act(couple.ben, appointment_id, "reschedule", other).status == 200
    sizes: list[int] = []
    write = Table.write

    def counted(table: Table, *writes: Write | None) -> None:
        sizes.append(sum(each is not None for each in writes))
        write(table, *writes)

    monkeypatch.setattr(Table, "write", counted)
    moved = act(couple.ann, appointment_id, "accept", key="all-that-follow")

    assert moved.status == 200, moved.text
    *parts, total = told()
    assert sizes == [total]
    assert total == sum(parts) <= TRANSACTION_LIMIT
