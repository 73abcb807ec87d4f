"""Roles of columns by their header: data/headers.csv, in the languages of the region and some others."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import lru_cache
from importlib import resources

ROLES = (
    "id", "full", "given", "middle", "family", "birth_date", "birth_year", "birth_month", "birth_day", "sex",
    "document", "contact", "street", "house", "place", "postcode",
)  # fmt: skip
# roles with several values per person, in several columns or separated by semicolons
SEVERAL = ("document", "contact")
# roles of which a table needs at least one
NAMING_ROLES = frozenset({"full", "given", "family", "document"})
# headers of a whole name, or of the part of a name without another column
NAME = frozenset({"name", "nom", "نام", "اسم", "الاسم"})
# roles whose header may contain a word for 'number'; for others it changes the meaning (number of family members)
NUMBERED = frozenset({"document", "contact", "house"})
# headers less specific than others of the same role
VAGUE = frozenset({"дата", "номер", "код", "№", "#", "no", "пп", "nпп", "noпп", "тр", "tr"})
NUMBER_WORDS = frozenset(
    ("no", "nr", "num", "number", "номер", "нөмірі", "нөмір", "raqami", "raqam", "рақами", "рақам", "рақми", "номери")
)
_ASIDE = re.compile(r"[(\[].*?[)\]]", re.DOTALL)
# apostrophes of Uzbek letters; `\W` removes the others
_APOSTROPHE = re.compile("['ʻʼ‘’`]")

ColumnsByRole = dict[str, list[str]]
"""Columns by role."""


@lru_cache
def headers() -> dict[str, str]:
    """Return the role of each known header; keys have no spaces and signs."""
    text = (resources.files(__package__) / "data" / "headers.csv").read_text("utf-8")
    return {row["header"]: row["role"] for row in csv.DictReader(text.splitlines())}


def role_of(column: str) -> str:
    """Return the role of a header, '' for an unknown one.

    The parts of a header in two languages (`Тегі / Фамилия`) must agree, as far as they are known.
    """
    if role := _find_known_role(column):
        return role
    parts = re.split(r"[/|\n]", _ASIDE.sub(" ", column))
    roles = {role for part in parts if (role := _find_known_role(part))}
    return roles.pop() if len(roles) == 1 else ""


def _find_known_role(text: str) -> str:
    """Return the role of a single header, also with a number at its end or a word for 'number' in it."""
    plain = header_key(text)
    role = headers().get(plain) or headers().get(re.sub(r"\d+$", "", plain), "")
    if role:
        return role
    without_number = "".join(word for word in _split_words(text) if word not in NUMBER_WORDS and not word.isdigit())
    role = headers().get(without_number, "")
    return role if role in NUMBERED else ""


def header_key(text: str) -> str:
    """Return a header as a key of `headers`; a header of signs only, such as №, stays as it is."""
    return "".join(_split_words(text)) or text.strip()


def _split_words(text: str) -> list[str]:
    return re.split(r"[\W_]+", _APOSTROPHE.sub("", unicodedata.normalize("NFC", text).lower()))


def is_vague(column: str) -> bool:
    """Return whether a header is less specific than others of the same role."""
    return header_key(column) in VAGUE
