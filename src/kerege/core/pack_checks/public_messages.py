"""Messages that people outside the programme read: the public site, public forms, sheets for a person."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable

from django.utils.translation.template import templatize

# folder: names of the templates of pages without a sign-in, and of sheets that are given to a person
PUBLIC = {
    "publishing/templates/publishing": r"[a-z_]+",
    "web/templates": r"public|[45]\d\d\w*",
    "casework/intake/templates/intake": r"public_report|notice",
    "casework/assistance/templates/assistance": r"consent_form",
    "casework/rights/templates/rights": r"survey_sheet",
}
_TEXT = r"""u?('(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*")"""
_CALL = re.compile(rf"\b(pgettext|ngettext|gettext|_)\(\s*{_TEXT}(?:\s*,\s*{_TEXT})?", re.DOTALL)


@cache
def public_messages() -> frozenset[str]:
    """Return the messages of the public templates as the check of a pack lists them: `context: message`."""
    return frozenset(message for place in _templates() for message in _messages(place.read_text(encoding="utf-8")))


def _templates() -> Iterator[Traversable]:
    for folder, names in PUBLIC.items():
        places = (files("kerege") / folder).iterdir()
        yield from (place for place in places if re.fullmatch(rf"(?:{names})\.html", place.name))


def _messages(template: str) -> Iterator[str]:
    for name, first, second in _CALL.findall(templatize(template)):
        text = ast.literal_eval(first)
        yield f"{text}: {ast.literal_eval(second)}" if name == "pgettext" else text
