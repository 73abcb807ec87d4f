"""Paper form of an initial report: an empty form as tagged PDF, whose content a worker enters later."""

from __future__ import annotations

import json
from functools import lru_cache
from pathlib import Path

from django.utils import translation
from django.utils.translation import gettext as _

from kerege.casework.intake.forms.outside_reports import PublicReportForm
from kerege.vocabulary import profile
from kerege.vocabulary.profile_parts import Phone
from kerege.web import pdf

TEMPLATE = Path(__file__).parent / "data" / "paper_form.typ"
TICKED = ("sender_kind", "region", "receiver", "urgency", "suspected_form")


def to_pdf(language: str) -> bytes:
    """Return the empty form in a language as PDF/UA-1."""
    with translation.override(language):
        return _compile(json.dumps(_data(language)))


@lru_cache(maxsize=8)
def _compile(data: str) -> bytes:
    return pdf.to_pdf(TEMPLATE, json.loads(data))


def _data(language: str) -> dict[str, object]:
    """Return the words of the form, with the choices that are ticked on paper."""
    country, form = profile.active(), PublicReportForm()
    return {
        "lang": language,
        "title": _("Initial report of a possible victim of trafficking in persons"),
        "lead": _("For organisations that the law names and that have no account in Kerege."),
        "danger": _("Danger now? Call:"),
        "numbers": [_number(country.emergency), _number(country.hotline)],
        "further": [f"{phone.name.in_language(language)}: {_number(phone)}" for phone in country.phones],
        "privacy": _("Hand this paper over in person or in a closed envelope. Do not photograph it."),
        "fields": [_field(form, name) for name in form.fields],
        "received": [_("Received by the agency"), _("Day"), _("Reference in Kerege")],
        "signature": [_("Day"), _("Signature")],
    }


def _number(phone: Phone) -> str:
    """Return a telephone number, with a mark where no lawyer has confirmed it."""
    return phone.number if phone.confirmed else f"{phone.number} ({_('number not confirmed')})"


def _field(form: PublicReportForm, name: str) -> dict[str, object]:
    """Return label, hint, and either the choices or the number of empty lines of a field."""
    field = form.fields[name]
    ticked: list[str] = []
    if name in TICKED:
        # the widget holds the choices read in the active language; a group (such as "not known") is left out
        ticked = [str(label) for code, label in form[name].field.widget.choices if code and isinstance(label, str)]
    hint = "" if name == "narrative" else str(field.help_text)
    return {"label": str(field.label), "hint": hint, "choices": ticked, "lines": 12 if name == "narrative" else 1}
