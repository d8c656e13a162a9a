"""Three owners who do whatever they like, over the API and in the model, which must agree about every answer."""

from collections.abc import Callable, Sequence
from copy import deepcopy
from datetime import timedelta
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
from tests.harness.moments import text
from tests.harness.neighbours import shown
from tests.harness.playdates import UNION_SQUARE
from tests.harness.snapshot import Snapshot
from tests.harness.world import sign_up
from tests.stateful.model import Booking, Model, Person, Status, Transition

NAMES = ("ann", "ben", "cleo")
FEWEST_PETS, MOST_PETS = 3, 5
STEPS_BETWEEN_LOOKS = 5  # at the whole table, which is slower than a request
person = st.integers(0, len(NAMES) - 1)
which = st.integers(0, 11)  # of however many there are
quarters = st.builds(lambda first, count: range(first, first + count), st.integers(0, 6), st.integers(1, 3))


RUNS_ON_ONE_TABLE = 100  # engines slow down as they fill


class Stage:
    """The table with three owners on it who have a pet each and are all matched, and the way back to that."""

    def __init__(self, fresh: Callable[[], Table]) -> None:
        self.fresh = fresh
        self.runs = self.steps = 0
        self.set_up()

    def set_up(self) -> None:
        """Set all of it up on a fresh table."""
        self.store = store = self.fresh()
        self.owners: list[Owner] = [sign_up(store, name) for name in NAMES]
        self.model = Model()
        for number, owner in enumerate(self.owners):
            assert owner.put("/matching/location", UNION_SQUARE).status == 200
            self.model.pets[str(owner.pet()["pet_id"])] = number
        for mine, theirs in permutations(self.model.pets, 2):
            answer = self.owners[self.model.pets[mine]].post("/matching/likes", _liking(mine, theirs))
            assert answer.status == self.model.like(self.model.pets[mine], mine, theirs)
        self.beginning = Snapshot(store)

    def begin(self) -> Model:
        """Set it up as at the beginning, and return the model of that."""
        self.runs += 1
        if self.runs % RUNS_ON_ONE_TABLE:
            self.beginning.restore()
        else:
            self.set_up()
        return deepcopy(self.model)


