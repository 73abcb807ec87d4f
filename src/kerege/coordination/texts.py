"""Texts by language, and the gate that refuses references and identity numbers in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import get_language, gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.core.authorization.rules import REFERENCE
from kerege.vocabulary.languages import LAST_RESORT, text_or

Texts = Mapping[str, str]
# a reference inside a text; twelve digits in a row are an identity number
INSIDE = re.compile(rf"(?<![0-9A-Za-z])(?:{REFERENCE.pattern})(?![0-9A-Za-z])")
IDENTITY = re.compile(r"(?<!\d)(?:\d[ -]?){11}\d(?!\d)")


def text_in_language(texts: Texts) -> str:
    """Return the text in the active language, else in its first fallback; '' if there is none."""
    return text_or(texts, get_language() or LAST_RESORT, "")


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
