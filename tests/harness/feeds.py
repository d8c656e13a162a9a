"""Feeds of calendars, as those who subscribe to them come by."""

import re

from tests.harness.client import Answer, Client, Owner

TOKEN_IN_ADDRESS = re.compile(r"/calendar/([\w-]+)/pawtime\.ics")


def feed_token(owner: Owner) -> str:
    """Give somebody's calendar a new address, and return the secret in it."""
    answer = owner.post("/calendar-feed")
    assert answer.status == 201, answer.text
    [token] = TOKEN_IN_ADDRESS.findall(answer.json["url"])
    return str(token)


def subscribed(token: str, **headers: str) -> Answer:
    """Come by as a calendar does, which is signed in nowhere."""
    return Client(headers=headers).get(f"/calendar/{token}/pawtime.ics")
