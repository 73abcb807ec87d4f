"""Texts by language, and the gate that refuses references and identity numbers in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from django.utils.translation import get_language, gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.core.authorization.rules import REFERENCE
from kerege.vocabulary.languages import LAST_RESORT, nearest, text_or

Texts = Mapping[str, str]
# a reference inside a text; twelve digits in a row are an identity number
INSIDE = re.compile(rf"(?<![0-9A-Za-z])(?:{REFERENCE.pattern})(?![0-9A-Za-z])")
IDENTITY = re.compile(r"(?<!\d)(?:\d[ -]?){11}\d(?!\d)")


def text_in_language(texts: Texts) -> str:
    """Return the text in the active language, else in its first fallback; '' if there is none."""
    return text_or(texts, get_language() or LAST_RESORT, "")


@dataclass(frozen=True)
class Wording:
    """Text in the active language or a fallback, and the language that it is in."""

    text: str = ""
    language: str = ""


def word(texts: Texts) -> Wording:
    """Return the text that a reader of the active language sees, with its own language."""
    given = {tag: text for tag, text in texts.items() if text}
    if not given:
        return Wording()
    tag = nearest(get_language() or LAST_RESORT, given)
    return Wording(given[tag], tag)


def check_text(*texts: str, row: int | None = None, column: str = "") -> None:
    """Raise BadInput when a text holds the reference of a case or an identity number.

    Parameters
    ----------
    *texts : str
        Texts to store.
    row, column : int, str, optional
        Place of the text in a file.
    """
    for text in texts:
        if INSIDE.search(text) or IDENTITY.search(text):
            what = gettext_noop("the text holds a reference or an identity number")
            todo = gettext_noop("write it without naming a case or a person")
            raise BadInput(Fault(what, todo, row=row, column=column))
