"""Profile pictures: an owner is given a form, what arrives by it is drawn anew, and the latest one is shown.

Every form has a number, the next of its owner, and so has the picture that comes by it: one of a higher number takes
the place of one of a lower, in whatever order they arrive. Taking the picture away counts as one of the last number
given out. So everything that is not shown, and never will be, can be told by its key: whoever comes by deletes it,
and whatever a process leaves behind when it dies goes with the next.

What decodes an upload may be taken over by it. So drawing knows nothing but files, and what comes of it is looked at
as something from a stranger: it is shown only where a form was offered for it.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Self

from aws_lambda_powertools.event_handler import Depends

from auth.accounts import OPEN, AccountRepository
from auth.activity import activity
from auth.models import PictureUpload, UploadForm
from common import ids, keys, media
from common.clock import clock
from common.idempotency import Once
from common.logs import logger
from common.media import DRAWN, MEDIA, UPLOADS, Bucket
from common.table import Condition, RaceLost, Table, Update, settle, table

MAX_BYTES = 10 * 1024 * 1024
FORM_LIFETIME = timedelta(minutes=10)
UPLOAD_KEY = re.compile(rf"(?:{UPLOADS}|{DRAWN})(?P<user_id>[a-z0-9]+)/(?P<number>[0-9]+)-(?P<secret>[a-z0-9]+)")

type Draw = Callable[[bytes], bytes]


class NotAPicture(Exception):
    """What was uploaded is not a picture of a kind and size that we take."""


@dataclass(frozen=True)
class Upload:
    """What one form is for. The secret keeps others from guessing where the picture will be."""

    user_id: str
    number: int
    secret: str

    @classmethod
    def at(cls, key: str) -> Self:
        """Return the upload that arrives at `key`, or is drawn there; raise ValueError where none is."""
        found = UPLOAD_KEY.fullmatch(key)
        if found is None:
            raise ValueError("No form of ours has this key")
        return cls(found["user_id"], int(found["number"]), found["secret"])

    @property
    def key(self) -> str:
        return f"{_uploads_of(self.user_id)}{self.number}-{self.secret}"

    @property
    def drawn(self) -> str:
        """Where it lies from when it has been drawn until it is shown."""
        return f"{_drawn_of(self.user_id)}{self.number}-{self.secret}"

    @property
    def picture(self) -> str:
        """The picture's name: its address below `/media/`."""
        return f"{_folder(self.user_id)}/{self.number}-{self.secret}.jpg"


def draw_uploaded(bucket: Bucket, upload: Upload, draw: Draw) -> None:
    """Draw what has been uploaded, for `publish` to show; what is no picture is only deleted. It may happen again."""
    try:
        if (sent := bucket.read(upload.key, MAX_BYTES + 1)) is not None:
            bucket.write(upload.drawn, draw(sent), "image/jpeg")
    except NotAPicture as error:
        logger.info("picture refused", extra={"user_id": upload.user_id, "cause": type(error.__cause__).__name__})
    bucket.delete(upload.key)


