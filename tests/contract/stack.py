"""The template as CloudFormation sees it: read and translated by AWS's own library, and by none of our code."""

import copy
import importlib
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from samtranslator.translator.managed_policy_translator import ManagedPolicyLoader
from samtranslator.translator.transform import transform
from samtranslator.yaml_helper import yaml_parse

from common.api import Api, Operation

ROOT = Path(__file__).parent.parent.parent
FUNCTIONS = ROOT / "functions"

type Template = dict[str, Any]


@dataclass(frozen=True)
class Endpoint:
    """A function of the template that answers an HTTP route."""

    name: str
    handler: str
    events: list[dict[str, Any]]

    @property
    def route(self) -> str:
        return str(self.events[0]["Properties"]["Path"])

    @property
    def module(self) -> Any:
        return importlib.import_module(self.handler.removesuffix(".handler"))

    @property
    def api(self) -> Api:
        api: Api = self.module.api
        return api


@dataclass(frozen=True)
class DeclaredOperation:
    """One method of one path, and the endpoint that declares it."""

    endpoint: Endpoint
    operation: Operation

    def __str__(self) -> str:
        return f"{self.operation.method} {self.operation.path}"


def read_template() -> Template:
    """Return template.yaml with `!Ref` and the like in their long form."""
    template: Template = yaml_parse((ROOT / "template.yaml").read_text())
    return template


def functions(template: Template) -> dict[str, dict[str, Any]]:
    """Return the properties of each function by its name."""
    return {
        name: resource["Properties"]
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def endpoints() -> list[Endpoint]:
    """Return every function that answers an HTTP route."""
    return [
        Endpoint(name, properties["Handler"], events)
        for name, properties in functions(read_template()).items()
        if (events := [event for event in properties.get("Events", {}).values() if event["Type"] == "HttpApi"])
    ]


def operations() -> list[DeclaredOperation]:
    """Return every operation of every endpoint."""
    return [DeclaredOperation(endpoint, operation) for endpoint in endpoints() for operation in endpoint.api.operations]


def translate(template: Template) -> dict[str, dict[str, Any]]:
    """Return the resources that CloudFormation makes of the template, as if its code had been uploaded."""
    uploaded = copy.deepcopy(template)
    uploaded["Globals"]["Function"]["CodeUri"] = "s3://bucket/functions.zip"
    for resource in uploaded["Resources"].values():
        if resource["Type"] == "AWS::Serverless::LayerVersion":
            resource["Properties"]["ContentUri"] = "s3://bucket/layer.zip"
    # No policy of ours is named by its short name, so AWS need not be asked for the list of them.
    resources: dict[str, dict[str, Any]] = transform(uploaded, {}, ManagedPolicyLoader(None))["Resources"]
    return resources


def kinds(resources: dict[str, dict[str, Any]]) -> Counter[str]:
    """Count resources by type."""
    return Counter(resource["Type"] for resource in resources.values())
