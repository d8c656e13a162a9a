"""The mails that Pawtime writes, and the way they leave."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any

import boto3

from auth.accounts import AccountRepository
from auth.models import UserRecord
from common import config


@dataclass(frozen=True)
class Mail:
    """A mail without its address."""

    subject: str
    text: str


def _verification(user: UserRecord, accounts: AccountRepository) -> Mail:
    owner = accounts.owner_of(user.email)
    if owner:
        return _already_registered(owner)
    link = f"{config.public_url()}/verify?token={accounts.issue_verification_token(user)}"
    return Mail(
        "Please confirm your e-mail address",
        f"Somebody signed up to Pawtime as {user.username} with this address.\n\n"
        f"If that was you, open this link within a day, and sign in with the password that you chose:\n\n{link}\n\n"
        "If it was not you, leave this mail alone: the account ends by itself.\n",
    )


def _already_registered(user: UserRecord) -> Mail:
    return Mail(
        "You already have a Pawtime account",
        f"Somebody, perhaps you, tried to sign up with this address. It already belongs to your account "
        f"{user.username}.\n\nSign in at {config.public_url()}/ instead. If it was not you, nothing has changed.\n",
    )


WRITERS: dict[str, Callable[[UserRecord, AccountRepository], Mail]] = {
    "verification_requested": _verification,
}


@cache
def _ses() -> Any:
    return boto3.client("sesv2")


def send(address: str, mail: Mail) -> None:
    """Send a mail through SES; whatever SES raises is raised."""
    _ses().send_email(
        FromEmailAddress=config.mail_sender(),
        Destination={"ToAddresses": [address]},
        Content={
            "Simple": {
                "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": mail.text, "Charset": "UTF-8"}},
            }
        },
    )
