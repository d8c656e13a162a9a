"""Three owners who do whatever they like, over the API and in the model, which must agree about every answer."""

from collections import Counter
from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import datetime, timedelta
from itertools import permutations
from typing import Any, ClassVar

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule, run_state_machine_as_test

from appointments.repository import AppointmentRepository
from common.clock import clock
from common.ids import new_id
from common.table import Table
from tests.harness.client import Answer, Owner
from tests.harness.invariants import faults_of
from tests.harness.mail import see_to_what_is_due
from tests.harness.moments import MONDAY_MORNING, text
from tests.harness.neighbours import shown
from tests.harness.playdates import UNION_SQUARE, told
from tests.harness.snapshot import Snapshot
from tests.harness.world import sign_up
from tests.stateful.model import DAY, WEEK, Booking, Model, Person, Quarter, State, Time, Transition

NAMES = ("ann", "ben", "cleo")
FEWEST_PETS, MOST_PETS = 3, 5
STEPS_BETWEEN_LOOKS = 5  # at the whole table, which is slower than a request
person = st.integers(0, len(NAMES) - 1)
which = st.integers(0, 11)  # of however many there are
quarters = st.builds(
    lambda ahead, first, length: Time(ahead + first, length),
    st.sampled_from([8, 8, DAY, WEEK + DAY]),
    st.integers(0, 6),
    st.integers(1, 3),
)
"""A time from the last even hour on: soon, tomorrow, or in a week, when the second of what repeats is."""

QUARTER = timedelta(minutes=15)
LAST: Quarter = 25 * DAY  # sessions do not live much longer unseen
NEAR: Quarter = 2 * DAY  # rounds go through every quarter hour, and that takes time
STEPS: tuple[Transition, ...] = ("accept", "decline", "reschedule", "cancel", "check-in", "complete", "feedback")


RUNS_ON_ONE_TABLE = 100  # engines slow down as they fill


class Stage:
    """The table with three owners on it who have a pet each and are all matched, and the way back to that."""

    def __init__(self, fresh: Callable[[], Table]) -> None:
        self.fresh = fresh
        self.runs = self.steps = 0
        self.set_up()

    def set_up(self) -> None:
        """Set all of it up on a fresh table."""
        clock.freeze(MONDAY_MORNING)
        self.store = store = self.fresh()
        self.owners = [sign_up(store, name) for name in NAMES]
        self.model = Model()
        for number, owner in enumerate(self.owners):
            assert owner.put("/matching/location", UNION_SQUARE).status == 200
            self.model.pets[str(owner.pet()["pet_id"])] = number
        for mine, theirs in permutations(self.model.pets, 2):
            answer = self.owners[self.model.pets[mine]].post("/matching/likes", _liking(mine, theirs))
            assert answer.status == self.model.like(self.model.pets[mine], mine, theirs)
        see_to_what_is_due()
        self.beginning = Snapshot(store), deepcopy(self.owners)

    def begin(self) -> Model:
        """Set it up as at the beginning, and return the model of that."""
        self.runs += 1
        if self.runs % RUNS_ON_ONE_TABLE:
            table, owners = self.beginning
            clock.freeze(MONDAY_MORNING)
            table.restore()
            self.owners = deepcopy(owners)
        else:
            self.set_up()
        self.entered = dict.fromkeys(range(len(NAMES)), clock.now())
        return deepcopy(self.model)

    def owner(self, number: Person) -> Owner:
        """Return somebody who is signed in, however much time has passed."""
        owner = self.owners[number]
        if self.entered[number] < clock.now():
            answer = owner.post("/auth/refresh", {"refresh_token": owner.refresh_token}, key="")
            owner.token, owner.refresh_token = answer.json["access_token"], answer.json["refresh_token"]
            self.entered[number] = clock.now()
        return owner


