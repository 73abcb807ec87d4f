"""Which ties come back for a second, blind look."""

from __future__ import annotations

from kerege.casework.persons.models import MatchCandidate
from kerege.casework.persons.services.reviewer_assignment import TIED
from kerege.casework.persons.thresholds import SAMPLE


def draw(row: MatchCandidate) -> None:
    """One in so many, however the two were tied: a rate of false ties that leaves out a kind speaks for none.

    Always the same answer for the same pair, so that a pair that is tied in two steps is drawn once.
    """
    row.sampled = row.pk.int % SAMPLE == 0


def looks_again(row: MatchCandidate) -> bool:
    """Whether the second look is still wanted."""
    return row.state in TIED and row.sampled and not row.sample_answer
