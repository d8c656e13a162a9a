"""Likes and matches in the table.

A like leaves the answer to a pet, with an entry that leads the pet's owner to it, and the edge from its actor to the
pet's owner. Two edges that face each other make the match of the two users. Whoever writes an edge states in the same
transaction whether the opposite one is there, so of two likes that cross one fails, looks again and makes the match:
exactly one, under every interleaving.
While a match is Active both edges stand; ending it takes both away, so that only fresh likes bring it back.
A pass is an answer as well, in the place of a like, for as long as it is remembered; a like takes its place.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

from aws_lambda_powertools.event_handler import Depends

from auth.models import REACHABLE
from common import ids, keys, outbox
from common.clock import clock
from common.errors import Conflict, NotFound, Problem
from common.idempotency import Once
from common.models import Page
from common.paging import Cursors
from common.table import PRESENT, Check, Condition, Delete, Key, Put, Table, Update, Write, absent, settle, table
from matching.exclusions import hidden, not_apart, unblocked
from matching.models import (
    LikeAnswer,
    LikeRecord,
    Match,
    MatchRecord,
    MatchStatus,
    NewLike,
    NewPass,
    Pass,
    PassRecord,
    Reliability,
)
from pets.models import PetRecord
from pets.repository import PetNotFound, PetRepository

ABSENT = Condition("attribute_not_exists(PK)")
DISCOVERABLE = Condition("attribute_exists(card)")
ACTIVE = Condition("#status = :active", {"active": "Active"})
NOT_ACTIVE = Condition("attribute_not_exists(PK) OR #status <> :active", {"active": "Active"})
A_PASS = Condition("attribute_exists(passed_at)")
type Answered = Literal["like", "pass"]

KINDS: tuple[Answered, ...] = ("like", "pass")
PASS_KEPT = timedelta(days=180)


class TargetNotFound(PetNotFound):
    """The same whether the pet is absent, hidden or the caller's own."""

    title = "There is no such pet to like"


class AlreadyLiked(Conflict):
    code = "already_liked"
    title = "You like this pet already"


class PassNotFound(NotFound):
    code = "pass_not_found"
    title = "There is no such pass of yours"


class MatchNotFound(NotFound):
    code = "match_not_found"
    title = "There is no such match of yours"


def match_id_of(user_id: str, other_user_id: str) -> str:
    """Return the id of the one match that two users can have: a digest of their ids, whichever comes first."""
    return ids.derived(*sorted((user_id, other_user_id)))


@dataclass(frozen=True)
class Feelings:
    """How things stand between two users: my answer to a pet of theirs, if it is a like, both edges, and the match."""

    like: LikeRecord | None
    mine: LikeRecord | None
    theirs: LikeRecord | None
    match: MatchRecord | None

    @property
    def active(self) -> MatchRecord | None:
        """Return the match while it is Active."""
        return self.match if self.match and self.match.status == "Active" else None


