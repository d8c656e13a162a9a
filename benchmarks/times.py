"""How long each way takes, and on whose CPU: searches go through the ways in turn, so that all meet the same noise."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from benchmarks.meter import Cost, Noise, cost_of
from benchmarks.world import Pet
from common import geo

WARM_UP = 3


class Way(NamedTuple):
    """A way to find twenty for a pet; `server` is the process of the database behind it."""

    page: Callable[[Pet, int], Any]
    server: int | None


def _forget_places() -> None:
    """Forget what was worked out of cells, so that no way finds that done by the one before it."""
    for each in vars(geo).values():
        if hasattr(each, "cache_clear"):
            each.cache_clear()


def in_turn(
    ways: Mapping[str, Way], pets: Sequence[Pet], radius_km: int, noise: Noise, warm_up: int = WARM_UP
) -> dict[str, list[Cost]]:
    """Return what each page costs by each way: first one search by all ways, then the next."""
    for way in ways.values():
        for pet in pets[:warm_up]:
            way.page(pet, radius_km)
    costs: dict[str, list[Cost]] = {name: [] for name in ways}
    for pet in pets:
        noise.listen()
        for name, way in ways.items():
            _forget_places()
            costs[name].append(cost_of(lambda way=way, pet=pet: way.page(pet, radius_km), way.server))  # type: ignore[misc]
    return costs
