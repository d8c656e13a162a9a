"""Nobody sets what is not theirs to set: no write takes an attribute that it does not name, and it names but these."""

import pytest

from common.table import Table
from tests.harness.stored import offer, settable, stored_names, writes
from tests.harness.world import World

PET = "activity_level birth_date breed good_with_children name size temperament type vaccinated_until weight_g"
SETTABLE = {
    "POST /auth/register": "email first_name last_name username",
    "POST /auth/resend-verification": "email",
    "POST /auth/login": "device_name username",
    "POST /auth/password/forgot": "email",
    "PATCH /me": "first_name last_name",
    "PUT /me/email": "email",
    "POST /pets": PET,
    "PATCH /pets/{pet_id}": PET,
    "PUT /matching/criteria": "activity_level age_range_end age_range_start preferred_type radius_km size_preference "
    "vaccinated with_children",
    "PUT /matching/availability": "away end from start time_zone to weekday windows",
    "POST /matching/likes": "pet_id target_pet_id",
    "POST /matching/passes": "pet_id target_pet_id",
    "POST /matching/watch": "pet_id",
    "POST /blocks": "pet_id user_id",
    "POST /reports": "pet_id reason text user_id",
    "POST /appointments": "kind minutes other_pet_id pet_id place place_is_public start starts weeks what",
    "POST /appointments/{appointment_id}/accept": "start",
    "POST /appointments/{appointment_id}/reschedule": "minutes start starts",
    "POST /appointments/{appointment_id}/feedback": "again note",
    "POST /appointments/{appointment_id}/cancel": "reason",
}
"""Names of stored attributes that a body has as well: everything else that is stored is offered to it in vain."""


@pytest.mark.engines("dynoxide")
def test_no_write_takes_a_stored_attribute_that_it_does_not_name(store: Table) -> None:
    world = World.build(store)
    names = stored_names(world)

    findings = offer(world, names, ["admin"])

    assert findings.wrong == []
    assert {"owner_id", "role", "status", "version", "bookings", "password_hash", "card", "PK", "ttl"} <= set(names)
    assert findings.looked_at > 30 * len(writes())
    assert settable(names) == SETTABLE
