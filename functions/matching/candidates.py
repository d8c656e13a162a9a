"""Finding candidates: read the index around a cell, keep who suits, rank them, and show a page at a time.

What an answer says of a pet is computed from the pet's own item when the page is shown, so that nobody appears who
has gone, moved away or changed their mind since the ranking was made. Of where people are, all of it follows from
the two cells alone.
"""

import hashlib
import hmac
from collections.abc import Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, replace
from datetime import date, datetime
from functools import cache
from typing import Annotated, Self, cast, get_args

from aws_lambda_powertools.event_handler import Depends

from common import geo, ids, keys
from common.auth import verification_keys
from common.clock import clock
from common.errors import Conflict
from common.paging import Cursors
from common.table import Item, Rows, Table, Update, table
from matching import cards as owner_parts
from matching.exclusions import Exclusions
from matching.models import Candidate, CandidatePage
from matching.scoring import Comparison, Party, suit
from pets import cards
from pets.models import PetRecord, PetType
from pets.repository import PetNotFound

TYPES: tuple[PetType, ...] = get_args(PetType.__value__)
PARALLEL_QUERIES = 16
RANKED = 200
RANKING_KEPT_SECONDS = 600


class LocationMissing(Conflict):
    code = "location_missing"
    title = "Say roughly where you are before you look for company nearby"


class SearchExpired(Conflict):
    code = "search_expired"
    title = "This search is more than ten minutes old; please search again"


@dataclass(frozen=True, slots=True)
class Discoverable:
    """A pet that can be found, read from its item or from its entry in the index: both carry the same card."""

    pet_id: str
    owner_id: str
    cell: str
    party: Party

    @classmethod
    def read(cls, item: Item) -> Self:
        """Return what the card in `item` says."""
        cell, pet_type, pet_id = keys.found_nearby(item)
        card = cards.unpack(item["card"])
        owner = owner_parts.unpack(card.owner_part)
        party = Party(
            type=cast("PetType", pet_type),
            birth_date=card.birth_date,
            size=card.size,
            activity_level=card.activity_level,
            vaccinated_until=card.vaccinated_until,
            criteria=owner.criteria,
            week=owner.week,
        )
        return cls(pet_id, card.owner_id, cell, party)

    def looking_within(self, radius_km: int | None) -> Self:
        """Return this pet with another radius to look in; None leaves it."""
        if radius_km is None:
            return self
        criteria = self.party.criteria.model_copy(update={"radius_km": radius_km})
        return replace(self, party=replace(self.party, criteria=criteria))

    def compare(self, other: Self, now: datetime) -> Comparison | None:
        """Return this pet beside another, or None where the two do not suit each other."""
        distance = geo.distance_km(self.cell, other.cell)
        if other.owner_id == self.owner_id or not suit(self.party, other.party, distance, now.date()):
            return None
        return Comparison(self.party, other.party, distance, now)


@dataclass(frozen=True)
class Ranking:
    """Those who suit, best first; `place` is how many of them have been shown."""

    ranking_id: str
    radius_km: int
    pet_ids: list[str]
    place: int = 0

    def after(self, shown: int) -> dict[str, str] | None:
        """Return where the next page begins, or None at the end."""
        place = self.place + shown
        return {"ranking": self.ranking_id, "place": str(place)} if place < len(self.pet_ids) else None


