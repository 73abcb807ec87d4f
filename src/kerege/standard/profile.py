"""The country profile: everything that is law, deadline or number of a country. Another country is another file."""

from __future__ import annotations

import os
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from typing import Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from kerege.standard.faults import BadInput, Fault


class Part(BaseModel):
    """A part of a profile: no key that is not known, no value of the wrong type."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class Fact(Part):
    """A legal or practical fact: confirmed by a lawyer of the ministry, or not yet."""

    confirmed: bool
    source: str


class Text(Part):
    """A sentence in the three languages."""

    kk: str
    ru: str
    en: str

    def in_language(self, language: str) -> str:
        """The text in one language."""
        return str(getattr(self, language))


class Phone(Fact):
    """A telephone number that is printed on public pages."""

    number: str
    hours: Text
    name: Text


class Clock(Fact):
    """How long something may take, in business days."""

    business_days: int = Field(ge=1, le=365)


class ServiceTerm(Fact):
    """How long services are given."""

    months: int = Field(ge=1, le=36)
    extended_months: int = Field(ge=1, le=60)


class LegalBasis(Fact):
    """An act on which data may be shared or a duty rests."""

    id: str
    title: Text
    adopted: date


class Cohort(Part):
    """A group of persons that figures are about: first assisted within these years, paid by this payer."""

    title: Text
    payer: str
    first_year: int
    last_year: int


class Holidays(Fact):
    """Public holidays: month and day of every year."""

    days: list[str]


class Agency(Part):
    """The agency that imported records belong to when nothing else is said."""

    code: str
    kind: str
    name: Text


class Population(Fact):
    """Mid-year population, for rates."""

    year: int
    persons: int = Field(gt=0)


class Threshold(Fact):
    """The smallest count that may be published."""

    minimum_cell: int = Field(ge=5)


class Profile(Part):
    """A whole country profile."""

    country: str = Field(pattern="^[A-Z]{2}$")
    name: Text
    languages: list[str] = Field(min_length=1)
    default_language: str
    time_zone: str
    currency: str
    hotline: Phone
    emergency: Phone
    publication: Threshold
    population: Population
    service_term: ServiceTerm
    clocks: dict[str, Clock]
    holidays: Holidays
    legal_basis: list[LegalBasis]
    cohorts: dict[str, Cohort]
    import_agency: Agency

    @property
    def threshold(self) -> int:
        """The smallest count that may be published."""
        return self.publication.minimum_cell


@dataclass(frozen=True)
class Unconfirmed:
    """A fact of the profile that nobody has confirmed yet."""

    path: str
    value: str
    source: str


def parse(text: str, name: str) -> Profile:
    """Read a profile; raises BadInput with one fault for each thing wrong."""
    try:
        return Profile.model_validate(tomllib.loads(text))
    except tomllib.TOMLDecodeError as problem:
        raise BadInput(Fault(f"is not TOML ({problem})", "correct it", file=name)) from problem
    except ValidationError as problem:
        raise BadInput(
            Fault(error["msg"], "correct the profile", file=name, column=".".join(map(str, error["loc"])))
            for error in problem.errors()
        ) from problem


@cache
def load(country: str) -> Profile:
    """The profile of a country such as `kz`; raises BadInput when it is missing or wrong."""
    name = f"{country.lower()}.toml"
    path = resources.files("kerege.standard") / "profiles" / name
    if not path.is_file():
        raise BadInput(Fault("no such country profile", "add it under standard/profiles", file=name))
    return parse(path.read_text(encoding="utf-8"), name)


def active() -> Profile:
    """The profile of this installation: `KEREGE_COUNTRY`, else Kazakhstan's."""
    return load(os.environ.get("KEREGE_COUNTRY", "kz"))


def unconfirmed(profile: Profile) -> list[Unconfirmed]:
    """Every fact that a lawyer has still to confirm, in the order of the file."""
    return list(_facts("", profile))


def _facts(path: str, value: Any) -> Iterator[Unconfirmed]:
    if isinstance(value, Fact) and not value.confirmed:
        told = value.model_dump(exclude={"confirmed", "source"}, mode="json")
        yield Unconfirmed(path, ", ".join(f"{k}={_short(v)}" for k, v in told.items()), value.source)
    elif isinstance(value, BaseModel):
        for name in type(value).model_fields:
            yield from _facts(f"{path}.{name}".lstrip("."), getattr(value, name))
    elif isinstance(value, dict):
        for name, item in value.items():
            yield from _facts(f"{path}.{name}", item)
    elif isinstance(value, list):
        for item in value:
            yield from _facts(f"{path}.{getattr(item, 'id', '')}", item)


def _short(value: Any) -> str:
    return str(value["en"]) if isinstance(value, dict) and "en" in value else str(value)
