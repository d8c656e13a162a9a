"""Accepting, declining and cancelling."""

from datetime import timedelta
from typing import Any

import pytest

from common import keys
from common.table import Put, Table, Update
from tests.conftest import OwnerFactory, Postbox
from tests.harness.mail import deliver_mail, mails_to
from tests.harness.moments import nine_tomorrow, tomorrow
from tests.harness.neighbours import be_free
from tests.harness.playdates import Couple, act, go_to, items_of, meet, plan_care, planned, told

WHY = {"reason": "Biscuit is ill"}


def test_accepting_books_the_time_of_both(couple: Couple) -> None:
    appointment_id = couple.proposed(tomorrow(9), 45, place="At the dog run")

    answer = act(couple.ben, appointment_id, "accept")

    assert answer.status == 200
    assert (answer.json["status"], answer.json["start"]) == ("Scheduled", tomorrow(9))
    assert (answer.json["place"], answer.json["can"]) == ("At the dog run", ["reschedule", "cancel"])
    assert couple.ann.get(f"/appointments/{appointment_id}").json["status"] == "Scheduled"
    for owner, pet in ((couple.ann, couple.biscuit), (couple.ben, couple.olive)):
        assert plan_care(owner, pet, tomorrow(9, 30), 15).code == "slot_taken"
        assert plan_care(owner, pet, tomorrow(9, 45), 15).code == "slot_taken", "they need time to get home"
        assert plan_care(owner, pet, tomorrow(10), 15).status == 201


def test_accepting_claims_each_quarter_of_an_hour_on_both_calendars_and_is_told(store: Table, couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 45)

    assert [len(items_of(store, f"PET#{pet}", "SLOT#")) for pet in (couple.biscuit, couple.olive)] == [4, 4]
    assert told(store, "playdate_accepted") == [{"appointment_id": appointment_id, "user_ids": [couple.ann.user_id]}]


def test_the_longest_playdate_of_most_choices_can_be_agreed_on(couple: Couple) -> None:
    appointment_id = couple.proposed(starts=[tomorrow(hour) for hour in (1, 5, 9, 13, 17)], minutes=240)

    answer = act(couple.ben, appointment_id, "accept", {"start": tomorrow(17)}, key="long")

    assert (answer.status, answer.json["start"], answer.json["minutes"]) == (200, tomorrow(17), 240)


def test_the_longest_playdate_claims_four_hours_and_the_way_home_of_both_pets(store: Table, couple: Couple) -> None:
    couple.scheduled(tomorrow(9), 240)

    assert len(items_of(store, "PET#", "SLOT#")) == 34


def test_one_of_several_starts_is_chosen_and_both_agendas_follow(couple: Couple) -> None:
    appointment_id = couple.proposed(starts=[tomorrow(9), tomorrow(12)])

    answer = act(couple.ben, appointment_id, "accept", {"start": tomorrow(13).replace("Z", "+01:00")})

    assert answer.json["start"] == tomorrow(12)
    assert answer.json["starts"] == [tomorrow(9), tomorrow(12)]


@pytest.mark.parametrize(
    "body", [None, {}, {"start": None}, {"start": tomorrow(10)}, {"start": "at noon"}, {"begin": 1}]
)
def test_a_choice_must_be_one_of_the_starts_offered(couple: Couple, body: Any) -> None:
    appointment_id = couple.proposed(starts=[tomorrow(9), tomorrow(12)])

    answer = act(couple.ben, appointment_id, "accept", body)

    assert answer.status == 422
    assert answer.pointers() == ["/begin" if body and "begin" in body else "/start"]


def test_only_the_invited_accept_and_decline(couple: Couple) -> None:
    appointment_id = couple.proposed()

    accepting, declining = act(couple.ann, appointment_id, "accept"), act(couple.ann, appointment_id, "decline")

    for answer in (accepting, declining):
        assert (answer.status, answer.code) == (409, "transition_not_allowed")
        assert answer.json["current_status"] == "Proposed"


