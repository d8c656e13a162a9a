"""Which AWS actions each function calls in the tests, beside those that its role allows: the two must be the same.

Recorded are the calls that boto3 is asked to make while a function answers an event, and the forms that it signs.
What Lambda itself calls to read a function's queue or stream, with the function's role, is added from the template.
"""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

import pytest
from botocore.client import BaseClient
from botocore.signers import S3PostPresigner

from tests.contract.stack import Template, functions, read_template

TRANSACTION_PARTS = {
    "Put": "PutItem",
    "Update": "UpdateItem",
    "Delete": "DeleteItem",
    "ConditionCheck": "ConditionCheckItem",
}
COMPARED = "Each function's role allows what the function calls, and nothing else."
STREAM_ACTIONS = ("DescribeStream", "GetRecords", "GetShardIterator", "ListStreams")
OTHER_POLICIES = ("AWS::IAM::Policy", "AWS::IAM::ManagedPolicy", "AWS::IAM::RolePolicy")
QUEUE_ACTIONS = ("DeleteMessage", "GetQueueAttributes", "ReceiveMessage")


@dataclass(frozen=True, order=True)
class Permission:
    """One action of one function on one resource of the template."""

    function: str
    action: str
    resource: str

    def __str__(self) -> str:
        return f"{self.function}: {self.action} on {self.resource}"


_answering: ContextVar[str | None] = ContextVar("answering", default=None)
used: set[Permission] = set()


@contextmanager
def as_function(name: str | None) -> Iterator[None]:
    """Count the calls made meanwhile as those of a function, or of none."""
    token = _answering.set(name)
    try:
        yield
    finally:
        _answering.reset(token)


def record_calls(monkeypatch: pytest.MonkeyPatch) -> None:
    """Record what functions call from now on, whether or not it succeeds."""
    call = BaseClient._make_api_call  # noqa: SLF001 (the one place through which every call goes)

    def recording(self: Any, operation: str, members: dict[str, Any]) -> Any:
        if function := _answering.get():
            used.update(_of_call(function, self.meta.service_model.service_name, operation, members))
        return call(self, operation, members)

    sign = S3PostPresigner.generate_presigned_post

    def signing(self: Any, *, fields: dict[str, str], conditions: list[Any], **details: Any) -> Any:
        # Signing calls nobody; but what a form may do is what its signer may do when it arrives.
        if function := _answering.get():
            [bucket] = [each["bucket"] for each in conditions if "bucket" in each]
            used.update(_of_call(function, "s3", "PutObject", {"Bucket": bucket, "Key": fields["key"]}))
        return sign(self, fields=fields, conditions=conditions, **details)

    monkeypatch.setattr(BaseClient, "_make_api_call", recording)
    monkeypatch.setattr(S3PostPresigner, "generate_presigned_post", signing)


def _of_call(function: str, service: str, operation: str, members: Mapping[str, Any]) -> Iterator[Permission]:
    match service, operation:
        case "dynamodb", "TransactWriteItems":
            for item in members["TransactItems"]:
                [(part, about)] = item.items()
                yield Permission(function, f"dynamodb:{TRANSACTION_PARTS[part]}", _table(about["TableName"]))
        case "dynamodb", "BatchGetItem":
            for name in members["RequestItems"]:
                yield Permission(function, "dynamodb:BatchGetItem", _table(name))
        case "dynamodb", "Query" if "IndexName" in members:
            yield Permission(function, "dynamodb:Query", f"{_table(members['TableName'])}/index/{members['IndexName']}")
        case "dynamodb", _:
            yield Permission(function, f"dynamodb:{operation}", _table(members["TableName"]))
        case "s3", _:
            yield from _of_file_call(function, operation, members)
        case "secretsmanager", _:
            secret = _configured(members["SecretId"], "SIGNING_SECRET_ID", "SigningSecret")
            yield Permission(function, f"secretsmanager:{operation}", secret)
        case "sesv2", _:
            sender = _configured(members["FromEmailAddress"], "MAIL_SENDER", "identity/MailIdentity")
            yield Permission(function, f"ses:{operation}", sender)
        case "sqs", _:
            yield Permission(function, f"sqs:{operation}", members["QueueUrl"].rpartition("/")[2])
        case _:
            raise AssertionError(f"{function} calls {service}, of which the tests know no resource")


