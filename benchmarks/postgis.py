"""The same job in PostgreSQL with PostGIS: a private server in a temporary folder, the rules and the score in SQL.

A pet is a row with a point, the middle of its cell, in a GiST index. One prepared statement finds, judges, scores and
orders, and returns twenty rows with all that a page is made of. It stands here twice: tuned by hand, with `geometry`, a
box around the circle and ST_DistanceSphere; and as PostGIS's documentation recommends for distances on the globe, with
`geography` and ST_DWithin, on a sphere as ours.
"""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

from benchmarks.libpq import Connection, Failed, Row
from benchmarks.ours import PAGE
from benchmarks.squares import around
from benchmarks.world import NOW, Pet, profiles, record
from common import geo
from local.store import free_port
from matching.availability import SLOTS
from matching.cards import TYPES
from matching.scoring import (
    DIFFERENT_AGE_YEARS,
    DISTANCE,
    ENOUGH_SLOTS,
    FREE_TIME,
    KINSHIP,
    LEVELS,
    SIZES,
    UNKNOWN_FREE_TIME,
)
from pets.cards import ANSWERS
from pets.models import age_in_years, born_years_ago

NOT_INSTALLED = "PostgreSQL or PostGIS is not installed: apt packages postgresql-15 and postgresql-15-postgis-3"
PROGRAMS = "/usr/lib/postgresql/*/bin"
EXTENSION = "/usr/share/postgresql/{version}/extension/postgis.control"
USER = "postgres"
START_SECONDS = 30
SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "shared_buffers": "1GB",
    "work_mem": "64MB",
    "maintenance_work_mem": "512MB",
    "effective_cache_size": "4GB",
    "random_page_cost": "1.1",  # all of it is in memory
    "max_wal_size": "4GB",
    "fsync": "off",  # nothing here has to last
    "jit": "off",  # compiling these queries costs more than it saves
    "max_parallel_workers_per_gather": "0",  # one process serves a search, so that its CPU is all there is
}

TABLES = f"""
CREATE EXTENSION postgis;
CREATE TABLE pets (
    pet_id text, owner_id text, type smallint, born date, size smallint, level smallint, children smallint,
    vaccinated_until date, name text, breed text, weight_g integer, temperament text,
    wanted_type smallint, wanted_size smallint, wanted_level smallint, age_start smallint, age_end smallint,
    radius_km smallint, with_children boolean, wants_vaccinated boolean, free bit({SLOTS}),
    place geometry(Point, 4326), spot geography(Point, 4326)
);
CREATE TABLE answers (actor_id text, target_pet_id text);
CREATE TABLE apart (pet_id text, other_pet_id text);
CREATE TABLE hidden (user_id text, other_id text);
"""
"""`hidden` are the blocks, both ways, and the active matches."""

INDEXES = """
CREATE INDEX ON pets USING gist (place);
CREATE INDEX ON pets USING gist (spot);
CREATE INDEX ON answers (actor_id);
CREATE INDEX ON apart (pet_id);
CREATE INDEX ON hidden (user_id);
VACUUM ANALYZE;
"""

