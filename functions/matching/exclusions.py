"""Who is out: whom a search leaves out, and whom a like cannot reach; and who has said yes already.

A block hides two owners from each other whichever of them made it; a keep-apart hides two pets, whichever owner asked.
What must not happen across either is checked in the transaction in which it would: the rest only looks.
"""

from collections.abc import Iterable
from concurrent.futures import Executor
from contextvars import copy_context
from dataclasses import dataclass
from functools import partial
from typing import Self

from common import keys
from common.errors import Problem
from common.table import Check, Condition, Item, Table

NONE = Condition("attribute_not_exists(PK)")


def unblocked(user_id: str, other_id: str, otherwise: type[Problem]) -> tuple[Check, Check]:
    """Return the writes that let a transaction pass only while neither of two users blocks the other."""
    blocks = keys.block(user_id, other_id), keys.block(other_id, user_id)
    return Check(blocks[0], NONE, otherwise=otherwise), Check(blocks[1], NONE, otherwise=otherwise)


def not_apart(pet_id: str, other_pet_id: str, otherwise: type[Problem]) -> tuple[Check, Check]:
    """Return the writes that let a transaction pass only while nobody keeps two pets apart."""
    entries = (keys.apart(pet_id, other_pet_id, asking) for asking in (pet_id, other_pet_id))
    mine, theirs = (Check(entry, NONE, otherwise=otherwise) for entry in entries)
    return mine, theirs


def hidden(table: Table, user_id: str, others: Iterable[str]) -> set[str]:
    """Return those of the other users who block the user, or whom the user blocks."""
    wanted = [key for other in set(others) for key in (keys.block(user_id, other), keys.blocked_by(user_id, other))]
    return {entry["other_user_id"] for entry in table.get_many(wanted)}


@dataclass(frozen=True)
class Exclusions:
    """Which pets, and whose, a search for an owner's pet leaves out; and the pets that like this one.

    `not_again` are owners whom this one has met, where not both wanted to meet again.
    """

    pets: frozenset[str]
    owners: frozenset[str]
    likers: frozenset[str]
    not_again: frozenset[str] = frozenset()

    @classmethod
    def read(cls, table: Table, owner_id: str, pet_id: str, threads: Executor) -> Self:
        """Return who is out as of now: the answered, the matched, the blocked of both ways and who is kept apart."""
        user, pet = keys.user_partition(owner_id), keys.pet_partition(pet_id)
        own = (keys.ANSWER, keys.likes_of(pet_id), keys.MATCH, keys.BLOCKED_EITHER_WAY)
        wanted = [*((user, prefix) for prefix in own), (pet, keys.APART)]
        reads = [threads.submit(copy_context().run, partial(_entries, table, *each)) for each in wanted]
        answers, likes, matches, blocks, aparts = (read.result() for read in reads)
        return cls(
            pets=frozenset(each["target_pet_id"] for each in answers) | {each["other_pet_id"] for each in aparts},
            owners=frozenset(each["other_user_id"] for each in matches if each["status"] == "Active")
            | {each["other_user_id"] for each in blocks},
            likers=frozenset(each["liked_with"] for each in likes),
            not_again=frozenset(each["other_user_id"] for each in matches if each.get("again") is False),
        )

    def leave_out(self, pet: Item) -> bool:
        """Return whether a pet, given as its item, is out, of itself or with its owner."""
        return pet["pet_id"] in self.pets or pet["owner_id"] in self.owners


def _entries(table: Table, partition: str, prefix: str) -> list[Item]:
    return table.query(partition, prefix=prefix).items
