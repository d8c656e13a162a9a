"""Clients of AWS's services, one each: patient with a hiccup, and done in time for an answer of our own."""

from functools import cache
from typing import Any

import boto3
from botocore.config import Config


@cache
def client(service: str, read_timeout: int = 2, more: Config | None = None) -> Any:
    """Return the client of a service. `read_timeout` is in seconds; `more` are settings of this service alone."""
    settings = Config(
        retries={"mode": "standard", "total_max_attempts": 3},
        connect_timeout=1,
        read_timeout=read_timeout,
        max_pool_connections=32,
        tcp_keepalive=True,
        user_agent="Pawtime",  # the SDK's own is put together anew, twice, for every call
    )
    return boto3.client(service, config=settings.merge(more) if more else settings)
