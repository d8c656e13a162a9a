"""What falls due: reminders once each, offers that lapse, and rounds that break off, come late or come twice."""

from datetime import timedelta

import pytest

from appointments.sweep import Sweep
from common import keys
from common.clock import clock
from common.table import Table
from operations.consumers import due
from tests.conftest import Postbox
from tests.harness.invariants import faults_of
from tests.harness.mail import deliver_mail, mails_to, see_to_what_is_due
from tests.harness.moments import nine_tomorrow, text, tomorrow
from tests.harness.playdates import Couple, act, go_to, items_of, planned, told

WHY = {"reason": "It rains"}
IN_THREE_DAYS = timedelta(days=2)


def in_three_days(couple: Couple) -> str:
    """The id of a playdate at nine, three days from now."""
    return couple.scheduled(text(nine_tomorrow() + IN_THREE_DAYS))


def reminded(store: Table) -> list[str]:
    return sorted(each["ahead"] for each in told(store, "reminder_due"))


def test_both_are_reminded_a_day_and_an_hour_before_and_never_twice(store: Table, couple: Couple) -> None:
    in_three_days(couple)
    start, seen = nine_tomorrow() + IN_THREE_DAYS, []

    for before in (timedelta(hours=25), timedelta(hours=24), timedelta(hours=2), timedelta(hours=1), timedelta()):
        go_to(start - before, couple.ann)
        see_to_what_is_due()
        see_to_what_is_due()
        seen.append(reminded(store))

    assert seen == [[], ["day"], ["day"], ["day", "hour"], ["day", "hour"]]
    assert told(store, "reminder_due")[0]["user_ids"] == [couple.ann.user_id, couple.ben.user_id]
    assert faults_of(store) == []


def test_a_reminder_is_a_mail_to_both_by_their_own_clocks(couple: Couple, mails: Postbox) -> None:
    in_three_days(couple)
    go_to(nine_tomorrow() + timedelta(days=1), couple.ann)

    see_to_what_is_due()

    for owner, pet in ((couple.ann, "Biscuit"), (couple.ben, "Olive")):
        [mail] = [each for each in mails(owner.email) if each.subject == f"{pet}: tomorrow"]
        assert "09:00 (UTC)" in mail.text


def test_nobody_is_reminded_of_what_was_cancelled(store: Table, couple: Couple) -> None:
    appointment_id = in_three_days(couple)
    act(couple.ann, appointment_id, "cancel", WHY)
    go_to(nine_tomorrow() + IN_THREE_DAYS - timedelta(hours=1), couple.ann)

    see_to_what_is_due()

    assert reminded(store) == []


def test_a_reminder_that_waited_while_it_was_cancelled_is_not_sent(store: Table, couple: Couple) -> None:
    appointment_id = in_three_days(couple)
    go_to(nine_tomorrow() + timedelta(days=1), couple.ann)
    see_to_what_is_due()

    act(couple.ann, appointment_id, "cancel", WHY)
    deliver_mail(store)

    assert "Olive: tomorrow" not in [mail.subject for mail in mails_to(couple.ben.email)]


def test_reminders_move_with_what_they_are_about(store: Table, couple: Couple) -> None:
    appointment_id = in_three_days(couple)
    later = nine_tomorrow() + timedelta(days=5)
    act(couple.ann, appointment_id, "reschedule", {"start": text(later), "minutes": 60})
    act(couple.ben, appointment_id, "accept")

    go_to(nine_tomorrow() + IN_THREE_DAYS - timedelta(hours=1), couple.ann)
    see_to_what_is_due()
    before = reminded(store)
    go_to(later - timedelta(days=1), couple.ann)
    see_to_what_is_due()

    assert (before, reminded(store)) == ([], ["day"])


def test_nobody_is_reminded_of_what_they_agreed_on_a_moment_ago(store: Table, couple: Couple) -> None:
    couple.scheduled(text(clock.now().replace(minute=0, second=0) + timedelta(minutes=45)))

    see_to_what_is_due()

    assert reminded(store) == []


def test_care_is_reminded_of_as_well(store: Table, couple: Couple) -> None:
    planned(couple.ann, couple.biscuit, text(nine_tomorrow() + IN_THREE_DAYS))
    go_to(nine_tomorrow() + timedelta(days=1), couple.ann)

    see_to_what_is_due()

    assert told(store, "reminder_due")[0]["user_ids"] == [couple.ann.user_id]


def test_an_offer_that_nobody_answers_lapses_and_both_hear_of_it(store: Table, couple: Couple, mails: Postbox) -> None:
    appointment_id = couple.proposed(text(nine_tomorrow() + timedelta(days=20)))
    lapses = couple.ben.get(f"/appointments/{appointment_id}").json["expires_at"]
    go_to(clock.now() + timedelta(days=7), couple.ann, couple.ben)

    see_to_what_is_due()
    see_to_what_is_due()

    assert lapses == text(clock.now())
    assert couple.ann.get(f"/appointments/{appointment_id}").json["status"] == "Expired"
    assert len(told(store, "playdate_lapsed")) == 1
    assert "you did not answer" in mails(couple.ben.email)[-1].text
    assert "the other side did not answer" in mails(couple.ann.email)[-1].text
    assert faults_of(store) == []


