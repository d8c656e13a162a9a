"""What a pet is, as sent, as answered and as stored."""

from datetime import date
from typing import Annotated, Any, Literal, Self

from pydantic import MISSING, AfterValidator, Field, computed_field, model_validator

from common.clock import clock
from common.models import Day, Id, In, Instant, Line, Out, Paragraph, Record

type PetType = Literal["dog", "cat", "bird", "reptile", "fish", "other"]
type Size = Literal["small", "medium", "large"]
type ActivityLevel = Literal["low", "medium", "high"]
type GoodWithChildren = Literal["yes", "no", "unknown"]

MAX_AGE_YEARS = 200


def age_in_years(born: date, today: date) -> int:
    """Return the completed years of life; somebody born on 29 February ages on 1 March in other years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def born_years_ago(years: int, today: date) -> date:
    """Return a birth date that makes a pet `years` old today."""
    try:
        return today.replace(year=today.year - years)
    except ValueError:
        return date(today.year - years, 3, 1)


def _has_been_born(born: date) -> date:
    today = clock.now().date()
    if born > today:
        raise ValueError("must not lie in the future")
    if age_in_years(born, today) > MAX_AGE_YEARS:
        raise ValueError(f"must lie within the last {MAX_AGE_YEARS} years")
    return born


BirthDate = Annotated[Day, AfterValidator(_has_been_born)]
Grams = Annotated[int, Field(ge=0, le=999_990, description="Weight in grams")]
AgeInYears = Annotated[int, Field(ge=0, le=MAX_AGE_YEARS)]


class NewPet(In):
    """A pet as its owner describes it. Either `birth_date` or `age` in whole years is needed."""

    name: Line
    type: PetType
    breed: Line | None = None
    birth_date: BirthDate | None = None
    age: AgeInYears | None = None
    weight_g: Grams | None = None
    size: Size
    activity_level: ActivityLevel
    temperament: Paragraph | None = None
    good_with_children: GoodWithChildren = "unknown"
    vaccinated_until: Day | None = None

    @model_validator(mode="after")
    def _one_birth(self) -> Self:
        if (self.birth_date is None) == (self.age is None):
            raise ValueError("give either birth_date or age")
        return self


class PetChanges(In):
    """What to change of a pet; what is left out stays, and null clears what may be unknown."""

    name: Line | MISSING = MISSING
    type: PetType | MISSING = MISSING
    breed: Line | MISSING | None = MISSING
    birth_date: BirthDate | MISSING = MISSING
    age: AgeInYears | MISSING = MISSING
    weight_g: Grams | MISSING | None = MISSING
    size: Size | MISSING = MISSING
    activity_level: ActivityLevel | MISSING = MISSING
    temperament: Paragraph | MISSING | None = MISSING
    good_with_children: GoodWithChildren | MISSING = MISSING
    vaccinated_until: Day | MISSING | None = MISSING

    @model_validator(mode="after")
    def _at_most_one_birth(self) -> Self:
        if self.birth_date is not MISSING and self.age is not MISSING:
            raise ValueError("give birth_date or age, not both")
        return self


class Pet(Out):
    """A pet as its owner sees it. `birth_date_estimated` is true where only an age was given."""

    pet_id: Id
    name: str
    type: PetType
    breed: str | None
    birth_date: Day
    birth_date_estimated: bool
    weight_g: int | None
    size: Size
    activity_level: ActivityLevel
    temperament: str | None
    good_with_children: GoodWithChildren
    vaccinated_until: Day | None
    created_at: Instant
    updated_at: Instant

    @computed_field(description="Completed years of life")  # type: ignore[prop-decorator]
    @property
    def age(self) -> int:
        return age_in_years(self.birth_date, clock.now().date())


class PetCard(Out):
    """A pet as other owners see it: no owner, no place, no exact birth date."""

    pet_id: Id
    name: str
    type: PetType
    breed: str | None
    age: int
    weight_g: int | None
    size: Size
    activity_level: ActivityLevel
    temperament: str | None
    good_with_children: GoodWithChildren
    vaccinated: Literal["yes", "lapsed", "unknown"]


class PetRecord(Record):
    """A pet as stored. `bookings` counts what has come to hang on it, the calendar's bookings above all.

    It only ever grows.
    """

    pet_id: str
    owner_id: str
    name: str
    type: PetType
    breed: str | None = None
    birth_date: Day
    birth_date_estimated: bool = False
    weight_g: int | None = None
    size: Size
    activity_level: ActivityLevel
    temperament: str | None = None
    good_with_children: GoodWithChildren = "unknown"
    vaccinated_until: Day | None = None
    created_at: Instant
    updated_at: Instant
    bookings: int = 0

    @property
    def age(self) -> int:
        """Return the completed years of life."""
        return age_in_years(self.birth_date, clock.now().date())

    def as_pet(self) -> Pet:
        """Return what the owner sees."""
        return Pet(**self.model_dump(include=set(Pet.model_fields)))

    def as_card(self) -> PetCard:
        """Return what other owners see."""
        return PetCard(
            **self.model_dump(include=set(PetCard.model_fields) - {"age", "vaccinated"}),
            age=self.age,
            vaccinated=self.vaccination(),
        )

    def vaccination(self) -> Literal["yes", "lapsed", "unknown"]:
        """Return whether the vaccination is valid today, as far as the owner has said."""
        if self.vaccinated_until is None:
            return "unknown"
        return "yes" if self.vaccinated_until >= clock.now().date() else "lapsed"


def describe(new: NewPet, pet_id: str, owner_id: str) -> PetRecord:
    """Return the record of a new pet."""
    now = clock.now()
    fields = _with_birth(new.model_dump())
    return PetRecord(**fields, pet_id=pet_id, owner_id=owner_id, created_at=now, updated_at=now)


def amend(pet: PetRecord, changes: PetChanges) -> PetRecord:
    """Return the record with the changes made."""
    fields = changes.model_dump()
    return pet.model_copy(update=_with_birth(fields) | {"updated_at": clock.now()})


def _with_birth(fields: dict[str, Any]) -> dict[str, Any]:
    """Return `fields` with a birth date in place of an age, and whether that is an estimate."""
    age, born = fields.pop("age", None), fields.pop("birth_date", None)
    if age is not None:
        return fields | {"birth_date": born_years_ago(age, clock.now().date()), "birth_date_estimated": True}
    return fields | ({"birth_date": born, "birth_date_estimated": False} if born else {})
