"""A small world: two matched owners, a stranger nearby and somebody whose role is admin, with pets and what follows."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Self

from auth.accounts import AccountRepository
from common import keys
from common.clock import clock
from common.table import Table, Update
from operations.erasure import LONGEST_REQUEST, Erasure
from tests.harness.client import Client, Owner
from tests.harness.moments import text
from tests.harness.playdates import PASSWORD, UNION_SQUARE, Couple, act, brought_to, give_away, like, meet, move_in

type Kind = Literal["pet", "session", "match", "appointment", "pass", "block", "watch"]


@dataclass(frozen=True)
class Thing:
    """What a request is about: something that belongs to somebody."""

    kind: Kind
    thing_id: str


def sign_up(store: Table, username: str, password: str = PASSWORD, **names: str) -> Owner:
    """Make an owner who is registered, verified and signed in."""
    client = Client()
    email = f"{username}@example.com"
    registration = {"username": username, "email": email, "password": password} | names
    assert client.post("/auth/register", registration).status == 202
    assert client.post("/auth/verify-email", {"token": issued_token(store, username)}).status == 204
    return sign_in(username, password)


def issued_token(store: Table, username: str) -> str:
    """What proves an owner's address, as the mail function would send it."""
    accounts = AccountRepository(store)
    user = accounts.find(username)
    assert user
    return accounts.issue_verification_token(user)


def sign_in(username: str, password: str = PASSWORD) -> Owner:
    """Begin another session of an owner."""
    login = {"username": username, "password": password, "delivery": "body"}
    return Owner.from_login(Client().post("/auth/login", login))


def as_admin(store: Table, username: str) -> Owner:
    """Begin a session with the role admin; the account's role stays what it is."""
    owner = sign_in(username)
    make_admin(store, owner)
    return owner


def make_admin(store: Table, owner: Owner) -> None:
    """Give the session of an owner the role admin."""
    [session_id] = [each["session_id"] for each in owner.get("/auth/sessions").json["items"] if each["current"]]
    store.update(Update(keys.session(owner.user_id, session_id), put={"role": "admin"}))


def erase_now(store: Table, user_id: str) -> None:
    """End an account and all that hangs on it, at once."""
    if store.get(keys.user(user_id)):
        closed_at = (clock.now() - LONGEST_REQUEST).isoformat()
        store.update(Update(keys.user(user_id), put={"closed_at": closed_at}))
        Erasure(store, user_id, until=math.inf).run()


