"""Accounts in the table: registering, verifying the e-mail address, finding by what was typed, the profile."""

from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends

from auth import passwords
from auth.activity import activity
from auth.models import ProfileChanges, Registration, User, UserRecord
from auth.throttles import MAILS, MAILS_OF_AN_ADDRESS, Limit, Throttles, TooManyAttempts
from common import ids, keys, outbox
from common.clock import clock
from common.errors import Conflict, Malformed, Unauthenticated
from common.table import Check, Condition, Delete, Key, Put, Table, Update, Write, absent, settle, table

VERIFICATION_LIFETIME = timedelta(days=1)
PENDING_LIFETIME = timedelta(days=7)
RESET_LIFETIME = timedelta(minutes=10)
FORMER_EMAIL_KEPT = timedelta(days=1)
MOST_MAILED_AT_ONCE = 3
NOBODY = "nobody"  # stands for the id of an account that there is none of, so that looking for it costs the same


class UsernameTaken(Conflict):
    code = "username_taken"
    title = "This username is taken"


class EmailTaken(Conflict):
    code = "email_taken"
    title = "This address belongs to another account"


class AccountClosed(Unauthenticated):
    code = "account_closed"
    title = "This account is no more"


class TokenInvalid(Malformed):
    code = "token_invalid"
    title = "This link is not valid, or no longer"


OPEN = Condition("attribute_exists(PK) AND attribute_not_exists(closed_at)")
"""Holds at an account that has not been closed: what would outlive it otherwise is written on this condition."""


def as_read(user: UserRecord) -> Condition:
    """Hold while an account has the password that it was read with, and has not been closed."""
    return Condition("#password_hash = :read AND attribute_not_exists(closed_at)", {"read": user.password_hash})


