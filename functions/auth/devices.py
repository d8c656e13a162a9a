"""Known devices: whoever signed in on one before gets in there while others guess at the password from elsewhere.

Guesses made on a known device are counted apart (OWASP's "device cookies"), so that throttling an account never locks
its owner out. The token proves nothing but that: it opens nothing without the password. Only its hash is stored.
"""

from datetime import timedelta

from common import ids, keys
from common.clock import clock
from common.table import Put, Table, key_of

KNOWN_FOR = timedelta(days=180)


def new_device(user_id: str) -> tuple[str, Put]:
    """Return a token for a device, and the write that makes the device known."""
    token = ids.new_secret()
    return token, Put(keys.device(user_id, ids.digest(token)) | {"ttl": clock.after(KNOWN_FOR)})


def is_known(table: Table, user_id: str, token: str | None) -> bool:
    """Return whether the token is one of the user's."""
    return token is not None and table.get(keys.device(user_id, ids.digest(token))) is not None


def forget_devices(table: Table, user_id: str) -> None:
    """Know none of the user's devices any more: one of them may be a thief's."""
    for row in table.query(keys.user_partition(user_id), prefix=keys.DEVICE).items:
        table.delete(key_of(row))
