"""What may cross, and everything that may come of it: one line for each pair, or three, of requests.

The outcomes are the statuses, with the problems' codes, of the requests in their order; every one that is listed must
come up in some order of the calls, and no other in any. So of two that exclude each other one wins, always.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

from httpx import Headers

from auth.accounts import AccountRepository
from common.ids import new_id
from common.table import table
from matching.profiles import MOVES_IN_A_DAY
from operations.reports import A_DAY
from pets.discovery import MAX_PETS
from tests.harness.client import Answer, Client, Owner
from tests.harness.mail import see_to_what_is_due
from tests.harness.moments import nine_tomorrow, text, this_quarter, tomorrow
from tests.harness.neighbours import ANYBODY
from tests.harness.playdates import PASSWORD, UNION_SQUARE, Couple, brought_to, plan_care, planned
from tests.harness.world import sign_in

type Act = Callable[[], Answer]
type Outcomes = set[tuple[str, ...]]

WHY = {"reason": "It rains"}
REX = {"name": "Rex", "type": "dog", "age": 3, "size": "medium", "activity_level": "medium"}
NEW_PASSWORD = "a kennel full of violins"


@dataclass(frozen=True)
class Crossing:
    """Requests that cross; `prepare` sees to what they are about."""

    prepare: Callable[[Couple], Sequence[Act]]
    outcomes: Outcomes
    anns_sessions: int | None = None  # that she must have afterwards, where that is what it is about


def outcome(answers: Sequence[Answer]) -> tuple[str, ...]:
    """Return what came of some requests, in the words of the table below."""
    return tuple(f"{answer.status} {answer.code}".strip() for answer in answers)


def one_of(number: int, won: str, lost: str) -> Outcomes:
    """Exactly one of so many wins."""
    return {tuple(won if place == winner else lost for place in range(number)) for winner in range(number)}


def care(couple: Couple, quarter: int = 0, minutes: int = 30) -> Act:
    return lambda: plan_care(couple.ann, couple.biscuit, tomorrow(9, quarter), minutes)


def step(owner: Owner, appointment_id: str, transition: str, body: dict[str, Any] | None = None) -> Act:
    return lambda: owner.post(f"/appointments/{appointment_id}/{transition}", body)


def like(owner: Owner, pet_id: str, target_pet_id: str) -> Act:
    return lambda: owner.post("/matching/likes", {"pet_id": pet_id, "target_pet_id": target_pet_id})


def end_match(couple: Couple) -> Act:
    match_id = couple.ann.get("/matches").json["items"][0]["match_id"]
    return lambda: couple.ann.delete(f"/matches/{match_id}")


def another_pet(owner: Owner) -> str:
    return str(owner.pet(name="Waffle")["pet_id"])


def delete_pet(owner: Owner, pet_id: str) -> Act:
    return lambda: owner.delete(f"/pets/{pet_id}")


def locate(owner: Owner) -> Act:
    return lambda: owner.put("/matching/location", UNION_SQUARE | {"latitude": 40.75})


def move_at_the_limit(couple: Couple) -> Sequence[Act]:
    """Let Ann have one move left of the day, and Ann's two devices take it to different places."""
    elsewhere = [UNION_SQUARE | {"latitude": 41.0 + number} for number in range(MOVES_IN_A_DAY.places + 1)]
    for place in elsewhere[2:]:
        assert couple.ann.put("/matching/location", place).status == 200
    return [partial(couple.ann.put, "/matching/location", place) for place in elsewhere[:2]]


def refresh(device: Owner) -> Act:
    return lambda: Client().post("/auth/refresh", {"refresh_token": device.refresh_token}, key="")


def revoke(owner: Owner, device: Owner) -> Act:
    session_id = device.refresh_token.split(".")[1]
    return lambda: owner.delete(f"/auth/sessions/{session_id}")


def leave(owner: Owner) -> Act:
    return lambda: owner.delete("/me", {"password": PASSWORD})


def books(*starts_and_minutes: tuple[int, int]) -> Callable[[Couple], Sequence[Act]]:
    return lambda couple: [care(couple, quarter, minutes) for quarter, minutes in starts_and_minutes]


def moves_to(couple: Couple, owner: Owner, appointment_id: str, quarter: int = 0) -> Act:
    body = {"start": tomorrow(12, quarter), "minutes": 30}
    return lambda: owner.post(f"/appointments/{appointment_id}/reschedule", body)


def wanted_elsewhere(couple: Couple, **more: Any) -> str:
    """A playdate that was agreed, and that Ann would like to move to noon."""
    appointment_id = couple.scheduled(tomorrow(9), 30, **more)
    body = {"start": tomorrow(12), "minutes": 30} | ({"following": True} if more else {})
    assert couple.ann.post(f"/appointments/{appointment_id}/reschedule", body).status == 200
    return appointment_id


def at_noon(couple: Couple) -> Act:
    return lambda: plan_care(couple.ben, couple.olive, tomorrow(12, 15), 30)


def move_care_and_book(couple: Couple) -> Sequence[Act]:
    care_id = planned(couple.ann, couple.biscuit, tomorrow(9), 30)
    return [
        moves_to(couple, couple.ann, care_id),
        lambda: plan_care(couple.ann, couple.biscuit, tomorrow(12, 15), 30),
    ]


