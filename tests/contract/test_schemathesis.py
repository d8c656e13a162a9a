"""The API does what its description says, whoever asks: nothing undescribed is answered, nothing invalid accepted."""

from datetime import UTC, datetime

import pytest

from common.table import Table
from tests.contract.stack import operations
from tests.harness.exploring import explore
from tests.harness.world import World

CASES_OF_EACH = 10
DAYS = 20  # within which all derived cases are played


@pytest.mark.engines("dynoxide")
def test_what_an_owner_is_answered_is_as_described(store: Table) -> None:
    world, today = World.build(store), datetime.now(UTC).toordinal()

    findings, succeeded = explore(world, "pet_owner", CASES_OF_EACH, today, DAYS)

    assert findings.wrong == [], "\n".join([f"day {today}", *findings.wrong])
    assert findings.looked_at > 300
    assert succeeded.keys() == {str(each) for each in operations() if not each.operation.admin}


@pytest.mark.engines("dynoxide")
def test_what_an_admin_is_answered_is_as_described(store: Table) -> None:
    world, today = World.build(store), datetime.now(UTC).toordinal()
    of_admins = [str(each) for each in operations() if each.operation.admin]

    findings, succeeded = explore(world, "admin", CASES_OF_EACH, today, DAYS, of_admins)

    assert findings.wrong == [], "\n".join([f"day {today}", *findings.wrong])
    assert sorted(succeeded) == of_admins


@pytest.mark.engines("dynoxide")
def test_what_a_child_is_answered_is_as_described(store: Table) -> None:
    world, today = World.build(store), datetime.now(UTC).toordinal()

    findings, succeeded = explore(world, "child", CASES_OF_EACH, today, DAYS)

    assert findings.wrong == [], "\n".join([f"day {today}", *findings.wrong])
    assert succeeded.keys() == {
        str(each) for each in operations() if each.operation.public or each.operation.child == "allow"
    }
