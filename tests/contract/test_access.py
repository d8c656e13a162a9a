"""Everything is closed unless it is declared open, and what is open is written down here as well."""

from collections.abc import Iterator
from typing import Any

import pytest

from common import aws, config
from common.api import Api
from common.table import table
from tests.contract.stack import DeclaredOperation, operations

PUBLIC = {
    "GET /calendar/{token}/pawtime.ics",
    "GET /health",
    "GET /openapi.json",
    "GET /places",
    "POST /auth/login",
    "POST /auth/refresh",
    "POST /auth/register",
    "POST /auth/resend-verification",
    "POST /auth/password/forgot",
    "POST /auth/password/reset",
    "POST /auth/verify-email",
}
CLOSED = [declared for declared in operations() if not declared.operation.public]


@pytest.fixture(autouse=True)
def _table_of_no_use(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A table that is named but is not there: whoever is refused never gets as far as asking it."""
    monkeypatch.setenv("TABLE_NAME", "nowhere")
    config.table_name.cache_clear()
    table.cache_clear()
    aws.client.cache_clear()
    yield
    config.table_name.cache_clear()
    table.cache_clear()


def anonymous_call(method: str, path: str) -> dict[str, Any]:
    """Return the payload-2.0 event of a caller who shows no token."""
    return {
        "version": "2.0",
        "rawPath": f"/api{path}",
        "rawQueryString": "",
        "headers": {"content-type": "application/json"},
        "requestContext": {"requestId": "test", "stage": "$default", "http": {"method": method, "path": f"/api{path}"}},
        "isBase64Encoded": False,
    }


def test_the_public_operations_are_those_listed_here() -> None:
    assert {str(declared) for declared in operations() if declared.operation.public} == PUBLIC


@pytest.mark.parametrize("declared", CLOSED, ids=str)
def test_a_closed_operation_refuses_who_is_not_signed_in(declared: DeclaredOperation) -> None:
    answer = declared.endpoint.api.handler(anonymous_call(declared.operation.method, declared.operation.path))
    assert answer["statusCode"] == 401
    assert answer["headers"]["Content-Type"] == "application/problem+json"
    assert "WWW-Authenticate" in answer["headers"]


def test_an_operation_that_declares_nothing_is_for_signed_in_adults_only() -> None:
    api = Api(switch=None)

    @api.post("/things")
    def make_thing() -> None:
        pytest.fail("must not be reached")

    [operation] = api.operations
    assert operation.child == "deny"
    assert not operation.public
    assert api.handler(anonymous_call("POST", "/things"))["statusCode"] == 401