def test_a_second_acceptance_finds_it_scheduled(couple: Couple) -> None:
    appointment_id = couple.scheduled()

    answer = act(couple.ben, appointment_id, "accept")

    assert (answer.status, answer.code) == (409, "transition_not_allowed")
    assert answer.json["current_status"] == "Scheduled"


def test_a_second_acceptance_is_not_told(store: Table, couple: Couple) -> None:
    appointment_id = couple.scheduled()

    act(couple.ben, appointment_id, "accept")

    assert len(told(store, "playdate_accepted")) == 1


@pytest.mark.parametrize(("transition", "body"), [("accept", {}), ("decline", None), ("cancel", WHY)])
def test_a_transition_repeated_with_its_key_repeats_the_answer(couple: Couple, transition: str, body: Any) -> None:
    appointment_id = couple.scheduled() if transition == "cancel" else couple.proposed()

    first = act(couple.ben, appointment_id, transition, body, key="once")
    again = act(couple.ben, appointment_id, transition, body, key="once")

    assert (first.status, again.status) == (200, 200)
    assert again.json == first.json


def test_time_that_was_booked_meanwhile_cannot_be_accepted(couple: Couple) -> None:
    appointment_id = couple.proposed(tomorrow(9), 60)
    planned(couple.ann, couple.biscuit, tomorrow(9, 45), 15)

    answer = act(couple.ben, appointment_id, "accept")

    assert (answer.status, answer.code) == (409, "slot_taken")
    assert couple.ben.get(f"/appointments/{appointment_id}").json["can"] == ["accept", "decline", "reschedule"]


def test_a_start_that_has_passed_cannot_be_accepted(couple: Couple) -> None:
    appointment_id = couple.proposed(starts=[tomorrow(9), tomorrow(12)])
    go_to(nine_tomorrow(), couple.ben)

    late = act(couple.ben, appointment_id, "accept", {"start": tomorrow(9)})
    in_time = act(couple.ben, appointment_id, "accept", {"start": tomorrow(12)})

    assert (late.status, late.code, late.json["current_status"]) == (409, "proposal_expired", "Proposed")
    assert in_time.status == 200


def test_what_an_earlier_version_agreed_on_without_a_break_is_cancelled_as_ever(store: Table, couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)
    store.update(Update(keys.appointment(appointment_id), remove=["break_minutes", "made_by"]))
    for pet in (couple.biscuit, couple.olive):
        store.delete(keys.slot(pet, nine_tomorrow() + timedelta(hours=1)))
    planned(couple.ann, couple.biscuit, tomorrow(10), 15)

    answer = act(couple.ben, appointment_id, "cancel", WHY)

    assert answer.status == 200
    assert plan_care(couple.ann, couple.biscuit, tomorrow(10), 15).code == "slot_taken"


def test_who_proposed_under_an_earlier_version_still_sees_where(store: Table, couple: Couple) -> None:
    appointment_id = couple.proposed(place="At the dog run")
    store.update(Update(keys.appointment(appointment_id), remove=["made_by"]))

    places = [each.get(f"/appointments/{appointment_id}").json["place"] for each in (couple.ann, couple.ben)]

    assert places == ["At the dog run", None]


def test_nothing_more_can_be_done_with_a_proposal_that_has_expired(couple: Couple) -> None:
    appointment_id = couple.proposed()
    go_to(nine_tomorrow(), couple.ben)

    shown = couple.ben.get(f"/appointments/{appointment_id}").json
    answers = [act(couple.ben, appointment_id, each) for each in ("accept", "decline")]

    assert (shown["status"], shown["can"]) == ("Expired", [])
    assert [(each.status, each.json["current_status"]) for each in answers] == [(409, "Expired")] * 2


def test_after_the_match_has_ended_nothing_more_is_agreed(couple: Couple) -> None:
    appointment_id = couple.proposed()
    (match,) = couple.ann.get("/matches").json["items"]
    couple.ann.delete(f"/matches/{match['match_id']}")

    accepting, declining = act(couple.ben, appointment_id, "accept"), act(couple.ben, appointment_id, "decline")

    assert (accepting.status, accepting.code) == (409, "not_matched")
    assert declining.status == 200


