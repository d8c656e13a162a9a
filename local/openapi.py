"""Writes functions/operations/openapi.json from the code: `python -m local.openapi`, or `--check` to compare only.

Powertools describes paths, parameters, bodies and answers; what `Api` does for every endpoint (sign-in, problems,
idempotency) is added here from what each operation declares.
"""

import json
import re
import sys
import tomllib
from collections.abc import Iterable, Iterator
from http import HTTPStatus
from typing import Any

from common.api import JSON, PROBLEM_JSON, Api, Operation
from local.derived import ROOT, keep
from local.template import load

TARGET = ROOT / "functions/operations/openapi.json"
WRITING = frozenset({"POST", "PUT", "PATCH", "DELETE"})
SCHEMA_REFERENCE = re.compile(r'"#/components/schemas/([^"]+)"')

PROBLEM = {
    "type": "object",
    "description": "What went wrong (RFC 9457). `code` is stable; `title` and `detail` are meant for people.",
    "required": ["type", "title", "status", "code", "request_id"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer", "minimum": 400, "maximum": 599},
        "code": {"type": "string", "pattern": "^[a-z][a-z0-9_]*$"},
        "detail": {"type": "string"},
        "errors": {"type": "array", "items": {"$ref": "#/components/schemas/ProblemError"}},
        "request_id": {"type": "string"},
    },
}
PROBLEM_ERROR = {
    "type": "object",
    "description": "One value that is not acceptable. `pointer` points into the body, or is /query/..., /path/...",
    "required": ["pointer", "type", "detail"],
    "properties": {"pointer": {"type": "string"}, "type": {"type": "string"}, "detail": {"type": "string"}},
    "additionalProperties": False,
}
RETRY_AFTER = {"Retry-After": {"description": "Seconds to wait before trying again", "schema": {"type": "string"}}}
ETAG = {"description": "What the answer is known again by", "schema": {"type": "string"}}
UNCHANGED = {"description": HTTPStatus.NOT_MODIFIED.phrase, "headers": {"ETag": ETAG}}
IF_NONE_MATCH = {
    "name": "If-None-Match",
    "in": "header",
    "required": False,
    "description": "The ETag of an earlier answer: one that is still the same is answered with 304",
    "schema": {"type": "string"},
}
PROBLEM_HEADERS = {
    HTTPStatus.UNAUTHORIZED: {"WWW-Authenticate": {"description": "How to sign in", "schema": {"type": "string"}}},
    HTTPStatus.TOO_MANY_REQUESTS: RETRY_AFTER,
    HTTPStatus.SERVICE_UNAVAILABLE: RETRY_AFTER,
}
BEARER = {
    "type": "http",
    "scheme": "bearer",
    "bearerFormat": "JWT",
    "description": "The access token that signing in returns; it is good for five minutes",
}


class Ambiguous(Exception):
    """Two different things in the API bear one name, so that a document could show only one of them."""


def apis() -> list[Api]:
    """Return the Api of every endpoint that the template names."""
    handlers: list[Any] = [endpoint.handler() for endpoint in load().endpoints]
    return [handler.__self__ for handler in handlers]


def document(described: Iterable[Api]) -> dict[str, Any]:
    """Return the OpenAPI document of these endpoints."""
    paths: dict[str, dict[str, Any]] = {}
    schemas: dict[str, Any] = {"Problem": PROBLEM, "ProblemError": PROBLEM_ERROR}
    operation_ids: set[str] = set()
    for api in described:
        found = json.loads(api.resolver.get_openapi_schema().model_dump_json(by_alias=True, exclude_none=True))
        components = found.get("components", {}).get("schemas", {})
        _drop_patch_defaults(found["paths"], components)
        for name, schema in components.items():
            if schemas.setdefault(name, schema) != schema:
                raise Ambiguous(f"Two models are called {name}")
        for operation in api.operations:
            details = found["paths"][operation.path][operation.method.lower()]
            if details["operationId"] in operation_ids:
                raise Ambiguous(f"Two operations are called {details['operationId']}")
            operation_ids.add(details["operationId"])
            paths.setdefault(operation.path, {})[operation.method.lower()] = _describe(details, operation)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pawtime", "version": project["version"], "description": project["description"]},
        "servers": [{"url": "/api"}],
        "security": [{"bearer": []}],
        "paths": paths,
        "components": {
            "securitySchemes": {"bearer": BEARER},
            "parameters": {name: _idempotency_key(name) for name in ("IdempotencyKey", "RequiredIdempotencyKey")},
            "responses": {_name(status): _problem(status) for status in _statuses(paths)},
            "schemas": _used(schemas, paths),
        },
    }


