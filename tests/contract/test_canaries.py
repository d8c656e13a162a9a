"""Nothing secret and nothing personal is logged or told in an event, whatever goes wrong."""

import pytest

from common.logs import logger
from common.table import Table
from tests.harness.canaries import CANARY, FAULTS, Aviary, heard, overheard
from tests.harness.world import World


@pytest.mark.engines("dynoxide")
def test_no_canary_is_heard_again(store: Table) -> None:
    with overheard() as written:
        aviary = Aviary(World.build(store))
        aviary.fly(FAULTS[1:4:2], calls=2)

    findings = heard(written.getvalue(), aviary)

    assert findings.wrong == []
    assert written.getvalue().count('"message":"request"') > 500
    assert '"message":"unexpected error"' in written.getvalue()


@pytest.mark.engines("dynoxide")
def test_a_canary_that_is_logged_is_heard(store: Table) -> None:
    with overheard() as written:
        aviary = Aviary(World.build(store))
        logger.info("a message that names %s", CANARY)

    findings = heard(written.getvalue(), aviary)

    assert len(findings.wrong) == 1
