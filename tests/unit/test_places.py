"""Places by what people type: folding, the order of what is found, and the file that it is found in."""

import pytest

from matching.folding import fold
from matching.places import HERE, Gazetteer, Place, PlaceNotFound, gazetteer

SMALL = Gazetteer(
    [
        ["1", "New York City", "New York", "US", "40714", "-74006", "nova iorque"],
        ["2", "Vienna", "", "AT", "48208", "16372", "wien|vindobona"],
        ["3", "York", "", "GB", "53958", "-1083", ""],
        ["4", "Portland", "Oregon", "US", "45523", "-122676", "stumptown"],
        ["5", "Wiener Neustadt", "", "AT", "47805", "16232", ""],
        ["6", "Yorkton", "", "CA", "51214", "-102463", ""],
        ["7", "Portland", "Maine", "US", "43661", "-70256", "falmouth neck"],
        ["8", "Thunder Bay", "", "CA", "48382", "-89250", ""],
    ],
    {"AT": "Austria", "CA": "Canada", "GB": "United Kingdom", "US": "United States"},
)


def found(typed: str, limit: int = 10, places: Gazetteer = SMALL) -> list[str]:
    return [place.place_id for place in places.search(typed, limit).items]


def labels(typed: str, limit: int = 10) -> list[str]:
    """What all the places that there are answer."""
    return [place.label for place in gazetteer().search(typed, limit).items]


@pytest.mark.parametrize(
    ("text", "folded"),
    [
        ("Munich", "munich"),
        ("MÜNCHEN", "munchen"),
        ("Mu\u0308nchen", "munchen"),
        ("São Paulo", "sao paulo"),
        ("Gießen", "giessen"),
        ("Tromsø", "tromso"),
        ("Łódź", "lodz"),
        ("Đà Nẵng", "da nang"),
        ("İzmir", "izmir"),
        ("I\u011fd\u0131r", "igdir"),
        ("Gəncə", "gence"),
        ("Ærøskøbing", "aeroskobing"),
        ("Xi\u2019an", "xian"),
        ("Stoke-on-Trent", "stoke on trent"),
        ("  St.  Petersburg, Florida ", "st petersburg florida"),
        ("Rosemont\u2013La Petite-Patrie", "rosemont la petite patrie"),
        ("10 de Abril", "10 de abril"),
        ("東京", ""),
        ("...", ""),
    ],
)
def test_names_are_folded_to_plain_letters(text: str, folded: str) -> None:
    assert fold(text) == folded
    assert fold(folded) == folded


def test_what_is_called_exactly_so_comes_first_then_what_begins_so_then_what_has_such_a_word() -> None:
    assert found("york") == ["3", "6", "1"]


def test_another_name_of_a_place_comes_before_the_beginning_of_a_name() -> None:
    assert found("Wien") == ["2", "5"]
    assert found("wie") == ["5", "2"]


def test_of_two_with_one_name_the_more_populous_comes_first() -> None:
    assert found("portland") == ["4", "7"]


def test_a_word_within_a_name_is_found_by_its_beginning_and_not_by_its_middle() -> None:
    assert found("bay") == ["8"]
    assert found("neu") == ["5"]
    assert found("neck") == ["7"]
    assert found("unde") == []


def test_several_words_are_found_in_their_order() -> None:
    assert found("new yo") == ["1"]
    assert found("york new") == []


def test_no_more_are_found_than_asked_for_and_each_once() -> None:
    assert found("portland", limit=1) == ["4"]
    assert found("vi", limit=20) == ["2"]


@pytest.mark.parametrize("typed", ["", "  ", "--", "東京", "|", "\t", "\n", "zzzz"])
def test_what_begins_no_name_finds_nothing(typed: str) -> None:
    assert found(typed) == []


def test_a_place_says_all_that_tells_it_from_others() -> None:
    [oregon, _] = SMALL.search("portland", 2).items
    [vienna] = SMALL.search("vienna", 2).items

    assert oregon == Place(
        place_id="4",
        name="Portland",
        region="Oregon",
        country="United States",
        country_code="US",
        label="Portland, Oregon, United States",
    )
    assert (vienna.region, vienna.label) == (None, "Vienna, Austria")


def test_a_place_has_a_point_and_what_is_none_has_not() -> None:
    assert SMALL.point("3") == (53.958, -1.083)
    with pytest.raises(PlaceNotFound):
        SMALL.point("99")


@pytest.mark.parametrize("typed", ["Munich", "München", "munchen", "MUENCHEN"])
def test_munich_is_found_however_one_writes_it(typed: str) -> None:
    assert labels(typed)[0] == "Munich, Germany"


@pytest.mark.parametrize(
    ("typed", "label"),
    [
        ("wien", "Vienna, Austria"),
        ("new york", "New York City, New York, United States"),
        ("sao paulo", "São Paulo, Brazil"),
        ("lisb", "Lisbon, Portugal"),
        ("lisboa", "Lisbon, Portugal"),
        ("firenze", "Florence, Italy"),
        ("xian", "Xi\u2019an, China"),
        ("Bombay", "Mumbai, India"),
        ("den haag", "The Hague, The Netherlands"),
        ("st. louis", "St. Louis, Missouri, United States"),
    ],
)
def test_people_find_where_they_live(typed: str, label: str) -> None:
    assert labels(typed)[0] == label


def test_namesakes_are_told_apart() -> None:
    assert labels("birmingham") == ["Birmingham, United Kingdom", "Birmingham, Alabama, United States"]
    assert labels("portland") == ["Portland, Oregon, United States", "Portland, Maine, United States"]
    assert labels("salamanca")[-2:] == ["Salamanca, near Madrid, Spain", "Salamanca, near Valladolid, Spain"]


def test_every_row_of_the_file_is_whole() -> None:
    places = gazetteer()

    for place_id, name, region, code, north, east, also in places.rows:
        assert place_id.isdecimal(), place_id
        assert name == name.strip() != "", place_id
        assert fold(name), place_id
        assert code in places.countries, place_id
        assert region or code != "US", place_id
        assert -90_000 <= int(north) <= 90_000, place_id
        assert -180_000 <= int(east) <= 180_000, place_id
        assert all(each == fold(each) != "" for each in also.split("|") if also), place_id
    assert len(places.numbers) == len(places.rows) > 12_000


def test_no_two_places_look_the_same() -> None:
    places = gazetteer()

    looks = [(fold(row[1]), row[2], row[3]) for row in places.rows]

    assert len(set(looks)) == len(looks)


def test_the_file_stays_small() -> None:
    assert (HERE / "places.tsv").stat().st_size < 900_000
