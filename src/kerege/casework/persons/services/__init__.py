"""Every write about who is the same person: matching, reviewing, linking, merging, undoing."""

from __future__ import annotations

from kerege.casework.persons.services.bulk import keep_apart
from kerege.casework.persons.services.choosing import CHOSEN, LISTS
from kerege.casework.persons.services.matching import Run, match_due, rematch
from kerege.casework.persons.services.merging import MergeDraft, ask_second, merge_records
from kerege.casework.persons.services.restoring import Undone, undo_merge
from kerege.casework.persons.services.reviewing import answer, reopen

__all__ = [
    "CHOSEN",
    "LISTS",
    "MergeDraft",
    "Run",
    "Undone",
    "answer",
    "ask_second",
    "keep_apart",
    "match_due",
    "merge_records",
    "rematch",
    "reopen",
    "undo_merge",
]
