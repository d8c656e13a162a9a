"""Deleting an account: at once for its owner, and without a trace for everybody soon after."""

import math
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest

from appointments.repository import AppointmentRepository
from auth.accounts import AccountRepository
from auth.pictures import PictureRepository
from common import keys
from common.clock import clock
from common.idempotency import Once
from common.ids import new_id
from common.table import Item, Put, Table
from matching.blocks import BlockRepository
from matching.repository import MatchRepository
from operations.erasure import LONGEST_REQUEST, Erasure, Unfinished
from operations.reports import ReportRepository
from pets.models import NewPet
from pets.repository import PetRepository
from tests.conftest import OwnerFactory
from tests.harness.canaries import CANARY, overheard
from tests.harness.client import Client
from tests.harness.deletion import (
    ADDRESS,
    BENS_REASON,
    NAME,
    Life,
    entities,
    erase,
    kinds,
    little_by_little,
    live,
    login,
    stopped_everywhere,
    traces,
)
from tests.harness.invariants import faults_of
from tests.harness.mail import deliver_mail, erase_accounts, mails_to, queued
from tests.harness.playdates import PASSWORD, plan_care
from tests.harness.world import sign_in

pytestmark = pytest.mark.engines("dynoxide")


@pytest.fixture
def life(store: Table) -> Life:
    return live(store)


def test_deleting_takes_the_password_and_a_wrong_one_changes_nothing(owner: OwnerFactory) -> None:
    ann = owner("ann")

    answer = ann.delete("/me", {"password": "not the password"})

    assert (answer.status, answer.code, answer.pointers()) == (422, "wrong_password", ["/password"])
    assert ann.get("/pets").status == 200