SHARED = f"""
    CASE WHEN both_free IS NULL THEN {UNKNOWN_FREE_TIME}::float8 ELSE least(bit_count(both_free & (
        (both_free << 1) | (both_free >> {SLOTS - 1}) | (both_free >> 1) | (both_free << {SLOTS - 1})
    )) / {ENOUGH_SLOTS}::float8, 1) END
"""
KIN = f"""
    (2 * (1 - abs(level - $4::int) / 2::float8) + 1 - abs(size - $3::int) / 2::float8
    + 1 - least(abs(date_part('year', age($6::date, born)) - $5::int), {DIFFERENT_AGE_YEARS})
        / {DIFFERENT_AGE_YEARS}::float8) / 4
"""
KM = "ST_DistanceSphere(place, $10::geometry) / 1000"
BOXED = "place && $11::geometry"
WITHIN = "ST_DistanceSphere(place, $10::geometry) <= 1000 * least(radius_km, $9::float8)"
KM_BY_GEOGRAPHY = "ST_Distance(spot, $10::geography, false) / 1000"
BY_GEOGRAPHY = "ST_DWithin(spot, $10::geography, 1000 * $9::float8, false) AND $11::text IS NOT NULL"
WITHIN_BY_GEOGRAPHY = "ST_DWithin(spot, $10::geography, 1000 * least(radius_km, $9::float8), false)"
SEARCH = f"""
SELECT pet_id, round(100 * ({FREE_TIME}::float8 * {SHARED} + {DISTANCE}::float8 * greatest(1 - km / $9::float8, 0)
    + {KINSHIP}::float8 * {KIN})) AS score,
    name, type, breed, born, weight_g, size, level, temperament, children, vaccinated_until, km, both_free
FROM (
    SELECT *, %(km)s AS km, free & $8::bit({SLOTS}) AS both_free
    FROM pets
    WHERE %(near)s
    AND owner_id <> $1
    AND ($12::int IS NULL OR type = $12) AND ($13::int IS NULL OR size = $13) AND ($14::int IS NULL OR level = $14)
    AND born <= $15::date AND born > $16::date
    AND NOT ($17::boolean AND children = {ANSWERS.index("no")})
    AND NOT ($18::boolean AND vaccinated_until IS NOT NULL AND vaccinated_until < $6::date)
    AND (wanted_type IS NULL OR wanted_type = $2::int) AND (wanted_size IS NULL OR wanted_size = $3::int)
    AND (wanted_level IS NULL OR wanted_level = $4::int)
    AND (age_start IS NULL OR age_start <= $5::int) AND (age_end IS NULL OR $5::int <= age_end)
    AND NOT (with_children AND $19::boolean) AND NOT (wants_vaccinated AND $20::boolean)
    AND pet_id <> ALL (ARRAY(SELECT target_pet_id FROM answers WHERE actor_id = $1
        UNION ALL SELECT other_pet_id FROM apart WHERE pet_id = $7))
    AND owner_id <> ALL (ARRAY(SELECT other_id FROM hidden WHERE user_id = $1))
    AND %(within)s
    OFFSET 0
) AS suiting
ORDER BY score DESC, pet_id LIMIT {PAGE}
"""


def programs() -> Path | None:
    """Return where PostgreSQL's programs are, or None where they or PostGIS are not installed."""
    for folder in sorted(Path("/").glob(PROGRAMS.lstrip("/")), reverse=True):
        if (folder / "postgres").is_file() and Path(EXTENSION.format(version=folder.parent.name)).is_file():
            return folder
    return None


@contextmanager
def server() -> Iterator[str]:
    """Give the settings by which to connect to a new, empty server; raise FileNotFoundError where none is installed."""
    found = programs()
    if found is None:
        raise FileNotFoundError(NOT_INSTALLED)
    as_root = os.geteuid() == 0  # as whom PostgreSQL refuses to run
    user = USER if as_root else pwd.getpwuid(os.geteuid()).pw_name
    with tempfile.TemporaryDirectory(prefix="pawtime-bench-") as folder:
        if as_root:
            shutil.chown(folder, USER, USER)
        data, port = Path(folder) / "data", free_port()
        who = USER if as_root else None
        log = subprocess.DEVNULL
        subprocess.run(
            [found / "initdb", "--auth=trust", "--encoding=UTF8", "--locale=C", "-U", user, data],
            check=True,
            stdout=log,
            cwd=folder,
            user=who,
            group=who,
        )
        settings = [f"--{name.replace('_', '-')}={value}" for name, value in SETTINGS.items()]
        process = subprocess.Popen(
            [found / "postgres", "-D", data, "-p", str(port), "-k", folder, *settings],
            stdout=log,
            stderr=log,
            cwd=folder,
            user=who,
            group=who,
        )
        try:
            address = f"host=127.0.0.1 port={port} user={user} dbname=postgres"
            _await(address, process)
            yield address
        finally:
            process.send_signal(signal.SIGINT)
            process.wait()