class Playdates(RuleBasedStateMachine):
    """Mostly people do what they may, and now and then what they may not."""

    stage: ClassVar[Stage]  # set by `play`

    def __init__(self) -> None:
        super().__init__()
        self.model = self.stage.begin()
        self.given_away: list[str] = []
        self.agreed = True
        self.steps = 0
        self.last: tuple[Person, str, dict[str, Any], str, Answer] | None = None

    def post(self, number: Person, path: str, body: dict[str, Any], wanted: int) -> Answer:
        """Send what may be sent again with its key, and hold the answer against the model's."""
        key = new_id()
        answer = self.stage.owner(number).post(path, body, key=key)
        self._hold_against(answer, wanted)
        self.last = (number, path, body, key, answer)
        return answer

    def _hold_against(self, answer: Answer, wanted: int) -> None:
        self.agreed = answer.status == wanted
        assert self.agreed, f"answered {answer.status} {answer.text}, and the model says {wanted}"

    def _agree(self, what: str, found: object, wanted: object) -> None:
        self.agreed = found == wanted
        assert self.agreed, f"{what}: seen is {found}, and the model says {wanted}"

    def pairs(self) -> list[tuple[str, str]]:
        """Return all pairs of two people's pets."""
        return [(one, other) for one, other in permutations(self.model.pets, 2) if self._holders(one, other)[1:]]

    def strangers(self) -> list[tuple[str, str]]:
        """Return all pairs of the pets of two people who are not matched."""
        return [pair for pair in self.pairs() if not self.model.are_matched(*self._holders(*pair))]

    def _holders(self, *pets: str) -> list[Person]:
        return sorted({self.model.pets[pet] for pet in pets})

    def bookings(self, *states: State) -> list[str]:
        """Return the bookings that are in one of some states now."""
        return [key for key, each in self.model.bookings.items() if self.model.state(each) in states]

    def at(self, when: Time) -> Time:
        """Return a time that was drawn, counted from the beginning."""
        return Time(self.model.now - self.model.now % 8 + when.start, when.length)

    @rule(number=person)
    @precondition(lambda self: len(self.model.pets) < MOST_PETS)
    def add_pet(self, number: Person) -> None:
        self.model.pets[str(self.stage.owner(number).pet()["pet_id"])] = number

    @rule(at=which)
    @precondition(lambda self: len(self.model.pets) > FEWEST_PETS)
    def delete_pet(self, at: int) -> None:
        expected = [pet for each in self.bookings("Proposed") for pet in self.model.bookings[each].pets]
        pet = _of([pet for pet in expected if pet in self.model.pets] or list(self.model.pets), at)
        self._delete_pet(self.model.pets[pet], pet)

    @rule(at=which)
    @precondition(lambda self: self.strangers())
    def like(self, at: int) -> None:
        pet, other_pet = _of(self.strangers(), at)
        self._like(self.model.pets[pet], pet, other_pet)

    @rule(number=person, at=which)
    @precondition(lambda self: all(self.model.matched.values()))
    def end_match(self, number: Person, at: int) -> None:
        owner = self.stage.owner(number)
        others = {each.user_id: other for other, each in enumerate(self.stage.owners)}
        active = owner.get("/matches", status="Active").json["items"]
        assert {others[match["other_user_id"]] for match in active} == self.model.matched_with(number)
        if active:
            invited = {frozenset(self.model.bookings[each].parts) for each in self.bookings("Proposed")}
            unsettled = [each for each in active if {number, others[each["other_user_id"]]} in invited]
            # Ids are random: in the order of people, the same choice is the same match whenever it is made again.
            match = _of(sorted(unsettled or active, key=lambda each: others[each["other_user_id"]]), at)
            assert owner.delete(f"/matches/{match['match_id']}").json["status"] == "Inactive"
            self.model.end_match(number, others[match["other_user_id"]])

    @rule(at=which, when=quarters, weeks=st.sampled_from([None, None, 2, 3, 6]))
    @precondition(lambda self: self.pairs())
    def propose(self, at: int, when: Time, weeks: int | None) -> None:
        pet, other_pet = _of(self.pairs(), at)
        self._propose(self.model.pets[pet], pet, other_pet, when, weeks)

    @rule(at=which, when=quarters, weeks=st.sampled_from([None, 2, 6]))
    @precondition(lambda self: self._proposals_that_may_be_agreed())
    def agree(self, at: int, when: Time, weeks: int | None) -> None:
        """Propose what is accepted at once, so that more comes of it than of proposals that nobody answers."""
        pet, other_pet = _of(self._proposals_that_may_be_agreed(), at)
        known = len(self.model.bookings)
        self._propose(self.model.pets[pet], pet, other_pet, when, weeks)
        if len(self.model.bookings) > known:
            self._follow(self.model.pets[other_pet], list(self.model.bookings)[-1], "accept")

    def _proposals_that_may_be_agreed(self) -> list[tuple[str, str]]:
        matched = (pair for pair in self.pairs() if self.model.are_matched(*self._holders(*pair)))
        return [pair for pair in matched if not self.model.are_apart(*pair)]

    def _may_repeat(self, booking: Booking) -> bool:
        series = self.model.series.get(booking.series or "")
        return (booking.status == "Proposed" and bool(booking.weeks)) or (series is not None and series.due is not None)

    @rule(at=which, when=quarters)
    def plan_care(self, at: int, when: Time) -> None:
        pet = _of(list(self.model.pets), at)
        self._plan_care(self.model.pets[pet], pet, when)

    @rule(number=person, mine=which, theirs=which, when=quarters, act=st.integers(0, 3))
    def meddle_with_pets(self, number: Person, mine: int, theirs: int, when: Time, act: int) -> None:
        known = [*self.model.pets, *self.given_away]
        pet, other_pet = _of(known, mine), _of(known, theirs)
        match act:
            case 0:
                self._delete_pet(number, pet)
            case 1:
                self._like(number, pet, other_pet)
            case 2:
                self._propose(number, pet, other_pet, when)
            case _:
                self._plan_care(number, pet, when)

    @rule(at=which)
    @precondition(lambda self: self.unanswered())
    def pass_on(self, at: int) -> None:
        pet, other_pet = _of(self.unanswered(), at)
        self._pass_on(self.model.pets[pet], pet, other_pet)

    @rule(at=which)
    @precondition(lambda self: self.model.passed)
    def undo_pass(self, at: int) -> None:
        self._undo_pass(*_of(self._in_order(self.model.passed), at))

    @rule(number=person, other=person)
    @precondition(lambda self: not self.model.blocked and all(self.model.matched.values()))
    def block(self, number: Person, other: Person) -> None:
        self._block(number, other)

    @rule(at=which)
    @precondition(lambda self: self.model.blocked)
    def unblock(self, at: int) -> None:
        self._unblock(*_of(sorted(self.model.blocked), at))

    @rule(at=which)
    @precondition(lambda self: self.pairs() and not self.model.apart)
    def keep_apart(self, at: int) -> None:
        pet, other_pet = _of(self.pairs(), at)
        self._keep_apart(self.model.pets[pet], pet, other_pet)

    @rule(at=which)
    @precondition(lambda self: self.model.apart)
    def let_meet(self, at: int) -> None:
        pets = list(self.model.pets)
        pet, other_pet = _of(sorted(self.model.apart, key=lambda pair: [pets.index(each) for each in pair]), at)
        self._let_meet(self.model.pets[pet], pet, other_pet)

    @rule(number=person, other=person, mine=which, theirs=which, act=st.integers(0, 5))
    def meddle_with_others(self, number: Person, other: Person, mine: int, theirs: int, act: int) -> None:
        known = [*self.model.pets, *self.given_away]
        pet, other_pet = _of(known, mine), _of(known, theirs)
        match act:
            case 0:
                self._pass_on(number, pet, other_pet)
            case 1:
                self._undo_pass(number, other_pet)
            case 2 if number == other or len(self.model.blocked) < 2:
                self._block(number, other)
            case 3:
                self._keep_apart(number, pet, other_pet)
            case 4:
                self._let_meet(number, pet, other_pet)
            case _:
                self._unblock(number, other)

    def unanswered(self) -> list[tuple[str, str]]:
        """Return all pairs of pets of which the second has not been answered by the first one's owner."""
        answered = self.model.liked | self.model.passed
        return [(pet, other) for pet, other in self.pairs() if (self.model.pets[pet], other) not in answered]

    def _in_order(self, answers: set[tuple[Person, str]]) -> list[tuple[Person, str]]:
        """Return answers in the order of people and pets: ids are random, and the same choice must be the same."""
        known = [*self.model.pets, *self.given_away]
        return sorted(answers, key=lambda answer: (answer[0], known.index(answer[1])))

    def _pass_on(self, number: Person, mine: str, theirs: str) -> None:
        self.post(number, "/matching/passes", _liking(mine, theirs), self.model.pass_on(number, mine, theirs))

    def _undo_pass(self, number: Person, theirs: str) -> None:
        self._hold_against(
            self.stage.owner(number).delete(f"/matching/passes/{theirs}"), self.model.undo_pass(number, theirs)
        )

    def _block(self, number: Person, other: Person) -> None:
        """Block somebody, and let what is to follow follow at once."""
        one, two = (self.stage.owners[each].user_id for each in (number, other))
        if self.post(number, "/blocks", {"user_id": two}, self.model.block(number, other)).status == 201:
            AppointmentRepository(self.stage.store).part(one, two, clock.now())

    def _unblock(self, number: Person, other: Person) -> None:
        self._hold_against(
            self.stage.owner(number).delete(f"/blocks/{self.stage.owners[other].user_id}"),
            self.model.unblock(number, other),
        )

    def _keep_apart(self, number: Person, mine: str, theirs: str) -> None:
        self._hold_against(
            self.stage.owner(number).put(f"/pets/{mine}/keep-apart/{theirs}"),
            self.model.keep_apart(number, mine, theirs),
        )

    def _let_meet(self, number: Person, mine: str, theirs: str) -> None:
        self._hold_against(
            self.stage.owner(number).delete(f"/pets/{mine}/keep-apart/{theirs}"),
            self.model.let_meet(number, mine, theirs),
        )

    def _delete_pet(self, number: Person, pet: str) -> None:
        wanted = self.model.delete_pet(number, pet)
        self._hold_against(self.stage.owner(number).delete(f"/pets/{pet}"), wanted)
        if wanted == 204:
            self.given_away.append(pet)

    def _like(self, number: Person, mine: str, theirs: str) -> None:
        other = self.model.pets.get(theirs)
        answer = self.post(number, "/matching/likes", _liking(mine, theirs), self.model.like(number, mine, theirs))
        if answer.status == 201 and other is not None:
            assert (answer.json["match"] is not None) == self.model.are_matched(number, other)

    def _propose(self, number: Person, mine: str, other: str, when: Time, weeks: int | None = None) -> None:
        parts = {number: "proposer", self.model.pets.get(other, number): "invited"}
        # Of two series that are after the same time, who gets it depends on random ids.
        weeks = None if any(self._may_repeat(each) for each in self.model.bookings.values()) else weeks
        proposal = Booking(parts, [mine, other], self.at(when), "Proposed", self.model.now, weeks=weeks)
        body = {"kind": "playdate", "pet_id": mine, "other_pet_id": other} | _offer(proposal.time)
        repeat = {"repeat": {"weeks": weeks}} if weeks else {}
        self._book(number, body | repeat, self.model.propose(number, proposal), proposal)

    def _plan_care(self, number: Person, pet: str, when: Time) -> None:
        now = self.model.now
        care = Booking({number: "owner"}, [pet], self.at(when), "Scheduled", now, agreed=now)
        body = {"kind": "care", "pet_id": pet, "what": "Vet"} | _offer(care.time)
        self._book(number, body, self.model.plan_care(number, care), care)

    def _book(self, number: Person, body: dict[str, Any], wanted: int, booking: Booking) -> None:
        answer = self.post(number, "/appointments", body, wanted)
        if answer.status == 201:
            booking.due = booking.entries()
            self.model.bookings[str(answer.json["appointment_id"])] = booking
            self._compare(number, booking, answer.json)

    @rule(at=which)
    @precondition(lambda self: self.bookings("Proposed", "Moving"))
    def accept(self, at: int) -> None:
        self._answer_offer(at, "accept")

    @rule(at=which)
    @precondition(lambda self: self.bookings("Proposed", "Moving"))
    def accept_another(self, at: int) -> None:
        self._answer_offer(at, "accept")

    @rule(at=which, transition=st.sampled_from(["accept", "decline", "reschedule", "accept"]), when=quarters)
    @precondition(lambda self: self.bookings("Moving"))
    def answer_wish(self, at: int, transition: Transition, when: Time) -> None:
        booking_id = _of(self.bookings("Moving"), at)
        [asked] = [each for each, role in self.model.bookings[booking_id].parts.items() if role == "invited"]
        self._follow(asked, booking_id, transition, self.at(when) if transition == "reschedule" else None)

    @rule(at=which)
    @precondition(lambda self: self.bookings("Proposed", "Moving"))
    def decline(self, at: int) -> None:
        self._answer_offer(at, "decline")

    @rule(at=which, when=quarters)
    @precondition(lambda self: self.bookings("Proposed", "Moving"))
    def counter(self, at: int, when: Time) -> None:
        self._answer_offer(at, "reschedule", self.at(when))

    def _answer_offer(self, at: int, transition: Transition, time: Time | None = None) -> None:
        booking_id = _of(self.bookings("Proposed", "Moving"), at)
        [invited] = [each for each, role in self.model.bookings[booking_id].parts.items() if role == "invited"]
        self._follow(invited, booking_id, transition, time)

    @rule(at=which, by=which, when=quarters, following=st.booleans())
    @precondition(lambda self: self.bookings("Scheduled"))
    def move(self, at: int, by: int, when: Time, following: bool) -> None:
        booking_id = _of(self.bookings("Scheduled"), at)
        booking = self.model.bookings[booking_id]
        wanted = Time(self.at(when).start, when.length, following and booking.series is not None)
        self._follow(_of(list(booking.parts), by), booking_id, "reschedule", wanted)

    @rule(at=which, by=which, following=st.booleans())
    @precondition(lambda self: self.bookings("Proposed", "Scheduled", "Moving", "At hand"))
    def cancel(self, at: int, by: int, following: bool) -> None:
        booking_id = _of(self.bookings("Proposed", "Scheduled", "Moving", "At hand"), at)
        booking = self.model.bookings[booking_id]
        yes = following and booking.series is not None
        self._follow(_of(list(booking.parts), by), booking_id, "cancel", yes=yes)

    @rule(number=person, at=which, transition=st.sampled_from(STEPS), when=quarters, yes=st.booleans())
    @precondition(lambda self: self.model.bookings)
    def meddle_with_bookings(self, number: Person, at: int, transition: Transition, when: Time, yes: bool) -> None:
        unsettled = self.bookings("Proposed") if at % 2 else []
        booking_id = _of(unsettled or list(self.model.bookings), at)
        wanted = Time(self.at(when).start, when.length, yes)
        self._follow(number, booking_id, transition, wanted if transition == "reschedule" else None, yes=yes)

    @rule(at=which, by=which, yes=st.booleans())
    @precondition(lambda self: self.bookings("At hand", "Under way", "Completed"))
    def attend(self, at: int, by: int, yes: bool) -> None:
        """Somebody does something that is possible with what is about to begin, goes on, or is over."""
        booking_id = _of(self.bookings("At hand", "Under way", "Completed"), at)
        booking = self.model.bookings[booking_id]
        possible = [
            (each, transition)
            for each in booking.parts
            for transition in sorted(self.model.can(each, booking) - {"cancel"})
        ]
        if possible:
            each, transition = _of(possible, by)
            self._follow(each, booking_id, transition, yes=yes)

    def _follow(
        self, number: Person, booking_id: str, transition: Transition, time: Time | None = None, *, yes: bool = False
    ) -> None:
        wanted = self.model.follow(number, booking_id, transition, time, yes=yes)
        body: dict[str, Any] = {}
        match transition:
            case "reschedule" if time:
                body = _offer(time) | {"following": time.following}
            case "cancel":
                body = {"reason": "Rain", "following": yes}
            case "feedback":
                body = {"again": yes}
        answer = self.post(number, f"/appointments/{booking_id}/{transition}", body, wanted)
        if answer.status == 200:
            self._compare(number, self.model.bookings[booking_id], answer.json)
        if transition in ("check-in", "feedback"):
            self._let_others_look(number, booking_id)

    def _let_others_look(self, number: Person, booking_id: str) -> None:
        """Hold what the other side of a booking sees of it against the model."""
        booking = self.model.bookings[booking_id]
        for other in booking.parts.keys() - {number}:
            self._compare(other, booking, self.stage.owner(other).get(f"/appointments/{booking_id}").json)

    def _compare(self, number: Person, booking: Booking, shown: dict[str, Any]) -> None:
        """Hold what somebody is shown of a booking against what the model says."""
        self._agree("a booking", _seen(shown), self.model.seen(number, booking))

    @rule(at=which)
    def let_time_pass(self, at: int) -> None:
        """Go on to one of the next moments at which something is different."""
        self._go_to(_of(self._moments(), at % 4))

    def _moments(self) -> list[Quarter]:
        moments = {self.model.now + 1}
        for key in self.bookings("Proposed", "Scheduled", "Moving", "At hand", "Under way"):
            booking = self.model.bookings[key]
            time = booking.time
            moments |= {time.start - 2, time.start, time.end, *(quarter for quarter, _ in booking.due)}
        return sorted(each for each in moments if self.model.now < each <= min(LAST, self.model.now + NEAR)) or [LAST]

    @rule(at=which, came=st.integers(0, 3))
    @precondition(lambda self: self._next())
    def hold(self, at: int, came: int) -> None:
        """Let a playdate take place, to which both sides come, or one of them, or none."""
        booking_id = _of(self._next(), at)
        booking = self.model.bookings[booking_id]
        self._go_to(booking.time.start)
        for bit, number in enumerate(booking.parts):
            if came >> bit & 1:
                self._follow(number, booking_id, "check-in")
        self._go_to(booking.time.end)
        self.see_to_what_is_due()

    def _next(self) -> list[str]:
        """Return the playdates that will be soon."""
        until = min(LAST, self.model.now + NEAR)
        ahead = self.bookings("Scheduled", "Moving", "At hand")
        return [
            key for key in ahead if not self.model.bookings[key].is_care and self.model.bookings[key].time.end <= until
        ]

    @rule(at=which, first=st.booleans(), second=st.booleans())
    @precondition(lambda self: self._unsaid())
    def tell(self, at: int, first: bool, second: bool) -> None:
        """Let both sides of what is over say whether to meet again, if they have not."""
        booking_id = _of(self._unsaid(), at)
        booking = self.model.bookings[booking_id]
        for number, yes in zip(list(booking.parts), (first, second), strict=True):
            if "feedback" in self.model.can(number, booking):
                self._follow(number, booking_id, "feedback", yes=yes)

    def _unsaid(self) -> list[str]:
        over = self.bookings("Completed")
        return [key for key in over if any(self.model.can(each, self.model.bookings[key]) for each in range(3))]

    def _go_to(self, moment: Quarter) -> None:
        clock.advance((max(moment, self.model.now) - self.model.now) * QUARTER)
        self.model.now = max(moment, self.model.now)
        self.last = None

    @rule()
    def see_to_what_is_due(self) -> None:
        """Let the scheduled function go round, and learn the ids of what it has made."""
        see_to_what_is_due()
        self.model.see_to_what_is_due()
        for name in [each for each in self.model.bookings if " " in each]:
            made = self.model.bookings.pop(name)
            entries = self.stage.owner(next(iter(made.parts))).get("/appointments", limit=100).json["items"]
            [found] = [
                each["appointment_id"]
                for each in entries
                if each["repeat"]
                and (each["repeat"]["series_id"], each["repeat"]["number"] - 1) == (made.series, made.number)
            ]
            self.model.bookings[found] = made

    @rule()
    @precondition(lambda self: self.last and self.last[-1].status < 400)
    def repeat(self) -> None:
        assert self.last
        number, path, body, key, first = self.last
        again = self.stage.owner(number).post(path, body, key=key)
        assert (again.status, again.text) == (first.status, first.text)

    @invariant()
    def everything_stored_fits_together(self) -> None:
        self.stage.steps += 1
        self.steps += 1
        if self.steps % STEPS_BETWEEN_LOOKS == 0:
            self.look()

    def look(self) -> None:
        faults = faults_of(self.stage.store)
        assert not faults, faults  # in words, so that they are told where nobody rewrites assertions

    def teardown(self) -> None:
        """In the end everything fits together, and everybody sees exactly what the model says."""
        if not self.agreed:
            return  # and what follows from that is not what one wants to be told
        self.look()
        for number in range(len(NAMES)):
            owner = self.stage.owner(number)
            listed = {each["appointment_id"]: each for each in owner.get("/appointments", limit=100).json["items"]}
            mine = {key: each for key, each in self.model.bookings.items() if number in each.parts}
            self._agree("appointments", listed.keys(), mine.keys())
            for key, booking in mine.items():
                self._compare(number, booking, listed[key])
            for match in owner.get("/matches", limit=100).json["items"]:
                self._compare_match(number, match)
            pets = {each["pet_id"] for each in owner.get("/pets", limit=100).json["items"]}
            self._agree("pets", pets, {pet for pet, holder in self.model.pets.items() if holder == number})
            blocks = {each["user_id"] for each in owner.get("/blocks", limit=100).json["items"]}
            blocked = {self.stage.owners[other].user_id for one, other in self.model.blocked if one == number}
            self._agree("blocks", blocks, blocked)
            for pet in pets:
                self._agree("candidates", shown(owner, pet), self.model.candidates(number, pet))
        reminded = Counter((each["appointment_id"], each["ahead"]) for each in told(self.stage.store, "reminder_due"))
        self._agree("reminders", reminded, self.model.reminded)

    def _compare_match(self, number: Person, match: dict[str, Any]) -> None:
        """Hold what somebody knows of a match, and of how reliable the other side is, against the model."""
        [other] = [each for each, owner in enumerate(self.stage.owners) if owner.user_id == match["other_user_id"]]
        self._agree("meeting again", match["again"], self.model.again.get(frozenset((number, other))))
        reliable = {what: self.model.counts[other, what] for what in ("kept", "missed", "cancelled_late")}
        self._agree(f"how reliable {NAMES[other]} is", match["other_reliability"], reliable)


