"""Functions that events wake, in the real Lambda runtime: what they report is what Lambda's pollers go by.

The stream and the queues are those of the local stack, which deliver and take back as Lambda does.
"""

import json
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import boto3
import pytest
import uvicorn
from starlette.applications import Starlette

from auth.accounts import AccountRepository
from auth.key_rotation import STEPS
from common import keys, outbox
from common.clock import clock
from common.table import Put, Table
from local.buckets import Buckets, StoredObject
from local.mailbox import Mailbox
from local.queues import Queues, QueueSubscription
from local.runtime import Runtime
from local.s3 import S3
from local.services import Services, StandIns
from local.stack import Function, QueueSource, RotationSource, ScheduleSource, StreamSource
from local.streams import CLIENT_SETTINGS, Positions, Subscription
from local.template import load
from local.vault import Vault
from tests.conftest import OwnerFactory
from tests.harness.client import Client
from tests.harness.pictures import offered, photo
from tests.runtime.runtime import ALONE, NOWHERE, LambdaRuntime, built_functions, missing

pytestmark = [
    pytest.mark.skipif(missing() is not None, reason=f"no Lambda runtime: {missing()}"),
    pytest.mark.engines("dynoxide"),
]
STACK = load()

type Source = StreamSource | QueueSource
type Deliver = Callable[[Source], "Delivery"]


@dataclass(frozen=True)
class Delivery:
    """A batch: what it held, and what the function reported as failed."""

    held: list[str]
    failed: list[str]


class InLambda(Runtime):
    """Hands batches to functions in the real Lambda runtime."""

    def __init__(self, parameters: dict[str, str]) -> None:
        super().__init__([])
        self._functions = built_functions(parameters)
        self.deliveries: list[Delivery] = []

    def invoke(self, function: Function, event: Any) -> Any:
        with LambdaRuntime(self._functions[function.name]) as runtime:
            report = runtime.invoke(event)
        assert "errorType" not in report, report
        held = [record.get("messageId") or record["dynamodb"]["SequenceNumber"] for record in event["Records"]]
        self.deliveries.append(Delivery(held, [each["itemIdentifier"] for each in report["batchItemFailures"]]))
        return report


@pytest.fixture
def stand_ins(tmp_path: Path) -> StandIns:
    """Mail, queues and a bucket that nobody uses yet."""
    queues = Queues(tmp_path / "queues.db", STACK.queues)
    s3 = S3(Buckets(tmp_path / "buckets.db", STACK.buckets, queues), "secret", [])
    return StandIns(Mailbox(tmp_path / "mail"), Vault(tmp_path / "secrets"), queues, s3)


@pytest.fixture
def services(stand_ins: StandIns) -> Iterator[str]:
    """The address at which functions reach them."""
    app = Starlette(routes=Services({}, Runtime([]), stand_ins).routes())
    server = uvicorn.Server(uvicorn.Config(app, log_config=None, lifespan="off", ws="none"))
    with socket.create_server(("127.0.0.1", 0)) as listener:
        thread = threading.Thread(target=server.run, args=[[listener]])
        thread.start()
        yield f"http://127.0.0.1:{listener.getsockname()[1]}/_local"
        server.should_exit = True
        thread.join()


@pytest.fixture
def reached(store: Table, services: str) -> dict[str, str]:
    """What functions are given so that they reach everything; a test may cut off some of it."""
    clock.reset()  # that of the functions' processes cannot be set
    return ALONE | {
        "Table": store.name,
        "DynamoDbEndpoint": store.client.meta.endpoint_url,
        "SqsEndpoint": f"{services}/sqs",
        "SesEndpoint": f"{services}/ses",
        "S3Endpoint": f"{services}/s3",
    }


@pytest.fixture
def deliver(reached: dict[str, str], store: Table, stand_ins: StandIns, tmp_path: Path) -> Iterator[Deliver]:
    """Deliver one batch of what a source holds."""
    endpoint = reached["DynamoDbEndpoint"]
    client = boto3.client("dynamodbstreams", endpoint_url=endpoint, config=CLIENT_SETTINGS)
    wanted = STACK.table.create_request(store.name)["StreamSpecification"]
    described = store.client.update_table(TableName=store.name, StreamSpecification=wanted)["TableDescription"]
    stream = described["LatestStreamArn"]
    positions = Positions(tmp_path / "streams.json")

    def deliver(source: Source) -> Delivery:
        runtime = InLambda(reached)
        if isinstance(source, StreamSource):
            subscription = Subscription(source, client, stream, runtime, positions, tmp_path / "undelivered")
            subscription.poll(lambda _seconds: True)
        else:
            QueueSubscription(source, stand_ins.queues, runtime).poll()
        [delivery] = runtime.deliveries
        return delivery

    yield deliver
    client.close()


def without_effects() -> dict[str, Any]:
    """An event that concerns no consumer."""
    return outbox.event("care_planned").item


def about_nobody() -> dict[str, Any]:
    """An event of which nothing follows: the account that it names is no more."""
    return outbox.event("password_changed", user_id="nobody").item


def unreadable() -> dict[str, Any]:
    """An event that says nothing."""
    event = without_effects()
    return {name: event[name] for name in ("PK", "SK", "ttl")}


def test_every_function_without_a_route_is_woken_by_something_or_is_a_command_of_operators() -> None:
    sources: list[Source | RotationSource | ScheduleSource] = [
        *STACK.streams,
        *STACK.queue_sources,
        *STACK.rotations,
        *STACK.schedules,
    ]

    commands = {function for function in STACK.consumers() if ".commands." in function.handler_path}

    assert {source.function for source in sources} | commands == set(STACK.consumers())
    assert not {source.function for source in sources} & commands


