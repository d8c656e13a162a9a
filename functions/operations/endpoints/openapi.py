"""/openapi.json: the description of this API, as committed with the code (`make openapi` writes it)."""

from functools import cache
from http import HTTPStatus
from importlib.resources import files
from typing import Any

from aws_lambda_powertools.event_handler import Response

from common.api import JSON, Api

api = Api(switch=None)


@cache
def _document() -> str:
    return files("operations").joinpath("openapi.json").read_text(encoding="utf-8")


@api.get("/openapi.json", public=True)
def read_openapi() -> Response[Any]:
    return Response(HTTPStatus.OK, JSON, _document())


handler = api.handler
