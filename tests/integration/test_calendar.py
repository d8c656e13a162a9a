"""Appointments in calendars of others: as a file, and as a private feed."""

import json
from datetime import datetime, timedelta

import pytest

from appointments import published
from appointments.feeds import FeedRepository
from auth.operators import OperatorRepository
from common import keys
from common.auth import SignedIn
from common.clock import clock
from common.errors import Unauthenticated
from common.idempotency import Once
from common.ids import new_id
from common.table import Table, Update
from tests.conftest import OwnerFactory
from tests.harness.calendars import Calendar, read
from tests.harness.client import Answer, Owner
from tests.harness.feeds import feed_token, subscribed
from tests.harness.moments import text, tomorrow
from tests.harness.playdates import PASSWORD, Couple, go_to, meet, planned

NO_SUCH_FEED = (404, "calendar_feed_not_found")


@pytest.fixture
def couple(owner: OwnerFactory) -> Couple:
    return meet(owner("ann"), owner("ben"))


def lives_in(owner: Owner, time_zone: str) -> None:
    body = {"time_zone": time_zone, "windows": [], "away": []}
    assert owner.put("/matching/availability", body).status == 200


def file_of(owner: Owner, appointment_id: str) -> Calendar:
    answer = owner.get(f"/appointments/{appointment_id}/calendar.ics")
    assert answer.status == 200, answer.text
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="pawtime.ics"'
    return read(answer.text)


def feed_of(owner: Owner) -> Calendar:
    answer = subscribed(feed_token(owner))
    assert answer.status == 200, answer.text
    return read(answer.text)


def act(owner: Owner, appointment_id: str, transition: str, **body: str) -> None:
    answer = owner.post(f"/appointments/{appointment_id}/{transition}", body)
    assert answer.status == 200, answer.text


def refused(answer: Answer) -> tuple[int, str]:
    return answer.status, answer.code


def test_both_sides_get_the_playdate_at_the_same_instant_on_their_own_clocks(couple: Couple) -> None:
    lives_in(couple.ann, "America/New_York")
    lives_in(couple.ben, "Australia/Lord_Howe")
    appointment_id = couple.scheduled(tomorrow(9))

    [anns], [bens] = (file_of(owner, appointment_id).events for owner in (couple.ann, couple.ben))

    assert anns.start == bens.start == datetime.fromisoformat(tomorrow(9))
    assert (anns.time_zone, bens.time_zone) == ("America/New_York", "Australia/Lord_Howe")
    assert anns.uid == bens.uid == f"{appointment_id}@pawtime"
    assert (anns.summary, bens.summary) == ("Playdate: Biscuit and Olive", "Playdate: Olive and Biscuit")
    assert anns.end - anns.start == timedelta(hours=1)


def test_the_place_stays_hidden_from_the_invited_until_they_agree(couple: Couple) -> None:
    appointment_id = couple.proposed(place="At the fountain")

    proposed = [file_of(owner, appointment_id).events[0].location for owner in (couple.ann, couple.ben)]
    in_feed = feed_of(couple.ben).event(appointment_id).location
    act(couple.ben, appointment_id, "accept")
    agreed = [file_of(owner, appointment_id).events[0].location for owner in (couple.ann, couple.ben)]

    assert (proposed, in_feed) == (["At the fountain", None], None)
    assert agreed == ["At the fountain", "At the fountain"]


def test_a_proposal_says_that_it_is_one_and_stands_at_its_earliest_time(couple: Couple) -> None:
    appointment_id = couple.proposed(starts=[tomorrow(15), tomorrow(9), tomorrow(12)])

    event = feed_of(couple.ben).event(appointment_id)

    assert (event.status, event.summary) == ("TENTATIVE", "Playdate proposed: Olive and Biscuit")
    assert event.start == datetime.fromisoformat(tomorrow(9))
    assert "one of 3 times" in event.description


def test_a_proposal_moves_on_to_the_next_of_its_times_and_then_out_of_the_feed(couple: Couple) -> None:
    appointment_id = couple.proposed(starts=[tomorrow(9), tomorrow(12)])
    token = feed_token(couple.ben)

    go_to(datetime.fromisoformat(tomorrow(9)))
    moved_on = read(subscribed(token).text).event(appointment_id).start
    go_to(moved_on)
    gone = read(subscribed(token).text).events

    assert moved_on.hour == 12
    assert gone == []


def test_what_is_agreed_keeps_its_uid_and_raises_its_sequence_with_every_change(couple: Couple) -> None:
    appointment_id = couple.proposed(starts=[tomorrow(9), tomorrow(12)])
    token = feed_token(couple.ann)

    seen = [read(subscribed(token).text).event(appointment_id)]
    for owner, transition, body in (
        (couple.ben, "accept", {"start": tomorrow(12)}),
        (couple.ann, "cancel", {"reason": "Rain"}),
    ):
        clock.advance(timedelta(minutes=1))
        act(owner, appointment_id, transition, **body)
        seen.append(read(subscribed(token).text).event(appointment_id))

    assert {event.uid for event in seen} == {f"{appointment_id}@pawtime"}
    assert [event.sequence for event in seen] == [0, 1, 2]
    assert [event.status for event in seen] == ["TENTATIVE", "CONFIRMED", "CANCELLED"]
    assert [event.start.hour for event in seen] == [9, 12, 12]
    assert seen[0].changed < seen[1].changed < seen[2].changed
    assert seen[2].summary == "Cancelled: Playdate: Biscuit and Olive"


