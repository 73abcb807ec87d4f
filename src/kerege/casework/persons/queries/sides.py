"""Two records of one agency field by field, before they are merged."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from kerege.casework.cases.models import Case
from kerege.casework.cases.people import written
from kerege.casework.persons.services.choosing import CHOSEN, LISTS, default
from kerege.casework.persons.services.guarding import GOES_ON
from kerege.casework.persons.services.merging import is_confirmed, risks_of
from kerege.casework.persons.services.stricter import overruled
from kerege.casework.persons.words import FIELDS
from kerege.casework.vault import queries as vault
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.matching import open_many
from kerege.casework.vault.models import IdentityRecord
from kerege.core import access
from kerege.core.access import Actor, wall
from kerege.web.templatetags.kerege import code


@dataclass(frozen=True)
class FieldPair:
    """One field of the identity: its values as text, whether both can be kept, what is chosen unless said otherwise."""

    name: str
    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    both: bool
    # left, right, both; '' has to be chosen
    default: str


@dataclass(frozen=True)
class Sides:
    """What the page of a merge shows."""

    kept: IdentityRecord
    other: IdentityRecord
    fields: list[FieldPair]
    # running cases of both; of two one goes on
    cases: list[Case] = field(default_factory=list)
    # codes of words.RISKS: any one asks for a second reviewer
    risks: list[str] = field(default_factory=list)
    # whether two people called them the same already
    confirmed: bool = False
    # how many consents of one will be withdrawn because she refused or withdrew in the other
    stricter: int = 0


def side_by_side(actor: Actor, kept: IdentityRecord, other: IdentityRecord) -> Sides:
    """Both records, for somebody who may merge both; the reads are noted in the audited page or act."""
    access.require(actor, "persons.merge", kept)
    access.require(actor, "persons.merge", other)
    known = vault.read_many(actor, [kept.pk, other.pk])
    left, right = known[kept.pk], known[other.pk]
    with wall.beyond("the persons of two own records may reach further; codes are told, nobody's name"):
        opened = open_many([kept.pk, other.pk])
        risks = risks_of(opened[kept.pk], opened[other.pk])
        confirmed = is_confirmed(kept.pk, other.pk) is not None
    cases = access.scope(actor, Case, action="cases.view").filter(record__in=[kept.pk, other.pk])
    return Sides(
        kept=kept,
        other=other,
        fields=[_field(name, left, right) for name in CHOSEN if left.get(name) or right.get(name)],
        cases=list(cases.filter(status__in=GOES_ON)),
        risks=risks,
        confirmed=confirmed,
        stricter=len(overruled([kept.pk], [other.pk])),
    )


def _field(name: str, left: Identity, right: Identity) -> FieldPair:
    one, two = cast(dict[str, Any], left).get(name), cast(dict[str, Any], right).get(name)
    return FieldPair(
        name, str(FIELDS[name]), _texts(name, one), _texts(name, two), name in LISTS, default(name, one, two)
    )


# fields of codes, and their lists
CODES = {"gender": "gender", "citizenships": "country", "languages": "language"}


def _texts(name: str, value: Any) -> tuple[str, ...]:
    """A value of an identity in words."""
    if not value:
        return ()
    values = value if isinstance(value, list) else [value]
    return tuple(text for one in values if (text := _text(name, one)))


def _text(name: str, value: Any) -> str:
    if name == "names":
        return written(value)
    if name in CODES:
        return code(value, CODES[name])
    if name == "documents":
        kind, country = (
            code(value.get(key, ""), of) for key, of in (("kind", "document_kind"), ("country", "country"))
        )
        return " ".join(filter(None, [kind, value.get("number", ""), country]))
    if isinstance(value, dict):
        return ", ".join(_flat(part) for part in value.values() if part)
    return str(value)


def _flat(value: Any) -> str:
    return ", ".join(code(part, "person_channel") for part in value) if isinstance(value, list) else str(value)
