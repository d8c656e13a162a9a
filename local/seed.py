"""Demo data: real licensed dogs of New York with owners who are made up, the same on every machine."""

import csv
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import groupby
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

from appointments.models import Acceptance, Feedback, NewPlaydate, Repeat
from appointments.repository import AppointmentRepository
from appointments.transitions import AppointmentTransitions
from auth import passwords
from auth.accounts import AccountRepository
from auth.models import UserRecord
from common import ids, keys
from common.clock import clock
from common.idempotency import Once
from common.table import Table
from matching.models import Availability, Criteria, NewLike, NewLocation, Weekday, Window
from matching.profiles import ProfileRepository
from matching.repository import MatchRepository
from pets.models import ActivityLevel, GoodWithChildren, NewPet, Pet, Size
from pets.repository import PetRepository

DOGS = Path(__file__).parent / "data" / "nyc_dog_licenses.csv"
TIME_ZONE = "America/New_York"
PASSWORD = "two dogs and a park"  # noqa: S105 (printed for everybody who starts the demo)
FIRST_NAMES = """
    Maya Theo Nia Omar Ruth Leo Ada Sam Ines Paul Yuki Ben Lola Ivan Rosa Finn Zara Hugo Mei Carl
    Tess Amir Joan Nico Vera Otto Lena Kofi Edie Raj Pia Luca Gwen Tom Aiko Dan Elsa Milo Uma Jack
""".split()  # noqa: SIM905 (reads better than a list of forty)
LAST_NAMES = """
    Chen Brooks Okafor Haddad Stern Rossi Novak Diaz Silva Weber Sato Cole Marin Petrov Gomez Byrne
    Khan Laurent Lin Jensen Ward Nasser Moore Costa Wolf Braun Fischer Mensah Grant Patel
""".split()  # noqa: SIM905
# About half a kilometre: a neighbourhood's owners do not all live in its middle.
SPREAD_DEGREES = 0.005


SATURDAY, SUNDAY = 5, 6
WEEKS = 6
NEIGHBOURS = 4
"""So many households have something to do with each other from the beginning."""


@dataclass(frozen=True)
class Household:
    """An owner to be, with the rows of their dogs."""

    number: int
    dogs: list[dict[str, str]]


def households() -> Iterator[Household]:
    """Give every two dogs of a neighbourhood one owner."""
    with DOGS.open(newline="", encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["zip_code"])
    number = 0
    for _, neighbours in groupby(rows, key=lambda row: row["zip_code"]):
        dogs = list(neighbours)
        for first in range(0, len(dogs), 2):
            yield Household(number, dogs[first : first + 2])
            number += 1


def names_of(number: int) -> tuple[str, str]:
    """Return the first and last name of an owner."""
    return FIRST_NAMES[number % len(FIRST_NAMES)], LAST_NAMES[number % len(LAST_NAMES)]


def username_of(number: int) -> str:
    """Return the username of an owner: the first name alone for those who come first."""
    first, last = names_of(number)
    return first.lower() if number < len(FIRST_NAMES) else f"{first}.{last}.{number}".lower()


type Home = tuple[UserRecord, list[Pet]]
"""Who has moved in, with their pets."""


class Demo:
    """Fills an empty table."""

    def __init__(self, table: Table) -> None:
        self.table = table
        self.accounts = AccountRepository(table)
        self.profiles = ProfileRepository(table)
        self.pets = PetRepository(table)
        self.appointments = AppointmentRepository(table)
        self.transitions = AppointmentTransitions(table)
        self.password_hash = passwords.hash_password(PASSWORD)

    def move_in(self, household: Household) -> Home:
        """Make a household's account, profile and pets. What the licences do not say is drawn by lot."""
        lot = Random(household.number)  # noqa: S311 (the same demo everywhere)
        owner = self._account(household.number)
        place = household.dogs[0]
        self.profiles.locate(
            owner.user_id,
            NewLocation(
                latitude=float(place["latitude"]) + lot.uniform(-SPREAD_DEGREES, SPREAD_DEGREES),
                longitude=float(place["longitude"]) + lot.uniform(-SPREAD_DEGREES, SPREAD_DEGREES),
                precision=lot.choice(("neighbourhood", "neighbourhood", "area")),
            ),
        )
        self.profiles.look_for(
            owner.user_id,
            Criteria(
                preferred_type=lot.choice(("any", "dog")),
                size_preference="any",
                activity_level="any",
                radius_km=lot.choice((3, 5, 10)),
            ),
        )
        self.profiles.be_free(owner.user_id, _free_time(lot))
        pets = [self.pets.create(owner.user_id, _dog(row, lot), self._no_key(owner)) for row in household.dogs]
        return owner, pets

    def like(self, admirer: UserRecord, admirers_pet: Pet, target: Pet) -> None:
        """Let one say hello to the other, so that answering makes a match."""
        new = NewLike(pet_id=admirers_pet.pet_id, target_pet_id=target.pet_id)
        MatchRepository(self.table).like(admirer.user_id, new, self._no_key(admirer))

    def match(self, one: Home, other: Home) -> None:
        """Let both say hello."""
        self.like(one[0], one[1][0], other[1][0])
        self.like(other[0], other[1][0], one[1][0])

    def propose(self, one: Home, other: Home, start: datetime, repeat: Repeat | None = None) -> str:
        """Let one propose a playdate to the other; return its id."""
        new = NewPlaydate(
            kind="playdate",
            pet_id=one[1][0].pet_id,
            other_pet_id=other[1][0].pet_id,
            start=start,
            minutes=60,
            place="The dog run of Madison Square Park",
            repeat=repeat,
        )
        return self.appointments.propose(one[0].user_id, new, self._no_key(one[0])).appointment_id

    def accept(self, home: Home, appointment_id: str) -> None:
        """Let somebody agree to a playdate."""
        self.transitions.accept(home[0].user_id, appointment_id, Acceptance(), self._no_key(home[0]))

    def look_back(self, one: Home, other: Home, start: datetime) -> None:
        """Let two have had a playdate to which both came, and of which one has said how it was."""
        with _at(start - timedelta(days=2)):
            appointment_id = self.propose(one, other, start)
            self.accept(other, appointment_id)
        with _at(start - timedelta(minutes=5)):
            for owner, _ in (one, other):
                self.transitions.check_in(owner.user_id, appointment_id, self._no_key(owner))
        with _at(start + timedelta(minutes=50)):
            self.transitions.complete(one[0].user_id, appointment_id, self._no_key(one[0]))
            feedback = Feedback(again=True, note="They ran until both fell asleep on the way home.")
            self.transitions.feedback(one[0].user_id, appointment_id, feedback, self._no_key(one[0]))

    def _account(self, number: int) -> UserRecord:
        first, last = names_of(number)
        username = username_of(number)
        now = clock.now()
        owner = UserRecord(
            user_id=ids.new_id(),
            username=username,
            email=f"{username}@example.com",
            password_hash=self.password_hash,
            first_name=first,
            last_name=last,
            email_verified=now,
            created_at=now,
            updated_at=now,
        )
        self.accounts.add(owner)
        return owner

    def _no_key(self, owner: UserRecord) -> Once:
        return Once(self.table, owner.user_id, key=None, fingerprint="", status=201)


