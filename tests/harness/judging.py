"""Whether what is said of two pets is true, by statements of our own that share no line with the scoring.

`faults` judges one pair, given as the scoring gets it; `see_each_other` judges a whole neighbourhood through the API.
"""

import random
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from itertools import combinations
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from common.clock import clock
from common.geo import Point, Stretch
from common.table import Table
from matching.availability import Week
from matching.models import DEFAULT_CRITERIA
from matching.nearby import Entry, NearbyIndex
from matching.scoring import LEVELS, SIZES, Comparison, Party, farthest_for, suit
from tests.harness.client import Owner
from tests.harness.findings import Findings
from tests.harness.neighbours import UNION_SQUARE
from tests.harness.places import around
from tests.harness.recall import all_pages
from tests.harness.village import Neighbour, is_wanted, kilometres, move_in, some_criteria, suits
from tests.harness.world import sign_up

MINUTES_A_DAY = 24 * 60
MINUTES_A_WEEK = 7 * MINUTES_A_DAY
DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
TIMES_OF_DAY = ("nights", "mornings", "afternoons", "evenings")
ZONES = (
    *("UTC", "Europe/Berlin", "Europe/Lisbon", "America/New_York", "America/St_Johns", "Asia/Kolkata"),
    *("Asia/Kathmandu", "Australia/Eucla", "Australia/Lord_Howe", "Pacific/Chatham", "Pacific/Kiritimati"),
    *("Pacific/Pago_Pago", "Africa/Casablanca", "America/Santiago"),
)
"""Among them offsets of odd quarters of an hour, the extremes, and clocks that change by half an hour."""
CHANGES = (
    datetime(2026, 3, 8, 7, tzinfo=UTC),
    datetime(2026, 3, 29, 1, tzinfo=UTC),
    datetime(2026, 4, 4, 14, tzinfo=UTC),
    datetime(2026, 4, 4, 15, tzinfo=UTC),
    datetime(2026, 10, 25, 1, tzinfo=UTC),
    datetime(2026, 11, 1, 6, tzinfo=UTC),
    datetime(2028, 2, 29, 0, tzinfo=UTC),
)
"""When clocks change: in New York, Europe, Chatham and Lord Howe, back in Europe and New York; and a leap day."""
MOMENTS = st.builds(
    lambda change, seconds: change + timedelta(seconds=seconds),
    st.sampled_from(CHANGES),
    st.sampled_from([-1, 0, 1]) | st.integers(-400_000, 400_000),
)
EDGES_KM = (0.0, 0.999999, 1.0, 2.0, 4.999999, 5.0, 10.0, 24.999999, 25.0)
DISTANCES = st.sampled_from(EDGES_KM) | st.floats(0, 25)


@st.composite
def weeks(draw: st.DrawFn) -> Week:
    """Draw a week: some windows, or any half hours at all."""
    windows = st.lists(st.tuples(st.integers(0, 335), st.integers(1, 16)), max_size=6)
    free = 0
    for first, slots in draw(windows):
        for slot in range(first, first + slots):
            free |= 1 << slot % 336
    return Week(draw(st.sampled_from(ZONES)), free or draw(st.integers(0, 2**336 - 1)))


@st.composite
def parties(draw: st.DrawFn) -> Party:
    """Draw a side that suits many: it mostly asks for anything."""
    start = draw(st.sampled_from([None, None, None, 0, 1, 4]))
    end = draw(st.sampled_from([None, None, None, 1, 5, 12]))
    return Party(
        type=draw(st.sampled_from(["dog"] * 5 + ["cat"])),
        birth_date=draw(st.dates(date(2012, 1, 1), date(2026, 3, 1))),
        size=draw(st.sampled_from(SIZES)),
        activity_level=draw(st.sampled_from(LEVELS)),
        good_with_children=draw(st.sampled_from(["yes", "no", "unknown"])),
        vaccinated_until=draw(st.none() | st.dates(date(2026, 1, 1), date(2029, 1, 1))),
        criteria=DEFAULT_CRITERIA.model_copy(
            update={
                "preferred_type": draw(st.sampled_from(["any"] * 5 + ["dog", "cat"])),
                "age_range_start": start,
                "age_range_end": end if end is None or end > (start or 0) else None,
                "size_preference": draw(st.sampled_from(["any"] * 6 + [*SIZES])),
                "activity_level": draw(st.sampled_from(["any"] * 6 + [*LEVELS])),
                "radius_km": draw(st.sampled_from([1, 2, 5, 10, 24, 25, 25])),
                "with_children": draw(st.sampled_from([False, False, True])),
                "vaccinated": draw(st.sampled_from([False, False, True])),
            }
        ),
        week=draw(st.none() | weeks()),
    )


