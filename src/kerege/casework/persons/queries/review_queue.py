"""What waits for a reviewer, and what may be told of a pair that was answered."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from django.db.models import Exists, OuterRef, Q, QuerySet

from kerege.casework.persons.models import MatchCandidate, Merge, PairDecision, Review
from kerege.casework.persons.services.person_links import ordered
from kerege.casework.persons.services.review import own_work, tied_by
from kerege.casework.persons.services.reviewer_assignment import DRAWN, WAITING
from kerege.casework.vault.models.identities import IdentityVersion, SealedText
from kerege.casework.vault.services.identities import open_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor, session_scope
from kerege.linkage import register_matching

State = MatchCandidate.State


class Weight(NamedTuple):
    """One line of the waterfall: what was compared, how far it agreed, what that weighs in bits."""

    label: str
    level: str
    weight: float


def work_items(actor: Actor) -> QuerySet[MatchCandidate]:
    """Pairs that the actor may answer now, the oldest first: open, under discussion, or looked at once more.

    Which of the three it is, who answered before and what the machine thinks is not for a page before she answered;
    only of one under discussion the answers are (see `answers`).
    """
    rows = authorization.scope(actor, MatchCandidate, action="persons.review")
    wanted = Q(state__in=WAITING) | DRAWN
    mine = Review.standing.filter(candidate=OuterRef("pk"), by=actor.label)
    asked = rows.filter(wanted).exclude(Exists(mine)).exclude(Exists(tied_by(actor).filter(candidate=OuterRef("pk"))))
    return asked.exclude(pk__in=_own_work(actor, asked) | _merged_away(asked))


def _merged_away(asked: QuerySet[MatchCandidate]) -> set[UUID]:
    """Pairs of a record that was merged into another one: that one has pairs of its own. Undone, they are back.

    Not the two that were merged with each other, where a second look has doubts.
    """
    gone = Q(left__superseded_by__isnull=False) | Q(right__superseded_by__isnull=False)
    with_each_other = Merge.objects.filter(candidate=OuterRef("pk"), kind=Merge.Kind.MERGE, undone_at=None)
    with session_scope.beyond("whether a record was merged is asked, and not told"):
        rows = asked.filter(gone, state__in=[State.OPEN, State.DISCUSS]).exclude(Exists(with_each_other))
        return set(rows.values_list("pk", flat=True))


def _own_work(actor: Actor, asked: QuerySet[MatchCandidate]) -> set[UUID]:
    """Pairs of which she registered a record herself, while a colleague can answer."""
    hers = IdentityVersion.objects.filter(number=1, created_by=actor.label)
    registered = Q(Exists(hers.filter(record=OuterRef("left")))) | Q(Exists(hers.filter(record=OuterRef("right"))))
    with session_scope.beyond("who registered a record is asked, and not told"):
        return own_work(actor, asked.filter(registered))


def waiting(actor: Actor) -> int:
    """How many pairs wait for the actor."""
    return work_items(actor).count()


def answered_by(actor: Actor) -> QuerySet[MatchCandidate]:
    """Pairs that the actor answered, the newest first."""
    rows = authorization.scope(actor, MatchCandidate, action="persons.review")
    return rows.filter(reviews__by=actor.label, reviews__withdrawn_at=None).order_by("-reviews__at")


def has_answered(actor: Actor, candidate: MatchCandidate) -> bool:
    """Whether she may be told more than the card of the pair."""
    return Review.standing.filter(candidate=candidate, by=actor.label).exists()


def answered_of(actor: Actor, ties: Iterable[Merge]) -> set[UUID]:
    """Of the pairs of some ties those that the actor answered: by her own answer she tells them from one another."""
    return set(answered_by(actor).filter(pk__in=[tie.candidate_id for tie in ties]).values_list("pk", flat=True))


def answers(actor: Actor, candidate: MatchCandidate) -> list[Review]:
    """What was answered about a pair: of an open one only her own answer, of a concluded one all once she answered.

    Of a pair under discussion all, also for whoever is asked to settle it: nobody is blind there any more.
    """
    authorization.require(actor, "persons.review", candidate)
    answered = has_answered(actor, candidate)
    discussed = candidate.state == State.DISCUSS
    if not answered and not (discussed and work_items(actor).filter(pk=candidate.pk).exists()):
        return []
    rows = Review.standing.filter(candidate=candidate).select_related("reviewer")
    concluded = candidate.state in {State.SAME, State.DIFFERENT} and (not candidate.sampled or candidate.sample_answer)
    return list(rows if concluded or discussed else rows.filter(by=actor.label))


def reason_of(actor: Actor, review: Review) -> str:
    """The reason of an answer that the actor may see; the read is noted."""
    if review not in answers(actor, review.candidate):
        raise authorization.Denied("persons.review", f"match:{review.candidate_id}", hidden=True)
    audit.note(reasons=[str(review.pk)])
    return _opened(review.reason_id)


def _opened(text_id: UUID | None) -> str:
    if text_id is None:
        return ""
    with session_scope.beyond(
        "a reason is sealed under the key of a record of either agency; the rules said who reads it"
    ):
        # asked for here: what was read with the row stopped at the wall
        text = SealedText.objects.select_related("data_key").get(pk=text_id)
        return str(open_text(text) or "")


class Said(NamedTuple):
    """Why somebody tied two records, took them apart or had them asked again: which of these, why, by whom and when."""

    what: str
    why: str
    by: str
    at: datetime


def reasons_of(actor: Actor, merge: Merge) -> list[Said]:
    """Every reason that was written about a tie, for whoever may undo it; the read is noted."""
    authorization.require(actor, "persons.undo", merge)
    found = [Said("tied", _opened(merge.reason_id), merge.made_by, merge.made_at)]
    if merge.undone_at is not None:
        found.append(Said("undone", _opened(merge.undo_reason_id), merge.undone_by, merge.undone_at))
    told = [said for said in found + _asked_again(merge.kept_id, merge.other_id) if said.why]
    if told:
        audit.note(reasons=[str(merge.pk)])
    return told


def asked_again(actor: Actor, candidate: MatchCandidate) -> list[Said]:
    """Why a pair was asked again, for whoever may read its answers."""
    if not answers(actor, candidate):
        return []
    told = _asked_again(candidate.left_id, candidate.right_id)
    if told:
        audit.note(reasons=[str(candidate.pk)])
    return told


def _asked_again(one: UUID, two: UUID) -> list[Said]:
    left, right = ordered(one, two)
    with session_scope.beyond("decisions about two records; the rules said who may know of them"):
        rows = list(PairDecision.objects.filter(left=left, right=right, end_reason__isnull=False))
    return [Said("again", _opened(row.end_reason_id), row.ended_by, row.ended_at) for row in rows if row.ended_at]


def explained(actor: Actor, candidate: MatchCandidate, language: str) -> list[Weight]:
    """The weights in the words of the model (kk, ru, en), for whoever answered; Denied before."""
    authorization.require(actor, "persons.review", candidate)
    if not has_answered(actor, candidate):
        raise authorization.Denied("persons.review", f"match:{candidate.pk}", hidden=True)
    known = candidate.model_version == register_matching.model_version()
    match = register_matching.Match(candidate.weight, candidate.probability, candidate.levels, candidate.parts)
    # a level is a number of the model that gave it: of an older model only what was compared and its weight are told
    told = register_matching.explain(match, language) if known else register_matching.explain_parts(match, language)
    return [Weight(label[:1].upper() + label[1:], level, bits) for label, level, bits in told]


def merges(actor: Actor) -> QuerySet[Merge]:
    """What was tied and not undone, that the actor may undo; the newest first."""
    return authorization.scope(actor, Merge, action="persons.undo").filter(undone_at=None)


def auto_links(actor: Actor) -> QuerySet[Merge]:
    """What the machine tied by equal verified documents."""
    return merges(actor).filter(source=Merge.Source.AUTO)
