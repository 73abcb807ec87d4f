"""Labels that name the people of a table, such as `Victims`, beside labels that name some of them."""

from __future__ import annotations

import re
from collections.abc import Sequence

from kerege.evidence.sdc.reading.column_names import SEXES, folded, sex_code
from kerege.evidence.sdc.reading.hierarchies import STEP
from kerege.evidence.sdc.reading.nested_codes import band_of

PEOPLE = re.compile(
    r"victims?|survivors?|persons?|people|individuals?|жертв[аы]?|потерпевши[ехм]\w*|пострадавши[ехм]\w*|лица?|людей|люди"
    r"|человек|құрбан(?:дар)?(?:ы|дың)?|жәбірленуші(?:лер)?\w*|адам(?:дар)?(?:ы)?|зардап|шеккендер\w*"
)
BESIDE = re.compile(  # words that leave the people as they are
    r"number|no|count|of|the|total|all|всего|барлығы|human|trafficking|identified|detected|registered|recorded|known|число|количество|численность"
    r"|выявлен\w*|установлен\w*|зарегистрирован\w*|торговли|людьми|саны|анықталған|тіркелген"
)
OTHERS = re.compile(  # people who are not a part of the victims
    r"suspect|accused|perpetrat|offend|traffick(?:er|s)|convict|prosecut|defendant|witness|case|crime|offence|incident"
    r"|подозрева|обвиня|осужд|преступ|правонаруш|дел[оа]?\b|күдікті|айыпта|соттал|қылмыс|\bіс",
)

TOGETHER_WITH = re.compile(  # words behind people that name some of them
    r"\s*[,(]?\s*\b(?:including|incl\.?|inclusive of|together with|включая|с уч[её]том|вместе с|қоса(?: алғанда)?)\b.*"
)


def names_people(label: str) -> bool:
    """Return whether a label names the people of a table and nothing else, as `Number of victims` does."""
    words = _words(label)
    people = [word for word in words if PEOPLE.fullmatch(word)]
    return bool(people) and all(PEOPLE.fullmatch(word) or BESIDE.fullmatch(word) for word in words)


def whole_of(values: Sequence[str]) -> str:
    """Return the value that alone names the people of a table, or whose words all others repeat.

    Return '' without one. Other values can be some of these people, unless one of them names suspects, crimes or
    the like.
    """
    repeated = [value for value in values if all(_words(value) < _words(other) for other in values if other != value)]
    if len(values) > 1 and repeated and _words(repeated[0]):
        return repeated[0]
    whole = [value for value in values if names_people(value)]
    others = [value for value in values if value not in whole]
    is_free = others and not any(OTHERS.search(folded(value)) or STEP in value for value in others)
    return whole[0] if len(whole) == 1 and is_free else ""


def is_some_of(value: str, whole: str) -> bool:
    """Return whether a label names some of the people of another: a sex, an age, or its words and more."""
    people = {word for word in _words(whole) if PEOPLE.fullmatch(word)}
    has_people = bool(people) and people <= _words(value)
    return has_people or (names_people(whole) and (sex_code(value) in SEXES or band_of(value) is not None))


def _words(label: str) -> set[str]:
    return set(re.findall(r"[^\W\d_]+", TOGETHER_WITH.sub("", folded(label))))
