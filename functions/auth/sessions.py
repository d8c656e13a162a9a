"""Sessions: signing in, refreshing with rotation, grace and reuse detection, revoking.

A refresh token is `<user id>.<session id>.<counter>.<key id>.<HMAC>`. One conditional update moves the counter on;
whoever loses that race within the grace time gets the very token that the winner got, so that two tabs, or a lost
answer, log nobody out.
A token that was rotated away longer ago than that is being reused: the session ends (RFC 9700, 4.14.2).
"""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Annotated

import jwt
from aws_lambda_powertools.event_handler import Depends

from auth import passwords
from auth.accounts import NOBODY, OPEN, AccountRepository
from auth.activity import activity, activity_once
from auth.devices import is_known, new_device
from auth.models import Login, Session, SessionRecord, SignedInAnswer, UserRecord
from auth.signing_keys import SigningKeys, signing_keys
from auth.throttles import GUESSES, GUESSES_OF_AN_ADDRESS, PATIENCE_SECONDS, Limit, Throttles, TooManyAttempts
from common import ids, keys, outbox
from common.auth import ACCESS_LIFETIME, ALGORITHM, AUDIENCE, ISSUER, TOKEN_TYPE
from common.clock import clock
from common.errors import NotFound, Unauthenticated
from common.logs import logger
from common.table import Check, Condition, Delete, Item, Key, Put, RaceLost, Table, Update, absent, settle, table

IDLE_LIFETIME = timedelta(days=30)
SESSION_LIFETIME = timedelta(days=180)  # however often it is refreshed
GRACE = timedelta(seconds=30)
MOST_SESSIONS = 50
MOST_ENDED_AT_ONCE = 90  # more than there can be but for logins that cross, and room for what ends them


class WrongCredentials(Unauthenticated):
    code = "wrong_credentials"
    title = "Username or password is wrong"


class EmailNotVerified(Unauthenticated):
    code = "email_not_verified"
    title = "Please open the link in the mail that we sent you first"


class SessionEnded(Unauthenticated):
    code = "session_ended"
    title = "This session has ended; please sign in again"


class SessionNotFound(NotFound):
    code = "session_not_found"
    title = "There is no such session of yours"


