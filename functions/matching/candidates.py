"""Finding candidates: read the index around a cell in waves, keep who suits, rank them, and show a page at a time.

The score bounds what somebody farther away can reach, so a search reads on only as far as it must until those that it
shows are sure: they are the best of the whole circle, as if all of it had been read.

What an answer says of a pet is computed from the pet's own item when the page is shown, so that nobody appears who
has gone, moved away or changed their mind since the ranking was made. Of where people are, all of it follows from
the two cells alone.
"""

import hashlib
import hmac
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import cache
from math import ceil
from typing import Annotated, NamedTuple, Self

from aws_lambda_powertools.event_handler import Depends

from common import geo, ids, keys
from common.auth import verification_keys
from common.clock import clock
from common.errors import Conflict
from common.paging import Cursors
from common.table import Item, Table, Update, table
from matching import cards as owner_parts
from matching import widening
from matching.density import Density
from matching.exclusions import Exclusions
from matching.models import Candidate, CandidatePage, Criteria, Widened
from matching.nearby import Entry, NearbyIndex, entry_of
from matching.scoring import Comparison, Party, farthest_for, suit
from matching.sieve import Sieve
from matching.widening import FEWEST
from pets import cards
from pets.models import PetRecord
from pets.repository import PetNotFound

PARALLEL_QUERIES = 16
RANKED = 200
RANKING_KEPT_SECONDS = 600

FIRST_WAVE = 4600
"""As many entries as leave twenty with a high score, even if few suit: some 64 read units."""

MOST_WAVES = 4
GROWTH = 2
ENOUGH = 200
"""Of so many who suit, the first twenty mostly score high. Where a wave finds few, the next reads as much farther."""

NEARLY = 1.7
"""No wave stops where the end is no more than so many times as far: a ring costs queries of its own."""

STEP_KM = 0.5
"""Waves end at multiples of this: so that others who search from the same cell find the cover worked out."""


class LocationMissing(Conflict):
    code = "location_missing"
    title = "Say roughly where you are before you look for company nearby"


class SearchExpired(Conflict):
    code = "search_expired"
    title = "This search is over: it is ten minutes old, or your pet, place, times or wishes have changed since"


class Discoverable(NamedTuple):
    """A pet that can be found, read from its item or from its entry in the index: both carry the same card."""

    pet_id: str
    owner: bytes
    cell: str
    party: Party

    @classmethod
    def read(cls, entry: Entry) -> Self:
        """Return what an entry says."""
        pet_id, cell, packed = entry
        card = cards.unpack(packed)
        owner = owner_parts.unpack(card.owner_part)
        traits = card.traits
        party = Party(
            traits.type,
            card.birth_date,
            traits.size,
            traits.activity_level,
            traits.good_with_children,
            card.vaccinated_until,
            owner.criteria,
            owner.week,
        )
        return cls(pet_id, card.owner, cell, party)

    @classmethod
    def of(cls, item: Item) -> Self:
        """Return what the card in a pet's item says."""
        return cls.read(entry_of(item))

    @property
    def fingerprint(self) -> str:
        """Return what is the same only while everything that a search knows of this pet is."""
        return ids.digest(repr((self.cell, self.party)))

    def asking(self, radius_km: int | None) -> Criteria:
        """Return what the owner looks for, with another radius where one is given."""
        criteria = self.party.criteria
        return criteria if radius_km is None else criteria.model_copy(update={"radius_km": radius_km})

    def looking_for(self, criteria: Criteria) -> Self:
        """Return this pet as if its owner looked for this."""
        return self._replace(party=self.party._replace(criteria=criteria))

    def compare(
        self, other: Self, distance_km: float, now: datetime, *, liked: bool = False, not_again: bool = False
    ) -> Comparison | None:
        """Return this pet beside another, or None where the two do not suit each other."""
        if other.owner == self.owner or not suit(self.party, other.party, distance_km, now.date(), liked=liked):
            return None
        return Comparison(self.party, other.party, distance_km, now, not_again)


