"""Clerical review: a reviewer answers whether two records are one person, blind to scores and answers."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision, PairReview
from kerege.casework.persons.services import agency_disclosure
from kerege.casework.persons.services.conflict_flags import cluster_risks
from kerege.casework.persons.services.person_links import (
    LinkDetails,
    current_decision,
    end_decision,
    has_cannot_decision,
    is_actor,
    link_records,
    lock_persons,
    person_of,
    record_decision,
    records_of,
    registrars_of,
)
from kerege.casework.persons.services.review_sample import draw_for_recheck, needs_recheck
from kerege.casework.persons.services.reviewer_assignment import LINKED_STATES, WORKERS, next_reviewer
from kerege.casework.persons.services.unlink import unlink_pair
from kerege.casework.persons.thresholds import UNSURE
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.accounts.models import User
from kerege.core.authorization import Actor, session_scope

State, Answer = MatchCandidate.State, PairReview.Answer
Records = dict[UUID, IdentityRecord]
BEYOND = "a review links two records, perhaps of two agencies; the rules have authorised the reviewer"
DECISIVE = (Answer.SAME, Answer.DIFFERENT)


def answer(actor: Actor, candidate: MatchCandidate, answer: str, reason: str = "") -> MatchCandidate:
    """Record an answer (PairReview.Answer) and conclude the pair if possible; return the updated pair.

    Raises BadInput when the pair was concluded meanwhile, when the actor already answered or linked it, or when they
    registered one of the records while another reviewer is left. Raises Denied for a pair of others.
    """
    with audit.act(actor, "persons.answer", target=f"match:{candidate.pk}") as event:
        authorization.require(actor, "persons.review", candidate)
        if answer not in Answer.values:
            raise BadInput(Fault(gettext_noop("this is not an answer"), gettext_noop("choose one of those offered")))
        with session_scope.bypass_row_security(BEYOND):
            records = lock_persons(candidate.left_id, candidate.right_id)
            row = MatchCandidate.objects.select_for_update().get(pk=candidate.pk)
            check_can_answer(actor, row)
            store_review(actor, row, records, answer, reason)
            conclude_pair(actor, row, records)
        event.note(answer=answer, state=row.state, identities=[str(row.left_id), str(row.right_id)])
    return row


def store_review(actor: Actor, row: MatchCandidate, records: Records, answer: str, reason: str) -> PairReview:
    """Store an answer; the reason is encrypted under the data key of the left record."""
    review = PairReview(
        candidate=row,
        reviewer_id=actor.user_id,
        by=actor.label,
        answer=answer,
        at=timezone.now(),
        of_sample=row.state in LINKED_STATES,
    )
    if reason.strip():
        review.reason = save_text(records[row.left_id].data_key, reason.strip())
    review.save(force_insert=True)
    return review


def check_can_answer(actor: Actor, row: MatchCandidate) -> None:
    """Raise BadInput unless the actor may answer this locked pair now."""
    if not is_open_for_answers(row):
        raise BadInput(Fault(gettext_noop("this pair was concluded meanwhile"), gettext_noop("take the next one")))
    if answers_of(actor).filter(candidate=row).exists():
        raise BadInput(Fault(gettext_noop("you answered this pair already"), gettext_noop("take the next one")))
    if row.pk in own_registrations(actor, [row]):
        raise BadInput(
            Fault(gettext_noop("you registered one of the two yourself"), gettext_noop("let a colleague answer"))
        )
    if links_made_by(actor).filter(candidate=row).exists():
        raise BadInput(Fault(gettext_noop("you linked these two yourself"), gettext_noop("let a colleague answer")))


def is_open_for_answers(row: MatchCandidate) -> bool:
    """Return whether the pair still waits for an answer or a recheck."""
    return row.state in {State.OPEN, State.DISCUSS} or needs_recheck(row)


def own_registrations(actor: Actor, rows: Iterable[MatchCandidate]) -> set[UUID]:
    """Return ids of pairs that the actor must not answer: they registered one or both records.

    One record counts while another reviewer is left.

    The caller bypasses row-level security.
    """
    pairs = list(rows) if actor.user_id else []
    ids = {pk for row in pairs for pk in (row.left_id, row.right_id)}
    registered_by = registrars_of(ids)
    own_pair_ids = set()
    for row in pairs:
        registrars = {registered_by.get(row.left_id), registered_by.get(row.right_id)}
        if actor.user_id in registrars and (len(registrars) == 1 or _has_other_reviewer(row, registrars)):
            own_pair_ids.add(row.pk)
    return own_pair_ids


def answers_of(actor: Actor) -> QuerySet[PairReview]:
    """Return the actor's answers that were not withdrawn."""
    return PairReview.standing.filter(is_actor(actor, "reviewer", "by"))


def links_made_by(actor: Actor) -> QuerySet[Merge]:
    """Return the actor's links that are not undone. The actor must not review these."""
    return Merge.objects.filter(is_actor(actor, "maker", "made_by"), undone_at=None)


def _has_other_reviewer(row: MatchCandidate, registrars: set[UUID | None]) -> bool:
    """Return whether a reviewer other than the two registrars may still answer."""
    has_role = (
        Q(assignments__agency=row.agency_id, assignments__role__in=WORKERS)
        if row.agency_id
        else Q(assignments__role="coordinator")
    )
    users = set(User.objects.filter(has_role, is_active=True).values_list("pk", flat=True))
    return bool(users - registrars - set(PairReview.standing.filter(candidate=row).values_list("reviewer", flat=True)))


