"""What operators do by command, and nobody by the API: giving roles, ending sessions."""

import pytest
from pydantic import ValidationError

from auth.operators import NoSuchAccount
from common.table import Table
from operations.commands import end_sessions, grant_role
from tests.conftest import OwnerFactory
from tests.harness.permissions import as_function
from tests.harness.world import sign_in


def grant(username: str, role: str) -> dict[str, str]:
    with as_function("GrantRoleFunction"):
        return grant_role.handler({"username": username, "role": role})


def test_a_command_makes_an_admin_who_signs_in_again(store: Table, owner: OwnerFactory) -> None:
    ann = owner("ann")

    grant(ann.username, "admin")

    assert ann.get("/me").status == 401
    assert sign_in(ann.username).get("/me").json["role"] == "admin"


def test_the_role_is_taken_back_and_sessions_with_it_end(store: Table, owner: OwnerFactory) -> None:
    ann = owner("ann")
    grant(ann.username, "admin")
    admin = sign_in(ann.username)

    grant(ann.username, "pet_owner")

    assert admin.get("/me").status == 401
    assert sign_in(ann.username).get("/me").json["role"] == "pet_owner"


def test_a_change_of_role_shows_in_the_activity(store: Table, owner: OwnerFactory) -> None:
    ann = owner("ann")

    grant(ann.username, "admin")

    kinds = [each["kind"] for each in sign_in(ann.username).get("/me/activity").json["items"]]
    assert "role_changed" in kinds


def test_granting_what_is_granted_changes_nothing(store: Table, owner: OwnerFactory) -> None:
    ann = owner("ann")
    grant(ann.username, "admin")
    admin = sign_in(ann.username)

    grant(ann.username, "admin")

    kinds = [each["kind"] for each in admin.get("/me/activity").json["items"]]
    assert kinds.count("role_changed") == 1


def test_nobody_becomes_an_admin_by_a_name_that_is_not_there(store: Table) -> None:
    with pytest.raises(NoSuchAccount):
        grant("nobody", "admin")


@pytest.mark.parametrize("role", ["child", "root", ""])
def test_no_other_role_is_granted(store: Table, owner: OwnerFactory, role: str) -> None:
    ann = owner("ann")

    with pytest.raises(ValidationError):
        grant(ann.username, role)

    assert ann.get("/me").json["role"] == "pet_owner"


def test_operators_end_all_sessions_of_an_account(store: Table, owner: OwnerFactory) -> None:
    ann = owner("ann")
    phone = sign_in(ann.username)

    with as_function("EndSessionsFunction"):
        end_sessions.handler({"username": ann.username})

    assert (ann.get("/me").status, phone.get("/me").status) == (401, 401)
