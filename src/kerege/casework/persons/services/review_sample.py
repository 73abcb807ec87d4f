"""Sample of links for a blind recheck."""

from __future__ import annotations

from kerege.casework.persons.models import MatchCandidate
from kerege.casework.persons.services.reviewer_assignment import LINKED_STATES
from kerege.casework.persons.thresholds import SAMPLE


def draw_for_recheck(row: MatchCandidate) -> None:
    """Draw one in SAMPLE links, however made: a sample without one kind would bias the false link rate.

    The draw depends on the id alone, so that a pair linked in two steps is drawn once.
    """
    row.sampled = row.pk.int % SAMPLE == 0


def needs_recheck(row: MatchCandidate) -> bool:
    """Return whether the recheck of a drawn link is still missing."""
    return row.state in LINKED_STATES and row.sampled and not row.sample_answer
