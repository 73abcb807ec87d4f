"""A person answers whether two records are one person, blind to scores and to what others answered."""

from __future__ import annotations

from kerege.casework.persons.models import MatchCandidate
from kerege.core.access import Actor


def answer(actor: Actor, candidate: MatchCandidate, answer: str, reason: str = "") -> MatchCandidate:
    """Write down an answer (Review.Answer) and conclude what can be concluded; returns the pair as it stands now.

    Raises BadInput when the pair was concluded meanwhile, when the actor answered already, or registered one of the two
    herself while somebody else could answer; Denied when the pair is none of hers.
    """
    raise NotImplementedError
