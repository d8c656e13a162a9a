"""Ends all sessions of an account, for operators who have reason to: {"username": "maya"}."""

from typing import Any

from auth.operators import OperatorRepository
from common.models import In
from common.table import table


class Account(In):
    username: str


def handler(event: dict[str, Any], _context: Any = None) -> dict[str, str]:
    """End the sessions; what stands in the way is reported as the function's error."""
    account = Account.model_validate(event)
    OperatorRepository(table()).sign_out(account.username)
    return account.model_dump()
