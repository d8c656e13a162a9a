"""Owners who change all that their pets' cards are made from, in any order, at once, and while the store fails.

After each step every card in the table is what follows from its sources as they are then: `discovery_cards` among the
rules of the whole table.
"""

import random
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import nullcontext
from functools import partial
from typing import get_args

from common.table import Table
from matching.availability import WEEKDAYS
from matching.profiles import ProfileRepository
from pets.models import PetType, Size
from tests.harness.client import Owner
from tests.harness.faults import CRASHES, FAULTS, Crash, failing
from tests.harness.invariants import faults_of
from tests.harness.neighbours import ANYBODY, UNION_SQUARE
from tests.harness.places import PRECISIONS
from tests.harness.trials import Tally, at_once
from tests.harness.world import erase_now, sign_up

MOST_PETS = 4
FINE = (200, 201, 204, 404, 409, 429)
CALLS = 12  # as many as most of these requests make

STEPS_OF_AN_ACCOUNT = 50

type Change = Callable[[Owner], int]


class Household:
    """Two owners; each step is a change, a change that is struck by a fault, or two changes of one owner at once."""

    def __init__(self, store: Table, chance: random.Random) -> None:
        self.store, self.chance, self.count = store, chance, 0
        self.owners = [self.newcomer(), self.newcomer()]
        self.changes: dict[str, Change] = {
            "make": self.make,
            "describe": self.describe,
            "give away": self.give_away,
            "move": self.move,
            "forget": self.forget,
            "wish": self.wish,
            "be free": self.be_free,
        }
        self.done: Counter[str] = Counter()

    def newcomer(self) -> Owner:
        self.count += 1
        owner = sign_up(self.store, f"holder{self.count}")
        self.move(owner)
        for _ in range(2):
            self.make(owner)
        return owner

    def step(self, number: int) -> list[str]:
        """Let something change; return what is wrong then. What is drawn does not depend on who was faster before."""
        self.chance.seed(number)
        owner, manner = self.chance.choice(self.owners), self.chance.random()
        if number % STEPS_OF_AN_ACCOUNT == 0:
            return self.leave(owner)
        names = self.chance.choices(list(self.changes), k=2 if manner < 0.3 else 1)
        wrong = self._at_once(owner, names) if len(names) > 1 else self._alone(owner, names[0], struck=manner < 0.6)
        return [f"{' and '.join(names)}: {fault}" for fault in [*wrong, *faults_of(self.store)]]

    def _alone(self, owner: Owner, name: str, *, struck: bool) -> list[str]:
        fault = self.chance.choice([*FAULTS.values(), *CRASHES.values()])
        number, lasting = self.chance.randint(1, CALLS), self.chance.random() < 0.3
        try:
            with failing(self.store, fault, number, lasting=lasting) if struck else nullcontext():
                status = self.changes[name](owner)
        except Crash:
            self.done["crash"] += 1
            return []
        self.done[name] += status < 300
        self.done["failure"] += status >= 500
        return [] if status in FINE or (struck and status >= 500) else [f"answered {status}"]

    def _at_once(self, owner: Owner, names: Sequence[str]) -> list[str]:
        statuses = at_once([partial(self.changes[name], owner) for name in names])
        self.done["at once"] += all(status < 300 for status in statuses)
        return [f"answered {status}" for status in statuses if status not in FINE]

    def leave(self, owner: Owner) -> list[str]:
        """Let an owner's account end, and somebody else come."""
        erase_now(self.store, owner.user_id)
        wrong = faults_of(self.store)
        self.owners[self.owners.index(owner)] = self.newcomer()
        self.done["leave"] += 1
        return [f"leave: {fault}" for fault in wrong]

    def make(self, owner: Owner) -> int:
        if len(self._pets(owner)) >= MOST_PETS:
            return self.give_away(owner)
        described = {"name": "Rex", "type": "dog", "age": 3, "size": "medium", "activity_level": "medium"}
        return owner.post("/pets", described).status

    def describe(self, owner: Owner) -> int:
        changes = self.chance.choice(
            (
                {"size": self.chance.choice(get_args(Size.__value__))},
                {"type": self.chance.choice(get_args(PetType.__value__))},
                {"vaccinated_until": f"2027-01-{self.chance.randint(10, 28)}", "good_with_children": "no"},
                {"name": "Figaro"},
            )
        )
        return owner.patch(f"/pets/{self._pet(owner)}", changes).status

    def give_away(self, owner: Owner) -> int:
        return owner.delete(f"/pets/{self._pet(owner)}").status

    def move(self, owner: Owner) -> int:
        latitude = UNION_SQUARE[0] + self.chance.choice((0, 0.02, 1))
        place = {"latitude": latitude, "longitude": UNION_SQUARE[1], "precision": self.chance.choice(PRECISIONS)}
        return owner.put("/matching/location", place).status

    def forget(self, owner: Owner) -> int:
        """Forget the owner's place, as the erasure does it."""
        try:
            ProfileRepository(self.store).forget_place(owner.user_id)
        except Exception:  # noqa: BLE001 (whatever struck: nobody is there to make an answer of it)
            return 503
        return 204

    def wish(self, owner: Owner) -> int:
        wishes = {"radius_km": self.chance.randint(1, 25), "vaccinated": self.chance.random() < 0.5}
        return owner.put("/matching/criteria", ANYBODY | wishes).status

    def be_free(self, owner: Owner) -> int:
        starts = self.chance.sample(range(6, 20), self.chance.randint(0, 2))
        windows = [
            {"weekday": self.chance.choice(WEEKDAYS), "start": f"{start:02}:00", "end": f"{start + 2:02}:30"}
            for start in starts
        ]
        zone = self.chance.choice(("UTC", "Asia/Kathmandu"))
        return owner.put("/matching/availability", {"time_zone": zone, "windows": windows}).status

    def _pets(self, owner: Owner) -> list[str]:
        answer = owner.get("/pets")
        return [pet["pet_id"] for pet in answer.json["items"]] if answer.status == 200 else []

    def _pet(self, owner: Owner) -> str:
        return str(self.chance.choice(self._pets(owner) or ["none"]))

    def untried(self) -> list[str]:
        """Say what never came about."""
        wanted = (*self.changes, "at once", "failure", "crash", "leave")
        return [f"never: {each}" for each in wanted if not self.done[each]]


def change_sources(store: Table, steps: int) -> Tally:
    """Take so many steps, and look at the table after each."""
    household = Household(store, random.Random(0))
    wrong = [fault for number in range(1, steps + 1) for fault in household.step(number)]
    return Tally(steps, wrong + household.untried())
