"""Pawtime as plain sets and dicts: what every request should answer, without a table, a transaction or a race.

Time is counted in quarter hours from the beginning.
"""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal

type Status = Literal["Proposed", "Scheduled", "Declined", "Cancelled", "Expired", "Completed"]
type State = Status | Literal["Moving", "At hand", "Under way"]
type Transition = Literal["accept", "decline", "reschedule", "cancel", "check-in", "complete", "feedback"]
type Person = int
type Quarter = int
type Entry = tuple[Quarter, str]
"""When something falls due, and what: a word by whose letters what falls due at once is in order."""

DAY, WEEK = 96, 672
ANSWER_WITHIN, FEEDBACK_WITHIN, CHECK_IN_BEFORE, LATE, AHEAD = WEEK, 2 * WEEK, 2, DAY, 4 * WEEK
REMINDERS = {"day": DAY, "hour": 4}

FOLLOWING: dict[tuple[State, str], set[Transition]] = {
    ("Proposed", "proposer"): {"reschedule", "cancel"},
    ("Proposed", "invited"): {"accept", "decline", "reschedule"},
    ("Scheduled", "proposer"): {"reschedule", "cancel"},
    ("Scheduled", "invited"): {"reschedule", "cancel"},
    ("Scheduled", "owner"): {"reschedule", "cancel"},
    ("Moving", "proposer"): {"reschedule", "decline", "cancel"},
    ("Moving", "invited"): {"accept", "decline", "reschedule", "cancel"},
    ("At hand", "proposer"): {"check-in", "cancel"},
    ("At hand", "invited"): {"check-in", "cancel"},
    ("At hand", "owner"): {"cancel"},
    ("Under way", "proposer"): {"check-in", "complete"},
    ("Under way", "invited"): {"check-in", "complete"},
    ("Under way", "owner"): {"complete"},
    ("Completed", "proposer"): {"feedback"},
    ("Completed", "invited"): {"feedback"},
}


@dataclass(frozen=True)
class Time:
    """When, and for how many quarter hours; `following` where all that follow of a series are meant."""

    start: Quarter
    length: int
    following: bool = False

    @property
    def end(self) -> Quarter:
        return self.start + self.length


@dataclass
class Booking:
    """An appointment: who has which part in it, with which pets, and when, as offered or agreed.

    `here` have checked in, `said` is who wants to meet again, and `due` what is still to be seen to.
    """

    parts: dict[Person, str]
    pets: list[str]
    time: Time
    status: Status
    since: Quarter  # when the offer that stands was made
    agreed: Quarter | None = None
    move: Time | None = None
    weeks: int | None = None
    series: str | None = None
    number: int = 0
    here: set[Person] = field(default_factory=set)
    said: dict[Person, bool] = field(default_factory=dict)
    due: set[Entry] = field(default_factory=set)

    @property
    def is_care(self) -> bool:
        return "owner" in self.parts.values()

    def claims(self, time: Time) -> set[Quarter]:
        """The quarter hours that it takes of a calendar at some time: from a playdate one has to get home."""
        return set(range(time.start, time.end + (not self.is_care)))

    def entries(self) -> set[Entry]:
        """What falls due of it as it stands."""
        if self.status == "Proposed":
            return {(self.lapses(self.time), "lapse")}
        if self.status != "Scheduled" or self.agreed is None:
            return set()
        told = {(self.time.start - ahead, what) for what, ahead in REMINDERS.items()}
        over = set() if self.is_care else {(self.time.end, "over")}
        return over | {entry for entry in told if entry[0] > self.agreed}

    def lapses(self, offered: Time) -> Quarter:
        return min(self.since + ANSWER_WITHIN, offered.start)

    def change(self, **changes: Any) -> None:
        """Change it: what falls due anew is to be seen to, and what has been seen to is not seen to again."""
        before = self.entries()
        for name, value in changes.items():
            setattr(self, name, value)
        self.due = {entry for entry in self.entries() if entry not in before or entry in self.due}

    def swap(self, person: Person) -> dict[Person, str]:
        """The parts where somebody makes the offer that stands."""
        return {each: "proposer" if each == person else "invited" for each in self.parts}


