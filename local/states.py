"""Draws docs/appointment-states.svg from the table of transitions: `make states`.

What may be done, by whom, and where it leads comes from `lifecycle.TRANSITIONS`; what time alone does is seen by
letting `lifecycle.state_at` go through the life of an appointment. Here stands only where it is drawn: a step that has
no place yet ends in a KeyError that names it.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal, NamedTuple
from xml.sax.saxutils import escape

from appointments.lifecycle import (
    ANSWER_WITHIN,
    CHECK_IN_BEFORE,
    STORED,
    TRANSITIONS,
    AppointmentStatus,
    PartyRole,
    State,
    state_at,
)
from local.derived import ROOT, keep

TARGET = ROOT / "docs/appointment-states.svg"

type Step = tuple[State, State]
type Point = tuple[int, int]


class Box(NamedTuple):
    """Where a state is drawn."""

    left: int
    top: int
    width: int
    height: int


class Way(NamedTuple):
    """Where an arrow goes, and where what it says is written: its first line, and how lines stand to that point."""

    points: list[Point]
    words: Point
    anchor: Literal["start", "middle", "end"] = "middle"


WIDTH, HEIGHT, LINE = 1320, 830, 18

BOXES: dict[State, Box] = {
    "Proposed": Box(395, 70, 170, 80),
    "Declined": Box(40, 60, 150, 40),
    "Expired": Box(40, 120, 150, 40),
    "Scheduled": Box(395, 220, 170, 170),
    "Moving": Box(770, 262, 170, 128),
    "At hand": Box(395, 450, 170, 80),
    "Under way": Box(395, 590, 170, 80),
    "Completed": Box(395, 730, 170, 70),
    "Cancelled": Box(1160, 70, 120, 460),
}

DONE: dict[Step, Way] = {
    ("Proposed", "Proposed"): Way([(500, 70), (500, 35), (540, 35), (540, 70)], (552, 46), "start"),
    ("Proposed", "Scheduled"): Way([(480, 150), (480, 220)], (492, 190), "start"),
    ("Proposed", "Declined"): Way([(395, 80), (190, 80)], (292, 73)),
    ("Proposed", "Cancelled"): Way([(565, 110), (1160, 110)], (862, 103)),
    ("Scheduled", "Scheduled"): Way([(395, 335), (360, 335), (360, 370), (395, 370)], (350, 358), "end"),
    ("Scheduled", "Moving"): Way([(565, 285), (770, 285)], (667, 278)),
    ("Scheduled", "Cancelled"): Way([(565, 240), (1160, 240)], (862, 233)),
    ("Moving", "Moving"): Way([(940, 337), (965, 337), (965, 372), (940, 372)], (975, 360), "start"),
    ("Moving", "Scheduled"): Way([(770, 333), (565, 333)], (667, 308)),
    ("Moving", "Cancelled"): Way([(940, 300), (1160, 300)], (1050, 293)),
    ("At hand", "At hand"): Way([(395, 472), (360, 472), (360, 507), (395, 507)], (350, 495), "end"),
    ("At hand", "Cancelled"): Way([(565, 510), (1160, 510)], (862, 503)),
    ("Under way", "Under way"): Way([(395, 612), (360, 612), (360, 647), (395, 647)], (350, 635), "end"),
    ("Under way", "Completed"): Way([(450, 670), (450, 730)], (438, 705), "end"),
    ("Completed", "Completed"): Way([(395, 748), (360, 748), (360, 783), (395, 783)], (350, 771), "end"),
}
"""Where what somebody does is drawn."""

TIMED: dict[Step, Way] = {
    ("Proposed", "Expired"): Way([(395, 140), (190, 140)], (292, 160)),
    ("Moving", "Scheduled"): Way([(770, 380), (565, 380)], (667, 355)),
    ("Moving", "At hand"): Way([(855, 390), (855, 470), (565, 470)], (710, 463)),
    ("Scheduled", "At hand"): Way([(480, 390), (480, 450)], (492, 425), "start"),
    ("At hand", "Under way"): Way([(480, 530), (480, 590)], (492, 565), "start"),
    ("Under way", "Completed"): Way([(510, 670), (510, 730)], (522, 705), "start"),
}
"""Where what time alone does is drawn."""

BEGINNINGS: dict[str, Way] = {
    "a playdate is proposed": Way([(430, 25), (430, 70)], (418, 35), "end"),
    "care is planned, or a\nweekly playdate follows": Way([(200, 290), (395, 290)], (292, 265)),
}

_LAPSES = f"no answer for {ANSWER_WITHIN.days} days,\nor the last time comes"
_SOON = f"{CHECK_IN_BEFORE // timedelta(minutes=1)} minutes before the start"

BY_TIME: dict[Step, str] = {
    ("Proposed", "Expired"): _LAPSES,
    ("Moving", "Scheduled"): _LAPSES,
    ("Moving", "At hand"): _SOON,
    ("Scheduled", "At hand"): _SOON,
    ("At hand", "Under way"): "it begins",
    ("Under way", "Completed"): "it is over",
}
"""When time takes a step."""

ROLES: dict[frozenset[PartyRole], str] = {
    frozenset({"proposer"}): "proposer",
    frozenset({"invited"}): "invited",
    frozenset({"owner"}): "owner",
    frozenset({"proposer", "invited"}): "either side",
    frozenset({"proposer", "invited", "owner"}): "anybody",
}

OPENING = (
    f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-labelledby="title desc">'
)
TIP = (
    '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="8" markerHeight="8" orient="auto">'
    '<path class="tip" d="M0,0 L8,4 L0,8 z"/></marker></defs>'
)
STYLE = """
  svg { --ground: #fff; --ink: #1f2a2b; --soft: #566263; --box: #e1f0ec; --end: #f1eee6; --line: #17695c; }
  @media (prefers-color-scheme: dark) {
    svg { --ground: #14191a; --ink: #e8edec; --soft: #a9b6b5; --box: #1d3a36; --end: #263031; --line: #7fd1bf; }
  }
  text { font: 15px system-ui, sans-serif; fill: var(--ink); }
  .name { font-weight: 600; font-size: 17px; }
  .soft { fill: var(--soft); }
  .ground { fill: var(--ground); }
  .box { fill: var(--box); stroke: var(--line); }
  .end { fill: var(--end); stroke: var(--soft); }
  .way { fill: none; stroke: var(--line); stroke-width: 1.5; marker-end: url(#tip); }
  .timed { stroke-dasharray: 5 4; }
  .tip { fill: var(--line); }
"""


def steps_done() -> dict[Step, list[str]]:
    """Return what may be done, and by whom, by where it leads from and to."""
    by: dict[Step, dict[str, set[PartyRole]]] = {}
    for (state, role), steps in TRANSITIONS.items():
        for transition, following in steps.items():
            by.setdefault((state, following), {}).setdefault(transition, set()).add(role)
    return {
        step: [f"{transition}: {ROLES[frozenset(roles)]}" for transition, roles in transitions.items()]
        for step, transitions in by.items()
    }


def steps_of_time() -> set[Step]:
    """Return where time alone leads, for each way in which an appointment can be stored."""
    made = datetime(2026, 3, 2, tzinfo=UTC)
    start, soon = made + 2 * ANSWER_WITHIN, made + timedelta(hours=1)
    stored: list[tuple[AppointmentStatus, datetime | None, datetime | None]] = [
        ("Proposed", None, soon),
        ("Scheduled", start, None),
        ("Scheduled", start, soon),
        ("Scheduled", start, start - CHECK_IN_BEFORE),
    ]
    moments = [made + timedelta(minutes=15) * number for number in range(2 * 4 * 24 * ANSWER_WITHIN.days + 12)]
    return {
        step
        for status, agreed, lapses in stored
        for step in pairwise(state_at(status, agreed, 60, lapses, now) for now in moments)
        if step[0] != step[1]
    }


def _states(ends: set[State]) -> Iterator[str]:
    for state, (left, top, width, height) in BOXES.items():
        look = "end" if state in ends else "box"
        x, y = left + width // 2, top + height // 2 + 6
        yield f'<rect class="{look}" x="{left}" y="{top}" width="{width}" height="{height}" rx="10"/>'
        if state in STORED:
            yield _text([state], (x, y - 9), "middle", "name")
            yield _text([f"reads as {STORED[state]}"], (x, y + 11), "middle", "soft")
        else:
            yield _text([state], (x, y), "middle", "name")


def _text(lines: list[str], at: Point, anchor: str, look: str = "") -> str:
    marks = f' class="{look}"' if look else ""
    spans = "".join(
        f'<tspan x="{at[0]}" y="{at[1] + LINE * number}">{escape(line)}</tspan>' for number, line in enumerate(lines)
    )
    return f'<text{marks} text-anchor="{anchor}">{spans}</text>'


def _arrow(way: Way, lines: list[str], look: str = "way") -> Iterator[str]:
    points = " ".join(f"{x},{y}" for x, y in way.points)
    yield f'<polyline class="{look}" points="{points}"/>'
    yield _text(lines, way.words, way.anchor)


def _told(done: dict[Step, list[str]], timed: set[Step]) -> str:
    """Return the picture in words, for who does not see it."""
    said = [f"{one} to {other}: {', '.join(lines)}." for (one, other), lines in done.items()]
    said += [f"{one} to {other}, by time: {' '.join(BY_TIME[one, other].split())}." for one, other in sorted(timed)]
    return " ".join(said)


def text() -> str:
    """Return the picture as it is committed: the same code always gives the same bytes."""
    done, timed = steps_done(), steps_of_time()
    ends: set[State] = {state for state in BOXES if not any(one == state != other for one, other in {*done, *timed})}
    parts = [
        OPENING,
        '<title id="title">The states of an appointment</title>',
        f'<desc id="desc">{escape(_told(done, timed))}</desc>',
        f"<style>{STYLE}</style>",
        TIP,
        f'<rect class="ground" width="{WIDTH}" height="{HEIGHT}"/>',
        *_states(ends),
    ]
    for words, way in BEGINNINGS.items():
        parts += [f'<circle class="tip" cx="{way.points[0][0]}" cy="{way.points[0][1]}" r="5"/>']
        parts += _arrow(way, words.splitlines())
    for step, lines in done.items():
        parts += _arrow(DONE[step], lines)
    for step in sorted(timed):
        parts += _arrow(TIMED[step], BY_TIME[step].splitlines(), "way timed")
    parts += _arrow(Way([(700, 640), (760, 640)], (775, 645), "start"), ["somebody does it"])
    parts += _arrow(Way([(700, 675), (760, 675)], (775, 680), "start"), ["time does it, nobody has to"], "way timed")
    return "\n".join([*parts, "</svg>"]) + "\n"


if __name__ == "__main__":
    sys.exit(keep(TARGET, text(), "make states"))
