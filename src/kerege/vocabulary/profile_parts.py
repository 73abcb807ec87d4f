"""The parts of a country profile. What can be checked against the code lists is checked when the file is read."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from kerege.vocabulary import codes


class Part(BaseModel):
    """A part of a profile: no key that is not known, no value of the wrong type."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def _of(list_name: str) -> AfterValidator:
    def check(code: str) -> str:
        if code not in codes.code_list(list_name).codes:
            raise ValueError(f"{code!r} is not in the code list {list_name}")
        return code

    return AfterValidator(check)


def _zone(name: str) -> str:
    try:
        ZoneInfo(name)
    except (KeyError, ValueError, OSError):
        raise ValueError(f"{name!r} is no time zone: write it as Asia/Almaty") from None
    return name


def _month_day(text: str) -> str:
    try:
        date.fromisoformat(f"2024-{text}")
    except ValueError:
        raise ValueError(f"{text!r} is no day of the year: write it as 12-16") from None
    return text


Language = Literal["kk", "ru", "en"]
CountryCode = Annotated[str, _of("country")]
Words = Annotated[str, Field(min_length=1)]


class Fact(Part):
    """A legal or practical fact: confirmed by a lawyer of the ministry, or not yet."""

    confirmed: bool
    source: Words


class Text(Part):
    """A sentence in the three languages."""

    kk: Words
    ru: Words
    en: Words

    def in_language(self, language: str) -> str:
        """The text in one language."""
        return str(getattr(self, language))


class Country(Part):
    """The country itself."""

    country: CountryCode
    name: Text
    languages: list[Language] = Field(min_length=1)
    default_language: Language
    time_zone: Annotated[str, AfterValidator(_zone)]
    currency: str = Field(pattern="^[A-Z]{3}$")
    near_countries: list[CountryCode] = []

    @model_validator(mode="after")
    def _default_is_offered(self) -> Country:
        if self.default_language not in self.languages:
            raise ValueError("default_language is not one of languages")
        return self


class Phone(Fact):
    """A telephone number that is printed on public pages."""

    number: str = Field(pattern=r"^[0-9+][0-9 \-]{1,19}$")
    hours: Text
    name: Text


class Clock(Fact):
    """How long something may take, in business days."""

    business_days: int = Field(ge=1, le=365)


class Retention(Fact):
    """How long records of a kind are kept after they ended, in months; then what names a person goes."""

    months: int = Field(ge=1, le=600)


class ServiceTerm(Fact):
    """How long services are given, and at most when extended."""

    months: int = Field(ge=1, le=36)
    extended_months: int = Field(ge=1, le=60)

    @model_validator(mode="after")
    def _extension_is_longer(self) -> ServiceTerm:
        if self.extended_months < self.months:
            raise ValueError("extended_months is shorter than months")
        return self


class Notice(Fact):
    """How many days before an end somebody is told of it."""

    days: int = Field(ge=1, le=180)


class FollowUps(Fact):
    """In which months after an event somebody asks how the person is."""

    months: list[Annotated[int, Field(ge=1, le=60)]] = Field(min_length=1)


class Payers(Fact):
    """Who usually pays for what an agency of a kind provides; what is not named is unknown."""

    by_agency_kind: dict[Annotated[str, _of("agency_kind")], Annotated[str, _of("payer")]]


class Track(Fact):
    """Which kinds of agencies decide on one track of identification: formally, or as a preliminary identification."""

    formal: list[Annotated[str, _of("agency_kind")]] = Field(min_length=1)
    preliminary: list[Annotated[str, _of("agency_kind")]]


class HandoverTerm(Fact):
    """How long after it was accepted a handover can still be undone."""

    undo_hours: int = Field(ge=0, le=24 * 90)


class FileTerm(Fact):
    """How long a file that was removed from a case can still be put back; only then is it destroyed."""

    undo_days: int = Field(ge=0, le=366)


class ServiceCatalogue(Fact):
    """The services of the country; together they cover every guaranteed kind."""

    catalogue: list[Annotated[str, _of("service")]] = Field(min_length=1)
    guaranteed: list[Annotated[str, _of("service_guaranteed")]] = Field(min_length=1)

    @model_validator(mode="after")
    def _covers_the_guaranteed(self) -> ServiceCatalogue:
        covered = {codes.code_list("service").codes[code].extras["guaranteed"] for code in self.catalogue}
        if missing := [kind for kind in self.guaranteed if kind not in covered]:
            raise ValueError(f"no service of the catalogue is of the guaranteed kind {', '.join(missing)}")
        return self


class Approvals(Fact):
    """What a supervisor approves before it counts; help itself waits for no approval."""

    kinds: list[Annotated[str, _of("approval_kind")]]


class OffenceList(Fact):
    """How many offences a source says that it counts, and which of them are known."""

    stated: int = Field(ge=1)
    known: list[Annotated[str, _of("offence")]]


class LegalBasis(Fact):
    """An act: what it is called, its number in the national register of acts, and what rests on it."""

    id: str = Field(pattern="^[a-z0-9-]+$")
    title: Text
    adopted: date
    identifier: str = ""
    covers: list[
        Literal[
            "framework", "sharing", "risk", "services", "identification", "data", "offences", "compensation", "plan"
        ]
    ] = Field(min_length=1)


class Cohort(Part):
    """A group of persons that figures are about: first assisted within these years, paid by this payer."""

    title: Text
    payer: Annotated[str, _of("payer")]
    first_year: int = Field(ge=1990, le=2100)
    last_year: int = Field(ge=1990, le=2100)

    @model_validator(mode="after")
    def _years_are_in_order(self) -> Cohort:
        if self.last_year < self.first_year:
            raise ValueError("last_year is before first_year")
        return self


class Holidays(Fact):
    """Public holidays: month and day of every year, and days that move with the lunar calendar."""

    days: list[Annotated[str, AfterValidator(_month_day)]]
    moving: list[date] = []

    def includes(self, day: date) -> bool:
        """Whether a day is a public holiday."""
        return day.strftime("%m-%d") in self.days or day in self.moving


class Agency(Part):
    """The agency that imported records belong to when nothing else is said."""

    code: str = Field(pattern="^[a-z0-9-]+$")
    kind: Annotated[str, _of("agency_kind")]
    name: Text


class Population(Fact):
    """Mid-year population, for rates."""

    year: int = Field(ge=1990, le=2100)
    persons: int = Field(gt=0)


class Threshold(Fact):
    """The smallest count that may be published; never below 5."""

    minimum_cell: int = Field(ge=5, le=1000)
