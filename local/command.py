"""What an operator does by command, to the local stack that runs: `python -m local.command <command> [about]`.

`rotate-keys`, `admin`, `owner`, `sign-out` and `erase` are what `make` of that name calls. Each asks the functions that
operators, or Secrets Manager, would ask in AWS, by Lambda's Invoke API; so the stack must run.
"""

import secrets
import sys
from http import HTTPStatus
from typing import Any

import httpx

from auth.key_rotation import STEPS
from local.run import CannotStart, Settings
from local.stack import Function
from local.template import load

ROTATED = "The keys are rotated: what is signed from now on is signed by the next ones, within five minutes everywhere."


class Refused(Exception):
    """Why a command was not carried out, in a sentence."""


def invoke(url: str, function: Function, event: dict[str, Any]) -> Any:
    """Return what a function of the stack at `url` returns; raise Refused."""
    address = f"{url}/2015-03-31/functions/{function.name}/invocations"
    try:
        answer = httpx.post(address, json=event, timeout=function.timeout + 1, trust_env=False)
    except httpx.TransportError as error:
        raise Refused(f"Pawtime does not run at {url}: start it with make run, then try again") from error
    if answer.status_code != HTTPStatus.OK or "X-Amz-Function-Error" in answer.headers:
        raise Refused(str(answer.json().get("errorMessage") or answer.json().get("message")))
    return answer.json()


def rotate_keys(url: str) -> str:
    """Take the four steps that Secrets Manager would ask for."""
    [rotation] = load().rotations
    token = secrets.token_hex(16)
    for step in STEPS:
        invoke(url, rotation.function, {"SecretId": rotation.secret, "ClientRequestToken": token, "Step": step})
    return ROTATED


def about_account(url: str, name: str, event: dict[str, str]) -> Any:
    """Call one of the functions that operators call about an account; return what it returns."""
    [function] = [each for each in load().consumers() if each.name == name]
    return invoke(url, function, event)


def erase(url: str, user_id: str) -> str:
    """Have the erasure of one closed account begun again or, without an id, of all that are overdue."""
    begun = about_account(url, "EraseAccountsFunction", {"user_id": user_id} if user_id else {})["user_ids"]
    return f"Being erased again: {', '.join(begun)}" if begun else "No closed account is overdue."


def carry_out(url: str, command: str, about: str) -> str:
    """Carry out a command and return what to say of it; raise Refused."""
    if command == "rotate-keys":
        return rotate_keys(url)
    if command == "erase":
        return erase(url, about)
    if not about:
        raise Refused(f"Say whose account: make {command} USERNAME=maya")
    match command:
        case "admin" | "owner":
            role = "admin" if command == "admin" else "pet_owner"
            about_account(url, "GrantRoleFunction", {"username": about, "role": role})
            return f"{about} has the role {role}, and signs in anew to use it."
        case "sign-out":
            about_account(url, "EndSessionsFunction", {"username": about})
            return f"All sessions of {about} have ended."
        case _:
            raise Refused(f"There is no command {command}")


def main(command: str, about: str = "") -> int:
    """Carry out a command and say so; return the exit code."""
    try:
        print(carry_out(Settings.read().url, command, about))
    except (CannotStart, Refused) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