@pytest.mark.parametrize("source", STACK.streams, ids=lambda source: source.name)
def test_a_stream_record_that_cannot_be_read_is_reported_and_alone_comes_again(
    source: StreamSource, deliver: Deliver, store: Table
) -> None:
    store.write(Put(without_effects()))
    store.write(Put(unreadable()))

    first, second = deliver(source), deliver(source)

    assert len(first.held) == 2
    assert first.failed == first.held[1:] == second.held


@pytest.mark.parametrize("source", STACK.queue_sources, ids=lambda source: source.name)
def test_a_message_that_cannot_be_read_is_reported_and_alone_stays_in_the_queue(
    source: QueueSource, deliver: Deliver, stand_ins: StandIns
) -> None:
    message = stand_ins.queues.send(source.queue, json.dumps(about_nobody()))
    poison = stand_ins.queues.send(source.queue, "not json")

    deliveries = [deliver(source) for _ in range(0, 2, source.batch_size)]

    assert [each for delivery in deliveries for each in delivery.held] == [message, poison]
    assert [each for delivery in deliveries for each in delivery.failed] == [poison]
    assert stand_ins.queues.bodies(source.queue) == ["not json"]


[STREAM] = STACK.streams
[MAIL] = [source for source in STACK.queue_sources if source.queue == "MailQueue"]
[PICTURES] = [source for source in STACK.queue_sources if source.queue == "PictureQueue"]
[DRAWN] = [source for source in STACK.queue_sources if source.queue == "DrawnPictureQueue"]


def register(client: Client) -> None:
    account = {"username": "ann", "email": "ann@example.com", "password": "correct horse battery"}
    assert client.post("/auth/register", account).status == 202


def test_an_event_goes_from_the_table_by_the_queue_to_the_mailbox(
    anonymous: Client, deliver: Deliver, stand_ins: StandIns
) -> None:
    register(anonymous)

    deliveries = [deliver(STREAM), deliver(MAIL)]

    assert [(len(delivery.held), delivery.failed) for delivery in deliveries] == [(1, []), (1, [])]
    [mail] = stand_ins.mailbox.newest_first("ann@example.com")
    assert "/verify?token=" in mail.text
    assert stand_ins.queues.bodies(MAIL.queue) == []


def test_an_event_whose_queue_is_away_is_reported_and_the_rest_goes_on(
    anonymous: Client, deliver: Deliver, reached: dict[str, str], store: Table
) -> None:
    register(anonymous)
    store.write(Put(without_effects()))
    reached["SqsEndpoint"] = NOWHERE

    delivery = deliver(STREAM)

    assert len(delivery.held) == 2
    assert delivery.failed == delivery.held[:1]


def test_a_mail_that_ses_does_not_take_is_reported_and_the_rest_goes_on(
    anonymous: Client, deliver: Deliver, reached: dict[str, str], stand_ins: StandIns
) -> None:
    register(anonymous)
    deliver(STREAM)
    other = stand_ins.queues.send(MAIL.queue, json.dumps(about_nobody()))
    reached["SesEndpoint"] = NOWHERE

    delivery = deliver(MAIL)

    assert len(delivery.held) == 2
    assert delivery.failed == [message for message in delivery.held if message != other]


def test_keys_are_rotated_by_the_function_that_secrets_manager_would_ask(
    reached: dict[str, str], services: str, store: Table, stand_ins: StandIns
) -> None:
    store.delete(keys.verification_keys())
    here = reached | {"SecretsManagerEndpoint": f"{services}/secretsmanager"}
    [rotation] = STACK.rotations

    with LambdaRuntime(built_functions(here)[rotation.function.name]) as runtime:
        for token in ("a" * 32, "b" * 32):
            for step in STEPS:
                event = {"SecretId": "signing", "ClientRequestToken": token, "Step": step}
                assert runtime.invoke(event) is None
        refused = runtime.invoke({"SecretId": "signing", "ClientRequestToken": "c" * 32, "Step": "createSecret"})

    kept = json.loads(stand_ins.vault.get_secret_value(SecretId="signing")["SecretString"])
    published = store.get(keys.verification_keys())
    assert published
    assert {kept[name]["kid"] for name in ("previous", "current", "next")} == published["public"].keys()
    assert refused["errorType"] == "RotationRefused"


def test_an_upload_goes_from_the_bucket_by_the_queues_to_its_owners_account(
    owner: OwnerFactory, deliver: Deliver, stand_ins: StandIns, store: Table
) -> None:
    ann = owner("ann")
    upload = offered(ann)
    stand_ins.s3.buckets.put("MediaBucket", upload.key, StoredObject(photo(), "image/jpeg"))

    deliveries = [deliver(PICTURES), deliver(DRAWN)]

    user = AccountRepository(store).get(ann.user_id)
    assert user
    assert [(len(delivery.held), delivery.failed) for delivery in deliveries] == [(1, []), (1, [])]
    assert user.picture == upload.picture
    assert stand_ins.s3.buckets.list("MediaBucket", "") == [f"media/{user.picture}"]


def test_an_upload_whose_bucket_is_away_is_reported_and_comes_again(
    owner: OwnerFactory, deliver: Deliver, reached: dict[str, str], stand_ins: StandIns
) -> None:
    upload = offered(owner("ann"))
    stand_ins.s3.buckets.put("MediaBucket", upload.key, StoredObject(photo(), "image/jpeg"))
    reached["S3Endpoint"] = NOWHERE

    delivery = deliver(PICTURES)

    assert delivery.failed == delivery.held
    assert len(stand_ins.queues.bodies(PICTURES.queue)) == 1