def test_what_is_off_stays_in_the_feed_for_thirty_days(couple: Couple) -> None:
    next_year = clock.now().replace(hour=9, minute=0, second=0, microsecond=0) + timedelta(days=100)
    cancelled, declined = couple.scheduled(text(next_year)), couple.proposed(text(next_year + timedelta(hours=2)))
    act(couple.ann, cancelled, "cancel", reason="Rain")
    act(couple.ben, declined, "decline")
    token = feed_token(couple.ann)

    clock.advance(timedelta(days=29))
    before = read(subscribed(token).text).events
    clock.advance(timedelta(days=2))
    after = read(subscribed(token).text).events

    assert [event.status for event in before] == ["CANCELLED", "CANCELLED"]
    assert after == []


def test_a_feed_reaches_thirty_days_back(couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9))
    token = feed_token(couple.ann)
    start = datetime.fromisoformat(tomorrow(9))

    go_to(start + timedelta(days=30))
    still = read(subscribed(token).text)
    go_to(start + timedelta(days=30, minutes=15))
    gone = read(subscribed(token).text)

    assert still.event(appointment_id).status == "CONFIRMED"
    assert gone.events == []


def test_a_feed_holds_everything_beyond_one_page_and_nothing_of_others(couple: Couple) -> None:
    first = clock.now().replace(hour=6, minute=0, second=0, microsecond=0) + timedelta(days=2)
    starts = [first + timedelta(days=number) for number in range(120)]
    mine = {planned(couple.ann, couple.biscuit, text(start), 15) for start in starts}
    planned(couple.ben, couple.olive, tomorrow(9))

    calendar = feed_of(couple.ann)

    assert {event.uid.removesuffix("@pawtime") for event in calendar.events} == mine
    assert [event.start for event in calendar.events] == starts


