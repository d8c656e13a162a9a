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
from common.table import Condition, Delete, Put, Table, Update, absent, settle, table

VERIFICATION_LIFETIME = timedelta(days=1)
PENDING_LIFETIME = timedelta(days=7)
MAX_PENDING_MAILS = 3


class UsernameTaken(Conflict):
    code = "username_taken"
    title = "This username is taken"


class EmailTaken(Conflict):
    code = "email_taken"
    title = "This address belongs to another account"


class TokenInvalid(Malformed):
    code = "token_invalid"
    title = "This link is not valid, or no longer"


class AccountRepository:
    """Reads and writes accounts."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def register(self, new: Registration) -> None:
        """Make an account that waits for its address to be proved; raise UsernameTaken.

        It holds its username, and nothing of the address: that belongs to whoever proves it first. So the same
        happens whether or not the address is known, and nobody can keep another's address by registering it.
        """
        now = clock.now()
        user = UserRecord(
            user_id=ids.new_id(),
            password_hash=passwords.hash_password(new.password),
            created_at=now,
            updated_at=now,
            **new.model_dump(exclude={"password"}),
        )
        waiting = {"user_id": user.user_id, "ttl": clock.timestamp() + int(PENDING_LIFETIME.total_seconds())}
        self.table.write(
            Put(keys.username(user.username) | waiting, condition=absent(), otherwise=UsernameTaken),
            Put(keys.user(user.user_id) | user.item() | waiting, condition=absent()),
            Put(keys.pending(user.email, user.user_id) | waiting),
            outbox.event("verification_requested", user_id=user.user_id),
        )

    def add(self, user: UserRecord) -> None:
        """Store an account whose address is proved; raise UsernameTaken or EmailTaken."""
        claim = {"user_id": user.user_id}
        self.table.write(
            Put(keys.username(user.username) | claim, condition=absent(), otherwise=UsernameTaken),
            Put(keys.email(user.email) | claim, condition=absent(), otherwise=EmailTaken),
            Put(keys.user(user.user_id) | user.item(), condition=absent()),
        )

    def request_verification(self, email: str) -> None:
        """Send another verification mail for each account, of three at the most, that waits for this address."""
        rows = self.table.query(keys.email(email)["PK"], prefix=keys.PENDING, limit=MAX_PENDING_MAILS)
        events = [outbox.event("verification_requested", user_id=row["user_id"]) for row in rows.items]
        self.table.write(*events)

    def issue_verification_token(self, user: UserRecord) -> str:
        """Return a token that proves the address. Only its hash is stored."""
        token = ids.new_secret()
        expires = clock.timestamp() + int(VERIFICATION_LIFETIME.total_seconds())
        claim = {"user_id": user.user_id, "email": user.email, "ttl": expires}
        self.table.write(Put(keys.mail_token(_digest(token)) | claim))
        return token

    def verify_email(self, token: str) -> None:
        """Give the address to the token's account; raise TokenInvalid, also where another account has it by now.

        Doing so again with the same token is harmless.
        """
        claim = self.table.get(keys.mail_token(_digest(token)))
        if claim is None:
            raise TokenInvalid

        def attempt() -> None:
            user = self.get(claim["user_id"])
            if user is None or user.email != claim["email"]:
                raise TokenInvalid
            if user.email_verified:
                return
            now = clock.now().isoformat()
            unverified = Condition("attribute_exists(PK) AND attribute_not_exists(email_verified)")
            self.table.write(
                Update(
                    keys.user(user.user_id),
                    put={"email_verified": now, "updated_at": now},
                    remove=["ttl"],
                    condition=unverified,
                ),
                Update(keys.username(user.username), remove=["ttl"]),
                Put(keys.email(user.email) | {"user_id": user.user_id}, condition=absent(), otherwise=TokenInvalid),
                Delete(keys.pending(user.email, user.user_id)),
            )

        settle(attempt)

    def owner_of(self, email: str) -> UserRecord | None:
        """Return the account that has proved this address."""
        claim = self.table.get(keys.email(email))
        return self.get(claim["user_id"]) if claim else None

    def get(self, user_id: str) -> UserRecord | None:
        """Return an account."""
        item = self.table.get(keys.user(user_id))
        return UserRecord.model_validate(item) if item else None

    def find(self, typed: str) -> UserRecord | None:
        """Return the account with this username or proved address. Usernames hold no @, addresses do."""
        if "@" in typed:
            return self.owner_of(typed)
        claim = self.table.get(keys.username(typed))
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
