"""What the committed description says of an operation: its parameters, and all that its body may hold."""

import json
from collections.abc import Iterator
from functools import cache
from typing import Any

from local import openapi

type Schema = dict[str, Any]
type Place = tuple[str, ...]


@cache
def description() -> dict[str, Any]:
    """Return the committed description of the API."""
    document: dict[str, Any] = json.loads(openapi.TARGET.read_text(encoding="utf-8"))
    return document


def described(operation: str) -> dict[str, Any]:
    """Return what the description says of an operation."""
    method, _, path = operation.partition(" ")
    details: dict[str, Any] = description()["paths"][path][method.lower()]
    return details


def queries_of(operation: str) -> list[str]:
    """Return the query parameters of an operation."""
    parameters = described(operation).get("parameters", [])
    return [each["name"] for each in parameters if each.get("in") == "query"]


def takes_body(operation: str) -> bool:
    """Tell whether an operation is described as one with a body."""
    return "requestBody" in described(operation)


def body_of(operation: str) -> Schema:
    """Return the schema of an operation's body, `{}` where it takes none; a body without members fails."""
    if not takes_body(operation):
        return {}
    schema: Schema = described(operation)["requestBody"]["content"]["application/json"]["schema"]
    assert members_in(schema), f"{operation} takes a body in which nobody sees a member"
    return schema


def shapes(schema: Schema) -> Iterator[Schema]:
    """Give a schema and all that it stands for: what it refers to, its alternatives, its parts, and theirs."""
    yield schema
    if "$ref" in schema:
        yield from shapes(description()["components"]["schemas"][schema["$ref"].rpartition("/")[2]])
    for word in ("oneOf", "anyOf", "allOf"):
        for each in schema.get(word, []):
            yield from shapes(each)


def members_in(schema: Schema) -> dict[str, list[Schema]]:
    """Return the members of an object, in any of its shapes, with the schemas that each has in them."""
    found: dict[str, list[Schema]] = {}
    for shape in shapes(schema):
        for name, member in shape.get("properties", {}).items():
            found.setdefault(name, []).append(member)
    return found


def objects_in(schema: Schema, place: Place = ()) -> dict[Place, set[str]]:
    """Return the places of all objects that a schema describes (`*` in lists), with the names that each may have."""
    members = members_in(schema)
    found = {place: set(members)} if members else {}
    inner = [(member, (*place, name)) for name, several in members.items() for member in several]
    inner += [(shape["items"], (*place, "*")) for shape in shapes(schema) if "items" in shape]
    for member, at in inner:
        for where, names in objects_in(member, at).items():
            found.setdefault(where, set()).update(names)
    return found


def is_text(member: Schema) -> bool:
    """Tell whether a member may be text."""
    return any(shape.get("type") == "string" for shape in shapes(member))
