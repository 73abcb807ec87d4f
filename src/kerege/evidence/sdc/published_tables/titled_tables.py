"""Tables whose title names some of the people, as a sheet `Men` beside a sheet `All`.

A title with the word for one sex, or with one band of ages, is a filter of its table. Sheets or files of one form, one
of which is named as a total, are filtered by the titles of the others.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from kerege.base.message_text import shown
from kerege.evidence.sdc.published_tables.sheet import LAYER, UNNAMED, Sheet, is_same_table
from kerege.evidence.sdc.reading.column_names import SEXES, YEAR, answer_of, codes_of_column, concept, folded, sex_code
from kerege.evidence.sdc.reading.nested_codes import AGE_GROUPS, band_of, is_age
from kerege.evidence.sdc.reading.periods import parse_period
from kerege.evidence.sdc.reading.stages import kinds_of_stage
from kerege.evidence.sdc.reading.total_labels import is_total_label

WORD = re.compile(r"[^\W\d_]{3,}")
YOUNG = re.compile(r"girls?|boys?|девочки|девочек|мальчики|мальчиков|қыздар|ұлдар", re.I)
MINORS = "0-17"
COUNTRY = re.compile(r"\b(?:national|nationwide|country|республика|страна|республиканск\w+|ел бойынша)\b", re.I)
SEX, AGE, SHEET = "sex", "age range", "sheet"  # names of the columns of filters


def with_filters_of_titles(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the tables of a publication with the filters that the titles of other publishers name."""
    titled = [
        replace(sheet, where={**sheet.where, **_filter_of_title(sheet)}) if _is_free(sheet) else sheet
        for sheet in sheets
    ]
    return [_with_note(_with_sheet_filter(sheet, titled), before) for sheet, before in zip(titled, sheets, strict=True)]


def _is_free(sheet: Sheet) -> bool:
    return not sheet.stated and sheet.of == UNNAMED


def _with_note(sheet: Sheet, before: Sheet) -> Sheet:
    added = {name: values for name, values in sheet.where.items() if name not in before.where}
    texts = [f"{name} {shown(' or '.join(values))}" for name, values in added.items()]
    return replace(sheet, notes=[*sheet.notes, *(f"Its title says whom it counts: {text}." for text in texts)])


def _filter_of_title(sheet: Sheet) -> dict[str, list[str]]:
    """Return the sex and the ages that the title of a table names, if it names one of each at most."""
    title = sheet.title or sheet.name
    words = WORD.findall(title.replace("_", " "))
    sexes = {code for word in words if (code := sex_code(word)) in SEXES}
    ages = {AGE_GROUPS[word] for word in map(str.casefold, words) if word in AGE_GROUPS}
    ages |= {MINORS for word in words if YOUNG.fullmatch(word)}
    if (band := band_of(title.strip())) and parse_period(title) is None and not YEAR.search(title):
        ages = {title.strip()} if band.low < band.high else ages
    if len(sexes) > 1 or len(ages) > 1 or _names_column(sheet, words) or any(map(is_total_label, words)):
        return {}
    columns = {concept(name) for name in (*sheet.by, *sheet.where)}
    has_ages = "age" in columns or any(is_age(name, axis) for name, axis in zip(sheet.by, sheet.axes, strict=True))
    by_sex = {SEX: [*sexes]} if sexes and "sex" not in columns else {}
    return by_sex | ({AGE: [*ages]} if ages and not has_ages else {})


def _names_column(sheet: Sheet, words: Sequence[str]) -> bool:
    """Return whether words of a title can name a column of the table: its name, or a question."""
    of_columns = {word.casefold() for name in sheet.by for word in WORD.findall(name)}
    is_question = any(len(axis) > 1 and all(map(answer_of, axis[1:])) for axis in sheet.axes)
    return is_question or bool({*map(str.casefold, words)} & of_columns)


def _with_sheet_filter(sheet: Sheet, sheets: Sequence[Sheet]) -> Sheet:
    """Return a table with its title as a filter, if one of its form has the title of a whole."""
    if not _is_free(sheet) or SEX in sheet.where or AGE in sheet.where or _is_total_title(sheet):
        return sheet
    wholes = [other for other in sheets if _is_free(other) and _names_whole(other, sheet) and _is_like(sheet, other)]
    if not wholes or parse_period(sheet.name) or YEAR.search(sheet.name):
        return sheet
    return replace(sheet, where={**sheet.where, SHEET: [sheet.name]})


def _names_whole(whole: Sheet, part: Sheet) -> bool:
    """Return whether a title names a total, an earlier step, or people of whom another title says more."""
    if is_same_table(whole, part):
        return False
    words, of_part = ({*WORD.findall(_text(sheet).casefold())} for sheet in (whole, part))
    is_step = bool(kinds_of_stage(_text(whole)) & kinds_of_stage(_text(part)))
    return _is_total_title(whole) or is_step or (bool(words) and words < of_part)


def _text(sheet: Sheet) -> str:
    """Return the name of a table in words, without the number of its set of codes."""
    return LAYER.sub("", sheet.name).replace("_", " ")


def _is_total_title(sheet: Sheet) -> bool:
    """Return whether a title names a total or a country."""
    if COUNTRY.search(_text(sheet)) or folded(_text(sheet)) in codes_of_column("citizenship"):
        return True
    return any(is_total_label(word) for word in (sheet.name.strip(), *sheet.name.replace("_", " ").split()))


def _is_like(part: Sheet, whole: Sheet) -> bool:
    """Return whether two tables have one form, and no figure of a part exceeds that of the whole."""
    if part.by != whole.by or not {*part.where} >= {*whole.where}:
        return False
    shared = part.groups.keys() & whole.groups.keys()
    return len(shared) > 1 and all(
        part.lower.flat[part.groups[group]] <= whole.upper.flat[whole.groups[group]] for group in shared
    )
