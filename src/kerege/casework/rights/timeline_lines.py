"""Timeline lines about the rights of a person."""

from __future__ import annotations

from collections.abc import Mapping

from django.utils.translation import gettext as _

from kerege.base.registry import Entry
from kerege.casework.cases.timeline import Directory, Words, Writer, timeline_lines
from kerege.web.templatetags.kerege import code

Detail = Mapping[str, str]


def _legal_stay(detail: Detail, directory: Directory) -> Words:
    return _("Right to stay recorded"), code(detail.get("ground", ""), "stay_ground")


def _stay_step(detail: Detail, directory: Directory) -> Words:
    return _("Step of legal stay"), code(detail.get("step", ""), "stay_step")


def _rights_record(detail: Detail, directory: Directory) -> Words:
    titles = {
        "guardian": _("Guardian recorded"),
        "bestinterest": _("Best interests of the child assessed"),
        "agedoubt": _("Doubt about the age recorded"),
        "rightstold": _("Rights told to the person"),
        "reflection": _("Reflection period recorded"),
        "legalaid": _("Legal aid recorded"),
        "penalised": _("Charge against the person recorded"),
        "complaint": _("Complaint recorded"),
    }
    return titles.get(detail.get("record", ""), _("Entry")), ""


LINES: dict[str, Writer] = {"legal_stay": _legal_stay, "stay_step": _stay_step, "rights_record": _rights_record}
timeline_lines.add(*(Entry(kind, write) for kind, write in LINES.items()))