def test_once_it_is_accepted_no_token_is_taken_and_nobody_signs_in(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    devices = [ann, sign_in(ann.username), sign_in(ann.username)]

    answer = devices[1].delete("/me", {"password": PASSWORD})

    assert (answer.status, answer.json) == (202, {"status": "accepted"})
    assert all("Max-Age=0" in cookie for cookie in answer.cookies)
    for device in devices:
        assert device.get("/pets").status == device.delete("/me", {"password": PASSWORD}).status == 401
        refreshed = Client().post("/auth/refresh", {"refresh_token": device.refresh_token})
        assert (refreshed.status, refreshed.code) == (401, "session_ended")
    for typed in (ann.username, ann.email):
        again = Client().post("/auth/login", {"username": typed, "password": PASSWORD, "delivery": "body"})
        assert (again.status, again.code) == (401, "wrong_credentials")


def test_no_mail_goes_to_an_account_that_is_closed(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    deliver_mail(store)
    sent = len(mails_to(ann.email))

    ann.delete("/me", {"password": PASSWORD})
    Client().post("/auth/password/forgot", {"email": ann.email})
    deliver_mail(store)

    assert len(mails_to(ann.email)) == sent


def test_more_sessions_than_a_transaction_takes_all_end(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    [session] = store.query(keys.user_partition(ann.user_id), prefix=keys.SESSION).items
    for _ in range(110):
        session_id = new_id()
        store.write(Put(session | keys.session(ann.user_id, session_id) | {"session_id": session_id}))

    answer = ann.delete("/me", {"password": PASSWORD})

    assert answer.status == 202
    assert "Session" not in kinds(store)


def test_a_life_holds_every_entity_that_there_is(life: Life) -> None:
    """Whoever adds one adds it to `live` as well, and learns whether erasing leaves it behind."""
    found = kinds(life.store)

    assert found.keys() == entities().keys()


def test_nothing_of_the_life_is_left_when_its_owner_has_gone(life: Life) -> None:
    with overheard() as written:
        life.leave()
        erase_accounts(life.store)
        deliver_mail(life.store)

    assert traces(life) == []
    assert faults_of(life.store) == []
    assert CANARY not in written.getvalue()
    assert CANARY not in str(queued())


def test_a_life_leaves_traces_before(life: Life) -> None:
    found = traces(life)

    assert len(found) > 60
    assert any("USER#" + life.world.ben.user_id + " IDEMPOTENCY#" in each for each in found)


def test_who_was_to_meet_them_hears_of_it_and_keeps_what_is_past(life: Life) -> None:
    life.leave()
    erase_accounts(life.store)
    deliver_mail(life.store)

    ben = sign_in("ben")
    agenda = {each["appointment_id"]: each for each in ben.get("/appointments", limit=100).json["items"]}
    told = [mail for mail in mails_to("ben@example.com") if mail.subject == "A playdate has been cancelled"]
    assert agenda.keys() == {*life.kept, *life.to_come}
    assert {agenda[each]["status"] for each in life.to_come} == {"Cancelled"}
    assert [agenda[each]["status"] for each in life.kept[:2]] == ["Completed", "Completed"]
    assert {each["other_pet_id"] for each in agenda.values()} == {None}
    assert {each["cancel_reason"] for each in agenda.values()} == {None, BENS_REASON}
    assert {each["place"] for each in agenda.values()} == {None, "At the fountain"}
    assert {str(each["my_feedback"] and each["my_feedback"]["note"]) for each in agenda.values()} == {
        "None",
        "Olive was shy",
    }
    assert len(told) == len(life.to_come) + 1  # and one that Kim had cancelled before
    assert life.kim.user_id not in str(ben.get("/matches").json)


def test_the_time_that_was_agreed_with_them_is_free_again(life: Life) -> None:
    start = sign_in("ben").get(f"/appointments/{life.to_come[1]}").json["start"]
    life.leave()
    erase_accounts(life.store)

    answer = plan_care(sign_in("ben"), life.world.couple.olive, start, 15)

    assert answer.status == 201


def test_nobody_finds_the_pets_of_who_has_left(life: Life) -> None:
    life.leave()
    erase_accounts(life.store)

    found = sign_in("dora").get("/matching/candidates", pet_id=life.world.pomelo)

    assert CANARY not in found.text


def test_the_name_and_the_address_can_be_registered_anew(life: Life, store: Table) -> None:
    life.leave()
    erase_accounts(store)

    anew = Client().post("/auth/register", {"username": NAME, "email": ADDRESS, "password": PASSWORD})
    accounts = AccountRepository(store)
    user = accounts.find(NAME)
    assert user
    verified = Client().post("/auth/verify-email", {"token": accounts.issue_verification_token(user)})

    assert (anew.status, verified.status) == (202, 204)
    kim = login(NAME, "New")
    assert kim.user_id != life.kim.user_id
    assert kim.get("/pets").json["items"] == kim.get("/appointments").json["items"] == []


def test_an_account_that_is_open_is_never_erased(life: Life) -> None:
    before = kinds(life.store)

    Erasure(life.store, life.kim.user_id, until=float("inf")).run()

    assert kinds(life.store) == before


def test_what_a_request_that_was_under_way_leaves_behind_goes_as_well(life: Life, store: Table) -> None:
    new = NewPet(name=CANARY, type="bird", age=1, size="small", activity_level="low")
    life.leave()

    with pytest.raises(Unfinished):
        erase(life)
    PetRepository(store).create(life.kim.user_id, new, Once(store, life.kim.user_id, "late", "", 201))
    clock.advance(LONGEST_REQUEST)
    erase(life)

    assert traces(life) == []
    assert faults_of(store) == []


def test_whatever_call_it_is_killed_at_it_comes_to_the_same_end(life: Life) -> None:
    """At every twelfth call; `make prove` kills it at each."""
    life.leave()

    findings = stopped_everywhere(life, every=12)

    assert findings.wrong == []
    assert findings.looked_at > 15


def test_it_can_be_done_in_steps_between_which_all_fits_together(life: Life, monkeypatch: pytest.MonkeyPatch) -> None:
    life.leave()

    findings = little_by_little(life, monkeypatch)

    assert findings.wrong == []
    assert findings.looked_at > 30


def test_what_a_calendar_still_holds_goes_bit_by_bit(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    pet_id = str(ann.pet()["pet_id"])
    for hours in range(4):
        store.write(Put(keys.slot(pet_id, clock.now() + timedelta(hours=hours)) | {"appointment_id": "left"}))
    ann.delete("/me", {"password": PASSWORD})
    clock.advance(LONGEST_REQUEST)

    left = []
    while kinds(store).get("Pet"):
        with suppress(Unfinished):
            Erasure(store, ann.user_id, until=-math.inf).run()
        left.append(kinds(store).get("Slot claim", 0))

    assert sorted(set(left)) == [0, 1, 2, 3, 4]


def test_what_another_keeps_is_looked_at_once_for_each_like_however_short_the_time(
    life: Life, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    life.leave()
    leads = store.query(keys.user_partition(life.kim.user_id), prefix=keys.ANSWERED_BY).items
    likes = Counter(keys.user_partition(lead["actor_id"]) for lead in leads)
    looked_at: Counter[tuple[str, str]] = Counter()
    rows = Erasure._rows  # noqa: SLF001 (the one way to all that is looked at)

    def counting(self: Erasure, partition: str, *details: Any) -> Iterator[Item]:
        for item in rows(self, partition, *details):
            looked_at[partition, item["SK"]] += 1
            yield item

    monkeypatch.setattr(Erasure, "_rows", counting)
    little_by_little(life, monkeypatch)

    kept = {place: count for place, count in looked_at.items() if place[0] in likes}
    assert len(kept) > 5
    assert all(count <= likes[partition] for (partition, _), count in kept.items())


@pytest.mark.parametrize(
    ("forgetful", "what"),
    [
        (MatchRepository, "erase"),
        (MatchRepository, "take_back"),
        (BlockRepository, "erase"),
        (PetRepository, "_apart"),
        (ReportRepository, "strip"),
        (AppointmentRepository, "leave"),
        (PetRepository, "erase"),
        (AccountRepository, "erase"),
        (Erasure, "_make_forget"),
        (Erasure, "_delete"),
        (PictureRepository, "erase"),
    ],
)
def test_an_erasure_that_leaves_something_out_is_caught(
    life: Life, monkeypatch: pytest.MonkeyPatch, forgetful: type[Any], what: str
) -> None:
    monkeypatch.setattr(forgetful, what, lambda *_: ())
    life.leave()
    clock.advance(LONGEST_REQUEST)

    erase(life)

    assert traces(life)