class PictureRepository:
    """Reads and writes pictures, and what their owners' items say of them."""

    def __init__(self, table: Table, bucket: Bucket, accounts: AccountRepository) -> None:
        self.table = table
        self.bucket = bucket
        self.accounts = accounts

    def offer_upload(self, user_id: str, content_type: str, once: Once) -> PictureUpload:
        """Return a form by which the user may upload one picture."""

        def attempt() -> PictureUpload:
            upload = Upload(user_id, self.accounts.present(user_id).uploads + 1, ids.new_id())
            offer = self._offer(upload, content_type)
            first_of_its_number = Condition(
                f"{OPEN.expression} AND (attribute_not_exists(#uploads) OR #uploads < :number)",
                {"number": upload.number},
            )
            self.table.write(
                Update(keys.user(user_id), put={"uploads": upload.number}, condition=first_of_its_number),
                once.record(offer),
            )
            return offer

        return settle(attempt)

    def _offer(self, upload: Upload, content_type: str) -> PictureUpload:
        expires_at = clock.now() + FORM_LIFETIME
        form = self.bucket.form(upload.key, content_type, MAX_BYTES, expires_at)
        return PictureUpload(upload=UploadForm(**vars(form)), expires_at=expires_at, max_bytes=MAX_BYTES)

    def publish(self, upload: Upload) -> None:
        """Show what has been drawn in place of what was shown before.

        Not so what comes after a later one, or after its owner has left, or for which no form was offered: that is
        only deleted. All of this may happen again, from the start, after it was broken off anywhere.
        """
        try:
            if self._awaited(upload) and (drawn := self.bucket.read(upload.drawn, MAX_BYTES)) is not None:
                self.bucket.write(MEDIA + upload.picture, drawn, "image/jpeg")
                self._show(upload)
        except RaceLost:
            pass  # a later picture has come meanwhile, or the account has gone
        self._delete_outdated(upload.user_id)
        self.bucket.delete(upload.drawn)

    def _awaited(self, upload: Upload) -> bool:
        user = self.accounts.get(upload.user_id)
        return user is not None and user.picture_number < upload.number <= user.uploads

    def _show(self, upload: Upload) -> None:
        latest = Condition(
            f"{OPEN.expression} AND (attribute_not_exists(#picture_number) OR #picture_number < :number)",
            {"number": upload.number},
        )
        shown = {"picture": upload.picture, "picture_number": upload.number, "updated_at": clock.now().isoformat()}
        self.table.write(
            Update(keys.user(upload.user_id), put=shown, condition=latest),
            activity(upload.user_id, "profile_changed"),
        )

    def take_away(self, user_id: str) -> None:
        """Show no picture any more, not even one that is on its way."""

        def attempt() -> None:
            user = self.accounts.present(user_id)
            if user.picture is None and user.picture_number == user.uploads:
                return
            no_more_offered = Condition("#uploads = :seen", {"seen": user.uploads})
            gone = {"picture_number": user.uploads, "updated_at": clock.now().isoformat()}
            self.table.write(
                Update(keys.user(user_id), put=gone, remove=["picture"], condition=no_more_offered),
                activity(user_id, "profile_changed") if user.picture else None,
            )

        settle(attempt)
        self._delete_outdated(user_id)

    def _delete_outdated(self, user_id: str) -> None:
        """Delete the user's pictures that are not shown and never will be."""
        user = self.accounts.get(user_id)
        for key in self.bucket.list(_pictures_of(user_id)):
            if user is None or (_number(key) <= user.picture_number and key != f"{MEDIA}{user.picture}"):
                self.bucket.delete(key)

    def erase(self, user_id: str) -> None:
        """Delete every file of a user: the picture, what is on its way, and what was left behind.

        Once the account's item is gone, and not before: what is on its way then finds no account, and goes as well.
        """
        for prefix in (_uploads_of(user_id), _drawn_of(user_id), _pictures_of(user_id)):
            while found := self.bucket.list(prefix):
                self.bucket.delete(*found)


def _uploads_of(user_id: str) -> str:
    return f"{UPLOADS}{user_id}/"


def _drawn_of(user_id: str) -> str:
    return f"{DRAWN}{user_id}/"


def _pictures_of(user_id: str) -> str:
    return f"{MEDIA}{_folder(user_id)}/"


def _folder(user_id: str) -> str:
    """Return what stands for a user in the address of a picture, which others see."""
    return ids.derived(user_id)


def _number(key: str) -> int:
    return int(key.rpartition("/")[2].partition("-")[0])


def repository() -> PictureRepository:
    """Return the repository on this process's table and bucket."""
    return PictureRepository(table(), media.bucket(), AccountRepository(table()))


Pictures = Annotated[PictureRepository, Depends(repository)]