def _drop_patch_defaults(paths: dict[str, dict[str, Any]], components: dict[str, Any]) -> None:
    """Drop the defaults in the bodies of PATCH: what is left out stays as it is, whatever stands in the model."""
    for path in paths.values():
        for name in SCHEMA_REFERENCE.findall(json.dumps(path.get("patch", {}).get("requestBody"))):
            for member in components[name]["properties"].values():
                member.pop("default", None)


def _describe(details: dict[str, Any], operation: Operation) -> dict[str, Any]:
    """Complete what Powertools says of an operation by what `Api` adds to it."""
    details["summary"] = details["operationId"].replace("_", " ").capitalize()
    success = details["responses"][str(operation.status)]
    success["description"] = HTTPStatus(operation.status).phrase
    if operation.status == HTTPStatus.NO_CONTENT:
        success.pop("content", None)
    if operation.media_type != JSON:
        success["content"] = {operation.media_type.partition(";")[0]: {"schema": {"type": "string"}}}
    details["responses"] = {str(operation.status): success} | {
        str(status.value): {"$ref": f"#/components/responses/{_name(status)}"}
        for status in sorted({*_problems(details, operation), *map(HTTPStatus, operation.problems)})
    }
    if operation.idempotency != "none":
        name = "RequiredIdempotencyKey" if operation.idempotency == "required" else "IdempotencyKey"
        details.setdefault("parameters", []).append({"$ref": f"#/components/parameters/{name}"})
    if operation.fresh_seconds is not None:
        details.setdefault("parameters", []).append(IF_NONE_MATCH)
        success["headers"] = {"ETag": ETAG}
        details["responses"][str(HTTPStatus.NOT_MODIFIED.value)] = UNCHANGED
    return details


def _problems(details: dict[str, Any], operation: Operation) -> Iterator[HTTPStatus]:
    """Name the problems that an operation can answer with."""
    writing, body = operation.method in WRITING, "requestBody" in details
    yield HTTPStatus.BAD_REQUEST
    if writing or not operation.public:
        # Signing in is public, and a wrong password is answered like a missing token.
        yield HTTPStatus.UNAUTHORIZED
        yield HTTPStatus.FORBIDDEN
    if "{" in operation.path or (body and not operation.public):
        yield HTTPStatus.NOT_FOUND
    if writing:
        yield HTTPStatus.CONFLICT
        yield HTTPStatus.TOO_MANY_REQUESTS
    if body:
        yield HTTPStatus.REQUEST_ENTITY_TOO_LARGE
        yield HTTPStatus.UNSUPPORTED_MEDIA_TYPE
    if body or "parameters" in details or operation.idempotency != "none":
        yield HTTPStatus.UNPROCESSABLE_ENTITY
    yield HTTPStatus.SERVICE_UNAVAILABLE


def _statuses(paths: dict[str, dict[str, Any]]) -> list[HTTPStatus]:
    answered = {status for path in paths.values() for details in path.values() for status in details["responses"]}
    return [HTTPStatus(int(status)) for status in sorted(answered) if int(status) >= HTTPStatus.BAD_REQUEST]


def _name(status: HTTPStatus) -> str:
    return status.phrase.replace(" ", "")


def _problem(status: HTTPStatus) -> dict[str, Any]:
    content = {PROBLEM_JSON: {"schema": {"$ref": "#/components/schemas/Problem"}}}
    headers = PROBLEM_HEADERS.get(status)
    return {"description": status.phrase, "content": content} | ({"headers": headers} if headers else {})


def _idempotency_key(name: str) -> dict[str, Any]:
    return {
        "name": "Idempotency-Key",
        "in": "header",
        "required": name == "RequiredIdempotencyKey",
        "description": "Makes a repetition of the request harmless: it gets the first one's answer",
        "schema": {"type": "string", "pattern": '^"?[!#-~]{1,64}"?$'},
    }


def _used(schemas: dict[str, Any], paths: dict[str, Any]) -> dict[str, Any]:
    """Return the schemas that the paths and the problems lead to."""
    wanted = {"Problem", *SCHEMA_REFERENCE.findall(json.dumps(paths))}
    used: dict[str, Any] = {}
    while wanted:
        name = wanted.pop()
        used[name] = schemas[name]
        wanted |= set(SCHEMA_REFERENCE.findall(json.dumps(schemas[name]))) - used.keys()
    return used


def _whole_numbers(value: Any) -> Any:
    """Write 100, not 100.0: Powertools turns the bounds of integers into floats."""
    match value:
        case float() if value.is_integer():
            return int(value)
        case list():
            return [_whole_numbers(element) for element in value]
        case dict():
            return {name: _whole_numbers(element) for name, element in value.items()}
        case _:
            return value


def text() -> str:
    """Return the document as it is committed: the same code always gives the same bytes."""
    return json.dumps(_whole_numbers(document(apis())), indent=2, sort_keys=True, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    sys.exit(keep(TARGET, text(), "make openapi"))
