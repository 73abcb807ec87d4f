"""Values and sources of facts in words that a lawyer reads: no name of a field, no code."""

from __future__ import annotations

from collections.abc import Iterator

from django.utils.translation import gettext as _
from django.utils.translation import gettext_noop

from kerege.core.admin.law.fact_fields import FactPart, list_parts
from kerege.vocabulary.corrections import values_of
from kerege.vocabulary.profile_parts import Approvals, Fact
from kerege.web.templatetags.kerege import code, language

# the code list of each part whose values are codes
LISTS = {
    "catalogue": "service",
    "formal": "agency_kind",
    "guaranteed": "service_guaranteed",
    "kinds": "agency_kind",
    "known": "offence",
    "national": "role",
    "alone": "role",
    "apart": "role",
    "not_for_union": "stay_step",
    "offences": "offence",
    "preliminary": "agency_kind",
    "receivers": "agency_kind",
    "second_person": "role",
    "steps": "stay_step",
    "union": "country",
    "by_agency_kind": "payer",
}
KEYS = {"kinds": "role", "by_agency_kind": "agency_kind"}
# how a source of the profile begins that is no act
SUGGESTED = {
    "design suggestion": gettext_noop("suggested by the authors of Kerege, stated in no act"),
    "background knowledge": gettext_noop("background knowledge, no text was read"),
}


def say_value(fact: Fact) -> str:
    """Return the value of a fact in words, each part with its label; texts only in the reader's language."""
    parts = [part for part in list_parts(values_of(fact)) if _is_spoken(part)]
    return "; ".join(f"{_label(part)}: {words}" for part in parts if (words := _say(fact, part)))


def say_source(source: str) -> str:
    """Return in words that a source is a suggestion or background knowledge; "" for one that was read."""
    begins = next((begin for begin in SUGGESTED if source.startswith(begin)), "")
    return _(SUGGESTED[begins]) if begins else ""


def _is_spoken(part: FactPart) -> bool:
    """Return whether a part is no text in another language of the profile."""
    is_text = isinstance(part.value, str) and len(part.keys) > 1 and part.keys[0] not in LISTS
    return not is_text or part.keys[-1] == language()


def _label(part: FactPart) -> str:
    if part.keys[0] in KEYS and len(part.keys) > 1:
        return code(part.keys[-1], KEYS[part.keys[0]])
    own = part.keys[:-1] if part.keys[-1] == language() else part.keys
    return FactPart(own, part.value).label


def _say(fact: Fact, part: FactPart) -> str:
    if isinstance(part.value, bool):
        return code("yes" if part.value else "no", "answer")
    if part.value is None:
        return _("not read")
    words = part.value if isinstance(part.value, list) else [part.value]
    return ", ".join(_say_items(words, _list_of(fact, part)))


def _list_of(fact: Fact, part: FactPart) -> str:
    if isinstance(fact, Approvals):
        return "approval_kind"
    return LISTS.get(part.keys[0], "")


def _say_items(items: list[object], list_name: str) -> Iterator[str]:
    for item in items:
        if isinstance(item, list):
            yield " + ".join(_say_items(item, list_name))
        elif str(item):
            yield code(str(item), list_name) if list_name else str(item)
