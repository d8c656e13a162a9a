"""Pawtime as plain sets and dicts: what every request should answer, without a table, a transaction or a race."""

from dataclasses import dataclass, field
from typing import Literal

type Status = Literal["Proposed", "Scheduled", "Declined", "Cancelled"]
type Transition = Literal["accept", "decline", "cancel"]
type Person = int

FOLLOWING: dict[tuple[Status, str], dict[Transition, Status]] = {
    ("Proposed", "proposer"): {"cancel": "Cancelled"},
    ("Proposed", "invited"): {"accept": "Scheduled", "decline": "Declined"},
    ("Scheduled", "proposer"): {"cancel": "Cancelled"},
    ("Scheduled", "invited"): {"cancel": "Cancelled"},
    ("Scheduled", "owner"): {"cancel": "Cancelled"},
}


@dataclass
class Booking:
    """An appointment: who has which part in it, which pets, and which quarter hours it takes of their calendars."""

    parts: dict[Person, str]
    pets: list[str]
    quarters: set[int]
    status: Status


@dataclass
class Model:
    """Everything that is so."""

    pets: dict[str, Person] = field(default_factory=dict)
    liked: set[tuple[Person, str]] = field(default_factory=set)
    fond: set[tuple[Person, Person]] = field(default_factory=set)
    matched: dict[frozenset[Person], bool] = field(default_factory=dict)
    bookings: dict[str, Booking] = field(default_factory=dict)
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

    def taken(self, pet: str) -> set[int]:
        """The quarter hours that a pet has given away."""
        agreed = (each for each in self.bookings.values() if each.status == "Scheduled" and pet in each.pets)
        return {quarter for each in agreed for quarter in each.quarters}

    def delete_pet(self, person: Person, pet: str) -> int:
        if self.pets.get(pet) != person:
            return 404
        if self.taken(pet):
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
        """Block somebody; what the two had proposed or agreed is off."""
        if person == other:
            return 422
        if (person, other) not in self.blocked:
            self.blocked.add((person, other))
            self.end_match(person, other)
            self.fond -= {(person, other), (other, person)}
            for each in self.bookings.values():
                if {person, other} <= each.parts.keys() and each.status in ("Proposed", "Scheduled"):
                    each.status = "Cancelled"
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

    def propose(self, person: Person, mine: str, other_pet: str, quarters: set[int]) -> int:
        other = self.pets.get(other_pet)
        if self.pets.get(mine) != person:
            return 422 if mine == other_pet else 404
        if other == person:
            return 422
        if other is None or not self.are_matched(person, other):
            return 404
        if self.are_apart(mine, other_pet):
            return 409
        with_way_home = quarters | {max(quarters) + 1}
        return 409 if with_way_home & (self.taken(mine) | self.taken(other_pet)) else 201

    def plan_care(self, person: Person, pet: str, quarters: set[int]) -> int:
        if self.pets.get(pet) != person:
            return 404
        return 409 if quarters & self.taken(pet) else 201

    def follow(self, person: Person, booking_id: str, transition: Transition) -> int:
        booking = self.bookings[booking_id]
        if person not in booking.parts:
            return 404
        following = FOLLOWING.get((booking.status, booking.parts[person]), {}).get(transition)
        if following is None:
            return 409
        if transition == "accept" and not self._may_be_agreed(booking):
            return 409
        booking.status = following
        return 200

    def _may_be_agreed(self, booking: Booking) -> bool:
        all_there = all(pet in self.pets for pet in booking.pets)
        free = not any(booking.quarters & self.taken(pet) for pet in booking.pets)
        return all_there and free and not self.are_apart(*booking.pets) and self.are_matched(*booking.parts)
