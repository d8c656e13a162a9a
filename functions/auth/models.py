"""Accounts and sessions, as sent, as answered and as stored."""

import hashlib
import re
from typing import Annotated, Literal

from pydantic import MISSING, AfterValidator, Field, StringConstraints

from common.auth import Role
from common.clock import clock
from common.models import Id, In, Instant, Line, Out, Record
from common.table import Condition

MIN_PASSWORD_BYTES = 8
MAX_PASSWORD_BYTES = 1024
# What mail systems deliver to without extensions: ASCII, international domains in their xn-- form.
ATOM = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
LABEL = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
EMAIL = re.compile(rf"(?=.{{1,64}}@){ATOM}(?:\.{ATOM})*@(?:{LABEL}\.)+[A-Za-z][A-Za-z0-9-]{{0,61}}[A-Za-z0-9]")


def _password(text: str) -> str:
    size = len(text.encode())
    if not MIN_PASSWORD_BYTES <= size <= MAX_PASSWORD_BYTES:
        raise ValueError(f"must have {MIN_PASSWORD_BYTES} to {MAX_PASSWORD_BYTES} bytes")
    return text


def _email(text: str) -> str:
    if not EMAIL.fullmatch(text):
        raise ValueError("must be an e-mail address")
    return text


Username = Annotated[str, StringConstraints(pattern=r"^[A-Za-z0-9][A-Za-z0-9._-]{2,29}$")]
Email = Annotated[str, StringConstraints(strip_whitespace=True, max_length=254), AfterValidator(_email)]
Password = Annotated[str, AfterValidator(_password), Field(description="8 to 1,024 bytes, any characters")]
GivenPassword = Annotated[str, StringConstraints(min_length=1, max_length=4096)]
Token = Annotated[str, StringConstraints(min_length=1, max_length=512)]


class Registration(In):
    username: Username
    email: Email
    password: Password
    first_name: Line | None = None
    last_name: Line | None = None

    @property
    def own_words(self) -> tuple[str | None, ...]:
        """Return what its owner's password must not be."""
        return self.username, self.email, self.first_name, self.last_name


class EmailVerification(In):
    token: Token


class MailRequest(In):
    """Ask for a mail to an address, whether or not that is anybody's."""

    email: Email


class PasswordChange(In):
    current_password: GivenPassword
    new_password: Password


class PasswordReset(In):
    token: Token
    new_password: Password


class EmailChange(In):
    email: Email
    password: GivenPassword


class ProfileChanges(In):
    """What to change of one's profile; what is left out stays, and null clears it."""

    first_name: Line | MISSING | None = MISSING
    last_name: Line | MISSING | None = MISSING


class Login(In):
    """`username` may also be the e-mail address. `delivery` says how tokens travel.

    `device_token` is what a login on this device has answered before; browsers send it as a cookie.
    """

    username: Annotated[str, StringConstraints(strip_whitespace=True, min_length=1, max_length=254)]
    password: GivenPassword
    device_name: Line | None = None
    device_token: Token | None = None
    delivery: Literal["cookie", "body"] = "cookie"


class Refresh(In):
    """Browsers send the cookie instead."""

    refresh_token: Token | None = None


class Closing(In):
    """The password is asked for again: whoever finds a device unlocked must not be able to end its owner's account."""

    password: GivenPassword


class Accepted(Out):
    """The request was taken; what follows happens by itself, or comes by mail."""

    status: Literal["accepted"] = "accepted"


class User(Out):
    """The signed-in person, as they see themselves."""

    user_id: Id
    username: str
    email: str
    first_name: str | None
    last_name: str | None
    role: Role
    picture_url: str | None
    created_at: Instant
    updated_at: Instant


class SignedInAnswer(Out):
    """`expires_in` is in seconds. `refresh_token` is null where it travels as a cookie.

    `device_token` comes with a login on a device that was not known: kept and sent with the next login, it lets that
    one in while others guess at the password from elsewhere.
    """

    access_token: str
    token_type: Literal["Bearer"] = "Bearer"  # noqa: S105 (RFC 6750's name for the scheme)
    expires_in: int
    refresh_token: str | None
    device_token: str | None = None
    user: User


class Session(Out):
    session_id: Id
    device_name: str
    created_at: Instant
    last_accessed: Instant
    expires_at: Instant
    current: bool


class SessionList(Out):
    items: list[Session]


class UserRecord(Record):
    """An account as stored. `email_verified` is when; an account without it cannot sign in.

    Neither can one with `closed_at`: what hangs on it is being erased.
    `password_version` counts the passwords that it has had.
    `uploads` counts the pictures that could have been uploaded, and `picture_number` says with which of them the
    picture in force came, or was taken away.
    """

    user_id: str
    username: str
    email: str
    password_hash: str
    first_name: str | None = None
    last_name: str | None = None
    role: Role = "pet_owner"
    email_verified: Instant | None = None
    closed_at: Instant | None = None
    password_version: int = 0
    picture: str | None = None
    picture_number: int = 0
    uploads: int = 0
    created_at: Instant
    updated_at: Instant

    @property
    def own_words(self) -> tuple[str | None, ...]:
        """Return what the password must not be."""
        return self.username, self.email, self.first_name, self.last_name

    @property
    def entered_with(self) -> str:
        """Return what changes with the password, the address and the role.

        A link that was mailed before is void then, and so is a login that crosses the change.
        """
        return hashlib.sha256(f"{self.email} {self.password_version} {self.role}".encode()).hexdigest()

    def as_user(self) -> User:
        """Return what the person sees of it."""
        shown = self.model_dump(include=set(User.model_fields))
        return User(**shown, picture_url=f"/media/{self.picture}" if self.picture else None)


class PictureRequest(In):
    content_type: Literal["image/jpeg", "image/png", "image/webp"]


class UploadForm(Out):
    """To be sent to `url` as multipart/form-data: all of `fields`, and then the picture, as `file`."""

    url: str
    fields: dict[str, str]


class PictureUpload(Out):
    """The picture is shown some seconds after it has been uploaded, unless it is none."""

    upload: UploadForm
    expires_at: Instant
    max_bytes: int


class SessionRecord(Record):
    """A session as stored; `counter` is that of the refresh token in force. It ends unused (`ttl`), or at `ends_at`."""

    session_id: str
    user_id: str
    role: Role
    device_name: str
    counter: int
    rotated_at: int
    created_at: Instant
    last_accessed: Instant
    ends_at: int
    ttl: int

    def is_over(self) -> bool:
        """Return whether it has come to its end, although DynamoDB may not have deleted it yet."""
        return clock.timestamp() >= min(self.ttl, self.ends_at)


REACHABLE = Condition("attribute_exists(email_verified) AND attribute_not_exists(closed_at)")
"""Holds at an account that others can have to do with: its address is proved, and it has not been closed."""
