"""Two owners who may meet, and what must hold of all appointments whatever happened."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from appointments import changes
from appointments.calendar import quarters
from appointments.repository import AppointmentRepository
from common import keys
from common.clock import clock
from common.table import Table, _from_wire
from tests.harness.client import Answer, Owner
from tests.harness.moments import text, tomorrow

PASSWORD = "correct horse battery"
NEW_YORK = "5128581"  # as GeoNames numbers it
UNION_SQUARE = {"latitude": 40.7359, "longitude": -73.9911, "precision": "neighbourhood"}


@dataclass
class Couple:
    """Two matched owners with a pet each."""

    ann: Owner
    ben: Owner
    biscuit: str
    olive: str

    def propose(self, start: str | None = None, minutes: int = 60, key: str | None = None, **more: Any) -> Answer:
        """Ann proposes a playdate of Biscuit to Ben's Olive."""
        when = {} if "starts" in more else {"start": start or tomorrow(9)}
        body = {"kind": "playdate", "pet_id": self.biscuit, "other_pet_id": self.olive, "minutes": minutes}
        return self.ann.post("/appointments", body | when | more, key=key)

    def proposed(self, start: str | None = None, minutes: int = 60, **more: Any) -> str:
        """The id of a playdate that Ann has proposed."""
        return _created(self.propose(start, minutes, **more))

    def scheduled(self, start: str | None = None, minutes: int = 60, **more: Any) -> str:
        """The id of a playdate that Ann has proposed and Ben has accepted."""
        appointment_id = self.proposed(start, minutes, **more)
        answer = self.ben.post(f"/appointments/{appointment_id}/accept")
        assert answer.status == 200, answer.text
        return appointment_id


def meet(ann: Owner, ben: Owner) -> Couple:
    """Give each of two owners a pet, and let the pets like each other."""
    move_in(ann)
    move_in(ben)
    biscuit, olive = ann.pet(name="Biscuit")["pet_id"], ben.pet(name="Olive")["pet_id"]
    like(ann, biscuit, olive)
    answer = like(ben, olive, biscuit)
    assert answer.json["match"]["status"] == "Active"
    return Couple(ann, ben, biscuit, olive)


def move_in(owner: Owner) -> None:
    """Say where an owner lives, so that others find their pets."""
    assert owner.put("/matching/location", UNION_SQUARE).status == 200


def like(owner: Owner, pet_id: str, target_pet_id: str) -> Answer:
    """One pet likes another."""
    answer = owner.post("/matching/likes", {"pet_id": pet_id, "target_pet_id": target_pet_id})
    assert answer.status in (200, 201), answer.text
    return answer


def plan_care(owner: Owner, pet_id: str, start: str | None = None, minutes: int = 60, **more: Any) -> Answer:
    """Take a pet to the vet."""
    body = {"kind": "care", "pet_id": pet_id, "start": start or tomorrow(9), "minutes": minutes, "what": "Vaccination"}
    return owner.post("/appointments", body | more)


def planned(owner: Owner, pet_id: str, start: str | None = None, minutes: int = 60) -> str:
    """The id of care that an owner has planned."""
    return _created(plan_care(owner, pet_id, start, minutes))


def act(owner: Owner, appointment_id: str, transition: str, body: Any = None, key: str = "") -> Answer:
    """Somebody does something with an appointment."""
    return owner.post(f"/appointments/{appointment_id}/{transition}", body, key=key)


def brought_to(store: Table, appointment_id: str, start: datetime, minutes: int = 60) -> str:
    """Let what was agreed begin then, as if time had passed since; return its id."""
    agreed = AppointmentRepository(store).find(appointment_id)
    assert agreed
    long_ago = start - timedelta(days=7)
    when = {"starts": [start], "start": start, "minutes": minutes, "agreed_at": long_ago}
    store.write(*changes.move(agreed, agreed.changed(**when)))
    return appointment_id


def give_away(owner: Owner, pet_id: str) -> None:
    """Delete a pet, once nothing is planned with it any more."""
    for appointment in owner.get("/appointments", pet_id=pet_id, status="Scheduled", limit=100).json["items"]:
        step = "complete" if "complete" in appointment["can"] else "cancel"
        act(owner, appointment["appointment_id"], step, {"reason": "Given away"} if step == "cancel" else None)
    assert owner.delete(f"/pets/{pet_id}").status == 204


def _created(answer: Answer) -> str:
    assert answer.status == 201, answer.text
    return str(answer.json["appointment_id"])


def items_of(store: Table, partition: str, sort: str) -> list[dict[str, Any]]:
    """Every item whose keys start like this."""
    pages = store.client.get_paginator("scan").paginate(TableName=store.name, ConsistentRead=True)
    items = [_from_wire(wire) for page in pages for wire in page["Items"]]
    return [item for item in items if item["PK"].startswith(partition) and item["SK"].startswith(sort)]


def check_calendars(store: Table) -> None:
    """No pet is in two places, what is claimed is what is agreed, and every party's agenda shows it once."""
    appointments = items_of(store, "APPOINTMENT#", "DETAILS")
    agreed: Counter[tuple[str, str, str]] = Counter()
    agendas: Counter[tuple[str, str, str, str, str]] = Counter()
    for each in appointments:
        start = each.get("start", each["starts"][0])
        for party in each["parties"]:
            agendas[f"USER#{party['user_id']}", start, each["appointment_id"], party["pet_id"], each["status"]] += 1
            if each["status"] == "Scheduled":
                for quarter in quarters(datetime.fromisoformat(start), each["minutes"] + each["break_minutes"]):
                    agreed[f"PET#{party['pet_id']}", keys.SLOT + keys.instant(quarter), each["appointment_id"]] += 1
    booked = Counter((item["PK"], item["SK"], item["appointment_id"]) for item in items_of(store, "PET#", keys.SLOT))
    listed = Counter(
        (
            item["PK"],
            text(datetime.fromisoformat(item["SK"].split("#")[1])),
            item["appointment_id"],
            item["pet_id"],
            item["status"],
        )
        for item in items_of(store, "USER#", keys.AGENDA)
    )
    per_slot = Counter((pet, slot) for pet, slot, _ in agreed)
    assert not [place for place, count in per_slot.items() if count > 1], "a pet is in two places at once"
    assert booked == agreed
    assert listed == agendas


def told(store: Table, kind: str) -> list[dict[str, Any]]:
    """What events of a kind say."""
    return [item["data"] for item in items_of(store, keys.OUTBOX, "EVENT") if item["kind"] == kind]


def go_to(moment: datetime, *owners: Owner) -> None:
    """Move the clock on to a moment; access tokens do not live that long, so owners sign in again."""
    clock.advance(moment - clock.now())
    for owner in owners:
        login = {"username": owner.username, "password": PASSWORD, "delivery": "body"}
        owner.token = owner.post("/auth/login", login).json["access_token"]
