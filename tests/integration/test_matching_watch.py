"""Tell me when one appears: a watch for one of my pets, one mail, and then it is over."""

from datetime import timedelta
from typing import Any

import pytest

from common import keys
from common.clock import clock
from common.table import Rows, Table
from matching.watches import WATCH_KEPT
from tests.conftest import OwnerFactory
from tests.harness.client import Answer, Client, Owner
from tests.harness.mail import (
    FED,
    consume,
    deliver_what_is_new,
    fan_out_events,
    mails_to,
    messages_in,
    outbox,
    stream_records,
)
from tests.harness.moments import Now
from tests.harness.neighbours import (
    UNION_SQUARE,
    block,
    candidates,
    keep_apart,
    like,
    look_for,
    move,
    pass_on,
    settle_down,
)
from tests.harness.world import erase_now

ABSENT = "a" * 26
KM_NORTH = 1 / 111.195


def watch(owner: Owner, pet_id: str, key: str | None = None) -> Answer:
    return owner.post("/matching/watch", {"pet_id": pet_id}, key=key)


def told(store: Table, owner: Owner) -> list[str]:
    """The subjects of the mails about company that an owner has by now; what is on its way arrives first, once."""
    deliver_what_is_new(store)
    return [mail.subject for mail in mails_to(owner.email) if mail.subject.startswith("Company")]


def fits(owner: Owner, pet_id: str) -> list[str]:
    """The names of the pets that fit what an owner asks for."""
    return [item["pet"]["name"] for item in candidates(owner, pet_id)]


def test_a_watch_says_how_long_it_is_kept(owner: OwnerFactory) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)

    now = Now()
    answer = watch(ann, biscuit)

    assert (answer.status, answer.json["pet_id"], answer.json["since"]) == (201, biscuit, now)
    assert ann.get("/matching/watch").json == {"items": [answer.json], "next_cursor": None}


def test_who_watches_is_told_once_when_somebody_appears(owner: OwnerFactory, store: Table) -> None:
    ann, ben, cleo = owner("ann"), owner("ben"), owner("cleo")
    biscuit = settle_down(ann, name="Biscuit")
    watch(ann, biscuit)
    before = told(store, ann)

    settle_down(ben)
    first = told(store, ann)
    settle_down(cleo)
    second = told(store, ann)

    assert (before, first, second) == ([], ["Company for Biscuit has appeared"], ["Company for Biscuit has appeared"])
    assert ann.get("/matching/watch").json["items"] == []
    [mail] = [mail for mail in mails_to(ann.email) if mail.subject.startswith("Company")]
    assert f"/discover?pet={biscuit}" in mail.text


@pytest.mark.parametrize(
    ("how", "wishes"),
    [
        ("moves", {"radius_km": 5}),
        ("changes its mind", {"radius_km": 10}),
        ("gets another pet", {"radius_km": 5, "size_preference": "small"}),
        ("changes the pet", {"radius_km": 5, "size_preference": "small"}),
    ],
)
def test_a_pet_appears_by_whatever_makes_it_suit(
    owner: OwnerFactory, store: Table, how: str, wishes: dict[str, Any]
) -> None:
    ann, ben = owner("ann"), owner("ben")
    away = 8 if wishes["radius_km"] == 10 or how == "moves" else 2
    biscuit, olive = settle_down(ann), settle_down(ben, latitude=UNION_SQUARE[0] + away * KM_NORTH, size="large")
    look_for(ann, **wishes)
    watch(ann, biscuit)
    before = told(store, ann)

    match how:
        case "moves":
            move(ben, *UNION_SQUARE)
        case "changes its mind":
            look_for(ben, radius_km=10)
        case "gets another pet":
            ben.pet(size="small")
        case _:
            ben.patch(f"/pets/{olive}", {"size": "small"})

    assert (before, len(told(store, ann))) == ([], 1)


def test_who_does_not_suit_is_no_news(owner: OwnerFactory, store: Table) -> None:
    ann, ben, cleo, dan = owner("ann"), owner("ben"), owner("cleo"), owner("dan")
    biscuit = settle_down(ann)
    look_for(ann, preferred_type="dog")
    watch(ann, biscuit)

    settle_down(ben, type="cat")
    settle_down(cleo, latitude=UNION_SQUARE[0] + 8 * KM_NORTH)
    look_for(dan, size_preference="large")
    settle_down(dan)
    ann.pet(name="Sister")

    assert told(store, ann) == []
    assert len(ann.get("/matching/watch").json["items"]) == 1


def test_who_was_there_before_is_no_news(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    watch(ann, biscuit)

    ben.patch(f"/pets/{olive}", {"name": "Olivia"})

    assert told(store, ann) == []


@pytest.mark.parametrize("why", ["blocked", "blocks", "apart", "passed"])
def test_who_is_not_shown_is_no_news(owner: OwnerFactory, store: Table, why: str) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann), settle_down(ben)
    if why == "passed":
        pass_on(ann, biscuit, olive)
    elif why == "apart":
        keep_apart(ann, biscuit, olive)
    else:
        block(*((ann, ben) if why == "blocks" else (ben, ann)))
    watch(ann, biscuit)

    ben.patch(f"/pets/{olive}", {"name": "Olivia"})

    assert told(store, ann) == []


