"""Mail, secrets and the clock of the local stack, for this machine alone."""

import stat
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from starlette.applications import Starlette

from common.clock import clock
from local.runtime import Runtime
from local.services import Services
from tests.local import stacks
from tests.local.client import Client

MAIL = "/_local/ses/v2/email/outbound-emails"
SECRETS = "/_local/secretsmanager"

type Start = Callable[..., Client]


@pytest.fixture
def start(tmp_path: Path) -> Start:
    """Start the services anew over the same data."""

    def start(address: str = "127.0.0.1") -> Client:
        services = Services({}, Runtime([]), stacks.stand_ins(tmp_path))
        return Client(Starlette(routes=services.routes()), address)

    return start


def send(client: Client, to: list[str], subject: str = "Hello", text: str = "Good day") -> Any:
    simple = {"Subject": {"Data": subject}, "Body": {"Text": {"Data": text}}}
    return client.post(
        MAIL,
        json={
            "FromEmailAddress": "pawtime@example.com",
            "Destination": {"ToAddresses": to},
            "Content": {"Simple": simple},
        },
    )


def secret(client: Client, operation: str, **request: Any) -> Any:
    return client.post(SECRETS, json=request, headers={"X-Amz-Target": f"secretsmanager.{operation}"})


def test_mail_is_shown_newest_first(start: Start) -> None:
    client = start()
    assert send(client, ["a@example.com"], "First").json()["MessageId"]
    send(client, ["b@example.com"], "Second")

    mails = client.get("/_local/mail").json()

    assert [mail["subject"] for mail in mails] == ["Second", "First"]
    assert mails[0] == {
        "to": "b@example.com",
        "subject": "Second",
        "text": "Good day",
        "sent_at": clock.now().isoformat(),
    }


def test_mail_is_found_by_its_recipient_without_regard_to_case(start: Start) -> None:
    client = start()
    send(client, ["Ann@example.com", "bob@example.com"])

    mails = client.get("/_local/mail", params={"to": "ann@EXAMPLE.com"}).json()

    assert [mail["to"] for mail in mails] == ["Ann@example.com"]


def test_mail_survives_a_restart_in_its_order(start: Start) -> None:
    send(start(), ["a@example.com"], "First")
    send(start(), ["a@example.com"], "Second")

    mails = start().get("/_local/mail").json()

    assert [mail["subject"] for mail in mails] == ["Second", "First"]


def test_a_browser_sees_mail_as_a_page_with_links_and_without_markup_of_the_sender(start: Start) -> None:
    client = start()
    send(
        client, ["a@example.com"], "<b>Hi</b>", 'See http://localhost:3000/verify?token=a&b="><script>alert(1)</script>'
    )

    answer = client.get("/_local/mail", headers={"Accept": "text/html,*/*"})

    assert answer.headers["content-type"] == "text/html; charset=utf-8"
    assert '<a href="http://localhost:3000/verify?token=a&amp;b=">' in answer.text
    assert "&lt;b&gt;Hi&lt;/b&gt;" in answer.text
    assert "<script>" not in answer.text
    assert "unsafe" not in answer.headers["content-security-policy"]


@pytest.mark.parametrize("request_body", [b"{", b"[]", b"{}", b'{"Content": {"Raw": {"Data": ""}}}'])
def test_mail_that_cannot_be_shown_is_refused_as_ses_would(request_body: bytes, start: Start) -> None:
    answer = start().post(MAIL, content=request_body)

    assert (answer.status_code, answer.headers["x-amzn-errortype"]) == (400, "BadRequestException")


def test_a_secret_is_kept_over_a_restart(start: Start) -> None:
    secret(start(), "PutSecretValue", SecretId="signing", SecretString="old")
    secret(start(), "PutSecretValue", SecretId="signing", SecretString="new", ClientRequestToken="t" * 32)

    current = secret(start(), "GetSecretValue", SecretId="signing").json()
    previous = secret(start(), "GetSecretValue", SecretId="signing", VersionStage="AWSPREVIOUS").json()

    assert (current["SecretString"], current["VersionId"]) == ("new", "t" * 32)
    assert previous["SecretString"] == "old"


def stage(client: Client, token: str, value: str) -> Any:
    return secret(
        client,
        "PutSecretValue",
        SecretId="signing",
        SecretString=value,
        ClientRequestToken=token,
        VersionStages=["AWSPENDING"],
    )


