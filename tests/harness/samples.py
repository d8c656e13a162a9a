"""One valid request for every operation, made in a small world of people who know each other.

What is to hold of every operation starts from these: a new endpoint needs one sample, and every instrument covers it.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Any, Self

from auth.accounts import AccountRepository
from common import keys
from common.ids import new_id
from common.table import Update
from tests.harness.client import Answer, Client
from tests.harness.feeds import feed_token
from tests.harness.mail import see_to_what_is_due
from tests.harness.moments import this_quarter
from tests.harness.pictures import show_picture
from tests.harness.playdates import NEW_YORK, PASSWORD, UNION_SQUARE, act, planned
from tests.harness.world import Kind, Thing, World, make_admin, sign_in

WEEKLY = {"weeks": 2}

type Maker = Callable[[World], Sample]

SAMPLES: dict[str, Maker] = {}
"""A sample by its name: the operation (`GET /pets`), or the operation, a colon and what is special about it."""

STEPS: dict[str, Maker] = {}
"""More ways in which appointments take a step, each with writes of its own: for faults and crossings alone, since who
may do so and with which body is the same as in `SAMPLES`."""


@dataclass(frozen=True)
class Sample:
    """A request of Ann's that succeeds. `thing` is what of hers it names, `foreign` the pet of another's."""

    operation: str
    parameters: dict[str, str] = field(default_factory=dict)
    query: dict[str, Any] = field(default_factory=dict)
    body: dict[str, Any] | None = None
    thing: Thing | None = None
    foreign: str | None = None

    @property
    def method(self) -> str:
        return self.operation.partition(" ")[0]

    @property
    def path(self) -> str:
        return self.operation.partition(" ")[2].format_map(self.parameters)

    def naming(self, old: str, new: str) -> Self:
        """The same request with another id in the place of `old`."""
        return replace(
            self,
            parameters={name: new if value == old else value for name, value in self.parameters.items()},
            query={name: new if value == old else value for name, value in self.query.items()},
            body=self.body and {name: new if value == old else value for name, value in self.body.items()},
        )

    def about_nothing(self) -> Self:
        """The same request about a thing that has never been."""
        assert self.thing
        return self.naming(self.thing.thing_id, new_id())

    def send(self, client: Client, body: dict[str, Any] | None = None) -> Answer:
        """Make the request as `client`, with a fresh Idempotency-Key; `body` takes the place of the sample's."""
        document = self.body if body is None else body
        match self.method:
            case "GET":
                return client.get(self.path, **self.query)
            case "POST":
                return client.post(self.path, document)
            case "PUT":
                return client.put(self.path, document)
            case "PATCH":
                return client.patch(self.path, document)
            case _:
                return client.delete(self.path, document, **self.query)


def sample(
    operation: str, special: str = "", among: dict[str, Maker] = SAMPLES
) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    """Register how to make the sample of an operation: the members of `Sample` but its operation."""

    def register(make: Callable[[World], dict[str, Any]]) -> Callable[[World], dict[str, Any]]:
        name = f"{operation} : {special}" if special else operation
        among[name] = lambda world: Sample(operation, **make(world.whole()))
        return make

    return register


def samples(world: World) -> Iterator[tuple[str, Sample]]:
    """Give every sample by name, each made when its turn comes."""
    for name, make in SAMPLES.items():
        yield name, make(world)


def _about(kind: Kind, thing_id: str) -> dict[str, Any]:
    return {"parameters": {f"{kind}_id": thing_id}, "thing": Thing(kind, thing_id)}


@sample("POST /auth/register")
def _(world: World) -> dict[str, Any]:
    name = world.newcomer()
    names = {"first_name": "Nell", "last_name": "Comer"}
    return {"body": {"username": name, "email": f"{name}@example.com", "password": PASSWORD} | names}


@sample("POST /auth/verify-email")
def _(world: World) -> dict[str, Any]:
    accounts = AccountRepository(world.store)
    user = accounts.get(world.ann.user_id)
    assert user
    return {"body": {"token": accounts.issue_verification_token(user)}}


