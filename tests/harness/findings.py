"""What an instrument found: how much it looked at, and what was wrong."""

from dataclasses import dataclass, field
from typing import Self


@dataclass
class Findings:
    """Grows while an instrument is at work."""

    looked_at: int = 0
    wrong: list[str] = field(default_factory=list)

    def note(self, where: str, wrong: list[str]) -> None:
        """Count one thing looked at, and what is wrong with it."""
        self.looked_at += 1
        self.wrong += [f"{where}: {each}" for each in wrong]

    def add(self, more: Self) -> None:
        """Take over what another instrument found."""
        self.looked_at += more.looked_at
        self.wrong += more.wrong
