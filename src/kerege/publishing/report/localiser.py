"""Localiser of facts: numbers, plurals, labels, and the sentences of `text/LANG.toml`."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from decimal import ROUND_HALF_UP, Decimal
from functools import lru_cache
from pathlib import Path
from typing import Any

from babel import Locale
from babel.dates import format_date
from babel.numbers import format_decimal, format_percent

from kerege.publishing.report.facts import CodeFact, CountFact, DayFact, Fact, Facts, ShareFact, TextFact
from kerege.publishing.report.profile_words import write_profile_words
from kerege.publishing.storage.published_tables import OTHERS
from kerege.vocabulary import codes, languages, profile

TEXTS = Path(__file__).parent / "text"
NBSP = "\u00a0"
Words = dict[str, Any]  # the text file of a language
PARENTS = {"age_band": ("age_group",), "country": ("world_region",), "exploitation_form": ("exploitation",)}
HOLE = re.compile(r"\{(\w+)(?::(\w+))?\}")


class UnpublishedFactError(Exception):
    """Error: a sentence needs a fact that is not published."""


def lower_first(words: str) -> str:
    """Return words with a small first letter, for use inside a sentence; abbreviations stay as they are."""
    return words if words[1:2].isupper() else words[:1].lower() + words[1:]


def get_localiser(lang: str) -> Localiser:
    """Return the localiser of a language with the words of the active profile; texts are read once."""
    return _localiser(lang, profile.active_state())


@lru_cache(maxsize=64)
def _localiser(lang: str, state: profile.ProfileState) -> Localiser:
    words = languages.read_words(TEXTS, "report", lang)
    return Localiser(lang, tomllib.loads(write_profile_words(words.text, words.language)), words.language)


class Localiser:
    """Localiser of the report in one language."""

    LEAST_DECIMALS = 1000  # the smallest whole whose shares have a decimal

    def __init__(self, lang: str, text: Words, written_in: str | None = None) -> None:
        """Take the words of a language, which are `written_in` its fallback where nobody translated them."""
        self.lang = lang
        self.text = text
        self.written_in = written_in or lang
        self.locale = Locale.parse(self.written_in, sep="-")

    def number(self, n: int) -> str:
        """Return a whole number with the thousands separator of the language."""
        return str(format_decimal(n, locale=self.locale)).replace("\u202f", NBSP)

    def percent(self, share: ShareFact) -> str:
        """Return a share in per cent: one decimal of an exact one of a large whole, else none."""
        value = self.percent_value(share)
        pattern = "#,##0.0%" if value.as_tuple().exponent else "#,##0%"
        if self.written_in == "ru":
            pattern = pattern.replace("%", f"{NBSP}%")
        return str(format_percent(value / 100, format=pattern, locale=self.locale, decimal_quantization=False))

    def percent_value(self, share: ShareFact) -> Decimal:
        """Return the printed number of a share in per cent."""
        is_whole = share.about or share.whole < self.LEAST_DECIMALS
        return (Decimal(repr(share.value)) * 100).quantize(Decimal("1" if is_whole else "0.1"), ROUND_HALF_UP)

    def printed(self, fact: CountFact | ShareFact) -> tuple[str, str]:
        """Return the number within the words of a fact, and its value for a reading program."""
        if isinstance(fact, CountFact):
            return self.number(abs(fact.n)), str(fact.n)
        return self.percent(fact), str(self.percent_value(fact))

    def decimals(self, value: Decimal) -> str:
        """Return a share in per cent with two decimals, for comparison with printed shares."""
        gap = NBSP if self.written_in == "ru" else ""
        return str(format_percent(value, format=f"#,##0.00{gap}%", locale=self.locale, decimal_quantization=False))

    def day(self, day: date, year: bool = True) -> str:
        """Return a day written in full."""
        pattern = self.text["format"]["day_year" if year else "day"]
        return str(format_date(day, pattern, locale=self.locale))

    def noun(self, name: str, n: int, about: bool = False) -> str:
        """Return the form of a noun that goes with a number."""
        forms: dict[str, str] = self.text["nouns"][name]
        form = "about" if about and "about" in forms else self.locale.plural_form(n)
        return forms.get(form) or forms["other"]

    def label(self, list_name: str, code: str) -> str:
        """Return the label of a code; a year or a quarter is its own label."""
        if list_name in {"year", "quarter"} and code[:1] != "_":
            return code
        if list_name == "series" and code in self.text["series"]:
            return str(self.text["series"][code])
        if list_name == "corridor" and code[:1] != "_":
            return " → ".join(self.label("country", place) for place in code.split(">"))
        if list_name == "half" and code[:1] != "_":
            year, _, half = code.partition("-")
            return str(self.text["halves"][half]).replace("{year}", year)
        if code == OTHERS:
            return str(self.text["words"]["others"])
        return self._listed(list_name, code)

    def _listed(self, list_name: str, code: str) -> str:
        """Return the label of the shared vocabulary, also when a release shows the parent code instead."""
        for name in (list_name, *PARENTS.get(list_name, ())):
            try:
                return codes.label(name, code, self.lang)
            except LookupError:
                continue
        return code

    def head(self, list_name: str, code: str) -> str:
        """Return a label with a capital, as a table heading."""
        label = self.label(list_name, code)
        return label[:1].upper() + label[1:]

    def fact(self, fact: Fact | None, noun: str | None = None) -> str:
        """Return a fact in words. Raises UnpublishedFactError when it is not published."""
        if fact is None:
            raise UnpublishedFactError
        if isinstance(fact, CountFact):
            words = self.number(abs(fact.n))
            if noun:
                words += NBSP + self.noun(noun, fact.n, fact.about)
            return self._about(words) if fact.about else words
        if isinstance(fact, ShareFact):
            return self._about(self.percent(fact)) if fact.about else self.percent(fact)
        if isinstance(fact, CodeFact):
            label = self.label(fact.list, fact.code)
            return lower_first(label) if noun == "lower" else label
        if isinstance(fact, DayFact):
            return self.day(fact.day, fact.year)
        assert isinstance(fact, TextFact)  # noqa: S101 - exhaustive over Fact
        return fact.text

    def _about(self, words: str) -> str:
        return str(self.text["words"]["about"]).replace("{x}", words)

    def fill(self, template: str, facts: Facts) -> str:
        """Return a label filled with facts. Raises UnpublishedFactError when one is not published."""
        words = HOLE.sub(lambda hole: self.fact(facts.get(hole[1]), hole[2]), template)
        words = words.replace(" – ", f"{NBSP}– ")  # no line starts with a dash
        return words[:1].upper() + words[1:]
