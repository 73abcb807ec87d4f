"""Parts of a country profile. Codes are checked against the code lists when the file is read."""

from __future__ import annotations

import re
from datetime import date
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, RootModel, model_validator

from kerege.vocabulary import codes
from kerege.vocabulary.languages import Language, LanguageRules, text_in


class ProfilePart(BaseModel):
    """Part of a profile; unknown keys and wrong types are errors."""

    model_config = ConfigDict(extra="forbid", frozen=True)


def code_in(list_name: str) -> AfterValidator:
    """Return the check that a text is a code of a list."""

    def check(code: str) -> str:
        if code not in codes.code_list(list_name).codes:
            raise ValueError(f"{code!r} is not in the code list {list_name}")
        return code

    return AfterValidator(check)


def _month_day(text: str) -> str:
    try:
        date.fromisoformat(f"2024-{text}")
    except ValueError:
        raise ValueError(f"{text!r} is not a day of the year: write it as 12-16") from None
    return text


CountryCode = Annotated[str, code_in("country")]
Words = Annotated[str, Field(min_length=1)]


def _expression(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error:
        raise ValueError(f"{pattern!r} is not a pattern of digits: write it as \\d{{12}}") from None
    return pattern


class Fact(ProfilePart):
    """Legal or practical fact; `confirmed` shows whether a lawyer of the ministry has confirmed it."""

    confirmed: bool
    source: Words


class TranslatedText(RootModel[dict[Language, Words]]):
    """Sentence by language."""

    model_config = ConfigDict(frozen=True)

    def in_language(self, language: str) -> str:
        """Return the text in a language, or in its first fallback."""
        return text_in(self.root, language)


class CountryName(ProfilePart):
    """Short name of the country in one language, in the forms that sentences need.

    `locative` answers "where", `ablative` "from where"; `attributive` comes before a noun.
    """

    nominative: Words
    genitive: Words
    locative: Words
    ablative: Words
    attributive: Words


class Country(ProfilePart, LanguageRules):
    """General data of the country."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    country: CountryCode
    name: TranslatedText
    currency: str = Field(pattern="^[A-Z]{3}$")
    near_countries: list[CountryCode] = []
    short_name: dict[Language, CountryName] = {}

    def name_in(self, language: str, case: str) -> str:
        """Return the short name in a language and case; the official name where there is none."""
        forms = self.short_name.get(language)
        return str(getattr(forms, case)) if forms else self.name.in_language(language)


class Phone(Fact):
    """Telephone number on public pages."""

    number: str = Field(pattern=r"^[0-9+][0-9 \-]{1,19}$")
    hours: TranslatedText
    name: TranslatedText


class FurtherPhone(Phone):
    """Further telephone number for the page of help, such as the child line or the migration service."""

    id: str = Field(pattern="^[a-z0-9-]{1,48}$")


class IdentityNumber(Fact):
    """National identity number: its name, the pattern of its digits, and the function that checks it.

    `mod11_kz` reads twelve digits, so its pattern allows nothing else.
    """

    name: TranslatedText
    pattern: Annotated[str, Field(pattern=r"^[0-9d\\{},\[\]-]{1,60}$"), AfterValidator(_expression)]
    check: Literal["none", "mod11_kz"] = "none"

    @model_validator(mode="after")
    def _pattern_fits_the_check(self) -> IdentityNumber:
        if self.check == "mod11_kz" and self.pattern != r"\d{12}":
            raise ValueError(r"mod11_kz needs the pattern \d{12}")
        return self


class HelpText(ProfilePart):
    """Text of the page for a person who was trafficked, in one language; `editor` names who has read it."""

    name: Words
    title: Words
    editor: str
    leave: Words
    call: Words
    danger: Words
    questions: list[Words] = Field(min_length=1, max_length=6)
    yes: Words
    happens_title: Words
    happens: list[Words] = Field(min_length=1, max_length=6)
    safe_title: Words
    safe: Words
    figures: Words


class Deadline(Fact):
    """Deadline in business days."""

    business_days: int = Field(ge=1, le=365)


class EarlierTerm(ProfilePart):
    """Term of a deadline that began before a day, on which the installation corrected it."""

    until: date
    business_days: int


class InitialReport(Fact):
    """Kinds of agency that receive the initial reports of bodies without an account, the first by default."""

    receivers: list[Annotated[str, code_in("agency_kind")]] = Field(min_length=1, max_length=4)


class Retention(Fact):
    """Retention period of a kind of records, in months after they end; then identifying data are removed."""

    months: int = Field(ge=1, le=600)


class ServiceTerm(Fact):
    """Duration of services in months, and the longest duration with extensions."""

    months: int = Field(ge=1, le=36)
    extended_months: int = Field(ge=1, le=60)

    @model_validator(mode="after")
    def _extension_is_longer(self) -> ServiceTerm:
        if self.extended_months < self.months:
            raise ValueError("extended_months is shorter than months")
        return self


class NoticePeriod(Fact):
    """Number of days before an end at which a notice is sent."""

    days: int = Field(ge=1, le=180)


class FollowUps(Fact):
    """Months after an event in which a caseworker follows up on the person."""

    months: list[Annotated[int, Field(ge=1, le=60)]] = Field(min_length=1)


class Payers(Fact):
    """Usual payer of services, by agency kind; the payer of other kinds is unknown."""

    by_agency_kind: dict[Annotated[str, code_in("agency_kind")], Annotated[str, code_in("payer")]]


class IdentificationTrack(Fact):
    """Agency kinds that decide on one identification track, formally or preliminarily."""

    formal: list[Annotated[str, code_in("agency_kind")]] = Field(min_length=1)
    preliminary: list[Annotated[str, code_in("agency_kind")]]


class RoleRules(Fact):
    """Rules on the roles of users: their agency kinds, and the roles that one person may not combine.

    `kinds` lists the agency kinds of a role; a role that is not listed belongs to every kind. Users hold `national`
    roles in national agencies only. A role in `alone` goes with no other role, and no two roles of a pair in `apart` go
    together. A `second_person` confirms these roles, and every national role.
    """

    kinds: dict[Annotated[str, code_in("role")], list[Annotated[str, code_in("agency_kind")]]]
    national: list[Annotated[str, code_in("role")]]
    alone: list[Annotated[str, code_in("role")]]
    apart: list[tuple[Annotated[str, code_in("role")], Annotated[str, code_in("role")]]]
    second_person: list[Annotated[str, code_in("role")]]
    review_days: int = Field(ge=1, le=90)


class HandoverTerm(Fact):
    """Hours after its acceptance in which a case transfer can be undone."""

    undo_hours: int = Field(ge=0, le=24 * 90)


class FileTerm(Fact):
    """Days in which a removed attachment can be restored; after them it is destroyed."""

    undo_days: int = Field(ge=0, le=366)


class ServiceCatalogue(Fact):
    """Services of the country; together they must cover every guaranteed kind, if the law names any."""

    catalogue: list[Annotated[str, code_in("service")]] = Field(min_length=1)
    guaranteed: list[Annotated[str, code_in("service_guaranteed")]] = []

    @model_validator(mode="after")
    def _covers_the_guaranteed(self) -> ServiceCatalogue:
        covered = {codes.code_list("service").codes[code].extras["guaranteed"] for code in self.catalogue}
        if missing := [kind for kind in self.guaranteed if kind not in covered]:
            raise ValueError(f"no service of the catalogue is of the guaranteed kind {', '.join(missing)}")
        return self


class Approvals(Fact):
    """Actions that need a supervisor's approval; services themselves need none."""

    kinds: list[Annotated[str, code_in("approval_kind")]]


class Holidays(Fact):
    """Free days: weekend (Monday is 0), fixed days (month and day), days of the lunar calendar."""

    weekend: list[Annotated[int, Field(ge=0, le=6)]] = Field(default=[5, 6], max_length=6)
    days: list[Annotated[str, AfterValidator(_month_day)]]
    moving: list[date] = []

    def includes(self, day: date) -> bool:
        """Return whether a day is a public holiday."""
        return day.strftime("%m-%d") in self.days or day in self.moving


class ImportAgency(ProfilePart):
    """Default agency of imported records."""

    code: str = Field(pattern="^[a-z0-9-]+$")
    kind: Annotated[str, code_in("agency_kind")]
    name: TranslatedText