def accept_move_and_book(couple: Couple) -> Sequence[Act]:
    return [step(couple.ben, wanted_elsewhere(couple), "accept"), at_noon(couple)]


def accept_move_and_cancel(couple: Couple) -> Sequence[Act]:
    appointment_id = wanted_elsewhere(couple)
    return [step(couple.ben, appointment_id, "accept"), step(couple.ann, appointment_id, "cancel", WHY)]


def accept_move_and_take_back(couple: Couple) -> Sequence[Act]:
    appointment_id = wanted_elsewhere(couple)
    return [step(couple.ben, appointment_id, "accept"), step(couple.ann, appointment_id, "decline")]


def counter_and_accept(couple: Couple) -> Sequence[Act]:
    proposal = couple.proposed()
    return [moves_to(couple, couple.ben, proposal), step(couple.ben, proposal, "accept")]


def counter_and_withdraw(couple: Couple) -> Sequence[Act]:
    proposal = couple.proposed()
    return [moves_to(couple, couple.ben, proposal), step(couple.ann, proposal, "cancel")]


def begun(couple: Couple, ago: timedelta = timedelta()) -> str:
    """A playdate of an hour that began some time ago."""
    return brought_to(table(), couple.scheduled(tomorrow(9), 60), this_quarter() - ago)


def from_both(transition: str, ago: timedelta = timedelta(), **body: Any) -> Callable[[Couple], Sequence[Act]]:
    def acts(couple: Couple) -> Sequence[Act]:
        appointment_id = begun(couple, ago)
        return [step(owner, appointment_id, transition, body or None) for owner in (couple.ann, couple.ben)]

    return acts


def complete_and_check_in(couple: Couple) -> Sequence[Act]:
    appointment_id = begun(couple)
    return [step(couple.ann, appointment_id, "complete"), step(couple.ben, appointment_id, "check-in")]


def sweep() -> Answer:
    """See to what is due; as an answer, since that is what crosses."""
    see_to_what_is_due()
    return Answer(200, Headers(), "", [])


def sweeps(couple: Couple) -> Sequence[Act]:
    begun(couple, timedelta(hours=1))
    return [sweep, sweep]


def remind_and_cancel(couple: Couple) -> Sequence[Act]:
    appointment_id = brought_to(table(), couple.scheduled(), this_quarter() + timedelta(hours=1))
    return [sweep, step(couple.ann, appointment_id, "cancel", WHY)]


def repeat_and_move(couple: Couple) -> Sequence[Act]:
    return [sweep, step(couple.ben, wanted_elsewhere(couple, repeat={"weeks": 2}), "accept")]


def repeat_and_end(couple: Couple) -> Sequence[Act]:
    weekly = couple.scheduled(tomorrow(9), 30, repeat={"weeks": 2})
    return [sweep, step(couple.ann, weekly, "cancel", WHY | {"following": True})]


def repeat_and_book(couple: Couple) -> Sequence[Act]:
    couple.scheduled(tomorrow(9), 30, repeat={"weeks": 2})
    next_week = text(nine_tomorrow() + timedelta(weeks=1))
    return [sweep, lambda: plan_care(couple.ann, couple.biscuit, next_week, 15)]


def accept_twice(couple: Couple) -> Sequence[Act]:
    proposal = couple.proposed()
    return [step(couple.ben, proposal, "accept"), step(couple.ben, proposal, "accept")]


def accept_overlapping(couple: Couple) -> Sequence[Act]:
    return [step(couple.ben, couple.proposed(tomorrow(9, quarter), 30), "accept") for quarter in (0, 15)]


def accept_and_decline(couple: Couple) -> Sequence[Act]:
    proposal = couple.proposed()
    return [step(couple.ben, proposal, "accept"), step(couple.ben, proposal, "decline")]


def accept_and_cancel(couple: Couple, reason: dict[str, str] | None = None) -> Sequence[Act]:
    proposal = couple.proposed()
    return [step(couple.ben, proposal, "accept"), step(couple.ann, proposal, "cancel", reason)]


def book_and_accept(couple: Couple) -> Sequence[Act]:
    return [care(couple, 15), step(couple.ben, couple.proposed(tomorrow(9), 30), "accept")]


def book_and_cancel(couple: Couple) -> Sequence[Act]:
    return [care(couple, 15), step(couple.ben, couple.scheduled(tomorrow(9), 30), "cancel", WHY)]


def two_book_and_cancel(couple: Couple) -> Sequence[Act]:
    return [care(couple, 0), *book_and_cancel(couple)]


def cancel_twice(couple: Couple) -> Sequence[Act]:
    appointment = couple.scheduled()
    return [step(owner, appointment, "cancel", WHY) for owner in (couple.ann, couple.ben)]


def end_and_accept(couple: Couple) -> Sequence[Act]:
    return [end_match(couple), step(couple.ben, couple.proposed(), "accept")]


def end_and_propose(couple: Couple) -> Sequence[Act]:
    return [end_match(couple), couple.propose]


def end_and_like(couple: Couple) -> Sequence[Act]:
    return [end_match(couple), like(couple.ben, couple.olive, couple.biscuit)]


def end_and_like_another(couple: Couple) -> Sequence[Act]:
    return [end_match(couple), like(couple.ben, couple.olive, another_pet(couple.ann))]


def end_twice(couple: Couple) -> Sequence[Act]:
    return [end_match(couple), end_match(couple)]


