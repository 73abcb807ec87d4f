"""Plain values of an identity record, before encryption."""

from __future__ import annotations

from datetime import date
from typing import TypedDict

from kerege.linkage import register_matching
from kerege.linkage.input import person_fields
from kerege.linkage.names import name_keys
from kerege.vocabulary import codes


class Name(TypedDict, total=False):
    """Name in one script; `kind` is main or alias."""

    kind: str
    given: str
    middle: str
    family: str


class PaperDocument(TypedDict, total=False):
    """Identity document; `kind` is of the list document_kind. `verified`: a caseworker saw the original.

    Kerege links records without a reviewer only on a verified number, so only a caseworker may set it.
    """

    kind: str
    number: str
    country: str
    verified: bool


class ContactRules(TypedDict, total=False):
    """Safe contact rules; `channels` are of the list person_channel."""

    channels: list[str]
    times: str
    answerers: str
    code_word: str
    never_say: str


class Identity(TypedDict, total=False):
    """Values that one agency recorded. `birth_date` is YYYY, YYYY-MM or YYYY-MM-DD."""

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
    """Return family, given and middle name of the first name of a kind; '' when there is none."""
    return next((written(name) for name in identity.get("names", []) if name.get("kind", "main") == kind), "")


def written(name: Name) -> str:
    """Return a name on one line: family, given, middle."""
    parts = (name.get("family", ""), name.get("given", ""), name.get("middle", ""))
    return " ".join(" ".join(parts).split())


def aliases(identity: Identity) -> list[str]:
    """Return every name that differs from the main name, each on one line."""
    main = full_name(identity)
    return [text for name in identity.get("names", []) if (text := written(name)) and text != main]


def person_attributes(identity: Identity) -> register_matching.PersonAttributes:
    """Return the fields of an identity that record linkage compares."""
    gender = codes.code_list("gender").codes.get(identity.get("gender", ""))
    email = identity.get("email", "")
    return register_matching.PersonAttributes(
        names=tuple((n.get("given", ""), n.get("middle", ""), n.get("family", "")) for n in identity.get("names", [])),
        birth_date=identity.get("birth_date", ""),
        sex=gender.parent if gender else "",
        documents=tuple(number for document in identity.get("documents", []) if (number := document.get("number", ""))),
        phones=(*identity.get("phones", []), *([email] if email else [])),
    )


def blocking_keys(identity: Identity) -> set[str]:
    """Return the blocking keys of an identity, each with the prefix `b:`."""
    return person_blocking_keys(person_attributes(identity))


def person_blocking_keys(person: register_matching.PersonAttributes) -> set[str]:
    """Return the blocking keys of a person, each with the prefix `b:`."""
    return {f"b:{key}" for key in register_matching.blocking_keys(person)}


def index_keys(identity: Identity) -> set[str]:
    """Return all keys of the blind index: names (`n:`), document numbers (`d:`) and blocking keys (`b:`)."""
    names = [text for name in identity.get("names", []) if (text := written(name))]
    keys = {f"n:{key}" for key in name_keys(names)}
    for document in identity.get("documents", []):
        if number := normal_number(document.get("number", "")):
            keys.add(f"d:{number}")
    return keys | blocking_keys(identity)


def normal_number(number: str) -> str:
    """Return a document number without spaces, hyphens and case."""
    return person_fields.signs(number)


def age_on(birth_date: str, day: date) -> int | None:
    """Return the age in full years on a day; None when it is unknown or not between 0 and 120.

    With the year alone, return the age reached in the year of `day`.
    """
    parts = [int(part) for part in birth_date.split("-") if part.isdigit()]
    if not parts:
        return None
    is_before_birthday = parts[1:] and tuple(parts[1:]) > (day.month, day.day)[: len(parts) - 1]
    age = day.year - parts[0] - (1 if is_before_birthday else 0)
    return age if 0 <= age <= 120 else None