def conclude_pair(actor: Actor, row: MatchCandidate, records: Records) -> None:
    """Draw the conclusion from all answers so far, if there is one, and save the pair."""
    answers = list(PairReview.standing.filter(candidate=row).order_by("at", "pk").values_list("answer", "of_sample"))
    last, of_sample = answers[-1]
    if of_sample:
        _conclude_sample(actor, row, records, last)
    elif row.state == State.DISCUSS:
        # the answers before disagreed or were unsure: the next decisive answer settles the pair
        if last in DECISIVE:
            _settle(actor, row, records, last)
    else:
        _conclude_open(actor, row, records, [answer for answer, _ in answers])
    row.save()


def _conclude_sample(actor: Actor, row: MatchCandidate, records: Records, last: str) -> None:
    """Apply the answer of a recheck."""
    if last in DECISIVE:
        row.sample_answer = last
    if last == Answer.SAME:
        # an automatic link becomes a human decision: no matching run undoes it
        record_decision(actor, records[row.left_id], records[row.right_id], PairDecision.Kind.MUST)
    if last == Answer.DIFFERENT:
        row.state = State.DISCUSS  # the link stays until a third reviewer has answered


def _conclude_open(actor: Actor, row: MatchCandidate, records: Records, answers: list[str]) -> None:
    """Conclude an open pair: settle it, put it under discussion, or wait for more answers."""
    row.risks = [
        *row.risks,
        *(code for code in cluster_risks(row.left_id, row.right_id, row.agency_id) if code not in row.risks),
    ]
    decisive = [answer for answer in answers if answer in DECISIVE]
    if len(set(decisive)) > 1 or answers.count(Answer.UNSURE) >= UNSURE:
        row.state = State.DISCUSS
    elif len(decisive) >= (2 if row.is_risky else 1):
        # ask two reviewers of a risky pair whatever the first says: otherwise a second request would disclose it
        _settle(actor, row, records, decisive[0])


def _settle(actor: Actor, row: MatchCandidate, records: Records, answer: str) -> None:
    """Link the two records, or keep them apart; discuss the pair when another decision or link forbids it."""
    left, right = records[row.left_id], records[row.right_id]
    row.concluded_at = timezone.now()
    if answer == Answer.DIFFERENT and (_is_merged(left.pk, right.pk) or not unlink_pair(actor, row)):
        row.state = State.DISCUSS  # merged, or linked through a third record: that has to be undone first
        return
    if answer == Answer.DIFFERENT:
        record_decision(actor, left, right, PairDecision.Kind.CANNOT)
        row.state = State.DIFFERENT
        return
    if _is_kept_apart(left.pk, right.pk):
        # another decision keeps two of these records apart: the reviewers discuss the pair
        row.state = State.DISCUSS
        return
    is_first_link = not Merge.objects.filter(candidate=row, undone_at=None).exists()
    record_decision(actor, left, right, PairDecision.Kind.MUST)
    row.state = State.SAME
    if is_first_link:
        surviving, other = _keep_larger_person(left, right)
        link_records(actor, surviving, other, LinkDetails(candidate=row))
        draw_for_recheck(row)
        agency_disclosure.add_timeline_events(actor, left, right)


def _is_merged(left: UUID, right: UUID) -> bool:
    """Return whether the two records are merged with each other."""
    rows = Merge.objects.filter(kept__in=[left, right], other__in=[left, right], kind=Merge.Kind.MERGE, undone_at=None)
    return rows.exists()


def _is_kept_apart(left: UUID, right: UUID) -> bool:
    """Return whether a decision keeps records of the two persons apart."""
    return has_cannot_decision(records_of(person_of(left)), records_of(person_of(right)))


def _keep_larger_person(left: IdentityRecord, right: IdentityRecord) -> tuple[IdentityRecord, IdentityRecord]:
    """Return the pair, the record of the remaining person first: more records, then the older record.

    So most records keep their person, and counts of persons change little.
    """
    sizes = {row.pk: len(records_of(person_of(row.pk))) for row in (left, right)}
    kept, other = sorted((left, right), key=lambda row: (-sizes[row.pk], row.created_at, row.pk))
    return kept, other


def reopen_pair(actor: Actor, candidate: MatchCandidate, reason: str) -> MatchCandidate:
    """Reopen a pair that was concluded as two persons; the earlier decision ends and is kept.

    Earlier reviewers do not answer again, except the actor when nobody else is left: their answer is withdrawn. Raises
    BadInput when the pair is not concluded as two persons.
    """
    with audit.act(actor, "persons.reopen", target=f"match:{candidate.pk}") as event:
        authorization.require(actor, "persons.review", candidate)
        with session_scope.bypass_row_security(BEYOND):
            records = lock_persons(candidate.left_id, candidate.right_id)
            row = MatchCandidate.objects.select_for_update().get(pk=candidate.pk)
            decision = current_decision(row.left_id, row.right_id)
            if row.state != State.DIFFERENT or decision is None:
                raise BadInput(Fault(gettext_noop("this pair is not closed"), gettext_noop("reload the page")))
            end_decision(actor, row.left_id, row.right_id, save_text(records[row.left_id].data_key, reason.strip()))
            answers, withdrawn_count = PairReview.standing.filter(candidate=row), 0
            if next_reviewer(row) == "nobody":
                withdrawn_count = answers_of(actor).filter(candidate=row).update(withdrawn_at=timezone.now())
            # without a valid answer, or with the actor's own withdrawn, the next answer counts as a first one
            row.state = State.OPEN if withdrawn_count or not answers.exists() else State.DISCUSS
            row.concluded_at = None
            row.save()
            event.note(state=row.state)
    return row
