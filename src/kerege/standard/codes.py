"""Code lists: reviewed CSV files under `data/codes`, with labels in Kazakh, Russian and English."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources

LANGUAGES = ("kk", "ru", "en")
STATES = "answer"
_FIXED = {"code", "parent", "htcds", *LANGUAGES}


@dataclass(frozen=True)
class Code:
    """One code: its parent in the parent list, its HTCDS twin, labels by language, and the list's own extra columns."""

    code: str
    parent: str
    htcds: str
    labels: dict[str, str]
    extras: dict[str, str]


@dataclass(frozen=True)
class CodeList:
    """A code list in the order in which people read it."""

    name: str
    codes: dict[str, Code]


@cache
def code_list(name: str) -> CodeList:
    """The code list of that name; raises LookupError for an unknown one."""
    path = resources.files("kerege.standard") / "data" / "codes" / f"{name}.csv"
    if not path.is_file():
        raise LookupError(f"no code list {name!r}")
    rows = csv.DictReader(io.StringIO(path.read_text(encoding="utf-8")))
    return CodeList(name, {row["code"]: _code(row) for row in rows})


def _code(row: dict[str, str]) -> Code:
    extras = {column: value for column, value in row.items() if column not in _FIXED}
    labels = {language: row[language] for language in LANGUAGES}
    return Code(row["code"], row.get("parent", ""), row.get("htcds", ""), labels, extras)


@cache
def names() -> tuple[str, ...]:
    """Names of all code lists."""
    folder = resources.files("kerege.standard") / "data" / "codes"
    return tuple(sorted(path.name.removesuffix(".csv") for path in folder.iterdir() if path.name.endswith(".csv")))


_TOTAL = {"kk": "барлығы", "ru": "всего", "en": "total"}
_NOT_REPORTED = {"kk": "көрсетілмеген", "ru": "не указано", "en": "not reported"}


def label(name: str, code: str, language: str) -> str:
    """What a code is called; knows the answer states of every list, `_T` (total) and `_U` (not reported)."""
    if code == "_T":
        return _TOTAL[language]
    if code == "_U":
        return _NOT_REPORTED[language]
    found = code_list(name).codes.get(code) or code_list(STATES).codes.get(code)
    if found is None:
        raise LookupError(f"no code {code!r} in the list {name!r}")
    return found.labels[language]


def choices(name: str, language: str) -> list[tuple[str, str]]:
    """Codes and labels for a form, in the order of the list."""
    return [(code.code, code.labels[language]) for code in code_list(name).codes.values()]
