"""What operators do to accounts, by command only and never by the API: roles, sessions, erasures that were lost."""

from datetime import datetime, timedelta

from auth.accounts import AccountRepository
from auth.activity import activity
from auth.devices import forget_devices
from auth.sessions import SessionRepository
from common import keys, outbox
from common.auth import Role
from common.clock import clock
from common.errors import Conflict, NotFound
from common.table import Condition, Delete, Table, Update, settle

OVERDUE = timedelta(hours=1)
"""An erasure that has not ended by then has stopped: one that fails is tried five times, six minutes apart."""


class NoSuchAccount(NotFound):
    code = "no_such_account"
    title = "Nobody has this username"


class NotForChildren(ValueError):
    """A child's account has a guardian, and neither becomes nor ceases to be one by command."""


class NotClosed(Conflict):
    code = "account_not_closed"
    title = "No closed account with this id waits to be erased"


class OperatorRepository:
    """Changes roles, ends sessions, and has erasures begun again.

    A session carries the role that it began with: with a role, all of the account's sessions end.
    """

    def __init__(self, table: Table) -> None:
        self.table = table
        self.accounts = AccountRepository(table)
        self.sessions = SessionRepository(table, self.accounts)

    def sign_out(self, username: str) -> None:
        """End all sessions of the account of that name; raise NoSuchAccount."""
        user = self.accounts.find(username)
        if user is None:
            raise NoSuchAccount
        forget_devices(self.table, user.user_id)
        self.table.write(
            Delete(keys.email_change(user.user_id)),
            Delete(keys.calendar_feed(user.user_id)),
            *self.sessions.endings(user.user_id),
            activity(user.user_id, "signed_out_by_operators"),
        )
        self.sessions.sweep(user.user_id)

    def erase_again(self, user_id: str) -> None:
        """Tell once more that an account was closed, until nothing is left of it; raise NotClosed."""
        if self.table.get(keys.closed(user_id)) is None:
            raise NotClosed
        self.table.write(outbox.event("account_deleted", user_id=user_id))

    def overdue(self) -> list[str]:
        """Return the ids of the accounts that should have been erased by now."""
        until = clock.now() - OVERDUE
        closed = self.table.query(keys.CLOSED).items
        return [each["user_id"] for each in closed if datetime.fromisoformat(each["closed_at"]) <= until]

    def grant(self, username: str, role: Role) -> None:
        """Give the role to the account of that name; raise NoSuchAccount or NotForChildren."""

        def attempt() -> None:
            user = self.accounts.find(username)
            if user is None:
                raise NoSuchAccount
            if "child" in (role, user.role):
                raise NotForChildren(f"{username} stays {user.role}")
            if user.role == role:
                return
            self.table.write(
                Update(
                    keys.user(user.user_id),
                    put={"role": role, "updated_at": clock.now().isoformat()},
                    condition=Condition("#role = :former", {"former": user.role}),
                ),
                Delete(keys.email_change(user.user_id)),
                *self.sessions.endings(user.user_id),
                activity(user.user_id, "role_changed"),
            )
            self.sessions.sweep(user.user_id)

        settle(attempt)
