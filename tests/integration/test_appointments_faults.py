"""Whatever DynamoDB does at whichever call, a client that asks again with its key gets one whole effect."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from botocore.exceptions import ClientError, ReadTimeoutError

from common.table import Table
from tests.conftest import OwnerFactory
from tests.harness.client import Answer
from tests.harness.playdates import Couple, check_calendars, meet, told, tomorrow

pytestmark = pytest.mark.engines("dynoxide")

WHY = {"reason": "It rains"}


THROTTLED = ClientError({"Error": {"Code": "ThrottlingException", "Message": "slow down"}}, "any")
TIMED_OUT = ReadTimeoutError(endpoint_url="https://dynamodb")


class Fault:
    """Makes the call of a number fail, before it has an effect or after."""

    def __init__(self, client: Any, number: int, error: Exception, *, committed: bool) -> None:
        self.call = client._make_api_call  # noqa: SLF001 (the one place that every call of boto3 passes)
        self.left = number
        self.error = error
        self.committed = committed

    def __call__(self, operation: str, parameters: Any) -> Any:
        self.left -= 1
        if self.left == 0 and not self.committed:
            raise self.error
        answer = self.call(operation, parameters)
        if self.left == 0:
            raise self.error
        return answer


@contextmanager
def injected(store: Table, fault: Fault) -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(store.client, "_make_api_call", fault)
        yield


def changes(couple: Couple) -> dict[str, Callable[[], Callable[[str], Answer]]]:
    """By the event that it leaves: what prepares a change, and the change itself, which takes a key."""

    def of(appointment_id: str, transition: str, body: Any = None) -> Callable[[str], Answer]:
        return lambda key: couple.ben.post(f"/appointments/{appointment_id}/{transition}", body, key=key)

    def care(key: str) -> Answer:
        body = {"kind": "care", "pet_id": couple.olive, "start": tomorrow(9), "minutes": 15, "what": "Walk"}
        return couple.ben.post("/appointments", body, key=key)

    return {
        "playdate_proposed": lambda: lambda key: couple.propose(key=key),
        "care_planned": lambda: care,
        "playdate_accepted": lambda: of(couple.proposed(), "accept"),
        "playdate_declined": lambda: of(couple.proposed(), "decline"),
        "appointment_cancelled": lambda: of(couple.scheduled(), "cancel", WHY),
    }


@pytest.mark.parametrize(
    ("error", "committed"),
    [
        pytest.param(THROTTLED, False, id="throttled"),
        pytest.param(
            TIMED_OUT,
            True,
            id="answer-lost",
        ),
    ],
)
@pytest.mark.parametrize(
    "event", ["playdate_proposed", "care_planned", "playdate_accepted", "playdate_declined", "appointment_cancelled"]
)
def test_a_change_that_is_asked_for_again_happens_once(
    store: Table, owner: OwnerFactory, event: str, error: Exception, committed: bool
) -> None:
    couple = meet(owner("ann"), owner("ben"))
    for number in range(1, 50):
        clear_agenda(couple)
        change, before = changes(couple)[event](), len(told(store, event))
        fault = Fault(store.client, number, error, committed=committed)

        with injected(store, fault):
            first = change(f"key-{number}")
        again = change(f"key-{number}")

        assert again.status in (200, 201), again.text
        assert first.json == again.json or (first.status == 503 and "Retry-After" in first.headers)
        assert len(told(store, event)) == before + 1
        check_calendars(store)
        if fault.left > 0:
            assert number > 3
            return
    pytest.fail("the change never came to an end")


def clear_agenda(couple: Couple) -> None:
    """Cancel what is agreed, so that the same time can be taken again."""
    for each in couple.ben.get("/appointments", status="Scheduled", limit=100).json["items"]:
        assert couple.ben.post(f"/appointments/{each['appointment_id']}/cancel", WHY).status == 200
