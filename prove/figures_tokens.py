"""The figure of tokens and keys: A5, what tests/contract and tests/integration hold in small, run in full."""

from collections.abc import Callable
from datetime import timedelta

from prove.figure import Figure
from prove.figures_races import stores
from prove.wanted import WANTED
from tests.harness.key_rotation import rotate_in_use
from tests.harness.token_abuse import FORMS, abuse, abuse_of_refresh, protected
from tests.harness.world import World, sign_up

AT_ONCE = timedelta(0)
TEN_DAYS = timedelta(days=9, hours=23)


def tokens(quick: int = 30, slow: int = 15) -> Figure:
    """A5: every form of abuse at every protected operation, and keys that rotate for most of a session's life."""
    with stores() as fresh:
        world = World.build(fresh())
        abused = abuse(world)
        abused.add(abuse_of_refresh(world))
        store = fresh()
        rotated = rotate_in_use(store, sign_up(store, "ann").username, [AT_ONCE] * quick + [TEN_DAYS] * slow)
    more = (
        f" ({len(FORMS)} forms, {len(list(protected()))} operations), and of {rotated.looked_at:,} over "
        f"{quick + slow} rotations"
    )
    wrong = abused.wrong + rotated.wrong
    return Figure.of("A5", WANTED["A5"], "tokens", abused.looked_at, wrong, more)


FIGURES: dict[str, Callable[[], Figure]] = {"A5": tokens}
