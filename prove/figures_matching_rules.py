"""The figures of who is found and what is said of them: small in tests/integration/test_matching_truth.py."""

from collections.abc import Callable

from prove.figure import Figure
from prove.figures_races import stores
from prove.wanted import WANTED
from tests.harness.judging import judge, see_each_other
from tests.harness.recall import RANKED, SPOTS, search_everywhere


def recall(pets: int = 100_000, searchers: int = 1) -> Figure:
    """M1: searches in twenty places, at all radii, for anybody and for somebody particular, beside brute force."""
    with stores() as fresh:
        found = search_everywhere(fresh(), pets, searchers)
    more = (
        f" in {len(SPOTS)} places among {pets:,} pets: {found.whole} with all who suit, {found.cut} with the best"
        f" {RANKED}; {found.pets:,} pets found"
    )
    wrong = found.wrong if found.whole and found.cut else [*found.wrong, "one kind of search never came up"]
    return Figure.of("M1", WANTED["M1"], "searches", found.looked_at, wrong, more)


def rules(examples: int = 20_000, owners: int = 120) -> Figure:
    """M4: pairs as the scoring gets them, and the pairs of a whole neighbourhood through the API."""
    findings = judge(examples)
    with stores() as fresh:
        findings.add(see_each_other(fresh(), owners))
    more = f", {owners} owners of them through the API"
    return Figure.of("M4", WANTED["M4"], "pairs and lists", findings.looked_at, findings.wrong, more)


FIGURES: dict[str, Callable[[], Figure]] = {"M1": recall, "M4": rules}