def _await(address: str, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while time.monotonic() < deadline and process.poll() is None:
        with suppress(Failed):
            Connection(address).close()
            return
        time.sleep(0.05)
    raise Failed("PostgreSQL does not start")


class PostGis:
    """A world's pets on a server, and the search for twenty of them."""

    def __init__(self, address: str, pets: Iterable[Pet]) -> None:
        self.connection = Connection(address)
        self.connection.execute(TABLES)
        self.connection.copy("pets", map(_row, pets))
        for statement in filter(str.strip, INDEXES.split(";")):
            self.connection.execute(statement)
        self.connection.prepare("search", SEARCH % {"km": KM, "near": BOXED, "within": WITHIN})
        by_geography = {"km": KM_BY_GEOGRAPHY, "near": BY_GEOGRAPHY, "within": WITHIN_BY_GEOGRAPHY}
        self.connection.prepare("search by geography", SEARCH % by_geography)

    def close(self) -> None:
        """Leave the server."""
        self.connection.close()

    def page(self, pet: Pet, radius_km: int) -> list[Row]:
        """Return the rows of the best twenty for a pet: the id, the score, and what a page says of it."""
        return self._found("search", pet, radius_km)

    def page_by_geography(self, pet: Pet, radius_km: int) -> list[Row]:
        """Return the same, found as the documentation recommends."""
        return self._found("search by geography", pet, radius_km)

    def _found(self, statement: str, pet: Pet, radius_km: int) -> list[Row]:
        profile, today = profiles()[pet.profile], NOW.date()
        criteria, middle = profile.criteria, geo.bounds(pet.cell).middle
        box = around(middle, radius_km + 0.001)
        first, last = criteria.age_range_start, criteria.age_range_end
        return self.connection.run(
            statement,
            (
                pet.owner_id,
                TYPES.index(pet.type),
                SIZES.index(pet.size),
                LEVELS.index(pet.activity_level),
                age_in_years(pet.birth_date, today),
                today,
                pet.pet_id,
                f"{profile.week.free:0{SLOTS}b}" if profile.week else None,
                radius_km,
                f"SRID=4326;POINT({middle.longitude} {middle.latitude})",
                f"SRID=4326;LINESTRING({box.west} {box.south}, {box.east} {box.north})",
                _wish(TYPES, criteria.preferred_type),
                _wish(SIZES, criteria.size_preference),
                _wish(LEVELS, criteria.activity_level),
                "infinity" if first is None else born_years_ago(first, today),
                "-infinity" if last is None else born_years_ago(last + 1, today),
                criteria.with_children,
                criteria.vaccinated,
                pet.good_with_children == "no",
                pet.vaccinated_until is not None and pet.vaccinated_until < today,
            ),
        )


def _wish(among: Sequence[str], wanted: str) -> int | None:
    """Return the place of what is wanted; None for any."""
    return None if wanted == "any" else among.index(wanted)


def _row(pet: Pet) -> tuple[object, ...]:
    """Return a pet as a row of the table `pets`."""
    profile, stored = profiles()[pet.profile], record(pet)
    criteria, middle = profile.criteria, geo.bounds(pet.cell).middle
    point = f"SRID=4326;POINT({middle.longitude} {middle.latitude})"
    return (
        pet.pet_id,
        pet.owner_id,
        TYPES.index(pet.type),
        pet.birth_date,
        SIZES.index(pet.size),
        LEVELS.index(pet.activity_level),
        ANSWERS.index(pet.good_with_children),
        pet.vaccinated_until,
        stored.name,
        stored.breed,
        stored.weight_g,
        stored.temperament,
        _wish(TYPES, criteria.preferred_type),
        _wish(SIZES, criteria.size_preference),
        _wish(LEVELS, criteria.activity_level),
        criteria.age_range_start,
        criteria.age_range_end,
        criteria.radius_km,
        criteria.with_children,
        criteria.vaccinated,
        f"{profile.week.free:0{SLOTS}b}" if profile.week else None,
        point,
        point,
    )
