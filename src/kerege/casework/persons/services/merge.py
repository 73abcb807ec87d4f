"""Two records of one agency that are one person become one record."""

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
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.cases.services.lifecycle import move
from kerege.casework.cases.services.registration import coded_person
from kerege.casework.cases.services.timeline_events import tell
from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision
from kerege.casework.persons.services import consent_reconciliation
from kerege.casework.persons.services.conflict_flags import cluster_risks, pair_risks
from kerege.casework.persons.services.match_run import candidate_of
from kerege.casework.persons.services.person_links import Tie, decide, lock, merged_into, running, tie
from kerege.casework.persons.services.review import check, conclude, own_work, write
from kerege.casework.persons.services.review_sample import draw
from kerege.casework.persons.services.survivorship import chosen
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.models.identities import IdentityRecord, IdentityVersion
from kerege.casework.vault.queries.candidate_search import Opened, open_many, weighed
from kerege.casework.vault.services.identities import add_version, rebuild_index
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope

BEYOND = "two records of the actor's own agency are merged; their persons may reach further"
CHANGED = Fault(gettext_noop("somebody changed one of the two records meanwhile"), gettext_noop("look at them again"))
DUPLICATE = "duplicate"
STATE = ("status", "closure_reason", "ended_on", "closed_on")
CODED = ("gender", "sex", "age_band", "citizenships")


@dataclass(frozen=True)
class MergeDraft:
    """What the user chose. `choices`: field of the identity -> left (of `kept`), right (of `other`), both (lists).

    Of a field that is not named: both for a list, else what one of them has; two different answers have to be chosen
    from. `goes_on`: of two open cases the one that goes on; the others end as duplicates.
    """

    kept: IdentityRecord
    other: IdentityRecord
    choices: dict[str, str] = field(default_factory=dict)
    goes_on: Case | None = None
    reason: str = ""
    # the versions that the user was shown (see `versions_of`); '' where nobody looked
    seen: str = ""


def versions_of(one: UUID, two: UUID) -> str:
    """Which versions of two records stand now: whoever chose among older ones looks again."""
    rows = IdentityVersion.objects.filter(record__in=[one, two])
    return ".".join(f"{number}" for number in rows.order_by("record", "number").values_list("number", flat=True))


def merge_records(actor: Actor, draft: MergeDraft) -> Merge:
    """Merge; audited, undoable. Raises BadInput naming each field or case that is still to be chosen.

    A risky pair that two people have not called the same is refused: see `ask_second`.
    """
    with audit.act(actor, "persons.merge", target=f"identityrecord:{draft.kept.pk}") as event:
        _require(actor, draft.kept, draft.other)
        with session_scope.beyond(BEYOND):
            records = lock(draft.kept.pk, draft.other.pk)
            kept, other = records[draft.kept.pk], records[draft.other.pk]
            if draft.seen and draft.seen != versions_of(kept.pk, other.pk):
                raise BadInput(CHANGED)
            check_mergeable(kept, other)
            candidate = _confirmed(kept, other)
            row = _merge(actor, draft, kept, other, candidate)
        event.note(merge=str(row.pk), identities=[str(kept.pk), str(other.pk)])
    return row


def ask_second(actor: Actor, kept: IdentityRecord, other: IdentityRecord, reason: str = "") -> MatchCandidate:
    """Put a pair into the queue with the actor's answer "same", for a second colleague who does not see it."""
    with audit.act(actor, "persons.ask_second", target=f"identityrecord:{kept.pk}") as event:
        _require(actor, kept, other)
        with session_scope.beyond(BEYOND):
            records = lock(kept.pk, other.pk)
            check_mergeable(records[kept.pk], records[other.pk])
            opened = open_many([kept.pk, other.pk])
            row = candidate_of(opened[kept.pk], opened[other.pk])
            if row.state in {MatchCandidate.State.WITHDRAWN, MatchCandidate.State.LINKED}:
                row.state = MatchCandidate.State.OPEN
            row.save()
            # whoever registered one of them only asks, where a colleague can answer
            if row.pk not in own_work(actor, [row]):
                check(actor, row)
                write(actor, row, records, "same", reason)
                conclude(actor, row, records)
        event.note(match=str(row.pk), identities=[str(kept.pk), str(other.pk)])
    return row


def _require(actor: Actor, kept: IdentityRecord, other: IdentityRecord) -> None:
    if kept.pk == other.pk:
        raise BadInput(Fault(gettext_noop("this is one record"), gettext_noop("choose another one")))
    authorization.require(actor, "persons.merge", kept)
    authorization.require(actor, "persons.merge", other)


def check_mergeable(kept: IdentityRecord, other: IdentityRecord) -> None:
    """Raise BadInput unless both stand for themselves, belong to one agency, and nobody said that they are two."""
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
    word = running(kept.pk, other.pk)
    if word is not None and word.kind == PairDecision.Kind.CANNOT:
        raise BadInput(
            Fault(
                gettext_noop("somebody decided that these are two persons"),
                gettext_noop("ask for a new decision first"),
            )
        )


