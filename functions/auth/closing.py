"""Closing an account. What hangs on it is erased by event, afterwards (operations/erasure.py)."""

from typing import Annotated

from aws_lambda_powertools.event_handler import Depends

from auth import credentials
from auth.accounts import OPEN, AccountClosed
from auth.credentials import CredentialRepository
from common import keys, outbox
from common.auth import SignedIn
from common.clock import clock
from common.table import Put, Table, Update, table


class AccountClosing:
    """Ends an account: from then on nobody signs in to it, and no token of it is taken."""

    def __init__(self, table: Table, credentials: CredentialRepository) -> None:
        self.table = table
        self.credentials = credentials
        self.sessions = credentials.sessions

    def close(self, caller: SignedIn, password: str) -> None:
        """Close the caller's account and end all its sessions; raise WrongPassword or TooManyAttempts.

        Who signed in after these were looked for is signed out at the end; once the account is closed nobody signs in.
        """
        self.credentials.confirm(caller, password)
        closed_at = clock.now().isoformat()
        self.table.write(
            Update(
                keys.user(caller.user_id),
                put={"closed_at": closed_at},
                condition=OPEN,
                otherwise=AccountClosed,
            ),
            Put(keys.closed(caller.user_id) | {"user_id": caller.user_id, "closed_at": closed_at}),
            *self.sessions.endings(caller.user_id),
            outbox.event("account_deleted", user_id=caller.user_id),
        )
        self.sessions.sweep(caller.user_id)


def closing() -> AccountClosing:
    """Return the closing of accounts on this process's table."""
    return AccountClosing(table(), credentials.repository())


Closings = Annotated[AccountClosing, Depends(closing)]
