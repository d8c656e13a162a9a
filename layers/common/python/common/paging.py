"""Signed cursors: a client can hand one back, and do nothing else with it."""

import base64
import binascii
import hashlib
import hmac
import json
from typing import Annotated

from aws_lambda_powertools.event_handler.openapi.params import Query

from common.auth import verification_keys
from common.errors import InvalidCursor
from common.table import Key, Table

SIGNATURE_BYTES = 16


class Cursors:
    """Seals the place where a list goes on. `scope` binds a cursor to one list of one user."""

    def __init__(self, table: Table) -> None:
        self.table = table

    def _signature(self, scope: str, payload: bytes) -> bytes:
        key = verification_keys(self.table).cursor_key
        return hmac.digest(key, scope.encode() + b"\0" + payload, hashlib.sha256)[:SIGNATURE_BYTES]

    def seal(self, scope: str, place: Key | None) -> str | None:
        """Return the cursor for `place`, or None at the end of the list."""
        if place is None:
            return None
        payload = json.dumps(place, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(self._signature(scope, payload) + payload).decode().rstrip("=")

    def open(self, scope: str, cursor: str | None) -> Key | None:
        """Return the place that `cursor` seals; raise InvalidCursor unless `seal` made it for this scope."""
        if cursor is None:
            return None
        try:
            sealed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        except (binascii.Error, ValueError) as error:
            raise InvalidCursor from error
        signature, payload = sealed[:SIGNATURE_BYTES], sealed[SIGNATURE_BYTES:]
        canonical = base64.urlsafe_b64encode(sealed).decode().rstrip("=") == cursor
        if not canonical or not hmac.compare_digest(signature, self._signature(scope, payload)):
            raise InvalidCursor
        place: Key = json.loads(payload)
        return place


Cursor = Annotated[str | None, Query(max_length=1024, description="`next_cursor` of the page before")]
Limit = Annotated[int, Query(ge=1, le=100, description="How many at the most")]
