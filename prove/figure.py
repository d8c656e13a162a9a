"""One figure that Pawtime holds itself to: what is wanted, what was measured, and on how much."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`n` says how often it was tried; `got` is for people, `ok` for machines."""

    id: str
    wanted: str
    got: str
    n: int
    ok: bool
