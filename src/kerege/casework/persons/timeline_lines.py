"""The lines of a timeline about merges and other agencies."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kerege.base.registry import Entry
from kerege.casework.cases.timeline import Directory, Words, Writer, timeline_lines


def _merged(detail: dict[str, Any], known: Directory) -> Words:
    return _("Two records of this person were merged"), ""


def _undone(detail: dict[str, Any], known: Directory) -> Words:
    return _("The merge of two records was undone"), ""


def _elsewhere(detail: dict[str, Any], known: Directory) -> Words:
    return _("Another agency knows this person"), known.agencies.get(detail.get("to", ""), "")


LINES: dict[str, Writer] = {"records_merged": _merged, "merge_undone": _undone, "known_elsewhere": _elsewhere}
timeline_lines.add(*(Entry(kind, write) for kind, write in LINES.items()))
