"""Proposal from the answers of a screening, in words. It rejects nobody and changes no status."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kerege.casework.intake.models import Screening
from kerege.vocabulary import screening as standard
from kerege.web.templatetags.kerege import language

REFER = gettext_noop("Refer for formal identification.")
ASK_AGAIN = gettext_noop(
    "This rejects no person. The facts may not be known yet, or may not have begun. Help continues. Ask again later."
)
NO_CLASS = gettext_noop("The answers do not yet indicate a category")
# (profile, class) -> title and next step; a profile without an entry uses the entry of ''
WORDS = {
    ("", "trafficking"): (gettext_noop("Indicators consistent with trafficking for forced labour"), REFER),
    ("child", "trafficking"): (gettext_noop("Indicators consistent with trafficking of a child for labour"), REFER),
    ("", "intermediate"): (
        gettext_noop(
            "Indicators consistent with exploitation, together with deception, coercion or abuse of vulnerability"
        ),
        gettext_noop("Not every part of trafficking is shown so far. Refer for formal identification."),
    ),
    ("", "labour_rights"): (
        gettext_noop("Indicators of exploitation only: consistent with a labour-rights case"),
        gettext_noop("Legal help and the labour inspection can act now. Ask again when more is known."),
    ),
    ("child", "labour_rights"): (
        gettext_noop(
            "Indicators of the exploitation of a child; it is not known yet who brought, hid or received the child"
        ),
        gettext_noop("Protect the child now. Ask how the child came there."),
    ),
    ("", "indicators_present"): (gettext_noop("Indicators of forced labour are present"), REFER),
    ("", "insufficient"): (NO_CLASS, ASK_AGAIN),
}
COULD_BE = {
    "trafficking": gettext_noop("Unanswered questions could still make it consistent with trafficking."),
    "intermediate": gettext_noop("Unanswered questions could still add deception, coercion or abuse of vulnerability."),
    "labour_rights": gettext_noop("Unanswered questions could still show exploitation."),
    "indicators_present": gettext_noop("Unanswered questions could still show indicators."),
}


@dataclass(frozen=True)
class DimensionResult:
    """A dimension of a screening: its title, and counts of indicators and answers."""

    code: str
    title: str
    present: int
    answered: int
    asked: int
    positive: bool
    open: bool
    weights: str


@dataclass(frozen=True)
class Proposal:
    """The proposed class, the next step, what open answers could change, and the dimensions."""

    title: str
    todo: str
    could_be: str
    consistent: bool
    parts: list[DimensionResult]
    answered: int
    asked: int


def build_proposal(screening: Screening) -> Proposal:
    """Return the proposal of a screening in the reader's language.

    It is empty for a screening without a stored result, such as one that was recorded elsewhere.
    """
    tool = standard.tools().get(screening.tool)
    stored = screening.result
    proposed_class, reachable_class = stored.get("class", ""), stored.get("reachable", "")
    title, todo = WORDS.get((screening.profile, proposed_class)) or WORDS.get(("", proposed_class), ("", ""))
    parts = _list_dimensions(tool, screening) if tool else []
    return Proposal(
        title=_(title) if title else "",
        todo=_(todo) if todo else "",
        could_be=_(COULD_BE[reachable_class])
        if reachable_class in COULD_BE and reachable_class != proposed_class
        else "",
        consistent=proposed_class in standard.CONSISTENT,
        parts=parts,
        answered=stored.get("answered", 0),
        asked=stored.get("asked", 0),
    )


def _list_dimensions(tool: standard.Tool, screening: Screening) -> list[DimensionResult]:
    lang, rows = language(), []
    for row in tool.dimension:
        stored = screening.result.get("dimensions", {}).get(row.code, {})
        answered = sum(1 for question in tool.of(row.code) if screening.answers.get(question.code))
        rows.append(
            DimensionResult(
                code=row.code,
                title=row.title.in_language(lang),
                present=stored.get("present", 0),
                answered=answered,
                asked=len(tool.of(row.code)),
                positive=stored.get("positive", False),
                open=stored.get("open", False),
                weights=_weights_text(stored),
            )
        )
    return rows


def _weights_text(stored: dict[str, int]) -> str:
    """Return the counts of strong, medium and weak indicators in words."""
    strong, medium, weak = (stored.get(name, 0) for name in ("strong", "medium", "weak"))
    words = [
        _("strong: %(n)d") % {"n": strong} if strong else "",
        _("medium: %(n)d") % {"n": medium} if medium else "",
        _("weak: %(n)d") % {"n": weak} if weak else "",
    ]
    return ", ".join(filter(None, words))
