"""Somebody who leaves: a life with canaries in every text, and what is left of it in anybody's sight afterwards."""

import base64
import json
import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from functools import partial
from types import SimpleNamespace

import pytest

from auth.accounts import AccountRepository
from auth.pictures import Upload
from common import keys, media
from common.clock import clock
from common.media import MEDIA
from common.table import Table
from operations import erasure
from operations.erasure import LONGEST_REQUEST, Erasure, Unfinished
from tests.harness.canaries import CANARY
from tests.harness.client import Client, Owner
from tests.harness.faults import CRASHES, Crash, failing
from tests.harness.feeds import feed_token
from tests.harness.findings import Findings
from tests.harness.invariants import faults_of
from tests.harness.mail import deliver_mail, see_to_what_is_due
from tests.harness.moments import this_quarter
from tests.harness.pictures import arrive, files, offered, photo, show_picture
from tests.harness.playdates import PASSWORD, act, brought_to, like, move_in, plan_care
from tests.harness.snapshot import Snapshot, Wire, scan
from tests.harness.world import World, sign_in, sign_up

NAME = f"{CANARY}-7"
ADDRESS = f"{CANARY}@example.com"
BENS_REASON = "Olive has a cold"
MAY_NAME_IDS = (keys.OUTBOX, keys.reports_partition())
"""Partitions whose items may go on naming ids of what is no more: events, until they run out after 14 days, and
reports, after two years. So may others' rankings, for ten minutes."""


@dataclass
class Life:
    """Kim, of whom every text is a canary, in a world of others; and what Kim's things are called."""

    world: World
    kim: Owner
    kiwi: str
    kept: list[str] = field(default_factory=list)
    to_come: list[str] = field(default_factory=list)
    pictures: list[Upload] = field(default_factory=list)
    pets: list[str] = field(default_factory=list)
    feed: str = ""

    @property
    def store(self) -> Table:
        return self.world.store

    @property
    def ids(self) -> list[str]:
        return [self.kim.user_id, *self.pets]

    def take_pictures(self) -> None:
        """Let the bucket hold the picture that is shown, and one that is on its way."""
        shown, on_its_way = self.pictures
        media.bucket().write(MEDIA + shown.picture, photo(), "image/jpeg")
        media.bucket().write(on_its_way.drawn, photo(), "image/jpeg")
        arrive(on_its_way, photo())

    def leave(self) -> None:
        """Kim deletes the account."""
        answer = self.kim.delete("/me", {"password": PASSWORD})
        assert answer.status == 202, answer.text


def login(username: str, device: str) -> Owner:
    body = {"username": username, "password": PASSWORD, "device_name": device, "delivery": "body"}
    return Owner.from_login(Client().post("/auth/login", body))


def live(store: Table) -> Life:
    """Let Kim do all that one can do at Pawtime, and others all that one can do to Kim."""
    world = World.build(store)
    kim = _settle_in(store)
    life = Life(world, kim, _pet(kim))
    life.pets = [life.kiwi, _pet(kim), _pet(kim)]
    ben, cleo, dora = world.ben, world.cleo, world.dora
    olive, pear = world.couple.olive, str(dora.pet(name="Pear")["pet_id"])
    gone = life.pets[2]
    like(ben, olive, life.kiwi)
    like(ben, olive, gone)
    like(kim, life.kiwi, olive)
    like(kim, life.kiwi, pear)
    like(cleo, world.pomelo, life.kiwi)
    for owner, pet_id in ((kim, life.kiwi), (ben, olive)):
        assert owner.get("/matching/candidates", pet_id=pet_id, limit=1).json["next_cursor"]
        assert owner.post("/matching/watch", {"pet_id": pet_id}).status == 201
    _match_and_part(world, kim, life.kiwi)
    life.kept.append(_agree(life, kim, life.kiwi, ben, olive))
    life.kept.append(_agree(life, ben, olive, kim, gone))
    _care(life)
    clock.advance(timedelta(days=2))
    for person in (kim, ben):
        person.token = sign_in(person.username).token
    assert kim.delete(f"/pets/{gone}").status == 204
    life.feed = feed_token(kim)
    _plan(life, kim, ben, olive)
    new_address = {"email": f"new-{ADDRESS}", "password": PASSWORD}
    assert kim.put("/me/email", new_address).status == 202
    Client().post("/auth/register", {"username": "waiting", "email": "waiting@example.com", "password": PASSWORD})
    deliver_mail(store)
    life.pictures = [show_picture(kim), offered(kim)]
    life.take_pictures()
    _keep_away(life)
    assert sign_up(store, "fay").delete("/me", {"password": PASSWORD}).status == 202
    return life


