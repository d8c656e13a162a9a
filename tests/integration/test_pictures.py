"""Profile pictures: offered, uploaded, drawn anew, shown, replaced and taken away, whatever fails on the way."""

import json
from base64 import b64decode
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import boto3
import pytest
from botocore.config import Config

from auth import pictures
from auth.accounts import AccountRepository
from auth.models import UserRecord
from auth.pictures import Upload
from common import aws, keys, media
from common.clock import clock
from common.table import Table, to_wire
from operations.consumers import drawn_picture
from operations.consumers import picture as consumer
from operations.images import draw_anew
from tests.conftest import OwnerFactory
from tests.harness.client import Owner
from tests.harness.permissions import as_function
from tests.harness.pictures import (
    BLUE,
    RED,
    arrive,
    deliver,
    draw,
    files,
    offered,
    photo,
    publish,
    show_picture,
)

OFFER = {"content_type": "image/png"}


def of(store: Table, owner: Owner) -> UserRecord:
    user = AccountRepository(store).get(owner.user_id)
    assert user
    return user


def policy_of(form: dict[str, Any]) -> dict[str, Any]:
    policy: dict[str, Any] = json.loads(b64decode(form["fields"]["policy"]))
    return policy


def shown(owner: Owner) -> str | None:
    """The address of a picture, as its owner is told."""
    url: str | None = owner.get("/me").json["picture_url"]
    return url


def test_an_owner_has_no_picture_at_first(owner: OwnerFactory) -> None:
    ann = owner("ann")

    assert shown(ann) is None