def test_a_pet_that_has_gone_is_not_booked(couple: Couple) -> None:
    appointment_id = couple.proposed()
    assert couple.ann.delete(f"/pets/{couple.biscuit}").status == 204

    answer = act(couple.ben, appointment_id, "accept")

    assert (answer.status, answer.code) == (409, "pet_gone")


def test_declining_ends_a_proposal(couple: Couple) -> None:
    appointment_id = couple.proposed(place="At the dog run")

    answer = act(couple.ben, appointment_id, "decline")

    assert (answer.json["status"], answer.json["can"], answer.json["place"]) == ("Declined", [], None)
    assert act(couple.ben, appointment_id, "accept").json["current_status"] == "Declined"


def test_declining_is_told_to_who_proposed(store: Table, couple: Couple) -> None:
    appointment_id = couple.proposed()

    act(couple.ben, appointment_id, "decline")

    assert told(store, "playdate_declined") == [{"appointment_id": appointment_id, "user_ids": [couple.ann.user_id]}]


def test_a_proposal_may_be_withdrawn_without_a_reason(couple: Couple) -> None:
    appointment_id = couple.proposed()

    answer = act(couple.ann, appointment_id, "cancel")

    assert (answer.status, answer.json["status"], answer.json["cancel_reason"]) == (200, "Cancelled", None)
    assert act(couple.ben, appointment_id, "accept").json["current_status"] == "Cancelled"


def test_a_proposal_that_is_withdrawn_is_told_to_the_other_owner(store: Table, couple: Couple) -> None:
    appointment_id = couple.proposed()

    act(couple.ann, appointment_id, "cancel")

    assert told(store, "appointment_cancelled") == [
        {"appointment_id": appointment_id, "user_ids": [couple.ben.user_id]}
    ]


def test_the_invited_decline_rather_than_cancel(couple: Couple) -> None:
    appointment_id = couple.proposed()

    answer = act(couple.ben, appointment_id, "cancel", WHY)

    assert (answer.status, answer.code) == (409, "transition_not_allowed")


@pytest.mark.parametrize("who", ["ann", "ben"])
def test_either_cancels_what_was_agreed_and_the_time_is_free_again(couple: Couple, who: str) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)
    canceller, other = (couple.ann, couple.ben) if who == "ann" else (couple.ben, couple.ann)

    answer = act(canceller, appointment_id, "cancel", WHY)

    assert (answer.status, answer.json["status"]) == (200, "Cancelled")
    assert other.get(f"/appointments/{appointment_id}").json["cancel_reason"] == "Biscuit is ill"
    couple.scheduled(tomorrow(9), 60)


@pytest.mark.parametrize("who", ["ann", "ben"])
def test_cancelling_what_was_agreed_is_told_to_the_other(store: Table, couple: Couple, who: str) -> None:
    appointment_id = couple.scheduled()
    canceller, other = (couple.ann, couple.ben) if who == "ann" else (couple.ben, couple.ann)

    act(canceller, appointment_id, "cancel", WHY)

    assert told(store, "appointment_cancelled") == [{"appointment_id": appointment_id, "user_ids": [other.user_id]}]


@pytest.mark.parametrize("body", [None, {}, {"reason": None}, {"reason": ""}, {"reason": "  "}, {"reason": "a" * 501}])
def test_what_was_agreed_is_not_cancelled_without_a_reason(couple: Couple, body: Any) -> None:
    appointment_id = couple.scheduled()

    answer = act(couple.ann, appointment_id, "cancel", body)

    assert (answer.status, answer.pointers()) == (422, ["/reason"])


def test_cancelling_gives_back_only_its_own_time(couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 30)
    planned(couple.ann, couple.biscuit, tomorrow(9, 45), 30)

    act(couple.ben, appointment_id, "cancel", WHY)

    assert plan_care(couple.ann, couple.biscuit, tomorrow(9, 45), 15).code == "slot_taken"
    assert plan_care(couple.ann, couple.biscuit, tomorrow(9, 30), 15).status == 201


