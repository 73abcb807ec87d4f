"""Identification decisions on the two tracks. Only a decision changes a victim status."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.events import collect_review_endings
from kerege.casework.cases.models.case import PRELIMINARY, Case, Decision, Task
from kerege.casework.cases.services.code_checks import check_codes, digest
from kerege.casework.cases.services.inputs import DecisionDraft
from kerege.casework.cases.services.notifications import notify
from kerege.casework.cases.services.timeline_events import new_event
from kerege.casework.vault.models.identities import DataKey
from kerege.casework.vault.services.identities import BATCH, seal_text
from kerege.core import audit, authorization
from kerege.core.accounts.actors import agency_of
from kerege.core.answers import collect_answers
from kerege.core.authorization import Actor
from kerege.core.authorization.actor import OPERATOR
from kerege.core.database.bulk_insert import insert, new
from kerege.vocabulary import codes
from kerege.vocabulary.profile import active

# statuses that each kind of decision can lead to; a kind without an entry permits every status
RESULTS = {
    "formal_identification": {"identified"},
    PRELIMINARY: {"presumed"},
    "refusal": {"not_identified", "declined"},
    "loss_of_status": {"lost"},
}
# decisions against a person, which always need grounds
NEEDS_GROUNDS = {"refusal", "loss_of_status"}
# required of a formal identification; presumed victims receive services at once, without any of it
BASIS = ("grounds", "standard_of_proof", "documents_used")
HELD = {"presumed", "identified"}


def is_contradictory(kind: str, status: str) -> bool:
    """Return whether this kind of decision cannot lead to this status, such as a refusal to "identified"."""
    return kind in RESULTS and status not in RESULTS[kind]


def lacks_grounds(kind: str, grounds: str) -> bool:
    """Return whether a decision against a person has no grounds."""
    return kind in NEEDS_GROUNDS and not grounds.strip()


def list_missing_basis(kind: str, values: Mapping[str, Any]) -> list[str]:
    """Return the parts that a formal identification does not state: grounds, standard of proof, documents."""
    if kind != "formal_identification":
        return []
    return [name for name in BASIS if not values.get(name) or not str(values[name]).strip()]


def list_decision_kinds(agency_kind: str, track: str) -> list[str]:
    """Return the kinds of decision that the country profile permits an agency kind to take on a track."""
    profile = active()
    if profile.decides_formally(agency_kind, track):
        return list(codes.code_list("decision_kind").codes)
    return [PRELIMINARY] if track in profile.tracks_of(agency_kind) else []


def decide(actor: Actor, draft: DecisionDraft) -> Decision:
    """Record one decision of an authority of the track.

    The operator may record decisions that were taken elsewhere, as they were reported. Raises Denied for another
    authority's decision. Raises BadInput when the status does not follow from the kind, or grounds are missing.
    """
    if OPERATOR not in actor.roles:
        if draft.authority is not None and draft.authority.pk != actor.agency_id:
            raise authorization.Denied("cases.decide", f"agency:{draft.authority.pk}")
        _check_authority(draft, agency_of(actor).kind)
        if list_missing_basis(draft.kind, vars(draft)):
            what = gettext_noop("a formal identification does not name all its evidence")
            raise BadInput(Fault(what, gettext_noop("write grounds, standard of proof and at least one document")))
    if is_contradictory(draft.kind, draft.resulting_status):
        what = gettext_noop("this status does not follow from this kind of decision")
        raise BadInput(Fault(what, gettext_noop("correct one of the two")))
    if lacks_grounds(draft.kind, draft.grounds):
        what = gettext_noop("a refusal or a loss of status has no grounds")
        raise BadInput(Fault(what, gettext_noop("write the grounds")))
    if draft.kind == "loss_of_status" and getattr(draft.case, f"{draft.track}_status") not in HELD:
        what = gettext_noop("there is no status on this track to be lost")
        raise BadInput(Fault(what, gettext_noop("choose the other track, or another kind of decision")))
    with audit.act(actor, "cases.decide", target=f"case:{draft.case.id}"):
        decision = decide_many(actor, [draft])[0]
        _complete_decision_tasks(actor, decision)
        _notify_owner(actor, decision)
    return decision


def _complete_decision_tasks(actor: Actor, decision: Decision) -> None:
    """Complete the decision tasks of the owner and the authority, unless the decision is preliminary."""
    if decision.kind == PRELIMINARY:
        return
    both = {decision.case.agency_id, decision.authority_id}
    tasks = Task.objects.filter(case=decision.case, kind="request_decision", done_at=None, agency__in=both)
    audit.note(tasks=tasks.update(done_at=timezone.now(), done_by=actor.label))


def _notify_owner(actor: Actor, decision: Decision) -> None:
    """Notify the caseworker of the decision, or the owning agency when the case has no caseworker.

    A caseworker who took the decision is not notified.
    """
    case = decision.case
    if case.caseworker_id and case.caseworker_id == actor.user_id:
        return
    ends_review = any(collect_answers(collect_review_endings, Decision, decision=decision))
    kind = "decision_reviewed" if ends_review else "decision_made"
    notify(case.agency, kind, user=case.caseworker, url_name="cases:case", object_id=case.id)


def _check_authority(draft: DecisionDraft, agency_kind: str) -> None:
    """Raise BadInput when an agency of this kind may not take this kind of decision on the track."""
    if not draft.kind:
        raise BadInput(Fault(gettext_noop("the kind of decision is missing"), gettext_noop("choose one")))
    kinds = list_decision_kinds(agency_kind, draft.track)
    if not kinds:
        what = gettext_noop("this agency does not decide on this track")
        raise BadInput(Fault(what, gettext_noop("leave it to an authority of the track")))
    if draft.kind not in kinds:
        what = gettext_noop("this agency identifies only preliminarily")
        raise BadInput(Fault(what, gettext_noop("leave the formal decision to an authority of the track")))
    if draft.kind == PRELIMINARY and getattr(draft.case, f"{draft.track}_status") == "identified":
        # it would end the status, which only a loss of status with its grounds may do
        what = gettext_noop("this person is identified on this track already")
        raise BadInput(Fault(what, gettext_noop("nothing preliminary is left to decide")))


def decide_many(actor: Actor, drafts: Sequence[DecisionDraft]) -> list[Decision]:
    """Record decisions. Each sets the status of its track on its case; the latest decision prevails."""
    with audit.act(actor, "cases.decide") as event:
        decisions, events, texts, changed = [], [], [], {}
        keys = read_data_keys(draft.case for draft in drafts if draft.grounds)
        for draft in drafts:
            if len(drafts) == 1:
                authorization.require(actor, "cases.decide", draft.case)
                event.target = f"case:{draft.case.id}"
            decision = build_decision(actor, draft)
            if draft.grounds:
                decision.grounds = seal_text(keys[draft.case.record_id], draft.grounds)
                texts.append(decision.grounds)
            decisions.append(decision)
            detail = {"track": draft.track, "status": draft.resulting_status, "kind": draft.kind}
            events.append(new_event(actor, draft.case, draft.decided_on, "decision", detail))
            changed[draft.case.id] = draft.case
        if len(drafts) != 1:
            authorization.require(actor, "cases.decide_many")
            event.note(decisions=len(drafts), digests=[digest(decision) for decision in decisions])
        insert(texts)
        insert(decisions)
        insert(events)
        set_statuses(list(changed.values()))
    return decisions


def build_decision(actor: Actor, draft: DecisionDraft) -> Decision:
    """Return an unsaved decision with checked codes."""
    decision = new(
        Decision,
        case=draft.case,
        track=draft.track,
        kind=draft.kind,
        resulting_status=draft.resulting_status,
        authority=draft.authority,
        authority_kind=draft.authority_kind or (draft.authority.kind if draft.authority else ""),
        standard_of_proof=draft.standard_of_proof,
        documents_used=draft.documents_used,
        decided_on=draft.decided_on,
        decided_by=draft.decided_by or actor.label,
        notified_on=draft.notified_on,
        review_on=draft.review_on,
        created_at=timezone.now(),
    )
    check_codes(decision)
    return decision


def read_data_keys(cases: Any) -> dict[UUID, DataKey]:
    """Return the data keys of the cases' records, by record id."""
    record_ids = {case.record_id for case in cases}
    return {row.record.pk: row for row in DataKey.objects.filter(record__in=record_ids).select_related("record")}


def set_statuses(cases: list[Case]) -> None:
    """Set both statuses of every case from its latest decisions, and save them in batches."""
    latest: dict[tuple[UUID, str], str] = {}
    for start in range(0, len(cases), BATCH):
        rows = Decision.objects.filter(case__in=cases[start : start + BATCH]).order_by("decided_on", "created_at", "pk")
        latest |= {
            (case, track): status for case, track, status in rows.values_list("case", "track", "resulting_status")
        }
    ids_by_status: dict[tuple[str, str], list[UUID]] = {}
    for case in cases:
        case.social_status = latest.get((case.id, "social"), case.social_status)
        case.police_status = latest.get((case.id, "police"), case.police_status)
        case.version += 1
        ids_by_status.setdefault((case.social_status, case.police_status), []).append(case.id)
    for (social, police), ids in ids_by_status.items():
        for start in range(0, len(ids), BATCH):
            batch = Case.objects.filter(pk__in=ids[start : start + BATCH])
            batch.update(social_status=social, police_status=police, version=F("version") + 1)
