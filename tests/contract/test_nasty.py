"""Whatever arrives, the answer is sound: never a 5xx, and always a problem that says what it is."""

import json
from datetime import UTC, datetime

import pytest

from common.table import Table
from tests.harness.barrage import attempts, barrage
from tests.harness.client import Client
from tests.harness.nasty import BASE64, BODIES_OF_EACH, IN_EVERY_TEXT, Attempt
from tests.harness.samples import SAMPLES
from tests.harness.world import World, sign_up

SHARE_OF_A_DAY = 0.03


@pytest.mark.engines("dynoxide")
def test_what_no_text_may_be_and_a_share_that_changes_daily_of_all_else_is_answered_soundly(store: Table) -> None:
    world = World.build(store)
    today = datetime.now(UTC).toordinal()

    findings = barrage(world, SHARE_OF_A_DAY, seed=today)

    assert findings.wrong == []
    assert findings.looked_at > 1500


@pytest.mark.engines("dynoxide")
def test_there_are_300_different_bodies_for_every_operation(store: Table) -> None:
    world = World.build(store)

    tried = {name: [each for some in attempts(make(world)) for each in some] for name, make in SAMPLES.items()}

    for name, each in tried.items():
        different = {(attempt.body, attempt.headers.get("content-type"), attempt.encoded) for attempt in each}
        assert len(different) >= BODIES_OF_EACH, name


@pytest.mark.engines("dynoxide")
def test_what_no_text_may_be_is_not_left_to_chance(store: Table) -> None:
    care = SAMPLES["POST /appointments : care"](World.build(store))

    first, _ = attempts(care)

    sent = [json.loads(attempt.body) for attempt in first]
    assert all((care.body or {}) | {"what": value} in sent for value in IN_EVERY_TEXT)


@pytest.mark.engines("dynoxide")
@pytest.mark.parametrize("spelt", ["%23", "%3F", "%00", "%E2%80%AE", "a%22b", "PET%23x"])
def test_an_id_of_any_characters_is_as_good_as_absent(store: Table, spelt: str) -> None:
    ann = sign_up(store, "ann")

    answer = ann.get(f"/pets/{spelt}")

    assert (answer.status, answer.code) == (404, "not_found")


@pytest.mark.engines("dynoxide")
@pytest.mark.parametrize("encoded", BASE64)
def test_what_is_said_to_be_base64_and_is_not_answers_400(store: Table, encoded: str) -> None:
    attempt = Attempt("POST", "/auth/login", headers={"content-type": "application/json"}, encoded=encoded)

    answer = attempt.send(Client())

    assert answer
    assert answer.status == 400
