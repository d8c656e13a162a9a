"""Limits on guessing and on mail: a bucket has so many places, and each is free again a while after it was taken.

A place is taken before anything is checked, so that guesses made at once are counted like guesses made in turn, and
is given back where the guess was right. Whoever finds every place taken may wait a moment for one that is given back.
Buckets are named after what was typed, whether or not it exists: being throttled tells nobody that an account does.
"""

import random
import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from common import ids, keys
from common.clock import clock
from common.errors import TooMany
from common.table import Key, Put, RaceLost, Table, Update, absent

PATIENCE_SECONDS = 2.0
PAUSE_SECONDS = (0.02, 0.1)


@dataclass(frozen=True)
class Limit:
    """How many places a bucket has, and how long one stays taken."""

    places: int
    window: timedelta


GUESSES = Limit(10, timedelta(minutes=15))
GUESSES_WHILE_SIGNED_IN = Limit(5, timedelta(minutes=15))
GUESSES_OF_AN_ADDRESS = Limit(100, timedelta(minutes=15))
MAILS = Limit(5, timedelta(hours=1))
RESETS = Limit(2, timedelta(minutes=10))
"""No longer than a link is good for: where another is refused, one that still is lies in the mailbox already."""

MAILS_OF_AN_ADDRESS = Limit(50, timedelta(hours=1))


class TooManyAttempts(TooMany):
    """Says after how many seconds another attempt may succeed."""

    code = "too_many_attempts"
    title = "Too many attempts; please wait a while"

    def __init__(self, seconds: int) -> None:
        super().__init__(retry_after=max(seconds, 1))


class Throttles:
    """Takes places in buckets and gives them back."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def take(self, bucket: str, limit: Limit, patience: float = 0) -> Key:
        """Return the place taken; raise TooManyAttempts where none has come free within `patience` seconds."""
        deadline = time.monotonic() + patience
        while True:
            free, until = self._free(bucket, limit)
            if free:
                place = random.choice(free)  # noqa: S311 (so that few who come at once want the same one)
                if self._take(place, limit):
                    return place
            elif time.monotonic() < deadline:
                time.sleep(random.uniform(*PAUSE_SECONDS))  # noqa: S311 (jitter)
            else:
                raise TooManyAttempts(until - clock.timestamp())

    def claim(self, bucket: str, limit: Limit, otherwise: type[TooManyAttempts]) -> Put:
        """Return the write that takes a place together with an effect; raise `otherwise` where there is none.

        It fails with RaceLost where somebody else is quicker: then look again.
        """
        free, until = self._free(bucket, limit)
        if not free:
            raise otherwise(until - clock.timestamp())
        return Put(free[0] | {"ttl": clock.after(limit.window)}, condition=absent())

    def _free(self, bucket: str, limit: Limit) -> tuple[list[Key], int]:
        """Return the places that are free, and when the next of the others will be."""
        digest = ids.digest(bucket.casefold())
        places = [keys.place(digest, number) for number in range(limit.places)]
        taken = {row["SK"]: row["ttl"] for row in self.table.query(places[0]["PK"]).items}
        return [place for place in places if place["SK"] not in taken], min(taken.values(), default=0)

    def _take(self, place: Key, limit: Limit) -> bool:
        try:
            self.table.update(Update(place, put={"ttl": clock.after(limit.window)}, condition=absent()))
        except RaceLost:
            return False
        return True

    def take_all(self, buckets: Iterable[tuple[str, Limit]], patience: float = 0) -> list[Key]:
        """Return a place of each bucket; where one has none, raise TooManyAttempts and take none of the others."""
        places: list[Key] = []
        try:
            for bucket, limit in buckets:
                places.append(self.take(bucket, limit, patience))
        except TooManyAttempts:
            self.give_back(*places)
            raise
        return places

    def give_back(self, *places: Key) -> None:
        """Free places again: what took them was no guess."""
        for place in places:
            self.table.delete(place)
