"""Requests find the function that an HTTP API would give them to."""

import pytest

from local.routes import Router
from tests.local.stacks import endpoint

ROUTER = Router(
    [
        endpoint("/api/pets/{pet_id}"),
        endpoint("/api/pets/new"),
        endpoint("/api/pets"),
        endpoint("/api/{kind}/new/photos"),
        endpoint("/api/pets/{pet_id}/photos"),
        endpoint("/api/orders", "POST"),
        endpoint("/api/orders"),
        endpoint("/api/reports", "GET"),
    ]
)


@pytest.mark.parametrize(
    ("method", "path", "route"),
    [
        ("GET", "/api/pets", "ANY /api/pets"),
        ("PATCH", "/api/pets/7", "ANY /api/pets/{pet_id}"),
        ("GET", "/api/pets/new", "ANY /api/pets/new"),
        ("GET", "/api/pets/new/photos", "ANY /api/pets/{pet_id}/photos"),
        ("GET", "/api/cats/new/photos", "ANY /api/{kind}/new/photos"),
        ("POST", "/api/orders", "POST /api/orders"),
        ("GET", "/api/orders", "ANY /api/orders"),
        ("GET", "/api/%70ets", "ANY /api/pets"),
    ],
)
def test_a_literal_segment_beats_a_variable_and_a_method_beats_any(method: str, path: str, route: str) -> None:
    found = ROUTER.match(method, path)

    assert found
    assert found.route_key == route


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api"),
        ("GET", "/api/cats"),
        ("GET", "/api/pets/"),
        ("GET", "/api/pets/7/8/9"),
        ("GET", "/api//pets"),
        ("GET", "/API/pets"),
        ("POST", "/api/reports"),
        ("GET", "/api/pets/7%2F8%2F9"),
    ],
)
def test_what_no_route_takes_finds_nothing(method: str, path: str) -> None:
    assert ROUTER.match(method, path) is None


def test_variables_have_their_decoded_values() -> None:
    route = endpoint("/api/pets/{pet_id}/photos/{photo_id}")

    assert route.parameters("GET", "/api/pets/a%20b/photos/%C3%A9") == {"pet_id": "a b", "photo_id": "é"}