def test_a_claim_of_another_appointment_is_never_given_back(store: Table, owner: OwnerFactory) -> None:
    couple = meet(owner("ann"), owner("ben"))
    appointment_id = couple.scheduled(tomorrow(9), 15)
    foreign = keys.slot(couple.biscuit, nine_tomorrow()) | {"appointment_id": "another"}
    store.write(Put(foreign))

    answer = act(couple.ann, appointment_id, "cancel", WHY)

    assert answer.status == 503
    assert store.get(keys.slot(couple.biscuit, nine_tomorrow())) == foreign
    assert couple.ann.get(f"/appointments/{appointment_id}").json["status"] == "Scheduled"


def test_care_can_be_cancelled_by_its_owner(couple: Couple) -> None:
    appointment_id = planned(couple.ann, couple.biscuit)

    answer = act(couple.ann, appointment_id, "cancel", WHY)

    assert answer.json["status"] == "Cancelled"


def test_what_is_over_is_completed_and_stays_so(couple: Couple) -> None:
    appointment_id = couple.scheduled(tomorrow(9), 60)

    go_to(nine_tomorrow() + timedelta(minutes=59, seconds=59), couple.ann)
    before = couple.ann.get(f"/appointments/{appointment_id}").json
    go_to(nine_tomorrow() + timedelta(minutes=60), couple.ann)
    after = couple.ann.get(f"/appointments/{appointment_id}").json
    cancelling = act(couple.ann, appointment_id, "cancel", WHY)

    assert (before["status"], before["can"]) == ("Scheduled", ["check-in", "complete"])
    assert (after["status"], after["can"]) == ("Completed", ["feedback"])
    assert (cancelling.status, cancelling.code) == (409, "transition_not_allowed")
    assert cancelling.json["current_status"] == "Completed"


@pytest.mark.parametrize("transition", ["accept", "decline", "cancel"])
def test_somebody_elses_appointment_is_as_absent(couple: Couple, owner: OwnerFactory, transition: str) -> None:
    carla, appointment_id = owner("carla"), couple.proposed()

    theirs, absent = act(carla, appointment_id, transition), act(carla, "a" * 26, transition)

    assert (theirs.status, theirs.code) == (absent.status, absent.code) == (404, "appointment_not_found")


def test_what_is_no_transition_is_not_found(couple: Couple) -> None:
    appointment_id = couple.proposed()

    assert act(couple.ben, appointment_id, "explode").status == 404
    assert couple.ben.get(f"/appointments/{appointment_id}/accept").status == 405


def test_who_did_not_cancel_is_told_by_mail_when_it_would_have_been(couple: Couple, mails: Postbox) -> None:
    be_free(couple.ben, zone="America/New_York")
    appointment_id = couple.scheduled(tomorrow(9))

    act(couple.ann, appointment_id, "cancel", WHY)

    mail = mails(couple.ben.email, count=3)[-1]
    assert mail.subject == "A playdate has been cancelled"
    assert "04:00 (America/New_York)" in mail.text
    assert WHY["reason"] not in mail.text
    assert "A playdate has been cancelled" not in [each.subject for each in mails(couple.ann.email)]


def test_nobody_is_told_by_mail_of_what_would_be_over_anyway(store: Table, couple: Couple) -> None:
    appointment_id = couple.proposed(tomorrow(9))
    go_to(nine_tomorrow() + timedelta(minutes=1), couple.ann)

    act(couple.ann, appointment_id, "cancel")
    deliver_mail(store)

    assert "A playdate has been cancelled" not in [each.subject for each in mails_to(couple.ben.email)]


def test_care_that_is_cancelled_is_nobody_elses_business(store: Table, couple: Couple) -> None:
    care = planned(couple.ann, couple.biscuit)

    act(couple.ann, care, "cancel", WHY)
    deliver_mail(store)

    assert "A playdate has been cancelled" not in str(mails_to(couple.ann.email) + mails_to(couple.ben.email))
