"""Every write about who is the same person: matching, reviewing, linking, merging, undoing."""

from __future__ import annotations

from kerege.casework.persons.services.matching import Run, match_due, rematch
from kerege.casework.persons.services.merging import LISTS, MergeDraft, merge_records
from kerege.casework.persons.services.restoring import Undone, undo_merge
from kerege.casework.persons.services.reviewing import answer

__all__ = [
    "LISTS",
    "MergeDraft",
    "Run",
    "Undone",
    "answer",
    "match_due",
    "merge_records",
    "rematch",
    "undo_merge",
]
