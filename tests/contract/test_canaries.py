"""Nothing secret and nothing personal is logged or told in an event, whatever goes wrong."""

import logging
import sys
from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from common.logs import logger
from common.table import Table
from tests.harness.canaries import CANARY, FAULTS, Aviary, heard, overheard
from tests.harness.world import World

WAYS_TO_BE_HEARD: dict[str, Callable[[], object]] = {
    "our own line": lambda: logger.info("a message that names %s", CANARY),
    "a library's line": lambda: logging.getLogger("library").info("a message that names %s", CANARY),
    "what a library's line carries": lambda: logging.getLogger("library").info("a message", extra={"of": CANARY}),
    "standard output": lambda: sys.stdout.write(CANARY),
    "standard error": lambda: sys.stderr.write(CANARY),
}


@pytest.mark.engines("dynoxide")
def test_no_canary_is_heard_again(store: Table) -> None:
    today = datetime.now(UTC).toordinal()
    with overheard() as written:
        aviary = Aviary(World.build(store))
        aviary.fly(FAULTS, today)

    findings = heard(written.getvalue(), aviary)

    assert findings.wrong == [], f"day {today}"
    assert written.getvalue().count('"message":"request"') > 500
    assert '"message":"unexpected error"' in written.getvalue()
    assert aviary.struck["TransactWriteItems"] > 20


@pytest.mark.engines("dynoxide")
def test_sending_mail_says_nothing_of_whom_it_is_sent_to(store: Table) -> None:
    with overheard() as written:
        aviary = Aviary(World.build(store))
        aviary.post(FAULTS)

    findings = heard(written.getvalue(), aviary)

    assert findings.wrong == []
    assert written.getvalue().count('"message":"mail not sent"') >= len(FAULTS)
    assert written.getvalue().count('"message":"event not forwarded"') >= len(FAULTS)


@pytest.mark.engines("dynoxide")
@pytest.mark.parametrize("way", WAYS_TO_BE_HEARD)
def test_a_canary_that_is_let_out_is_heard(store: Table, way: str) -> None:
    with overheard() as written:
        aviary = Aviary(World.build(store))
        WAYS_TO_BE_HEARD[way]()

    findings = heard(written.getvalue(), aviary)

    assert len(findings.wrong) == 1
