"""What operators do to accounts, by command only and never by the API: give another role, end all sessions."""

from auth.accounts import AccountRepository
from auth.activity import activity
from auth.sessions import SessionRepository
from common import keys
from common.auth import Role
from common.clock import clock
from common.errors import NotFound
from common.table import Condition, Table, Update, settle


class NoSuchAccount(NotFound):
    code = "no_such_account"
    title = "Nobody has this username"


class NotForChildren(ValueError):
    """A child's account has a guardian, and neither becomes nor ceases to be one by command."""


class OperatorRepository:
    """Changes roles. A session carries the role that it began with, so all of the account's sessions end."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.accounts = AccountRepository(table)
        self.sessions = SessionRepository(table, self.accounts)

    def sign_out(self, username: str) -> None:
        """End all sessions of the account of that name; raise NoSuchAccount."""
        user = self.accounts.find(username)
        if user is None:
            raise NoSuchAccount
        self.table.write(*self.sessions.endings(user.user_id), activity(user.user_id, "signed_out_by_operators"))
        self.sessions.sweep(user.user_id)

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
                *self.sessions.endings(user.user_id),
                activity(user.user_id, "role_changed"),
            )
            self.sessions.sweep(user.user_id)

        settle(attempt)