def test_who_plans_more_than_fits_gets_what_comes_next(couple: Couple, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(published, "MOST", 3)
    hours = [planned(couple.ann, couple.biscuit, tomorrow(hour), 15) for hour in (6, 8, 10, 12)]
    token = feed_token(couple.ann)

    early = read(subscribed(token).text).events
    go_to(datetime.fromisoformat(tomorrow(9)))
    late = read(subscribed(token).text).events

    assert [event.uid[:26] for event in early] == hours[:3]
    assert [event.uid[:26] for event in late] == hours[1:]


def test_somebody_elses_appointment_is_as_good_as_absent(couple: Couple, owner: OwnerFactory) -> None:
    appointment_id = couple.scheduled()

    stranger = owner("cleo").get(f"/appointments/{appointment_id}/calendar.ics")
    absent = couple.ann.get(f"/appointments/{'a' * 26}/calendar.ics")
    plain = couple.ann.get(f"/appointments/{'a' * 26}")

    assert refused(stranger) == refused(absent) == refused(plain) == (404, "appointment_not_found")


def test_the_address_comes_in_two_forms_and_is_good_without_signing_in(couple: Couple) -> None:
    answer = couple.ann.post("/calendar-feed")

    url, webcal = answer.json["url"], answer.json["webcal_url"]
    assert url.startswith(("https://", "http://localhost"))
    assert webcal == "webcal://" + url.partition("://")[2]
    assert subscribed(url.rsplit("/", 2)[1]).status == 200
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_new_address_ends_the_one_before_and_deleting_ends_it(couple: Couple) -> None:
    first, second = feed_token(couple.ann), feed_token(couple.ann)

    replaced, in_force = subscribed(first), subscribed(second)
    closed = [couple.ann.delete("/calendar-feed").status for _ in range(2)]
    deleted = subscribed(second)

    assert refused(replaced) == refused(deleted) == NO_SUCH_FEED
    assert in_force.status == 200
    assert closed == [204, 204]


def test_asking_again_with_the_same_key_gives_the_same_address(couple: Couple) -> None:
    answers = [couple.ann.post("/calendar-feed", key="one-and-the-same") for _ in range(2)]

    assert answers[0].json == answers[1].json
    assert answers[1].headers["Idempotency-Replayed"] == "true"
    assert subscribed(answers[0].json["url"].rsplit("/", 2)[1]).status == 200


def test_the_table_never_holds_the_token_nor_the_key_that_opens_its_answer(couple: Couple, store: Table) -> None:
    answer = couple.ann.post("/calendar-feed", key="the-key-of-a-repetition")

    held = json.dumps(store.client.scan(TableName=store.name)["Items"], default=repr)
    token = answer.json["url"].rsplit("/", 2)[1]
    assert token[26:] not in held
    assert "the-key-of-a-repetition" not in held
    assert "sealed" in held


@pytest.mark.parametrize(
    "spoil",
    [
        lambda token: token[:-1] + ("A" if token[-1] != "A" else "E"),
        lambda token: token[:-1],
        lambda token: token + "A",
        lambda token: token[26:],
        lambda token: token[:26],
        lambda token: "a" * 26 + token[26:],
        lambda token: token.upper(),
        lambda _token: "CALENDAR_FEED",
    ],
)
def test_an_altered_token_opens_nothing(couple: Couple, spoil: object) -> None:
    token = feed_token(couple.ann)
    assert callable(spoil)

    answer = subscribed(spoil(token))

    assert refused(answer) == NO_SUCH_FEED
    assert answer.headers["Content-Type"] == "application/problem+json"


def test_one_persons_token_opens_no_other_feed(couple: Couple) -> None:
    anns, bens = feed_token(couple.ann), feed_token(couple.ben)

    answer = subscribed(anns[:26] + bens[26:])

    assert refused(answer) == NO_SUCH_FEED


def test_a_calendar_that_has_it_already_is_told_so(couple: Couple) -> None:
    couple.scheduled()
    token = feed_token(couple.ann)
    first = subscribed(token)
    etag = first.headers["ETag"]

    again = [subscribed(token, **{"if-none-match": known}) for known in (etag, f'W/{etag}, "other"', "*")]
    changed = subscribed(token, **{"if-none-match": '"other"'})
    planned(couple.ann, couple.biscuit, tomorrow(12))
    later = subscribed(token, **{"if-none-match": etag})

    assert [(answer.status, answer.text, answer.headers["ETag"]) for answer in again] == [(304, "", etag)] * 3
    assert (changed.status, later.status) == (200, 200)
    assert later.headers["ETag"] != etag
    assert first.headers["Cache-Control"] == again[0].headers["Cache-Control"] == "private, max-age=300"
    assert first.headers["Referrer-Policy"] == "no-referrer"
    assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"


def test_an_account_that_is_closed_has_no_feed(couple: Couple) -> None:
    token = feed_token(couple.ann)

    assert couple.ann.delete("/me", {"password": PASSWORD}).status == 202

    assert refused(subscribed(token)) == NO_SUCH_FEED


def test_a_new_password_ends_the_feed_and_signing_out_elsewhere_does_not(couple: Couple) -> None:
    token = feed_token(couple.ann)

    couple.ann.delete("/auth/sessions")
    signed_out = subscribed(token)
    body = {"current_password": PASSWORD, "new_password": "a kennel full of violins"}
    assert couple.ann.put("/auth/password", body).status == 204
    with_new_password = subscribed(token)

    assert signed_out.status == 200
    assert refused(with_new_password) == NO_SUCH_FEED
    assert subscribed(feed_token(couple.ann)).status == 200


def test_operators_who_end_all_sessions_end_the_feed(couple: Couple, store: Table) -> None:
    token = feed_token(couple.ann)

    OperatorRepository(store).sign_out(couple.ann.username)

    assert refused(subscribed(token)) == NO_SUCH_FEED


def test_a_session_that_ends_while_it_asks_opens_no_feed(couple: Couple, store: Table) -> None:
    ended = SignedIn(couple.ann.user_id, new_id(), "pet_owner")
    feeds = FeedRepository(store)

    with pytest.raises(Unauthenticated):
        feeds.open(ended, Once(store, ended.user_id, None, "", 201))

    assert feeds.current(ended.user_id) is None


def test_the_account_remembers_when_its_calendar_was_opened_and_closed(couple: Couple) -> None:
    feed_token(couple.ann)
    couple.ann.delete("/calendar-feed")

    kinds = [each["kind"] for each in couple.ann.get("/me/activity").json["items"]]
    assert {"calendar_feed_opened", "calendar_feed_closed"} <= set(kinds)


def test_an_export_says_that_there_is_a_feed_and_not_where(couple: Couple) -> None:
    before = couple.ann.get("/me/export").json["calendar_feed"]
    token = feed_token(couple.ann)
    after = couple.ann.get("/me/export")

    assert before is None
    assert after.json["calendar_feed"].keys() == {"created_at"}
    assert token not in after.text


def test_a_child_takes_files_and_has_no_feed(couple: Couple, store: Table) -> None:
    appointment_id = couple.scheduled()
    session_id = couple.ann.refresh_token.split(".")[1]
    store.update(Update(keys.session(couple.ann.user_id, session_id), put={"role": "child"}))

    answers = [couple.ann.post("/calendar-feed"), couple.ann.delete("/calendar-feed")]

    assert [refused(answer) for answer in answers] == [(403, "child_not_allowed")] * 2
    assert couple.ann.get(f"/appointments/{appointment_id}/calendar.ics").status == 200
