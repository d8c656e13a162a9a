"""Blocks in the table: who wants nothing to do with whom, under both.

From the transaction of a block on the two do not find each other, like each other or have an Active match: whatever
would bring that about checks in its own transaction that neither blocks the other. Lifting a block hides no more and
brings nothing back. The answers to each other's pets are kept, so that neither is shown what they have answered before;
the edges are gone, so that liking one of these again counts as fresh, and only fresh likes of both make the match anew.
"""

from typing import Annotated

from aws_lambda_powertools.event_handler import Depends

from auth.models import REACHABLE
from common import ids, keys, outbox
from common.clock import clock
from common.errors import NotFound, invalid_field
from common.idempotency import Once
from common.models import Page
from common.paging import Cursors
from common.table import PRESENT, Check, Delete, Put, Table, settle, table
from matching.models import Block, BlockRecord, NewBlock
from matching.repository import ABSENT, MatchRepository
from pets.repository import PetNotFound


class UserNotFound(NotFound):
    code = "user_not_found"
    title = "There is no such user"


class StrangersPetNotFound(PetNotFound):
    """The same whether the pet is absent, or hidden and its owner nobody whom the caller has ever been matched with."""

    title = "There is no such pet"


class BlockNotFound(NotFound):
    code = "block_not_found"
    title = "You do not block this user"


class BlockRepository:
    """Reads and writes blocks."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.matches = MatchRepository(table)
        self.cursors = Cursors(table)

    def block(self, user_id: str, new: NewBlock, once: Once) -> Block:
        """Block a user, or a pet's owner, and end what is between the two; blocking again changes nothing.

        Raise UserNotFound, StrangersPetNotFound, and Invalid for oneself.
        """

        def attempt() -> Block:
            other_id = self.whom(user_id, new.user_id, new.pet_id)
            mine = keys.block(user_id, other_id)
            if found := self.table.get(mine):
                before = BlockRecord.model_validate(found).as_block()
                self.table.write(once.record(before), Check(mine, PRESENT))
                return before
            now = clock.now()
            made, mirrored = (BlockRecord(other_user_id=each, blocked_at=now) for each in (other_id, user_id))
            self.table.write(
                once.record(made.as_block()),
                Check(keys.user(other_id), REACHABLE, otherwise=UserNotFound),
                Put(mine | made.item(), condition=ABSENT),
                Put(keys.blocked_by(other_id, user_id) | mirrored.item()),
                *self.matches.parting(user_id, other_id),
                outbox.event("user_blocked", user_id=user_id, other_user_id=other_id),
            )
            return made.as_block()

        return settle(attempt)

    def lift(self, user_id: str, other_id: str) -> None:
        """Lift a block; raise BlockNotFound."""
        self.table.write(
            Delete(keys.block(user_id, other_id), condition=PRESENT, otherwise=BlockNotFound),
            Delete(keys.blocked_by(other_id, user_id)),
        )

    def list_of(self, user_id: str, cursor: str | None, limit: int) -> Page[Block]:
        """Return a page of those whom the user blocks."""
        scope = f"blocks:{user_id}"
        rows = self.table.query(
            keys.user_partition(user_id), prefix=keys.BLOCK, limit=limit, after=self.cursors.open(scope, cursor)
        )
        blocks = [BlockRecord.model_validate(item).as_block() for item in rows.items]
        return Page(items=blocks, next_cursor=self.cursors.seal(scope, rows.last_key))

    def whom(self, user_id: str, other_id: str | None, pet_id: str | None) -> str:
        """Return the id of the other user who is meant, by a pet of theirs where that is given.

        A pet will do that others can find, or whose owner has been a match of the user: also where one of the two
        blocks the other, since that must keep nobody from protecting themselves.
        Raise StrangersPetNotFound, UserNotFound for what is no id, and Invalid for oneself; whether the user is there
        is for the transaction to see.
        """
        if pet_id is not None:
            pet = self.table.get(keys.pet(pet_id))
            if pet and pet["owner_id"] == user_id:
                raise invalid_field("/pet_id", "is one of your own pets")
            if pet is None or not ("card" in pet or self.matches.between(user_id, pet["owner_id"])):
                raise StrangersPetNotFound
            return str(pet["owner_id"])
        if other_id is None or other_id == user_id:
            raise invalid_field("/user_id", "is yourself")
        if not ids.FORM.fullmatch(other_id):
            raise UserNotFound
        return other_id

    def erase(self, blocker_id: str, blocked_id: str) -> None:
        """Delete a block with its mirror, since one of the two leaves; it may be gone already."""
        self.table.write(Delete(keys.block(blocker_id, blocked_id)), Delete(keys.blocked_by(blocked_id, blocker_id)))


def repository() -> BlockRepository:
    """Return the repository on this process's table."""
    return BlockRepository(table())


Blocks = Annotated[BlockRepository, Depends(repository)]