def birthdays(born: date, today: date) -> int:
    """Count the birthdays that somebody has had; one of a leap day has it on the first of March in other years."""
    return sum((year, born.month, born.day) <= (today.year, today.month, today.day) for year in _years(born, today))


def _years(born: date, today: date) -> range:
    return range(born.year + 1, today.year + 1)


def common_minutes(mine: Week, theirs: Week, now: datetime) -> set[int]:
    """Return the minutes, on my clocks from Monday 0:00 on, at which half hours begin that both have as time together.

    By going through the week: a half hour counts where both quarters of it are free on their clocks too, and where the
    one before or after it does as well.
    """
    ahead = now.astimezone(ZoneInfo(theirs.time_zone)).replace(tzinfo=None) - now.astimezone(
        ZoneInfo(mine.time_zone)
    ).replace(tzinfo=None)
    both = {
        minute
        for minute in range(0, MINUTES_A_WEEK, 30)
        if _is_free(mine, minute)
        and all(_is_free(theirs, minute + quarter + round(ahead.total_seconds() / 60)) for quarter in (0, 15))
    }
    return {minute for minute in both if {(minute + 30) % MINUTES_A_WEEK, (minute - 30) % MINUTES_A_WEEK} & both}


def _is_free(week: Week, minute: int) -> bool:
    return bool(week.free >> minute % MINUTES_A_WEEK // 30 & 1)


def free_time_is_true(said: str, mine: Week | None, theirs: Week | None, now: datetime) -> bool:
    """Return whether what is said of free time is so."""
    if mine is None or theirs is None:
        return said == ("your free times are unknown" if mine is None else "their free times are unknown")
    parts = Counter(
        f"{DAYS[minute // MINUTES_A_DAY]} {TIMES_OF_DAY[minute % MINUTES_A_DAY // 360]}"
        for minute in common_minutes(mine, theirs, now)
    )
    if not parts:
        return said == "no free time in common"
    named = said.removeprefix("both free ").split(" and ")
    most = sorted(parts.values(), reverse=True)[:2]
    return said.startswith("both free ") and len(set(named)) == len(named) and [parts[each] for each in named] == most


def untruths(said: list[str], mine: Party, theirs: Party, km: float, now: datetime) -> Iterator[str]:
    """Give what is said of two who suit each other and is not so, and what is so and left unsaid."""
    today = now.date()
    ages = birthdays(mine.birth_date, today), birthdays(theirs.birth_date, today)
    until = theirs.vaccinated_until
    true = {
        "under 1 km away": km < 1,
        "1-2 km away": 1 <= km < 2,
        "2-5 km away": 2 <= km < 5,
        "5-10 km away": 5 <= km < 10,
        "10-25 km away": km >= 10,
        "same energy": mine.activity_level == theirs.activity_level,
        "same size": mine.size == theirs.size,
        "about the same age": max(ages) - min(ages) < 2,
        "good with children": mine.criteria.with_children and theirs.good_with_children == "yes",
        "not known whether good with children": mine.criteria.with_children and theirs.good_with_children == "unknown",
        "vaccinated": until is not None and until >= today,
        "vaccination lapsed": until is not None and until < today,
        "vaccination unknown": until is None,
    }
    yield from (f"untrue, or unsaid: {each}" for each, holds in true.items() if holds != (each in said))
    others = [each for each in said if each not in true]
    if len(others) != 1 or not free_time_is_true(others[0], mine.week, theirs.week, now):
        yield f"not so: {others}"
    if len(set(said)) < len(said):
        yield f"said twice: {said}"


def faults(mine: Party, theirs: Party, km: float, other_km: float, now: datetime) -> Iterator[str]:
    """Say what is wrong with how two sides are compared, at one distance and beside another."""
    today, near, far = now.date(), *sorted((km, other_km))
    fits = (
        km <= mine.criteria.radius_km
        and km <= theirs.criteria.radius_km
        and is_wanted(mine.criteria, theirs, today)
        and is_wanted(theirs.criteria, mine, today)
    )
    seen, seen_back = suit(mine, theirs, km, today), suit(theirs, mine, km, today)
    if (seen, seen_back) != (fits, fits):
        yield f"one sees the other: {seen}, the other the one: {seen_back}, and they suit: {fits}"
    here = Comparison(mine, theirs, km, now)
    for me, them in ((mine, theirs), (theirs, mine)):
        if is_wanted(me.criteria, them, today):  # of others nothing is ever said
            yield from untruths(Comparison(me, them, km, now).reasons, me, them, km, now)
    if not isinstance(here.score, int) or not 0 <= here.score <= 100:
        yield f"no score: {here.score}"
    if Comparison(mine, theirs, near, now).score < Comparison(mine, theirs, far, now).score:
        yield f"better at {far} km than at {near} km"
    if km <= mine.criteria.radius_km and km > farthest_for(mine, here.score) + 1e-9:
        yield f"{here.score} at {km} km, and it is said to be possible up to {farthest_for(mine, here.score)} km"
    back, again = Comparison(theirs, mine, km, now), Comparison(mine, theirs, km, now)
    alike = mine.criteria.radius_km == theirs.criteria.radius_km and not _odd_quarter(mine, theirs, now)
    if alike and here.score != back.score:
        yield f"{here.score} from one side and {back.score} from the other"
    if (again.score, again.reasons) != (here.score, here.reasons):
        yield "asked again, it is another"


def _odd_quarter(mine: Party, theirs: Party, now: datetime) -> bool:
    """Return whether the half hours of one are not those of the other, so that what is common is not the same count."""
    if mine.week is None or theirs.week is None:
        return False
    offsets = [now.astimezone(ZoneInfo(week.time_zone)).utcoffset() for week in (mine.week, theirs.week)]
    assert offsets[0] is not None and offsets[1] is not None  # noqa: PT018
    return (offsets[0] - offsets[1]) % timedelta(minutes=30) != timedelta(0)


def judge(examples: int) -> Findings:
    """Judge so many pairs, the same ones every time."""
    findings = Findings()

    @settings(
        max_examples=examples,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(parties(), parties(), DISTANCES, DISTANCES, MOMENTS)
    def look(mine: Party, theirs: Party, km: float, other_km: float, now: datetime) -> None:
        wrong = list(faults(mine, theirs, km, other_km, now))
        findings.note(f"{mine} beside {theirs}, {km} km, {now}", wrong)

    look()
    return findings


def see_each_other(store: Table, number: int, seed: int = 1) -> Findings:
    """Let so many owners live near each other and look, of whom nobody has liked anybody; judge every pair of them."""
    chance, findings = random.Random(seed), Findings()
    people = [_settled(sign_up(store, f"neighbour{count}"), chance) for count in range(number)]
    shown = {mine.pet.pet_id: _looked(owner, mine, chance, findings) for owner, mine in people}
    now = clock.now()
    for (_, one), (_, other) in combinations(people, 2):
        one_id, other_id = one.pet.pet_id, other.pet.pet_id
        wrong = []
        if (other_id in shown[one_id], one_id in shown[other_id]) != (suits(one, other),) * 2:
            wrong.append(f"{one_id} sees {other_id}: {other_id in shown[one_id]}; back: {one_id in shown[other_id]}")
        for mine, theirs in ((one, other), (other, one)):
            if item := shown[mine.pet.pet_id].get(theirs.pet.pet_id):
                away = kilometres(mine.cell, theirs.cell)
                wrong += untruths(item["reasons"], mine.party(), theirs.party(), away, now)
                if f"{item['distance_band']} away" not in item["reasons"]:
                    wrong.append(f"{item['distance_band']} is no reason: {item['reasons']}")
        findings.note(f"{one} and {other}", wrong)
    return findings


def _settled(owner: Owner, chance: random.Random) -> tuple[Owner, Neighbour]:
    neighbour = move_in(owner, chance, around(chance, Point(*UNION_SQUARE), 8), 25)
    criteria = some_criteria(chance, chance.choice((2, 5, 10, 25)))
    assert owner.put("/matching/criteria", criteria.model_dump(mode="json")).status == 200
    return owner, replace(neighbour, criteria=criteria)


def _looked(owner: Owner, mine: Neighbour, chance: random.Random, findings: Findings) -> dict[str, dict[str, Any]]:
    """Return what an owner is shown, by pet; the same must come out in whatever order the index is read."""
    listed = all_pages(owner, mine.pet.pet_id)
    reading = NearbyIndex.read

    def shuffled(self: NearbyIndex, stretch: Stretch, kind: str) -> list[Entry]:
        entries = reading(self, stretch, kind)
        return chance.sample(entries, len(entries))

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(NearbyIndex, "read", shuffled)
        again = all_pages(owner, mine.pet.pet_id)
    findings.note(mine.pet.pet_id, [] if again == listed else ["the order depends on that of reading"])
    return {item["pet"]["pet_id"]: item for item in listed}