@contextmanager
def _at(moment: datetime) -> Iterator[None]:
    """Let it be a moment of the past, meanwhile: nothing else runs yet that could see it."""
    ahead = moment - clock.now()
    clock.advance(ahead)
    try:
        yield
    finally:
        clock.advance(-ahead)


def _coming(weekday: int) -> int:
    """Return in how many days it is such a day next, two at the least."""
    today = clock.now().astimezone(ZoneInfo(TIME_ZONE)).weekday()
    return 2 + (weekday - today - 2) % 7


def _in_days(days: int, hour: int) -> datetime:
    """Return an hour of a day to come or, below zero, of one that has passed, where the owners live."""
    day = clock.now().astimezone(ZoneInfo(TIME_ZONE)).date() + timedelta(days=days)
    return datetime.combine(day, time(hour), ZoneInfo(TIME_ZONE))


def _free_time(lot: Random) -> Availability:
    weekend: list[Weekday] = ["saturday", "sunday"]
    weekdays: list[Weekday] = ["monday", "tuesday", "wednesday", "thursday", "friday"]
    windows = [Window(weekday=lot.choice(weekend), start="09:00", end="12:00")]
    windows += [Window(weekday=day, start="17:30", end="19:30") for day in lot.sample(weekdays, 2)]
    return Availability(time_zone=TIME_ZONE, windows=windows, away=[])


def _dog(row: dict[str, str], lot: Random) -> NewPet:
    sizes: list[Size] = ["small", "medium", "large"]
    levels: list[ActivityLevel] = ["low", "medium", "high"]
    children: list[GoodWithChildren] = ["yes", "yes", "no", "unknown"]
    today = clock.now().date()
    return NewPet(
        name=row["name"],
        type="dog",
        breed=row["breed"],
        age=today.year - int(row["birth_year"]),
        size=lot.choice(sizes),
        activity_level=lot.choice(levels),
        good_with_children=lot.choice(children),
        vaccinated_until=lot.choice((today.replace(year=today.year + 1, day=1), None)),
    )


def _plan(demo: Demo, maya: Home, theo: Home, nia: Home, omar: Home) -> None:
    """Let the first household have a hello to answer, a playdate to answer, weekly ones, and one to look back on."""
    demo.like(theo[0], theo[1][0], maya[1][0])
    for neighbour in (nia, omar):
        demo.match(neighbour, maya)
    demo.look_back(nia, maya, _in_days(-2, 17))
    demo.propose(nia, maya, _in_days(_coming(SATURDAY), 10))
    demo.accept(omar, demo.propose(maya, omar, _in_days(_coming(SUNDAY), 16), Repeat(weeks=WEEKS)))


def seed(table: Table) -> list[str]:
    """Fill the table unless that has been done; return what to tell the person who started Pawtime."""
    first, second = username_of(0), username_of(1)
    # The first household moves in last: once it is there, all are, even if this was interrupted in between.
    if table.get(keys.username(first)) is None:
        demo = Demo(table)
        missing = [each for each in households() if table.get(keys.username(username_of(each.number))) is None]
        moved_in = [demo.move_in(household) for household in reversed(missing)]
        if len(moved_in) >= NEIGHBOURS:
            omar, nia, theo, maya = moved_in[-NEIGHBOURS:]
            _plan(demo, maya, theo, nia, omar)
    return [
        f'Sign in as "{first}" or "{second}", password "{PASSWORD}".',
        f"They are neighbours, and {second.title()} has said hello to {first.title()}'s dog already.",
        f"{first.title()}'s agenda has a playdate to answer, a weekly one, and one to look back on.",
    ]
