"""Measures the figures and prints one table: `python -m prove`, or `python -m prove R1 I2` for some of them.

Exit code 0 only when every figure asked for is reached; one that nothing measures yet counts as short.
"""

import sys
import time

from prove.figure import Figure
from prove.measured import MEASURED
from prove.wanted import WANTED

NOT_YET = "not yet"


def measure(name: str) -> Figure:
    """Return a figure, measured anew; one that is not built yet is short, and so is one that cannot be measured."""
    if name not in MEASURED:
        return Figure(name, WANTED[name], NOT_YET, 0, ok=False)
    try:
        return MEASURED[name]()
    except Exception as error:  # noqa: BLE001 (whatever went wrong, the other figures are still wanted)
        return Figure(name, WANTED[name], f"could not be measured: {type(error).__name__}: {error}", 0, ok=False)


def prove(names: list[str]) -> int:
    """Print a row for each figure as it is done; return how many fall short."""
    unknown = [name for name in names if name not in WANTED]
    if unknown:
        print(f"There is no figure {', '.join(unknown)}; there are {', '.join(WANTED)}", file=sys.stderr)
        return len(unknown)
    print(f"{'id':<4} {'':<5} {'n':>8} {'s':>6}  wanted -> got")
    short = 0
    for name in names or WANTED:
        started = time.monotonic()
        figure = measure(name)
        short += not figure.ok
        state = "ok" if figure.ok else "SHORT"
        seconds = time.monotonic() - started
        print(f"{name:<4} {state:<5} {figure.n:>8} {seconds:>6.0f}  {figure.wanted} -> {figure.got}", flush=True)
    print(f"{short} short" if short else "all reached")
    return short


if __name__ == "__main__":
    sys.exit(bool(prove(sys.argv[1:])))