class AccountRepository:
    """Reads and writes accounts."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.throttles = Throttles(table)

    def register(self, new: Registration, address: str | None = None) -> None:
        """Make an account that waits for its address to be proved; raise Invalid, UsernameTaken or TooManyAttempts.

        It holds its username, and nothing of the address: that belongs to whoever proves it first. So the same
        happens whether or not the address is known, and nobody can keep another's address by registering it.
        """
        passwords.refuse_easily_guessed(new.password, new.own_words, "/password")
        may_mail = self.may_mail("sign-up", MAILS, new.email, address)
        now = clock.now()
        user = UserRecord(
            user_id=ids.new_id(),
            password_hash=passwords.hash_password(new.password),
            created_at=now,
            updated_at=now,
            **new.model_dump(exclude={"password"}),
        )
        waiting = {"user_id": user.user_id, "ttl": clock.after(PENDING_LIFETIME)}
        self.table.write(
            Put(keys.username(user.username) | waiting, condition=absent(), otherwise=UsernameTaken),
            Put(keys.user(user.user_id) | user.item() | waiting, condition=absent()),
            Put(keys.pending(user.email, user.created_at, user.user_id) | waiting),
            outbox.event("verification_requested", user_id=user.user_id) if may_mail else None,
        )

    def may_mail(self, purpose: str, limit: Limit, email: str, address: str | None) -> bool:
        """Count a mail to `email` that somebody at a network `address` asks for; return whether it may go out.

        Each purpose is counted by itself: who asks for mails of one kind keeps none of another from anybody.
        Raise TooManyAttempts where too much is asked from there. Nothing tells the caller whether a mail went out.
        """
        if address:
            self.throttles.take(f"mails from {address}", MAILS_OF_AN_ADDRESS)
        try:
            self.throttles.take(f"{purpose} mails to {email}", limit)
        except TooManyAttempts:
            return False
        return True

    def add(self, user: UserRecord) -> None:
        """Store an account whose address is proved; raise UsernameTaken or EmailTaken."""
        claim = {"user_id": user.user_id}
        self.table.write(
            Put(keys.username(user.username) | claim, condition=absent(), otherwise=UsernameTaken),
            Put(keys.email(user.email) | claim, condition=absent(), otherwise=EmailTaken),
            Put(keys.user(user.user_id) | user.item(), condition=absent()),
        )

    def request_verification(self, email: str, address: str | None = None) -> None:
        """Send another verification mail for the accounts, the three newest, that wait for this address."""
        may_mail = self.may_mail("verification", MAILS, email, address)
        rows = self.table.query(
            keys.email(email)["PK"], prefix=keys.PENDING, limit=MOST_MAILED_AT_ONCE, newest_first=True
        )
        newest, *others = [row["user_id"] for row in rows.items if may_mail] or [NOBODY]
        # Where nobody waits an event that has no effect is written, so that both take as long.
        self.table.write(outbox.event("verification_requested", user_id=newest, other_user_ids=others))

    def issue_verification_token(self, user: UserRecord) -> str:
        """Return a token that proves the address. Only its hash is stored."""
        return self.issue_token(VERIFICATION_LIFETIME, purpose="verify", user_id=user.user_id, email=user.email)

    def issue_reset_token(self, user: UserRecord) -> str:
        """Return a token that lets its holder choose a password, for ten minutes and while the present one stands."""
        return self.issue_token(RESET_LIFETIME, purpose="reset", user_id=user.user_id, entered_with=user.entered_with)

    def issue_token(self, lifetime: timedelta, **claim: str) -> str:
        """Return a token to be mailed. `claim` says what it is good for; it is found by the token's hash.

        It begins with its account's id, so that it is kept with the account, and goes with it.
        """
        token = claim["user_id"] + ids.new_secret()
        kept = claim | {"ttl": clock.after(lifetime)}
        self.table.write(Put(mail_token(token) | kept), Check(keys.user(claim["user_id"]), OPEN))
        return token

    def verify_email(self, token: str) -> None:
        """Give the address to the token's account; raise TokenInvalid, also where another account has it by now.

        Doing so again with the same token is harmless.
        """
        claim = self.table.get(mail_token(token)) or {}
        give = {"verify": self._verify, "change": self._move}.get(claim.get("purpose", ""))
        if give is None:
            raise TokenInvalid

        def attempt() -> None:
            user = self.get(claim["user_id"])
            if user is None:
                raise TokenInvalid
            give(user, claim["email"])

        settle(attempt)

    def _verify(self, user: UserRecord, email: str) -> None:
        if user.email != email:
            raise TokenInvalid
        if user.email_verified:
            return
        now = clock.now().isoformat()
        self.table.write(
            Update(
                keys.user(user.user_id),
                put={"email_verified": now, "updated_at": now},
                remove=["ttl"],
                condition=Condition("attribute_exists(PK) AND attribute_not_exists(email_verified)"),
            ),
            Update(keys.username(user.username), remove=["ttl"]),
            Put(keys.email(email) | {"user_id": user.user_id}, condition=absent(), otherwise=TokenInvalid),
            Delete(keys.pending(email, user.created_at, user.user_id)),
        )

    def request_email(self, user: UserRecord, email: str, address: str | None) -> None:
        """Send a mail to the address that an account is to have, which proves it; the former one hears of it too."""
        if not self.may_mail("change", MAILS, email, address):
            return
        wanted = {"new_email": email, "ttl": clock.after(VERIFICATION_LIFETIME)}
        self.table.write(
            Put(keys.email_change(user.user_id) | wanted),
            Check(keys.user(user.user_id), as_read(user)),
            activity(user.user_id, "email_change_requested"),
            outbox.event("email_change_requested", user_id=user.user_id),
        )

    def wanted_email(self, user_id: str) -> str | None:
        """Return the address that an account is to have once it is proved."""
        return (self.table.get(keys.email_change(user_id)) or {}).get("new_email")

    def former_email(self, user_id: str) -> str | None:
        """Return the address that an account had until it was given another, for a day."""
        return (self.table.get(keys.email_change(user_id)) or {}).get("former_email")

    def issue_change_token(self, user: UserRecord, email: str) -> str:
        """Return a token that proves the address to come."""
        return self.issue_token(VERIFICATION_LIFETIME, purpose="change", user_id=user.user_id, email=email)

    def _move(self, user: UserRecord, email: str) -> None:
        """Give a new address to an account, and let go of the former one."""
        if user.email == email:
            return
        if self.wanted_email(user.user_id) != email:
            raise TokenInvalid
        former, to_come = keys.email(user.email), keys.email(email)
        claims: list[Write] = [
            Put(to_come | {"user_id": user.user_id}, condition=absent(), otherwise=TokenInvalid),
            Delete(former),
        ]
        self.table.write(
            Update(
                keys.user(user.user_id),
                put={"email": email, "updated_at": clock.now().isoformat()},
                condition=Condition("#email = :former", {"former": user.email}),
            ),
            *(claims if former != to_come else ()),
            # Not if the change was called off meanwhile, by a new password.
            Put(
                keys.email_change(user.user_id) | {"former_email": user.email, "ttl": clock.after(FORMER_EMAIL_KEPT)},
                condition=Condition("#new_email = :email", {"email": email}),
            ),
            activity(user.user_id, "email_changed"),
            outbox.event("email_changed", user_id=user.user_id),
        )

    def owner_of(self, email: str) -> UserRecord | None:
        """Return the account that has proved this address."""
        return self._claimant(keys.email(email))

    def _claimant(self, claim: Key) -> UserRecord | None:
        return self.get((self.table.get(claim) or {}).get("user_id", NOBODY))

    def get(self, user_id: str) -> UserRecord | None:
        """Return an account; one that has been closed is nobody's."""
        item = self.table.get(keys.user(user_id))
        user = UserRecord.model_validate(item) if item else None
        return user if user and user.closed_at is None else None

    def find(self, typed: str) -> UserRecord | None:
        """Return the account with this username or proved address. Usernames hold no @, addresses do."""
        return self.owner_of(typed) if "@" in typed else self._claimant(keys.username(typed))

    def present(self, user_id: str) -> UserRecord:
        """Return the caller's account; raise AccountClosed where it has come to its end."""
        user = self.get(user_id)
        if user is None:
            raise AccountClosed
        return user

    def change_profile(self, user_id: str, changes: ProfileChanges) -> User:
        """Change what people see of an account's owner."""
        fields = changes.model_dump()
        put = {name: value for name, value in fields.items() if value is not None}
        now = clock.now().isoformat()
        self.table.write(
            Update(
                keys.user(user_id),
                put=put | {"updated_at": now},
                remove=[name for name in fields if name not in put],
                otherwise=AccountClosed,
            ),
            activity(user_id, "profile_changed"),
        )
        return self.present(user_id).as_user()

    def erase(self, user_id: str) -> None:
        """Delete a closed account, the last of what there is of it; its name and its address are free again."""
        item = self.table.get(keys.user(user_id))
        if item and "closed_at" in item:
            own = Condition("attribute_not_exists(PK) OR #user_id = :own", {"own": user_id})
            self.table.write(
                Delete(keys.username(item["username"]), condition=own),
                Delete(keys.email(item["email"]), condition=own),
                Delete(keys.user(user_id)),
            )

    def rehash(self, user: UserRecord, password: str) -> UserRecord:
        """Store the password's hash with today's parameters; raise RaceLost where it has changed meanwhile."""
        item = self.table.update(
            Update(
                keys.user(user.user_id),
                put={"password_hash": passwords.hash_password(password)},
                condition=Condition("#password_hash = :old", {"old": user.password_hash}),
            )
        )
        return UserRecord.model_validate(item)


def mail_token(token: str) -> Key:
    """Return where a token that was mailed is kept: with its account, by its hash."""
    return keys.mail_token(token[: ids.LENGTH], ids.digest(token))


def repository() -> AccountRepository:
    """Return the repository on this process's table."""
    return AccountRepository(table())


Accounts = Annotated[AccountRepository, Depends(repository)]
