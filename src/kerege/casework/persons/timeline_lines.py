"""What this room tells in the timeline of a case."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.utils.translation import gettext as _

if TYPE_CHECKING:
    from kerege.casework.cases.timeline import Directory


def _merged(detail: dict[str, Any], known: Directory) -> tuple[str, str]:
    return _("Two records of this person were merged"), ""


def _undone(detail: dict[str, Any], known: Directory) -> tuple[str, str]:
    return _("The merge of two records was undone"), ""


def _elsewhere(detail: dict[str, Any], known: Directory) -> tuple[str, str]:
    return _("Another agency knows this person"), known.agencies.get(detail.get("to", ""), "")


EVENTS = {"records_merged": _merged, "merge_undone": _undone, "known_elsewhere": _elsewhere}