def apart(couple: Couple) -> None:
    """End the match: the two are as if they had never liked each other, but for their answers."""
    assert end_match(couple)().status == 200


def likes_that_cross(couple: Couple) -> Sequence[Act]:
    apart(couple)
    return [like(couple.ann, couple.biscuit, couple.olive), like(couple.ben, couple.olive, couple.biscuit)]


def likes_of_other_pets(couple: Couple) -> Sequence[Act]:
    apart(couple)
    waffle, crumb = another_pet(couple.ann), another_pet(couple.ben)
    return [like(couple.ann, couple.biscuit, couple.olive), like(couple.ben, crumb, waffle)]


def one_like_twice(couple: Couple) -> Sequence[Act]:
    apart(couple)
    return [like(couple.ann, couple.biscuit, couple.olive)] * 2


def block(owner: Owner, other: Owner) -> Act:
    return lambda: owner.post("/blocks", {"user_id": other.user_id})


def unblock(owner: Owner, other: Owner) -> Act:
    return lambda: owner.delete(f"/blocks/{other.user_id}")


def pass_on(owner: Owner, pet_id: str, target_pet_id: str) -> Act:
    return lambda: owner.post("/matching/passes", {"pet_id": pet_id, "target_pet_id": target_pet_id})


def undo(owner: Owner, target_pet_id: str) -> Act:
    return lambda: owner.delete(f"/matching/passes/{target_pet_id}")


def keep_apart(couple: Couple, other_pet_id: str | None = None) -> Act:
    return lambda: couple.ann.put(f"/pets/{couple.biscuit}/keep-apart/{other_pet_id or couple.olive}")


def let_meet(couple: Couple) -> Act:
    return lambda: couple.ann.delete(f"/pets/{couple.biscuit}/keep-apart/{couple.olive}")


def report(owner: Owner, other: Owner) -> Act:
    return lambda: owner.post("/reports", {"user_id": other.user_id, "reason": "spam"})


def pass_and_like(couple: Couple) -> Sequence[Act]:
    apart(couple)  # so that the like leaves an edge, which needs its answer
    crumb = another_pet(couple.ben)
    return [pass_on(couple.ann, couple.biscuit, crumb), like(couple.ann, couple.biscuit, crumb)]


def pass_twice(couple: Couple) -> Sequence[Act]:
    return [pass_on(couple.ann, couple.biscuit, another_pet(couple.ben))] * 2


def passed_on(couple: Couple) -> str:
    """A pet of Ben's that Ann has passed on."""
    crumb = another_pet(couple.ben)
    assert pass_on(couple.ann, couple.biscuit, crumb)().status == 201
    return crumb


def undo_and_like(couple: Couple) -> Sequence[Act]:
    apart(couple)
    crumb = passed_on(couple)
    return [undo(couple.ann, crumb), like(couple.ann, couple.biscuit, crumb)]


def undo_twice(couple: Couple) -> Sequence[Act]:
    return [undo(couple.ann, passed_on(couple))] * 2


def undo_and_pass(couple: Couple) -> Sequence[Act]:
    crumb = passed_on(couple)
    return [undo(couple.ann, crumb), pass_on(couple.ann, couple.biscuit, crumb)]


def pass_and_delete(couple: Couple) -> Sequence[Act]:
    crumb = another_pet(couple.ben)
    return [pass_on(couple.ann, couple.biscuit, crumb), delete_pet(couple.ben, crumb)]


def watch(owner: Owner, pet_id: str) -> Act:
    return lambda: owner.post("/matching/watch", {"pet_id": pet_id})


def end_watch(owner: Owner, pet_id: str) -> Act:
    return lambda: owner.delete("/matching/watch", pet_id=pet_id)


def watched_for(couple: Couple) -> str:
    """A pet of Ann's that she watches for."""
    pet_id = another_pet(couple.ann)
    assert watch(couple.ann, pet_id)().status == 201
    return pet_id


def watch_and_move(couple: Couple) -> Sequence[Act]:
    return [watch(couple.ann, couple.biscuit), locate(couple.ann)]


def watch_and_delete(couple: Couple) -> Sequence[Act]:
    pet_id = another_pet(couple.ann)
    return [watch(couple.ann, pet_id), delete_pet(couple.ann, pet_id)]


def watch_and_end_watch(couple: Couple) -> Sequence[Act]:
    pet_id = watched_for(couple)
    return [watch(couple.ann, pet_id), end_watch(couple.ann, pet_id)]


def end_watch_and_move(couple: Couple) -> Sequence[Act]:
    return [end_watch(couple.ann, watched_for(couple)), locate(couple.ann)]


def block_and_pass(couple: Couple) -> Sequence[Act]:
    return [block(couple.ben, couple.ann), pass_on(couple.ann, couple.biscuit, another_pet(couple.ben))]


def block_and_like(couple: Couple) -> Sequence[Act]:
    apart(couple)
    return [block(couple.ann, couple.ben), like(couple.ben, couple.olive, couple.biscuit)]


def block_and_like_back(couple: Couple) -> Sequence[Act]:
    apart(couple)
    assert like(couple.ann, couple.biscuit, couple.olive)().status == 201
    return [block(couple.ann, couple.ben), like(couple.ben, couple.olive, couple.biscuit)]


def block_and_like_another(couple: Couple) -> Sequence[Act]:
    return [block(couple.ann, couple.ben), like(couple.ben, couple.olive, another_pet(couple.ann))]


