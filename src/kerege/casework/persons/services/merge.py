"""Merge of two records of one agency that are the same person."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.db.models import Max
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.queries.cases import GOES_ON
from kerege.casework.cases.services.lifecycle import move
from kerege.casework.cases.services.registration import CODED, recode_cases
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision
from kerege.casework.persons.services import consent_reconciliation
from kerege.casework.persons.services.conflict_flags import cluster_risks, pair_risks
from kerege.casework.persons.services.match_run import get_or_create_candidate
from kerege.casework.persons.services.person_links import (
    LinkDetails,
    current_decision,
    has_registered_both,
    link_records,
    lock_persons,
    merged_into,
    record_decision,
)
from kerege.casework.persons.services.review import check_can_answer, conclude_pair, own_registrations, store_review
from kerege.casework.persons.services.review_sample import draw_for_recheck
from kerege.casework.persons.services.survivorship import merged_values
from kerege.casework.vault.models.identities import IdentityRecord, IdentityVersion
from kerege.casework.vault.queries.candidate_search import Opened, open_many, records_of_agency, weighed
from kerege.casework.vault.services.identities import add_version, rebuild_index
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope

BEYOND = "a merge of two records of the actor's agency also changes links to other agencies"
CHANGED = Fault(gettext_noop("another user changed one of the two records meanwhile"), gettext_noop("check them again"))
DUPLICATE = "duplicate"
STATE = ("status", "closure_reason", "ended_on", "closed_on")


@dataclass(frozen=True)
class MergeDraft:
    """User's choices for a merge. `choices`: field -> left (of `kept`), right (of `other`), both (lists).

    A field without a choice keeps both values of a list, otherwise the only value; two different values need a choice.
    `goes_on`: the one of two open cases that continues; the others end as duplicates.
    """

    kept: IdentityRecord
    other: IdentityRecord
    choices: dict[str, str] = field(default_factory=dict)
    goes_on: Case | None = None
    reason: str = ""
    # versions that the user saw (see `versions_of`); '' for a merge without a page
    seen: str = ""


def versions_of(one: UUID, two: UUID) -> str:
    """Return the version numbers of two records as text; a merge of older versions is refused."""
    rows = IdentityVersion.objects.filter(record__in=[one, two])
    return ".".join(f"{number}" for number in rows.order_by("record", "number").values_list("number", flat=True))


def merge_records(actor: Actor, draft: MergeDraft) -> Merge:
    """Merge two records, with audit and undo; raise BadInput for each field or case without a choice.

    A pair with conflict flags that reviewers have not confirmed is refused: see `ask_second`.
    """
    with audit.act(actor, "persons.merge", target=f"identityrecord:{draft.kept.pk}") as event:
        _require(actor, draft.kept, draft.other)
        with session_scope.bypass_row_security(BEYOND):
            records = lock_persons(draft.kept.pk, draft.other.pk)
            kept, other = records[draft.kept.pk], records[draft.other.pk]
            if draft.seen and draft.seen != versions_of(kept.pk, other.pk):
                raise BadInput(CHANGED)
            check_mergeable(kept, other)
            candidate = _lock_confirmed_pair(actor, kept, other)
            row = _merge(actor, draft, kept, other, candidate)
        event.note(merge=str(row.pk), identities=[str(kept.pk), str(other.pk)])
    return row


def ask_second(actor: Actor, kept: IdentityRecord, other: IdentityRecord, reason: str = "") -> MatchCandidate:
    """Queue a pair with the actor's answer "same", for a second colleague who does not see the answer."""
    with audit.act(actor, "persons.ask_second", target=f"identityrecord:{kept.pk}") as event:
        _require(actor, kept, other)
        with session_scope.bypass_row_security(BEYOND):
            records = lock_persons(kept.pk, other.pk)
            check_mergeable(records[kept.pk], records[other.pk])
            opened = open_many([kept.pk, other.pk])
            row = get_or_create_candidate(opened[kept.pk], opened[other.pk])
            if row.state in {MatchCandidate.State.WITHDRAWN, MatchCandidate.State.LINKED}:
                row.state = MatchCandidate.State.OPEN
            row.save()
            # an actor who registered one of them only asks, if a colleague can answer
            if row.pk not in own_registrations(actor, [row]):
                check_can_answer(actor, row)
                store_review(actor, row, records, "same", reason)
                conclude_pair(actor, row, records)
        event.note(match=str(row.pk), identities=[str(kept.pk), str(other.pk)])
    return row


