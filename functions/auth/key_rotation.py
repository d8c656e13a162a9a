"""Makes the keys that sign tokens, and rotates them, in the four steps of a Secrets Manager rotation.

Nothing signs with a key before every process knows how to verify it: a rotation makes the published `next` the current
key and publishes another `next`. For this to hold, what is published must have stood unchanged for as long as
processes remember keys and tokens live; a rotation before that is refused. Each step may be done again, by the same or
another process: it does what is left of it.
"""

import base64
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import jwt
from botocore.exceptions import ClientError
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1, generate_private_key
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

from auth.sessions import IDLE_LIFETIME
from common import ids, keys
from common.auth import ACCESS_LIFETIME, ALGORITHM, KEYS_CACHED_SECONDS
from common.clock import clock
from common.logs import logger
from common.table import Condition, Put, Table, Update, absent, settle

# A process may sign with the keys that it remembers, its token then lives on, and a clock may be somewhat behind.
SETTLED_SECONDS = KEYS_CACHED_SECONDS + int(ACCESS_LIFETIME.total_seconds()) + 300
REFRESH_KEYS_KEPT_SECONDS = KEYS_CACHED_SECONDS + int(IDLE_LIFETIME.total_seconds())
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")

type Secret = Mapping[str, Any]


class RotationRefused(Exception):
    """The keys stay as they are for now; the same rotation may be tried again later."""


@dataclass(frozen=True)
class Version:
    """One version of the secret; without an id it does not exist, and without keys it holds none yet."""

    version_id: str | None = None
    secret: Secret = field(default_factory=dict)

    def follows(self, current: "Version") -> bool:
        """Tell whether these keys were made to come after those of `current`."""
        return "current" in self.secret and _kid(self.secret, "previous") == _kid(current.secret, "current")


