"""The whole stack, started as `make run` starts it."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import boto3
import httpx
import pytest

from local.run import listen
from local.store import binary, free_port
from tests.local.running import ROOT, Running, environment

STOP_SECONDS = 2

pytestmark = pytest.mark.skipif(binary() is None, reason="the embedded engine has no binary for this machine")


def refused(data: Path, port: int, **settings: str) -> str:
    """Start a stack that does not start; return what it says."""
    ended = subprocess.run(
        [sys.executable, "-m", "local.run"],
        cwd=ROOT,
        env=environment(data, port) | settings,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.count("\n") == 1
    return ended.stderr.strip()


@contextmanager
def occupied() -> Iterator[int]:
    with socket.create_server(("127.0.0.1", 0)) as server:
        yield int(server.getsockname()[1])


def gone(process: int) -> bool:
    return not Path(f"/proc/{process}").exists()


def test_everything_works_together_and_is_still_there_after_a_restart(tmp_path: Path) -> None:
    newcomer = {"username": "newcomer", "email": "newcomer@example.com", "password": "correct horse battery"}
    login = {"username": "newcomer", "password": newcomer["password"], "delivery": "body"}

    with Running(tmp_path / "data") as stack:
        assert httpx.get(f"{stack.url}/api/health").json() == {"status": "ok"}
        assert stack.post("/api/auth/register", newcomer).status_code == 202
        link = re.search(rf"{stack.url}/verify\?token=([\w-]+)", stack.mail(newcomer["email"]))
        assert link
        assert stack.post("/api/auth/verify-email", {"token": link[1]}).status_code == 204
        engines = stack.engines()
        assert len(engines) == 1

        seconds = stack.stop()

    assert seconds < STOP_SECONDS
    assert stack.process.returncode == 0
    assert all(gone(engine) for engine in engines)

    with Running(tmp_path / "data") as stack:
        assert stack.post("/api/auth/login", login).status_code == 200
        assert len(httpx.get(f"{stack.url}/_local/mail").json()) == 1
        assert stack.stop(signal.SIGINT) < STOP_SECONDS
    assert stack.process.returncode == 0


def test_nothing_is_written_outside_the_data_folder_and_functions_log_into_it(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as stack:
        httpx.get(f"{stack.url}/api/health")

    assert [file.name for file in tmp_path.iterdir()] == ["data"]
    lines = [json.loads(line) for line in (tmp_path / "data/functions.log").read_text().splitlines()]
    assert [line["route"] for line in lines if line["message"] == "request"] == ["/health"]


def test_boto3_invokes_functions_and_reads_secrets(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as stack:
        functions = boto3.client("lambda", endpoint_url=stack.url)
        secrets = boto3.client("secretsmanager", endpoint_url=f"{stack.url}/_local/secretsmanager")

        invoked = functions.invoke(FunctionName="MailFunction", Payload=json.dumps({"Records": []}))
        failed = json.loads(invoked["Payload"].read())
        signing = json.loads(secrets.get_secret_value(SecretId="SigningSecret")["SecretString"])
        with pytest.raises(secrets.exceptions.ResourceNotFoundException):
            secrets.get_secret_value(SecretId="absent")
        with pytest.raises(functions.exceptions.ResourceNotFoundException):
            functions.invoke(FunctionName="Absent")

        functions.close()
        secrets.close()
    assert (invoked["FunctionError"], failed["errorType"]) == ("Unhandled", "UnexpectedBatchTypeError")
    assert signing["current"]["private"].startswith("-----BEGIN PRIVATE KEY-----")


def command(port: int, *words: str) -> tuple[int, str]:
    """Run what `make rotate-keys` and the like run; return its exit code and what it says."""
    done = subprocess.run(
        [sys.executable, "-m", "local.command", *words],
        cwd=ROOT,
        env=os.environ | {"PORT": str(port), "PYTHONPATH": os.pathsep.join(sys.path)},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_keys_rotate_while_the_stack_runs_and_not_again_at_once(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as stack:
        secrets = boto3.client("secretsmanager", endpoint_url=f"{stack.url}/_local/secretsmanager")
        before = json.loads(secrets.get_secret_value(SecretId="SigningSecret")["SecretString"])

        code, said = command(stack.port, "rotate-keys")
        again_code, again_said = command(stack.port, "rotate-keys")

        after = json.loads(secrets.get_secret_value(SecretId="SigningSecret")["SecretString"])
        secrets.close()
    assert (code, said.startswith("The keys are rotated")) == (0, True)
    assert after["current"] == before["next"]
    assert (again_code, again_said.count("\n")) == (1, 1)
    assert again_said.startswith("The keys have just changed")


def test_roles_are_given_and_sessions_ended_by_command(tmp_path: Path) -> None:
    with Running(tmp_path / "data", SEED="1") as stack:
        said = [command(stack.port, *words) for words in (("admin", "maya"), ("sign-out", "maya"), ("admin", "nobody"))]

    assert said == [
        (0, "maya has the role admin, and signs in anew to use it.\n"),
        (0, "All sessions of maya have ended.\n"),
        (1, "Nobody has this username\n"),
    ]


def test_a_command_about_an_account_says_that_it_needs_its_name() -> None:
    code, said = command(free_port(), "admin")

    assert (code, said) == (1, "Say whose account: make admin USERNAME=maya\n")


def test_keys_of_a_stack_that_does_not_run_are_not_rotated() -> None:
    port = free_port()

    code, said = command(port, "rotate-keys")

    assert code == 1
    assert said == f"Pawtime does not run at http://localhost:{port}: start it with make run, then try again\n"


def test_a_stack_whose_engine_dies_ends_with_an_error(tmp_path: Path) -> None:
    with Running(tmp_path / "data") as stack:
        [engine] = stack.engines()

        os.kill(engine, signal.SIGKILL)

        assert stack.process.wait() == 1


def test_answers_are_not_held_back_by_nagles_algorithm() -> None:
    sockets = listen(free_port())

    protocols = {each.proto for each in sockets}

    for each in sockets:
        each.close()
    assert protocols == {socket.IPPROTO_TCP}


def test_a_busy_port_is_one_sentence(tmp_path: Path) -> None:
    with occupied() as port:
        sentence = refused(tmp_path / "data", port)

    assert sentence == f"Port {port} is already in use: choose another, for example make run PORT={port + 1}"
    assert not (tmp_path / "data").exists()


def test_data_in_use_is_one_sentence(tmp_path: Path) -> None:
    with Running(tmp_path / "data"):
        sentence = refused(tmp_path / "data", free_port())

    assert sentence.startswith("Another Pawtime is using the data in ")


def test_a_wrong_setting_is_one_sentence(tmp_path: Path) -> None:
    assert refused(tmp_path / "data", 0) == "PORT must be a number from 1 to 65535, and is 0"


def test_a_data_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    assert "cannot keep its data in" in refused(tmp_path / "file/data", free_port())


def test_an_engine_of_ones_own_that_does_not_answer_is_one_sentence(tmp_path: Path) -> None:
    endpoint = f"http://127.0.0.1:{free_port()}"

    sentence = refused(tmp_path / "data", free_port(), AWS_ENDPOINT_URL_DYNAMODB=endpoint)

    assert sentence == f'The store cannot be used: Could not connect to the endpoint URL: "{endpoint}/"'
