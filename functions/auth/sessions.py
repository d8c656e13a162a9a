"""Sessions: signing in, refreshing with rotation, grace and reuse detection, revoking.

A refresh token is `<user id>.<session id>.<counter>.<HMAC>`. One conditional update moves the counter on; whoever
loses that race within the grace time gets the very token that the winner got, so that two tabs, or a lost answer,
log nobody out.
A token that was rotated away longer ago than that is being reused: the session ends (RFC 9700, 4.14.2).
"""

import hashlib
import hmac
from datetime import timedelta
from typing import Annotated

import jwt
from aws_lambda_powertools.event_handler import Depends

from auth import passwords
from auth.accounts import AccountRepository
from auth.models import Session, SessionRecord, SignedInAnswer, UserRecord
from auth.signing_keys import SigningKeys, signing_keys
from common import ids, keys
from common.auth import ALGORITHM, AUDIENCE, ISSUER, TOKEN_TYPE
from common.clock import clock
from common.errors import NotFound, Unauthenticated
from common.logs import logger
from common.table import Condition, Delete, Put, RaceLost, Table, Update, absent, table

ACCESS_LIFETIME = timedelta(minutes=5)
SESSION_LIFETIME = timedelta(days=30)
GRACE = timedelta(seconds=30)
MAX_REVOKED_AT_ONCE = 100


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

    def log_in(self, typed: str, password: str, device_name: str) -> tuple[SignedInAnswer, str]:
        """Return the answer to a right password and the refresh token; raise WrongCredentials or EmailNotVerified."""
        user = self.accounts.find(typed)
        if not passwords.matches(user.password_hash if user else None, password) or user is None:
            raise WrongCredentials
        if user.email_verified is None:
            raise EmailNotVerified
        if passwords.is_outdated(user.password_hash):
            self.accounts.rehash(user, password)
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
            ttl=int((now + SESSION_LIFETIME).timestamp()),
        )
        self.table.write(Put(keys.session(user.user_id, session.session_id) | session.item(), condition=absent()))
        return self._answer(user, session)

    def refresh(self, refresh_token: str | None) -> tuple[SignedInAnswer, str]:
        """Return new tokens for a refresh token; raise SessionEnded where it is not, or no longer, good."""
        user_id, session_id, presented = _read_token(refresh_token, signing_keys())
        key = keys.session(user_id, session_id)
        now = clock.now()
        try:
            item = self.table.update(
                Update(
                    key,
                    put={
                        "counter": presented + 1,
                        "rotated_at": clock.timestamp(),
                        "last_accessed": now.isoformat(),
                        "ttl": int((now + SESSION_LIFETIME).timestamp()),
                    },
                    condition=Condition(
                        "#counter = :presented AND #ttl > :now", {"presented": presented, "now": clock.timestamp()}
                    ),
                )
            )
        except RaceLost:
            item = self._within_grace(user_id, session_id, presented)
        session = SessionRecord.model_validate(item)
        user = self.accounts.get(user_id)
        if user is None:
            raise SessionEnded
        return self._answer(user, session)

    def _within_grace(self, user_id: str, session_id: str, presented: int) -> dict[str, object]:
        item = self.table.get(keys.session(user_id, session_id))
        if item is None or presented > item["counter"]:
            raise SessionEnded
        if presented == item["counter"] - 1 and clock.timestamp() - item["rotated_at"] <= GRACE.total_seconds():
            return item
        logger.warning("refresh token reused", extra={"session_id": session_id, "user_id": user_id})
        self.table.delete(keys.session(user_id, session_id))
        raise SessionEnded

    def _answer(self, user: UserRecord, session: SessionRecord) -> tuple[SignedInAnswer, str]:
        signing = signing_keys()
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

    def list_live(self, user_id: str, current_id: str) -> list[Session]:
        """Return the user's sessions, the most recently used first."""
        rows = self.table.query(keys.user_partition(user_id), prefix=keys.SESSION)
        sessions = [_as_session(SessionRecord.model_validate(item), current_id) for item in rows.items]
        return sorted(sessions, key=lambda session: session.last_accessed, reverse=True)

    def revoke(self, user_id: str, session_id: str) -> None:
        """End one session of the user at once; raise SessionNotFound."""
        condition = Condition("attribute_exists(PK)")
        self.table.write(Delete(keys.session(user_id, session_id), condition, otherwise=SessionNotFound))

    def end(self, user_id: str, session_id: str) -> None:
        """End the session in use; it may have ended already."""
        self.table.delete(keys.session(user_id, session_id))

    def revoke_others(self, user_id: str, current_id: str) -> None:
        """End all of the user's sessions but the one in use."""
        rows = self.table.query(keys.user_partition(user_id), prefix=keys.SESSION)
        others = [
            Delete(keys.session(user_id, row["session_id"])) for row in rows.items if row["session_id"] != current_id
        ]
        for start in range(0, len(others), MAX_REVOKED_AT_ONCE):
            self.table.write(*others[start : start + MAX_REVOKED_AT_ONCE])


def _as_session(record: SessionRecord, current_id: str) -> Session:
    return Session(
        session_id=record.session_id,
        device_name=record.device_name,
        created_at=record.created_at,
        last_accessed=record.last_accessed,
        expires_at=record.created_at.fromtimestamp(record.ttl, tz=record.created_at.tzinfo),
        current=record.session_id == current_id,
    )


def _signature(payload: str, signing: SigningKeys) -> str:
    return hmac.new(signing.refresh, payload.encode(), hashlib.sha256).hexdigest()


def _make_token(session: SessionRecord, signing: SigningKeys) -> str:
    payload = f"{session.user_id}.{session.session_id}.{session.counter}"
    return f"{payload}.{_signature(payload, signing)}"


def _read_token(token: str | None, signing: SigningKeys) -> tuple[str, str, int]:
    payload, _, signature = (token or "").rpartition(".")
    if not hmac.compare_digest(signature.encode(), _signature(payload, signing).encode()):
        raise SessionEnded
    user_id, session_id, counter = payload.split(".")
    return user_id, session_id, int(counter)


def repository() -> SessionRepository:
    """Return the repository on this process's table."""
    return SessionRepository(table(), AccountRepository(table()))


Sessions = Annotated[SessionRepository, Depends(repository)]
