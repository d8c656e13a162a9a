"""Owners who live near each other, and what they do with the pets that they are shown."""

from typing import Any

from common import ids, keys
from common.table import Table
from matching.profiles import MOVES, bucket_of_moves
from tests.harness.client import Answer, Owner

UNION_SQUARE = (40.7359, -73.9911)
ANYBODY = {"preferred_type": "any", "size_preference": "any", "activity_level": "any", "radius_km": 5}
SATURDAY_MORNING = {"weekday": "saturday", "start": "09:00", "end": "12:00"}


def settle_down(
    owner: Owner,
    latitude: float = UNION_SQUARE[0],
    longitude: float = UNION_SQUARE[1],
    precision: str = "neighbourhood",
    **pet: Any,
) -> str:
    """Let an owner live somewhere, with one pet; return the pet's id."""
    pet_id = str(owner.pet(**pet)["pet_id"])
    move(owner, latitude, longitude, precision)
    return pet_id


def move(owner: Owner, latitude: float, longitude: float, precision: str = "neighbourhood") -> None:
    place = {"latitude": latitude, "longitude": longitude, "precision": precision}
    assert owner.put("/matching/location", place).status == 200


def rest(store: Table, owner: Owner) -> None:
    """Let it be long ago that an owner has moved, without anything else being so: they may move as often again."""
    for limit in MOVES:
        bucket = keys.place(ids.digest(bucket_of_moves(owner.user_id, limit)), 0)["PK"]
        for place in store.query(bucket).items:
            store.delete({"PK": place["PK"], "SK": place["SK"]})


def look_for(owner: Owner, **wishes: Any) -> None:
    """Change whom an owner looks for; anybody within 5 km otherwise."""
    answer = owner.put("/matching/criteria", ANYBODY | wishes)
    assert answer.status == 200, answer.text


def be_free(owner: Owner, *windows: dict[str, str], zone: str = "America/New_York") -> None:
    assert owner.put("/matching/availability", {"time_zone": zone, "windows": windows}).status == 200


def candidates(owner: Owner, pet_id: str, **query: Any) -> list[dict[str, Any]]:
    """What an owner is shown of what they ask for, on one page."""
    answer = owner.get("/matching/candidates", pet_id=pet_id, **{"limit": 100, "widen": "false", **query})
    assert answer.status == 200, answer.text
    items: list[dict[str, Any]] = answer.json["items"]
    return items


def shown(owner: Owner, pet_id: str, **query: Any) -> set[str]:
    """The ids of the pets that an owner is shown."""
    return {item["pet"]["pet_id"] for item in candidates(owner, pet_id, **query)}


def like(owner: Owner, pet_id: str, target_pet_id: str, key: str | None = None) -> Answer:
    """One pet likes another."""
    return owner.post("/matching/likes", {"pet_id": pet_id, "target_pet_id": target_pet_id}, key=key)


def pass_on(owner: Owner, pet_id: str, target_pet_id: str, key: str | None = None) -> Answer:
    """One pet passes on another."""
    return owner.post("/matching/passes", {"pet_id": pet_id, "target_pet_id": target_pet_id}, key=key)


def block(owner: Owner, other: Owner) -> None:
    """Let an owner block another."""
    answer = owner.post("/blocks", {"user_id": other.user_id})
    assert answer.status == 201, answer.text


def keep_apart(owner: Owner, pet_id: str, other_pet_id: str) -> None:
    """Let an owner keep a pet apart from another."""
    answer = owner.put(f"/pets/{pet_id}/keep-apart/{other_pet_id}")
    assert answer.status == 200, answer.text
