"""What the local stack runs of the template is what `sam local` would run of it, but for the differences named here."""

import importlib
import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

import common
from local.template import TEMPLATE, load
from tests.contract.stack import read_template

ROOT = TEMPLATE.parent
PYTHON = ROOT / ".venv-sam/bin/python"
PROVIDERS = Path(__file__).with_name("sam_providers.py")

pytestmark = pytest.mark.skipif(not PYTHON.exists(), reason="there is no .venv-sam: `make test` makes it")

STACK = load()
PARAMETERS = {"PublicUrl": "https://pawtime.example", "SqsEndpoint": "http://127.0.0.1:3000/_local/sqs"}

LAYERS = {
    "operations.consumers.picture.handler": "layers/images/",
    "appointments.endpoints.appointment_calendar.handler": "layers/calendars/",
    "appointments.endpoints.subscribed_calendar.handler": "layers/calendars/",
}
"""The layers that few functions have."""

# The differences. SAM writes ANY out as the methods that it knows; the local stack takes all methods.
ANY = ["DELETE", "GET", "HEAD", "OPTIONS", "PATCH", "POST", "PUT"]
# SAM lets a reference to a resource stand for its logical id; the local stack has something in its place.
IN_PLACE_OF = {
    "AWS::DynamoDB::Table": "pawtime",
    "AWS::SQS::Queue": "https://sqs.eu-west-1.amazonaws.com/000000000000/{}",
}
# SAM gives each function its own variables; here all functions share one process, and so the variables of all.


@pytest.fixture(scope="module")
def sam() -> Any:
    """What SAM's own providers say of the template."""
    offline = {"SAM_CLI_TELEMETRY": "0", "AWS_EC2_METADATA_DISABLED": "true", "AWS_DEFAULT_REGION": "eu-west-1"}
    printed = subprocess.run(
        [PYTHON, PROVIDERS, TEMPLATE, json.dumps(PARAMETERS)],
        env={"PATH": os.environ["PATH"], **offline},
        stdout=subprocess.PIPE,
        check=True,
    )
    return json.loads(printed.stdout)


def test_each_route_goes_to_the_same_function(sam: Any) -> None:
    ours = {
        endpoint.path: {
            "path": endpoint.path,
            "methods": ANY if endpoint.method == "ANY" else [endpoint.method],
            "function": endpoint.function.name,
            "kind": "HttpApi",
            "payload": None,  # which means 2.0
            "authorizer": None,
        }
        for endpoint in STACK.endpoints
    }

    assert ours == {route["path"]: route for route in sam["routes"]}
    assert len(sam["routes"]) == len(STACK.endpoints)
    assert sam["cors"] is None


def test_each_function_has_the_same_handler_memory_and_time(sam: Any) -> None:
    ours = {
        function.name: (function.handler_path, function.memory, function.timeout)
        for function in STACK.functions.values()
    }

    assert ours == {
        name: (function["handler"], function["memory"], function["timeout"])
        for name, function in sam["functions"].items()
    }


def test_functions_have_the_same_variables(sam: Any) -> None:
    in_place = {
        name: IN_PLACE_OF[resource["Type"]].format(name)
        for name, resource in read_template()["Resources"].items()
        if resource["Type"] in IN_PLACE_OF
    }

    ours = STACK.environment(PARAMETERS)

    theirs = [
        {variable: in_place.get(value, value) for variable, value in function["variables"].items()}
        for function in sam["functions"].values()
    ]
    assert all(variables.items() <= ours.items() for variables in theirs)
    assert ours.keys() == set().union(*theirs)


def test_functions_run_on_the_same_python_with_the_same_code_and_layers(sam: Any) -> None:
    functions, common_layer = sam["functions"].values(), sam["layers"][0]

    assert {function["runtime"] for function in functions} == {"python{}.{}".format(*sys.version_info)}
    for function in functions:
        module = function["handler"].rpartition(".")[0]
        expected = (ROOT / function["code"] / module.replace(".", "/")).with_suffix(".py")
        assert Path(str(importlib.import_module(module).__file__)) == expected
        own = LAYERS.get(function["handler"])
        assert [ROOT / each for each in function["layers"]] == [ROOT / each for each in (common_layer, own) if each]
    assert ROOT / common_layer / "python" == Path(str(common.__file__)).parent.parent