def block_each_other(couple: Couple) -> Sequence[Act]:
    return [block(couple.ann, couple.ben), block(couple.ben, couple.ann)]


def block_twice(couple: Couple) -> Sequence[Act]:
    return [block(couple.ann, couple.ben)] * 2


def block_and_accept(couple: Couple) -> Sequence[Act]:
    return [block(couple.ann, couple.ben), step(couple.ben, couple.proposed(), "accept")]


def block_and_propose(couple: Couple) -> Sequence[Act]:
    return [block(couple.ben, couple.ann), couple.propose]


def block_and_end(couple: Couple) -> Sequence[Act]:
    return [block(couple.ben, couple.ann), end_match(couple)]


def blocked(couple: Couple) -> None:
    """Let Ann block Ben."""
    assert block(couple.ann, couple.ben)().status == 201


def unblock_and_like(couple: Couple) -> Sequence[Act]:
    blocked(couple)
    return [unblock(couple.ann, couple.ben), like(couple.ben, couple.olive, couple.biscuit)]


def unblock_and_block(couple: Couple) -> Sequence[Act]:
    blocked(couple)
    return [unblock(couple.ann, couple.ben), block(couple.ann, couple.ben)]


def unblock_twice(couple: Couple) -> Sequence[Act]:
    blocked(couple)
    return [unblock(couple.ann, couple.ben)] * 2


def keep_apart_and_propose(couple: Couple) -> Sequence[Act]:
    return [keep_apart(couple), couple.propose]


def keep_apart_and_accept(couple: Couple) -> Sequence[Act]:
    return [keep_apart(couple), step(couple.ben, couple.proposed(), "accept")]


def keep_apart_and_like(couple: Couple) -> Sequence[Act]:
    apart(couple)
    return [keep_apart(couple), like(couple.ben, couple.olive, couple.biscuit)]


def keep_apart_and_delete(couple: Couple) -> Sequence[Act]:
    waffle = another_pet(couple.ben)
    return [keep_apart(couple, waffle), delete_pet(couple.ben, waffle)]


def keep_apart_from_both_sides(couple: Couple) -> Sequence[Act]:
    theirs = f"/pets/{couple.olive}/keep-apart/{couple.biscuit}"
    return [keep_apart(couple), lambda: couple.ben.put(theirs)]


def keep_apart_twice(couple: Couple) -> Sequence[Act]:
    return [keep_apart(couple)] * 2


def kept_apart(couple: Couple) -> None:
    """Let Ann keep the two apart."""
    assert keep_apart(couple)().status == 200


def let_meet_and_delete(couple: Couple) -> Sequence[Act]:
    waffle = another_pet(couple.ben)
    assert keep_apart(couple, waffle)().status == 200
    lift = f"/pets/{couple.biscuit}/keep-apart/{waffle}"
    return [lambda: couple.ann.delete(lift), delete_pet(couple.ben, waffle)]


def let_meet_and_keep_apart(couple: Couple) -> Sequence[Act]:
    kept_apart(couple)
    return [let_meet(couple), keep_apart(couple)]


def let_meet_and_propose(couple: Couple) -> Sequence[Act]:
    kept_apart(couple)
    return [let_meet(couple), couple.propose]


def let_meet_twice(couple: Couple) -> Sequence[Act]:
    kept_apart(couple)
    return [let_meet(couple)] * 2


def report_twice(couple: Couple) -> Sequence[Act]:
    return [report(couple.ann, couple.ben)] * 2


def report_at_the_limit(couple: Couple) -> Sequence[Act]:
    for _ in range(A_DAY.places - 1):
        assert report(couple.ann, couple.ben)().status == 201
    return report_twice(couple)


def report_and_leave(couple: Couple) -> Sequence[Act]:
    return [report(couple.ben, couple.ann), leave(couple.ann)]


def block_and_leave(couple: Couple) -> Sequence[Act]:
    return [block(couple.ben, couple.ann), leave(couple.ann)]


def delete_and_accept(couple: Couple) -> Sequence[Act]:
    waffle = another_pet(couple.ann)
    return [delete_pet(couple.ann, waffle), step(couple.ben, couple.proposed(pet_id=waffle), "accept")]


def delete_and_book(couple: Couple) -> Sequence[Act]:
    waffle = another_pet(couple.ann)
    return [delete_pet(couple.ann, waffle), lambda: plan_care(couple.ann, waffle)]


def delete_and_propose(couple: Couple) -> Sequence[Act]:
    waffle = another_pet(couple.ben)
    return [delete_pet(couple.ben, waffle), lambda: couple.propose(other_pet_id=waffle)]


def delete_and_like(couple: Couple) -> Sequence[Act]:
    waffle = another_pet(couple.ben)
    return [delete_pet(couple.ben, waffle), like(couple.ann, couple.biscuit, waffle)]


def delete_twice(couple: Couple) -> Sequence[Act]:
    return [delete_pet(couple.ann, another_pet(couple.ann))] * 2


def move_and_change_pet(couple: Couple) -> Sequence[Act]:
    return [locate(couple.ann), lambda: couple.ann.patch(f"/pets/{couple.biscuit}", {"size": "large"})]


def move_and_make_pet(couple: Couple) -> Sequence[Act]:
    return [locate(couple.ann), lambda: couple.ann.post("/pets", REX)]


