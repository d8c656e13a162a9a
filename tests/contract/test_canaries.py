"""Nothing secret and nothing personal is logged or told in an event, whatever goes wrong."""

import pytest

from common.logs import logger
from common.table import Table
from tests.harness.canaries import CANARY, FAULTS, Aviary, Fault, heard, overheard
from tests.harness.mail import deliver_mail
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


@pytest.mark.engines("dynoxide")
@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_sending_mail_says_nothing_of_whom_it_is_sent_to(store: Table, fault: Fault) -> None:
    with overheard() as written:
        aviary = Aviary(World.build(store))
        with fault.strike(store, number=2):
            deliver_mail(store)
        deliver_mail(store)

    findings = heard(written.getvalue(), aviary)

    assert findings.wrong == []