@sample("POST /auth/resend-verification")
def _(world: World) -> dict[str, Any]:
    return {"body": {"email": world.ann.email}}


@sample("POST /auth/login")
def _(world: World) -> dict[str, Any]:
    login = {"username": world.ann.username, "password": PASSWORD, "device_name": "Kitchen", "delivery": "body"}
    return {"body": login}


@sample("POST /auth/refresh")
def _(world: World) -> dict[str, Any]:
    return {"body": {"refresh_token": sign_in(world.ann.username).refresh_token}}


@sample("POST /auth/password/forgot")
def _(world: World) -> dict[str, Any]:
    return {"body": {"email": world.ann.email}}


@sample("POST /auth/password/reset")
def _(world: World) -> dict[str, Any]:
    accounts = AccountRepository(world.store)
    user = accounts.get(world.dora.user_id)  # whose sessions end: Ann's are needed
    assert user
    return {"body": {"token": accounts.issue_reset_token(user), "new_password": PASSWORD}}


@sample("PUT /auth/password")
def _(_world: World) -> dict[str, Any]:
    return {"body": {"current_password": PASSWORD, "new_password": PASSWORD}}


@sample("PATCH /me")
def _(_world: World) -> dict[str, Any]:
    return {"body": {"first_name": "Ann", "last_name": None}}


@sample("PUT /me/email")
def _(world: World) -> dict[str, Any]:
    return {"body": {"email": f"{world.newcomer()}@example.com", "password": PASSWORD}}


@sample("GET /me")
@sample("GET /me/activity")
@sample("POST /auth/logout")
@sample("GET /auth/sessions")
@sample("DELETE /auth/sessions")
@sample("GET /pets")
@sample("GET /matching/location")
@sample("GET /matching/criteria")
@sample("GET /matching/availability")
@sample("GET /matches")
@sample("GET /appointments")
@sample("GET /me/export")
@sample("GET /health")
@sample("GET /openapi.json")
def _(world: World) -> dict[str, Any]:
    return {}


@sample("DELETE /auth/sessions/{session_id}")
def _(world: World) -> dict[str, Any]:
    another = sign_in(world.ann.username)
    [session_id] = [each["session_id"] for each in another.get("/auth/sessions").json["items"] if each["current"]]
    return _about("session", session_id)


@sample("POST /me/picture")
def _(world: World) -> dict[str, Any]:
    return {"body": {"content_type": "image/jpeg"}}


@sample("DELETE /me/picture")
def _(world: World) -> dict[str, Any]:
    show_picture(world.ann)
    return {}


@sample("DELETE /me")
def _(world: World) -> dict[str, Any]:
    return {"body": {"password": PASSWORD}}


@sample("POST /pets")
def _(world: World) -> dict[str, Any]:
    world.spare_pet()  # and so there is room for one more
    described = {"name": "Fig", "type": "dog", "breed": "Whippet", "age": 3, "weight_g": 12_000, "size": "medium"}
    traits = {"activity_level": "high", "temperament": "Shy at first", "good_with_children": "yes"}
    return {"body": described | traits | {"vaccinated_until": "2027-01-01"}}


@sample("GET /pets/{pet_id}")
@sample("DELETE /pets/{pet_id}")
def _(world: World) -> dict[str, Any]:
    return _about("pet", world.spare_pet())


@sample("PATCH /pets/{pet_id}")
def _(world: World) -> dict[str, Any]:
    changes = {"name": "Figaro", "birth_date": "2021-02-03", "weight_g": None, "size": "small"}
    return _about("pet", world.spare_pet()) | {"body": changes}


@sample("PUT /matching/location")
def _(world: World) -> dict[str, Any]:
    return {"body": dict(UNION_SQUARE)}