def test_a_form_is_for_one_key_of_ones_own_one_type_and_ten_megabytes(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")

    offer = ann.post("/me/picture", OFFER).json

    form = offer["upload"]
    conditions = policy_of(form)["conditions"]
    assert form["fields"]["key"].startswith(f"uploads/{ann.user_id}/1-")
    assert {"key": form["fields"]["key"]} in conditions
    assert {"Content-Type": "image/png"} in conditions
    assert {"bucket": media.bucket().name} in conditions
    assert ["content-length-range", 1, offer["max_bytes"]] in conditions
    assert offer["max_bytes"] == 10 * 1024 * 1024


def test_a_form_is_good_for_ten_minutes(owner: OwnerFactory, store: Table) -> None:
    clock.reset()
    offer = owner("ann").post("/me/picture", OFFER).json

    expires = datetime.fromisoformat(offer["expires_at"])
    signed = datetime.fromisoformat(policy_of(offer["upload"])["expiration"])

    assert timedelta(minutes=9, seconds=50) < expires - clock.now() <= timedelta(minutes=10)
    assert timedelta() <= signed - expires <= timedelta(seconds=2)


def test_a_form_goes_to_the_bucket_in_its_own_region_and_is_signed_with_version_4(store: Table) -> None:
    form = media.Bucket(media.bucket().client, "pawtime-media").form("uploads/x", "image/png", 10, clock.now())

    assert form.url == "https://pawtime-media.s3.eu-west-1.amazonaws.com/"
    assert form.fields["x-amz-algorithm"] == "AWS4-HMAC-SHA256"


@pytest.mark.parametrize("content_type", ["image/gif", "image/svg+xml", "text/html", "", "image/png, text/html"])
def test_other_types_are_refused(owner: OwnerFactory, content_type: str) -> None:
    answer = owner("ann").post("/me/picture", {"content_type": content_type})

    assert (answer.status, answer.pointers()) == (422, ["/content_type"])


def test_a_repeated_request_is_answered_with_the_same_form(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")

    first, second = (ann.post("/me/picture", OFFER, key="once") for _ in range(2))

    assert first.text == second.text
    assert of(store, ann).uploads == 1


def test_what_is_uploaded_is_drawn_anew_and_shown_and_nothing_else_stays(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    upload = offered(ann)
    arrive(upload, photo())

    failed = deliver(upload)

    assert failed == []
    assert shown(ann) == f"/media/{upload.picture}"
    assert files() == {f"media/{upload.picture}": draw_anew(photo())}


def test_a_picture_is_stored_as_a_jpeg_at_an_address_that_tells_nothing_of_its_owner(
    owner: OwnerFactory, store: Table
) -> None:
    ann = owner("ann")

    url = show_picture(ann).picture

    stored = media.bucket().client.head_object(Bucket=media.bucket().name, Key=f"media/{url}")
    assert stored["ContentType"] == "image/jpeg"
    assert ann.user_id not in url
    assert ann.username not in url


def test_a_new_picture_takes_the_place_of_the_old_one(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    show_picture(ann, photo(RED))

    later = show_picture(ann, photo(BLUE))

    assert files() == {f"media/{later.picture}": draw_anew(photo(BLUE))}
    assert shown(ann) == f"/media/{later.picture}"


def test_the_later_picture_wins_in_whatever_order_they_come(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    first, second, third = (offered(ann) for _ in range(3))
    for upload in (first, second, third):
        arrive(upload, photo())

    deliver(second, third, first)

    assert of(store, ann).picture == third.picture
    assert files().keys() == {f"media/{third.picture}"}


def test_a_picture_that_is_overtaken_while_it_is_drawn_is_not_shown(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = owner("ann")
    earlier, later = offered(ann), offered(ann)
    for upload in (earlier, later):
        arrive(upload, photo())

    def draw_slowly(sent: bytes) -> bytes:
        monkeypatch.setattr(consumer, "draw_anew", draw_anew)
        deliver(later)
        return draw_anew(sent)

    monkeypatch.setattr(consumer, "draw_anew", draw_slowly)
    failed = deliver(earlier)

    assert failed == []
    assert of(store, ann).picture == later.picture
    assert files().keys() == {f"media/{later.picture}"}


def while_it_is_published(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Let something happen between the look at the account and the change of it, once."""
    write = media.Bucket.write

    def write_slowly(self: media.Bucket, key: str, content: bytes, content_type: str) -> None:
        monkeypatch.setattr(media.Bucket, "write", write)
        act()
        write(self, key, content, content_type)

    monkeypatch.setattr(media.Bucket, "write", write_slowly)


def test_a_picture_that_is_overtaken_while_it_is_published_is_not_shown(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = owner("ann")
    earlier, later = offered(ann), offered(ann)
    for upload in (earlier, later):
        arrive(upload, photo())
    draw(earlier)
    while_it_is_published(monkeypatch, lambda: deliver(later))

    failed = publish(earlier)

    assert failed == []
    assert of(store, ann).picture == later.picture
    assert files().keys() == {f"media/{later.picture}"}


def test_a_picture_that_is_taken_away_while_it_is_published_is_not_shown(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = owner("ann")
    upload = offered(ann)
    arrive(upload, photo())
    draw(upload)
    while_it_is_published(monkeypatch, lambda: ann.delete("/me/picture"))

    failed = publish(upload)

    assert failed == []
    assert shown(ann) is None
    assert files() == {}


def test_what_is_drawn_for_a_form_that_nobody_was_offered_is_not_shown(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    before = show_picture(ann)
    invented = Upload(ann.user_id, before.number + 1, "invented")
    media.bucket().write(invented.drawn, photo(BLUE), "image/jpeg")

    failed = publish(invented)

    assert failed == []
    assert of(store, ann).picture == before.picture
    assert files().keys() == {f"media/{before.picture}"}


def test_a_picture_that_is_about_to_be_shown_is_not_taken_for_an_old_one(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    earlier, later = offered(ann), offered(ann)
    arrive(earlier, photo())
    media.bucket().write(f"media/{later.picture}", photo(), "image/jpeg")

    deliver(earlier)

    assert files().keys() == {f"media/{earlier.picture}", f"media/{later.picture}"}


def test_what_comes_again_changes_nothing(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    first, second = show_picture(ann), show_picture(ann)
    before = of(store, ann)

    failed = deliver(first, second, first, second)

    assert failed == []
    assert of(store, ann) == before
    assert files().keys() == {f"media/{second.picture}"}


def test_a_form_that_is_used_again_changes_nothing(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    upload = show_picture(ann, photo(RED))
    arrive(upload, photo(BLUE))

    deliver(upload)

    assert files() == {f"media/{upload.picture}": draw_anew(photo(RED))}


def test_what_is_no_picture_is_deleted_and_the_picture_before_it_stays(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    before = show_picture(ann)
    upload = offered(ann)
    arrive(upload, b"A letter, renamed.")

    failed = deliver(upload)

    assert failed == []
    assert of(store, ann).picture == before.picture
    assert files().keys() == {f"media/{before.picture}"}


def test_pictures_of_different_people_do_not_touch_each_other(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    anns, bens = show_picture(ann), show_picture(ben)

    ann.delete("/me/picture")

    assert files().keys() == {f"media/{bens.picture}"}
    assert (shown(ann), shown(ben)) == (None, f"/media/{bens.picture}")
    assert anns.picture.partition("/")[0] != bens.picture.partition("/")[0]


def test_a_picture_is_taken_away_with_its_file_as_often_as_is_asked(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    show_picture(ann)

    answers = [ann.delete("/me/picture") for _ in range(2)]

    assert [answer.status for answer in answers] == [204, 204]
    assert shown(ann) is None
    assert files() == {}


def test_owners_see_when_their_picture_changed(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    upload = show_picture(ann)
    deliver(upload)

    for _ in range(2):
        ann.delete("/me/picture")

    changes = [act for act in ann.get("/me/activity").json["items"] if act["kind"] == "profile_changed"]
    assert len(changes) == 2


def test_an_upload_that_was_on_its_way_when_the_picture_was_taken_away_is_not_shown(
    owner: OwnerFactory, store: Table
) -> None:
    ann = owner("ann")
    upload = offered(ann)
    arrive(upload, photo())
    ann.delete("/me/picture")

    deliver(upload)

    assert shown(ann) is None
    assert files() == {}


def test_a_picture_can_be_shown_again_after_one_was_taken_away(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    show_picture(ann)
    ann.delete("/me/picture")

    again = show_picture(ann)

    assert shown(ann) == f"/media/{again.picture}"


def test_a_picture_that_comes_while_another_is_taken_away_goes_as_well(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = owner("ann")
    show_picture(ann)
    get = AccountRepository.get

    def get_and_be_overtaken(self: AccountRepository, user_id: str) -> UserRecord | None:
        found = get(self, user_id)
        monkeypatch.setattr(AccountRepository, "get", get)
        show_picture(ann)
        return found

    monkeypatch.setattr(AccountRepository, "get", get_and_be_overtaken)
    answer = ann.delete("/me/picture")

    assert answer.status == 204
    assert shown(ann) is None
    assert files() == {}


def leave(store: Table, owner: Owner) -> None:
    """Take an account away, as its deletion does and none of the functions here."""
    with as_function(None):
        store.client.delete_item(TableName=store.name, Key=to_wire(keys.user(owner.user_id)))


def test_an_upload_that_comes_after_its_owner_has_left_leaves_nothing_behind(owner: OwnerFactory, store: Table) -> None:
    ann = owner("ann")
    upload = offered(ann)
    arrive(upload, photo())
    leave(store, ann)

    failed = deliver(upload)

    assert failed == []
    assert files() == {}
    assert AccountRepository(store).get(ann.user_id) is None


def test_an_owner_who_leaves_while_the_picture_is_drawn_leaves_nothing_behind(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = owner("ann")
    upload = offered(ann)
    arrive(upload, photo())

    def draw_slowly(sent: bytes) -> bytes:
        leave(store, ann)
        pictures.repository().erase(ann.user_id)
        return draw_anew(sent)

    monkeypatch.setattr(consumer, "draw_anew", draw_slowly)
    failed = deliver(upload)

    assert failed == []
    assert files() == {}
    assert AccountRepository(store).get(ann.user_id) is None


def test_an_owner_who_leaves_while_the_picture_is_published_leaves_nothing_behind(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = owner("ann")
    upload = offered(ann)
    arrive(upload, photo())
    draw(upload)

    def leave_for_good() -> None:
        leave(store, ann)
        pictures.repository().erase(ann.user_id)

    while_it_is_published(monkeypatch, leave_for_good)
    failed = publish(upload)

    assert failed == []
    assert files() == {}
    assert AccountRepository(store).get(ann.user_id) is None


def test_erasing_deletes_every_file_of_a_user_and_of_nobody_else(owner: OwnerFactory, store: Table) -> None:
    ann, ben = owner("ann"), owner("ben")
    bens = show_picture(ben)
    show_picture(ann)
    pending, drawn, left_behind = offered(ann), offered(ann), offered(ann)
    for upload in (pending, drawn):
        arrive(upload, photo())
    draw(drawn)
    media.bucket().write(f"media/{left_behind.picture}", photo(), "image/jpeg")
    leave(store, ann)

    for _ in range(2):
        pictures.repository().erase(ann.user_id)

    assert files().keys() == {f"media/{bens.picture}"}


def test_what_is_at_no_key_of_ours_is_reported(store: Table) -> None:
    strange = [Upload("..", 1, "x"), Upload("A", 1, "x"), Upload("a", 1, "../x")]

    assert draw(*strange) == publish(*strange) == ["0", "1", "2"]


def test_the_message_by_which_the_bucket_tries_its_queue_is_passed_over(store: Table) -> None:
    trial = {"messageId": "0", "body": '{"Service":"Amazon S3","Event":"s3:TestEvent"}', "eventSource": "aws:sqs"}

    reports = [each.handler({"Records": [trial]}, None) for each in (consumer, drawn_picture)]

    assert reports == [{"batchItemFailures": []}] * 2


def test_a_bucket_that_is_away_is_answered_with_patience(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = owner("ann")
    away = Config(retries={"total_max_attempts": 1}, connect_timeout=1)
    client = boto3.client("s3", endpoint_url="http://127.0.0.1:9", config=away)
    show_picture(ann)
    monkeypatch.setattr(aws, "client", lambda *_, **__: client)

    answer = ann.delete("/me/picture")

    client.close()
    assert (answer.status, answer.code) == (503, "unavailable")


class Crash(BaseException):
    """The function's process is gone."""


class Stopping:
    """Lets the process end just before, or just after, the call of a number to the table or the bucket."""

    def __init__(self, number: int, *, after: bool) -> None:
        self.number = number
        self.after = after
        self.calls = 0

    def around(self, call: Callable[..., Any]) -> Callable[..., Any]:
        def counted(*arguments: Any, **members: Any) -> Any:
            self.calls += 1
            stop = self.calls == self.number
            if stop and not self.after:
                raise Crash
            try:
                return call(*arguments, **members)
            finally:
                if stop:
                    raise Crash

        return counted


def stopped(monkeypatch: pytest.MonkeyPatch, stopping: Stopping, act: Callable[[], object]) -> bool:
    """Do something that ends on the way; tell whether it did."""
    with monkeypatch.context() as patch:
        for place in (Table, media.Bucket):
            patch.setattr(place, "call", stopping.around(place.call))
        try:
            act()
        except Crash:
            return True
        return False


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_at_any_call_is_made_up_for_when_the_message_comes_again(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    ann = owner("ann")
    number = 0
    crashed = True

    while crashed:
        number += 1
        show_picture(ann, photo(RED))
        upload = offered(ann)
        arrive(upload, photo(BLUE))
        crashed = stopped(monkeypatch, Stopping(number, after=after), lambda: deliver(upload))  # noqa: B023
        in_between = of(store, ann).picture
        assert f"media/{in_between}" in files()
        deliver(upload)

        assert of(store, ann).picture == upload.picture
        assert files() == {f"media/{upload.picture}": draw_anew(photo(BLUE))}
    assert number > 6


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_while_a_picture_is_taken_away_is_made_up_for_by_asking_again(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    ann = owner("ann")
    number = 0
    crashed = True

    while crashed:
        number += 1
        show_picture(ann)
        crashed = stopped(monkeypatch, Stopping(number, after=after), lambda: ann.delete("/me/picture"))
        assert ann.delete("/me/picture").status == 204

        assert of(store, ann).picture is None
        assert files() == {}
    assert number > 4


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
def test_a_crash_when_an_owner_has_left_is_made_up_for_too(
    owner: OwnerFactory, store: Table, monkeypatch: pytest.MonkeyPatch, after: bool
) -> None:
    number = 0
    crashed = True

    while crashed:
        number += 1
        ann = owner(f"ann{number}")
        upload = offered(ann)
        arrive(upload, photo())

        def draw_and_leave(sent: bytes, ann: Owner = ann) -> bytes:
            leave(store, ann)
            return draw_anew(sent)

        with monkeypatch.context() as patch:
            patch.setattr(consumer, "draw_anew", draw_and_leave)
            crashed = stopped(monkeypatch, Stopping(number, after=after), lambda: deliver(upload))  # noqa: B023
        leave(store, ann)
        deliver(upload)

        assert files() == {}
    assert number > 5
