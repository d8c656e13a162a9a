"""A mail, what writes it, and the way it leaves."""

from collections.abc import Callable
from dataclasses import dataclass

from auth.accounts import AccountRepository
from auth.models import UserRecord
from common import aws, config
from common.table import Item


@dataclass(frozen=True)
class Mail:
    """A mail, and whom it goes to."""

    address: str
    subject: str
    text: str


type Writer = Callable[[UserRecord, AccountRepository, Item], list[Mail]]
"""Writes the mails to a user that an event asks for, going by its data: none, one or several."""


def send(mail: Mail) -> None:
    """Send a mail through SES; whatever SES raises is raised."""
    # What SES took, though its answer came late, would be sent twice.
    aws.client("sesv2", read_timeout=10).send_email(
        FromEmailAddress=config.mail_sender(),
        Destination={"ToAddresses": [mail.address]},
        Content={
            "Simple": {
                "Subject": {"Data": mail.subject, "Charset": "UTF-8"},
                "Body": {"Text": {"Data": mail.text, "Charset": "UTF-8"}},
            }
        },
    )