@sample("PUT /matching/location", "a place")
def _(_world: World) -> dict[str, Any]:
    return {"body": {"place_id": NEW_YORK, "precision": "area"}}


@sample("GET /places")
def _(_world: World) -> dict[str, Any]:
    return {"query": {"q": "new y", "limit": 5}}


@sample("PUT /matching/criteria")
def _(world: World) -> dict[str, Any]:
    ages = {"age_range_start": 1, "age_range_end": 12}
    return {
        "body": {"preferred_type": "any", "size_preference": "any", "activity_level": "any", "radius_km": 10} | ages
    }


@sample("PUT /matching/availability")
def _(world: World) -> dict[str, Any]:
    window = {"weekday": "saturday", "start": "09:00", "end": "12:00"}
    away = {"from": "2026-04-01", "to": "2026-04-09"}
    return {"body": {"time_zone": "America/New_York", "windows": [window], "away": [away]}}


@sample("GET /matching/candidates")
def _(world: World) -> dict[str, Any]:
    pet_id = world.spare_pet()
    return {"query": {"pet_id": pet_id, "radius_km": 5, "limit": 20}, "thing": Thing("pet", pet_id)}


@sample("POST /matching/likes")
def _(world: World) -> dict[str, Any]:
    pet_id = world.spare_pet()
    body = {"pet_id": pet_id, "target_pet_id": world.pomelo}
    return {"body": body, "thing": Thing("pet", pet_id), "foreign": world.pomelo}


@sample("POST /matching/passes")
def _(world: World) -> dict[str, Any]:
    pet_id, (_, plum) = world.spare_pet(), world.neighbour()
    return {"body": {"pet_id": pet_id, "target_pet_id": plum}, "thing": Thing("pet", pet_id), "foreign": plum}


@sample("DELETE /matching/passes/{target_pet_id}")
def _(world: World) -> dict[str, Any]:
    _, plum = world.neighbour()
    passed = {"pet_id": world.couple.biscuit, "target_pet_id": plum}
    assert world.ann.post("/matching/passes", passed).status == 201
    return {"parameters": {"target_pet_id": plum}, "thing": Thing("pass", plum)}


@sample("GET /matching/watch")
def _(world: World) -> dict[str, Any]:
    _watch(world)
    return {}


@sample("POST /matching/watch")
def _(world: World) -> dict[str, Any]:
    pet_id = world.spare_pet()
    return {"body": {"pet_id": pet_id}, "thing": Thing("pet", pet_id)}


@sample("DELETE /matching/watch")
def _(world: World) -> dict[str, Any]:
    pet_id = _watch(world)
    return {"query": {"pet_id": pet_id}, "thing": Thing("watch", pet_id)}


def _watch(world: World) -> str:
    pet_id = world.spare_pet()
    assert world.ann.post("/matching/watch", {"pet_id": pet_id}).status == 201
    return pet_id


@sample("POST /blocks")
def _(world: World) -> dict[str, Any]:
    return {"body": {"user_id": world.friend().user_id}}


@sample("POST /blocks", "a pet's owner")
def _(world: World) -> dict[str, Any]:
    _, plum = world.neighbour()
    return {"body": {"pet_id": plum}, "foreign": plum}


@sample("GET /blocks")
def _(world: World) -> dict[str, Any]:
    _blocked(world)
    return {}


@sample("DELETE /blocks/{user_id}")
def _(world: World) -> dict[str, Any]:
    user_id = _blocked(world)
    return {"parameters": {"user_id": user_id}, "thing": Thing("block", user_id)}


def _blocked(world: World) -> str:
    other, _ = world.neighbour()
    assert world.ann.post("/blocks", {"user_id": other.user_id}).status == 201
    return other.user_id


@sample("GET /pets/{pet_id}/keep-apart/{other_pet_id}")
@sample("DELETE /pets/{pet_id}/keep-apart/{other_pet_id}")
def _(world: World) -> dict[str, Any]:
    about: dict[str, Any] = _apart(world)
    assert world.ann.put("/pets/{pet_id}/keep-apart/{other_pet_id}".format_map(about["parameters"])).status == 200
    return about


