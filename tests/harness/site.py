"""A Pawtime that runs somewhere, spoken to by HTTP."""

import time
from http.cookiejar import CookieJar, DefaultCookiePolicy
from typing import Self

import httpx

from tests.harness.mail import Received

LONGEST_SECONDS = 30  # for an answer, and for a mail to arrive


class Site:
    """The API under one address, and its mail as the local stack shows it."""

    def __init__(self, base_url: str, mail_url: str = "") -> None:
        self.base_url = base_url.rstrip("/").removesuffix("/api")
        self.mail_url = mail_url or f"{self.base_url}/_local/mail"
        # Whoever sends a cookie says so: none is kept here.
        forgetful = CookieJar(DefaultCookiePolicy(allowed_domains=()))
        self._http = httpx.Client(timeout=LONGEST_SECONDS, cookies=forgetful)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def request(self, method: str, target: str, headers: dict[str, str], body: bytes) -> httpx.Response:
        """Answer one request, whose target is sent as it stands."""
        fields = [(name.encode(), value.strip().encode("latin-1")) for name, value in headers.items()]
        return self._http.request(
            method, self.base_url, headers=fields, content=body, extensions={"target": target.encode()}
        )

    def mails_to(self, address: str, count: int = 1) -> list[Received]:
        """Return the mails sent to an address, the oldest first, once there are so many."""
        deadline = time.monotonic() + LONGEST_SECONDS
        while len(sent := self._http.get(self.mail_url, params={"to": address}).json()) < count:
            assert time.monotonic() < deadline, f"{len(sent)} of {count} mails to {address} arrived"
            time.sleep(0.02)
        return [Received(mail["subject"], mail["text"]) for mail in reversed(sent)]
