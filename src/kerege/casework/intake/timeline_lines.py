"""Timeline lines about identification."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kerege.base.registry import Entry
from kerege.casework.cases.timeline import Directory, Words, Writer, timeline_lines
from kerege.web.templatetags.kerege import code


def _requested(detail: dict[str, Any], known: Directory) -> Words:
    title = _("Decision asked for: %(agency)s") % {"agency": known.agencies.get(detail.get("to", ""), "?")}
    return title, code(detail.get("track", ""), "decision_track")


def _notified(detail: dict[str, Any], known: Directory) -> Words:
    title = _("The person was informed of the decision")
    return title, code(detail.get("track", ""), "decision_track")


def _review_asked(detail: dict[str, Any], known: Directory) -> Words:
    return _("A decision is reviewed"), code(detail.get("track", ""), "decision_track")


LINES: dict[str, Writer] = {"decision_requested": _requested, "notified": _notified, "review_asked": _review_asked}
timeline_lines.add(*(Entry(kind, write) for kind, write in LINES.items()))