@dataclass(frozen=True)
class Ranking:
    """Who suits, best first, of all within `read_km`; of those who may come after them nothing is known yet.

    `scores` holds the best 200, by id, in their order. `day` is the day whose lots settle what is equal. `criteria`
    are those searched with: wider than `asked`, where so few fitted these; `fitting` are those few, and come first.
    """

    ranking_id: str
    asked: Criteria
    criteria: Criteria
    day: date
    read_km: float = 0
    scores: dict[str, int] = field(default_factory=dict)
    fitting: frozenset[str] = frozenset()

    @property
    def radius_km(self) -> int:
        """Return how far the search goes."""
        return self.criteria.radius_km

    @property
    def widened(self) -> Widened | None:
        """Return what the search gave up, if anything."""
        if self.criteria == self.asked:
            return None
        return Widened(criteria=self.criteria, relaxed=widening.in_words(self.asked, self.criteria))

    def reach_for(self, mine: Party, count: int) -> float:
        """Return how far, in km, has to be read until the first so many are sure."""
        if len(self.scores) < count:
            return self.radius_km
        return min(farthest_for(mine, list(self.scores.values())[count - 1]), self.radius_km)

    def goes_on_after(self, place: int) -> bool:
        """Return whether there is, or may be, somebody after so many."""
        return place < RANKED and (place < len(self.scores) or self.read_km < self.radius_km)


@dataclass
class Sweep:
    """What one search has read: the entries, and which partitions of the index it has read whole.

    `met_likers` says whether those who like the pet are among the entries, wherever they live.
    """

    entries: list[Entry] = field(default_factory=list)
    whole: set[str] = field(default_factory=set)
    met_likers: bool = False