def book_and_change_pet(couple: Couple) -> Sequence[Act]:
    return [care(couple), lambda: couple.ann.patch(f"/pets/{couple.biscuit}", {"size": "large"})]


def refresh_and_revoke(couple: Couple) -> Sequence[Act]:
    device = sign_in(couple.ann.username)
    return [refresh(device), revoke(couple.ann, device)]


def refresh_and_log_out(couple: Couple) -> Sequence[Act]:
    device = sign_in(couple.ann.username)
    return [refresh(device), lambda: device.post("/auth/logout", key="")]


def refresh_twice(couple: Couple) -> Sequence[Act]:
    return [refresh(sign_in(couple.ann.username))] * 2


def register(username: str, address: str) -> Act:
    body = {"username": username, "email": f"{address}@example.com", "password": PASSWORD}
    return lambda: Client().post("/auth/register", body, key="")


def prove(username: str) -> Act:
    accounts = AccountRepository(table())
    user = accounts.find(username)
    assert user
    token = accounts.issue_verification_token(user)
    return lambda: Client().post("/auth/verify-email", {"token": token}, key="")


def register_one_name(_couple: Couple) -> Sequence[Act]:
    return [register("carla", "carla"), register("carla", "other")]


def prove_one_address(_couple: Couple) -> Sequence[Act]:
    for username in ("carla", "other"):
        assert register(username, "carla")().status == 202
    return [prove("carla"), prove("other")]


def prove_twice(_couple: Couple) -> Sequence[Act]:
    assert register("carla", "carla")().status == 202
    return [prove("carla"), prove("carla")]


def move_to(owner: Owner, email: str) -> Act:
    accounts = AccountRepository(table())
    user = accounts.get(owner.user_id)
    assert user
    accounts.request_email(user, email, None)
    token = accounts.issue_change_token(user, email)
    return lambda: Client().post("/auth/verify-email", {"token": token}, key="")


def prove_and_move(couple: Couple) -> Sequence[Act]:
    assert register("carla", "carla")().status == 202
    return [prove("carla"), move_to(couple.ann, "carla@example.com")]


def log_in(owner: Owner) -> Act:
    login = {"username": owner.username, "password": PASSWORD, "delivery": "body"}
    return lambda: Client().post("/auth/login", login, key="")


def change_password(device: Owner, password: str = NEW_PASSWORD) -> Act:
    return lambda: device.put("/auth/password", {"current_password": PASSWORD, "new_password": password})


def reset_password(owner: Owner) -> Act:
    accounts = AccountRepository(table())
    user = accounts.get(owner.user_id)
    assert user
    reset = {"token": accounts.issue_reset_token(user), "new_password": NEW_PASSWORD}
    return lambda: Client().post("/auth/password/reset", reset, key="")


def log_in_and_change_password(couple: Couple) -> Sequence[Act]:
    return [log_in(couple.ann), change_password(couple.ann)]


def refresh_and_change_password(couple: Couple) -> Sequence[Act]:
    return [refresh(sign_in(couple.ann.username)), change_password(couple.ann)]


def move_and_change_password(couple: Couple) -> Sequence[Act]:
    return [move_to(couple.ann, "carla@example.com"), change_password(couple.ann)]


def move_and_reset(couple: Couple) -> Sequence[Act]:
    return [move_to(couple.ann, "carla@example.com"), reset_password(couple.ann)]


def reset_twice(couple: Couple) -> Sequence[Act]:
    return [reset_password(couple.ann)] * 2


def reset_and_log_in(couple: Couple) -> Sequence[Act]:
    return [reset_password(couple.ann), log_in(couple.ann)]


def change_password_twice(couple: Couple) -> Sequence[Act]:
    return [change_password(couple.ann), change_password(sign_in(couple.ann.username), "a choir of porcelain owls")]


def wish_and_be_free(couple: Couple) -> Sequence[Act]:
    return [
        lambda: couple.ann.put("/matching/criteria", ANYBODY | {"radius_km": 7}),
        lambda: couple.ann.put("/matching/availability", {"time_zone": "Europe/Berlin", "windows": [], "away": []}),
    ]


def two_pets_and_room_for_one(couple: Couple) -> Sequence[Act]:
    for _ in range(MAX_PETS - 2):
        another_pet(couple.ann)
    return [lambda: couple.ann.post("/pets", REX)] * 2


def one_key_twice(couple: Couple) -> Sequence[Act]:
    key = new_id()
    return [lambda: couple.propose(key=key)] * 2


def log_in_and_leave(couple: Couple) -> Sequence[Act]:
    return [log_in(couple.ann), leave(couple.ann)]


def refresh_and_leave(couple: Couple) -> Sequence[Act]:
    return [refresh(sign_in(couple.ann.username)), leave(couple.ann)]


def open_feed(owner: Owner, key: str | None = None) -> Act:
    return lambda: owner.post("/calendar-feed", key=key)


def open_feed_twice(couple: Couple) -> Sequence[Act]:
    return [open_feed(couple.ann)] * 2


def open_feed_by_one_key(couple: Couple) -> Sequence[Act]:
    return [open_feed(couple.ann, new_id())] * 2


def open_and_close_feed(couple: Couple) -> Sequence[Act]:
    assert open_feed(couple.ann)().status == 201
    return [open_feed(couple.ann), lambda: couple.ann.delete("/calendar-feed")]


