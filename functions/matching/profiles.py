"""Where an owner is, whom they look for and when they are free: parts of the one discovery profile.

Every change rewrites the cards of all the owner's pets in the same transaction, under the profile's version: 1 and
at most 20 writes, and of a place also their watches. The exact point is snapped to its cell before anything else
happens to it.

Whoever moves sees who is near from elsewhere: by moving often, the whole country could be gone through, and each person
in it measured from many sides. So moves are counted, in the transaction that moves.
"""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Depends

from auth.throttles import Limit, Throttles, TooManyAttempts
from common import geo, keys
from common.clock import clock
from common.errors import NotFound
from common.table import Delete, Item, Put, Table, Update, Write, key_of, settle, table
from matching import cards
from matching.availability import merged
from matching.models import (
    DEFAULT_CRITERIA,
    NO_AVAILABILITY,
    Availability,
    Bounds,
    Criteria,
    Location,
    NewLocation,
    Precision,
)
from matching.places import gazetteer
from pets.discovery import Discovery, cards_changed
from pets.repository import PetRepository

CELL_LENGTHS: dict[Precision, int] = {"neighbourhood": geo.NEIGHBOURHOOD, "area": geo.AREA}
PRECISIONS: dict[int, Precision] = {length: precision for precision, length in CELL_LENGTHS.items()}
MOVES_IN_A_MONTH = Limit(20, timedelta(days=30))
MOVES_IN_A_DAY = Limit(5, timedelta(days=1))
MOVES = (MOVES_IN_A_MONTH, MOVES_IN_A_DAY)


class LocationNotSet(NotFound):
    code = "location_not_set"
    title = "You have not said yet where you are"


class TooManyMoves(TooManyAttempts):
    code = "too_many_moves"
    title = "You have moved very often lately; please wait a while before you move again"


def criteria_of(profile: Item) -> Criteria:
    """Return whom the owner of this discovery profile looks for; the defaults where they have not said."""
    return Criteria.model_validate(profile["criteria"]) if "criteria" in profile else DEFAULT_CRITERIA


def availability_of(profile: Item) -> Availability:
    """Return when the owner is free; no windows where they have not said."""
    return Availability.model_validate(profile["availability"]) if "availability" in profile else NO_AVAILABILITY


def location_of(profile: Item) -> Location:
    """Return the owner's cell; raise LocationNotSet where they have not said."""
    if "cell" not in profile:
        raise LocationNotSet
    return Location(
        precision=PRECISIONS[len(profile["cell"])],
        cell=Bounds(**geo.bounds(profile["cell"])._asdict()),
        located_at=profile["located_at"],
    )


def cell_of(place: NewLocation) -> str:
    """Return the cell that holds the point or the middle of the place; raise PlaceNotFound."""
    if place.latitude is None or place.longitude is None:
        point = gazetteer().point(place.place_id or "")
    else:
        point = geo.Point(place.latitude, place.longitude)
    return geo.encode(point, CELL_LENGTHS[place.precision])


def is_move(profile: Item, cell: str) -> bool:
    """Return whether it is a move for the owner of this profile to be in `cell` from now on.

    None are the first place of all, the same cell, and the area around it: who wants to be known less exactly never has
    to wait for it. It shows them their surroundings from one more point, the middle of the area, and from there every
    way on is a move, back into the neighbourhood as well. After a place was forgotten any place is one: what is
    forgotten cannot be compared.
    """
    if "cell" in profile:
        return not profile["cell"].startswith(cell)
    return "place_forgotten_at" in profile


def bucket_of_moves(owner_id: str, limit: Limit) -> str:
    """Return what the places of an owner's moves under this limit are counted by."""
    return f"moves in {limit.window.days} days {owner_id}"


class ProfileRepository:
    """Reads and writes discovery profiles, keeping the cards in step."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.pets = PetRepository(table)
        self.throttles = Throttles(table)

    def location(self, owner_id: str) -> Location:
        """Return the owner's cell; raise LocationNotSet where there is none."""
        return location_of(Discovery.read(self.table, owner_id).attributes)

    def criteria(self, owner_id: str) -> Criteria:
        """Return whom the owner looks for."""
        return criteria_of(Discovery.read(self.table, owner_id).attributes)

    def availability(self, owner_id: str) -> Availability:
        """Return when the owner is free."""
        return availability_of(Discovery.read(self.table, owner_id).attributes)

    def locate(self, owner_id: str, place: NewLocation) -> Location:
        """Put the owner into the cell that holds the place; raise TooManyMoves where that would be one too many."""
        return location_of(self._change(owner_id, cell=cell_of(place), located_at=clock.now().isoformat()))

    def forget_place(self, owner_id: str) -> None:
        """Forget where the owner is: nobody finds their pets any more."""

        def attempt() -> None:
            seen = Discovery.read(self.table, owner_id)
            if "cell" in seen.attributes:
                nowhere = replace(seen, attributes={})
                pets = self.pets.all_owned(owner_id)
                self.table.write(
                    seen.advance(remove=("cell", "located_at"), place_forgotten_at=clock.now().isoformat()),
                    *map(nowhere.put_card, pets),
                    *self._watches_follow(owner_id, None),
                    cards_changed((pet.pet_id, seen.place(pet), "") for pet in pets),
                )

        settle(attempt)

    def look_for(self, owner_id: str, criteria: Criteria) -> Criteria:
        """Set whom the owner looks for."""
        return criteria_of(self._change(owner_id, criteria=criteria.model_dump(mode="json", exclude_none=True)))

    def be_free(self, owner_id: str, availability: Availability) -> Availability:
        """Set when the owner is free, with overlapping windows made one."""
        tidy = availability.model_copy(update={"windows": merged(availability.windows)})
        return availability_of(self._change(owner_id, availability=tidy.model_dump(mode="json", by_alias=True)))

    def _change(self, owner_id: str, **put: Any) -> Item:
        """Change attributes of the profile and rewrite the cards that follow from it; return it as it is then."""

        def attempt() -> Item:
            seen = Discovery.read(self.table, owner_id)
            profile = seen.attributes | put
            follows = cards.follows(criteria_of(profile), availability_of(profile))
            changed = replace(seen, attributes=profile | follows)
            pets = self.pets.all_owned(owner_id)
            self.table.write(
                seen.advance(**put, **follows),
                *map(changed.put_card, pets),
                *(self._watches_follow(owner_id, put["cell"]) if "cell" in put else ()),
                cards_changed((pet.pet_id, seen.place(pet), changed.place(pet)) for pet in pets),
                *(self._move(owner_id) if "cell" in put and is_move(seen.attributes, put["cell"]) else ()),
            )
            return profile

        return settle(attempt)

    def _watches_follow(self, owner_id: str, cell: str | None) -> list[Write]:
        """Return the writes that take the owner's watches along to another cell, or end them where it is None."""
        watches = self.table.query(keys.user_partition(owner_id), prefix=keys.WATCH).items
        if cell is None:
            return [Delete(key_of(watch)) for watch in watches]
        return [Update(key_of(watch), put=keys.watching(cell)) for watch in watches]

    def _move(self, owner_id: str) -> Iterator[Put]:
        """Give the writes that count a move, one for each limit; raise TooManyMoves where one is reached."""
        for limit in MOVES:
            yield self.throttles.claim(bucket_of_moves(owner_id, limit), limit, otherwise=TooManyMoves)


def repository() -> ProfileRepository:
    """Return the repository on this process's table."""
    return ProfileRepository(table())


Profiles = Annotated[ProfileRepository, Depends(repository)]
