"""Words that name Kazakhstan, and the places where another country's installation may show them.

A list of all countries names Kazakhstan as a country of origin, of exploitation or of citizenship: a choice of a form,
a code list of an exchange format, a row of the choices of an XLSForm. A list of currencies offers that of a neighbour.
Nothing else names it.
"""

from __future__ import annotations

import re
from collections.abc import Iterator

NAMES = re.compile(
    r"Kazakhstan|Казахстан|Қазақстан|Казакстан|Qazaqstan|Qozog.?iston|Қазоқистон"  # in six languages and scripts
    r"|\bKZT\b|\bтенге\b|\bтеңге\b|\bAlmaty\b|\bАлмат|\bAstana\b|\bАстан|\b11616\b|110-VIII"
    r"|\bKZ-\d|\w\.kz\b|Asia/Almaty|\bkz\d{3}|\bИИН\b|\bЖСН\b|\bIIN\b|(?<!=\")\b(?:Акимат|Akimat|Әкімдік)",
    re.IGNORECASE,
)
LISTS_OF_COUNTRIES = (
    re.compile(r'<option value="KZ"[^>]*>[^<]*</option>'),
    re.compile(r'<input [^>]*value="KZ"[^>]*>\s*<label[^>]*>[^<]*</label>'),
    re.compile(r'<option value="KZT"[^>]*>KZT</option>'),
    re.compile(r'<str:Code id="KZ">.*?</str:Code>', re.DOTALL),
    re.compile(r'\{\s*"id": "KZ",\s*"name": "[^"]*"\s*\}'),
    re.compile(r"<row [^>]*><c [^>]*><is><t>country</t></is></c><c [^>]*><is><t>KZ</t></is></c>.*?</row>"),
)


def find_kazakhstan(text: str) -> Iterator[str]:
    """Yield each place of a text that names Kazakhstan, with the words around it."""
    for listed in LISTS_OF_COUNTRIES:
        text = listed.sub("", text)
    for name in NAMES.finditer(text):
        yield " ".join(text[max(0, name.start() - 60) : name.end() + 40].split())
