"""Stands in for EventBridge's schedules: calls functions by the clock, one call of a schedule at a time."""

import json
import threading
from contextlib import suppress
from typing import Any
from uuid import uuid4

from common.clock import clock
from local.intrinsics import ACCOUNT, REGION
from local.runtime import FunctionError, Runtime
from local.stack import ScheduleSource

# The stack comes up first: importing a function that no request waits for would hold it up.
FIRST_PAUSE_SECONDS = 1.0
# A schedule comes round in minutes, hours or days; nobody waits for that on a laptop, least of all after moving the
# clock forward.
LONGEST_PAUSE_SECONDS = 5.0


def scheduled_event(rule: str) -> dict[str, Any]:
    """Return what EventBridge tells a function whose time has come; the time is that of the stack's clock."""
    return {
        "version": "0",
        "id": str(uuid4()),
        "detail-type": "Scheduled Event",
        "source": "aws.events",
        "account": ACCOUNT,
        "time": clock.now().strftime("%Y-%m-%dT%H:%M:%SZ"),
        "region": REGION,
        "resources": [f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{rule}"],
        "detail": {},
    }


class Schedule:
    """One function's calls by one rule."""

    def __init__(self, source: ScheduleSource, runtime: Runtime) -> None:
        self.source = source
        self._runtime = runtime

    def run(self, stop: threading.Event) -> None:
        """Call the function again and again, until `stop`."""
        pause = min(self.source.period_seconds, FIRST_PAUSE_SECONDS)
        while not stop.wait(pause):
            self.call()
            pause = min(self.source.period_seconds, LONGEST_PAUSE_SECONDS)

    def call(self) -> None:
        """Call the function, and wait until it is done or has failed: of that the runtime tells."""
        payload = self.source.payload
        event = scheduled_event(self.source.rule) if payload is None else json.loads(payload)
        with suppress(FunctionError):
            self._runtime.invoke(self.source.function, event)
