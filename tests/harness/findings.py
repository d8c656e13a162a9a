"""What an instrument found: how much it looked at, and what was wrong."""

from dataclasses import dataclass, field


@dataclass
class Findings:
    """Grows while an instrument is at work."""

    looked_at: int = 0
    wrong: list[str] = field(default_factory=list)

    def note(self, where: str, wrong: list[str]) -> None:
        """Count one thing looked at, and what is wrong with it."""
        self.looked_at += 1
        self.wrong += [f"{where}: {each}" for each in wrong]