class MatchRepository:
    """Reads and writes likes and matches."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.pets = PetRepository(table)
        self.cursors = Cursors(table)

    def like(self, user_id: str, new: NewLike, once: Once) -> LikeAnswer:
        """Like another owner's pet, and make the match where that owner likes one of mine already.

        Liking again changes nothing. Raise PetNotFound where `pet_id` is not the user's, TargetNotFound where the
        target cannot be found by others, or not by this user or this pet.
        """

        def attempt() -> LikeAnswer:
            mine = self.pets.owned(user_id, new.pet_id)
            target = self._target(user_id, new.target_pet_id)
            seen = self._feelings(user_id, target)
            both_there = self._can_meet(mine, target)
            if seen.like and seen.mine:
                return self._record(once, user_id, seen.like, seen.active, *both_there)
            like = LikeRecord(pet_id=mine.pet_id, target_pet_id=target.pet_id, liked_at=clock.now())
            match = seen.active or _mutual(user_id, like, target.owner_id, seen.theirs)
            return self._record(
                once,
                user_id,
                like,
                match,
                Put(
                    keys.answer(user_id, target.pet_id) | like.item() | {"target_owner_id": target.owner_id},
                    condition=None if seen.like else _no_like(),
                ),
                _lead_to("like", user_id, target, liked_with=mine.pet_id),
                Delete(keys.answered_by(target.owner_id, target.pet_id, "pass", user_id)),
                *both_there,
                *_bind(user_id, target.owner_id, like, match, seen),
                None if match else outbox.event("pet_liked", pet_id=mine.pet_id, target_pet_id=target.pet_id),
            )

        return settle(attempt)

    def pass_by(self, user_id: str, new: NewPass, once: Once) -> Pass:
        """Pass on another owner's pet, which is no candidate for half a year; passing again changes nothing.

        Raise PetNotFound and TargetNotFound as for a like, and AlreadyLiked where that came first.
        """

        def attempt() -> Pass:
            mine = self.pets.owned(user_id, new.pet_id)
            target = self._target(user_id, new.target_pet_id)
            there = self._can_meet(mine, target)
            seen = self._answer(user_id, target.pet_id)
            if isinstance(seen, LikeRecord):
                # Not to be told before one knows that the pet may be seen at all.
                self.table.write(*there)
                raise AlreadyLiked
            if seen:
                self.table.write(once.record(seen.as_pass()), *there)
                return seen.as_pass()
            passed = PassRecord(
                pet_id=mine.pet_id,
                target_pet_id=target.pet_id,
                target_owner_id=target.owner_id,
                passed_at=clock.now(),
            )
            forgotten = {"ttl": clock.timestamp() + int(PASS_KEPT.total_seconds())}
            self.table.write(
                once.record(passed.as_pass()),
                *there,
                Put(keys.answer(user_id, target.pet_id) | passed.item() | forgotten, condition=absent()),
                _lead_to("pass", user_id, target, **forgotten),
            )
            return passed.as_pass()

        return settle(attempt)

    def undo_pass(self, user_id: str, target_pet_id: str) -> None:
        """Take a pass back; raise PassNotFound."""
        passed = self._answer(user_id, target_pet_id)
        if not isinstance(passed, PassRecord):
            raise PassNotFound
        self.table.write(
            Delete(keys.answer(user_id, target_pet_id), condition=A_PASS, otherwise=PassNotFound),
            Delete(keys.answered_by(passed.target_owner_id, target_pet_id, "pass", user_id)),
        )

    def between(self, user_id: str, other_user_id: str) -> MatchRecord | None:
        """Return the match of two users, Active or not, or None where there has never been one."""
        return self.find(match_id_of(user_id, other_user_id))

    @staticmethod
    def require_active(match_id: str, otherwise: type[Problem]) -> Check:
        """Return the write that lets a transaction pass only while the match is Active."""
        return Check(keys.match(match_id), ACTIVE, otherwise=otherwise)

    def read(self, user_id: str, match_id: str) -> Match:
        """Return a match of the user; raise MatchNotFound."""
        return self._show(user_id, [self._of(user_id, match_id)])[0]

    def list_of(self, user_id: str, status: MatchStatus | None, cursor: str | None, limit: int) -> Page[Match]:
        """Return a page of the user's matches."""
        scope = f"matches:{user_id}:{status}"
        rows = self.table.query(
            keys.user_partition(user_id),
            prefix=keys.MATCH,
            keep=Condition("#status = :status", {"status": status}) if status else None,
            limit=limit,
            after=self.cursors.open(scope, cursor),
        )
        found = self.table.get_many(keys.match(row["match_id"]) for row in rows.items)
        matches = [MatchRecord.model_validate(item) for item in found]
        unseen = hidden(self.table, user_id, (match.other(user_id) for match in matches))
        # One may have ended between the look at the list and the look at the match.
        still = [match for match in matches if status in (None, match.status) and match.other(user_id) not in unseen]
        return Page(items=self._show(user_id, still), next_cursor=self.cursors.seal(scope, rows.last_key))

    def end(self, user_id: str, match_id: str) -> Match:
        """End a match of the user; one that has ended stays as it is. Raise MatchNotFound."""

        def attempt() -> MatchRecord:
            match = self._of(user_id, match_id)
            if match.status == "Inactive":
                return match
            now = clock.now()
            self.table.write(*self.ending(match, now))
            return match.ended(now)

        return self._show(user_id, [settle(attempt)])[0]

    @staticmethod
    def ending(match: MatchRecord, when: datetime) -> list[Write]:
        """Return the writes that end an Active match; they fail with RaceLost unless it is Active still."""
        one, other = match.user_ids
        ended = match.ended(when).item()
        return [
            Update(
                keys.match(match.match_id),
                put={name: ended[name] for name in ("status", "ended_at")},
                condition=ACTIVE,
            ),
            *(Update(keys.match_of_user(each, match.match_id), put={"status": "Inactive"}) for each in (one, other)),
            Delete(keys.likes_user(one, other)),
            Delete(keys.likes_user(other, one)),
        ]

    def parting(self, user_id: str, other_user_id: str) -> list[Write]:
        """Return the writes that leave nothing between two users: no Active match, and no like that could make one."""
        match = self.between(user_id, other_user_id)
        if match and match.status == "Active":
            return self.ending(match, clock.now())
        return [
            Check(keys.match(match_id_of(user_id, other_user_id)), NOT_ACTIVE),
            Delete(keys.likes_user(user_id, other_user_id)),
            Delete(keys.likes_user(other_user_id, user_id)),
        ]

    def erase(self, user_id: str, match_id: str) -> None:
        """Delete a match of an account that ends from both sides, Active or not; it may be gone already."""
        match = self.find(match_id)
        if match:
            other_id = match.other(user_id)
            self.table.write(
                Delete(keys.match(match_id)),
                *(Delete(keys.match_of_user(each, match_id)) for each in match.user_ids),
                Delete(keys.likes_user(user_id, other_id)),
                Delete(keys.likes_user(other_id, user_id)),
            )

    def take_back(self, actor_id: str, owner_id: str, target_pet_id: str) -> None:
        """Delete what an actor has answered to an owner's pet, where there is no match of the two any more."""
        self.table.write(
            Delete(keys.answer(actor_id, target_pet_id)),
            *(Delete(keys.answered_by(owner_id, target_pet_id, kind, actor_id)) for kind in KINDS),
            Delete(keys.likes_user(actor_id, owner_id)),
        )

    def _record(
        self, once: Once, user_id: str, like: LikeRecord, match: MatchRecord | None, *writes: Write | None
    ) -> LikeAnswer:
        shown = self._show(user_id, [match])[0] if match else None
        result = LikeAnswer(like=like.as_like(), match=shown)
        self.table.write(once.record(result), *writes)
        return result

    def _target(self, user_id: str, pet_id: str) -> PetRecord:
        """Return another owner's pet that can be found; raise TargetNotFound."""
        item = self.table.get(keys.pet(pet_id))
        if item is None or "card" not in item or item["owner_id"] == user_id:
            raise TargetNotFound
        return PetRecord.model_validate(item)

    @staticmethod
    def _can_meet(mine: PetRecord, target: PetRecord) -> tuple[Write, ...]:
        """Return the checks of every answer: the pets are there to meet, and nobody has ruled it out.

        Also of an answer that changes nothing: what is kept of it for repeats must not outlive the pets in it.
        """
        return (
            Check(keys.pet(mine.pet_id), PRESENT, otherwise=PetNotFound),
            Check(keys.pet(target.pet_id), DISCOVERABLE, otherwise=TargetNotFound),
            Check(keys.user(target.owner_id), REACHABLE, otherwise=TargetNotFound),
            *unblocked(mine.owner_id, target.owner_id, otherwise=TargetNotFound),
            *not_apart(mine.pet_id, target.pet_id, otherwise=TargetNotFound),
        )

    def _feelings(self, user_id: str, target: PetRecord) -> Feelings:
        answer = self._answer(user_id, target.pet_id)
        return Feelings(
            answer if isinstance(answer, LikeRecord) else None,
            self._like(keys.likes_user(user_id, target.owner_id)),
            self._like(keys.likes_user(target.owner_id, user_id)),
            self.between(user_id, target.owner_id),
        )

    def _answer(self, user_id: str, target_pet_id: str) -> LikeRecord | PassRecord | None:
        item = self.table.get(keys.answer(user_id, target_pet_id))
        if item is None:
            return None
        return PassRecord.model_validate(item) if "passed_at" in item else LikeRecord.model_validate(item)

    def _like(self, key: Key) -> LikeRecord | None:
        item = self.table.get(key)
        return LikeRecord.model_validate(item) if item else None

    def find(self, match_id: str) -> MatchRecord | None:
        """Return a match, whosever it is."""
        item = self.table.get(keys.match(match_id))
        return MatchRecord.model_validate(item) if item else None

    def _of(self, user_id: str, match_id: str) -> MatchRecord:
        match = self.find(match_id)
        if match is None or user_id not in match.user_ids:
            raise MatchNotFound
        if hidden(self.table, user_id, [match.other(user_id)]):
            raise MatchNotFound
        return match

    def _show(self, user_id: str, matches: Sequence[MatchRecord]) -> list[Match]:
        """Return the matches as the user sees them, with the pets as they are now."""
        wanted = {pet_id for match in matches for pet_id in match.liked_pets.values()}
        cards = {pet.pet_id: pet.as_card() for pet in self.pets.find_many(wanted)}
        users = self.table.get_many(keys.user(match.other(user_id)) for match in matches)
        known = {user["user_id"]: Reliability.of(user) for user in users}
        return [match.seen_by(user_id, cards, known) for match in matches]