class KeyRotation:
    """The rotation of one secret, and of what is published of it in the table."""

    def __init__(self, table: Table, secrets_manager: Any, secret_id: str) -> None:
        self.table = table
        self.secrets_manager = secrets_manager
        self.secret_id = secret_id

    def do(self, step: str, token: str) -> None:
        """Do one of Secrets Manager's steps for the version that `token` names."""
        if step == "createSecret":
            self._create(token)
            return
        current, pending = self._current(), self._read(VersionId=token)
        if not pending.follows(current) and (pending != current or "current" not in current.secret):
            raise RotationRefused("There are no such keys, or others have become the current ones meanwhile")
        match step:
            case "setSecret":
                settle(lambda: self._publish(pending.secret))
            case "testSecret":
                self._test(pending.secret)
            case "finishSecret":
                self._finish(current, pending)
            case _:
                raise ValueError(f"A rotation has no step {step}")

    def run(self, token: str) -> None:
        """Do all the steps."""
        for step in STEPS:
            self.do(step, token)

    def ensure(self) -> None:
        """Make the first keys unless there are some, and publish what verifies those that there are."""
        current = self._current()
        if "current" in current.secret:
            settle(lambda: self._publish(current.secret))
        else:
            self.run(ids.new_secret())

    def _create(self, token: str) -> None:
        if self._read(VersionId=token).version_id:
            return
        current, unfinished = self._current(), self._read(VersionStage="AWSPENDING")
        # Keys that an earlier rotation made and perhaps published, and left at that, are taken up.
        secret = unfinished.secret if unfinished.follows(current) else self._successor(current.secret)
        try:
            self.secrets_manager.put_secret_value(
                SecretId=self.secret_id,
                ClientRequestToken=token,
                SecretString=json.dumps(secret),
                VersionStages=["AWSPENDING"],
            )
        except ClientError as error:
            # The same rotation, under way twice: the other's keys are as good.
            if error.response["Error"]["Code"] != "ResourceExistsException":
                raise

    def _successor(self, secret: Secret) -> Secret:
        if "current" not in secret:
            return {"current": _new_key(), "next": _new_key(), "earlier": []}
        changed_at, now = self._settled_since(secret), clock.timestamp()
        earlier = [key for key in secret["earlier"] if key["until"] > now]
        if previous := secret.get("previous"):
            # It signed until the rotation before this one was finished.
            until = changed_at + REFRESH_KEYS_KEPT_SECONDS
            earlier.append({"kid": previous["kid"], "refresh": previous["refresh"], "until": until})
        previous = {name: secret["current"][name] for name in ("kid", "public", "refresh")}
        return {"previous": previous, "current": secret["next"], "next": _new_key(), "earlier": earlier}

    def _settled_since(self, secret: Secret) -> int:
        """Return since when everything of the current keys has been published; refuse where that is too recent."""
        settle(lambda: self._publish(secret))
        item = self.table.get(keys.verification_keys())
        changed_at: int = item["changed_at"] if item else clock.timestamp()
        wait = changed_at + SETTLED_SECONDS - clock.timestamp()
        # Keys that have never been rotated have no predecessor that anybody could still rely on.
        if wait > 0 and "previous" in secret:
            raise RotationRefused(f"The keys have just changed: they can be rotated again in {wait} seconds")
        return changed_at

    def _publish(self, secret: Secret) -> None:
        """Let everybody verify what these keys sign; what is published of others is withdrawn."""
        item, public = self.table.get(keys.verification_keys()), _public(secret)
        if item is None:
            first = {"public": public, "cursor_key": secrets.token_bytes(32), "changed_at": clock.timestamp()}
            self.table.write(Put(keys.verification_keys() | first, condition=absent()))
        elif item["public"] != public:
            self._stamp(public, seen=item["public"])

    def _stamp(self, public: Mapping[str, str], seen: Mapping[str, str]) -> None:
        change = {"public": public, "changed_at": clock.timestamp()}
        unchanged = Condition("#public = :seen", {"seen": seen})
        self.table.write(Update(keys.verification_keys(), put=change, condition=unchanged))

    def _test(self, secret: Secret) -> None:
        """Raise unless whoever reads the table can verify what these keys sign, now and after the next rotation."""
        item = self.table.get(keys.verification_keys())
        published = item["public"] if item else {}
        if published != _public(secret):
            raise RotationRefused("Other keys have been published meanwhile")
        for key in (secret["current"], secret["next"]):
            token = jwt.encode({}, key["private"], ALGORITHM)
            jwt.decode(token, published[key["kid"]], [ALGORITHM])

    def _finish(self, current: Version, pending: Version) -> None:
        if pending == current:
            return
        public = _public(pending.secret)
        # From here on they sign. Where others have been published since, this is refused, and setSecret comes again.
        self._stamp(public, seen=public)
        # Refused as well where another version has become the current one since it was read above.
        self.secrets_manager.update_secret_version_stage(
            SecretId=self.secret_id,
            VersionStage="AWSCURRENT",
            MoveToVersionId=pending.version_id,
            **({"RemoveFromVersionId": current.version_id} if current.version_id else {}),
        )
        logger.info("keys rotated", extra={"kid": pending.secret["current"]["kid"]})

    def _current(self) -> Version:
        return self._read(VersionStage="AWSCURRENT")

    def _read(self, **which: str) -> Version:
        try:
            answer = self.secrets_manager.get_secret_value(SecretId=self.secret_id, **which)
        except ClientError as error:
            if error.response["Error"]["Code"] != "ResourceNotFoundException":
                raise
            return Version()
        return Version(answer["VersionId"], json.loads(answer["SecretString"]))


def _kid(secret: Secret, name: str) -> str | None:
    return secret[name]["kid"] if name in secret else None


def _public(secret: Secret) -> dict[str, str]:
    """Return what is published of the keys: by key id what verifies access tokens."""
    published = (secret[name] for name in ("previous", "current", "next") if name in secret)
    return {key["kid"]: key["public"] for key in published}


def _new_key() -> dict[str, str]:
    private = generate_private_key(SECP256R1())
    return {
        "kid": ids.new_id(),
        "public": private.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        "private": private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode(),
        "refresh": base64.b64encode(secrets.token_bytes(32)).decode(),
    }
