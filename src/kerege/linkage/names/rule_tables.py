"""Reviewed tables for the folding of names: letters, spelling rules, endings, diminutives."""

from __future__ import annotations

import csv
import hashlib
import re
from dataclasses import dataclass
from importlib import resources
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
    """Return the rows of a table under `data/`."""
    return list(csv.DictReader(_DATA.joinpath(name).read_text("utf-8").splitlines()))


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


def _compute_digest() -> str:
    text = b"".join(_DATA.joinpath(name).read_bytes() for name in _DIGEST_FILES)
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
DIGEST = _compute_digest()
