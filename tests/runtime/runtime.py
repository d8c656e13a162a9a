"""A built function in the real Lambda runtime, without Docker.

The Runtime Interface Emulator is Lambda's own; it comes with aws-sam-cli. It starts Lambda's Python runtime client
in an environment that holds only that client and boto3, as in Lambda, with the built layers on its path.
"""

import json
import os
import platform
import signal
import socket
import subprocess
import threading
import time
import urllib.request
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Self
from urllib.error import HTTPError

from samtranslator.yaml_helper import yaml_parse

ROOT = Path(__file__).parent.parent.parent
BUILD = ROOT / ".aws-sam/build"
PYTHON = ROOT / ".build/runtime/bin/python"
EMULATOR = ROOT / ".venv-sam/lib/python3.13/site-packages/samcli/local/rapid/aws-lambda-rie-x86_64"

NOWHERE = "http://127.0.0.1:9"
ALONE = {
    "Table": "pawtime",
    "SigningSecret": "signing",
    "MediaBucket": "MediaBucket",
    "DynamoDbEndpoint": NOWHERE,
    "S3Endpoint": NOWHERE,
    "SecretsManagerEndpoint": NOWHERE,
    "SesEndpoint": NOWHERE,
    "SqsEndpoint": NOWHERE,
}
"""What stands for the resources of a function that reaches none of them."""


def missing() -> str | None:
    """Return why there is no Lambda runtime here, or None where there is one."""
    if (platform.system(), platform.machine()) != ("Linux", "x86_64"):
        return "the functions are built for Linux on x86_64"
    needed = {EMULATOR: "make test", PYTHON: "make test", BUILD / "template.yaml": "make build"}
    for path, command in needed.items():
        if not path.exists():
            return f"there is no {path.relative_to(ROOT)}: `{command}` makes it"
    sources = [ROOT / "template.yaml", *(ROOT / "functions").rglob("*.py"), *(ROOT / "layers").rglob("*.py")]
    sources += (ROOT / "layers").glob("*/requirements.txt")
    built = (BUILD / "template.yaml").stat().st_mtime
    if any(source.stat().st_mtime > built for source in sources):
        return "what was built is older than the code: `make build` brings it up to date"
    return None


@dataclass(frozen=True)
class BuiltFunction:
    """A function as `sam build` left it."""

    name: str
    handler: str
    folder: Path
    layers: list[Path]
    environment: Mapping[str, str]
    timeout: int


def built_functions(resources: Mapping[str, str]) -> dict[str, BuiltFunction]:
    """Return the functions by name; `resources` names what stands for the table; other resources go by their names."""
    template = yaml_parse((BUILD / "template.yaml").read_text())
    values = {name: str(parameter.get("Default", "")) for name, parameter in template["Parameters"].items()}
    values |= {name: name for name in template["Resources"]} | dict(resources)
    shared = template["Globals"]["Function"]

    def resolve(value: Any) -> str:
        return values[value["Ref"]] if isinstance(value, dict) else str(value)

    return {
        name: BuiltFunction(
            name=name,
            handler=resource["Properties"]["Handler"],
            folder=BUILD / resource["Properties"]["CodeUri"],
            layers=[
                BUILD / template["Resources"][layer["Ref"]]["Properties"]["ContentUri"]
                for layer in [*shared["Layers"], *resource["Properties"].get("Layers", [])]
            ],
            environment={
                variable: resolve(value)
                for variable, value in {
                    **shared["Environment"]["Variables"],
                    **resource["Properties"].get("Environment", {}).get("Variables", {}),
                }.items()
            },
            timeout=resource["Properties"].get("Timeout", shared["Timeout"]),
        )
        for name, resource in template["Resources"].items()
        if resource["Type"] == "AWS::Serverless::Function"
    }


def _free_address() -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return f"127.0.0.1:{probe.getsockname()[1]}"


class LambdaRuntime:
    """One execution environment of one function, alive inside `with`."""

    def __init__(self, function: BuiltFunction, environment: Mapping[str, str] | None = None) -> None:
        self.function = function
        self.environment = dict(environment or {})
        self.address = _free_address()
        self._one_at_a_time = threading.Lock()  # an execution environment takes one event at a time

    def __enter__(self) -> Self:
        function = self.function
        addresses = ["--runtime-interface-emulator-address", self.address, "--runtime-api-address", _free_address()]
        self._process = subprocess.Popen(
            [EMULATOR, *addresses, PYTHON, "-m", "awslambdaric", function.handler],
            cwd=function.folder,
            env={
                "PATH": os.environ["PATH"],
                "PYTHONPATH": os.pathsep.join(str(layer / "python") for layer in function.layers),
                "LAMBDA_TASK_ROOT": str(function.folder),
                "AWS_LAMBDA_FUNCTION_NAME": function.name,
                "AWS_LAMBDA_FUNCTION_TIMEOUT": str(function.timeout),
                "AWS_REGION": "eu-west-1",
                "AWS_DEFAULT_REGION": "eu-west-1",
                "AWS_ACCESS_KEY_ID": "testing",
                "AWS_SECRET_ACCESS_KEY": "testing",
                **function.environment,
                **self.environment,
            },
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
        self._wait_until_it_listens()
        return self

    def __exit__(self, *_exception: object) -> None:
        os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _wait_until_it_listens(self) -> None:
        host, port = self.address.split(":")
        for _ in range(500):
            try:
                socket.create_connection((host, int(port)), timeout=1).close()
            except ConnectionRefusedError:
                time.sleep(0.01)
            else:
                return
        raise TimeoutError("the runtime interface emulator does not listen")

    def invoke(self, event: Mapping[str, Any]) -> Any:
        """Return what the function answers; an error of the function is returned as Lambda reports it."""
        request = urllib.request.Request(
            f"http://{self.address}/2015-03-31/functions/function/invocations", data=json.dumps(event).encode()
        )
        try:
            with self._one_at_a_time, urllib.request.urlopen(request, timeout=120) as answer:
                text = answer.read()
        except HTTPError as error:  # the process has died, or was not let live
            with error:
                text = error.read()
        if text.startswith(b"Task timed out"):  # Lambda reports this as JSON, the emulator in bare words
            return {"errorType": "Sandbox.Timedout", "errorMessage": text.decode()}
        return json.loads(text)