def test_an_offer_made_anew_has_its_own_time_to_be_answered(couple: Couple) -> None:
    start = text(nine_tomorrow() + timedelta(days=20))
    appointment_id = couple.proposed(start)
    go_to(clock.now() + timedelta(days=6), couple.ann, couple.ben)
    act(couple.ben, appointment_id, "reschedule", {"start": start, "minutes": 30})

    go_to(clock.now() + timedelta(days=6), couple.ann, couple.ben)
    see_to_what_is_due()

    assert act(couple.ann, appointment_id, "accept").status == 200


def test_after_days_without_a_round_nothing_is_forgotten(store: Table, couple: Couple) -> None:
    see_to_what_is_due()
    in_three_days(couple)
    go_to(nine_tomorrow() + IN_THREE_DAYS + timedelta(hours=3), couple.ann)

    see_to_what_is_due()

    assert len(told(store, "playdate_over")) == 1
    assert reminded(store) == [], "what has begun needs no reminder"
    assert faults_of(store) == []


def test_what_cannot_be_seen_to_stays_and_keeps_nobody_else_waiting(
    store: Table, couple: Couple, monkeypatch: pytest.MonkeyPatch
) -> None:
    one, other = (
        in_three_days(couple),
        planned(couple.ann, couple.ann.pet()["pet_id"], text(nine_tomorrow() + IN_THREE_DAYS)),
    )
    go_to(nine_tomorrow() + timedelta(days=1), couple.ann)
    remind = Sweep._remind  # noqa: SLF001 (one of its effects is to fail)

    def fail_for_one(self: Sweep, entry: dict[str, str]) -> None:
        if entry["appointment_id"] == one:
            raise RuntimeError("no luck")
        remind(self, entry)

    with monkeypatch.context() as patch:
        patch.setattr(Sweep, "_remind", fail_for_one)
        with pytest.raises(due.SomethingLeft, match="1 entries"):
            see_to_what_is_due()
    first = {each["appointment_id"] for each in told(store, "reminder_due")}
    go_to(clock.now() + timedelta(hours=3), couple.ann)
    see_to_what_is_due()

    assert first == {other}
    assert {each["appointment_id"] for each in told(store, "reminder_due")} == {one, other}


def test_a_round_that_runs_out_of_time_leaves_the_rest_to_the_next(store: Table, couple: Couple) -> None:
    in_three_days(couple)
    go_to(nine_tomorrow() + timedelta(days=1), couple.ann)

    left = Sweep(store, lambda: False).run()
    see_to_what_is_due()

    assert left == 1
    assert reminded(store) == ["day"]


def test_a_reminder_that_is_late_says_nothing_that_is_not_so(couple: Couple, mails: Postbox) -> None:
    see_to_what_is_due()
    in_three_days(couple)
    go_to(nine_tomorrow() + IN_THREE_DAYS - timedelta(minutes=30), couple.ann)

    see_to_what_is_due()

    subjects = [mail.subject for mail in mails(couple.ann.email)]
    assert ("Biscuit: soon" in subjects, "Biscuit: tomorrow" in subjects) == (True, False)


def test_a_wish_to_move_that_lapses_is_gone_and_both_hear_that_all_stays(store: Table, couple: Couple) -> None:
    start = nine_tomorrow() + timedelta(days=20)
    appointment_id = couple.scheduled(text(start))
    act(couple.ann, appointment_id, "reschedule", {"start": text(start + timedelta(days=1)), "minutes": 60})
    go_to(clock.now() + timedelta(days=7), couple.ann, couple.ben)

    see_to_what_is_due()

    assert [each["appointment_id"] for each in told(store, "move_declined")] == [appointment_id]
    assert couple.ben.get(f"/appointments/{appointment_id}").json["can"] == ["reschedule", "cancel"]
    assert faults_of(store) == []


def test_a_proposal_that_is_withdrawn_while_one_of_its_times_is_to_come_is_told(couple: Couple, mails: Postbox) -> None:
    proposal = couple.proposed(starts=[tomorrow(9), tomorrow(15)])
    go_to(nine_tomorrow() + timedelta(hours=1), couple.ann)

    act(couple.ann, proposal, "cancel")

    assert "A playdate has been cancelled" in [mail.subject for mail in mails(couple.ben.email)]


def test_what_falls_due_is_gone_once_it_is_seen_to(store: Table, couple: Couple) -> None:
    see_to_what_is_due()
    in_three_days(couple)
    go_to(nine_tomorrow() + IN_THREE_DAYS + timedelta(hours=2), couple.ann)

    see_to_what_is_due()

    assert items_of(store, f"{keys.DUE}#", "") == []


def test_an_appointment_takes_what_falls_due_with_it(store: Table, couple: Couple) -> None:
    proposal = couple.proposed(tomorrow(15))
    entries = [entry["what"] for entry in items_of(store, f"{keys.DUE}#", "")]

    act(couple.ben, proposal, "decline")

    assert entries == ["lapse"]
    assert items_of(store, f"{keys.DUE}#", "") == []