def _no_like() -> Condition:
    """Hold where there is no answer, or a pass: a like may take its place."""
    nothing = absent()
    return Condition(f"{nothing.expression} OR {A_PASS.expression}", nothing.values)


def _lead_to(kind: Answered, actor_id: str, target: PetRecord, **more: Any) -> Put:
    """Return the write of the entry that leads a pet's owner to the answer to it."""
    entry = {"actor_id": actor_id, "target_pet_id": target.pet_id} | more
    return Put(keys.answered_by(target.owner_id, target.pet_id, kind, actor_id) | entry)


def _mutual(user_id: str, like: LikeRecord, other_id: str, theirs: LikeRecord | None) -> MatchRecord | None:
    """Return the match that a like makes where the other side likes already."""
    if theirs is None:
        return None
    return MatchRecord(
        match_id=match_id_of(user_id, other_id),
        liked_pets={user_id: theirs.target_pet_id, other_id: like.target_pet_id},
        matched_at=like.liked_at,
    )


def _bind(user_id: str, other_id: str, like: LikeRecord, match: MatchRecord | None, seen: Feelings) -> Iterable[Write]:
    """Give the writes on what is between two users: the edge of a like and, where it is mutual, the match."""
    mine, theirs = keys.likes_user(user_id, other_id), keys.likes_user(other_id, user_id)
    if seen.active:
        yield Check(keys.match(seen.active.match_id), ACTIVE)
        return
    yield Check(mine, PRESENT) if seen.mine else Put(mine | like.item(), condition=ABSENT)
    yield Check(theirs, PRESENT if match else ABSENT)
    if match:
        yield Put(keys.match(match.match_id) | match.item(), condition=NOT_ACTIVE)
        for each in match.user_ids:
            entry = {"match_id": match.match_id, "other_user_id": match.other(each), "status": match.status}
            yield Put(keys.match_of_user(each, match.match_id) | entry)
        yield outbox.event("match_made", match_id=match.match_id, user_ids=match.user_ids)


def repository() -> MatchRepository:
    """Return the repository on this process's table."""
    return MatchRepository(table())


Matches = Annotated[MatchRepository, Depends(repository)]
