"""Reviewed tables for the folding of names: letters, spelling rules, endings, diminutives.

A country adds its own tables: `KEREGE_NAME_TABLES` names a folder with files of COUNTRY_FILES. They are read once, when
the module is imported, also by further processes, and they change the version of the folding.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import NamedTuple

# files that determine columns, keys and tokens: both sides of a comparison must use the same content
_DIGEST_FILES = (
    "letters.csv",
    "palladius.csv",
    "tote.csv",
    "rules.csv",
    "endings.csv",
    "diminutives.csv",
    "variants.csv",
    "given.csv",
    "common.csv",
    "two_names.csv",
    "abbreviations.csv",
    "particles.csv",
)
_DATA = resources.files(__package__) / "data"
FOLDER_VARIABLE = "KEREGE_NAME_TABLES"
SPELLINGS = "spellings.csv"
# tables of a country with their columns; the language of a row is a code such as ky
COUNTRY_FILES = {
    "given.csv": ("name", "language"),
    "variants.csv": ("variant", "name", "language"),
    "diminutives.csv": ("diminutive", "full", "language"),
    SPELLINGS: ("written", "becomes", "language"),
}


class ReplacementRule(NamedTuple):
    """Replacement of a spelling, in every word or only in words that match `when` (the mark of a scheme).

    `needs` is a text in every match: a search for it skips most rules without a regular expression.
    """

    needs: str
    when: re.Pattern[str] | None
    pattern: re.Pattern[str]
    becomes: str


@dataclass(frozen=True)
class Ending:
    """Patronymic or gender ending, which does not identify a family.

    `kind`: patronymic, descent (-зода, a patronymic or a surname), surname, or whole (only resembles an ending).
    """

    pattern: re.Pattern[str]
    becomes: str
    keep_at_least: int
    kind: str


def rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table under `data/`, then those that the country adds."""
    return [*_read(_DATA.joinpath(name).read_bytes()), *country_rows(name)]


def country_rows(name: str) -> list[dict[str, str]]:
    """Return the rows of a table that the country adds; [] for a table that it may not add to."""
    return _read(_country_table(name))


def _read(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(content.decode().splitlines()))


def _country_table(name: str) -> bytes:
    folder = os.environ.get(FOLDER_VARIABLE, "")
    path = Path(folder, name)
    return path.read_bytes() if folder and name in COUNTRY_FILES and path.is_file() else b""


def _parse_rule(row: dict[str, str]) -> ReplacementRule:
    when = re.compile(row["when"]) if row["when"] else None
    return ReplacementRule(row["needs"], when, re.compile(row["pattern"]), row["becomes"])


def _read_rules(stage: str) -> list[ReplacementRule]:
    return [_parse_rule(row) for row in rows("rules.csv") if row["stage"] == stage]


def _parse_ending(row: dict[str, str]) -> Ending:
    pattern = re.compile(f"(?:{row['ending']})$")
    return Ending(pattern, row["becomes"], int(row["keep_at_least"]), row["kind"])


def _read_letters(name: str) -> dict[int, str]:
    return {ord(row["letter"]): row["latin"] for row in rows(name)}


def _read_spellings() -> dict[str, list[tuple[str, str]]]:
    spellings: dict[str, list[tuple[str, str]]] = {}
    for row in sorted(country_rows(SPELLINGS), key=lambda row: -len(row["written"])):
        spellings.setdefault(row["language"], []).append((row["written"], row["becomes"]))
    return spellings


def _compute_digest() -> str:
    text = b"".join(_DATA.joinpath(name).read_bytes() for name in _DIGEST_FILES)
    text += b"".join(_country_table(name) for name in COUNTRY_FILES)
    return hashlib.sha256(text).hexdigest()[:8]


LETTERS = _read_letters("letters.csv")
TOTE = _read_letters("tote.csv")
# in order of application: rules for the marks of a scheme, before transliteration; spellings; sounds
WRITING = _read_rules("writing")
SPELLING = _read_rules("spelling")
SOUND = _read_rules("sound")
ENDINGS = [_parse_ending(row) for row in rows("endings.csv")]
PATRONYMIC_WORDS = frozenset({"ugli", "ogli", "oglu", "uli", "ulu", "kizi", "gizi", "kisi", "gisi"})
# abbreviations of given names and saints, which end with a point, and the names in full
ABBREVIATIONS = {row["abbreviation"]: row["full"] for row in rows("abbreviations.csv")}
# particles of Spanish, Filipino and Arabic family names, which files write together, apart or not at all
PARTICLES = frozenset(row["particle"] for row in rows("particles.csv"))
# language -> spellings of the country with what they become, the longest first
COUNTRY_SPELLINGS = _read_spellings()
DIGEST = _compute_digest()
