"""Previews of a merge and of an unmerge."""

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
from kerege.casework.persons.queries.field_comparison import date_in_words, format_pairs
from kerege.casework.persons.queries.side_by_side import SEEN, FieldPair, RecordComparison, shown_texts
from kerege.casework.persons.services.consent_reconciliation import overruled_consents
from kerege.casework.persons.services.merge import versions_of
from kerege.casework.persons.services.person_links import merged_into
from kerege.casework.persons.services.unmerge import version_values
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.queries.masking import HIDDEN
from kerege.casework.vault.services.identities import open_text
from kerege.core import authorization
from kerege.core.authorization import Actor, session_scope


@dataclass(frozen=True)
class OverruledConsent:
    """Consent that a later refusal or withdrawal overrules: first day, and shares that end with it."""

    consent: Consent
    on: date
    resting: Resting


@dataclass(frozen=True)
class MergedValue:
    """Values of a field after the merge, and the values that are dropped."""

    label: str
    texts: tuple[str, ...]
    dropped: tuple[str, ...] = ()


@dataclass(frozen=True)
class MergePreview:
    """Values, cases, consents and shares as they would be after the merge."""

    values: list[MergedValue]
    # the open case that goes on; None when there is nothing to choose
    going_on: Case | None
    ending: list[Case]
    closing: list[OverruledConsent]
    # shares that continue, each with its agency
    staying: list[Share]


def preview_merge(actor: Actor, sides: RecordComparison, choices: Mapping[str, str], goes_on: str) -> MergePreview:
    """Return the preview of a merge; raise Denied unless the actor may merge both records."""
    for record in (sides.kept, sides.other):
        authorization.require(actor, "persons.merge", record)
    kept_ids, other_ids = merged_into(sides.kept.pk), merged_into(sides.other.pk)
    closing = [OverruledConsent(row, day, resting_on(row)) for row, day in overruled_consents(kept_ids, other_ids)]
    ending_shares = {share.pk for overruled in closing for share in overruled.resting.shares}
    shares = running_shares().filter(case__record__in=[*kept_ids, *other_ids]).exclude(pk__in=ending_shares)
    return MergePreview(
        values=[_merged_value(pair, choices.get(pair.name, "")) for pair in format_pairs(sides.fields)],
        going_on=next((case for case, _ in sides.cases if str(case.pk) == goes_on), None),
        ending=[case for case, _ in sides.cases if goes_on and str(case.pk) != goes_on],
        closing=closing,
        staying=list(shares.select_related("agency", "case").order_by("agency__code", "pk")),
    )


def _merged_value(pair: FieldPair, side: str) -> MergedValue:
    """Return the values of a field after the merge, for the chosen side."""
    if side == "both":
        return MergedValue(pair.label, pair.together)
    return MergedValue(pair.label, pair.right if side == "right" else pair.left, pair.dropped.get(side or "left", ()))


@dataclass(frozen=True)
class LaterChange:
    """Field that was changed after the merge, with its current value."""

    name: str
    label: str
    texts: tuple[str, ...]
    hidden: bool


@dataclass(frozen=True)
class UnmergePreview:
    """Cases and consents that an unmerge restores, and fields that were changed since the merge."""

    cases: Sequence[Case] = ()
    consents: Sequence[Consent] = ()
    later: Sequence[LaterChange] = ()
    # versions that the page shows, as `versions_of` returns them
    seen: str = ""


def preview_unmerge(actor: Actor, merge: Merge, shown: Collection[str] = ()) -> UnmergePreview:
    """Return the preview of an unmerge from the journal; an empty preview for a link.

    Raises Denied unless the actor may undo the merge. Masked fields are hidden except for the groups in `shown`.
    """
    authorization.require(actor, "persons.undo", merge)
    if merge.kind != Merge.Kind.MERGE or merge.journal is None:
        return UnmergePreview()
    seen = versions_of(merge.kept_id, merge.other_id)
    with session_scope.bypass_row_security("a user who can undo a merge reads its journal: ids and numbers"):
        journal: dict[str, Any] = open_text(merge.journal)
        merged: dict[str, Any] = dict(version_values(merge.kept, journal["merged_version"]))
    now: dict[str, Any] = dict(vault.read(actor, merge.kept))
    changed = [name for name in FIELDS if merged.get(name) != now.get(name)]
    consents = Consent.objects.filter(pk__in=[undo["consent"] for undo in journal["consents"]])
    return UnmergePreview(
        cases=list(authorization.scope(actor, Case, action="cases.view").filter(pk__in=journal["ended"])),
        consents=list(consents.select_related("recipient", "case")),
        later=[_later_change(name, now.get(name), {*SEEN, *shown}) for name in changed],
        seen=seen,
    )


def _later_change(name: str, value: Any, shown: Collection[str]) -> LaterChange:
    """Return a changed field with its current value in words."""
    texts = shown_texts(name, value, shown)
    if name == "birth_date":
        texts = tuple(map(date_in_words, texts))
    return LaterChange(name, str(FIELDS[name]), texts, any(HIDDEN in text for text in texts))
