"""Parser of dates of birth in any notation, and their comparison columns.

Placeholders for an unknown date are missing values, and so are ambiguous dates.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import monthrange
from datetime import date, timedelta
from functools import lru_cache

# placeholders that forms and systems write for an unknown date, and for an unknown day
NO_DATE = frozenset({"1900-01-01", "1901-01-01", "1000-01-01", "0001-01-01", "9999-12-31", "1970-01-01"})
NO_DAY = "01-01"
EARLIEST = 1900
# two-digit years: from OLD_FROM on 19xx, up to YOUNG_UNTIL 20xx; between them both centuries are plausible
OLD_FROM, YOUNG_UNTIL = 40, 15
# spreadsheet serial numbers of 1927-05-18 and 2024-12-31
SERIALS = (10_000, 45_657)
# full and abbreviated names in English, Russian, Kazakh, Uzbek (both alphabets; the Cyrillic ones also serve Kyrgyz and
# Tajik) and Turkmen
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
_DIGIT = re.compile(r"[^\D0-9]")  # a digit of another script, such as Arabic
_PLAIN = re.compile(r"[\d./-]+")
_BETWEEN = re.compile(r"\s*([-./])\s*")

Written = tuple[str, str | None, str | None]
"""Year, month and day as written."""


def birth_columns(text: str) -> dict[str, object]:
    """Return the comparison columns of a date of birth in any notation; an invalid date is missing."""
    date_text = iso(text)
    columns: dict[str, object] = dict.fromkeys(("birth_date", "birth_year", "birth_day", "birth_turned"))
    if date_text is None or date_text in NO_DATE:
        return columns
    columns["birth_year"] = int(date_text[:4])
    if len(date_text) == 10 and date_text[5:] != NO_DAY:
        columns["birth_date"], columns["birth_day"] = date_text, date_text[5:]
        columns["birth_turned"] = date_text[8:] + "-" + date_text[5:7]
    return columns


@lru_cache(maxsize=65536)
def iso(written: str) -> str | None:
    """Return a date as YYYY, YYYY-MM or YYYY-MM-DD; None unless it has a year from 1900 to 2100.

    Month and day are swapped where only that gives a valid month. An impossible month drops month and day; an
    impossible day drops the day.
    """
    text = _DIGIT.sub(lambda digit: str(int(digit[0])), unicodedata.normalize("NFC", written.strip().lower()))
    parts = _parse_numeric_date(text) or _parse_worded_date(text)
    # without a trailing time or remark
    parts = parts or _parse_numeric_date(re.split(r"(?<=\d)t|\s", text, maxsplit=1)[0])
    if parts is None or not EARLIEST <= int(parts[0]) <= 2100:
        return None
    year, month, day = parts
    if month and not 1 <= int(month) <= 12 and day and 1 <= int(day) <= 12:
        month, day = day, month
    if not month or not 1 <= int(month) <= 12:
        return year
    if not day or not 1 <= int(day) <= monthrange(int(year), int(month))[1]:
        return f"{year}-{int(month):02}"
    return f"{year}-{int(month):02}-{int(day):02}"


def _parse_numeric_date(text: str) -> Written | None:
    """Parse a date of numbers, possibly with a word for 'year' at its end."""
    plain = text if _PLAIN.fullmatch(text) else _BETWEEN.sub(r"\1", _YEAR_BEHIND.sub("", text))
    if match := re.fullmatch(r"(\d{4})(?:[-./](\d{1,2})(?:[-./](\d{1,2}))?)?|(\d{4})(\d{2})(\d{2})", plain):
        year, month, day, *others = match.groups()
        return (others[0], others[1], others[2]) if year is None else (year, month, day)
    if match := re.fullmatch(r"(?:(\d{1,2})[-./])?(\d{1,2})[-./](\d{4})", plain):
        return match[3], match[2], match[1]
    if match := re.fullmatch(r"(\d{1,2})[./](\d{1,2})[./](\d{2})", plain):
        year = _complete_year(match[3])
        return (year, match[2], match[1]) if year and int(match[1]) <= 31 else None
    return _parse_serial_number(plain)


def _parse_worded_date(text: str) -> Written | None:
    """Parse a date with the month as a word, the day beside it and the year anywhere."""
    parts = [part for part in re.findall(r"\d+|[^\W\d_]+", text) if part not in DATE_WORDS]
    months = [
        month for part in parts if (month := _number_months().get(part) or _number_months().get(part.rstrip("ыі")))
    ]
    numbers = [part for part in parts if part.isdecimal()]
    if len(months) != 1 or len(parts) != len(numbers) + 1 or not 1 <= len(numbers) <= 2:
        return None
    years = [number for number in numbers if len(number) == 4]
    days = [number for number in numbers if len(number) <= 2]
    if not years and len(days) == 2 and parts[1] not in days:
        years = [year] if (year := _complete_year(days.pop())) else []
    return (years[0], months[0], days[0] if days else None) if len(years) == 1 else None


def _complete_year(digits: str) -> str | None:
    """Return the four-digit year of two digits; None where two centuries are plausible."""
    if int(digits) >= OLD_FROM:
        return f"19{digits}"
    return f"20{digits}" if int(digits) <= YOUNG_UNTIL else None


def _parse_serial_number(text: str) -> Written | None:
    """Parse the serial number that a spreadsheet writes for a day.

    Numbers from 19000 to 20999 are not parsed: each can be a year with a digit too many.
    """
    if re.fullmatch(r"\d{5}", text) and SERIALS[0] <= int(text) <= SERIALS[1] and text[:2] not in ("19", "20"):
        year, month, day = (date(1899, 12, 30) + timedelta(days=int(text))).isoformat().split("-")
        return year, month, day
    return None


@lru_cache(maxsize=1)
def _number_months() -> dict[str, str]:
    return {word: str(number) for number, words in enumerate(MONTHS, 1) for word in words.split()}
