"""Has the erasure of closed accounts begun again: {"user_id": "..."}, or {} for all that are overdue.

Doing so twice does no harm, and an account that is open is refused.
"""

from typing import Any

from auth.operators import OperatorRepository
from common.models import In
from common.table import table


class Closed(In):
    user_id: str | None = None


def handler(event: dict[str, Any], _context: Any = None) -> dict[str, list[str]]:
    """Have them erased and return their ids; what stands in the way is reported as the function's error."""
    closed = Closed.model_validate(event)
    operators = OperatorRepository(table())
    user_ids = [closed.user_id] if closed.user_id else operators.overdue()
    for user_id in user_ids:
        operators.erase_again(user_id)
    return {"user_ids": user_ids}
