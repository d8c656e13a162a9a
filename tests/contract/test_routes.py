"""The template is the one registry of endpoints: it and the code say the same."""

from typing import Any

import pytest

from tests.contract.stack import (
    FUNCTIONS,
    DeclaredOperation,
    Endpoint,
    endpoints,
    functions,
    operations,
    read_template,
    translate,
)

every_endpoint = pytest.mark.parametrize("endpoint", endpoints(), ids=lambda endpoint: endpoint.name)
every_operation = pytest.mark.parametrize("declared", operations(), ids=str)


def segments(path: str) -> list[str]:
    return path.strip("/").split("/")


def is_variable(segment: str) -> bool:
    return segment.startswith("{")


def fits(path: str, route: str) -> bool:
    """Tell whether the route takes the path; a variable of the path's own name counts as its value."""
    pairs = list(zip(segments(path), segments(route), strict=False))
    return len(segments(path)) == len(segments(route)) and all(
        ours == theirs or (is_variable(theirs) and not is_variable(ours)) for ours, theirs in pairs
    )


def routed(path: str) -> str:
    """Return the route that API Gateway chooses: the one whose literal segments begin earliest."""
    called = "/".join("value" if is_variable(segment) else segment for segment in segments(path))
    candidates = [endpoint.route for endpoint in endpoints() if fits(called, endpoint.route)]
    return min(candidates, key=lambda route: [is_variable(segment) for segment in segments(route)])


@every_endpoint
def test_an_endpoint_has_one_route_under_api_for_all_methods(endpoint: Endpoint) -> None:
    [event] = endpoint.events
    assert event["Properties"]["Method"] == "ANY"
    assert event["Properties"]["ApiId"] == {"Ref": "HttpApi"}
    assert endpoint.route.startswith("/api/")


@every_endpoint
def test_the_handler_is_that_of_the_modules_own_api(endpoint: Endpoint) -> None:
    assert endpoint.module.handler == endpoint.api.handler
    assert endpoint.api.operations


@every_operation
def test_the_path_in_code_fits_the_route_in_the_template(declared: DeclaredOperation) -> None:
    assert fits(f"/api{declared.operation.path}", declared.endpoint.route)


@every_operation
def test_the_gateway_sends_the_path_to_the_function_that_declares_it(declared: DeclaredOperation) -> None:
    assert routed(f"/api{declared.operation.path}") == declared.endpoint.route


def test_no_two_functions_share_a_route() -> None:
    routes = [endpoint.route for endpoint in endpoints()]
    assert sorted(routes) == sorted(set(routes))


def test_every_endpoint_file_is_in_the_template_and_the_other_way_round() -> None:
    files = {
        ".".join((*file.relative_to(FUNCTIONS).with_suffix("").parts, "handler"))
        for file in FUNCTIONS.glob("*/endpoints/*.py")
        if file.name != "__init__.py"
    }
    assert files == {endpoint.handler for endpoint in endpoints()}


def test_every_function_file_exists() -> None:
    for properties in functions(read_template()).values():
        module = properties["Handler"].removesuffix(".handler")
        assert (FUNCTIONS / module.replace(".", "/")).with_suffix(".py").is_file(), properties["Handler"]


def test_every_function_runs_on_python_3_13() -> None:
    """sam validate accepts any runtime in Globals."""
    made: list[Any] = [
        resource["Properties"]["Runtime"]
        for resource in translate(read_template()).values()
        if resource["Type"] == "AWS::Lambda::Function"
    ]
    assert set(made) == {"python3.13"}
    assert len(made) == len(functions(read_template()))
