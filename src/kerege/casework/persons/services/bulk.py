"""Bulk answers for pairs that people concluded before, for filling a register."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from kerege.base.errors import Refused
from kerege.casework.persons.models import MatchCandidate, PairDecision, PairReview
from kerege.casework.persons.services.review import BEYOND, own_registrations
from kerege.casework.vault.models.identities import Membership
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope

State, Answer = MatchCandidate.State, PairReview.Answer


def keep_apart(reviewers: Sequence[Actor], candidates: Sequence[MatchCandidate]) -> None:
    """Conclude that each of the open pairs is two persons, as the reviewers answered; one audit event.

    The first reviewer answers every pair, the second the risky ones too. Raises Denied when a reviewer may not answer,
    Refused when a pair is not open, was answered, is one person already, or holds a record that they registered (see
    `own_registrations`).
    """
    first, second = reviewers
    ids = [row.pk for row in candidates]
    with audit.act(first, "persons.answer", target="matches") as event:
        for reviewer in reviewers:
            _require_all(reviewer, ids)
        with session_scope.bypass_row_security(BEYOND):
            rows = list(MatchCandidate.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
            _check_open(rows)
            if any(own_registrations(reviewer, rows) for reviewer in reviewers):
                raise Refused("a reviewer registered a record of these pairs: let a colleague answer")
            PairReview.objects.bulk_create(
                _review(row, reviewer) for row in rows for reviewer in ((first, second) if row.is_risky else (first,))
            )
            PairDecision.objects.bulk_create(_decision(row, first) for row in rows)
            for row in rows:
                row.state, row.concluded_at = State.DIFFERENT, timezone.now()
            MatchCandidate.objects.bulk_update(rows, ["state", "concluded_at"])
        event.note(answer=Answer.DIFFERENT, state=State.DIFFERENT, pairs=len(rows), second=second.label)


def _require_all(reviewer: Actor, ids: Sequence[UUID]) -> None:
    """Check the rule for all pairs in one query; raise Denied for the first pair that it does not grant."""
    granted = authorization.scope(reviewer, MatchCandidate, action="persons.review").filter(pk__in=ids)
    refused = MatchCandidate.objects.filter(pk__in=ids).exclude(pk__in=granted.values("pk")).first()
    if refused is not None:
        authorization.require(reviewer, "persons.review", refused)


def _check_open(rows: Sequence[MatchCandidate]) -> None:
    """Raise Refused unless all pairs are open, unanswered, undecided and of two persons."""
    records = {pk for row in rows for pk in (row.left_id, row.right_id)}
    persons = dict(Membership.objects.filter(record__in=records, to_at=None).values_list("record_id", "person_id"))
    decided = PairDecision.objects.filter(left__in=records, ended_at=None).values_list("left_id", "right_id")
    pairs = {(row.left_id, row.right_id) for row in rows}
    is_answered = PairReview.standing.filter(candidate__in=rows).exists()
    if is_answered or pairs & set(decided) or any(row.state != State.OPEN for row in rows):
        raise Refused("only open pairs that nobody answered can be concluded together")
    if any(persons[left] == persons[right] for left, right in pairs):
        raise Refused("two records that are one person have to be taken apart first")


def _review(row: MatchCandidate, reviewer: Actor) -> PairReview:
    """Return an unsaved review with the answer "different"."""
    return PairReview(
        candidate=row, reviewer_id=reviewer.user_id, by=reviewer.label, answer=Answer.DIFFERENT, at=timezone.now()
    )


def _decision(row: MatchCandidate, reviewer: Actor) -> PairDecision:
    """Return an unsaved decision that the records are two persons."""
    return PairDecision(
        left_id=row.left_id,
        right_id=row.right_id,
        agency_id=row.agency_id,
        kind=PairDecision.Kind.CANNOT,
        decided_at=timezone.now(),
        decided_by=reviewer.label,
    )
