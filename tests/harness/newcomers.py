"""People whom nobody knows yet, and who leave no pets behind."""

from common.ids import new_id
from tests.harness.client import Owner
from tests.harness.playdates import PASSWORD, give_away
from tests.harness.world import sign_in


def newcomer(name: str, password: str = PASSWORD) -> dict[str, str]:
    """What somebody registers with: a username that begins with `name` and an address, new in any store."""
    username = f"{name}-{new_id()[:10]}"
    return {"username": username, "email": f"{username}@example.com", "password": password}


def leave(owner: Owner, password: str = PASSWORD) -> None:
    """Give all pets away, so that others who look for playmates in this store are not shown them."""
    if owner.get("/pets").status == 401:
        owner = sign_in(owner.username, password)
    for pet in owner.get("/pets", limit=100).json["items"]:
        give_away(owner, pet["pet_id"])
