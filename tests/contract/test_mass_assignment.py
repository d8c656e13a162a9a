"""Nobody sets what is not theirs to set: no write takes an attribute that it does not name."""

import pytest

from common.table import Table
from tests.harness.stored import offer, stored_names, writes
from tests.harness.world import World


@pytest.mark.engines("dynoxide")
def test_no_write_takes_a_stored_attribute_that_it_does_not_name(store: Table) -> None:
    world = World.build(store)
    names = stored_names(world)

    findings = offer(world, names, ["admin"])

    assert findings.wrong == []
    assert {"owner_id", "role", "status", "version", "bookings", "password_hash", "card", "PK", "ttl"} <= set(names)
    assert findings.looked_at > 30 * len(writes())