@sample("PUT /pets/{pet_id}/keep-apart/{other_pet_id}")
def _apart(world: World) -> dict[str, Any]:
    pet_id = world.spare_pet()
    return {"parameters": {"pet_id": pet_id, "other_pet_id": world.pomelo}, "thing": Thing("pet", pet_id)}


@sample("POST /reports")
def _(world: World) -> dict[str, Any]:
    return {"body": {"user_id": world.friend().user_id, "reason": "harassment", "text": "Shouts at dogs"}}


@sample("POST /reports", "a pet's owner")
def _(world: World) -> dict[str, Any]:
    _, plum = world.neighbour()
    return {"body": {"pet_id": plum, "reason": "fake_profile"}, "foreign": plum}


@sample("GET /admin/reports")
def _(world: World) -> dict[str, Any]:
    """Ann reads them as an admin, in this session and in those that follow."""
    assert world.ann.post("/reports", {"user_id": world.cleo.user_id, "reason": "spam"}).status in (201, 429)
    world.store.update(Update(keys.user(world.ann.user_id), put={"role": "admin"}))
    make_admin(world.store, world.ann)
    return {}


@sample("GET /matches/{match_id}")
@sample("DELETE /matches/{match_id}")
def _(world: World) -> dict[str, Any]:
    return _about("match", world.match_id())


@sample("POST /appointments")
def _(world: World) -> dict[str, Any]:
    pet_id, olive = world.spare_pet(), world.couple.olive
    world.match_id()
    body = {"kind": "playdate", "pet_id": pet_id, "other_pet_id": olive, "place": "At the fountain"}
    when = {"start": world.next_start(), "minutes": 15, "repeat": {"weeks": 2}}
    return {"body": body | when, "thing": Thing("pet", pet_id), "foreign": olive}


@sample("POST /appointments", "care")
def _(world: World) -> dict[str, Any]:
    pet_id = world.spare_pet()
    body = {"kind": "care", "pet_id": pet_id, "start": world.next_start(), "minutes": 15, "what": "Nails"}
    return {"body": body, "thing": Thing("pet", pet_id)}


@sample("GET /appointments/suggestions")
def _(world: World) -> dict[str, Any]:
    pet_id, olive = world.spare_pet(), world.couple.olive
    world.match_id()
    query = {"pet_id": pet_id, "other_pet_id": olive, "minutes": 90, "time_zone": "America/New_York", "limit": 3}
    return {"query": query, "thing": Thing("pet", pet_id), "foreign": olive}


@sample("GET /appointments/{appointment_id}")
@sample("POST /appointments/{appointment_id}/decline")
def _(world: World) -> dict[str, Any]:
    return _about("appointment", world.invitation())


@sample("GET /appointments/{appointment_id}", "care")
def _(world: World) -> dict[str, Any]:
    return _about("appointment", planned(world.ann, world.couple.biscuit, world.next_start(), 15))


@sample("GET /appointments/{appointment_id}/calendar.ics")
def _(world: World) -> dict[str, Any]:
    return _about("appointment", world.invitation())


@sample("POST /calendar-feed")
def _(_world: World) -> dict[str, Any]:
    return {}


@sample("DELETE /calendar-feed")
def _(world: World) -> dict[str, Any]:
    feed_token(world.ann)
    return {}


@sample("GET /calendar/{token}/pawtime.ics")
def _(world: World) -> dict[str, Any]:
    world.invitation()
    return {"parameters": {"token": feed_token(world.ann)}}


@sample("POST /appointments/{appointment_id}/accept")
def _(world: World) -> dict[str, Any]:
    appointment_id = world.invitation()
    starts = world.ann.get(f"/appointments/{appointment_id}").json["starts"]
    return _about("appointment", appointment_id) | {"body": {"start": starts[0]}}


