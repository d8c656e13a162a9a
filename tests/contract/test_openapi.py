"""openapi.json is what the code says, and valid."""

import json

import pytest
from openapi_spec_validator import validate
from pydantic import create_model

from common.api import Api
from common.models import Out
from local import openapi
from operations.endpoints.openapi import handler
from tests.contract.stack import DeclaredOperation, operations
from tests.contract.test_access import anonymous_call

DOCUMENT = json.loads(openapi.TARGET.read_text())


def api_answering(model: type[Out], path: str, name: str) -> Api:
    """Return an Api with one operation, which answers with `model`."""
    api = Api(switch=None)

    def read() -> Out:
        return model()

    read.__name__ = name
    read.__annotations__ = {"return": model}
    api.get(path, public=True)(read)
    return api


def test_the_committed_document_is_what_the_code_says() -> None:
    assert openapi.TARGET.read_text() == openapi.text(), "run `make openapi`"


def test_the_document_is_valid() -> None:
    validate(DOCUMENT)


def test_the_endpoint_serves_the_committed_document() -> None:
    answer = handler(anonymous_call("GET", "/openapi.json"))
    assert answer["headers"]["Content-Type"] == "application/json"
    assert answer["body"] == openapi.TARGET.read_text()


@pytest.mark.parametrize("declared", operations(), ids=str)
def test_an_operation_is_described_as_it_is_declared(declared: DeclaredOperation) -> None:
    operation = declared.operation
    described = DOCUMENT["paths"][operation.path][operation.method.lower()]
    assert str(operation.status) in described["responses"]
    assert (described.get("security") == []) == operation.public
    keys = [parameter["$ref"] for parameter in described.get("parameters", []) if "$ref" in parameter]
    expected = {"required": ["RequiredIdempotencyKey"], "honoured": ["IdempotencyKey"], "none": []}
    assert [key.rpartition("/")[2] for key in keys] == expected[operation.idempotency]


def test_every_problem_is_described_as_problem_json() -> None:
    for answer in DOCUMENT["components"]["responses"].values():
        assert list(answer["content"]) == ["application/problem+json"]


def test_two_models_of_one_name_are_refused() -> None:
    small, heavy = create_model("Thing", __base__=Out, size=int), create_model("Thing", __base__=Out, weight=int)
    described = [api_answering(small, "/small", "read_small"), api_answering(heavy, "/heavy", "read_heavy")]
    with pytest.raises(openapi.Ambiguous, match="Thing"):
        openapi.document(described)


def test_two_operations_of_one_name_are_refused() -> None:
    described = [api_answering(Out, "/first", "read"), api_answering(Out, "/second", "read")]
    with pytest.raises(openapi.Ambiguous, match="read"):
        openapi.document(described)
