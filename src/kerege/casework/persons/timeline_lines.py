"""Timeline events about merges and about other agencies."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kerege.base.registry import Entry
from kerege.casework.cases.timeline import Directory, Words, Writer, timeline_lines


def _merged_text(detail: dict[str, Any], directory: Directory) -> Words:
    """Return the text of a merge."""
    return _("Two records of this person were merged"), ""


def _undone_text(detail: dict[str, Any], directory: Directory) -> Words:
    """Return the text of an undone merge."""
    return _("The merge of two records was undone"), ""


def _elsewhere_text(detail: dict[str, Any], directory: Directory) -> Words:
    """Return the text about another agency that knows the person, and the agency's name."""
    return _("Another agency knows this person"), directory.agencies.get(detail.get("to", ""), "")


LINES: dict[str, Writer] = {
    "records_merged": _merged_text,
    "merge_undone": _undone_text,
    "known_elsewhere": _elsewhere_text,
}
timeline_lines.add(*(Entry(kind, write) for kind, write in LINES.items()))
