"""Comparison of two records of one agency, field by field, before a merge."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from kerege.casework.cases.identity_mapping import written
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries.cases import GOES_ON
from kerege.casework.persons.messages import FIELDS
from kerege.casework.persons.models import PairDecision
from kerege.casework.persons.services.consent_reconciliation import overruled_consents
from kerege.casework.persons.services.merge import confirmed_pair, merge_risks, versions_of
from kerege.casework.persons.services.person_links import current_decision, merged_into
from kerege.casework.persons.services.survivorship import CHOSEN, JOINED, default_choice, join_values
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.queries.candidate_search import open_many
from kerege.casework.vault.queries.masking import HIDDEN, masked
from kerege.core import authorization
from kerege.core.authorization import Actor, session_scope
from kerege.web.templatetags.kerege import code

# groups that the reviewer needs to compare two persons; other groups are masked until they are revealed
SEEN = ("aliases", "birth")


@dataclass(frozen=True)
class FieldPair:
    """One field of both records: values as text, whether both can be kept, and the default choice."""

    name: str
    label: str
    left: tuple[str, ...]
    right: tuple[str, ...]
    both: bool
    # left, right or both; '' when the user has to choose
    default: str
    # joined value when both are kept
    together: tuple[str, ...] = ()
    # by side: values of the other side that are lost when this side alone is kept
    dropped: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    # equal, near (some in common) or different; '' when a side is empty. Shown instead of masked values
    agrees: str = ""
    hidden: bool = False


@dataclass(frozen=True)
class RecordComparison:
    """Data of the merge page: the two records, their fields, cases and conflict flags."""

    kept: IdentityRecord
    other: IdentityRecord
    # versions that the page shows: a later step detects a change in between
    seen: str
    fields: list[FieldPair]
    # open cases, each with its record; if both records have one, only one goes on
    cases: list[tuple[Case, IdentityRecord]] = field(default_factory=list)
    # codes of messages.RISKS: any of them asks for a second reviewer
    risks: list[str] = field(default_factory=list)
    # current decision that they are two persons: the pair has to be reopened before a merge
    apart: PairDecision | None = None
    # True if reviewers concluded that they are the same person
    confirmed: bool = False
    # number of consents that the merge withdraws because of a refusal in the other record
    stricter: int = 0


def compare_records(
    actor: Actor, kept: IdentityRecord, other: IdentityRecord, shown: Collection[str] = ()
) -> RecordComparison:
    """Compare two records; raise Denied unless the actor may merge both. The reads are noted.

    Masked fields are hidden, as on every page, except for the groups in `shown` (see `vault.queries.masking`).
    """
    authorization.require(actor, "persons.merge", kept)
    authorization.require(actor, "persons.merge", other)
    # read before the values: after a change in between, the merge refuses the page as stale
    seen = versions_of(kept.pk, other.pk)
    identities = vault.read_many(actor, [kept.pk, other.pk])
    left, right = identities[kept.pk], identities[other.pk]
    with session_scope.bypass_row_security(
        "persons of two own records may have records elsewhere; the page shows only codes"
    ):
        opened = open_many([kept.pk, other.pk])
        risks = merge_risks(actor, opened[kept.pk], opened[other.pk])
        is_confirmed = confirmed_pair(kept.pk, other.pk) is not None
    decision = current_decision(kept.pk, other.pk)
    sides = {pk: record for record in (kept, other) for pk in merged_into(record.pk)}
    rows = authorization.scope(actor, Case, action="cases.view").filter(record__in=sides, status__in=GOES_ON)
    # cases of the left record first
    cases = sorted(rows.order_by("reference"), key=lambda case: sides[case.record_id] == other)
    return RecordComparison(
        kept=kept,
        other=other,
        seen=seen,
        fields=[
            _field_pair(name, left, right, {*SEEN, *shown}) for name in CHOSEN if left.get(name) or right.get(name)
        ],
        cases=[(case, sides[case.record_id]) for case in cases],
        risks=risks,
        confirmed=is_confirmed,
        apart=decision if decision is not None and decision.kind == PairDecision.Kind.CANNOT else None,
        stricter=len(overruled_consents(merged_into(kept.pk), merged_into(other.pk))),
    )


def _field_pair(name: str, left: Identity, right: Identity, shown: Collection[str]) -> FieldPair:
    """Return the comparison of one field."""
    left_value, right_value = cast(dict[str, Any], left).get(name), cast(dict[str, Any], right).get(name)
    joined = join_values(name, left_value, right_value) if name in JOINED else None
    left_texts, right_texts, joined_texts = (
        shown_texts(name, value, shown) for value in (left_value, right_value, joined)
    )
    return FieldPair(
        name=name,
        label=str(FIELDS[name]),
        left=left_texts,
        right=right_texts,
        both=name in JOINED and bool(left_texts and right_texts),
        default=default_choice(name, left_value, right_value),
        together=joined_texts,
        dropped={
            "left": _dropped_texts(name, right_value, left_value, shown),
            "right": _dropped_texts(name, left_value, right_value, shown),
        },
        agrees=_agreement(_texts(name, left_value), _texts(name, right_value)),
        hidden=any(HIDDEN in text for text in left_texts + right_texts),
    )


def shown_texts(name: str, value: Any, shown: Collection[str]) -> tuple[str, ...]:
    """Return a value of an identity in words, masked as on a page."""
    return _texts(
        name, cast(dict[str, Any], masked(cast(Identity, {name: value}), shown)).get(name) if value else value
    )


def _dropped_texts(name: str, value: Any, other: Any, shown: Collection[str]) -> tuple[str, ...]:
    """Return the parts of a value that the other value does not contain, masked as on a page."""
    other_texts = set(_texts(name, other))
    if not isinstance(value, list):
        return () if set(_texts(name, value)) <= other_texts else shown_texts(name, value, shown)
    return shown_texts(name, [item for item in value if _text(name, item) not in other_texts], shown)


def _agreement(left: tuple[str, ...], right: tuple[str, ...]) -> str:
    """Return equal, near or different; '' when a side is empty."""
    if not left or not right:
        return ""
    if set(left) == set(right):
        return "equal"
    return "near" if set(left) & set(right) else "different"


# fields of codes, and their lists
CODES = {"gender": "gender", "citizenships": "country", "languages": "language"}


def _texts(name: str, value: Any) -> tuple[str, ...]:
    """Return a value of an identity in words, one text for each element."""
    if not value:
        return ()
    values = value if isinstance(value, list) else [value]
    return tuple(text for item in values if (text := _text(name, item)))


def _text(name: str, value: Any) -> str:
    """Return one element in words."""
    if name == "names":
        return written(value)
    if name in CODES:
        return code(value, CODES[name])
    if name == "documents":
        kind, country = (
            code(value.get(key, ""), list_name)
            for key, list_name in (("kind", "document_kind"), ("country", "country"))
        )
        return " ".join(filter(None, [kind, value.get("number", ""), country]))
    if isinstance(value, dict):
        return ", ".join(_channels_text(part) for part in value.values() if part)
    return str(value)


def _channels_text(value: Any) -> str:
    """Return a part of an address or of the safe contact rules in words."""
    return ", ".join(code(part, "person_channel") for part in value) if isinstance(value, list) else str(value)