def open_feed_and_leave(couple: Couple) -> Sequence[Act]:
    return [open_feed(couple.ann), leave(couple.ann)]


def open_feed_and_be_revoked(couple: Couple) -> Sequence[Act]:
    device = sign_in(couple.ann.username)
    return [open_feed(device), revoke(couple.ann, device)]


def leave_twice(couple: Couple) -> Sequence[Act]:
    return [leave(couple.ann), leave(sign_in(couple.ann.username))]


ABSENT_PET = "404 pet_not_found"
REFUSED = "409 transition_not_allowed"
MOVED_OR_BOOKED: Outcomes = {("200", "409 slot_taken"), ("409 slot_taken", "201")}
TAKEN = "409 slot_taken"
PASSED = "409 transition_not_allowed"

CROSSINGS: dict[str, Crossing] = {
    "book/book": Crossing(books((0, 30), (15, 30)), one_of(2, "201", TAKEN)),
    "book/book/book": Crossing(books((0, 30), (15, 30), (0, 45)), one_of(3, "201", TAKEN)),
    "book/book/book, two of which fit": Crossing(
        books((0, 30), (15, 30), (30, 30)), {("201", TAKEN, "201"), (TAKEN, "201", TAKEN)}
    ),
    "book/accept": Crossing(book_and_accept, {("201", TAKEN), (TAKEN, "200")}),
    "book/cancel": Crossing(book_and_cancel, {("201", "200"), (TAKEN, "200")}),
    "book/book/cancel": Crossing(
        two_book_and_cancel, {("201", TAKEN, "200"), (TAKEN, "201", "200"), (TAKEN, TAKEN, "200")}
    ),
    "accept/accept": Crossing(accept_twice, one_of(2, "200", PASSED)),
    "accept/accept of overlapping times": Crossing(accept_overlapping, one_of(2, "200", TAKEN)),
    "accept/decline": Crossing(accept_and_decline, one_of(2, "200", PASSED)),
    "accept/cancel": Crossing(partial(accept_and_cancel, reason=WHY), {("200", "200"), (PASSED, "200")}),
    "accept/cancel without a word": Crossing(accept_and_cancel, {(PASSED, "200"), ("200", "422 invalid")}),
    "cancel/cancel": Crossing(cancel_twice, one_of(2, "200", PASSED)),
    "end of match/accept": Crossing(end_and_accept, {("200", "200"), ("200", "409 not_matched")}),
    "end of match/propose": Crossing(end_and_propose, {("200", "201"), ("200", "404 pet_not_found")}),
    "end of match/like": Crossing(end_and_like, {("200", "201")}),
    "end of match/like of another pet": Crossing(end_and_like_another, {("200", "201")}),
    "end of match/end of match": Crossing(end_twice, {("200", "200")}),
    "like/like": Crossing(likes_that_cross, {("201", "201")}),
    "like/like of other pets": Crossing(likes_of_other_pets, {("201", "201")}),
    "one like twice": Crossing(one_like_twice, {("201", "201")}),
    "pass/like": Crossing(pass_and_like, {("201", "201"), ("409 already_liked", "201")}),
    "pass/pass": Crossing(pass_twice, {("201", "201")}),
    "pass/pet deletion": Crossing(pass_and_delete, {("201", "204"), (ABSENT_PET, "204")}),
    "undo of pass/like": Crossing(undo_and_like, {("204", "201"), ("404 pass_not_found", "201")}),
    "undo of pass/pass": Crossing(undo_and_pass, {("204", "201")}),
    "undo of pass/undo of pass": Crossing(undo_twice, one_of(2, "204", "404 pass_not_found")),
    "watch/move": Crossing(watch_and_move, {("201", "200")}),
    "watch/pet deletion": Crossing(watch_and_delete, {("201", "204"), (ABSENT_PET, "204")}),
    "watch/end of watch": Crossing(watch_and_end_watch, {("201", "204")}),
    "end of watch/move": Crossing(end_watch_and_move, {("204", "200")}),
    "block/pass": Crossing(block_and_pass, {("201", "201"), ("201", ABSENT_PET)}),
    "block/like": Crossing(block_and_like, {("201", "201"), ("201", ABSENT_PET)}),
    "block/like that makes a match": Crossing(block_and_like_back, {("201", "201"), ("201", ABSENT_PET)}),
    "block/like of another pet": Crossing(block_and_like_another, {("201", "201"), ("201", ABSENT_PET)}),
    "block/block": Crossing(block_each_other, {("201", "201")}),
    "one block twice": Crossing(block_twice, {("201", "201")}),
    "block/accept": Crossing(block_and_accept, {("201", "200"), ("201", "409 not_matched")}),
    "block/propose": Crossing(block_and_propose, {("201", "201"), ("201", ABSENT_PET)}),
    "block/end of match": Crossing(block_and_end, {("201", "200"), ("201", "404 match_not_found")}),
    "unblock/like": Crossing(unblock_and_like, {("204", "201"), ("204", ABSENT_PET)}),
    "unblock/block": Crossing(unblock_and_block, {("204", "201")}),
    "unblock/unblock": Crossing(unblock_twice, one_of(2, "204", "404 block_not_found")),
    "keep-apart/propose": Crossing(keep_apart_and_propose, {("200", "201"), ("200", "409 kept_apart")}),
    "keep-apart/accept": Crossing(keep_apart_and_accept, {("200", "200"), ("200", "409 kept_apart")}),
    "keep-apart/like": Crossing(keep_apart_and_like, {("200", "201"), ("200", ABSENT_PET)}),
    "keep-apart/pet deletion": Crossing(keep_apart_and_delete, {("200", "204"), (ABSENT_PET, "204")}),
    "keep-apart/keep-apart": Crossing(keep_apart_from_both_sides, {("200", "200")}),
    "one keep-apart twice": Crossing(keep_apart_twice, {("200", "200")}),
    "end of keep-apart/pet deletion": Crossing(let_meet_and_delete, {("204", "204"), ("404 not_kept_apart", "204")}),
    "end of keep-apart/keep-apart": Crossing(let_meet_and_keep_apart, {("204", "200")}),
    "end of keep-apart/propose": Crossing(let_meet_and_propose, {("204", "201"), ("204", "409 kept_apart")}),
    "end of keep-apart/end of keep-apart": Crossing(let_meet_twice, one_of(2, "204", "404 not_kept_apart")),
    "report/report": Crossing(report_twice, {("201", "201")}),
    "report/report at the limit": Crossing(report_at_the_limit, one_of(2, "201", "429 too_many_reports")),
    "report/end of account": Crossing(report_and_leave, {("201", "202"), ("404 user_not_found", "202")}),
    "block/end of account": Crossing(block_and_leave, {("201", "202"), ("404 user_not_found", "202")}),
    "move of care/book": Crossing(move_care_and_book, MOVED_OR_BOOKED),
    "accept move/book": Crossing(accept_move_and_book, MOVED_OR_BOOKED),
    "accept move/cancel": Crossing(accept_move_and_cancel, {("200", "200"), (REFUSED, "200")}),
    "accept move/take back": Crossing(accept_move_and_take_back, one_of(2, "200", REFUSED)),
    "counter/accept": Crossing(counter_and_accept, {("200", "200"), ("200", REFUSED)}),
    "counter/withdraw": Crossing(counter_and_withdraw, {("200", REFUSED), (REFUSED, "200")}),
    "check-in/check-in": Crossing(from_both("check-in"), {("200", "200")}),
    "complete/complete": Crossing(from_both("complete"), one_of(2, "200", REFUSED)),
    "complete/check-in": Crossing(complete_and_check_in, {("200", "200"), ("200", REFUSED)}),
    "feedback/feedback": Crossing(from_both("feedback", timedelta(hours=1), again=True), {("200", "200")}),
    "sweep/sweep": Crossing(sweeps, {("200", "200")}),
    "reminder/cancel": Crossing(remind_and_cancel, {("200", "200")}),
    "repeat/move of all": Crossing(repeat_and_move, {("200", "200")}),
    "repeat/end of all": Crossing(repeat_and_end, {("200", "200")}),
    "repeat/book": Crossing(repeat_and_book, {("200", "201"), ("200", "409 slot_taken")}),
    "pet deletion/accept": Crossing(delete_and_accept, {("204", "409 pet_gone"), ("409 pet_has_appointments", "200")}),
    "pet deletion/book": Crossing(
        delete_and_book, {("204", "404 pet_not_found"), ("204", "409 pet_gone"), ("409 pet_has_appointments", "201")}
    ),
    "pet deletion/propose": Crossing(delete_and_propose, {("204", "201"), ("204", "404 pet_not_found")}),
    "pet deletion/like": Crossing(delete_and_like, {("204", "201"), ("204", "404 pet_not_found")}),
    "pet deletion/pet deletion": Crossing(delete_twice, one_of(2, "204", "404 pet_not_found")),
    "location/pet change": Crossing(move_and_change_pet, {("200", "200")}),
    "location/new pet": Crossing(move_and_make_pet, {("200", "201")}),
    "move/move at the limit": Crossing(move_at_the_limit, one_of(2, "200", "429 too_many_moves")),
    "book/pet change": Crossing(book_and_change_pet, {("201", "200")}),
    "refresh/revoke": Crossing(refresh_and_revoke, {("200", "204"), ("401 session_ended", "204")}),
    "refresh/log-out": Crossing(refresh_and_log_out, {("200", "204"), ("401 session_ended", "204")}),
    "refresh/refresh": Crossing(refresh_twice, {("200", "200")}),
    "register/register": Crossing(register_one_name, one_of(2, "202", "409 username_taken")),
    "proof/proof of one address": Crossing(prove_one_address, one_of(2, "204", "400 token_invalid")),
    "proof/proof by one account": Crossing(prove_twice, {("204", "204")}),
    "proof/change to one address": Crossing(prove_and_move, one_of(2, "204", "400 token_invalid")),
    "log-in/password change": Crossing(
        log_in_and_change_password, {("200", "204"), ("401 wrong_credentials", "204")}, anns_sessions=1
    ),
    "refresh/password change": Crossing(
        refresh_and_change_password, {("200", "204"), ("401 session_ended", "204")}, anns_sessions=1
    ),
    "change of address/password change": Crossing(
        move_and_change_password, {("204", "204"), ("400 token_invalid", "204")}
    ),
    "change of address/reset": Crossing(move_and_reset, one_of(2, "204", "400 token_invalid")),
    "reset/reset": Crossing(
        reset_twice, one_of(2, "204", "409 link_used") | one_of(2, "204", "400 token_invalid"), anns_sessions=0
    ),
    "reset/log-in": Crossing(reset_and_log_in, {("204", "200"), ("204", "401 wrong_credentials")}, anns_sessions=0),
    "password change/password change": Crossing(
        change_password_twice,
        one_of(2, "204", "401 unauthenticated") | one_of(2, "204", "422 wrong_password"),
        anns_sessions=1,
    ),
    "criteria/availability": Crossing(wish_and_be_free, {("200", "200")}),
    "new pet/new pet at the limit": Crossing(two_pets_and_room_for_one, one_of(2, "201", "409 too_many_pets")),
    "log-in/end of account": Crossing(
        log_in_and_leave, {("200", "202"), ("401 wrong_credentials", "202")}, anns_sessions=0
    ),
    "refresh/end of account": Crossing(
        refresh_and_leave, {("200", "202"), ("401 session_ended", "202")}, anns_sessions=0
    ),
    "end of account/end of account": Crossing(
        leave_twice,
        one_of(2, "202", "401 unauthenticated") | one_of(2, "202", "401 account_closed"),
        anns_sessions=0,
    ),
    "feed/feed": Crossing(open_feed_twice, {("201", "201")}),
    "one feed twice": Crossing(open_feed_by_one_key, {("201", "201")}),
    "feed/end of feed": Crossing(open_and_close_feed, {("201", "204")}),
    "feed/end of session": Crossing(open_feed_and_be_revoked, {("201", "204"), ("401 unauthenticated", "204")}),
    "feed/end of account": Crossing(
        open_feed_and_leave, {("201", "202"), ("401 account_closed", "202"), ("401 unauthenticated", "202")}
    ),
    "one key twice": Crossing(one_key_twice, {("201", "201")}),
}

