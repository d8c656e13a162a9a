"""Passwords asked for again, changed, forgotten and reset. A new password ends every session but the one in use.

Whoever signs in with the former password meanwhile does not get in: `SessionRepository` looks at the account once more
after it has made a session, and here the sessions are looked through once more after the password has changed.
"""

from datetime import timedelta
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends

from auth import passwords
from auth.accounts import NOBODY, AccountRepository, TokenInvalid, mail_token
from auth.activity import Kind, activity
from auth.devices import forget_devices, new_device
from auth.models import PasswordChange, PasswordReset, UserRecord
from auth.sessions import SessionRepository
from auth.throttles import GUESSES_WHILE_SIGNED_IN, RESETS, Throttles
from common import keys, outbox
from common.auth import SignedIn
from common.clock import clock
from common.errors import Conflict, Invalid
from common.table import Condition, Delete, Put, Table, Update, Write, settle, table

REPEATED_WITHIN = timedelta(minutes=10)


class WrongPassword(Invalid):
    code = "wrong_password"
    title = "The password is wrong"


class LinkUsed(Conflict):
    code = "link_used"
    title = "This link has been used: sign in with the new password, or ask for another link"


class CredentialRepository:
    """Checks and changes what an account is entered with."""

    def __init__(self, table: Table, accounts: AccountRepository, sessions: SessionRepository) -> None:
        self.table = table
        self.accounts = accounts
        self.sessions = sessions
        self.throttles = Throttles(table)

    def confirm(self, caller: SignedIn, password: str, pointer: str = "/password") -> UserRecord:
        """Return the caller's account if they know its password; raise WrongPassword or TooManyAttempts.

        Guesses are counted apart from those at the login: whoever has a session cannot lock the owner out.
        """
        place = self.throttles.take(f"session {caller.session_id}", GUESSES_WHILE_SIGNED_IN)
        user = self.accounts.present(caller.user_id)
        if not passwords.matches(user.password_hash, password):
            error = {"pointer": pointer, "type": "wrong_password", "detail": "is not the password of this account"}
            raise WrongPassword(errors=[error])
        self.throttles.give_back(place)
        return user

    def change(self, caller: SignedIn, change: PasswordChange) -> None:
        """Change the password; raise WrongPassword, Invalid or TooManyAttempts.

        Asked again for the change that this session has made a moment ago, since its answer was lost: say so again.
        """

        def attempt() -> None:
            try:
                user = self.confirm(caller, change.current_password, "/current_password")
            except WrongPassword:
                if not self._is_made(caller, change):
                    raise
            else:
                passwords.refuse_easily_guessed(change.new_password, user.own_words, "/new_password")
                kept = {"former_hash": user.password_hash, "ttl": clock.after(REPEATED_WITHIN)}
                self._set(
                    user,
                    change.new_password,
                    "password_changed",
                    Put(keys.password_change(caller.user_id, caller.session_id) | kept),
                    but=caller.session_id,
                )
            self.sessions.sweep(caller.user_id, caller.session_id)

        settle(attempt)

    def _is_made(self, caller: SignedIn, change: PasswordChange) -> bool:
        """Return whether the caller has just made this very change, from the one password to the other."""
        made = self.table.get(keys.password_change(caller.user_id, caller.session_id))
        user = self.accounts.present(caller.user_id)
        return (
            made is not None
            and passwords.matches(made["former_hash"], change.current_password)
            and passwords.matches(user.password_hash, change.new_password)
        )

    def request_reset(self, email: str, address: str | None) -> None:
        """Send a mail with a link to the account of an address; nothing tells whether there is one."""
        may_mail = self.accounts.may_mail("reset", RESETS, email, address)
        user = self.accounts.owner_of(email)
        known = user.user_id if user and may_mail else NOBODY
        self.table.write(
            activity(known, "password_reset_requested"), outbox.event("password_reset_requested", user_id=known)
        )

    def reset(self, reset: PasswordReset) -> str:
        """Set the password by a mailed token and end all sessions; return a token that makes the device known.

        Raise TokenInvalid, LinkUsed or Invalid.
        """
        key = mail_token(reset.token)

        def attempt() -> str:
            claim = self.table.get(key) or {}
            user = self.accounts.get(claim.get("user_id", NOBODY))
            if claim.get("purpose") != "reset" or user is None:
                raise TokenInvalid
            if "used" in claim:
                raise LinkUsed
            if claim["entered_with"] != user.entered_with:
                raise TokenInvalid
            passwords.refuse_easily_guessed(reset.new_password, user.own_words, "/new_password")
            forget_devices(self.table, user.user_id)
            device_token, device = new_device(user.user_id)
            unused = Condition("attribute_exists(PK) AND attribute_not_exists(used)")
            self._set(
                user,
                reset.new_password,
                "password_reset",
                Update(key, put={"used": clock.timestamp()}, condition=unused, otherwise=LinkUsed),
                device,
            )
            self.sessions.sweep(user.user_id)
            return device_token

        return settle(attempt)

    def _set(self, user: UserRecord, password: str, kind: Kind, *more: Write, but: str | None = None) -> None:
        self.table.write(
            *more,
            Update(
                keys.user(user.user_id),
                put={
                    "password_hash": passwords.hash_password(password),
                    "password_version": user.password_version + 1,
                    "updated_at": clock.now().isoformat(),
                },
                condition=Condition(
                    "#password_hash = :former AND #email = :email", {"former": user.password_hash, "email": user.email}
                ),
            ),
            # Whoever asked for another address may be whom the new password is to keep out.
            Delete(keys.email_change(user.user_id)),
            *self.sessions.endings(user.user_id, but),
            activity(user.user_id, kind),
            outbox.event("password_changed", user_id=user.user_id),
        )


def repository() -> CredentialRepository:
    """Return the repository on this process's table."""
    accounts = AccountRepository(table())
    return CredentialRepository(table(), accounts, SessionRepository(table(), accounts))


Credentials = Annotated[CredentialRepository, Depends(repository)]
