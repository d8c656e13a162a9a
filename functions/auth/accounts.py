"""Accounts in the table: registering, verifying the e-mail address, finding by what was typed."""

import hashlib
from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends

from auth import passwords
from auth.models import Registration, UserRecord
from common import ids, keys, outbox
from common.clock import clock
from common.errors import Conflict, Malformed
from common.table import Condition, Put, Table, Update, absent, table

VERIFICATION_LIFETIME = timedelta(days=1)


class UsernameTaken(Conflict):
    code = "username_taken"
    title = "This username is taken"


class EmailKnown(Conflict):
    """Never answered to a caller: whether an address is known does not show."""


class TokenInvalid(Malformed):
    code = "token_invalid"
    title = "This link is not valid, or no longer"


class AccountRepository:
    """Reads and writes accounts."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def register(self, new: Registration) -> None:
        """Make an account that must verify its address; raise UsernameTaken.

        Where the address is known already, its owner is told by mail and the caller sees no difference.
        """
        now = clock.now()
        user = UserRecord(
            user_id=ids.new_id(),
            password_hash=passwords.hash_password(new.password),
            created_at=now,
            updated_at=now,
            **new.model_dump(exclude={"password"}),
        )
        try:
            self.add(user, outbox.event("verification_requested", user_id=user.user_id))
        except EmailKnown:
            self._tell_owner_of_address(new.email)

    def add(self, user: UserRecord, event: Put | None = None) -> None:
        """Store an account with the claims that make its names unique; raise UsernameTaken or EmailKnown."""
        claim = {"user_id": user.user_id}
        self.table.write(
            Put(keys.username(user.username) | claim, condition=absent(), otherwise=UsernameTaken),
            Put(keys.email(user.email) | claim, condition=absent(), otherwise=EmailKnown),
            Put(keys.user(user.user_id) | user.item(), condition=absent()),
            event,
        )

    def _tell_owner_of_address(self, email: str) -> None:
        owner = self.find(email)
        if owner is None:
            return
        kind = "registered_again" if owner.email_verified else "verification_requested"
        self.table.write(outbox.event(kind, user_id=owner.user_id))

    def request_verification(self, email: str) -> None:
        """Send another verification mail, if there is an account that needs one."""
        user = self.find(email)
        if user and user.email_verified is None:
            self.table.write(outbox.event("verification_requested", user_id=user.user_id))

    def issue_verification_token(self, user: UserRecord) -> str:
        """Return a token that proves the address. Only its hash is stored."""
        token = ids.new_secret()
        expires = clock.timestamp() + int(VERIFICATION_LIFETIME.total_seconds())
        claim = {"user_id": user.user_id, "email": user.email, "ttl": expires}
        self.table.write(Put(keys.mail_token(_digest(token)) | claim))
        return token

    def verify_email(self, token: str) -> None:
        """Mark the address as verified; raise TokenInvalid. Doing so again with the same token is harmless."""
        claim = self.table.get(keys.mail_token(_digest(token)))
        if claim is None:
            raise TokenInvalid
        now = clock.now().isoformat()
        self.table.write(
            Update(
                keys.user(claim["user_id"]),
                put={"email_verified": now, "updated_at": now},
                condition=Condition("#email = :email", {"email": claim["email"]}),
                otherwise=TokenInvalid,
            )
        )

    def get(self, user_id: str) -> UserRecord | None:
        """Return an account."""
        item = self.table.get(keys.user(user_id))
        return UserRecord.model_validate(item) if item else None

    def find(self, typed: str) -> UserRecord | None:
        """Return the account with this username or e-mail address. Usernames hold no @, addresses do."""
        claim = self.table.get(keys.email(typed) if "@" in typed else keys.username(typed))
        return self.get(claim["user_id"]) if claim else None

    def rehash(self, user: UserRecord, password: str) -> None:
        """Store the password's hash with today's parameters, unless the password has changed meanwhile."""
        self.table.write(
            Update(
                keys.user(user.user_id),
                put={"password_hash": passwords.hash_password(password)},
                condition=Condition("#password_hash = :old", {"old": user.password_hash}),
            )
        )


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def repository() -> AccountRepository:
    """Return the repository on this process's table."""
    return AccountRepository(table())


Accounts = Annotated[AccountRepository, Depends(repository)]
