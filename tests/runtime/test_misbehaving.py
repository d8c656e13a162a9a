"""Functions that take too long, return too much or crash: what Lambda reports, and that the next event is answered.

The local stack's runtime reports the same, so that what stands on it (gateway, stream, queues) sees no difference.
"""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from local.runtime import LARGEST_RESULT, FunctionError, Runtime
from local.stack import Function
from tests.runtime.runtime import BuiltFunction, LambdaRuntime, missing

HERE = Path(__file__).parent / "misbehaving"
WELL = {"well": True}
SECONDS = 2  # a busy machine needs one of them to start the function
TIMES_OUT = {"wait": SECONDS + 0.5}

type Invoke = Callable[[Any], Any]

in_lambda = pytest.mark.skipif(missing() is not None, reason=f"no Lambda runtime: {missing()}")


def built(module: str) -> BuiltFunction:
    """A function of ours that behaves badly; it needs no layer."""
    return BuiltFunction("Misbehaving", f"{module}.handler", HERE, [], {}, SECONDS)


@pytest.fixture
def lambda_runtime() -> Iterator[Invoke]:
    """Invokes the function in the real Lambda runtime."""
    with LambdaRuntime(built("app")) as runtime:
        yield runtime.invoke


@pytest.fixture
def local_runtime() -> Invoke:
    """Invokes the function in the local stack's runtime."""
    function = Function("Misbehaving", "tests.runtime.misbehaving.app.handler", SECONDS, 128)
    runtime = Runtime([])

    def invoke(event: Any) -> Any:
        try:
            return runtime.invoke(function, event)
        except FunctionError as error:
            return error.payload

    return invoke


@pytest.fixture(params=[pytest.param("lambda_runtime", marks=in_lambda), "local_runtime"])
def invoke(request: pytest.FixtureRequest) -> Invoke:
    """Invokes the function, in each runtime; the first event, which may take longer, is behind it."""
    invoke: Invoke = request.getfixturevalue(request.param)
    assert invoke(WELL) > 0
    return invoke


@pytest.mark.parametrize(
    ("event", "error_type", "words"),
    [
        ({"raise": "the secret is 42"}, "ValueError", "the secret is 42"),
        ({"unserialisable": True}, "Runtime.MarshalError", "set is not JSON serializable"),
        ({"size": LARGEST_RESULT + 1}, "Function.ResponseSizeTooLarge", f"payload size ({LARGEST_RESULT} bytes)"),
        ({"exit": 3}, "Runtime.ExitError", "3"),
        (TIMES_OUT, "Sandbox.Timedout", f"Task timed out after {SECONDS}.00 seconds"),
    ],
    ids=["raises", "returns what is no JSON", "returns too much", "leaves", "takes too long"],
)
def test_a_function_that_misbehaves_is_reported_and_answers_the_next_event(
    event: dict[str, Any], error_type: str, words: str, invoke: Invoke
) -> None:
    reported, afterwards = invoke(event), invoke(WELL)

    assert reported["errorType"] == error_type
    assert words in reported["errorMessage"]
    assert afterwards > 0


def test_the_largest_answer_that_lambda_hands_on_is_handed_on(invoke: Invoke) -> None:
    answer = invoke({"size": LARGEST_RESULT})

    assert len(answer) == LARGEST_RESULT - len('""')


@in_lambda
def test_a_process_that_dies_is_reported_and_replaced(lambda_runtime: Invoke) -> None:
    before, reported, after = lambda_runtime(WELL), lambda_runtime({"die": 3}), lambda_runtime(WELL)

    assert reported["errorType"] == "Runtime.ExitError"
    assert reported["errorMessage"].endswith("exit status 3")
    assert (before, after) == (1, 1)


@in_lambda
def test_a_process_that_takes_too_long_is_replaced_and_one_that_raises_goes_on(lambda_runtime: Invoke) -> None:
    answers = [lambda_runtime(event) for event in (WELL, {"raise": "no"}, WELL, TIMES_OUT, WELL)]

    assert [answer for answer in answers if isinstance(answer, int)] == [1, 2, 1]


@in_lambda
def test_a_module_that_fails_is_reported_each_time() -> None:
    with LambdaRuntime(built("unimportable")) as runtime:
        reports = [runtime.invoke(WELL) for _ in range(2)]

    assert [(report["errorType"], report["errorMessage"]) for report in reports] == [
        ("ValueError", "the secret is 42")
    ] * 2