def _require(actor: Actor, kept: IdentityRecord, other: IdentityRecord) -> None:
    """Raise BadInput for a single record, Denied unless the actor may merge both."""
    if kept.pk == other.pk:
        raise BadInput(Fault(gettext_noop("both are the same record"), gettext_noop("choose another one")))
    authorization.require(actor, "persons.merge", kept)
    authorization.require(actor, "persons.merge", other)


def check_mergeable(kept: IdentityRecord, other: IdentityRecord) -> None:
    """Raise BadInput unless both are unmerged, of one agency, and not decided to be two persons."""
    if kept.superseded_by_id or other.superseded_by_id:
        raise BadInput(Fault(gettext_noop("one of the two was merged already"), gettext_noop("reload the page")))
    records = [*merged_into(kept.pk), *merged_into(other.pk)]
    elsewhere = Case.objects.filter(record__in=records).exclude(agency=kept.agency_id)
    if kept.agency_id != other.agency_id or elsewhere.exists():
        raise BadInput(
            Fault(
                gettext_noop("a case of one of them is at another agency"),
                gettext_noop("ask the coordinator to link them"),
            )
        )
    decision = current_decision(kept.pk, other.pk)
    if decision is not None and decision.kind == PairDecision.Kind.CANNOT:
        raise BadInput(
            Fault(
                gettext_noop("a reviewer decided that these are two persons"),
                gettext_noop("ask for a new decision first"),
            )
        )


def merge_risks(actor: Actor, left: Opened, right: Opened) -> list[str]:
    """Return the conflict flags because of which two reviewers have to confirm the merge.

    `own`: the actor registered both records, and nobody decides alone about two records of their own.
    """
    [match] = weighed(left.attributes, [right.attributes], records_of_agency(left.agency_id))
    cluster = cluster_risks(left.id, right.id, left.agency_id)
    own = ["own"] if has_registered_both(actor, left.id, right.id) else []
    return list(dict.fromkeys([*pair_risks(left, right, match), *cluster, *own]))


def confirmed_pair(kept: UUID, other: UUID) -> MatchCandidate | None:
    """Return the pair if reviewers concluded that it is the same person, else None."""
    left, right = sorted((kept, other))
    return MatchCandidate.objects.filter(left=left, right=right, state=MatchCandidate.State.SAME).first()


def _lock_confirmed_pair(actor: Actor, kept: IdentityRecord, other: IdentityRecord) -> MatchCandidate:
    """Lock and return the pair; raise BadInput if it is disputed, or has flags and is not confirmed."""
    if (row := confirmed_pair(kept.pk, other.pk)) is not None:
        return MatchCandidate.objects.select_for_update().get(pk=row.pk)
    _check_no_dispute(kept.pk, other.pk)
    opened = open_many([kept.pk, other.pk])
    if risks := merge_risks(actor, opened[kept.pk], opened[other.pk]):
        own = gettext_noop("you registered both records yourself")
        contradiction = gettext_noop("some values contradict that these two records are one person")
        raise BadInput(
            Fault(
                own if risks == ["own"] else contradiction,
                gettext_noop("ask a second colleague to review them"),
            )
        )
    return get_or_create_candidate(opened[kept.pk], opened[other.pk])