class SessionRepository:
    """Reads and writes sessions, and signs the tokens that belong to them."""

    def __init__(self, table: Table, accounts: AccountRepository) -> None:
        self.table = table
        self.accounts = accounts
        self.throttles = Throttles(table)

    def log_in(
        self, login: Login, device_token: str | None, address: str | None, replaced: str | None = None
    ) -> tuple[SignedInAnswer, str]:
        """Return the answer to a right password, and the refresh token.

        Raise WrongCredentials, EmailNotVerified or TooManyAttempts. `address` is where the caller is on the network,
        None where addresses are not counted. The session of the refresh token `replaced`, which the new one takes the
        place of, ends. Whatever was typed, the same is done as long as the password is wrong.
        """
        signing = signing_keys()  # nothing is begun that could not be signed
        found = self.accounts.find(login.username)
        account = found.user_id if found else NOBODY
        known = is_known(self.table, account, device_token)
        buckets = _buckets(login.username, address) if not known else [(f"device {device_token}", GUESSES)]
        places = self.throttles.take_all(buckets, PATIENCE_SECONDS)
        # What is typed is counted by itself and may be throttled openly. The account behind it is counted as well, so
        # that guesses by name and by address add up, and refuses silently: saying so would tell that it exists.
        try:
            places += [] if known else [self.throttles.take(f"account {account if found else login.username}", GUESSES)]
            user = settle(partial(self._check, login))
        except TooManyAttempts:
            passwords.matches(None, login.password)
            self.table.write(activity_once(account, "sign_ins_refused"))
            raise WrongCredentials from None
        self.throttles.give_back(*places)
        if user.email_verified is None:
            raise EmailNotVerified
        former = _session_of(replaced, signing)
        return self._begin(user, login.device_name or "Unnamed device", signing, former, known=known)

    def _check(self, login: Login) -> UserRecord:
        """Return the account whose password was typed; raise WrongCredentials."""
        user = self.accounts.find(login.username)
        if not passwords.matches(user.password_hash if user else None, login.password) or user is None:
            raise WrongCredentials
        return self.accounts.rehash(user, login.password) if passwords.is_outdated(user.password_hash) else user

    def _begin(
        self, user: UserRecord, device_name: str, signing: SigningKeys, former: Key | None, *, known: bool
    ) -> tuple[SignedInAnswer, str]:
        now = clock.now()
        session = SessionRecord(
            session_id=ids.new_id(),
            user_id=user.user_id,
            role=user.role,
            device_name=device_name,
            counter=0,
            rotated_at=clock.timestamp(),
            created_at=now,
            last_accessed=now,
            ends_at=int((now + SESSION_LIFETIME).timestamp()),
            ttl=int((now + IDLE_LIFETIME).timestamp()),
        )
        device_token, device = (None, None) if known else new_device(user.user_id)
        longest_unused = sorted(self._live(user.user_id), key=lambda each: each.last_accessed)
        surplus = longest_unused[: max(0, len(longest_unused) + 1 - MOST_SESSIONS)]
        ended = [keys.session(each.user_id, each.session_id) for each in surplus]
        key = keys.session(user.user_id, session.session_id)
        self.table.write(
            Put(key | session.item(), condition=absent()),
            device,
            activity(user.user_id, "signed_in", device_name),
            *map(Delete, ended),
            Delete(former) if former and former not in ended else None,
            Check(keys.user(user.user_id), OPEN, otherwise=WrongCredentials),
        )
        # Whoever changes the password or the role ends the sessions that they find after the change: this one was
        # either found, or sees the change here.
        now_stored = self.accounts.get(user.user_id)
        if now_stored is None or now_stored.entered_with != user.entered_with:
            self.table.delete(key)
            raise WrongCredentials
        answer, refresh_token = _answer(user, session, signing)
        return answer.model_copy(update={"device_token": device_token}), refresh_token

    def refresh(self, refresh_token: str | None) -> tuple[SignedInAnswer, str]:
        """Return new tokens for a refresh token; raise SessionEnded where it is not, or no longer, good."""
        signing = signing_keys()
        user_id, session_id, presented = _read_token(refresh_token, signing)
        now = clock.now()
        try:
            item = self.table.update(
                Update(
                    keys.session(user_id, session_id),
                    put={
                        "counter": presented + 1,
                        "rotated_at": clock.timestamp(),
                        "last_accessed": now.isoformat(),
                        "ttl": int((now + IDLE_LIFETIME).timestamp()),
                    },
                    condition=Condition(
                        "#counter = :presented AND #ttl > :now AND #ends_at > :now",
                        {"presented": presented, "now": clock.timestamp()},
                    ),
                )
            )
        except RaceLost as lost:
            item = self._within_grace(lost.found, presented)
        session = SessionRecord.model_validate(item)
        user = self.accounts.get(user_id)
        if user is None:
            raise SessionEnded
        return _answer(user, session, signing)

    def _within_grace(self, found: Item | None, presented: int) -> Item:
        """Return the session as it was found, if the token was rotated away just now; end it if longer ago."""
        session = SessionRecord.model_validate(found) if found else None
        if session is None or session.is_over() or presented >= session.counter:
            raise SessionEnded
        if presented == session.counter - 1 and clock.timestamp() - session.rotated_at <= GRACE.total_seconds():
            return found or {}
        logger.warning("refresh token reused", extra={"session_id": session.session_id, "user_id": session.user_id})
        self.table.write(
            Delete(keys.session(session.user_id, session.session_id)),
            activity(session.user_id, "refresh_token_reused", session.device_name),
            outbox.event("refresh_token_reused", user_id=session.user_id),
        )
        raise SessionEnded

    def _live(self, user_id: str) -> list[SessionRecord]:
        rows = self.table.query(keys.user_partition(user_id), prefix=keys.SESSION)
        sessions = map(SessionRecord.model_validate, rows.items)
        return [session for session in sessions if not session.is_over()]

    def list_live(self, user_id: str, current_id: str) -> list[Session]:
        """Return the user's sessions, the most recently used first."""
        sessions = [as_session(record, current_id) for record in self._live(user_id)]
        return sorted(sessions, key=lambda session: session.last_accessed, reverse=True)

    def revoke(self, user_id: str, session_id: str) -> None:
        """End one session of the user at once; raise SessionNotFound."""
        item = self.table.get(keys.session(user_id, session_id))
        if item is None:
            raise SessionNotFound
        self.table.write(
            Delete(keys.session(user_id, session_id), Condition("attribute_exists(PK)"), otherwise=SessionNotFound),
            activity(user_id, "session_revoked", item["device_name"]),
        )

    def end(self, user_id: str, session_id: str) -> None:
        """End the session in use; it may have ended already."""
        self.table.write(Delete(keys.session(user_id, session_id)), activity(user_id, "signed_out"))

    def revoke_others(self, user_id: str, current_id: str) -> None:
        """End all of the user's sessions but the one in use."""
        self.table.write(*self.endings(user_id, current_id), activity(user_id, "other_sessions_revoked"))

    def endings(self, user_id: str, but: str | None = None) -> list[Delete]:
        """Return the writes that end the user's sessions, but for one: as many as a transaction has room for."""
        others = [each for each in self._live(user_id) if each.session_id != but]
        return [Delete(keys.session(user_id, each.session_id)) for each in others[:MOST_ENDED_AT_ONCE]]

    def sweep(self, user_id: str, but: str | None = None) -> None:
        """End the sessions that began while the password was being changed."""
        while endings := self.endings(user_id, but):
            self.table.write(*endings)


