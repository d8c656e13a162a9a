"""Neighbours who move, change, come and go, and look for each other in an index that may be late."""

import random
from collections import Counter
from collections.abc import Callable, Iterator

from common.table import Table
from tests.harness.client import Answer, Owner
from tests.harness.invariants import faults_of
from tests.harness.late_index import LateIndex, late_index
from tests.harness.neighbours import ANYBODY, UNION_SQUARE, rest
from tests.harness.trials import Tally
from tests.harness.world import sign_up

NAMES = ("ann", "ben", "cleo", "dan")
MOST_PETS = 4
DESCRIBED = {"name": "Rex", "type": "dog", "age": 3, "size": "medium", "activity_level": "medium"}


class Neighbourhood:
    """Takes random steps, and says what should not have come of them."""

    def __init__(self, store: Table, index: LateIndex, chance: random.Random) -> None:
        self.store, self.index, self.chance = store, index, chance
        self.people = [sign_up(store, name) for name in NAMES]
        self.seen: Counter[str] = Counter()
        for person in self.people:
            self.move(person)
            self.make(person)
        self.steps: list[Callable[[Owner], Answer]] = [
            *(self.move, self.move, self.make, self.make, self.change, self.give_away, self.wish, self.end_match),
            *(self.look, self.look, self.look, self.look, self.meet, self.meet),
        ]
        for person in self.people * 2:
            self.meet(person)

    def walk(self, steps: int) -> Iterator[str]:
        """Take so many steps, and say what is wrong as it shows."""
        for _ in range(steps):
            yield from self.step()

    def step(self) -> list[str]:
        """Let somebody do something; return what is wrong then."""
        wrong: list[str] = []
        try:
            answer = self.chance.choice(self.steps)(self.chance.choice(self.people))
        except AssertionError as error:
            wrong.append(str(error))
        else:
            self.seen[f"{answer.status} {answer.code}".strip()] += 1
            if answer.status not in (200, 201, 204, 404, 409):
                wrong.append(f"{answer.status} {answer.text}")
        return [*wrong, *faults_of(self.store)]

    def move(self, person: Owner) -> Answer:
        rest(self.store, person)
        north = self.chance.choice((0.0, 0.01, 0.02, 0.5))
        place = {"latitude": UNION_SQUARE[0] + north, "longitude": UNION_SQUARE[1], "precision": "neighbourhood"}
        return person.put("/matching/location", place)

    def make(self, person: Owner) -> Answer:
        if len(person.get("/pets").json["items"]) >= MOST_PETS:
            return self.give_away(person)
        return person.post("/pets", DESCRIBED | {"type": self.chance.choice(("dog", "cat"))})

    def change(self, person: Owner) -> Answer:
        change = {"size": self.chance.choice(("small", "large"))}
        return person.patch(f"/pets/{self._pet(person)}", change)

    def give_away(self, person: Owner) -> Answer:
        return person.delete(f"/pets/{self._pet(person)}")

    def wish(self, person: Owner) -> Answer:
        wishes = {"preferred_type": self.chance.choice(("any", "dog")), "radius_km": self.chance.choice((1, 5))}
        return person.put("/matching/criteria", ANYBODY | wishes)

    def end_match(self, person: Owner) -> Answer:
        matches = person.get("/matches").json["items"]
        return person.delete(f"/matches/{self.chance.choice(matches)['match_id'] if matches else 'none'}")

    def look(self, person: Owner) -> Answer:
        """Look for company; nobody may be shown who is not shown to somebody who reads the latest of the index."""
        pet_id = self._pet(person)
        found = person.get("/matching/candidates", pet_id=pet_id, widen="false")
        if found.status == 200:
            latest, self.index.states = self.index.states, self.index.states[-1:]
            now = _shown(person.get("/matching/candidates", pet_id=pet_id, widen="false"))
            self.index.states = latest
            assert _shown(found) <= now, f"shown although they do not suit any more: {_shown(found) - now}"
            self.seen["shown"] += len(_shown(found))
        return found

    def meet(self, person: Owner) -> Answer:
        """Like somebody who is shown, perhaps late."""
        pet_id = self._pet(person)
        found = person.get("/matching/candidates", pet_id=pet_id, widen="false")
        if found.status != 200 or not _shown(found):
            return found
        target = self.chance.choice(sorted(_shown(found)))
        liked = person.post("/matching/likes", {"pet_id": pet_id, "target_pet_id": target})
        self.seen["liked"] += liked.status == 201
        return liked

    def unseen(self) -> list[str]:
        """Say what did not come up, so that nothing of it was tried."""
        unseen = [f"nobody was {each}" for each in ("shown", "liked") if not self.seen[each]]
        if (self.index.late > 0) != (self.index.latest > 0):
            unseen.append(f"{self.index.late} reads were late, by {self.index.latest} writes at the most")
        return unseen

    def _pet(self, person: Owner) -> str:
        pets = person.get("/pets").json["items"]
        return str(self.chance.choice(pets)["pet_id"]) if pets else "none"


def _shown(found: Answer) -> set[str]:
    return {item["pet"]["pet_id"] for item in found.json["items"]}


def wander(store: Table, steps: int, seed: int, latest: int) -> Tally:
    """Take so many steps with an index that is up to `latest` writes late."""
    chance = random.Random(seed)
    with late_index(store, latest, chance) as index:
        neighbourhood = Neighbourhood(store, index, chance)
        wrong = list(neighbourhood.walk(steps))
    return Tally(steps, wrong + neighbourhood.unseen())
