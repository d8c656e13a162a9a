"""Calls functions in this process as Lambda would: with a context, a time limit, and JSON in and out."""

import asyncio
import json
import logging
import secrets
import threading
import time
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from local.intrinsics import ACCOUNT, REGION
from local.stack import Function

INITIALISATION_SECONDS = 10
THREADS = 32
LARGEST_RESULT = 6 * 1024 * 1024 + 100

log = logging.getLogger("local")


class FunctionError(Exception):
    """A function did not return a result; `payload` is what Lambda says of it."""

    def __init__(self, payload: dict[str, Any]) -> None:
        super().__init__(f"{payload['errorType']}: {payload['errorMessage']}")
        self.payload = payload


class TimedOut(FunctionError):
    """A function was not done within the time that it has. Its thread goes on: nothing can stop it."""

    def __init__(self, seconds: float) -> None:
        super().__init__(
            {"errorType": "Sandbox.Timedout", "errorMessage": f"Task timed out after {seconds:.2f} seconds"}
        )


class Unserialisable(Exception):
    """A result cannot be written as JSON."""


class TooLarge(Exception):
    """A result is larger than Lambda hands on."""


# What Lambda says of failures that are not simply the handler's own exceptions.
ERROR_TYPES: dict[type[BaseException], str] = {
    Unserialisable: "Runtime.MarshalError",
    TooLarge: "Function.ResponseSizeTooLarge",
    SystemExit: "Runtime.ExitError",
}


def _check(result: Any) -> None:
    """Raise where Lambda could not hand on a result."""
    try:
        size = len(json.dumps(result, ensure_ascii=False).encode())
    except (TypeError, ValueError) as error:
        raise Unserialisable(f"Unable to marshal response: {error}") from error
    if size > LARGEST_RESULT:
        raise TooLarge(f"Response payload size exceeded maximum allowed payload size ({LARGEST_RESULT} bytes).")


@dataclass(frozen=True)
class Context:
    """What Lambda hands to a handler beside the event."""

    function: Function
    aws_request_id: str
    started: float = field(default_factory=time.monotonic)
    function_version: str = "$LATEST"
    client_context: None = None
    identity: None = None

    @property
    def function_name(self) -> str:
        return self.function.name

    @property
    def memory_limit_in_mb(self) -> int:
        return self.function.memory

    @property
    def invoked_function_arn(self) -> str:
        return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{self.function.name}"

    @property
    def log_group_name(self) -> str:
        return f"/aws/lambda/{self.function.name}"

    @property
    def log_stream_name(self) -> str:
        return "local"

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the function may still take."""
        return max(int((self.started + self.function.timeout - time.monotonic()) * 1000), 0)


class Runtime:
    """Runs functions on threads: endpoints side by side, a consumer one event at a time."""

    def __init__(self, consumers: Iterable[Function]) -> None:
        self._threads = ThreadPoolExecutor(THREADS, "function")
        self._importing = threading.Lock()
        self._imported: set[str] = set()
        self._turns = {function.name: threading.Lock() for function in consumers}

    def invoke(self, function: Function, event: Any) -> Any:
        """Return the function's result; raise FunctionError where there is none."""
        seconds = self._seconds(function)
        try:
            return self._submit(function, event, seconds).result(seconds)
        except TimeoutError:
            raise self._timed_out(function, seconds) from None

    async def invoke_async(self, function: Function, event: Any, at_most: float = float("inf")) -> Any:
        """Do as `invoke` does, without holding up the event loop; raise TimeoutError after `at_most` seconds."""
        seconds = self._seconds(function)
        try:
            result = asyncio.wrap_future(self._submit(function, event, seconds))
            return await asyncio.wait_for(result, min(seconds, at_most))
        except TimeoutError:
            if seconds > at_most:
                raise
            raise self._timed_out(function, seconds) from None

    def warm(self, functions: Iterable[Function]) -> None:
        """Import functions before they are called; say which cannot be imported."""
        for function in functions:
            try:
                self._import(function)
            except (Exception, SystemExit) as error:  # noqa: BLE001 (whatever a module does while it is imported)
                log.error("%s cannot be imported: %s: %s", function.name, type(error).__name__, error)

    def _seconds(self, function: Function) -> float:
        return function.timeout + (0 if function.name in self._imported else INITIALISATION_SECONDS)

    def _timed_out(self, function: Function, seconds: float) -> TimedOut:
        error = TimedOut(seconds)
        log.error("%s: %s", function.name, error)
        return error

    def _submit(self, function: Function, event: Any, seconds: float) -> Future[Any]:
        return self._threads.submit(self._run, function, event, seconds)

    def _import(self, function: Function) -> Any:
        # One at a time: libraries that import one another in a circle are only safe from a single thread.
        with self._importing:
            handler = function.handler()
            self._imported.add(function.name)
            return handler

    @contextmanager
    def _turn(self, function: Function, seconds: float) -> Iterator[None]:
        """Wait until a consumer is free; raise TimeoutError when whoever called it no longer waits for the result.

        Otherwise each call of a consumer that never ends would keep one more thread, until none is left.
        """
        turn = self._turns.get(function.name)
        if turn is None:
            yield
        elif turn.acquire(timeout=seconds):
            try:
                yield
            finally:
                turn.release()
        else:
            raise TimeoutError

    def _run(self, function: Function, event: Any, seconds: float) -> Any:
        with self._turn(function, seconds):
            try:
                handler = function.handler() if function.name in self._imported else self._import(function)
                result = handler(event, Context(function, secrets.token_hex(16)))
                _check(result)
            except (Exception, SystemExit) as error:
                payload = {
                    "errorType": ERROR_TYPES.get(type(error), type(error).__name__),
                    "errorMessage": str(error),
                    "stackTrace": traceback.format_tb(error.__traceback__),
                }
                print(json.dumps({"level": "ERROR", "function_name": function.name, **payload}))
                log.error("%s failed: %s (see functions.log)", function.name, payload["errorType"])
                raise FunctionError(payload) from error
            return result