def risks_of(one: Opened, two: Opened) -> list[str]:
    """Why two people have to look before these two are merged."""
    [match] = weighed(one.told, [two.told])
    cluster = cluster_risks(one.id, two.id, one.agency_id)
    return list(dict.fromkeys([*pair_risks(one, two, match), *cluster]))


def is_confirmed(kept: UUID, other: UUID) -> MatchCandidate | None:
    """The pair, where people concluded that it is one person."""
    left, right = sorted((kept, other))
    return MatchCandidate.objects.filter(left=left, right=right, state=MatchCandidate.State.SAME).first()


def _confirmed(kept: IdentityRecord, other: IdentityRecord) -> MatchCandidate:
    if (row := is_confirmed(kept.pk, other.pk)) is not None:
        return MatchCandidate.objects.select_for_update().get(pk=row.pk)
    _require_no_doubt(kept.pk, other.pk)
    opened = open_many([kept.pk, other.pk])
    if risks_of(opened[kept.pk], opened[other.pk]):
        raise BadInput(
            Fault(
                gettext_noop("something speaks against these two being one person"),
                gettext_noop("ask a second colleague to look at them"),
            )
        )
    return candidate_of(opened[kept.pk], opened[other.pk])


def _require_no_doubt(kept: UUID, other: UUID) -> None:
    """Raise BadInput where reviewers disagree: one worker does not settle it by merging."""
    left, right = sorted((kept, other))
    if MatchCandidate.objects.filter(left=left, right=right, state=MatchCandidate.State.DISCUSS).exists():
        raise BadInput(
            Fault(gettext_noop("reviewers do not agree about these two"), gettext_noop("let somebody else decide"))
        )


def _merge(
    actor: Actor, draft: MergeDraft, kept: IdentityRecord, other: IdentityRecord, candidate: MatchCandidate
) -> Merge:
    """Everything of a merge, of locked records that may be merged."""
    values = {pk: opened.identity for pk, opened in open_many([kept.pk, other.pk]).items()}
    after = chosen(values[kept.pk], values[other.pk], draft.choices)
    # also of what was merged into either before: its cases hang on it still
    mine, theirs = merged_into(kept.pk), merged_into(other.pk)
    cases = _locked_cases([*mine, *theirs])
    before = {str(case.pk): _stored(case, (*STATE, *CODED)) for case in cases}
    ended = _end_duplicates(actor, cases, theirs, draft.goes_on)
    journal: dict[str, Any] = {
        "kept_version": kept.versions.aggregate(last=Max("number"))["last"],
        "cases": before,
        "ended": [str(case.pk) for case in ended],
        "consents": consent_reconciliation.apply(actor, mine, theirs),
    }
    journal["said_no"] = [str(row.pk) for row in consent_reconciliation.said_no([*mine, *theirs])]
    journal["merged_version"] = add_version(actor, kept, after).number
    IdentityRecord.objects.filter(pk=other.pk).update(superseded_by=kept)
    other.superseded_by = kept
    rebuild_index(other, values[other.pk])
    recode(cases, after)
    for case in cases:
        tell(actor, case, timezone.localdate(), "records_merged")
    decide(actor, kept, other, PairDecision.Kind.MUST)
    _conclude(candidate)
    how = Tie(kind=Merge.Kind.MERGE, candidate=candidate, reason=draft.reason, journal=journal)
    return tie(actor, kept, other, how)


def _locked_cases(records: Collection[UUID]) -> list[Case]:
    return list(
        Case.objects.select_for_update(of=("self",)).select_related("agency").filter(record__in=records).order_by("pk")
    )


def _stored(case: Case, names: tuple[str, ...]) -> dict[str, Any]:
    values = {name: getattr(case, name) for name in names}
    return {name: value.isoformat() if hasattr(value, "isoformat") else value for name, value in values.items()}


def _end_duplicates(actor: Actor, cases: list[Case], theirs: Collection[UUID], goes_on: Case | None) -> list[Case]:
    """Of several open cases one goes on; the others end as duplicates, with all that was done in them."""
    there = [case for case in cases if case.status in GOES_ON]
    if len({case.record_id in theirs for case in there}) < 2:
        return []
    if goes_on is None or goes_on.pk not in {case.pk for case in there}:
        raise BadInput(
            Fault(gettext_noop("both have an open case"), gettext_noop("choose the one that goes on"), column="goes_on")
        )
    ended = [case for case in there if case.pk != goes_on.pk]
    for case in ended:
        move(actor, case, "ended", timezone.localdate(), DUPLICATE)
    return ended


def recode(cases: list[Case], identity: Identity) -> None:
    """The coded attributes of cases follow the values; whoever has a case open is told that it changed."""
    for case in cases:
        draft = Registration(case.agency, identity, case.registered_on, age_band=case.age_band)
        for name, value in coded_person(draft).items():
            setattr(case, name, value)
        case.version += 1
        check_codes(case)
        case.save(update_fields=[*CODED, "version"])


def _conclude(candidate: MatchCandidate) -> None:
    if candidate.state != MatchCandidate.State.SAME:
        candidate.state, candidate.concluded_at = MatchCandidate.State.SAME, timezone.now()
        draw(candidate)
        candidate.save(update_fields=["state", "concluded_at", "sampled"])
