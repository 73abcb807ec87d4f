"""Parts of a country profile on statistics: sources of crimes, cohorts, thresholds, the publisher."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field, model_validator

from kerege.vocabulary.profile_parts import Fact, ProfilePart, TranslatedText, Words, code_in


class OffenceList(Fact):
    """Number of offences that a source states, and the offences known from it."""

    stated: int = Field(ge=1)
    known: list[Annotated[str, code_in("offence")]]


class SourceName(ProfilePart):
    """Name of a body that counts crimes, in the forms that sentences need.

    `title` stands alone and `short` is an abbreviation. `recorded` and `counted` are verbs in agreement with the name.
    """

    title: Words
    short: Words
    nominative: Words
    genitive: Words
    instrumental: Words
    recorded: Words
    counted: Words


class CrimeSource(ProfilePart):
    """Body that counts crimes by its own list of offences; figures lead with the count of the `main` one."""

    main: bool = False
    names: dict[str, SourceName] = {}


class Cohort(ProfilePart):
    """Group of persons in published figures: year of first assistance, payer, and the kind of the payer.

    `international` is a programme that an organisation pays; figures of both kinds are shown side by side, never added.
    """

    kind: Literal["state", "international"]
    title: TranslatedText
    payer: Annotated[str, code_in("payer")]
    first_year: int = Field(ge=1990, le=2100)
    last_year: int = Field(ge=1990, le=2100)

    @model_validator(mode="after")
    def _years_are_in_order(self) -> Cohort:
        if self.last_year < self.first_year:
            raise ValueError("last_year is before first_year")
        return self


class NationalPopulation(Fact):
    """Mid-year population, for rates."""

    year: int = Field(ge=1990, le=2100)
    persons: int = Field(gt=0)


class Threshold(Fact):
    """Smallest count that may be published, at least 5."""

    minimum_cell: int = Field(ge=5, le=1000)


class StatisticsSite(Fact):
    """Publisher of the public statistics, its contact, and its DOI prefix (empty without a contract)."""

    publisher: TranslatedText
    contact: str = ""
    doi_prefix: str = Field(default="", pattern=r"^(10\.\d{4,9})?$")
