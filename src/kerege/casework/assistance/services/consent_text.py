"""The text that a caseworker reads to the person before the answer. A new wording is a new version.

The text does not mention what happened to the person: a reader of the form learns only that an agency keeps data.
"""

from __future__ import annotations

from django.utils.translation import gettext, ngettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from kerege.vocabulary.profile import active

VERSION = "2026-2"
# the version without the sentence on the retention period
WITHOUT_TERM = "2026-1"
# labels of data categories that do not reveal a victim on the printed form
NEUTRAL_LABELS = {"exploitation": _("What happened to me"), "proceedings": _("Matters with the authorities")}
PARAGRAPHS = (
    _("You decide whether we pass on what you have told us, to whom, what exactly and for how long."),
    _("You may refuse. Whatever you answer, you receive the same help as before."),
    _("What you allow is shown only to the organisation named below, and only the kinds of data named below."),
    _("You may change your mind at any time and need give no reason. From that moment on it is shown no longer."),
    _("You may ask at any time what is written about you and who has read it."),
    _("Figures without names may be published. You cannot be recognised in them."),
)
# labels of the fields of the printed form
LABELS = {
    "title": _("Agreement on my data"),
    "name": _("Name"),
    "purpose": _("Purpose"),
    "recipient": _("For whom"),
    "no_recipient": _("No particular agency"),
    "data": _("Which data"),
    "start": pgettext_lazy("start date", "From"),
    "until": _("Until"),
    "no_end": _("no end set"),
    "answer": _("Answer"),
    "agrees": _("Agrees"),
    "refuses": _("Refuses"),
    "how": _("How"),
    "interpreter": _("through an interpreter"),
    "explained": _("What was explained"),
    "signature": _("Signature or thumbprint"),
    "guardian": _("Guardian, for a child"),
    "witness": _("Witness or interpreter"),
    "explained_by": _("Explained by"),
    "day": _("Day"),
    "version": _("Version of the text:"),
}


def list_paragraphs(version: str = VERSION) -> list[str]:
    """Return the paragraphs of a version in the active language; 2026-1 lacks the retention period."""
    paragraphs = [str(text) for text in PARAGRAPHS]
    return paragraphs if version == WITHOUT_TERM else [*paragraphs, write_retention_sentence()]


def get_retention_months() -> int:
    """Return the retention period of closed cases in months, by the country profile; 0 when it sets none."""
    rule = active().retention.get("closed_case")
    return rule.months if rule else 0


def write_retention_sentence() -> str:
    """Return the sentence on the retention period; without a period in the profile it names the law."""
    months = get_retention_months()
    if not months:
        return gettext("What you tell us is kept only as long as the law requires, and is then erased.")
    if months % 12:
        text = ngettext(
            "What you tell us is kept for %(n)d month after our work with you has ended, and is then erased.",
            "What you tell us is kept for %(n)d months after our work with you has ended, and is then erased.",
            months,
        )
        return text % {"n": months}
    text = ngettext(
        "What you tell us is kept for %(n)d year after our work with you has ended, and is then erased.",
        "What you tell us is kept for %(n)d years after our work with you has ended, and is then erased.",
        months // 12,
    )
    return text % {"n": months // 12}