class CandidateSearch:
    """Searches for candidates in the index `Nearby`, and keeps what it found for the pages that follow."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.cursors = Cursors(table)

    def page(self, owner_id: str, pet_id: str, radius_km: int | None, cursor: str | None, limit: int) -> CandidatePage:
        """Return a page of candidates for the owner's pet.

        `radius_km` replaces the radius of the criteria, up or down; a cursor goes on with the search that gave it.
        Raise PetNotFound, LocationMissing, or SearchExpired ten minutes after the first page.
        """
        scope = f"candidates:{owner_id}:{pet_id}"
        place = self.cursors.open(scope, cursor)
        mine = self._mine(owner_id, pet_id)
        out = Exclusions.read(self.table, owner_id, pet_id, _threads())
        ranking = self._kept(owner_id, **place) if place else self._rank(mine.looking_within(radius_km), out)
        shown = ranking.pet_ids[ranking.place :][:limit]
        following = ranking.after(len(shown))
        if following and not place:
            self._keep(owner_id, ranking)
        return CandidatePage(
            items=self._describe(mine.looking_within(ranking.radius_km), shown, out),
            widened=None,
            next_cursor=self.cursors.seal(scope, following),
        )

    def _mine(self, owner_id: str, pet_id: str) -> Discoverable:
        item = self.table.get(keys.pet(pet_id))
        if item is None or item["owner_id"] != owner_id:
            raise PetNotFound
        if "card" not in item:
            raise LocationMissing
        return Discoverable.read(item)

    def _rank(self, mine: Discoverable, out: Exclusions) -> Ranking:
        """Return the best who suit. Equal scores stand in an order that is new every day and favours nobody."""
        now = clock.now()
        scored = [
            (-comparison.score, self._lot(now.date(), found.pet_id), found.pet_id)
            for found in map(Discoverable.read, self._entries(mine))
            if not out.leave_out(found.pet_id, found.owner_id)
            if (comparison := mine.compare(found, now))
        ]
        best = [pet_id for _, _, pet_id in sorted(scored)[:RANKED]]
        return Ranking(ids.new_id(), mine.party.criteria.radius_km, best)

    def _entries(self, mine: Discoverable) -> Iterable[Item]:
        """Give the entries of the index that can be within the radius, read in parallel."""
        wanted = mine.party.criteria.preferred_type
        queries = [
            (keys.nearby_partition(stretch.partition, pet_type), (stretch.low, stretch.high))
            for pet_type in (TYPES if wanted == "any" else [wanted])
            for stretch in geo.cover(mine.cell, mine.party.criteria.radius_km)
        ]
        reads: list[Future[Rows]] = [
            _threads().submit(copy_context().run, self._read, partition, between) for partition, between in queries
        ]
        for read in reads:
            yield from read.result().items

    def _read(self, partition: str, between: tuple[str, str]) -> Rows:
        return self.table.query(partition, between=between, index="Nearby")

    def _lot(self, day: date, pet_id: str) -> bytes:
        key = verification_keys(self.table).cursor_key
        return hmac.digest(key, f"order\0{day}\0{pet_id}".encode(), hashlib.sha256)

    def _describe(self, mine: Discoverable, pet_ids: list[str], out: Exclusions) -> list[Candidate]:
        """Return the pets as candidates; those who no longer suit, or are out by now, are left out."""
        items = self.table.get_many(map(keys.pet, pet_ids))
        now = clock.now()
        return [
            Candidate(
                pet=PetRecord.model_validate(item).as_card(),
                distance_band=geo.distance_band(comparison.distance_km),
                score=comparison.score,
                reasons=comparison.reasons,
            )
            for item in items
            if not out.leave_out(item["pet_id"], item["owner_id"])
            if "card" in item and (comparison := mine.compare(Discoverable.read(item), now))
        ]

    def _keep(self, owner_id: str, ranking: Ranking) -> None:
        kept = {
            "radius_km": ranking.radius_km,
            "pet_ids": " ".join(ranking.pet_ids),
            "ttl": clock.timestamp() + RANKING_KEPT_SECONDS,
        }
        self.table.update(Update(keys.ranking(owner_id, ranking.ranking_id), put=kept, condition=None))

    def _kept(self, owner_id: str, ranking: str, place: str) -> Ranking:
        item = self.table.get(keys.ranking(owner_id, ranking))
        if item is None:
            raise SearchExpired
        return Ranking(ranking, item["radius_km"], item["pet_ids"].split(), int(place))


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(PARALLEL_QUERIES, thread_name_prefix="nearby")


def repository() -> CandidateSearch:
    """Return the search on this process's table."""
    return CandidateSearch(table())


Candidates = Annotated[CandidateSearch, Depends(repository)]
