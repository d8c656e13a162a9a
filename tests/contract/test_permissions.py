"""What functions call is held against what their roles allow, by the very names of table, secret, queue and sender."""

from typing import Any

import boto3
import pytest

from common.table import Table
from tests.contract.stack import read_template
from tests.harness import permissions
from tests.harness.permissions import Permission, as_function

FUNCTION = "LoginFunction"


@pytest.fixture
def used(monkeypatch: pytest.MonkeyPatch) -> set[Permission]:
    """What functions have used since the beginning of this test."""
    fresh: set[Permission] = set()
    monkeypatch.setattr(permissions, "used", fresh)
    return fresh


def test_a_call_to_the_table_is_one_to_the_table(store: Table, used: set[Permission]) -> None:
    with as_function(FUNCTION):
        store.get({"PK": "A", "SK": "B"})

    assert used == {Permission(FUNCTION, "dynamodb:GetItem", "Table")}


@pytest.mark.parametrize(
    ("service", "operation", "members"),
    [
        ("dynamodb", "get_item", {"TableName": "another", "Key": {"PK": {"S": "A"}}}),
        ("dynamodb", "batch_get_item", {"RequestItems": {"another": {"Keys": [{"PK": {"S": "A"}}]}}}),
        ("secretsmanager", "get_secret_value", {"SecretId": "another"}),
        ("sqs", "send_message", {"QueueUrl": "https://sqs.example/1/another", "MessageBody": "x"}),
        ("sesv2", "send_email", {"FromEmailAddress": "another", "Destination": {}, "Content": {}}),
    ],
)
def test_a_call_to_anything_else_is_not_taken_for_one_of_ours(
    store: Table, used: set[Permission], service: str, operation: str, members: dict[str, Any]
) -> None:
    client = boto3.client(service)

    with as_function(FUNCTION), pytest.raises(Exception):  # noqa: B017, PT011 (whatever the stand-in says to it)
        getattr(client, operation)(**members)

    assert [each.resource for each in used] == ["another"]
    assert any("called, and not allowed" in line for line in permissions.differences(used))


def test_a_role_that_denies_something_is_not_understood() -> None:
    template = read_template()
    [policy] = template["Resources"]["LoginRole"]["Properties"]["Policies"]
    policy["PolicyDocument"]["Statement"][0]["Effect"] = "Deny"

    with pytest.raises(AssertionError, match="Deny"):
        permissions.allowed(template)


@pytest.mark.parametrize("kind", permissions.OTHER_POLICIES)
def test_permissions_outside_of_the_roles_are_not_understood(kind: str) -> None:
    template = read_template()
    template["Resources"]["Elsewhere"] = {"Type": kind, "Properties": {}}

    with pytest.raises(AssertionError, match="Elsewhere"):
        permissions.allowed(template)
