"""Titles and notes beside a table: numbers of people, and words for a whole register.

`Note: 3 persons in South` says more than the table. Nothing reads such a sentence, so the table is undecided.
"""

from __future__ import annotations

import re
from collections.abc import Iterable

from kerege.base.message_text import shown

LONGEST = 60  # characters of a text that the report names
PEOPLE = (
    r"(?:persons?|people|individuals?|victims?|survivors?|suspects?|cases?|wom[ae]n|m[ae]n|girls?|boys?|child(?:ren)?|minors?"
    r"|adults?|foreigners?|nationals|citizens|человек\w*|чел\b|лиц\w{0,2}|жертв\w{0,2}|потерпевш\w+|женщин\w{0,2}"
    r"|мужчин\w{0,2}|дет(?:и|ей|ьми)|реб[её]н\w+|девоч\w+|мальчик\w*|несовершеннолетн\w+|взросл\w+|граждан\w*"
    r"|адам\w{0,4}|бала\w{0,4}|әйел\w{0,4}|ер адам|қыз\b|құрбан\w{0,4}|кәмелетке толмаған)"
)
_SMALL = (
    r"one|two|three|four|five|six|seven|eight|nine|од(?:ин|на|ного|ной)|два|две|двое|двух|три|трое|тр[её]х|четыре|четверо"
    r"|пять|пятеро|шесть|семь|восемь|девять|бір|екі|үш|төрт|бес|алты|жеті|сегіз|тоғыз"
)
_NUMBER = re.compile(
    rf"(?<![\w.,/№#–-])(?P<number>\d{{1,3}}(?:[ ,\u00a0]\d{{3}})*|{_SMALL})\s+(?:[^\W\d]+\s+)?{PEOPLE}\b", re.I
)
_ALL = re.compile(  # a figure of all people: N = 184, total: 184
    r"(?:\bn\s*=|\b(?:total|всего|итого|барлығы)\s*[:=–-]?)\s*(?!(?:19|20)\d\d\b)\d[\d ,\u00a0]*(?![\d.]*\s*%)", re.I
)
_BOUND = re.compile(  # words of a rule or a rate before a number
    r"(?:fewer|less|more|greater|under|below|above|over|than|least|most|minimum|every|each|per|to|of|nearest|multiple|"
    r"table|tab\.|sheet|figure|chart|section|annex|no\.?|№|таблица|табл\.|раздел|лист|кесте|бөлім|<|>|≤|≥|=|мене[ея]|меньше|больше|боле[ея]|свыше|чем|до|от|на|каждые|кратн\w*|кем|аз|көп|артық|дейін|шаққанда)\s*$",
    re.I,
)
_PERIODIC = re.compile(
    r"per year|annual|by year|each year|yearly|ежегодн|по годам|за год|в год|жыл сайын|жылдар бойынша", re.I
)
_CUMULATIVE = re.compile(
    r"\bcumulative|\bto date\b|running total|since (?:the )?(?:\w+ )?(?:19|20)\d\d|нарастающ|накопительн|накопленн"
    r"|с (?:19|20)\d\d г|жылдан бері|өспелі|жинақталған",
    re.I,
)


def unread_numbers(texts: Iterable[str]) -> list[str]:
    """Return the texts that state a number of people, shortened for the report.

    Examples
    --------
    >>> unread_numbers(["Note: 3 persons in South", "Fewer than 5 persons are suppressed", "Table 2, 2024"])
    ['text Note: 3 persons in South']
    """
    return [f"text {shown(text.strip()[:LONGEST])}" for text in dict.fromkeys(texts) if _states_people(text)]


def _states_people(text: str) -> bool:
    has_number = any(not _BOUND.search(text[: match.start()]) for match in _NUMBER.finditer(text))
    return has_number or _ALL.search(text) is not None


def state_a_register(texts: Iterable[str]) -> bool:
    """Return whether a title or note says that the figures count everybody up to their date."""
    return any(_CUMULATIVE.search(text) and not _PERIODIC.search(text) for text in texts)
