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
    """An appointment: who has which part in it, which pets, and which quarter hours."""

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
        return 204

    def like(self, person: Person, mine: str, target: str) -> int:
        other = self.pets.get(target)
        if self.pets.get(mine) != person or other is None or other == person:
            return 404
        if (person, target) not in self.liked or (person, other) not in self.fond:
            self.liked.add((person, target))
            self.fond.add((person, other))
            if (other, person) in self.fond:
                self.matched[frozenset((person, other))] = True
        return 201

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
        return 409 if quarters & (self.taken(mine) | self.taken(other_pet)) else 201

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
        return all_there and free and self.are_matched(*booking.parts)