@dataclass
class Series:
    """Weekly playdates: those below `following` have been seen to, `made` is the last that ever was."""

    parts: dict[Person, str]
    pets: list[str]
    first: Quarter  # when number 0 is, or would be
    length: int
    weeks: int
    following: int = 1
    made: int = 0
    due: Quarter | None = None

    def time_of(self, number: int) -> Time:
        return Time(self.first + WEEK * number, self.length)

    def look_ahead(self, now: Quarter) -> None:
        """Note when the next is to be seen to."""
        if self.following <= self.made:
            self.due = now
        elif self.following < self.weeks:
            self.due = max(self.time_of(self.following).start - AHEAD, now)
        else:
            self.due = None

    def end_before(self, number: int) -> None:
        self.weeks, self.following = min(self.weeks, number), min(self.following, number)


@dataclass
class Model:
    """Everything that is so."""

    now: Quarter = 0
    pets: dict[str, Person] = field(default_factory=dict)
    liked: set[tuple[Person, str]] = field(default_factory=set)
    fond: set[tuple[Person, Person]] = field(default_factory=set)
    matched: dict[frozenset[Person], bool] = field(default_factory=dict)
    again: dict[frozenset[Person], bool] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
    series: dict[str, Series] = field(default_factory=dict)
    counts: Counter[tuple[Person, str]] = field(default_factory=Counter)
    reminded: Counter[tuple[str, str]] = field(default_factory=Counter)
    passed: set[tuple[Person, str]] = field(default_factory=set)
    blocked: set[tuple[Person, Person]] = field(default_factory=set)
    apart: set[tuple[str, str]] = field(default_factory=set)

    def are_hidden(self, one: Person, other: Person) -> bool:
        """Whether either of two people blocks the other."""
        return bool({(one, other), (other, one)} & self.blocked)

    def are_apart(self, pet: str, other_pet: str) -> bool:
        """Whether anybody keeps two pets apart; the first of a pair is the one that was asked for."""
        return bool({(pet, other_pet), (other_pet, pet)} & self.apart)

    def can_meet(self, person: Person, mine: str, target: str) -> bool:
        """Whether somebody's pet can meet another that there is, somebody else's, with nothing in the way."""
        other = self.pets.get(target)
        if self.pets.get(mine) != person or other is None or other == person:
            return False
        return not self.are_hidden(person, other) and not self.are_apart(mine, target)

    def taken(self, pet: str, besides: Booking | None = None) -> set[Quarter]:
        """The quarter hours that a pet has given away to anything, or to anything else."""
        agreed = (each for each in self.bookings.values() if each.status == "Scheduled" and pet in each.pets)
        return {quarter for each in agreed if each is not besides for quarter in each.claims(each.time)}

    def are_free(self, booking: Booking, time: Time) -> bool:
        """Whether the pets of a booking have nothing else at some time."""
        return not any(booking.claims(time) & self.taken(pet, besides=booking) for pet in booking.pets)

    def delete_pet(self, person: Person, pet: str) -> int:
        if self.pets.get(pet) != person:
            return 404
        if any(quarter >= self.now - 1 for quarter in self.taken(pet)):
            return 409
        del self.pets[pet]
        self.apart = {pair for pair in self.apart if pet not in pair}
        return 204

    def like(self, person: Person, mine: str, target: str) -> int:
        if not self.can_meet(person, mine, target):
            return 404
        other = self.pets[target]
        self.passed.discard((person, target))
        if (person, target) not in self.liked or (person, other) not in self.fond:
            self.liked.add((person, target))
            self.fond.add((person, other))
            if (other, person) in self.fond:
                self.matched[frozenset((person, other))] = True
        return 201

    def pass_on(self, person: Person, mine: str, target: str) -> int:
        if not self.can_meet(person, mine, target):
            return 404
        if (person, target) in self.liked:
            return 409
        self.passed.add((person, target))
        return 201

    def undo_pass(self, person: Person, target: str) -> int:
        if (person, target) not in self.passed:
            return 404
        self.passed.remove((person, target))
        return 204

    def block(self, person: Person, other: Person) -> int:
        """Block somebody; what the two had proposed or agreed for later is off."""
        if person == other:
            return 422
        if (person, other) not in self.blocked:
            self.blocked.add((person, other))
            self.end_match(person, other)
            self.fond -= {(person, other), (other, person)}
            for each in self.bookings.values():
                if {person, other} <= each.parts.keys():
                    self._call_off(each)
        return 201

    def unblock(self, person: Person, other: Person) -> int:
        if (person, other) not in self.blocked:
            return 404
        self.blocked.remove((person, other))
        return 204

    def keep_apart(self, person: Person, mine: str, other_pet: str) -> int:
        if self.pets.get(mine) != person:
            return 404
        if mine == other_pet:
            return 422
        if other_pet not in self.pets:
            return 404
        self.apart.add((mine, other_pet))
        return 200

    def let_meet(self, person: Person, mine: str, other_pet: str) -> int:
        if self.pets.get(mine) != person or (mine, other_pet) not in self.apart:
            return 404
        self.apart.remove((mine, other_pet))
        return 204

    def candidates(self, person: Person, mine: str) -> set[str]:
        """Whom somebody's pet is shown, where all live in one place and like anybody."""
        return {
            pet
            for pet, other in self.pets.items()
            if self.can_meet(person, mine, pet)
            and (person, pet) not in self.liked | self.passed
            and not self.are_matched(person, other)
        }

    def are_matched(self, one: Person, other: Person) -> bool:
        return self.matched.get(frozenset((one, other)), False)

    def matched_with(self, person: Person) -> set[Person]:
        active = [pair for pair, together in self.matched.items() if together and person in pair]
        return {other for pair in active for other in pair if other != person}

    def end_match(self, one: Person, other: Person) -> None:
        if self.are_matched(one, other):
            self.matched[frozenset((one, other))] = False
            self.fond -= {(one, other), (other, one)}

    def propose(self, person: Person, proposal: Booking) -> int:
        mine, other_pet = proposal.pets
        other = self.pets.get(other_pet)
        if self.pets.get(mine) != person:
            return 422 if mine == other_pet else 404
        if other == person:
            return 422
        if other is None or not self.are_matched(person, other):
            return 404
        if self.are_apart(mine, other_pet):
            return 409
        return 201 if self.are_free(proposal, proposal.time) else 409

    def plan_care(self, person: Person, care: Booking) -> int:
        if self.pets.get(care.pets[0]) != person:
            return 404
        return 201 if self.are_free(care, care.time) else 409

    def state(self, booking: Booking) -> State:
        """What a booking counts as now."""
        time, move = booking.time, booking.move
        if booking.status == "Proposed":
            return "Expired" if booking.lapses(time) <= self.now else "Proposed"
        if booking.status != "Scheduled":
            return booking.status
        if time.end <= self.now:
            return "Completed"
        if time.start <= self.now:
            return "Under way"
        if time.start - CHECK_IN_BEFORE <= self.now:
            return "At hand"
        return "Moving" if move and self.now < booking.lapses(move) else "Scheduled"

    def can(self, person: Person, booking: Booking) -> set[Transition]:
        """What somebody may do with a booking."""
        steps = FOLLOWING.get((self.state(booking), booking.parts.get(person, "")), set())
        if person in booking.said or self.now >= booking.time.end + FEEDBACK_WITHIN:
            return steps - {"feedback"}
        return steps

    def follow(
        self, person: Person, booking_id: str, transition: Transition, time: Time | None = None, *, yes: bool = False
    ) -> int:
        """What comes of a step, and what is so afterwards.

        `time` is where a booking is to move to. `yes` stands for meeting again, and for all that follow as well.
        """
        booking = self.bookings[booking_id]
        if person not in booking.parts:
            return 404
        if transition not in self.can(person, booking):
            return 409
        match transition:
            case "accept":
                return self._accept(booking_id, booking)
            case "decline" if booking.status == "Proposed":
                booking.change(status="Declined")
            case "decline":
                booking.change(move=None)
            case "reschedule":
                return self._reschedule(person, booking, time or booking.time)
            case "cancel":
                return self._cancel(person, booking, following=yes)
            case "check-in":
                booking.here.add(person)
            case "complete":
                booking.change(status="Completed")
                booking.here = set() if booking.is_care else set(booking.parts)
                self._count(booking)
            case "feedback":
                booking.said[person] = yes
                if len(booking.said) == len(booking.parts):
                    self.again[frozenset(booking.parts)] = all(booking.said.values())
        return 200

    def _accept(self, booking_id: str, booking: Booking) -> int:
        time = booking.move or booking.time
        if not self.are_free(booking, time) or not self._may_be_agreed(booking.parts, booking.pets):
            return 409
        begins = bool(booking.weeks) and not booking.move
        booking.change(status="Scheduled", time=Time(time.start, time.length), agreed=self.now, move=None)
        if begins:
            booking.series = booking_id
            series = Series(dict(booking.parts), booking.pets, time.start, time.length, booking.weeks or 1)
            self.series[booking_id] = series
            series.look_ahead(self.now)
        elif time.following:
            series = self.series[booking.series or ""]
            series.parts = dict(booking.parts)
            series.first, series.length = time.start - WEEK * booking.number, time.length
            series.following = booking.number + 1
            series.look_ahead(self.now)
        return 200

    def _may_be_agreed(self, parts: dict[Person, str], pets: list[str]) -> bool:
        return all(pet in self.pets for pet in pets) and not self.are_apart(*pets) and self.are_matched(*parts)

    def _reschedule(self, person: Person, booking: Booking, time: Time) -> int:
        if time.following and (booking.status == "Proposed" or booking.series is None):
            return 422
        if not self.are_free(booking, time):
            return 409
        if booking.is_care:
            booking.change(time=time, agreed=self.now)
        elif booking.status == "Proposed":
            booking.change(parts=booking.swap(person), since=self.now, time=time)
        else:
            booking.change(parts=booking.swap(person), since=self.now, move=time)
        return 200

    def _cancel(self, person: Person, booking: Booking, *, following: bool) -> int:
        if following and booking.series is None:
            return 422
        if following:
            series = self.series[booking.series or ""]
            series.end_before(booking.number)
            series.look_ahead(self.now)
        if booking.agreed is not None and not booking.is_care and booking.time.start - self.now < LATE:
            self.counts[person, "cancelled_late"] += 1
        booking.change(status="Cancelled", move=None)
        return 200

    def _call_off(self, booking: Booking) -> None:
        if self._lies_ahead(booking):
            booking.change(status="Cancelled")

    def _lies_ahead(self, booking: Booking) -> bool:
        return self.state(booking) in ("Proposed", "Scheduled", "Moving", "At hand")

    def missed_by(self, booking: Booking) -> Person | None:
        """Who alone did not come to a playdate that is over."""
        absent = booking.parts.keys() - booking.here
        over = not booking.is_care and self.state(booking) == "Completed"
        return next(iter(absent)) if over and len(absent) == 1 else None

    def _count(self, booking: Booking) -> None:
        if booking.here:
            for person in booking.parts:
                self.counts[person, "missed" if person == self.missed_by(booking) else "kept"] += 1

    def fall_due(self) -> Iterator[tuple[Entry, str]]:
        """What has fallen due and is to be seen to, each with the booking or the series that it is about."""
        for key, booking in self.bookings.items():
            yield from ((entry, key) for entry in booking.due if entry[0] <= self.now)
        for key, series in self.series.items():
            if series.due is not None and series.due <= self.now:
                yield (series.due, "repeat"), key

    def see_to_what_is_due(self) -> None:
        """Go through all that has fallen due, in order. New playdates are called by their series and number."""
        while due := sorted(self.fall_due()):
            (quarter, what), key = due[0]
            if what == "repeat":
                series = self.series[key]
                while series.due is not None and series.due <= self.now:
                    self._see_to_next(key, series)
                continue
            booking = self.bookings[key]
            booking.due.remove((quarter, what))
            match what:
                case "lapse":
                    booking.change(status="Expired")
                case "over":
                    self._count(booking)
                case _ if booking.time.start > self.now:
                    self._remind(key, booking, what)

    def _remind(self, key: str, booking: Booking, what: str) -> None:
        if booking.number and not self.are_matched(*booking.parts):
            self._call_off(booking)
        else:
            self.reminded[key, what] += 1

    def of_series(self, key: str, number: int) -> Booking | None:
        """A playdate of a series, if it was made."""
        return next((each for each in self.bookings.values() if (each.series, each.number) == (key, number)), None)

    def _see_to_next(self, key: str, series: Series) -> None:
        number, there = series.following, self.of_series(key, series.following)
        wanted = Booking(dict(series.parts), series.pets, series.time_of(number), "Scheduled", self.now, self.now)
        if number < series.weeks and self._is_to_be(wanted, there):
            if not self.are_matched(*series.parts):
                self._end(series)
                return
            if there and there.time == wanted.time:
                series.made = max(series.made, number)
            elif not self.are_free(there or wanted, wanted.time):
                if there:
                    self._call_off(there)
            elif not self._may_be_agreed(series.parts, series.pets):
                self._end(series)
                return
            else:
                series.made = max(series.made, number)
                self._put_on_calendars(key, number, wanted, there)
        elif number >= series.weeks and there:
            self._call_off(there)
        series.following += 1
        series.look_ahead(self.now)

    def _is_to_be(self, wanted: Booking, there: Booking | None) -> bool:
        """Whether a playdate of a series is still to come, and was not called off or held."""
        return wanted.time.start > self.now and (there is None or self._lies_ahead(there))

    def _put_on_calendars(self, key: str, number: int, wanted: Booking, there: Booking | None) -> None:
        if there:
            there.change(time=wanted.time, agreed=self.now, move=None)
        else:
            wanted.series, wanted.number, wanted.weeks = key, number, self.series[key].weeks
            wanted.due = wanted.entries()
            self.bookings[f"{key} {number}"] = wanted

    def _end(self, series: Series) -> None:
        ahead = (number for number in range(series.following + 1) if series.time_of(number).start > self.now)
        series.end_before(next(ahead))
        series.look_ahead(self.now)

    def other_said(self, person: Person, booking: Booking) -> bool | None:
        """What the other side said of meeting again, once somebody may know."""
        if booking.is_care or len(booking.said) < len(booking.parts):
            return None
        return next(said for each, said in booking.said.items() if each != person)

    def seen(self, person: Person, booking: Booking) -> dict[str, Any]:
        """What somebody sees of a booking."""
        state, missed = self.state(booking), self.missed_by(booking)
        others = booking.parts.keys() - {person}
        return {
            "status": "Scheduled" if state in ("Moving", "At hand", "Under way") else state,
            "my_role": booking.parts[person],
            "offered": booking.time.start,
            "start": None if booking.agreed is None else booking.time.start,
            "length": booking.time.length,
            "move": booking.move if state == "Moving" else None,
            "number": None if booking.weeks is None else booking.number,
            "i_checked_in": person in booking.here,
            "other_checked_in": bool(others & booking.here),
            "missed_by": None if missed is None else "me" if missed == person else "other",
            "i_said": booking.said.get(person),
            "other_said": self.other_said(person, booking),
            "can": self.can(person, booking),
        }
