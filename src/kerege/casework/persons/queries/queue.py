"""What waits for a reviewer, and what may be told of a pair that was answered."""

from __future__ import annotations

from typing import NamedTuple

from django.db.models import Exists, OuterRef, Q, QuerySet

from kerege.casework.persons.models import MatchCandidate, Merge, Review
from kerege.core import access
from kerege.core.access import Actor

State = MatchCandidate.State


class Weight(NamedTuple):
    """One line of the waterfall: what was compared, how far it agreed, what that weighs in bits."""

    label: str
    level: str
    weight: float


def work_items(actor: Actor) -> QuerySet[MatchCandidate]:
    """Pairs that the actor may answer now, the oldest first: open, under discussion, or looked at once more.

    Which of the three it is, who answered before and what the machine thinks is not for a page before she answered.
    """
    rows = access.scope(actor, MatchCandidate, action="persons.review")
    wanted = Q(state__in=[State.OPEN, State.DISCUSS]) | Q(state=State.SAME, sampled=True, sample_answer="")
    mine = Review.objects.filter(candidate=OuterRef("pk"), by=actor.label)
    return rows.filter(wanted).exclude(Exists(mine))


def waiting(actor: Actor) -> int:
    """How many pairs wait for the actor."""
    return work_items(actor).count()


def answered_by(actor: Actor) -> QuerySet[MatchCandidate]:
    """Pairs that the actor answered, the newest first."""
    rows = access.scope(actor, MatchCandidate, action="persons.review")
    return rows.filter(reviews__by=actor.label).order_by("-reviews__at")


def answers(actor: Actor, candidate: MatchCandidate) -> list[Review]:
    """What was answered about a pair: nothing before the actor answered, unless reviewers disagree."""
    raise NotImplementedError


def explained(actor: Actor, candidate: MatchCandidate, language: str) -> list[Weight]:
    """The weights in words, for whoever answered; Denied before."""
    raise NotImplementedError


def merges(actor: Actor) -> QuerySet[Merge]:
    """What was tied and not undone, that the actor may undo; the newest first."""
    return access.scope(actor, Merge, action="persons.undo").filter(undone_at=None)


def auto_links(actor: Actor) -> QuerySet[Merge]:
    """What the machine tied by equal verified documents."""
    return merges(actor).filter(source=Merge.Source.AUTO)