@dataclass
class World:
    """Ann and Ben are matched; Cleo is a stranger nearby; Dora has the role admin. All have a pet but Dora."""

    store: Table
    couple: Couple
    cleo: Owner
    dora: Owner
    pomelo: str
    booked: int = 0
    made: int = 0

    @classmethod
    def build(cls, store: Table) -> Self:
        ann, ben, cleo, dora = (sign_up(store, name) for name in ("ann", "ben", "cleo", "dora"))
        couple = meet(ann, ben)
        for person in (cleo, dora):
            assert person.put("/matching/location", UNION_SQUARE).status == 200
        return cls(store, couple, cleo, dora, pomelo=str(cleo.pet(name="Pomelo")["pet_id"]))

    @property
    def ann(self) -> Owner:
        return self.couple.ann

    @property
    def ben(self) -> Owner:
        return self.couple.ben

    def whole(self) -> Self:
        """This world, made anew where somebody has left it."""
        accounts, people = AccountRepository(self.store), (self.ann, self.ben, self.cleo, self.dora)
        if not all(accounts.get(person.user_id) for person in people):
            for person in people:
                erase_now(self.store, person.user_id)
            anew = World.build(self.store)
            self.couple, self.cleo, self.dora, self.pomelo = anew.couple, anew.cleo, anew.dora, anew.pomelo
        return self

    def enter(self) -> Owner:
        """Begin another session of Ann's."""
        self.couple.ann = sign_in(self.whole().ann.username)
        return self.ann

    def next_start(self) -> str:
        """A time at which nobody has anything: each is given out once."""
        self.booked += 1
        first = clock.now().replace(minute=0, second=0) + timedelta(hours=1)
        return text(first + timedelta(minutes=30) * self.booked)

    def spare_pet(self, owner: Owner | None = None) -> str:
        """Another pet of Ann's, or of Ben. An earlier one is given away first where there are many."""
        owner = owner or self.ann
        pets = owner.get("/pets", limit=100).json["items"]
        if len(pets) > 15:
            keep = (self.couple.biscuit, self.couple.olive)
            give_away(owner, next(pet["pet_id"] for pet in pets if pet["pet_id"] not in keep))
        return str(owner.pet(name="Spare")["pet_id"])

    def playdate_at(self, start: datetime, minutes: int = 60) -> str:
        """The id of a playdate of Ann's and Ben's that they agreed on long ago, whenever it begins."""
        self.match_id()
        theirs, mine = self.spare_pet(self.ben), self.spare_pet()
        body = {"kind": "playdate", "pet_id": theirs, "other_pet_id": mine, "start": self.next_start(), "minutes": 15}
        answer = self.ben.post("/appointments", body)
        assert answer.status == 201, answer.text
        appointment_id = str(answer.json["appointment_id"])
        assert act(self.ann, appointment_id, "accept").status == 200
        return brought_to(self.store, appointment_id, start, minutes)

    def invitation(self, **more: Any) -> str:
        """The id of a playdate that Ben has proposed to Ann."""
        self.match_id()
        body = {"kind": "playdate", "pet_id": self.couple.olive, "other_pet_id": self.couple.biscuit}
        answer = self.ben.post("/appointments", body | {"start": self.next_start(), "minutes": 15} | more)
        assert answer.status == 201, answer.text
        return str(answer.json["appointment_id"])

    def neighbour(self) -> tuple[Owner, str]:
        """Somebody new nearby, with a pet, of whom nobody knows yet."""
        new = sign_up(self.store, self.newcomer())
        move_in(new)
        return new, str(new.pet(name="Plum")["pet_id"])

    def friend(self) -> Owner:
        """Somebody new who is matched with Ann, and has proposed a playdate to her."""
        new, plum = self.neighbour()
        like(self.ann, self.couple.biscuit, plum)
        like(new, plum, self.couple.biscuit)
        body = {"kind": "playdate", "pet_id": plum, "other_pet_id": self.couple.biscuit}
        answer = new.post("/appointments", body | {"start": self.next_start(), "minutes": 15})
        assert answer.status == 201, answer.text
        return new

    def newcomer(self) -> str:
        """A name that nobody has."""
        self.made += 1
        return f"newcomer{self.made}"

    def match_id(self) -> str:
        """The id of the match of Ann and Ben, which is made Active again where it has ended."""
        matches = self.ann.get("/matches", limit=100).json["items"]
        [match] = [each for each in matches if each["other_user_id"] == self.ben.user_id]
        if match["status"] == "Inactive":
            like(self.ann, self.couple.biscuit, self.couple.olive)
            like(self.ben, self.couple.olive, self.couple.biscuit)
        return str(match["match_id"])

    def remove(self, thing: Thing) -> None:
        """Delete a thing: as its owner does or, where owners cannot, straight from the table."""
        match thing.kind:
            case "pet":
                assert self.ann.delete(f"/pets/{thing.thing_id}").status == 204
            case "session":
                assert self.ann.delete(f"/auth/sessions/{thing.thing_id}").status == 204
            case "match":
                self.store.delete(keys.match(thing.thing_id))
            case "pass":
                assert self.ann.delete(f"/matching/passes/{thing.thing_id}").status == 204
            case "watch":
                assert self.ann.delete("/matching/watch", pet_id=thing.thing_id).status == 204
            case "block":
                assert self.ann.delete(f"/blocks/{thing.thing_id}").status == 204
            case "appointment":
                self.store.delete(keys.appointment(thing.thing_id))
