"""What the answers of a screening propose, in words. It is a proposal: it rejects nobody and changes no status."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kerege.casework.intake.models import Screening
from kerege.vocabulary import screening as standard
from kerege.web.templatetags.kerege import language

REFER = gettext_noop("Refer for formal identification.")
ASK_AGAIN = gettext_noop(
    "This rejects nobody: it may not have been told yet, or not have begun. Help goes on; ask again later."
)
NO_CLASS = gettext_noop("The answers do not make up a class so far")
# (profile, class) -> what it is, what to do next; a profile that is not named takes the one of ''
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
            "Indicators of the exploitation of a child; nobody is named so far who brought, hid or received the child"
        ),
        gettext_noop("Protect the child now. Ask how the child came there."),
    ),
    ("", "indicators_present"): (gettext_noop("Indicators of forced labour are present"), REFER),
    ("", "insufficient"): (NO_CLASS, ASK_AGAIN),
}
COULD_BE = {
    "trafficking": gettext_noop("Open answers could still make it consistent with trafficking."),
    "intermediate": gettext_noop("Open answers could still add deception, coercion or abuse of vulnerability."),
    "labour_rights": gettext_noop("Open answers could still show exploitation."),
    "indicators_present": gettext_noop("Open answers could still show indicators."),
}


@dataclass(frozen=True)
class Part:
    """A dimension as it stands: its title, how many indicators are present and how many answers are given."""

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
    """What the indicators propose, what to do next, what could still change it, and the dimensions."""

    title: str
    todo: str
    could_be: str
    consistent: bool
    parts: list[Part]
    answered: int
    asked: int


def proposal(screening: Screening) -> Proposal:
    """The proposal of a screening in the reader's language; one recorded elsewhere has answers only."""
    tool = standard.tools().get(screening.tool)
    stored = screening.result
    found, could = stored.get("class", ""), stored.get("reachable", "")
    title, todo = WORDS.get((screening.profile, found)) or WORDS.get(("", found), ("", ""))
    parts = _parts(tool, screening) if tool else []
    return Proposal(
        _(title) if title else "",
        _(todo) if todo else "",
        _(COULD_BE[could]) if could in COULD_BE and could != found else "",
        found in standard.CONSISTENT,
        parts,
        stored.get("answered", 0),
        stored.get("asked", 0),
    )


def _parts(tool: standard.Tool, screening: Screening) -> list[Part]:
    lang, rows = language(), []
    for row in tool.dimension:
        stored = screening.result.get("dimensions", {}).get(row.code, {})
        answered = sum(1 for one in tool.of(row.code) if screening.answers.get(one.code))
        rows.append(
            Part(
                row.code,
                row.title.in_language(lang),
                stored.get("present", 0),
                answered,
                len(tool.of(row.code)),
                stored.get("positive", False),
                stored.get("open", False),
                _weights(stored),
            )
        )
    return rows


def _weights(stored: dict[str, int]) -> str:
    """How many strong, medium and weak indicators are present, in words."""
    strong, medium, weak = (stored.get(name, 0) for name in ("strong", "medium", "weak"))
    words = [
        _("strong: %(n)d") % {"n": strong} if strong else "",
        _("medium: %(n)d") % {"n": medium} if medium else "",
        _("weak: %(n)d") % {"n": weak} if weak else "",
    ]
    return ", ".join(filter(None, words))