def test_a_watch_moves_along_with_its_owner(owner: OwnerFactory, store: Table) -> None:
    ann, ben, cleo = owner("ann"), owner("ben"), owner("cleo")
    biscuit = settle_down(ann)
    watch(ann, biscuit)
    move(ann, 52.52, 13.4)

    settle_down(ben)
    left_behind = told(store, ann)
    settle_down(cleo, 52.52, 13.4)

    assert (left_behind, len(told(store, ann))) == ([], 1)


def test_who_came_while_the_watch_was_being_set_is_told_of(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    watch(ann, biscuit)
    events = stream_records(store)
    settle_down(ben)
    fan_out_events([event for event in stream_records(store) if event not in events])
    for queue in ("DensityQueue", "WatchesQueue"):
        messages_in(queue)

    fan_out_events(events)
    [source] = [source for source in FED if source.queue == "WatchesQueue"]
    consume(source, messages_in("WatchesQueue"))

    assert ann.get("/matching/watch").json["items"] == []


def test_who_has_been_where_a_watch_moves_to_is_told_of(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann, 52.52, 13.4)
    settle_down(ben)
    watch(ann, biscuit)
    before = told(store, ann)

    move(ann, *UNION_SQUARE)

    assert (before, len(told(store, ann))) == ([], 1)


def test_who_fits_since_the_owner_asks_for_less_is_told_of(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    settle_down(ben, size="large")
    look_for(ann, size_preference="small")
    watch(ann, biscuit)
    before = told(store, ann)

    look_for(ann)

    assert (before, len(told(store, ann))) == ([], 1)


def test_who_likes_ones_pet_after_a_wider_search_is_told_of(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit, olive = settle_down(ann, size="small"), settle_down(ben, name="Olive")
    look_for(ben, size_preference="large")
    watch(ann, biscuit)
    before = told(store, ann), fits(ann, biscuit)

    like(ben, olive, biscuit)

    assert before == ([], [])
    assert (len(told(store, ann)), fits(ann, biscuit)) == (1, ["Olive"])


def test_messages_that_come_twice_tell_once(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    watch(ann, settle_down(ann))
    settle_down(ben)
    fan_out_events(stream_records(store))
    messages = messages_in("WatchesQueue")
    [source] = [source for source in FED if source.queue == "WatchesQueue"]

    reported = [consume(source, messages) for _ in range(2)]

    assert reported == [{"batchItemFailures": []}] * 2
    assert len(told(store, ann)) == 1
    assert [event["kind"]["S"] for event in outbox(store)].count("watch_met") == 1


def test_a_watch_that_the_index_shows_twice_while_it_moves_is_told_once(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann, ben = owner("ann"), owner("ben")
    watch(ann, settle_down(ann))
    query = Table.query

    def twice(table: Table, partition: str, **members: Any) -> Rows:
        rows = query(table, partition, **members)
        return Rows(rows.items * 2, rows.last_key) if "index" in members else rows

    monkeypatch.setattr(Table, "query", twice)
    settle_down(ben)

    assert len(told(store, ann)) == 1


def test_a_watch_that_is_ended_tells_nothing(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    watch(ann, biscuit)

    ended = ann.delete("/matching/watch", pet_id=biscuit)
    again = ann.delete("/matching/watch", pet_id=biscuit)
    settle_down(ben)

    assert (ended.status, again.status, again.code) == (204, 404, "watch_not_found")
    assert told(store, ann) == []


def test_a_watch_ends_with_its_time(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    watch(ann, settle_down(ann))

    clock.advance(WATCH_KEPT + timedelta(seconds=1))
    settle_down(owner("ben"))

    assert told(store, ann) == []


def test_a_watch_ends_with_its_pet(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    watch(ann, biscuit)

    ann.delete(f"/pets/{biscuit}")
    settle_down(ben)

    assert store.get(keys.watch(ann.user_id, biscuit)) is None
    assert told(store, ann) == []


def test_a_watch_ends_with_its_account(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    biscuit = settle_down(ann)
    watch(ann, biscuit)

    erase_now(store, ann.user_id)
    settle_down(ben)

    assert told(store, ann) == []


def test_a_watch_is_set_once_under_its_key(owner: OwnerFactory) -> None:
    ann = owner("ann")
    biscuit = settle_down(ann)

    first = watch(ann, biscuit, key="one")
    ann.delete("/matching/watch", pet_id=biscuit)
    repeated = watch(ann, biscuit, key="one")

    assert (repeated.status, repeated.text) == (201, first.text)
    assert ann.get("/matching/watch").json["items"] == []


def test_only_ones_own_pets_that_are_somewhere_can_be_watched_for(owner: OwnerFactory) -> None:
    ann, ben = owner("ann"), owner("ben")
    nowhere, olive = ann.pet()["pet_id"], settle_down(ben)

    answers = [watch(ann, pet_id) for pet_id in (olive, ABSENT, nowhere)]

    assert [answer.code for answer in answers] == ["pet_not_found", "pet_not_found", "location_missing"]


def test_a_stranger_watches_nothing(anonymous: Client) -> None:
    assert anonymous.post("/matching/watch", {"pet_id": ABSENT}).status == 401