PROMISED: dict[str, tuple[str, ...]] = {
    "book/book": ("book/book", "book/book/book"),
    "book/cancel": ("book/cancel", "book/book/cancel"),
    "accept/cancel": ("accept/cancel", "accept/cancel without a word"),
    "reschedule/book": ("move of care/book", "accept move/book", "repeat/book"),
    "accept/accept": ("accept/accept", "accept/accept of overlapping times"),
}
"""What is to cross in any case, and the crossings that show it: of two clients, of three for booking."""

CROSSED_IN: dict[str, str] = {
    "POST /auth/register": "register/register",
    "POST /auth/verify-email": "proof/proof of one address",
    "POST /auth/login": "log-in/password change",
    "POST /auth/refresh": "refresh/refresh",
    "POST /auth/logout": "refresh/log-out",
    "DELETE /auth/sessions/{session_id}": "refresh/revoke",
    "POST /auth/password/reset": "reset/reset",
    "PUT /auth/password": "log-in/password change",
    "DELETE /me": "log-in/end of account",
    "POST /pets": "new pet/new pet at the limit",
    "PATCH /pets/{pet_id}": "location/pet change",
    "DELETE /pets/{pet_id}": "pet deletion/accept",
    "PUT /matching/location": "move/move at the limit",
    "PUT /matching/criteria": "criteria/availability",
    "PUT /matching/availability": "criteria/availability",
    "POST /matching/likes": "like/like",
    "DELETE /matches/{match_id}": "end of match/like",
    "POST /matching/passes": "pass/like",
    "DELETE /matching/passes/{target_pet_id}": "undo of pass/like",
    "POST /matching/watch": "watch/move",
    "DELETE /matching/watch": "watch/end of watch",
    "POST /blocks": "block/like that makes a match",
    "DELETE /blocks/{user_id}": "unblock/like",
    "PUT /pets/{pet_id}/keep-apart/{other_pet_id}": "keep-apart/propose",
    "DELETE /pets/{pet_id}/keep-apart/{other_pet_id}": "end of keep-apart/propose",
    "POST /reports": "report/report at the limit",
    "POST /appointments": "book/book",
    "POST /calendar-feed": "feed/end of account",
    "DELETE /calendar-feed": "feed/end of feed",
    "POST /appointments/{appointment_id}/accept": "accept/accept",
    "POST /appointments/{appointment_id}/decline": "accept/decline",
    "POST /appointments/{appointment_id}/reschedule": "move of care/book",
    "POST /appointments/{appointment_id}/check-in": "check-in/check-in",
    "POST /appointments/{appointment_id}/complete": "complete/complete",
    "POST /appointments/{appointment_id}/feedback": "feedback/feedback",
    "POST /appointments/{appointment_id}/cancel": "book/cancel",
}
"""For every write of the template the crossing that is most about it; `cross` sees to it that this is so."""

ALONE: dict[str, str] = {
    "POST /auth/resend-verification": "only counts a mail and tells of it: there is nothing that another could take",
    "POST /auth/password/forgot": "only counts a mail and tells of it: there is nothing that another could take",
    "PUT /me/email": "the later of two wishes holds, and what becomes of it crosses as proof/change to one address",
    "PATCH /me": "one update of members that nothing is derived from: the later one holds",
    "POST /me/picture": "hands out a number: which of two pictures wins is held in tests/integration/test_pictures.py",
    "DELETE /me/picture": "takes a number: that no earlier picture comes back is held there as well",
    "DELETE /auth/sessions": "ends what it finds, as a password change does, and nothing depends on which these are",
}
"""The writes that need no crossing of their own, and why. All of them are crossed with themselves."""
