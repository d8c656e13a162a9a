"""Stands in for Amazon SES: mail is kept as files, and shown instead of sent."""

import html
import itertools
import json
import re
import threading
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from local.files import write_file

LINK = re.compile(r"https?://[^\s<>\"']+")


class BadRequest(Exception):
    """A mail that SES would not take, or that this stand-in cannot show."""


@dataclass(frozen=True)
class Mail:
    """A mail that was sent, to one of its recipients."""

    to: str
    subject: str
    text: str
    sent_at: str


class Mailbox:
    """All mail that was ever sent from this data folder."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        folder.mkdir(parents=True, exist_ok=True)
        files = sorted(folder.glob("*.json"))
        self._mails = [Mail(**json.loads(file.read_text(encoding="utf-8"))) for file in files]
        self._numbers = itertools.count(int(files[-1].stem) + 1 if files else 1)

    def send(self, request: Any, sent_at: str) -> str:
        """Keep the mail of a SendEmail request and return its id; raise BadRequest where it has no plain text."""
        match request:
            case {
                "FromEmailAddress": str(),
                "Destination": {"ToAddresses": [str(), *_] as recipients},
                "Content": {"Simple": {"Subject": {"Data": str(subject)}, "Body": {"Text": {"Data": str(text)}}}},
            }:
                number = 0
                for recipient in recipients:
                    number = self._keep(Mail(recipient, subject, text, sent_at))
                return f"local-{number}"
            case _:
                raise BadRequest("Only simple mail with a sender, a recipient, a subject and plain text is understood")

    def _keep(self, mail: Mail) -> int:
        with self._lock:
            number = next(self._numbers)
            write_file(self._folder / f"{number:08}.json", json.dumps(asdict(mail)))
            self._mails.append(mail)
            return number

    def newest_first(self, recipient: str | None) -> list[Mail]:
        """Return the mail to a recipient, or to all."""
        with self._lock:
            mails = self._mails[::-1]
        return [mail for mail in mails if recipient is None or mail.to.casefold() == recipient.casefold()]


STYLE = """
:root { color-scheme: light dark; font: 1rem/1.5 system-ui, sans-serif; }
body { max-width: 44rem; margin: 2rem auto; padding: 0 1rem; }
article { border-top: 1px solid; padding: 1rem 0; }
h2 { font-size: 1.1rem; margin: 0; }
pre { font: inherit; white-space: pre-wrap; overflow-wrap: anywhere; }
"""


def mail_page(mails: Iterable[Mail]) -> str:
    """Return the mails as a page in which their links can be followed."""
    articles = "".join(
        f"<article><h2>{html.escape(mail.subject)}</h2>"
        f"<p>to {html.escape(mail.to)}, <time>{html.escape(mail.sent_at)}</time></p>"
        f"<pre>{_linked(mail.text)}</pre></article>"
        for mail in mails
    )
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>Pawtime mail</title>'
        f"<style>{STYLE}</style><h1>Sent mail</h1>{articles or '<p>No mail has been sent yet.</p>'}</html>"
    )


def _linked(text: str) -> str:
    """Return the text, escaped, with its addresses as links."""
    parts, end = [], 0
    for found in LINK.finditer(text):
        address = html.escape(found[0])
        parts += [html.escape(text[end : found.start()]), f'<a href="{address}">{address}</a>']
        end = found.end()
    return "".join([*parts, html.escape(text[end:])])


def as_documents(mails: Iterable[Mail]) -> list[Mapping[str, str]]:
    """Return the mails as JSON shows them."""
    return [asdict(mail) for mail in mails]
