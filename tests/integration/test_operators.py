"""What operators do by command, and nobody by the API: giving roles, ending sessions, erasing what was forgotten."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from auth.accounts import AccountRepository
from auth.operators import OVERDUE, NoSuchAccount, NotClosed
from common import keys
from common.clock import clock
from common.table import Table
from operations.commands import end_sessions, erase_accounts, grant_role
from tests.conftest import OwnerFactory, Postbox
from tests.harness.client import Client, Owner
from tests.harness.mail import erase_accounts as erase_what_is_told
from tests.harness.mail import link_token
from tests.harness.newcomers import newcomer
from tests.harness.permissions import as_function
from tests.harness.playdates import PASSWORD
from tests.harness.snapshot import scan
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


def test_a_change_of_role_makes_earlier_links_void(store: Table, owner: OwnerFactory) -> None:
    ann = owner("ann")
    accounts = AccountRepository(store)
    token = accounts.issue_reset_token(accounts.present(ann.user_id))

    grant(ann.username, "admin")
    answer = Client().post("/auth/password/reset", {"token": token, "new_password": "a kennel full of violins"})

    assert (answer.status, answer.code) == (400, "token_invalid")


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


def have_erased(**event: str) -> list[str]:
    with as_function("EraseAccountsFunction"):
        return erase_accounts.handler(event)["user_ids"]


def leave_unheard(store: Table, owner: Owner) -> None:
    """Close an account, of which nobody is told."""
    assert owner.delete("/me", {"password": PASSWORD}).status == 202
    for partition, sort in scan(store):
        if partition.startswith(keys.OUTBOX):
            store.delete({"PK": partition, "SK": sort})


def test_an_erasure_that_was_lost_is_begun_again_by_command(store: Table, owner: OwnerFactory) -> None:
    ann = owner("ann")
    leave_unheard(store, ann)

    told = have_erased(user_id=ann.user_id)
    erase_what_is_told(store)

    assert told == [ann.user_id]
    assert not [place for place in scan(store) if ann.user_id in str(place) and not place[0].startswith(keys.OUTBOX)]


def test_all_that_were_closed_over_an_hour_ago_are_erased_by_one_command(store: Table, owner: OwnerFactory) -> None:
    ann, ben, cleo = owner("ann"), owner("ben"), owner("cleo")
    for person in (ann, ben):
        leave_unheard(store, person)
    clock.advance(OVERDUE - timedelta(seconds=1))
    too_early = have_erased()
    clock.advance(timedelta(seconds=1))
    cleo = sign_in(cleo.username)
    leave_unheard(store, cleo)

    told = have_erased()
    erase_what_is_told(store)

    assert too_early == []
    assert sorted(told) == sorted([ann.user_id, ben.user_id])
    assert [bool(store.get(keys.user(each.user_id))) for each in (ann, ben, cleo)] == [False, False, True]


def test_an_account_that_is_open_is_not_erased_by_command(store: Table, owner: OwnerFactory) -> None:
    ann = owner("ann")

    with pytest.raises(NotClosed):
        have_erased(user_id=ann.user_id)
    erase_what_is_told(store)

    assert ann.get("/me").status == 200


def test_an_account_that_has_been_erased_is_on_no_list(store: Table, owner: OwnerFactory) -> None:
    ann = owner("ann")
    ann.delete("/me", {"password": PASSWORD})
    erase_what_is_told(store)

    with pytest.raises(NotClosed):
        have_erased(user_id=ann.user_id)


def test_who_is_signed_out_by_operators_keeps_no_known_device_and_no_address_to_come(
    store: Table, owner: OwnerFactory, mails: Postbox
) -> None:
    ann, of_a_thief = owner("ann"), newcomer("eve")["email"]
    ann.put("/me/email", {"email": of_a_thief, "password": PASSWORD})
    link = link_token(mails(of_a_thief)[-1])

    end_sessions.handler({"username": ann.username})

    assert Client().post("/auth/verify-email", {"token": link}).code == "token_invalid"
    assert store.query(keys.user_partition(ann.user_id), prefix=keys.DEVICE).items == []