def _of_file_call(function: str, operation: str, members: Mapping[str, Any]) -> Iterator[Permission]:
    bucket = _bucket(members["Bucket"])
    if operation in ("ListObjectsV2", "GetObject"):  # who may not list is told of an absent file that access is denied
        yield Permission(function, "s3:ListBucket", bucket)
    if "Key" in members:
        yield Permission(function, f"s3:{operation}", f"{bucket}/{members['Key'].partition('/')[0]}/*")


def _table(name: str) -> str:
    return _configured(name, "TABLE_NAME", "Table")


def _bucket(name: str) -> str:
    return _configured(name, "MEDIA_BUCKET", "MediaBucket")


def _configured(value: str, variable: str, resource: str) -> str:
    """Return the resource that a variable of the template names; another one goes by its own name, and is no one's."""
    return resource if value == os.environ.get(variable) else value


def of_event_sources() -> set[Permission]:
    """Return what Lambda calls with a function's role to bring it its events."""
    return {
        Permission(name, action, resource)
        for name, properties in functions(read_template()).items()
        for event in properties.get("Events", {}).values()
        for action, resource in _of_source(event["Type"], event["Properties"])
    }


def _of_source(kind: str, properties: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    if kind == "DynamoDB":
        yield from ((f"dynamodb:{action}", "Table.StreamArn") for action in STREAM_ACTIONS)
    if kind == "SQS":
        yield from ((f"sqs:{action}", _resource(properties["Queue"])) for action in QUEUE_ACTIONS)
    if failed := properties.get("DestinationConfig", {}).get("OnFailure"):
        yield "sqs:SendMessage", _resource(failed["Destination"])


def allowed(template: Template | None = None) -> set[Permission]:
    """Return what the template's roles allow; AssertionError where that is said in any but the one plain way."""
    template = template or read_template()
    resources = template["Resources"]
    elsewhere = [name for name, each in resources.items() if each["Type"] in OTHER_POLICIES]
    assert not elsewhere, f"permissions outside of the roles: {elsewhere}"
    found = set()
    for name, properties in functions(template).items():
        assert "Policies" not in properties, f"{name} has policies of its own"
        for policy in resources[properties["Role"]["Fn::GetAtt"][0]]["Properties"].get("Policies", []):
            for statement in policy["PolicyDocument"]["Statement"]:
                assert statement.keys() == {"Effect", "Action", "Resource"}, f"{name}: {statement}"
                assert statement["Effect"] == "Allow", f"{name}: {statement}"
                found |= {
                    Permission(name, action, _resource(resource))
                    for action in _listed(statement["Action"])
                    for resource in _listed(statement["Resource"])
                }
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _resource(value: Any) -> str:
    match value:
        case {"Ref": str(name)}:
            return name
        case {"Fn::GetAtt": [str(name), "Arn"]}:
            return name
        case {"Fn::GetAtt": [str(name), str(attribute)]}:
            return f"{name}.{attribute}"
        case {"Fn::Sub": str(text)} if text.endswith("identity/${MailIdentity}"):
            return "identity/MailIdentity"
        case {"Fn::Sub": str(text)}:
            return text.replace("${Table.Arn}", "Table").replace("${MediaBucket.Arn}", "MediaBucket")
        case _:
            raise AssertionError(f"{value} is no exact ARN")


def differences(calls: set[Permission]) -> list[str]:
    """Return a sentence for each permission that is missing, and for each that nobody needs."""
    needed, given = calls | of_event_sources(), allowed()
    missing = [f"{each}: called, and not allowed" for each in sorted(needed - given)]
    return missing + [f"{each}: allowed, and never called" for each in sorted(given - needed)]
