"""A date of birth, however it is written, to the columns that the model compares.

What stands for 'not known' is dropped, and so is what may be two dates or none.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

# what forms and systems write when they have no date, and when they have no day
NO_DATE = frozenset({"1900-01-01", "1901-01-01", "1000-01-01", "0001-01-01", "9999-12-31", "1970-01-01"})
NO_DAY = "01-01"
EARLIEST = 1900
# a year of two figures: 1940 to 1999 or 2000 to 2015; of others a child and an old person may both be meant
OLD_FROM, YOUNG_UNTIL = 40, 15
# what a spreadsheet calls the days from 1927-05-18 to 2024-12-31
SERIALS = (10_000, 45_657)
# whole and short, in English, Russian, Kazakh, Uzbek (both alphabets; those of Cyrillic are also Kyrgyz and Tajik)
# and Turkmen
MONTHS = (
    "january jan январь января январ янв қаңтар yanvar ýanwar қаң yan ýan",
    "february feb февраль февраля феврал фев февр ақпан fevral fewral ақп fev few",
    "march mar март марта мар наурыз mart нау",
    "april apr апрель апреля апрел апр сәуір aprel сәу",
    "may май мая мамыр maý мам",
    "june jun июнь июня июн маусым iyun iýun мау iyn",
    "july jul июль июля июл шілде шілдесі iyul iýul шіл iyl",
    "august aug август августа авг тамыз avgust awgust там avg awg",
    "september sep sept сентябрь сентября сентябр сен сент қыркүйек sentabr sentyabr sentýabr қыр sen",
    "october oct октябрь октября октябр окт қазан oktabr oktyabr oktýabr қаз okt",
    "november nov ноябрь ноября ноябр ноя нояб қараша noyabr noýabr қар noy noý",
    "december dec декабрь декабря декабр дек желтоқсан dekabr жел dek",
)
DATE_WORDS = frozenset(
    ("г", "год", "года", "р", "рождения", "го", "е", "ж", "жыл", "жылы", "жылғы", "жылдың", "йил", "йили", "йилда",
     "yil", "yili", "yilda", "соли", "ýyl", "ýyly", "of", "st", "nd", "rd", "th")
)  # fmt: skip
_YEAR_BEHIND = re.compile(r"(?<=\d)\s*(?:г(?:ода?)?\.?(?:\s*р(?:ождения)?)?|ж(?:ылы?)?|йили?|yili?)\.?$")
_DIGIT = re.compile(r"[^\D0-9]")  # of another script: Arabic has its own
_PLAIN = re.compile(r"[\d./-]+")
_BETWEEN = re.compile(r"\s*([-./])\s*")

Written = tuple[str, str | None, str | None]
"""Year, month and day as they were written."""


def birth_columns(text: str) -> dict[str, object]:
    """The columns of a date of birth, however it is written; nonsense is not known."""
    told = iso(text)
    empty: dict[str, object] = dict.fromkeys(("birth_date", "birth_year", "birth_day", "birth_turned"))
    if told is None or told in NO_DATE:
        return empty
    empty["birth_year"] = int(told[:4])
    if len(told) == 10 and told[5:] != NO_DAY:
        empty["birth_date"], empty["birth_day"] = told, told[5:]
        empty["birth_turned"] = told[8:] + "-" + told[5:7]
    return empty


@lru_cache(maxsize=65536)
def iso(told: str) -> str | None:
    """A date as YYYY, YYYY-MM or YYYY-MM-DD; None when it is no date of the last hundred years or so.

    A month or day that no calendar has is not known, and neither is what stands behind it.
    """
    text = _DIGIT.sub(lambda digit: str(int(digit[0])), unicodedata.normalize("NFC", told.strip().lower()))
    found = _in_numbers(text) or _in_words(text)
    # what else stands behind a date: a time, a remark
    found = found or _in_numbers(re.split(r"(?<=\d)t|\s", text, maxsplit=1)[0])
    if found is None or not EARLIEST <= int(found[0]) <= 2100:
        return None
    year, month, day = found
    if month and not 1 <= int(month) <= 12 and day and 1 <= int(day) <= 12:
        month, day = day, month
    if not month or not 1 <= int(month) <= 12:
        return year
    if not day or not 1 <= int(day) <= monthrange(int(year), int(month))[1]:
        return f"{year}-{int(month):02}"
    return f"{year}-{int(month):02}-{int(day):02}"


def _in_numbers(text: str) -> Written | None:
    """A date of numbers only, but for a word for 'year' behind it."""
    plain = text if _PLAIN.fullmatch(text) else _BETWEEN.sub(r"\1", _YEAR_BEHIND.sub("", text))
    if found := re.fullmatch(r"(\d{4})(?:[-./](\d{1,2})(?:[-./](\d{1,2}))?)?|(\d{4})(\d{2})(\d{2})", plain):
        year, month, day, *others = found.groups()
        return (others[0], others[1], others[2]) if year is None else (year, month, day)
    if found := re.fullmatch(r"(?:(\d{1,2})[-./])?(\d{1,2})[-./](\d{4})", plain):
        return found[3], found[2], found[1]
    if found := re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{2})", plain):
        year = _full_year(found[3])
        return (year, found[2], found[1]) if year and int(found[1]) <= 31 else None
    return _of_excel(plain)


def _in_words(text: str) -> Written | None:
    """A date whose month is a word: its day before or behind the month, its year anywhere."""
    told = [part for part in re.findall(r"\d+|[^\W\d_]+", text) if part not in DATE_WORDS]
    months = [month for part in told if (month := _months().get(part) or _months().get(part.rstrip("ыі")))]
    numbers = [part for part in told if part.isdecimal()]
    if len(months) != 1 or len(told) != len(numbers) + 1 or not 1 <= len(numbers) <= 2:
        return None
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    if not years and len(days) == 2 and told[1] not in days:
        years = [year] if (year := _full_year(days.pop())) else []
    return (years[0], months[0], days[0] if days else None) if len(years) == 1 else None


def _full_year(two: str) -> str | None:
    """The year of two figures, where only one century can be meant, whenever it is read."""
    if int(two) >= OLD_FROM:
        return f"19{two}"
    return f"20{two}" if int(two) <= YOUNG_UNTIL else None


def _of_excel(text: str) -> Written | None:
    """The date whose number a spreadsheet wrote in its place; what may be a year with a figure too many is none."""
    if re.fullmatch(r"\d{5}", text) and SERIALS[0] <= int(text) <= SERIALS[1] and text[:2] not in ("19", "20"):
        year, month, day = (date(1899, 12, 30) + timedelta(days=int(text))).isoformat().split("-")
        return year, month, day
    return None


@lru_cache(maxsize=1)
def _months() -> dict[str, str]:
    return {word: str(number) for number, words in enumerate(MONTHS, 1) for word in words.split()}
