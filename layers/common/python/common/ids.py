"""Random identifiers."""

import base64
import hashlib
import re
import secrets

LENGTH = 26
FORM = re.compile(rf"[a-z2-7]{{{LENGTH}}}")
"""What `new_id` makes."""


def new_id() -> str:
    """Return 128 random bits as 26 characters of lower-case base32: URL-safe, and easy to select and read out."""
    return base64.b32encode(secrets.token_bytes(16)).decode().rstrip("=").lower()


def derived(*parts: str) -> str:
    """Return an id that is always the same for the same parts."""
    return base64.b32encode(hashlib.sha256("#".join(parts).encode()).digest()[:16]).decode().rstrip("=").lower()


def new_secret() -> str:
    """Return 256 random bits as URL-safe text, for tokens that are themselves the proof."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return what a secret is found by: stored in its place, it gives nothing away."""
    return hashlib.sha256(secret.encode()).hexdigest()
