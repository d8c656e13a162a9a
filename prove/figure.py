"""One figure that Pawtime holds itself to: what is wanted, what was measured, and on how much."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

SHOWN = 3  # faults that are shown of a figure that falls short


@dataclass(frozen=True)
class Figure:
    """`n` says how often it was tried; `got` is for people, `ok` for machines."""

    id: str
    wanted: str
    got: str
    n: int
    ok: bool

    @classmethod
    def of(cls, name: str, wanted: str, what: str, tried: int, wrong: Sequence[str], more: str = "") -> Self:
        """Return a figure that is reached where something was tried and nothing went wrong."""
        shown = "".join(f"; {fault}" for fault in wrong[:SHOWN])
        return cls(
            name, wanted, f"{len(wrong)} wrong of {tried:,} {what}{more}{shown}", tried, ok=not wrong and tried > 0
        )