def _of[Thing](things: Sequence[Thing], at: int) -> Thing:
    return things[at % len(things)]


def _liking(mine: str, theirs: str) -> dict[str, str]:
    return {"pet_id": mine, "target_pet_id": theirs}


def _offer(time: Time) -> dict[str, Any]:
    return {"start": text(MONDAY_MORNING + time.start * QUARTER), "minutes": 15 * time.length}


def _quarter(moment: str) -> Quarter:
    return (datetime.fromisoformat(moment) - MONDAY_MORNING) // QUARTER


def _seen(shown: dict[str, Any]) -> dict[str, Any]:
    """Return what an answer says of a booking, in the words of the model."""
    [offered] = shown["starts"]
    move, repeat = shown["move"], shown["repeat"]
    mine, others = shown["my_feedback"], shown["other_feedback"]
    return {
        "status": shown["status"],
        "my_role": shown["my_role"],
        "offered": _quarter(offered),
        "start": shown["start"] and _quarter(shown["start"]),
        "length": shown["minutes"] // 15,
        "move": move and Time(_quarter(move["starts"][0]), move["minutes"] // 15, move["following"]),
        "number": repeat and repeat["number"] - 1,
        "i_checked_in": shown["i_checked_in"],
        "other_checked_in": shown["other_checked_in"],
        "missed_by": shown["missed_by"],
        "i_said": mine and mine["again"],
        "other_said": others and others["again"],
        "can": set(shown["can"]),
    }


def play(fresh: Callable[[], Table], runs: int, steps: int, *, shrink: bool = True) -> int:
    """Let the machine make so many runs of up to so many steps, the same ones every time; return how many there were.

    Where the API and the model part company the notes of the error name the steps there: as few as will do, unless
    `shrink` is false.
    """
    stage = Stage(fresh)
    machine = type("Staged", (Playdates,), {"stage": stage})
    how = settings(
        max_examples=runs,
        stateful_step_count=steps,
        deadline=None,
        derandomize=True,
        database=None,
        report_multiple_bugs=False,
        phases=[Phase.generate, *([Phase.shrink] if shrink else [])],
        suppress_health_check=list(HealthCheck),
    )
    run_state_machine_as_test(machine, settings=how)
    return stage.steps
