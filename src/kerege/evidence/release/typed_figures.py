"""Figures that are typed in the text of a release: in digits of any script, or as words.

A figure in a text is a token of a published table, so that no figure escapes the assessment. Refused is any other
figure, except:

- a year from FIRST_YEAR on, a date, a time of the day;
- the number of a legal article, or of a law after a word such as *law*, *order* or *закон*;
- the numbers of an indicator and of the hotline, and 24/7.

None of them may stand before a word for people or cases, and no year after a word such as *total*.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from kerege.base.errors import BadInput, Fault
from kerege.evidence.release.number_words import COUNTED, find_number_word
from kerege.vocabulary.profile import active

TOKEN = re.compile(r"\{\{\s*(table|share):([a-z0-9_-]+)((?:\|[^|={}]+=[^|={}]+)*)\s*\}\}")
MONTHS = (
    r"(?:january|february|march|april|(?-i:May)|june|july|august|september|october|november|december"
    r"|январ\w*|феврал\w*|март\w*|апрел\w*|ма[йяе]|июн\w*|июл\w*|август\w*|сентябр\w*|октябр\w*|ноябр\w*|декабр\w*"
    r"|қаңтар\w*|ақпан\w*|наурыз\w*|сәуір\w*|мамыр\w*|маусым\w*|шілде\w*|тамыз\w*|қыркүйек\w*|қазан\w*|қараша\w*"
    r"|желтоқсан\w*)"
)
NOT_COUNTED = rf"(?!\s*{COUNTED})"  # a number before people or cases is a figure
DAY, MONTH_NUMBER, FULL_YEAR = r"(?:0?[1-9]|[12]\d|3[01])", r"(?:0?[1-9]|1[0-2])", r"(?:19|20)\d{2}"
LAWS = (
    r"(?:law|code|act|order|decree|resolution|закон\w*|кодекс\w*|приказ\w*|указ\w*|постановлени\w*|распоряжени\w*"
    r"|заң\w*|кодекс\w*|бұйры\w*|жарлы\w*|қаулы\w*)"
)
ARTICLE = r"(?:art(?:icles?|s?\.)|статья\w*|стать[еиюя]\w*|ст\.|пункт\w*|п\.|бап\w*|тармақ\w*)"
ALLOWED = (
    rf"\b{DAY}\.{MONTH_NUMBER}\.{FULL_YEAR}\b",
    rf"\b{FULL_YEAR}-{MONTH_NUMBER}-{DAY}\b",
    rf"\b(?:[01]?\d|2[0-3]):[0-5]\d\b{NOT_COUNTED}",
    rf"\b(?:{DAY}(?:\s*[-–]\s*|\s+(?:to|по|and|и)\s+))?{DAY}(?:st|nd|rd|th)?\s+{MONTHS}\b",
    rf"\b{MONTHS}(?:нің|ның|дің|дың|тің|тың)?\s+{DAY}(?:-?[а-яәіңғүұқөһ]{{1,3}})?\b{NOT_COUNTED}",
    rf"\b{ARTICLE}\s*\d+(?:[-–]\d+)?\b{NOT_COUNTED}",
    rf"\b\d+(?:[-–]\d+)?-?\s?(?:бап|бабы|бабын|тармақ)\w*{NOT_COUNTED}",
    rf"\b{LAWS}\s+(?:[^\d\s]+\s+){{0,4}}(?:№|no\.|n°)\s*\d+(?:-[IVXLC]+)?\b{NOT_COUNTED}",
    rf"(?:№|\bno\.|\bn°)\s*\d+-[IVXLC]+\b{NOT_COUNTED}",
    rf"\b(?:sdg|цур|тдм)\s*\d{{1,2}}(?:\.\d+)*\b{NOT_COUNTED}",
    rf"\b16\.2\.2\b(?!\.\d){NOT_COUNTED}",
    rf"\b24/7\b{NOT_COUNTED}",
)
# words before a four-digit number that make it a figure
AMOUNTS = (
    r"(?:total(?:led|ed|ling)?|number(?:ed)?|count(?:ed)?|amounted|reached|sum|всего|итого|числ[оаеу]м?|количеств\w+"
    r"|составил\w*|достигл\w*|барлығы|саны|жалпы|құрады)"
)
FIRST_YEAR, YEARS_AHEAD = 1990, 10


def find_typed_figure(text: str) -> str:
    """Return the first figure that was typed by hand, '' when there is none."""
    words = TOKEN.sub("   ", text)
    for pattern in (*ALLOWED, rf"\b{re.escape(active().hotline.number)}\b"):
        words = re.sub(pattern, " ", words, flags=re.IGNORECASE)
    year = rf"({AMOUNTS}\W+(?:(?:to|is|was|were)\s+)?)?\b(\d{{4}})\b(?!\s*%){NOT_COUNTED}"
    words = re.sub(year, _without_year, words, flags=re.IGNORECASE)
    match = re.search(r"[^\s,;:()«»“”\"]*\d[^\s;:()«»“”\"]*", words)
    if match:
        return match[0].strip(".,-–")
    return next((sign for sign in words if sign.isnumeric()), "") or find_number_word(words)


def _without_year(match: re.Match[str]) -> str:
    """Return a blank for a plausible year, else the matched number.

    A number after a word for an amount is not a year.
    """
    last = date.today().year + YEARS_AHEAD
    return " " if not match[1] and FIRST_YEAR <= int(match[2]) <= last else match[0]


def check_texts(tree: Mapping[str, object], file: str) -> None:
    """Raise BadInput for typed figures in the titles, the prose and the revision note of a specification."""
    what, todo = "the text has a figure that is typed by hand", "use its token, or write the sentence without a figure"
    faults = [
        Fault(what, todo, file, column=f"{place}: {figure}")
        for place, text in _texts(tree)
        if (figure := find_typed_figure(text))
    ]
    if faults:
        raise BadInput(faults)


def _texts(tree: Mapping[str, object]) -> Iterator[tuple[str, str]]:
    """Yield the public texts of a specification with their places."""
    lists = [tree.get(key) for key in ("table", "microdata", "estimate")]
    parts = [entry for entries in lists if isinstance(entries, list) for entry in entries if isinstance(entry, Mapping)]
    titles = [(str(entry.get("name", "")), entry.get("title")) for entry in parts]
    for place, value in [*((key, tree.get(key)) for key in ("title", "prose", "revision_note")), *titles]:
        by_language = value if isinstance(value, Mapping) else {"": value}
        for lang, text in by_language.items():
            if isinstance(text, str):
                yield f"{place} {lang}".strip(), text
