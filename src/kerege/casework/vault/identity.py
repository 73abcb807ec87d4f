"""The values of an identity record, as they are before sealing."""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from kerege.linkage import register_matching
from kerege.linkage.input import person_fields
from kerege.linkage.names import name_keys
from kerege.vocabulary import codes


class Name(TypedDict, total=False):
    """One name in one script; `kind` is main or alias."""

    kind: str
    given: str
    middle: str
    family: str


class PaperDocument(TypedDict, total=False):
    """An identity document; `kind` is of the list document_kind. `verified`: a caseworker held it in her hands.

    Only a verified number lets the machine tie records by itself, so nothing but a caseworker's word sets it.
    """

    kind: str
    number: str
    country: str
    verified: bool


class ContactRules(TypedDict, total=False):
    """How she may be reached without harm; `channels` are of the list person_channel."""

    channels: list[str]
    times: str
    answerers: str
    code_word: str
    never_say: str


class Identity(TypedDict, total=False):
    """What one agency was told. `birth_date` is YYYY, YYYY-MM or YYYY-MM-DD: its length is its precision."""

    names: list[Name]
    birth_date: str
    gender: str
    citizenships: list[str]
    documents: list[PaperDocument]
    phones: list[str]
    email: str
    address: dict[str, str]
    languages: list[str]
    safe_contact: str
    contact_rules: ContactRules
    source_id: str
    case_source_id: str
    htcds: dict[str, str]


def full_name(identity: Identity, kind: str = "main") -> str:
    """Family, given and middle name of the first name of that kind; '' when none was told."""
    return next((written(name) for name in identity.get("names", []) if name.get("kind", "main") == kind), "")


def written(name: Name) -> str:
    """A name on one line: family, given, middle."""
    parts = (name.get("family", ""), name.get("given", ""), name.get("middle", ""))
    return " ".join(" ".join(parts).split())


def aliases(identity: Identity) -> list[str]:
    """Every further name."""
    main = full_name(identity)
    return [text for name in identity.get("names", []) if (text := written(name)) and text != main]


def told(identity: Identity) -> register_matching.Person:
    """What the linkage compares of an identity."""
    gender = codes.code_list("gender").codes.get(identity.get("gender", ""))
    email = identity.get("email", "")
    return register_matching.Person(
        names=tuple((n.get("given", ""), n.get("middle", ""), n.get("family", "")) for n in identity.get("names", [])),
        birth_date=identity.get("birth_date", ""),
        sex=gender.parent if gender else "",
        documents=tuple(number for paper in identity.get("documents", []) if (number := paper.get("number", ""))),
        phones=(*identity.get("phones", []), *([email] if email else [])),
    )


def blocking_keys(identity: Identity) -> set[str]:
    """The keys by which the machine finds records worth comparing with this one."""
    return {f"b:{key}" for key in register_matching.blocking_keys(told(identity))}


def index_keys(identity: Identity) -> set[str]:
    """Every key under which the record can be found: name and blocking keys, and document numbers exactly."""
    names = [text for name in identity.get("names", []) if (text := written(name))]
    keys = {f"n:{key}" for key in name_keys(names)}
    for document in identity.get("documents", []):
        if number := normal_number(document.get("number", "")):
            keys.add(f"d:{number}")
    return keys | blocking_keys(identity)


def normal_number(number: str) -> str:
    """A document number without spaces, hyphens and case."""
    return person_fields.signs(number)


def age_on(birth_date: str, day: date) -> int | None:
    """Age in whole years on a day; with only a year, the age reached in that year; None when it cannot be told."""
    parts = [int(part) for part in birth_date.split("-") if part.isdigit()]
    if not parts:
        return None
    before = parts[1:] and tuple(parts[1:]) > (day.month, day.day)[: len(parts) - 1]
    age = day.year - parts[0] - (1 if before else 0)
    return age if 0 <= age <= 120 else None