def _buckets(typed: str, address: str | None) -> list[tuple[str, Limit]]:
    """Return where a guess is counted: at what was typed, and at where it came from."""
    there = [(f"guesses from {address}", GUESSES_OF_AN_ADDRESS)] if address else []
    return [(f"login {typed}", GUESSES), *there]


def as_session(record: SessionRecord, current_id: str) -> Session:
    """Return what the person sees of a session; `current_id` is the one in use."""
    return Session(
        session_id=record.session_id,
        device_name=record.device_name,
        created_at=record.created_at,
        last_accessed=record.last_accessed,
        expires_at=datetime.fromtimestamp(min(record.ttl, record.ends_at), tz=UTC),
        current=record.session_id == current_id,
    )


def _answer(user: UserRecord, session: SessionRecord, signing: SigningKeys) -> tuple[SignedInAnswer, str]:
    issued = clock.timestamp()
    claims = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": user.user_id,
        "sid": session.session_id,
        "jti": ids.new_id(),
        "iat": issued,
        "exp": issued + int(ACCESS_LIFETIME.total_seconds()),
    }
    access = jwt.encode(claims, signing.private, ALGORITHM, headers={"kid": signing.kid, "typ": TOKEN_TYPE})
    answer = SignedInAnswer(
        access_token=access,
        expires_in=int(ACCESS_LIFETIME.total_seconds()),
        refresh_token=None,
        user=user.as_user(),
    )
    return answer, _make_token(session, signing)


def _session_of(refresh_token: str | None, signing: SigningKeys) -> Key | None:
    """Return where the session of a refresh token of ours is kept, whether or not it goes on."""
    try:
        user_id, session_id, _ = _read_token(refresh_token, signing)
    except SessionEnded:
        return None
    return keys.session(user_id, session_id)


def _signature(payload: str, key: bytes) -> str:
    return hmac.new(key, payload.encode(), hashlib.sha256).hexdigest()


def _make_token(session: SessionRecord, signing: SigningKeys) -> str:
    payload = f"{session.user_id}.{session.session_id}.{session.counter}.{signing.kid}"
    return f"{payload}.{_signature(payload, signing.refresh[signing.kid])}"


def _read_token(token: str | None, signing: SigningKeys) -> tuple[str, str, int]:
    payload, _, signature = (token or "").rpartition(".")
    key = signing.refresh.get(payload.rpartition(".")[2])
    if key is None or not hmac.compare_digest(signature.encode(), _signature(payload, key).encode()):
        raise SessionEnded
    user_id, session_id, counter, _ = payload.split(".")
    return user_id, session_id, int(counter)


def repository() -> SessionRepository:
    """Return the repository on this process's table."""
    return SessionRepository(table(), AccountRepository(table()))


Sessions = Annotated[SessionRepository, Depends(repository)]
