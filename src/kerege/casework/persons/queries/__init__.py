"""Every read about who is the same person: the queue, the card of a pair, side by side, what was tied, quality."""

from __future__ import annotations

from kerege.casework.persons.queries.cards import Line, PairCard, pair_card
from kerege.casework.persons.queries.drift import Drift
from kerege.casework.persons.queries.known import known_elsewhere, person_cases, survivor
from kerege.casework.persons.queries.quality import Again, Board, Rates, quality
from kerege.casework.persons.queries.queue import (
    Weight,
    answered_by,
    answers,
    auto_links,
    explained,
    merges,
    reason_of,
    waiting,
    work_items,
)
from kerege.casework.persons.queries.sides import FieldPair, Sides, side_by_side

__all__ = [
    "Again",
    "Board",
    "Drift",
    "FieldPair",
    "Line",
    "PairCard",
    "Rates",
    "Sides",
    "Weight",
    "answered_by",
    "answers",
    "auto_links",
    "explained",
    "known_elsewhere",
    "merges",
    "pair_card",
    "person_cases",
    "quality",
    "reason_of",
    "side_by_side",
    "survivor",
    "waiting",
    "work_items",
]
