"""What a merge would change, and what undoing one brings back: told before anybody confirms."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.queries.referrals import Resting, resting_on
from kerege.casework.cases.models.case import Case, Share
from kerege.casework.cases.services.shares import running_shares
from kerege.casework.persons.messages import FIELDS
from kerege.casework.persons.models import Merge
from kerege.casework.persons.queries.field_comparison import date_in_words, readable
from kerege.casework.persons.queries.side_by_side import SEEN, FieldPair, Sides, shown_texts
from kerege.casework.persons.services.consent_reconciliation import overruled
from kerege.casework.persons.services.merge import versions_of
from kerege.casework.persons.services.person_links import merged_into
from kerege.casework.persons.services.unmerge import version
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.queries.masking import HIDDEN
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization
from kerege.core.authorization import Actor, session_scope


@dataclass(frozen=True)
class Closing:
    """A consent that a later word overrules, from which day, and what ends with it."""

    consent: Consent
    on: date
    resting: Resting


@dataclass(frozen=True)
class Value:
    """A field of the one record, and what of the two is gone then."""

    label: str
    texts: tuple[str, ...]
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class After:
    """The one record, its cases, consents and shares as they would be."""

    values: list[Value]
    # of two open ones; None where there is nothing to choose
    going_on: Case | None
    ending: list[Case]
    closing: list[Closing]
    # shares that run on, each with its agency
    staying: list[Share]


def after(actor: Actor, sides: Sides, choices: Mapping[str, str], goes_on: str) -> After:
    """What the page of confirmation shows, for somebody who may merge both."""
    for record in (sides.kept, sides.other):
        authorization.require(actor, "persons.merge", record)
    mine, theirs = merged_into(sides.kept.pk), merged_into(sides.other.pk)
    closing = [Closing(row, day, resting_on(row)) for row, day in overruled(mine, theirs)]
    gone = {share.pk for each in closing for share in each.resting.shares}
    shares = running_shares().filter(case__record__in=[*mine, *theirs]).exclude(pk__in=gone)
    return After(
        values=[_value(pair, choices.get(pair.name, "")) for pair in readable(sides.fields)],
        going_on=next((case for case, _ in sides.cases if str(case.pk) == goes_on), None),
        ending=[case for case, _ in sides.cases if goes_on and str(case.pk) != goes_on],
        closing=closing,
        staying=list(shares.select_related("agency", "case").order_by("agency__code", "pk")),
    )


def _value(pair: FieldPair, way: str) -> Value:
    if way == "both":
        return Value(pair.label, pair.together)
    return Value(pair.label, pair.right if way == "right" else pair.left, pair.dropped.get(way or "left", ()))


@dataclass(frozen=True)
class Later:
    """A field that somebody changed since a merge, as it stands now."""

    name: str
    label: str
    texts: tuple[str, ...]
    hidden: bool


@dataclass(frozen=True)
class Returning:
    """What undoing brings back: cases and consents by reference; fields that somebody changed since the merge."""

    cases: Sequence[Case] = ()
    consents: Sequence[Consent] = ()
    later: Sequence[Later] = ()
    # of which versions: see `versions_of`
    seen: str = ""


def returning(actor: Actor, merge: Merge, shown: Collection[str] = ()) -> Returning:
    """Read from the journal of a merge, for somebody who may undo it; of a link nothing but the tie comes back.

    Numbers and addresses are hidden but for the groups `shown`, as on the page of a merge.
    """
    authorization.require(actor, "persons.undo", merge)
    if merge.kind != Merge.Kind.MERGE or merge.journal is None:
        return Returning()
    seen = versions_of(merge.kept_id, merge.other_id)
    with session_scope.beyond("the journal of a merge is read by whoever may undo it; ids and numbers"):
        journal: dict[str, Any] = open_text(merge.journal)
        merged: dict[str, Any] = dict(version(merge.kept, journal["merged_version"]))
    now: dict[str, Any] = dict(vault.read(actor, merge.kept))
    changed = [name for name in FIELDS if merged.get(name) != now.get(name)]
    consents = Consent.objects.filter(pk__in=[undo["consent"] for undo in journal["consents"]])
    return Returning(
        cases=list(authorization.scope(actor, Case, action="cases.view").filter(pk__in=journal["ended"])),
        consents=list(consents.select_related("recipient", "case")),
        later=[_later(name, now.get(name), {*SEEN, *shown}) for name in changed],
        seen=seen,
    )


def _later(name: str, value: Any, shown: Collection[str]) -> Later:
    texts = shown_texts(name, value, shown)
    if name == "birth_date":
        texts = tuple(map(date_in_words, texts))
    return Later(name, str(FIELDS[name]), texts, any(HIDDEN in text for text in texts))