def _keep_away(life: Life) -> None:
    """Let Kim pass, block, keep apart and report, and others do so to Kim."""
    world, kim, (_, kiwano, _) = life.world, life.kim, life.pets
    (gus, plum), (hal, sloe) = world.neighbour(), world.neighbour()
    for owner, pet_id, target in ((kim, life.kiwi, plum), (gus, plum, kiwano)):
        assert owner.post("/matching/passes", {"pet_id": pet_id, "target_pet_id": target}).status == 201
    for owner, pet_id, target in ((kim, kiwano, sloe), (world.ben, world.couple.olive, kiwano)):
        assert owner.put(f"/pets/{pet_id}/keep-apart/{target}").status == 200
    for owner, other in ((kim, gus), (hal, kim)):
        assert owner.post("/blocks", {"user_id": other.user_id}).status == 201
    for owner, other, text in ((kim, world.ben, f"Stares at my {CANARY}"), (world.ben, kim, "Never on time")):
        body = {"user_id": other.user_id, "reason": "other", "text": text}
        assert owner.post("/reports", body).status == 201


def _settle_in(store: Table) -> Owner:
    """Register Kim, with sessions on several devices."""
    names = {"first_name": CANARY, "last_name": f"de {CANARY}"}
    registration = {"username": NAME, "email": ADDRESS, "password": PASSWORD} | names
    assert Client().post("/auth/register", registration).status == 202
    accounts = AccountRepository(store)
    user = accounts.find(NAME)
    assert user
    token = accounts.issue_verification_token(user)
    assert Client().post("/auth/verify-email", {"token": token}).status == 204
    the_same = {"current_password": PASSWORD, "new_password": PASSWORD}
    assert login(NAME, f"{CANARY}'s telephone").put("/auth/password", the_same).status == 204
    login(NAME, f"{CANARY}'s other telephone")
    kim = login(NAME, f"{CANARY}'s table")
    move_in(kim)
    window = {"weekday": "saturday", "start": "09:00", "end": "12:00"}
    assert kim.put("/matching/availability", {"time_zone": "America/New_York", "windows": [window]}).status == 200
    return kim


def _pet(kim: Owner) -> str:
    return str(kim.pet(name=CANARY, breed=f"{CANARY} mix", temperament=f"Sings like a {CANARY}")["pet_id"])


def _match_and_part(world: World, kim: Owner, kiwi: str) -> None:
    eve = sign_up(world.store, "eve")
    move_in(eve)
    fig = str(eve.pet(name="Fig")["pet_id"])
    like(eve, fig, kiwi)
    match = like(kim, kiwi, fig).json["match"]
    assert kim.delete(f"/matches/{match['match_id']}").status == 200


def _propose(life: Life, proposer: Owner, pet_id: str, other_pet_id: str) -> str:
    place = f"By the {CANARY} cage" if proposer is life.kim else "At the fountain"
    body = {"kind": "playdate", "pet_id": pet_id, "other_pet_id": other_pet_id, "place": place, "minutes": 15}
    answer = proposer.post("/appointments", body | {"start": life.world.next_start()})
    assert answer.status == 201, answer.text
    return str(answer.json["appointment_id"])


def _step(owner: Owner, appointment_id: str, transition: str, **body: str) -> None:
    answer = owner.post(f"/appointments/{appointment_id}/{transition}", body)
    assert answer.status == 200, answer.text


def _agree(life: Life, proposer: Owner, pet_id: str, invited: Owner, other_pet_id: str) -> str:
    appointment_id = _propose(life, proposer, pet_id, other_pet_id)
    _step(invited, appointment_id, "accept")
    return appointment_id


def _care(life: Life) -> None:
    """Kim's own care, one of which is cancelled."""
    for cancelled in (False, True):
        answer = plan_care(life.kim, life.kiwi, life.world.next_start(), 15, what=f"{CANARY}'s claws")
        if cancelled:
            _step(life.kim, answer.json["appointment_id"], "cancel", reason=f"{CANARY} sleeps")


def _plan(life: Life, kim: Owner, ben: Owner, olive: str) -> None:
    """Have something in every state that there is, made by either side."""
    for proposer, pet_id, invited, other in ((kim, life.kiwi, ben, olive), (ben, olive, kim, life.kiwi)):
        life.to_come.append(_propose(life, proposer, pet_id, other))
        life.to_come.append(_agree(life, proposer, pet_id, invited, other))
        declined = _propose(life, proposer, pet_id, other)
        _step(invited, declined, "decline")
        cancelled = _agree(life, proposer, pet_id, invited, other)
        _step(proposer, cancelled, "cancel", reason=f"{CANARY} has a cold" if proposer is kim else BENS_REASON)
        life.kept += [declined, cancelled]
        life.kept.append(_hold(life, proposer, pet_id, invited, other))
    _repeat(life, ben, olive)
    _care(life)


def _hold(life: Life, proposer: Owner, pet_id: str, invited: Owner, other_pet_id: str) -> str:
    """Let a playdate take place, of which both say afterwards how it was; who invited asked for another time once."""
    appointment_id = _agree(life, proposer, pet_id, invited, other_pet_id)
    wish = {"start": life.world.next_start(), "minutes": 15}
    assert act(invited, appointment_id, "reschedule", wish).status == 200
    began = this_quarter() - timedelta(days=1, minutes=30 * len(life.kept))
    brought_to(life.store, appointment_id, began, 15)
    for person in (proposer, invited):
        note = f"{CANARY} was sweet" if person is life.kim else "Olive was shy"
        answer = act(person, appointment_id, "feedback", {"again": True, "note": note})
        assert answer.status == 200, answer.text
    return appointment_id


