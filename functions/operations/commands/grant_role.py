"""Gives an account a role: {"username": "maya", "role": "admin"}, or "pet_owner" to take it back.

Only who may invoke the function may do so, and CloudTrail says who did.
"""

from typing import Any, Literal

from auth.operators import OperatorRepository
from common.models import In
from common.table import table


class Grant(In):
    username: str
    role: Literal["pet_owner", "admin"]


def handler(event: dict[str, Any], _context: Any = None) -> dict[str, str]:
    """Give the role; what stands in the way is reported as the function's error."""
    grant = Grant.model_validate(event)
    OperatorRepository(table()).grant(grant.username, grant.role)
    return grant.model_dump()
