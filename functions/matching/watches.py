"""Watches: owners who are told, once, when a pet appears that suits one of theirs.

A watch stands in the index `Nearby` beside the pets, in partitions of its own: so a pet that comes or changes finds who
waits within reach of it by a few queries. It follows its owner's place in the transaction in which that changes.
Whoever fitted when a watch was set is known to it, and no news; of more than two hundred, the best are.
"""

from collections.abc import Iterable
from contextlib import suppress
from datetime import timedelta
from functools import cache
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends

from common import geo, ids, keys, outbox
from common.clock import clock
from common.errors import NotFound
from common.idempotency import Once
from common.models import Page
from common.table import PRESENT, Check, Condition, Delete, Item, Put, RaceLost, Table, key_of, settle, table
from matching.candidates import CandidateSearch, LocationMissing
from matching.exclusions import unblocked
from matching.models import MAX_RADIUS_KM, NewWatch, Watch, WatchRecord
from pets.discovery import Discovery

WATCH_KEPT = timedelta(days=90)


class WatchNotFound(NotFound):
    code = "watch_not_found"
    title = "There is no such watch of yours"


class WatchRepository:
    """Reads and writes watches, and finds whose has come to its end."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.search = CandidateSearch(table)

    def begin(self, owner_id: str, new: NewWatch, once: Once) -> Watch:
        """Watch for whoever suits the owner's pet, from now on; setting it again begins anew.

        Raise PetNotFound, and LocationMissing.
        """

        def attempt() -> Watch:
            profile = Discovery.read(self.table, owner_id)
            known = self._fitting(owner_id, new.pet_id)
            if "cell" not in profile.attributes:
                raise LocationMissing
            now = clock.now()
            watch = WatchRecord(
                watch_id=ids.new_id(), pet_id=new.pet_id, since=now, until=now + WATCH_KEPT, known=sorted(known)
            )
            self.table.write(
                once.record(watch.as_watch()),
                Put(
                    keys.watch(owner_id, new.pet_id)
                    | watch.item()
                    | keys.watching(profile.attributes["cell"])
                    | {"ttl": clock.after(WATCH_KEPT)}
                ),
                profile.advance(),  # so that a move at the same moment takes this watch along
                outbox.event("watch_set", user_id=owner_id, pet_id=new.pet_id),
            )
            return watch.as_watch()

        return settle(attempt)

    def list_of(self, owner_id: str) -> Page[Watch]:
        """Return the owner's watches: one for each pet at the most."""
        rows = self.table.query(keys.user_partition(owner_id), prefix=keys.WATCH)
        return Page(items=[WatchRecord.model_validate(row).as_watch() for row in rows.items], next_cursor=None)

    def end(self, owner_id: str, pet_id: str) -> None:
        """End a watch; raise WatchNotFound."""
        self.table.write(Delete(keys.watch(owner_id, pet_id), condition=PRESENT, otherwise=WatchNotFound))

    def tell_of(self, pet_ids: Iterable[str]) -> None:
        """Tell those who watch, and have not known them, of pets that came, changed or like theirs.

        Also the pets' own watches may be met then: by others who have been where theirs came. Once more does no harm.
        """
        around = cache(self._around)
        for pet in self.table.get_many(map(keys.pet, pet_ids)):
            if "card" in pet:
                for watch, mine in around(pet["cell"]):
                    news = _digest(watch.pet_id, pet["pet_id"]) not in watch.known
                    if news and self.search.would_show(mine, pet):
                        self._tell(watch, mine["owner_id"], unblocked(mine["owner_id"], pet["owner_id"], RaceLost))
                self.tell_of_missed(pet["owner_id"], pet["pet_id"])

    def tell_of_missed(self, owner_id: str, pet_id: str) -> None:
        """Tell an owner who watches of those who suit and are not known.

        They came while the watch was being set, when nobody could find it in the index yet, or they have been where
        it came to, with its owner or by other wishes.
        """
        item = self.table.get(keys.watch(owner_id, pet_id))
        if item:
            watch = WatchRecord.model_validate(item)
            if self._fitting(owner_id, pet_id) - set(watch.known):
                self._tell(watch, owner_id)

    def _fitting(self, owner_id: str, pet_id: str) -> set[str]:
        return {_digest(pet_id, other_id) for other_id in self.search.fitting(owner_id, pet_id)}

    def _around(self, cell: str) -> list[tuple[WatchRecord, Item]]:
        """Return the watches of all who may look as far as this cell, each with the pet that it is for."""
        rows = [
            row
            for _, low, high in geo.cover(cell, MAX_RADIUS_KM, bridge=geo.cells_in)
            for row in self.table.query(
                keys.nearby_partition(low, keys.WATCHES), between=(low, high), index=keys.NEARBY
            ).items
        ]
        found = self.table.get_many(map(key_of, rows))
        watches = [WatchRecord.model_validate(item) for item in found]
        pets = {pet["pet_id"]: pet for pet in self.table.get_many(keys.pet(watch.pet_id) for watch in watches)}
        return [(watch, pets[watch.pet_id]) for watch in watches if "card" in pets.get(watch.pet_id, ())]

    def _tell(self, watch: WatchRecord, owner_id: str, checks: Iterable[Check] = ()) -> None:
        """End a watch and have its owner told; where it has ended already, or a check fails, nothing happens."""
        as_seen = Condition("#watch_id = :watch_id", {"watch_id": watch.watch_id})
        with suppress(RaceLost):
            self.table.write(
                *checks,
                Delete(keys.watch(owner_id, watch.pet_id), condition=as_seen),
                outbox.event("watch_met", user_id=owner_id, pet_id=watch.pet_id),
            )


def _digest(pet_id: str, other_pet_id: str) -> str:
    """Return what a watch for one pet knows another by: nothing is left there of a pet that goes."""
    return ids.derived(pet_id, other_pet_id)


def repository() -> WatchRepository:
    """Return the repository on this process's table."""
    return WatchRepository(table())


Watches = Annotated[WatchRepository, Depends(repository)]
