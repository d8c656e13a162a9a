"""Each built function answers in the real Lambda runtime as it does in the other tests."""

import json
from collections.abc import Iterator

import pytest

from common.table import Table
from tests.contract.stack import Endpoint, endpoints
from tests.contract.test_access import anonymous_call
from tests.runtime.runtime import ALONE, LambdaRuntime, built_functions, missing

pytestmark = [
    pytest.mark.skipif(missing() is not None, reason=f"no Lambda runtime: {missing()}"),
    pytest.mark.engines("dynoxide"),
]


@pytest.fixture
def health(store: Table) -> Iterator[LambdaRuntime]:
    """The health function with a table."""
    here = ALONE | {"Table": store.name, "DynamoDbEndpoint": store.client.meta.endpoint_url}
    with LambdaRuntime(built_functions(here)["HealthFunction"]) as runtime:
        yield runtime


def test_health_answers_while_the_table_does(health: LambdaRuntime) -> None:
    cold, warm = (health.invoke(anonymous_call("GET", "/health")) for _ in range(2))
    assert cold["statusCode"] == warm["statusCode"] == 200
    assert json.loads(cold["body"]) == {"status": "ok"}


def test_health_asks_for_patience_while_the_table_is_away() -> None:
    with LambdaRuntime(built_functions(ALONE)["HealthFunction"]) as runtime:
        answer = runtime.invoke(anonymous_call("GET", "/health"))
    assert answer["statusCode"] == 503
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert int(answer["headers"]["Retry-After"]) > 0


@pytest.mark.parametrize("endpoint", endpoints(), ids=lambda endpoint: endpoint.name)
def test_every_endpoint_starts_and_asks_for_a_token_where_it_is_closed(endpoint: Endpoint) -> None:
    with LambdaRuntime(built_functions(ALONE)[endpoint.name]) as runtime:
        for operation in endpoint.api.operations:
            answer = runtime.invoke(anonymous_call(operation.method, operation.path))
            assert "errorType" not in answer
            assert operation.public or answer["statusCode"] == 401, operation
