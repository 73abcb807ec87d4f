"""Dates have one format for each language, on every page, in every letter and in every document."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.web.dates import wrong_dates

SOURCE = Path(__file__).parents[2] / "src" / "kerege"
# each medium has one helper: pages and letters, the public report, and the script of a form (a time of day only)
HELPERS = ("web/partial_dates.py", "publishing/report/localiser.py", "web/formats/")
IN_TEMPLATES = re.compile(r"\|\s*(date|time|timesince|timeuntil|naturalday|naturaltime)\b|{%\s*now\b")
IN_PYTHON = re.compile(r"%-?d[./ ]%|%[Bbxc]\b|\b(date_format|format_date|format_datetime|format_time)\(")
IN_SCRIPTS = re.compile(r"toLocale(Date)?String\(|DateTimeFormat|toDateString|toISOString")


def matches(pattern: re.Pattern[str], suffix: str) -> list[str]:
    """Return the places in which files with this suffix match, without the helpers and their formats."""
    places = []
    for path in sorted(SOURCE.rglob(f"*.{suffix}")):
        name = path.relative_to(SOURCE).as_posix()
        if not name.startswith(HELPERS) and "vendor" not in name:
            places += [f"{name}: {match[0]}" for match in pattern.finditer(path.read_text(encoding="utf-8"))]
    return places


@pytest.mark.parametrize(
    ("pattern", "suffix"),
    [(IN_TEMPLATES, "html"), (IN_TEMPLATES, "txt"), (IN_PYTHON, "py"), (IN_SCRIPTS, "js")],
    ids=["pages", "letters", "code", "scripts"],
)
def test_only_the_helpers_format_a_date(pattern: re.Pattern[str], suffix: str) -> None:
    assert matches(pattern, suffix) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "14 March 2025, 09:05 and 14 March"),
        ("ru", "14 марта 2025 г., 09:05 и 14 марта"),
        ("kk", "2025 ж. 14 наурыз, 09:05, 14 наурыз"),
        ("kk", "2025 ж. 3 наурыз 2025 ж. 4 наурыз"),
        ("en", "KZ-2026-0001 29 November 2026"),
        ("en", "<time datetime='2025-03-14'>14 March 2025</time> <code>2025-03-14</code>"),
    ],
)
def test_a_date_in_the_format_of_its_language_is_right(language: str, text: str) -> None:
    assert wrong_dates(text, language) == []


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "2025-03-14"),
        ("en", "14/03/2025"),
        ("en", "March 14, 2025"),
        ("en", "14th March 2025"),
        ("ru", "14.03.2025"),
        ("ru", "14 марта 2025 года"),
        ("kk", "14 наурыз 2025"),
        ("kk", "9:05 p.m."),
    ],
)
def test_a_date_in_another_format_is_reported(language: str, text: str) -> None:
    assert wrong_dates(text, language)