@sample("POST /appointments/{appointment_id}/reschedule")
def _(world: World) -> dict[str, Any]:
    return _about("appointment", world.invitation()) | {"body": {"starts": [world.next_start()], "minutes": 15}}


@sample("POST /appointments/{appointment_id}/reschedule", "care")
def _(world: World) -> dict[str, Any]:
    care = planned(world.ann, world.couple.biscuit, world.next_start(), 15)
    return _about("appointment", care) | {"body": {"start": world.next_start(), "minutes": 15}}


@sample("POST /appointments/{appointment_id}/check-in")
def _(world: World) -> dict[str, Any]:
    return _about("appointment", world.playdate_at(this_quarter() + timedelta(minutes=15)))


@sample("POST /appointments/{appointment_id}/complete")
def _(world: World) -> dict[str, Any]:
    return _about("appointment", world.playdate_at(this_quarter()))


@sample("POST /appointments/{appointment_id}/feedback")
def _(world: World) -> dict[str, Any]:
    held = world.playdate_at(this_quarter() - timedelta(hours=2))
    return _about("appointment", held) | {"body": {"again": True, "note": "They got on"}}


@sample("POST /appointments/{appointment_id}/cancel")
def _(world: World) -> dict[str, Any]:
    appointment_id = world.invitation()
    assert world.ann.post(f"/appointments/{appointment_id}/accept").status == 200
    return _about("appointment", appointment_id) | {"body": {"reason": "Rain"}}


@sample("POST /appointments/{appointment_id}/cancel", "care")
def _(world: World) -> dict[str, Any]:
    care = planned(world.ann, world.couple.biscuit, world.next_start(), 15)
    return _about("appointment", care) | {"body": {"reason": "Better again"}}


def _step(transition: str, special: str) -> Callable[[Callable[..., Any]], Callable[..., Any]]:
    return sample(f"POST /appointments/{{appointment_id}}/{transition}", special, STEPS)


def _agreed(world: World, **more: Any) -> str:
    """The id of a playdate that Ann and Ben have agreed on."""
    appointment_id = world.invitation(**more)
    assert act(world.ann, appointment_id, "accept").status == 200
    return appointment_id


def _wanted_elsewhere(world: World, **more: Any) -> str:
    """The id of a playdate that Ben wants to move."""
    appointment_id = _agreed(world, **more)
    see_to_what_is_due()
    wish = {"start": world.next_start(), "minutes": 15, "following": bool(more)}
    assert act(world.ben, appointment_id, "reschedule", wish).status == 200
    return appointment_id


@_step("accept", "weekly")
def _(world: World) -> dict[str, Any]:
    return _about("appointment", world.invitation(repeat=WEEKLY)) | {"body": {}}


@_step("accept", "a move")
def _(world: World) -> dict[str, Any]:
    return _about("appointment", _wanted_elsewhere(world)) | {"body": {}}


@_step("accept", "a move of all that follow")
def _(world: World) -> dict[str, Any]:
    return _about("appointment", _wanted_elsewhere(world, repeat=WEEKLY)) | {"body": {}}


@_step("decline", "a move")
def _(world: World) -> dict[str, Any]:
    return _about("appointment", _wanted_elsewhere(world)) | {"body": {}}


@_step("reschedule", "what is agreed")
def _(world: World) -> dict[str, Any]:
    return _about("appointment", _agreed(world)) | {"body": {"start": world.next_start(), "minutes": 15}}


@_step("cancel", "all that follow")
def _(world: World) -> dict[str, Any]:
    weekly = _agreed(world, repeat=WEEKLY)
    return _about("appointment", weekly) | {"body": {"reason": "Rain", "following": True}}


@_step("feedback", "the second")
def _(world: World) -> dict[str, Any]:
    held = world.playdate_at(this_quarter() - timedelta(hours=2))
    assert act(world.ben, held, "feedback", {"again": True}).status == 200
    return _about("appointment", held) | {"body": {"again": False}}