class Playdates(RuleBasedStateMachine):
    """Mostly people do what they may, and now and then what they may not."""

    stage: ClassVar[Stage]  # set by `play`

    def __init__(self) -> None:
        super().__init__()
        self.model = self.stage.begin()
        self.given_away: list[str] = []
        self.steps = 0
        self.last: tuple[Person, str, dict[str, Any], str, Answer] | None = None

    def post(self, number: Person, path: str, body: dict[str, Any], wanted: int) -> Answer:
        """Send what may be sent again with its key, and hold the answer against the model's."""
        key = new_id()
        answer = self.stage.owners[number].post(path, body, key=key)
        assert answer.status == wanted, f"{path}: {answer.status} {answer.text}, and the model says {wanted}"
        self.last = (number, path, body, key, answer)
        return answer

    def pairs(self) -> list[tuple[str, str]]:
        """Return all pairs of two people's pets."""
        return [(one, other) for one, other in permutations(self.model.pets, 2) if self._holders(one, other)[1:]]

    def strangers(self) -> list[tuple[str, str]]:
        """Return all pairs of the pets of two people who are not matched."""
        return [pair for pair in self.pairs() if not self.model.are_matched(*self._holders(*pair))]

    def _holders(self, *pets: str) -> list[Person]:
        return sorted({self.model.pets[pet] for pet in pets})

    def bookings(self, *statuses: Status) -> list[str]:
        return [key for key, each in self.model.bookings.items() if each.status in statuses]

    @rule(number=person)
    @precondition(lambda self: len(self.model.pets) < MOST_PETS)
    def add_pet(self, number: Person) -> None:
        self.model.pets[str(self.stage.owners[number].pet()["pet_id"])] = number

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
        owner = self.stage.owners[number]
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

    @rule(at=which, when=quarters)
    @precondition(lambda self: self.pairs())
    def propose(self, at: int, when: range) -> None:
        pet, other_pet = _of(self.pairs(), at)
        self._propose(self.model.pets[pet], pet, other_pet, when)

    @rule(at=which, when=quarters)
    def plan_care(self, at: int, when: range) -> None:
        pet = _of(list(self.model.pets), at)
        self._plan_care(self.model.pets[pet], pet, when)

    @rule(number=person, mine=which, theirs=which, when=quarters, act=st.integers(0, 3))
    def meddle_with_pets(self, number: Person, mine: int, theirs: int, when: range, act: int) -> None:
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
        answer = self.stage.owners[number].delete(f"/matching/passes/{theirs}")
        assert answer.status == self.model.undo_pass(number, theirs), answer.text

    def _block(self, number: Person, other: Person) -> None:
        """Block somebody, and let what is to follow follow at once."""
        one, two = (self.stage.owners[each].user_id for each in (number, other))
        if self.post(number, "/blocks", {"user_id": two}, self.model.block(number, other)).status == 201:
            AppointmentRepository(self.stage.store).part(one, two, clock.now())

    def _unblock(self, number: Person, other: Person) -> None:
        answer = self.stage.owners[number].delete(f"/blocks/{self.stage.owners[other].user_id}")
        assert answer.status == self.model.unblock(number, other), answer.text

    def _keep_apart(self, number: Person, mine: str, theirs: str) -> None:
        answer = self.stage.owners[number].put(f"/pets/{mine}/keep-apart/{theirs}")
        assert answer.status == self.model.keep_apart(number, mine, theirs), answer.text

    def _let_meet(self, number: Person, mine: str, theirs: str) -> None:
        answer = self.stage.owners[number].delete(f"/pets/{mine}/keep-apart/{theirs}")
        assert answer.status == self.model.let_meet(number, mine, theirs), answer.text

    def _delete_pet(self, number: Person, pet: str) -> None:
        answer = self.stage.owners[number].delete(f"/pets/{pet}")
        assert answer.status == self.model.delete_pet(number, pet), answer.text
        if answer.status == 204:
            self.given_away.append(pet)

    def _like(self, number: Person, mine: str, theirs: str) -> None:
        other = self.model.pets.get(theirs)
        answer = self.post(number, "/matching/likes", _liking(mine, theirs), self.model.like(number, mine, theirs))
        if answer.status == 201 and other is not None:
            assert (answer.json["match"] is not None) == self.model.are_matched(number, other)

    def _propose(self, number: Person, mine: str, other: str, when: range) -> None:
        wanted = self.model.propose(number, mine, other, set(when))
        body = {"kind": "playdate", "pet_id": mine, "other_pet_id": other} | _time(when)
        parts = {number: "proposer", self.model.pets.get(other, number): "invited"}
        self._book(number, body, wanted, Booking(parts, [mine, other], {*when, when.stop}, "Proposed"))

    def _plan_care(self, number: Person, pet: str, when: range) -> None:
        wanted = self.model.plan_care(number, pet, set(when))
        body = {"kind": "care", "pet_id": pet, "what": "Vet"} | _time(when)
        self._book(number, body, wanted, Booking({number: "owner"}, [pet], set(when), "Scheduled"))

    def _book(self, number: Person, body: dict[str, Any], wanted: int, booking: Booking) -> None:
        answer = self.post(number, "/appointments", body, wanted)
        if answer.status == 201:
            self.model.bookings[str(answer.json["appointment_id"])] = booking

    @rule(at=which)
    @precondition(lambda self: self.bookings("Proposed"))
    def accept(self, at: int) -> None:
        self._answer_invitation(at, "accept")

    @rule(at=which)
    @precondition(lambda self: self.bookings("Proposed"))
    def accept_another(self, at: int) -> None:
        self._answer_invitation(at, "accept")

    @rule(at=which)
    @precondition(lambda self: self.bookings("Proposed"))
    def decline(self, at: int) -> None:
        self._answer_invitation(at, "decline")

    def _answer_invitation(self, at: int, transition: Transition) -> None:
        booking_id = _of(self.bookings("Proposed"), at)
        self._follow(list(self.model.bookings[booking_id].parts)[-1], booking_id, transition)

    @rule(at=which, by=which)
    @precondition(lambda self: self.bookings("Proposed", "Scheduled"))
    def cancel(self, at: int, by: int) -> None:
        booking_id = _of(self.bookings("Proposed", "Scheduled"), at)
        self._follow(_of(list(self.model.bookings[booking_id].parts), by), booking_id, "cancel")

    @rule(number=person, at=which, transition=st.sampled_from(["accept", "decline", "cancel"]))
    @precondition(lambda self: self.model.bookings)
    def meddle_with_bookings(self, number: Person, at: int, transition: Transition) -> None:
        unsettled = self.bookings("Proposed") if at % 2 else []
        self._follow(number, _of(unsettled or list(self.model.bookings), at), transition)

    def _follow(self, number: Person, booking_id: str, transition: Transition) -> None:
        body = {"reason": "Rain"} if transition == "cancel" else {}
        wanted = self.model.follow(number, booking_id, transition)
        self.post(number, f"/appointments/{booking_id}/{transition}", body, wanted)

    @rule()
    @precondition(lambda self: self.last and self.last[-1].status < 400)
    def repeat(self) -> None:
        assert self.last
        number, path, body, key, first = self.last
        again = self.stage.owners[number].post(path, body, key=key)
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
        self.look()
        for number, owner in enumerate(self.stage.owners):
            seen = {
                each["appointment_id"]: each["status"] for each in owner.get("/appointments", limit=100).json["items"]
            }
            assert seen == {key: each.status for key, each in self.model.bookings.items() if number in each.parts}
            pets = {each["pet_id"] for each in owner.get("/pets", limit=100).json["items"]}
            assert pets == {pet for pet, holder in self.model.pets.items() if holder == number}
            blocks = {each["user_id"] for each in owner.get("/blocks", limit=100).json["items"]}
            assert blocks == {self.stage.owners[other].user_id for one, other in self.model.blocked if one == number}
            for pet in pets:
                assert shown(owner, pet) == self.model.candidates(number, pet)


def _of[Thing](things: Sequence[Thing], at: int) -> Thing:
    return things[at % len(things)]


def _liking(mine: str, theirs: str) -> dict[str, str]:
    return {"pet_id": mine, "target_pet_id": theirs}


def _time(when: range) -> dict[str, Any]:
    start = clock.now().replace(minute=0, second=0) + timedelta(days=1, minutes=15 * when.start)
    return {"start": text(start), "minutes": 15 * len(when)}


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