def _check_no_dispute(kept: UUID, other: UUID) -> None:
    """Raise BadInput while reviewers disagree: one worker cannot settle it by merging."""
    left, right = sorted((kept, other))
    if MatchCandidate.objects.filter(left=left, right=right, state=MatchCandidate.State.DISCUSS).exists():
        raise BadInput(
            Fault(gettext_noop("reviewers do not agree about these two"), gettext_noop("let a colleague decide"))
        )


def _merge(
    actor: Actor, draft: MergeDraft, kept: IdentityRecord, other: IdentityRecord, candidate: MatchCandidate
) -> Merge:
    """Perform all steps of a merge of two locked records."""
    values = {pk: opened.identity for pk, opened in open_many([kept.pk, other.pk]).items()}
    merged = merged_values(values[kept.pk], values[other.pk], draft.choices)
    # include records merged earlier: their cases still belong to them
    kept_ids, other_ids = merged_into(kept.pk), merged_into(other.pk)
    cases = _locked_cases([*kept_ids, *other_ids])
    stored_cases = {str(case.pk): _stored_values(case, (*STATE, *CODED)) for case in cases}
    ended = _end_duplicates(actor, cases, other_ids, draft.goes_on)
    journal: dict[str, Any] = {
        "kept_version": kept.versions.aggregate(last=Max("number"))["last"],
        "cases": stored_cases,
        "ended": [str(case.pk) for case in ended],
        "consents": consent_reconciliation.withdraw_overruled(actor, kept_ids, other_ids),
    }
    journal["said_no"] = [str(row.pk) for row in consent_reconciliation.refusals_of([*kept_ids, *other_ids])]
    journal["merged_version"] = add_version(actor, kept, merged).number
    IdentityRecord.objects.filter(pk=other.pk).update(superseded_by=kept)
    other.superseded_by = kept
    rebuild_index(other, values[other.pk])
    recode_cases(cases, merged)
    for case in cases:
        add_timeline_event(actor, case, timezone.localdate(), "records_merged")
    record_decision(actor, kept, other, PairDecision.Kind.MUST)
    _conclude_same(candidate)
    details = LinkDetails(kind=Merge.Kind.MERGE, candidate=candidate, reason=draft.reason, journal=journal)
    return link_records(actor, kept, other, details)


def _locked_cases(records: Collection[UUID]) -> list[Case]:
    """Lock and return the cases of these records, in the order of their ids."""
    return list(
        Case.objects.select_for_update(of=("self",)).select_related("agency").filter(record__in=records).order_by("pk")
    )


def _stored_values(case: Case, names: tuple[str, ...]) -> dict[str, Any]:
    """Return fields of a case for the journal; dates as text."""
    values = {name: getattr(case, name) for name in names}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def _end_duplicates(actor: Actor, cases: list[Case], other_ids: Collection[UUID], goes_on: Case | None) -> list[Case]:
    """End all open cases but the one that continues, as duplicates; return the ended ones.

    Returns [] unless both records have an open case; raises BadInput when none of these is chosen.
    """
    open_cases = [case for case in cases if case.status in GOES_ON]
    if len({case.record_id in other_ids for case in open_cases}) < 2:
        return []
    if goes_on is None or goes_on.pk not in {case.pk for case in open_cases}:
        raise BadInput(
            Fault(
                gettext_noop("both have an open case"), gettext_noop("choose the one that continues"), column="goes_on"
            )
        )
    ended = [case for case in open_cases if case.pk != goes_on.pk]
    for case in ended:
        move(actor, case, "ended", timezone.localdate(), DUPLICATE)
    return ended


def _conclude_same(candidate: MatchCandidate) -> None:
    """Conclude the pair as the same person."""
    if candidate.state != MatchCandidate.State.SAME:
        candidate.state, candidate.concluded_at = MatchCandidate.State.SAME, timezone.now()
        draw_for_recheck(candidate)
        candidate.save(update_fields=["state", "concluded_at", "sampled"])
