"""Functions for the local stack to call in tests."""

import json
import sys
import threading
import time
from typing import Any

from local.runtime import LARGEST_RESULT

RELEASE = threading.Event()


def echo(event: Any, _context: Any) -> Any:
    return {"statusCode": 200, "headers": {"Content-Type": "text/plain"}, "body": event["routeKey"]}


def cookies(_event: Any, _context: Any) -> Any:
    return {"statusCode": 204, "cookies": ["a=1", "b=2"]}


def event_itself(event: Any, _context: Any) -> Any:
    return event


def context_itself(_event: Any, context: Any) -> Any:
    return [context.function_name, context.memory_limit_in_mb, context.get_remaining_time_in_millis() > 0]


def broken(_event: Any, _context: Any) -> Any:
    raise ValueError("the secret is 42")


def unserialisable(_event: Any, _context: Any) -> Any:
    return {"statusCode": 200, "body": {1, 2}}


def malformed(_event: Any, _context: Any) -> Any:
    return {"statusCode": "soon"}


def too_large(_event: Any, _context: Any) -> Any:
    return {"statusCode": 200, "body": "x" * LARGEST_RESULT}


def leaves(_event: Any, _context: Any) -> Any:
    sys.exit(3)


def endless(_event: Any, _context: Any) -> Any:
    RELEASE.wait(10)


def slow_consumer(event: Any, _context: Any) -> Any:
    started = time.monotonic()
    time.sleep(0.02)
    event["spans"].append((started, time.monotonic()))


CALLS: list[Any] = []


def called(event: Any, _context: Any) -> Any:
    CALLS.append(event)


def broken_at_first(event: Any, _context: Any) -> Any:
    CALLS.append(event)
    if len(CALLS) == 1:
        raise ValueError("the secret is 42")


def called_slowly(_event: Any, _context: Any) -> Any:
    started = time.monotonic()
    time.sleep(0.02)
    CALLS.append((started, time.monotonic()))


def logs(event: Any, _context: Any) -> Any:
    sys.stdout.write(f"{json.dumps(event)}\n")


QUEUED: list[str] = []


def fails_at_poison(event: Any, _context: Any) -> Any:
    failures = []
    for record in event["Records"]:
        if record["body"] == "poison":
            failures.append({"itemIdentifier": record["messageId"]})
        else:
            QUEUED.append(record["body"])
    return {"batchItemFailures": failures}
