"""Two records of one agency field by field, before they are merged."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from kerege.casework.cases.identity_mapping import written
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries.cases import GOES_ON
from kerege.casework.persons.messages import FIELDS
from kerege.casework.persons.models import PairDecision
from kerege.casework.persons.services.consent_reconciliation import overruled
from kerege.casework.persons.services.merge import is_confirmed, risks_of, versions_of
from kerege.casework.persons.services.person_links import merged_into, running
from kerege.casework.persons.services.survivorship import CHOSEN, JOINED, default, joined
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.queries.candidate_search import open_many
from kerege.casework.vault.queries.masking import HIDDEN, masked
from kerege.core import authorization
from kerege.core.authorization import Actor, session_scope
from kerege.web.templatetags.kerege import code

# groups of an identity without which nobody can tell whether two are one person; the others are shown on request
SEEN = ("aliases", "birth")


@dataclass(frozen=True)
class FieldPair:
    """One field of the identity: its values as text, whether there are two to keep, what is chosen unless said so."""

    name: str
    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    both: bool
    # left, right, both; '' has to be chosen
    default: str
    # what stands there when both are kept
    together: tuple[str, ...] = ()
    # what of the other side is gone when this one alone is kept
    dropped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # equal, near (some of it) or different; '' where one of them tells nothing. Told in place of what is hidden
    agrees: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class Sides:
    """What the page of a merge shows."""

    kept: IdentityRecord
    other: IdentityRecord
    # of which versions: a later step notices that somebody changed one of them meanwhile
    seen: str
    fields: list[FieldPair]
    # running cases, each with the one of the two to which it belongs; of two one goes on
    cases: list[tuple[Case, IdentityRecord]] = field(default_factory=list)
    # codes of words.RISKS: any one asks for a second reviewer
    risks: list[str] = field(default_factory=list)
    # what somebody decided, where it was that they are two persons: asked again before anything is merged
    apart: PairDecision | None = None
    # whether two people called them the same already
    confirmed: bool = False
    # how many consents of one will be withdrawn because she refused or withdrew in the other
    stricter: int = 0


def side_by_side(actor: Actor, kept: IdentityRecord, other: IdentityRecord, shown: Collection[str] = ()) -> Sides:
    """Both records, for somebody who may merge both; the reads are noted in the audited page or act.

    Numbers and addresses are hidden, as on every page, but for the groups `shown` (see `vault.masking`).
    """
    authorization.require(actor, "persons.merge", kept)
    authorization.require(actor, "persons.merge", other)
    # before the values: of a change in between the page is older than it says, and never newer
    seen = versions_of(kept.pk, other.pk)
    known = vault.read_many(actor, [kept.pk, other.pk])
    left, right = known[kept.pk], known[other.pk]
    with session_scope.beyond("the persons of two own records may reach further; codes are told, nobody's name"):
        opened = open_many([kept.pk, other.pk])
        risks = risks_of(opened[kept.pk], opened[other.pk])
        confirmed = is_confirmed(kept.pk, other.pk) is not None
    word = running(kept.pk, other.pk)
    sides = {pk: record for record in (kept, other) for pk in merged_into(record.pk)}
    rows = authorization.scope(actor, Case, action="cases.view").filter(record__in=sides, status__in=GOES_ON)
    # as they stand side by side
    cases = sorted(rows.order_by("reference"), key=lambda case: sides[case.record_id] == other)
    return Sides(
        kept=kept,
        other=other,
        seen=seen,
        fields=[_field(name, left, right, {*SEEN, *shown}) for name in CHOSEN if left.get(name) or right.get(name)],
        cases=[(case, sides[case.record_id]) for case in cases],
        risks=risks,
        confirmed=confirmed,
        apart=word if word is not None and word.kind == PairDecision.Kind.CANNOT else None,
        stricter=len(overruled(merged_into(kept.pk), merged_into(other.pk))),
    )


def _field(name: str, left: Identity, right: Identity, shown: Collection[str]) -> FieldPair:
    one, two = cast(dict[str, Any], left).get(name), cast(dict[str, Any], right).get(name)
    both = joined(name, one, two) if name in JOINED else None
    mine, theirs, together = (shown_texts(name, value, shown) for value in (one, two, both))
    return FieldPair(
        name,
        str(FIELDS[name]),
        mine,
        theirs,
        name in JOINED and bool(mine and theirs),
        default(name, one, two),
        together,
        dropped={"left": _dropped(name, two, one, shown), "right": _dropped(name, one, two, shown)},
        agrees=_agrees(_texts(name, one), _texts(name, two)),
        hidden=any(HIDDEN in text for text in mine + theirs),
    )


def shown_texts(name: str, value: Any, shown: Collection[str]) -> tuple[str, ...]:
    """A value of an identity in words, as far as a page shows it."""
    return _texts(
        name, cast(dict[str, Any], masked(cast(Identity, {name: value}), shown)).get(name) if value else value
    )


def _dropped(name: str, value: Any, other: Any, shown: Collection[str]) -> tuple[str, ...]:
    """What of a value the other one does not say."""
    said = set(_texts(name, other))
    if not isinstance(value, list):
        return () if set(_texts(name, value)) <= said else shown_texts(name, value, shown)
    return shown_texts(name, [one for one in value if _text(name, one) not in said], shown)


def _agrees(left: tuple[str, ...], right: tuple[str, ...]) -> str:
    if not left or not right:
        return ""
    if set(left) == set(right):
        return "equal"
    return "near" if set(left) & set(right) else "different"


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