def test_a_pending_version_becomes_the_current_one_when_its_label_is_moved(start: Start) -> None:
    client = start()
    secret(client, "PutSecretValue", SecretId="signing", SecretString="old", ClientRequestToken="a" * 32)
    stage(client, "b" * 32, "new")
    pending = secret(client, "GetSecretValue", SecretId="signing", VersionStage="AWSPENDING").json()
    before = secret(client, "GetSecretValue", SecretId="signing").json()

    move = {"SecretId": "signing", "VersionStage": "AWSCURRENT", "MoveToVersionId": "b" * 32}
    unaware = secret(client, "UpdateSecretVersionStage", **move)
    moved = secret(client, "UpdateSecretVersionStage", **move, RemoveFromVersionId="a" * 32)

    assert (pending["SecretString"], before["SecretString"]) == ("new", "old")
    assert (unaware.status_code, unaware.json()["__type"]) == (400, "InvalidParameterException")
    assert moved.status_code == 200
    assert secret(client, "GetSecretValue", SecretId="signing").json()["SecretString"] == "new"


def test_the_first_version_is_current_even_if_it_is_only_to_be_pending(start: Start) -> None:
    client = start()

    stages = stage(client, "a" * 32, "first").json()["VersionStages"]

    assert stages == ["AWSCURRENT", "AWSPENDING"]


def test_a_token_names_one_version(start: Start) -> None:
    client = start()
    stage(client, "a" * 32, "value")

    repeated, other = stage(client, "a" * 32, "value"), stage(client, "a" * 32, "another value")

    assert repeated.status_code == 200
    assert (other.status_code, other.json()["__type"]) == (400, "ResourceExistsException")


def test_only_this_user_may_read_a_secrets_file(start: Start, tmp_path: Path) -> None:
    secret(start(), "PutSecretValue", SecretId="signing", SecretString="s")

    [file] = (tmp_path / "secrets").iterdir()
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_a_secrets_name_leads_nowhere_else(start: Start, tmp_path: Path) -> None:
    client = start()

    assert secret(client, "PutSecretValue", SecretId="../../escaped", SecretString="s").status_code == 200
    assert secret(client, "PutSecretValue", SecretId="a\x00b", SecretString="s").status_code == 400

    assert [file.parent for file in tmp_path.rglob("*.versions")] == [tmp_path / "secrets"]


@pytest.mark.parametrize(
    ("operation", "request_body", "code"),
    [
        ("GetSecretValue", {"SecretId": "absent"}, "ResourceNotFoundException"),
        ("GetSecretValue", {"Name": "absent"}, "InvalidParameterException"),
        ("GetSecretValue", {"SecretId": 7}, "InvalidParameterException"),
        ("GetSecretValue", {"SecretId": "absent", "VersionId": "a" * 32}, "ResourceNotFoundException"),
        (
            "UpdateSecretVersionStage",
            {"SecretId": "absent", "VersionStage": "AWSCURRENT", "MoveToVersionId": "a" * 32},
            "ResourceNotFoundException",
        ),
        ("DeleteSecret", {"SecretId": "absent"}, "UnknownOperationException"),
    ],
)
def test_what_cannot_be_answered_is_refused_as_secrets_manager_would(
    operation: str, request_body: dict[str, Any], code: str, start: Start
) -> None:
    answer = start().post(SECRETS, json=request_body, headers={"X-Amz-Target": f"secretsmanager.{operation}"})

    assert (answer.status_code, answer.json()["__type"]) == (400, code)


def test_the_clock_moves_forward(start: Start) -> None:
    before = clock.now()

    answer = start().post("/_local/clock", json={"advance_seconds": 3600})

    assert clock.now() == before + timedelta(hours=1)
    assert answer.json() == {"now": clock.now().isoformat()}


@pytest.mark.parametrize(
    "request_body", ["{", "[]", "{}", '{"advance_seconds": -1}', '{"advance_seconds": "1"}', '{"advance_seconds": NaN}']
)
def test_the_clock_goes_neither_back_nor_astray(request_body: str, start: Start) -> None:
    before = clock.now()

    answer = start().post("/_local/clock", content=request_body)

    assert (answer.status_code, clock.now()) == (400, before)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1:3000", "[::1]:3000"])
def test_this_machine_is_let_through(host: str, start: Start) -> None:
    answer = start().get("/_local/ready", headers={"Host": host})

    assert answer.status_code == 200


@pytest.mark.parametrize(
    "headers",
    [
        {"Host": "attacker.example"},
        {"Host": "attacker.example:3000"},
        {"Host": "localhost.attacker.example"},
        {"Host": "["},
        {"Host": ""},
        {"Origin": "https://attacker.example"},
        {"Origin": "http://localhost:4000"},
        {"Origin": "null"},
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
    ],
)
@pytest.mark.parametrize("path", ["/_local/mail", "/_local/clock", "/2015-03-31/functions/A/invocations"])
def test_other_sites_are_kept_out(path: str, headers: dict[str, str], start: Start) -> None:
    answer = start().post(path, headers=headers)

    assert answer.status_code == 403


def test_other_machines_are_kept_out(start: Start) -> None:
    assert start(address="192.0.2.1").get("/_local/mail").status_code == 403
