"""Texts by language, and the gate that refuses references and identity numbers in them."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.utils.translation import get_language, gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.core.authorization.rules import REFERENCE

Texts = Mapping[str, str]
# a reference inside a text; twelve digits in a row are an identity number
INSIDE = re.compile(rf"(?<![0-9A-Za-z])(?:{REFERENCE.pattern})(?![0-9A-Za-z])")
IDENTITY = re.compile(r"(?<!\d)(?:\d[ -]?){11}\d(?!\d)")


def text_in_language(texts: Texts) -> str:
    """Return the text in the active language, else the first that there is."""
    own = texts.get((get_language() or "en")[:2], "")
    return own or next((text for text in texts.values() if text), "")


def check_text(*texts: str) -> None:
    """Raise BadInput when a text holds the reference of a case or an identity number."""
    for text in texts:
        if INSIDE.search(text) or IDENTITY.search(text):
            what = gettext_noop("the text holds a reference or an identity number")
            raise BadInput(Fault(what, gettext_noop("write it without naming a case or a person")))
