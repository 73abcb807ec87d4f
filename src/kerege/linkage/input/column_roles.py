"""What the header of a column says that it holds: data/headers.csv, in the languages of the region and some others."""

from __future__ import annotations

import csv
import re
import unicodedata
from functools import lru_cache
from importlib import resources

# a header may say 'number' of these, in any language; elsewhere it changes the meaning (number of the family)
NUMBERED = frozenset({"document", "contact", "house"})
# what says less than another column of its kind
VAGUE = frozenset({"дата", "номер", "код", "№", "#", "no", "пп", "nпп", "noпп", "тр", "tr"})
NUMBER_WORDS = frozenset(
    ("no", "nr", "num", "number", "номер", "нөмірі", "нөмір", "raqami", "raqam", "рақами", "рақам", "рақми", "номери")
)
_ASIDE = re.compile(r"[(\[].*?[)\]]", re.DOTALL)
# of Uzbek letters; those that are no letters to Python fall out with the other signs
_APOSTROPHE = re.compile("['ʻʼ‘’`]")


@lru_cache
def headers() -> dict[str, str]:
    """Header as people write it, without spaces and signs, to role; in the languages of the region and of HTCDS."""
    text = (resources.files(__package__) / "data" / "headers.csv").read_text("utf-8")
    return {row["header"]: row["role"] for row in csv.DictReader(text.splitlines())}


def role_of(column: str) -> str:
    """What a header says; of a header in two languages (`Тегі / Фамилия`) what all say that are known."""
    if role := _said(column):
        return role
    parts = re.split(r"[/|\n]", _ASIDE.sub(" ", column))
    roles = {role for part in parts if (role := _said(part))}
    return roles.pop() if len(roles) == 1 else ""


def _said(text: str) -> str:
    """The role of a header, with a number behind it or with a word for 'number' in it."""
    plain = entry(text)
    role = headers().get(plain) or headers().get(re.sub(r"\d+$", "", plain), "")
    if role:
        return role
    bare = "".join(word for word in _words(text) if word not in NUMBER_WORDS and not word.isdigit())
    role = headers().get(bare, "")
    return role if role in NUMBERED else ""


def entry(text: str) -> str:
    """A header as it stands in the table of headers; one of signs only, such as №, as it is."""
    return "".join(_words(text)) or text.strip()


def _words(text: str) -> list[str]:
    return re.split(r"[\W_]+", _APOSTROPHE.sub("", unicodedata.normalize("NFC", text).lower()))


def is_vague(column: str) -> bool:
    """Whether it says less than another column of its kind."""
    return entry(column) in VAGUE
