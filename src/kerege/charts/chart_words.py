"""Words and numbers of charts in Kazakh, Russian and English."""

from __future__ import annotations

import math
import tomllib
from collections.abc import Mapping
from functools import cache
from importlib import resources

from kerege.charts.model import Chart, Value

GAP = "\u00a0"


@cache
def read_words(lang: str) -> Mapping[str, str]:
    """Return the words of charts in a language, or in English."""
    text = (resources.files(__package__) / "words.toml").read_text("utf-8")
    by_language: Mapping[str, Mapping[str, str]] = tomllib.loads(text)
    return by_language.get(lang) or by_language["en"]


def word(chart: Chart, key: str) -> str:
    """Return a word of a chart, in its language unless the chart brings its own."""
    return chart.words.get(key) or read_words(chart.lang)[key]


def format_number(value: float, lang: str, digits: int = 0) -> str:
    """Return a number with the separators of a language; ∞ if it is not finite.

    Examples
    --------
    >>> format_number(1891, "en"), format_number(60.9, "en", 1)
    ('1,891', '60.9')
    """
    if not math.isfinite(value):
        return "∞"
    text = f"{value:,.{digits}f}"
    return text if lang == "en" else text.replace(",", GAP).replace(".", ",")


def number(chart: Chart, value: float) -> str:
    """Return a number of a chart, with one decimal if it is not whole, and with % if that is its unit."""
    is_whole = not math.isfinite(value) or value == round(value)
    text = format_number(value, chart.lang, 0 if is_whole else 1)
    return f"{text}{GAP if chart.lang == 'ru' else ''}%" if chart.unit == "%" else text


def short_text(chart: Chart, value: Value) -> str:
    """Return the label of a mark: a number, ≈ before a rounded one, a range, a lower limit, or "withheld"."""
    if value.status == "absent":
        return word(chart, "absent")
    if value.status == "withheld" and not value.lower:
        return word(chart, "withheld")
    if value.status in ("withheld", "estimated") and math.isinf(value.upper):
        return word(chart, "at_least").format(x=number(chart, value.lower))
    if value.status == "estimated":
        return f"{number(chart, value.lower)}–{number(chart, value.upper)}"
    text = number(chart, value.count or 0)
    return text if value.status == "exact" else f"≈{text}"


def long_text(chart: Chart, value: Value) -> str:
    """Return the text of a value in a table: with half width or interval where the number is not exact."""
    text = short_text(chart, value)
    if value.status == "rounded" and half_width(value):
        return f"{text} (±{GAP}{number(chart, half_width(value))})"
    if value.status == "noise":
        return f"{text} ({number(chart, value.lower)}–{number(chart, value.upper)})"
    if value.status == "estimated":
        return word(chart, "estimated").format(range=text)
    return text


def half_width(value: Value) -> float:
    """Return by how much a rounded count may differ from the true one."""
    return max(value.upper - (value.count or 0), (value.count or 0) - value.lower)


def goal_text(chart: Chart, key: tuple[str, str]) -> str:
    """Return the number to be reached in words; '' if there is none."""
    return word(chart, "goal_of").format(n=number(chart, chart.goals[key])) if key in chart.goals else ""