def _repeat(life: Life, ben: Owner, olive: str) -> None:
    """Have weekly playdates, the second of which is on the calendars already."""
    body = {"kind": "playdate", "pet_id": life.kiwi, "other_pet_id": olive, "place": f"By the {CANARY} cage"}
    when = {"start": life.world.next_start(), "minutes": 15, "repeat": {"weeks": 9}}
    weekly = life.kim.post("/appointments", body | when)
    assert weekly.status == 201, weekly.text
    first = str(weekly.json["appointment_id"])
    _step(ben, first, "accept")
    see_to_what_is_due()
    listed = life.kim.get("/appointments", limit=100).json["items"]
    life.to_come += [each["appointment_id"] for each in listed if each["repeat"]]


def said(item: Wire) -> str:
    """Return all of an item as text, ids that are packed into bytes as well."""
    return json.dumps(item, default=_unpacked).casefold()


def _unpacked(value: bytes) -> str:
    windows = (value[start : start + 16] for start in range(max(1, len(value) - 15)))
    return " ".join(base64.b32encode(window).decode().rstrip("=") for window in windows)


def traces(life: Life) -> list[str]:
    """Return where the table, its index and the bucket still speak of Kim."""
    kims = {name for picture in life.pictures for name in (picture.key, picture.drawn, MEDIA + picture.picture)}
    return traces_of(life.store, life.ids) + [f"{name} is there" for name in kims & files().keys()]


def traces_of(store: Table, ids: Sequence[str]) -> list[str]:
    """Return where the table and its index hold a canary, or name one of the ids where they may not."""
    found = scan(store)
    pages = store.client.get_paginator("scan").paginate(TableName=store.name, IndexName="Nearby")
    entries = [(place["PK"]["S"], place["SK"]["S"]) for page in pages for place in page["Items"]]
    left = [f"the index holds {place}" for place in entries if place not in found]
    for (partition, sort), item in found.items():
        words = said(item)
        may_name_ids = partition.startswith(MAY_NAME_IDS) or sort.startswith("RANKING#")
        if CANARY.casefold() in words or (not may_name_ids and any(name in words for name in ids)):
            left.append(f"{partition} {sort} speaks of who has left")
    return left


def entities() -> dict[str, re.Pattern[str]]:
    """Return every entity of keys.py with what its keys look like, partition and sort key by a blank."""
    rows = re.findall(r"^\| ([^|`]+) \| `([^`]+)` \| `([^`]+)` \|", keys.__doc__ or "", re.MULTILINE)
    return {name: re.compile(" ".join(re.sub(r"<[^>]+>", "[^#]+", part) for part in parts)) for name, *parts in rows}


def kinds(store: Table) -> dict[str, int]:
    """Count what the table holds by entity; what is none of keys.py stands under its own key."""
    counts: dict[str, int] = {}
    for place in scan(store):
        names = [name for name, pattern in entities().items() if pattern.fullmatch(" ".join(place))]
        name = names[0] if names else " ".join(place)
        counts[name] = counts.get(name, 0) + 1
    return counts


def erase(life: Life) -> None:
    """Run the erasure to its end, long enough after Kim has left."""
    Erasure(life.store, life.kim.user_id, until=math.inf).run()


def stopped_everywhere(life: Life, every: int = 1) -> Findings:
    """Kill the erasure at each of its calls, or at every so manieth, before or after its effect, and begin it again."""
    findings = Findings()
    clock.advance(LONGEST_REQUEST)
    start = Snapshot(life.store)
    with failing(life.store, CRASHES["crash before a call"], 0, lasting=False) as session:
        erase(life)
    for number in range(1, session.calls + 1, every):
        for name, crash in CRASHES.items():
            start.restore()
            life.take_pictures()
            with pytest.raises(Crash), failing(life.store, crash, number, lasting=False):
                erase(life)
            meanwhile = faults_of(life.store)
            erase(life)
            findings.note(f"{name} {number}", [*meanwhile, *faults_of(life.store), *traces(life)])
    start.restore()
    return findings


def little_by_little(life: Life, monkeypatch: pytest.MonkeyPatch) -> Findings:
    """Let the time be up after every single step."""
    findings = Findings()
    clock.advance(LONGEST_REQUEST)
    for _ in _runs(life, monkeypatch):
        findings.note(f"run {findings.looked_at}", faults_of(life.store))
    findings.note("the end", traces(life))
    return findings


def _runs(life: Life, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    for _ in range(1000):
        ticks = iter(range(1_000_000))
        with monkeypatch.context() as patch:
            patch.setattr(erasure, "time", SimpleNamespace(monotonic=partial(next, ticks)))
            try:
                Erasure(life.store, life.kim.user_id, until=-1).run()
            except Unfinished:
                yield
            else:
                return
    raise AssertionError("the erasure does not come to an end")