class CandidateSearch:
    """Searches for candidates in the index `Nearby`, and keeps what it found for the pages that follow."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.index = NearbyIndex(table)
        self.cursors = Cursors(table)

    def page(
        self, owner_id: str, pet_id: str, radius_km: int | None, cursor: str | None, limit: int, *, widen: bool
    ) -> CandidatePage:
        """Return a page of candidates for the owner's pet.

        `radius_km` replaces the radius of the criteria, up or down; `widen` lets a search of which too few fit what was
        asked look for others as well; a cursor goes on with the search that gave it.
        Raise PetNotFound, LocationMissing, or SearchExpired ten minutes after the first page or where the pet, or what
        its owner has said, is another since.
        """
        scope = f"candidates:{owner_id}:{pet_id}"
        cut = self.cursors.open(scope, cursor) or {}
        mine = self._mine(owner_id, pet_id)
        out = Exclusions.read(self.table, owner_id, pet_id, _threads())
        place = int(cut.get("place", 0))
        if cut:
            kept = self._kept(mine, owner_id, cut["ranking"])
            ranking = self._read_on(kept, mine, out, place + limit, Sweep())
        else:
            kept = None
            ranking = self.ranked(mine, mine.asking(radius_km), out, limit, widen=widen)
        shown = list(ranking.scores)[place : place + limit]
        following = None
        if shown and ranking.goes_on_after(place + len(shown)):
            following = {"ranking": ranking.ranking_id, "place": str(place + len(shown))}
            if ranking is not kept:
                self._keep(mine, owner_id, ranking)
        return CandidatePage(
            items=self._describe(mine, ranking, shown, out),
            widened=ranking.widened,
            next_cursor=self.cursors.seal(scope, following),
        )

    def fitting(self, owner_id: str, pet_id: str) -> list[str]:
        """Return the ids of the pets that fit what the owner asks for, the best 200 at the most; raise as `page`."""
        mine = self._mine(owner_id, pet_id)
        out = Exclusions.read(self.table, owner_id, pet_id, _threads())
        return list(self.ranked(mine, mine.party.criteria, out, RANKED, widen=False).scores)

    def would_show(self, pet: Item, other: Item) -> bool:
        """Return whether `other` fits what the owner of `pet` asks for; both are items of pets that can be found."""
        mine, theirs = Discoverable.of(pet), Discoverable.of(other)
        if _beside(mine, theirs, liked=True) is None:
            return False
        out = Exclusions.read(self.table, pet["owner_id"], pet["pet_id"], _threads())
        return _beside(mine, theirs, liked=theirs.pet_id in out.likers) is not None and not out.leave_out(other)

    def _mine(self, owner_id: str, pet_id: str) -> Discoverable:
        item = self.table.get(keys.pet(pet_id))
        if item is None or item["owner_id"] != owner_id:
            raise PetNotFound
        if "card" not in item:
            raise LocationMissing
        return Discoverable.of(item)

    def ranked(self, mine: Discoverable, asked: Criteria, out: Exclusions, count: int, *, widen: bool) -> Ranking:
        """Return a new ranking with its first so many made sure; if it may, of a wider search where few fit."""
        first = Ranking(ids.new_id(), asked, asked, clock.now().date())
        sweep = Sweep()
        ranking = self._search(first, mine, out, max(count, FEWEST), sweep)
        if not widen:
            return ranking
        fitting = frozenset(ranking.scores)
        for criteria in widening.steps(asked):
            if len(ranking.scores) >= FEWEST:
                break
            wider = replace(ranking, criteria=criteria, fitting=fitting, scores={})
            ranking = self._search(wider, mine, out, count, sweep)
        return ranking

    def _search(self, ranking: Ranking, mine: Discoverable, out: Exclusions, count: int, sweep: Sweep) -> Ranking:
        """Return a new ranking of what has been read, with its first so many made sure by reading on."""
        if ranking.radius_km > keys.NEAR_KM and not sweep.met_likers:
            sweep.entries.extend(self._likers(out))
            sweep.met_likers = True
        ranking = self._merge(ranking, self._score(mine.looking_for(ranking.criteria), sweep.entries, out))
        return self._read_on(ranking, mine, out, count, sweep)

    def _likers(self, out: Exclusions) -> list[Entry]:
        """Return the entries of those who like mine and are not answered.

        They suit wherever they live. No ring would meet those who live farther away than they look.
        """
        found = self.table.get_many(map(keys.pet, sorted(out.likers - out.pets)))
        return [entry_of(item) for item in found if "card" in item]

    def _read_on(self, ranking: Ranking, mine: Discoverable, out: Exclusions, count: int, sweep: Sweep) -> Ranking:
        """Return the ranking with its first so many made sure, by reading as far beyond as that takes."""
        count = min(count, RANKED)
        mine = mine.looking_for(ranking.criteria)
        kinds = keys.kinds_of(mine.party.criteria.preferred_type)
        density = Density.around(self.table, mine.cell, ranking.radius_km, kinds)
        for wave in range(1, MOST_WAVES + 1):
            reach = ranking.reach_for(mine.party, count)
            if reach <= ranking.read_km:
                break
            if wave < MOST_WAVES:
                growth = max((ENOUGH / max(len(ranking.scores), 1)) ** 0.5, GROWTH)
                near = ranking.read_km * growth or density.radius_for(FIRST_WAVE)
                reach = min(reach, near) if reach > near * NEARLY else reach
            reach = min(ceil(reach / STEP_KM) * STEP_KM, ranking.radius_km) if reach < ranking.radius_km else reach
            found = self._wave(density, kinds, ranking.read_km, reach, sweep)
            ranking = self._merge(replace(ranking, read_km=reach), self._score(mine, found, out))
        return ranking

    def _wave(
        self, density: Density, kinds: Iterable[str], beyond_km: float, reach_km: float, sweep: Sweep
    ) -> list[Entry]:
        """Return the entries in the ring between two distances, read in parallel, and a few others."""
        queries = density.queries(kinds, beyond_km, reach_km, sweep.whole)
        reads = [_threads().submit(copy_context().run, self.index.read, stretch, kind) for stretch, kind in queries]
        found = [entry for read in reads for entry in read.result()]
        sweep.entries.extend(found)
        return found

    def _score(self, mine: Discoverable, found: Iterable[Entry], out: Exclusions) -> dict[str, int]:
        """Return the scores of those who suit and are not out."""
        now = clock.now()
        out_owners, met = (set(map(cards.id_bytes, owners)) for owners in (out.owners, out.not_again))
        sieve = Sieve(mine.party, mine.cell, now.date())
        scores = {}
        for entry in sieve.let_through(found, out.likers):
            other = Discoverable.read(entry)
            if other.pet_id in out.pets or other.owner in out_owners:
                continue
            distance_km, liked = sieve.distances_km[other.cell], other.pet_id in out.likers
            if comparison := mine.compare(other, distance_km, now, liked=liked, not_again=other.owner in met):
                scores[other.pet_id] = comparison.score
        return scores

    def _merge(self, ranking: Ranking, scores: dict[str, int]) -> Ranking:
        """Return the ranking with others in it. What is equal stands in an order that is new every day."""
        scores = scores | ranking.scores
        cut = sorted(scores.values(), reverse=True)[:RANKED]
        best = [
            (pet_id not in ranking.fitting, -score, self._lot(ranking.day, pet_id), pet_id)
            for pet_id, score in scores.items()
            if score >= cut[-1] or pet_id in ranking.fitting
        ]
        return replace(ranking, scores={pet_id: -score for _, score, _, pet_id in sorted(best)[:RANKED]})

    def _lot(self, day: date, pet_id: str) -> bytes:
        key = verification_keys(self.table).cursor_key
        return hmac.digest(key, f"order\0{day}\0{pet_id}".encode(), hashlib.sha256)

    def _describe(self, mine: Discoverable, ranking: Ranking, pet_ids: list[str], out: Exclusions) -> list[Candidate]:
        """Return the pets as candidates; those who no longer suit, or are out by now, are left out."""
        asking, searching = mine.looking_for(ranking.asked), mine.looking_for(ranking.criteria)
        candidates = []
        for item in self.table.get_many(map(keys.pet, pet_ids)):
            if "card" not in item or out.leave_out(item):
                continue
            other, liked = Discoverable.of(item), item["pet_id"] in out.likers
            if comparison := _beside(searching, other, liked=liked, not_again=item["owner_id"] in out.not_again):
                candidate = Candidate(
                    pet=PetRecord.model_validate(item).as_card(),
                    distance_band=geo.distance_band(comparison.distance_km),
                    score=comparison.score,
                    reasons=comparison.reasons,
                    as_asked=_beside(asking, other, liked=liked) is not None,
                )
                candidates.append(candidate)
        return candidates

    def _keep(self, mine: Discoverable, owner_id: str, ranking: Ranking) -> None:
        kept = {
            "searcher": mine.fingerprint,
            "asked": _stored(ranking.asked),
            "criteria": _stored(ranking.criteria),
            "fitting": " ".join(ranking.fitting),
            "day": ranking.day.isoformat(),
            "read_m": round(ranking.read_km * 1000),
            "scores": " ".join(f"{pet_id}:{score}" for pet_id, score in ranking.scores.items()),
            "ttl": clock.timestamp() + RANKING_KEPT_SECONDS,
        }
        self.table.update(Update(keys.ranking(owner_id, ranking.ranking_id), put=kept, condition=None))

    def _kept(self, mine: Discoverable, owner_id: str, ranking_id: str) -> Ranking:
        item = self.table.get(keys.ranking(owner_id, ranking_id))
        if item is None or item["searcher"] != mine.fingerprint:
            raise SearchExpired
        scores = (entry.split(":") for entry in item["scores"].split())
        return Ranking(
            ranking_id,
            Criteria.model_validate(item["asked"]),
            Criteria.model_validate(item["criteria"]),
            date.fromisoformat(item["day"]),
            item["read_m"] / 1000,
            {pet_id: int(score) for pet_id, score in scores},
            frozenset(item["fitting"].split()),
        )


def _beside(mine: Discoverable, other: Discoverable, *, liked: bool, not_again: bool = False) -> Comparison | None:
    """Return mine beside another pet, or None where the two do not suit each other."""
    distance_km = geo.distance_km(mine.cell, other.cell)
    return mine.compare(other, distance_km, clock.now(), liked=liked, not_again=not_again)


def _stored(criteria: Criteria) -> Item:
    return criteria.model_dump(mode="json", exclude_none=True)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(PARALLEL_QUERIES, thread_name_prefix="nearby")


def repository() -> CandidateSearch:
    """Return the search on this process's table."""
    return CandidateSearch(table())


Candidates = Annotated[CandidateSearch, Depends(repository)]
