"""Places that people know by name, found by how the name begins, so that nobody needs to know where that is in degrees.

They are the populated places of at least 50,000 people that GeoNames knows (geonames.org, CC BY 4.0), kept beside this
module as `local/places.py` writes them, the most populous first. All names are held as one text, a line for each place:
a search is a few looks for the same letters in it, and meets the places in the order in which they are answered.
"""

from bisect import bisect_right
from collections.abc import Iterator
from functools import cache
from itertools import accumulate, chain
from pathlib import Path
from typing import Annotated

from aws_lambda_powertools.event_handler import Depends
from aws_lambda_powertools.event_handler.openapi.params import Query

from common.errors import NotFound
from common.geo import Point
from common.models import Out, Page
from matching.folding import fold

HERE = Path(__file__).parent

Typed = Annotated[str, Query(min_length=2, max_length=80, description="How the place's name, or a word of it, begins")]
Few = Annotated[int, Query(ge=1, le=20, description="How many at the most")]


class PlaceNotFound(NotFound):
    code = "place_not_found"
    title = "There is no place of that id in our list"


class Place(Out):
    """A populated place. `region` tells it from its namesakes in the country; `label` is all of it, for people."""

    place_id: str
    name: str
    region: str | None
    country: str
    country_code: str
    label: str


class Gazetteer:
    """All places, the most populous first.

    `rows` are the columns of the file: id, name, region, country code, thousandths of a degree north and east, and
    other names, folded and parted by bars. `countries` are names by code.
    """

    def __init__(self, rows: list[list[str]], countries: dict[str, str]) -> None:
        self.rows = rows
        self.countries = countries
        self.numbers = {row[0]: number for number, row in enumerate(rows)}
        # A line begins with a line feed, every word with a space, and every name ends with a bar.
        lines = [f"\n {fold(row[1])}|" + (f" {row[6].replace('|', '| ')}|" if row[6] else "") for row in rows]
        self.starts = list(accumulate(map(len, lines), initial=0))
        self.names = "".join(lines)

    def search(self, typed: str, limit: int) -> Page[Place]:
        """Return the places of which a name, or a word of one, begins with what was typed: `limit` at the most.

        First come those that are called exactly this, then those that are elsewhere, then those whose name begins with
        it, then all others; each of these by population. There is no second page: who wants it types another letter.
        """
        wanted = fold(typed)
        if not wanted:
            return Page(items=[])
        found: dict[int, None] = {}
        for number in chain.from_iterable(
            map(self._having, (f"\n {wanted}|", f"| {wanted}|", f"\n {wanted}", f" {wanted}"))
        ):
            found[number] = None
            if len(found) == limit:
                break
        return Page(items=[self._place(self.rows[number]) for number in found])

    def point(self, place_id: str) -> Point:
        """Return the middle of a place; raise PlaceNotFound where there is none of that id."""
        if place_id not in self.numbers:
            raise PlaceNotFound
        row = self.rows[self.numbers[place_id]]
        return Point(int(row[4]) / 1000, int(row[5]) / 1000)

    def _having(self, letters: str) -> Iterator[int]:
        """Give the numbers of the rows in whose names these letters are."""
        at = self.names.find(letters)
        while at >= 0:
            number = bisect_right(self.starts, at) - 1
            yield number
            at = self.names.find(letters, self.starts[number + 1])

    def _place(self, row: list[str]) -> Place:
        place_id, name, region, code = row[:4]
        country = self.countries[code]
        return Place(
            place_id=place_id,
            name=name,
            region=region or None,
            country=country,
            country_code=code,
            label=", ".join(filter(None, (name, region, country))),
        )


def _rows(name: str) -> list[list[str]]:
    return [line.split("\t") for line in (HERE / name).read_text(encoding="utf-8").splitlines()]


@cache
def gazetteer() -> Gazetteer:
    """Return the places of this process, read when they are first asked for."""
    return Gazetteer(_rows("places.tsv"), {code: name for code, name in _rows("countries.tsv")})  # noqa: C416


Places = Annotated[Gazetteer, Depends(gazetteer)]
