"""Requests that cross with the erasure of an account: in every order, nothing of it is left in the end."""

from collections.abc import Callable, Sequence
from functools import partial

from common.clock import clock
from common.table import Table
from tests.harness.client import Answer
from tests.harness.deletion import traces_of
from tests.harness.interleaving import every_order
from tests.harness.invariants import faults_of
from tests.harness.playdates import PASSWORD, Couple
from tests.harness.snapshot import Snapshot
from tests.harness.trials import Tally
from tests.harness.world import erase_now, sign_in

type Request = Callable[[Couple], Callable[[], Answer]]


def accept(couple: Couple) -> Callable[[], Answer]:
    appointment_id = couple.proposed(place="Behind Ann's house")
    return lambda: couple.ben.post(f"/appointments/{appointment_id}/accept")


def cancel(couple: Couple) -> Callable[[], Answer]:
    appointment_id = couple.scheduled(place="Behind Ann's house")
    return lambda: couple.ben.post(f"/appointments/{appointment_id}/cancel", {"reason": "Rain"})


def like_again(couple: Couple) -> Callable[[], Answer]:
    body = {"pet_id": couple.olive, "target_pet_id": couple.biscuit}
    return lambda: couple.ben.post("/matching/likes", body)


def propose(couple: Couple) -> Callable[[], Answer]:
    body = {"kind": "playdate", "pet_id": couple.olive, "other_pet_id": couple.biscuit, "minutes": 15}
    start = clock.now().replace(minute=0).isoformat().replace("T09", "T12")
    return lambda: couple.ben.post("/appointments", body | {"start": start})


def end_match(couple: Couple) -> Callable[[], Answer]:
    match_id = couple.ben.get("/matches").json["items"][0]["match_id"]
    return lambda: couple.ben.delete(f"/matches/{match_id}")


def block(couple: Couple) -> Callable[[], Answer]:
    return lambda: couple.ben.post("/blocks", {"user_id": couple.ann.user_id})


def pass_on(couple: Couple) -> Callable[[], Answer]:
    waffle = couple.ann.pet(name="Waffle")["pet_id"]
    return lambda: couple.ben.post("/matching/passes", {"pet_id": couple.olive, "target_pet_id": waffle})


def keep_apart(couple: Couple) -> Callable[[], Answer]:
    return lambda: couple.ben.put(f"/pets/{couple.olive}/keep-apart/{couple.biscuit}")


def report(couple: Couple) -> Callable[[], Answer]:
    return lambda: couple.ben.post("/reports", {"user_id": couple.ann.user_id, "reason": "spam"})


REQUESTS: dict[str, Request] = {
    "accept": accept,
    "cancel": cancel,
    "like again": like_again,
    "propose": propose,
    "end match": end_match,
    "block": block,
    "pass on": pass_on,
    "keep apart": keep_apart,
    "report": report,
}


def cross_with_erasure(store: Table, couple: Couple, names: Sequence[str] = tuple(REQUESTS)) -> Tally:
    """Let Ann leave, and Ben make each request while she is erased, in every order of their calls."""
    tally, start = Tally(), Snapshot(store)
    for name in names:
        start.restore()
        ben_does = REQUESTS[name](couple)
        assert couple.ann.delete("/me", {"password": PASSWORD}).status == 202
        for played in every_order(store, [lambda: erase_now(store, couple.ann.user_id), ben_does]):
            tally.tried += 1
            tally.wrong += [f"{name}, {played.order}: {fault}" for fault in left(store, couple)]
    start.restore()
    return tally


def cross_with_leaving(store: Table, couple: Couple) -> Tally:
    """Let Ann leave while another request of hers is under way, which comes to its end before the erasure does."""
    tally, start = Tally(), Snapshot(store)
    phone = sign_in(couple.ann.username)
    new_pet = {"name": "Fig", "type": "dog", "age": 3, "size": "small", "activity_level": "low"}
    leave = partial(couple.ann.delete, "/me", {"password": PASSWORD})
    for played in every_order(store, [leave, partial(phone.post, "/pets", new_pet, "once")]):
        erase_now(store, couple.ann.user_id)
        tally.tried += 1
        tally.wrong += [f"{played.order}: {fault}" for fault in left(store, couple)]
    start.restore()
    return tally


def left(store: Table, couple: Couple) -> list[str]:
    """Return what is wrong with the table, and where it still speaks of Ann."""
    return faults_of(store) + traces_of(store, [couple.ann.user_id, couple.biscuit])
