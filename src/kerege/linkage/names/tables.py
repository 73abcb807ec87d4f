"""The reviewed tables behind the folding of names: letters, spelling rules, endings."""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from importlib import resources

_FILES = ("letters.csv", "rules.csv", "endings.csv")
_DATA = resources.files(__package__) / "data"


@dataclass(frozen=True)
class Ending:
    """An ending that says whose son or daughter, or man or woman, and not which family."""

    text: str
    becomes: str
    keep_at_least: int


def _rows(name: str) -> list[dict[str, str]]:
    return list(csv.DictReader(_DATA.joinpath(name).read_text("utf-8").splitlines()))


def _rules(stage: str) -> list[tuple[re.Pattern[str], str]]:
    return [(re.compile(row["pattern"]), row["becomes"]) for row in _rows("rules.csv") if row["stage"] == stage]


def _digest() -> str:
    text = b"".join(_DATA.joinpath(name).read_bytes() for name in _FILES)
    return hashlib.sha256(text).hexdigest()[:8]


LETTERS: dict[int, str] = {ord(row["letter"]): row["latin"] for row in _rows("letters.csv")}
SPELLING = _rules("spelling")
SOUND = _rules("sound")
ENDINGS = [Ending(row["ending"], row["becomes"], int(row["keep_at_least"])) for row in _rows("endings.csv")]
PATRONYMIC_WORDS = frozenset({"ugli", "ogli", "oglu", "uli", "ulu", "kizi", "gizi"})
DIGEST = _digest()
