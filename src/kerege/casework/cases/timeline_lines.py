"""Timeline lines about attachments, legal holds and erasure."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from kerege.base.registry import Entry
from kerege.casework.cases.timeline import Directory, Words, Writer, timeline_lines
from kerege.web.templatetags.kerege import code


def _file(detail: dict[str, Any], known: Directory) -> Words:
    return _("File added: %(document)s") % {"document": code(detail.get("document", ""), "document_kind")}, ""


def _file_removed(detail: dict[str, Any], known: Directory) -> Words:
    return _("File removed: %(document)s") % {"document": code(detail.get("document", ""), "document_kind")}, ""


def _file_put_back(detail: dict[str, Any], known: Directory) -> Words:
    return _("File restored: %(document)s") % {"document": code(detail.get("document", ""), "document_kind")}, ""


def _hold(detail: dict[str, Any], known: Directory) -> Words:
    return _("Legal hold placed"), code(detail.get("ground", ""), "hold_ground")


def _hold_ended(detail: dict[str, Any], known: Directory) -> Words:
    return _("Legal hold ended"), code(detail.get("ground", ""), "hold_ground")


def _erasure_asked(detail: dict[str, Any], known: Directory) -> Words:
    return _("Erasure asked for"), code(detail.get("ground", ""), "erasure_ground")


def _erased(detail: dict[str, Any], known: Directory) -> Words:
    return _("Personal data erased"), ""


LINES: dict[str, Writer] = {
    "file": _file,
    "file_removed": _file_removed,
    "file_put_back": _file_put_back,
    "hold": _hold,
    "hold_ended": _hold_ended,
    "erasure_asked": _erasure_asked,
    "erased": _erased,
}
timeline_lines.add(*(Entry(kind, write) for kind, write in LINES.items()))
