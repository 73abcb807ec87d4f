"""Answers about many pairs at once, for filling a register with what people concluded before."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from django.utils import timezone

from kerege.base.errors import Refused
from kerege.casework.persons.models import MatchCandidate, PairDecision, Review
from kerege.casework.persons.services.review import BEYOND
from kerege.casework.vault.models.identities import Membership
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope

State, Answer = MatchCandidate.State, Review.Answer


def keep_apart(reviewers: Sequence[Actor], candidates: Sequence[MatchCandidate]) -> None:
    """Conclude of open pairs that each is two persons, as the reviewers answered; one event.

    The first reviewer answers every pair, the second a risky one too. Raises Denied when a reviewer may not answer,
    Refused when a pair is not open, was answered, or is one person already.
    """
    first, second = reviewers
    ids = [row.pk for row in candidates]
    with audit.act(first, "persons.answer", target="matches") as event:
        for reviewer in reviewers:
            _require_all(reviewer, ids)
        with session_scope.beyond(BEYOND):
            rows = list(MatchCandidate.objects.select_for_update().filter(pk__in=ids).order_by("pk"))
            _check(rows)
            Review.objects.bulk_create(
                _review(row, reviewer) for row in rows for reviewer in ((first, second) if row.is_risky else (first,))
            )
            PairDecision.objects.bulk_create(_decision(row, first) for row in rows)
            for row in rows:
                row.state, row.concluded_at = State.DIFFERENT, timezone.now()
            MatchCandidate.objects.bulk_update(rows, ["state", "concluded_at"])
        event.note(answer=Answer.DIFFERENT, state=State.DIFFERENT, pairs=len(rows), second=second.label)


def _require_all(reviewer: Actor, ids: Sequence[UUID]) -> None:
    """Ask the rule for all pairs in one question; let `require` refuse the first that the rule does not grant."""
    granted = authorization.scope(reviewer, MatchCandidate, action="persons.review").filter(pk__in=ids)
    refused = MatchCandidate.objects.filter(pk__in=ids).exclude(pk__in=granted.values("pk")).first()
    if refused is not None:
        authorization.require(reviewer, "persons.review", refused)


def _check(rows: Sequence[MatchCandidate]) -> None:
    records = {pk for row in rows for pk in (row.left_id, row.right_id)}
    person = dict(Membership.objects.filter(record__in=records, to_at=None).values_list("record_id", "person_id"))
    decided = PairDecision.objects.filter(left__in=records, ended_at=None).values_list("left_id", "right_id")
    pairs = {(row.left_id, row.right_id) for row in rows}
    answered = Review.standing.filter(candidate__in=rows).exists()
    if answered or pairs & set(decided) or any(row.state != State.OPEN for row in rows):
        raise Refused("only open pairs that nobody answered can be concluded together")
    if any(person[left] == person[right] for left, right in pairs):
        raise Refused("two records that are one person have to be taken apart first")


def _review(row: MatchCandidate, reviewer: Actor) -> Review:
    return Review(
        candidate=row, reviewer_id=reviewer.user_id, by=reviewer.label, answer=Answer.DIFFERENT, at=timezone.now()
    )


def _decision(row: MatchCandidate, reviewer: Actor) -> PairDecision:
    return PairDecision(
        left_id=row.left_id,
        right_id=row.right_id,
        agency_id=row.agency_id,
        kind=PairDecision.Kind.CANNOT,
        decided_at=timezone.now(),
        decided_by=reviewer.label,
    )
