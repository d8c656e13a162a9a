"""Taking one's own data along: all of it, and nothing of others."""

import json
from typing import Any

import pytest

from appointments.models import AppointmentRecord, Party
from auth.models import Session
from common import ids, keys
from common.clock import clock
from common.table import Table, Update
from operations.exports import AT_ONCE, OwnAppointment, own_appointment
from operations.reports import OwnReport
from tests.conftest import OwnerFactory
from tests.harness.canaries import CANARY
from tests.harness.client import Owner
from tests.harness.deletion import BENS_REASON, Life, entities, live
from tests.harness.stored import attribute_names
from tests.harness.world import sign_in

pytestmark = pytest.mark.engines("dynoxide")

EXPORTED = {
    "User": "account",
    "Session": "sessions",
    "Pet of an owner": "pets",
    "Discovery profile": "location",
    "Answer (like, pass)": "likes",
    "Watch": "watches",
    "Block": "blocks",
    "Report by a user": "reports",
    "Match of a user": "matches",
    "Agenda entry": "appointments",
    "Calendar feed": "calendar_feed",
    "Change of the e-mail address": "email_to_come",
    "Activity": "activity",
}
BESIDE = {
    "reliability": "it stands with the account",
    "passes": "they are answers as well",
    "kept_apart": "it lies with the pets",
}
"""What is exported and has no entity of its own in a user's partition."""
NOT_EXPORTED = {
    "Known device": "only the hash of what it is known by is kept",
    "Change of the password just made": "only a hash, for ten minutes",
    "Mail token": "only its hash is kept, for a day; what it proves is in the account",
    "Answer of another": "what somebody else thinks of one's pet is theirs; what came of it is a match",
    "Block by another": "what somebody else wants nothing to do with is theirs",
    "Report about a user": "who reports is protected, and so is what they say",
    "Liking between users": "says once more what the likes say",
    "Ranking": "pets of others, in the order of a search, for ten minutes",
    "Idempotency record": "repeats answers of the last day; what they say is exported where it belongs",
}
"""Whoever adds an entity that belongs to a user decides which of the two it is."""

LAMBDA_ANSWERS_AT_MOST = 6 * 1024 * 1024


@pytest.fixture
def life(store: Table) -> Life:
    return live(store)


def export(owner: Owner, **query: Any) -> dict[str, Any]:
    answer = owner.get("/me/export", **query)
    assert answer.status == 200, answer.text
    document: dict[str, Any] = answer.json
    return document


def test_every_entity_of_a_user_is_exported_or_left_out_for_a_reason() -> None:
    of_a_user = {name for name, pattern in entities().items() if pattern.pattern.startswith("USER#")}

    assert of_a_user == EXPORTED.keys() | NOT_EXPORTED.keys()


def test_a_child_takes_its_own_along_and_nothing_of_adults(owner: OwnerFactory, store: Table) -> None:
    owner("ann").pet()
    kit = owner("kit")
    for key in (keys.user(kit.user_id), keys.session(kit.user_id, kit.refresh_token.split(".")[1])):
        store.update(Update(key, put={"role": "child"}))

    document = export(kit)

    assert document["account"]["username"] == kit.username
    assert document["location"] is None
    assert [document[part] for part in ("pets", "likes", "matches", "appointments")] == [[], [], [], []]


def test_everything_that_one_wrote_is_in_one_document(life: Life) -> None:
    document = export(life.kim)

    assert document["next_cursor"] is None
    assert all(document[part] for part in (*EXPORTED.values(), *BESIDE))
    texts = json.dumps(document)
    for written in (
        "de Kanarienvogel", "Kanarienvogel@example.com", "Kanarienvogel-7", "'s table", "'s telephone", " mix",
        "Stares at", "Sings like", "By the Kanarienvogel cage", "'s claws", " sleeps", " has a cold",
        "America/New_York",
    ):  # fmt: skip
        assert written in texts, written
    assert len(document["pets"]) == 2
    assert len(document["kept_apart"]) == len(document["blocks"]) == len(document["reports"]) == 1
    assert {match["status"] for match in document["matches"]} == {"Active", "Inactive"}
    assert {each["status"] for each in document["appointments"]} == {
        "Proposed", "Scheduled", "Completed", "Cancelled", "Declined",
    }  # fmt: skip


def test_it_holds_nothing_of_others_and_nothing_internal(life: Life) -> None:
    texts = json.dumps(export(life.kim))

    world = life.world
    for person in (world.ann, world.ben, world.cleo, world.dora):
        assert person.user_id not in texts
    for theirs in ("Olive", "Pomelo", "Fig", "Pear", BENS_REASON, "At the fountain", "Never on time"):
        assert theirs not in texts
    names = attribute_names(life.store) - set(OwnAppointment.model_fields) - set(Session.model_fields)
    for internal in (
        "password_hash",
        "PK",
        "SK",
        "ttl",
        "counter",
        "card",
        "owner_part",
        "reach_km",
        "fingerprint",
        "version",
    ):
        assert internal in names
        assert f'"{internal}"' not in texts


def test_it_comes_as_a_file(life: Life) -> None:
    answer = life.kim.get("/me/export")

    assert answer.headers["Content-Disposition"] == 'attachment; filename="pawtime.json"'
    assert answer.headers["Content-Type"] == "application/json"


def test_more_than_fits_into_one_answer_comes_in_several_without_a_gap(life: Life) -> None:
    whole = export(life.kim)

    pages = [export(life.kim, limit=7)]
    while pages[-1]["next_cursor"]:
        pages.append(export(life.kim, limit=7, cursor=pages[-1]["next_cursor"]))

    assert len(pages) > 3
    lists = ("pets", "likes", "passes", "watches", "blocks", "kept_apart", "reports", "matches", "appointments")
    for part in (*lists, "sessions", "activity"):
        assert [each for page in pages for each in page[part]] == whole[part]


def test_the_largest_document_is_one_that_lambda_can_answer() -> None:
    """A text of 500 characters, each of which takes four bytes in UTF-8 or when it is escaped twice."""
    now, party = clock.now(), Party(user_id=ids.new_id(), pet_id=ids.new_id(), role="proposer")
    longest = AppointmentRecord(
        appointment_id=ids.new_id(),
        kind="playdate",
        status="Cancelled",
        parties=[party],
        starts=[now] * 5,
        start=now,
        minutes=240,
        place="\U0001f99c" * 500,
        cancel_reason='"' * 500,
        cancelled_by=party.user_id,
        created_at=now,
        updated_at=now,
    )

    report = OwnReport(report_id=ids.new_id(), reported_at=now, reason="child_safety", text="\U0001f99c" * 2000)
    for thing in (own_appointment(longest, party), report):
        one = json.dumps(thing.model_dump(mode="json"), ensure_ascii=False)
        as_answered = json.dumps(one, ensure_ascii=False).encode()

        assert AT_ONCE * len(as_answered) < 0.9 * LAMBDA_ANSWERS_AT_MOST


def test_other_people_get_their_own(life: Life) -> None:
    document = export(sign_in("ben"))

    texts = json.dumps(document)
    assert CANARY not in texts
    assert life.kim.user_id not in texts
    assert BENS_REASON in texts
    assert document["account"]["username"] == "ben"


def test_who_has_said_nothing_yet_gets_what_holds_for_them(owner: OwnerFactory) -> None:
    document = export(owner("newcomer"))

    assert document["location"] is None
    assert document["criteria"]["preferred_type"] == "any"
    assert document["pets"] == document["likes"] == document["matches"] == document["appointments"] == []
