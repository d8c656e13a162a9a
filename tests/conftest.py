"""Fixtures: `store` (the table on each engine), `owner` (makes signed-in owners), `anonymous`, a still clock."""

import logging
from collections.abc import Callable, Generator, Iterator
from datetime import UTC, datetime
from io import StringIO

import boto3
import pytest
from moto import mock_aws

from auth.accounts import AccountRepository
from common import config
from common.clock import clock
from common.logs import logger
from common.table import Table
from local.store import EmbeddedStore, binary
from tests.harness import permissions
from tests.harness.client import Client, Owner
from tests.harness.engines import SETTINGS, fresh_table, quick_hashes, serialise_moto
from tests.harness.mail import empty_mailboxes

MONDAY_MORNING = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)
ENGINES = ("moto", "dynoxide")

type OwnerFactory = Callable[..., Owner]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", choices=[*ENGINES, "all"], default="all", help="the engine behind the `store` fixture")


def pytest_sessionfinish(session: pytest.Session) -> None:
    """Hand what this worker recorded to the process that started it."""
    output: dict[str, object] | None = getattr(session.config, "workeroutput", None)
    if output is not None:
        output["permissions"] = [(each.function, each.action, each.resource) for each in permissions.used]


def pytest_testnodedown(node: object) -> None:
    """Take what a worker recorded."""
    recorded = getattr(node, "workeroutput", {}).get("permissions", [])
    permissions.used.update(permissions.Permission(*each) for each in recorded)


@pytest.hookimpl(wrapper=True)
def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> Generator[None, object, object]:
    """Compare, after a whole run, what functions called with what their roles allow."""
    option = config.option
    narrowed = option.keyword or option.markexpr or config.args_source != config.ArgsSource.TESTPATHS
    if not narrowed and not option.collectonly and not terminalreporter.stats.get("failed"):
        found = permissions.differences(permissions.used)
        terminalreporter.section("permissions")
        for line in found or ["Each function's role allows what the function calls, and nothing else."]:
            terminalreporter.write_line(line)
        if found and terminalreporter._session:  # noqa: SLF001
            terminalreporter._session.exitstatus = pytest.ExitCode.TESTS_FAILED  # noqa: SLF001
    return (yield)


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "engine" in metafunc.fixturenames:
        chosen = metafunc.config.getoption("--store")
        engines: tuple[str, ...] = ENGINES if chosen == "all" else (chosen,)
        marker = metafunc.definition.get_closest_marker("engines")
        if marker:
            engines = tuple(engine for engine in engines if engine in marker.args)
        metafunc.parametrize("engine", engines, indirect=True)


@pytest.fixture(autouse=True)
def _standing_clock() -> Iterator[None]:
    clock.freeze(MONDAY_MORNING)
    yield
    clock.reset()


@pytest.fixture(scope="session", autouse=True)
def _aws() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        for name, value in SETTINGS.items():
            patch.setenv(name, value)
        serialise_moto(patch)
        permissions.record_calls(patch)
        with mock_aws():
            queue = boto3.client("sqs").create_queue(QueueName="mail")
            patch.setenv("MAIL_QUEUE_URL", queue["QueueUrl"])
            yield


@pytest.fixture(scope="session")
def dynoxide() -> Iterator[str]:
    """The address of an embedded engine, in memory."""
    if binary() is None:
        pytest.skip("the embedded engine has no binary for this machine")
    with EmbeddedStore() as engine:
        yield engine.endpoint


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """The endpoint of the engine that this test runs on; empty for moto."""
    return str(request.getfixturevalue("dynoxide")) if request.param == "dynoxide" else ""


@pytest.fixture
def store(engine: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[Table]:
    """The table of the template, empty but for the signing keys; the functions use it."""
    quick_hashes(monkeypatch)
    empty_mailboxes(config.mail_sender())
    with fresh_table(monkeypatch, engine) as fresh:
        yield fresh


@pytest.fixture
def log() -> Iterator[StringIO]:
    """What the functions log, line by line, as it leaves them."""
    written = StringIO()
    handler = logging.StreamHandler(written)
    handler.setFormatter(logger.registered_formatter)
    logging.getLogger(logger.name).addHandler(handler)
    yield written
    logging.getLogger(logger.name).removeHandler(handler)


@pytest.fixture
def anonymous(store: Table) -> Client:
    """Somebody who is not signed in."""
    return Client()


@pytest.fixture
def owner(store: Table) -> OwnerFactory:
    """Make a registered, verified and signed-in owner by username."""

    def make(username: str, password: str = "correct horse battery") -> Owner:
        client = Client()
        email = f"{username}@example.com"
        answer = client.post("/auth/register", {"username": username, "email": email, "password": password})
        assert answer.status == 202, answer.text
        accounts = AccountRepository(store)
        user = accounts.find(username)
        assert user
        assert client.post("/auth/verify-email", {"token": accounts.issue_verification_token(user)}).status == 204
        login = {"username": username, "password": password, "delivery": "body"}
        return Owner.from_login(client.post("/auth/login", login))

    return make
