"""Fixtures: `store` (the table on each engine), `owner` (makes signed-in owners), `anonymous`, a still clock.

With `--base-url` owners and strangers speak by HTTP to a Pawtime that runs somewhere, whose clock goes on: a test that
looks inside it, or moves the clock, is skipped.
"""

import logging
from collections.abc import Callable, Generator, Iterator
from io import StringIO

import pytest
from moto import mock_aws

from common import config
from common.clock import clock
from common.logs import logger
from common.table import Table
from local.store import EmbeddedStore, binary
from tests.harness import permissions
from tests.harness.client import Client, Owner
from tests.harness.engines import SETTINGS, fresh_table, quick_hashes, serialise_moto
from tests.harness.mail import Received, deliver_mail, empty_mailboxes, link_token, mails_to, make_queues
from tests.harness.moments import MONDAY_MORNING
from tests.harness.newcomers import leave, newcomer
from tests.harness.playdates import PASSWORD, Couple, check_calendars, meet
from tests.harness.site import Site
from tests.harness.world import issued_token, sign_in

ENGINES = ("moto", "dynoxide")
INSIDE = {
    "store": "looks inside the table",
    "monkeypatch": "replaces a part of the code",
    "log": "reads the log",
}
"""What only a test in the functions' own process may ask for."""

type OwnerFactory = Callable[..., Owner]
type Postbox = Callable[..., list[Received]]


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--store", choices=[*ENGINES, "all"], default="all", help="the engine behind the `store` fixture")
    parser.addoption("--base-url", default="", help="a running Pawtime to speak to, such as http://localhost:3000")
    parser.addoption("--mail-url", default="", help="where its mail is shown; /_local/mail there unless given")


def pytest_configure(config: pytest.Config) -> None:
    """Let modules that compute dates do so by the clock of their tests."""
    if not config.option.base_url:
        clock.freeze(MONDAY_MORNING)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Skip what does not go by HTTP where that is asked for."""
    if config.option.base_url:
        for item in items:
            if reason := _why_not_by_http(item):
                item.add_marker(pytest.mark.skip(reason=reason))


def _why_not_by_http(item: pytest.Item) -> str:
    asked_for = getattr(item, "fixturenames", ())
    if "engine" not in asked_for:
        return "calls no operation"
    if marker := item.get_closest_marker("in_process"):
        return str(marker.args[0])
    return next((reason for name, reason in INSIDE.items() if name in asked_for), "")


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
    narrowed = option.base_url or option.keyword or option.markexpr or config.args_source != config.ArgsSource.TESTPATHS
    if not narrowed and not option.collectonly and not terminalreporter.stats.get("failed"):
        found = permissions.differences(permissions.used)
        terminalreporter.section("permissions")
        for line in found or [permissions.COMPARED]:
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
        metafunc.parametrize("engine", ["http"] if metafunc.config.option.base_url else engines, indirect=True)


@pytest.fixture(scope="session", autouse=True)
def _site(pytestconfig: pytest.Config) -> Iterator[None]:
    if not pytestconfig.option.base_url:
        yield
        return
    with Site(pytestconfig.option.base_url, pytestconfig.option.mail_url) as Client.site:
        yield


@pytest.fixture(autouse=True)
def _standing_clock() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        if Client.site:
            patch.setattr(clock, "advance", lambda _: pytest.skip("moves the clock"))
        else:
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
            make_queues(patch)
            yield


@pytest.fixture(scope="module")
def dynoxide() -> Iterator[str]:
    """The address of an embedded engine, in memory; a new one for each module, since they slow down as they fill."""
    if binary() is None:
        pytest.skip("the embedded engine has no binary for this machine")
    with EmbeddedStore() as engine:
        yield engine.endpoint


@pytest.fixture
def engine(request: pytest.FixtureRequest) -> str:
    """The endpoint of the engine that this test runs on; empty for moto."""
    return str(request.getfixturevalue("dynoxide")) if request.param == "dynoxide" else ""


@pytest.fixture
def table(engine: str) -> Iterator[Table | None]:
    """The table behind the API, where that is in this process."""
    if Client.site:
        yield None
        return
    with pytest.MonkeyPatch.context() as patch:
        quick_hashes(patch)
        empty_mailboxes(config.mail_sender())
        with fresh_table(patch, engine) as fresh:
            yield fresh


@pytest.fixture
def store(table: Table | None) -> Table:
    """The table of the template, empty but for the signing keys; the functions use it."""
    assert table
    return table


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
def anonymous(table: Table | None) -> Client:
    """Somebody who is not signed in."""
    return Client()


@pytest.fixture
def mails(table: Table | None) -> Postbox:
    """Read the mails to an address, the oldest first, once as many as are expected have been delivered."""

    def to(address: str, count: int = 1) -> list[Received]:
        if Client.site:
            return Client.site.mails_to(address, count)
        assert table
        deliver_mail(table)
        return mails_to(address)

    return to


@pytest.fixture
def owner(table: Table | None, mails: Postbox) -> Iterator[OwnerFactory]:
    """Make a registered, verified and signed-in owner, whose username begins with a name."""
    made: list[tuple[Owner, str]] = []

    def make(name: str, password: str = PASSWORD) -> Owner:
        account = newcomer(name, password)
        answer = Client().post("/auth/register", account)
        assert answer.status == 202, answer.text
        token = issued_token(table, account["username"]) if table else link_token(mails(account["email"])[-1])
        assert Client().post("/auth/verify-email", {"token": token}).status == 204
        made.append((sign_in(account["username"], password), password))
        return made[-1][0]

    yield make
    if Client.site:
        for each, password in made:
            leave(each, password)


@pytest.fixture
def couple(owner: OwnerFactory, table: Table | None) -> Iterator[Couple]:
    """Ann with Biscuit and Ben with Olive, matched. Whatever they do, their calendars are right in the end."""
    yield meet(owner("ann"), owner("ben"))
    if table:
        check_calendars(table)
