"""The keys that sign tokens: made once, published before they are needed, never withdrawn by a second start."""

import boto3

from auth import signing_keys
from common import config, keys
from common.ids import new_id
from common.table import Table
from tests.conftest import OwnerFactory


def test_a_second_start_changes_no_key(store: Table) -> None:
    before = store.get(keys.verification_keys())

    signing_keys.ensure(store, boto3.client("secretsmanager"), config.signing_secret_id())

    assert store.get(keys.verification_keys()) == before


def test_new_keys_leave_those_who_are_signed_in_signed_in(store: Table, owner: OwnerFactory) -> None:
    ann = owner("ann")
    secrets_manager = boto3.client("secretsmanager")
    other = secrets_manager.create_secret(Name=new_id())["Name"]

    signing_keys.ensure(store, secrets_manager, other)

    published = store.get(keys.verification_keys())
    assert published
    assert len(published["public"]) == 2
    assert ann.get("/pets").status == 200


def test_a_table_without_keys_gets_those_of_the_secret(store: Table) -> None:
    before = store.get(keys.verification_keys())
    assert before
    store.delete(keys.verification_keys())

    signing_keys.ensure(store, boto3.client("secretsmanager"), config.signing_secret_id())

    after = store.get(keys.verification_keys())
    assert after
    assert after["public"] == before["public"]
