"""Erasing an account: everything that hangs on it goes, so that nothing is left that others could see, and no trace.

What hangs on an account is found from its own partition, whose items lead everywhere else. So each step first deals
with what a lead leads to and takes the lead away with it: stopped anywhere, begun again, or done twice at once, it
comes to the same end. The order closes the ways by which new things could arrive before the old ones are removed:

- nobody finds the pets: no new likes;
- no matches: nothing is proposed or agreed any more;
- no appointments: no answer that speaks of one can be kept any more;
- so others' kept answers go, with blocks, likes and passes of both directions, the words in reports, then the pets, and
  what else the partition holds.

The account itself goes last, and not before every request that was under way when it was closed has ended; only its
pictures go after it. Until these have gone as well the account stands on the list of closed ones, by which operators
have an erasure begun again whose messages are lost.
"""

import json
import time
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime, timedelta

from appointments.repository import AppointmentRepository
from auth.accounts import AccountRepository
from auth.pictures import PictureRepository
from common import keys, media
from common.clock import clock
from common.table import Item, Key, RaceLost, Table, Update, key_of
from matching.blocks import BlockRepository
from matching.profiles import ProfileRepository
from matching.repository import MatchRepository
from operations.reports import ReportRepository
from pets.repository import PetRepository

LONGEST_REQUEST = timedelta(seconds=15)
"""No request lasts as long: the template ends functions that answer requests after 10 seconds."""
READ_AT_ONCE = 50


class Unfinished(Exception):
    """There is more to do, later: the time is up, or a request may still be under way."""


class Erasure:
    """The erasure of one closed account; `until` (on the monotonic clock) is when to leave the rest for later."""

    def __init__(self, table: Table, user_id: str, until: float) -> None:
        self.table = table
        self.user_id = user_id
        self.until = until
        self.accounts = AccountRepository(table)
        self.pictures = PictureRepository(table, media.bucket(), self.accounts)
        self.pets = PetRepository(table)
        self.profiles = ProfileRepository(table)
        self.matches = MatchRepository(table)
        self.blocks = BlockRepository(table)
        self.reports = ReportRepository(table)
        self.appointments = AppointmentRepository(table)

    def run(self) -> None:
        """Erase what there is; raise Unfinished where more is to be done. An account that is open stays as it is."""
        account = self.table.get(keys.user(self.user_id))
        if account:
            if "closed_at" not in account:
                return
            self._erase(datetime.fromisoformat(account["closed_at"]))
        # Last, and again where the account has gone: a picture on its way finds no account, and goes of itself.
        self.pictures.erase(self.user_id)
        self.table.delete(keys.closed(self.user_id))

    def _erase(self, closed_at: datetime) -> None:
        self.profiles.forget_place(self.user_id)
        self._delete(keys.SESSION)
        self._delete(keys.IDEMPOTENCY)
        for entry in self._own(keys.MATCH):
            self.matches.erase(self.user_id, entry["match_id"])
        for entry in self._own(keys.AGENDA):
            self.appointments.leave(self.user_id, entry["appointment_id"])
        for block in self._own(keys.BLOCKED_BY):
            self._make_forget(block, block["other_user_id"])
            self.blocks.erase(block["other_user_id"], self.user_id)
        for block in self._own(keys.BLOCK):
            self.blocks.erase(self.user_id, block["other_user_id"])
        for report in self._own(keys.REPORT):
            self.reports.strip(report, "reporter")
        for report in self._own(keys.REPORTED):
            self.reports.strip(report, "reported")
        for answer in self._own(keys.ANSWERED_BY):
            self._make_forget(answer, answer["actor_id"], answer["target_pet_id"])
            self.matches.take_back(answer["actor_id"], self.user_id, answer["target_pet_id"])
        for answer in self._own(keys.ANSWER):
            self.matches.take_back(self.user_id, answer["target_owner_id"], answer["target_pet_id"])
        for entry in self._own(keys.PET):
            for claim in self._rows(keys.pet_partition(entry["pet_id"]), keys.SLOT):
                self.table.delete(key_of(claim))
            self.pets.erase(self.user_id, entry["pet_id"])
        self._delete()
        if clock.now() < closed_at + LONGEST_REQUEST:
            raise Unfinished
        self.accounts.erase(self.user_id)

    def _own(self, prefix: str = "") -> Iterator[Item]:
        """Give what the account's partition holds, the account itself left out."""
        return self._rows(keys.user_partition(self.user_id), prefix)

    def _rows(self, partition: str, prefix: str, after: Key | None = None) -> Iterator[Item]:
        """Give what a partition holds, from the key `after` on; raise Unfinished when time is up, but after one."""
        while True:
            rows = self.table.query(partition, prefix=prefix, limit=READ_AT_ONCE, after=after, expired=True)
            for item in rows.items:
                if item["SK"] == keys.user(self.user_id)["SK"]:
                    continue
                yield item
                if time.monotonic() > self.until:
                    raise Unfinished
            after = rows.last_key
            if after is None:
                return

    def _delete(self, prefix: str = "") -> None:
        for item in self._own(prefix):
            self.table.delete(key_of(item))

    def _make_forget(self, lead: Item, other_id: str, *answered_pet_ids: str) -> None:
        """Delete what is kept of answers to another user that speak of this one, of their pets or appointments.

        Others may have any number of them. So the lead keeps the place: nothing is looked at twice, and nothing that
        comes later, before that place or behind it, can speak of who has no place, matches and appointments any more.
        """
        pets = self.table.query(keys.user_partition(self.user_id), prefix=keys.PET).items
        names = {self.user_id, *answered_pet_ids, *(entry["pet_id"] for entry in pets)}
        others = keys.user_partition(other_id)
        looked_at = lead.get("looked_at")
        try:
            for record in self._rows(others, keys.IDEMPOTENCY, looked_at and {"PK": others, "SK": looked_at}):
                if any(name in record["body"] for name in names) or self._is_left(json.loads(record["body"])):
                    self.table.delete(key_of(record))
                looked_at = record["SK"]
        except Unfinished:
            with suppress(RaceLost):  # another message about this account has come further
                self.table.update(Update(key_of(lead), put={"looked_at": looked_at}))
            raise

    def _is_left(self, answer: Item) -> bool:
        """Return whether an answer is about a playdate that the other side has left."""
        if answer.get("kind") != "playdate":
            return False
        appointment = self.appointments.find(answer["appointment_id"])
        return appointment is None or len(appointment.parties) < 2
