"""Columns of one variable with overlapping codes: a column of its own for each set of disjoint codes.

`domains` ties these columns as one family, by the pieces that their codes share.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from kerege.base.message_text import shown
from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, TOTAL
from kerege.evidence.sdc.published_tables.sheet import Sheet, is_same_table, renamed_columns
from kerege.evidence.sdc.reading.column_names import NOT_STATED, NOTE_MARK, answer_of, folded, sex_code, translation
from kerege.evidence.sdc.reading.listed_labels import place_of
from kerege.evidence.sdc.reading.nested_codes import AGE, are_disjoint, band_of, base_name, numbered


def separate_codes(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return the tables with a column of its own for each set of disjoint codes of a column.

    Tables that a manifest states keep their columns.
    """
    _note_doubtful_ages(sheets)
    sets: dict[str, list[set[str]]] = {}
    for sheet in sheets:
        for name, axis in zip(sheet.by, sheet.axes, strict=True) if sheet.stated else ():
            sets.setdefault(base_name(name), [set()])[0].update(axis[1:])
    result = []
    for sheet in sheets:
        by = sheet.by
        if not sheet.stated:
            columns = zip(sheet.by, sheet.axes, strict=True)
            by = tuple(_column(name, axis[1:], sets.setdefault(base_name(name), [])) for name, axis in columns)
        result.append(sheet if by == sheet.by or len(set(by)) < len(by) else renamed_columns(sheet, by))
    return result


def _note_doubtful_ages(sheets: Sequence[Sheet]) -> None:
    """Make a table undecided if a label of ages is not a band, and another table has other labels.

    Nobody knows which people of the other table it counts.
    """
    columns = [
        (sheet, name, set(axis[1:]))
        for sheet in sheets
        for name, axis in zip(sheet.by, sheet.axes, strict=True)
        if AGE.fullmatch(base_name(name))
    ]
    labels = set().union(*(codes for _, _, codes in columns))
    if not any(band_of(label) or any(map(str.isdigit, label)) for label in labels):
        return
    for sheet, name, codes in columns:
        if (
            any(other - codes for of_sheet, _, other in columns if not is_same_table(of_sheet, sheet))
            and not sheet.stated
        ):
            doubtful = [code for code in sheet.axes[sheet.by.index(name)][1:] if not _is_known_age(code)]
            unread = [f"{shown(base_name(name))} ({shown(code)})" for code in doubtful]
            sheet.unread = tuple(dict.fromkeys([*sheet.unread, *unread]))


def _is_known_age(code: str) -> bool:
    return band_of(code) is not None or code in (NOT_REPORTED, OTHER) or NOT_STATED.fullmatch(code.strip()) is not None


def _column(name: str, codes: Sequence[str], sets: list[set[str]]) -> str:
    """Return the name of a column, and add its codes to the first set with which they are disjoint."""
    for number, group in enumerate(sets, 1):
        if are_disjoint([*group.union(codes)]):
            group.update(codes)
            return numbered(base_name(name), number, codes)
    sets.append(set(codes))
    return numbered(base_name(name), len(sets), codes)


def same_names(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return unstated tables with one name for a usual column in any language, and for each sex.

    The first table that has the column gives the names, so that `Пол` and `Жынысы` become one column. Columns that are
    in one table together keep their names.
    """
    own = [[name for name in map(translation, sheet.by) if name] for sheet in sheets]
    apart = {name for names in own for name in names if names.count(name) > 1}
    names: dict[str, str] = {}
    labels: dict[str, str] = {}
    result = []
    for sheet in sheets:
        if sheet.stated:
            result.append(sheet)
            continue
        usual = [name if (name := translation(column)) not in apart else "" for column in sheet.by]
        by = tuple(
            names.setdefault(name, column) if name else column for name, column in zip(usual, sheet.by, strict=True)
        )
        axes = tuple(
            _same_labels(axis, labels) if name == "sex" else axis for name, axis in zip(usual, sheet.axes, strict=True)
        )
        renamed = sheet if by == sheet.by else renamed_columns(sheet, by)
        result.append(renamed if axes == sheet.axes else replace(renamed, axes=axes))
    return [_with_names_of_filter(sheet, names, labels) for sheet in result]


def _with_names_of_filter(sheet: Sheet, names: Mapping[str, str], labels: Mapping[str, str]) -> Sheet:
    """Return an unstated table with the names of `same_names` in its filter."""
    if sheet.stated or not sheet.where:
        return sheet
    where = {
        names.get(translation(name), name): [labels.get(sex_code(value), value) for value in values]
        if translation(name) == "sex"
        else values
        for name, values in sheet.where.items()
    }
    return replace(sheet, where=where)


def same_answers(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return unstated tables with one label for each answer, as `yes` for `Y` and `да`.

    The labels are those of the first table with answers.
    """
    labels: dict[str, str] = {}
    return [sheet if sheet.stated else _with_answers(sheet, labels) for sheet in sheets]


def _with_answers(sheet: Sheet, labels: dict[str, str]) -> Sheet:
    axes = tuple(_same_answers(axis, labels) for axis in sheet.axes)
    return sheet if axes == sheet.axes else replace(sheet, axes=axes)


def _same_answers(axis: tuple[str, ...], labels: dict[str, str]) -> tuple[str, ...]:
    """Return an axis with the labels of answers, the same axis if other values are on it."""
    answers = {code: answer_of(code) for code in axis if code != TOTAL and not NOT_STATED.fullmatch(code.strip())}
    if not answers or not all(answers.values()) or len(set(answers.values())) < len(answers):
        return axis
    return tuple(labels.setdefault(answers[code], code) if code in answers else code for code in axis)


def same_spelling(sheets: Sequence[Sheet]) -> list[Sheet]:
    """Return unstated tables with one spelling for labels that differ by case, note mark or language.

    The first spelling without a mark is used, and a note says so. A number in brackets is a mark of a note only if the
    label occurs without it.
    """
    labels = list(_labels(sheets))
    plain = {(name, _lower(code)) for name, code in labels}
    first: dict[tuple[str, str], str] = {}
    for name, code in sorted(labels, key=lambda label: _without_mark(label[1]) != _lower(label[1])):
        first.setdefault((name, _unmarked(name, code, plain)), code)
    return [sheet if sheet.stated else _with_spelling(sheet, first, plain) for sheet in sheets]


def _labels(sheets: Sequence[Sheet]) -> Iterator[tuple[str, str]]:
    """Yield the name of the column and the label of each value of the unstated tables."""
    for sheet in (sheet for sheet in sheets if not sheet.stated):
        for name, axis in zip(sheet.by, sheet.axes, strict=True):
            yield from ((base_name(name), code) for code in axis if code != TOTAL)


def _unmarked(name: str, code: str, plain: set[tuple[str, str]]) -> str:
    """Return a label in lower case without the mark of a footnote, or the code of the place that it names."""
    whole, short = _lower(code), _without_mark(code)
    if place := place_of(short):
        return place
    return whole if code.rstrip().endswith((")", "]")) and (name, short) not in plain else short


def _without_mark(code: str) -> str:
    return folded(NOTE_MARK.sub("", code))


def _lower(code: str) -> str:
    return " ".join(code.split()).casefold()


def _with_spelling(sheet: Sheet, first: Mapping[tuple[str, str], str], plain: set[tuple[str, str]]) -> Sheet:
    axes, notes = [], []
    for name, axis in zip(sheet.by, sheet.axes, strict=True):
        column = base_name(name)
        same = tuple(code if code == TOTAL else first[column, _unmarked(column, code, plain)] for code in axis)
        if len(set(same)) < len(same):
            same = axis
        axes.append(same)
        pairs = [(code, other) for code, other in zip(axis, same, strict=True) if code != other]
        notes += [f"Column {shown(column)}: {shown(code)} is read as {shown(other)}." for code, other in pairs]
    if not notes:
        return sheet
    return replace(sheet, axes=tuple(axes), notes=[*sheet.notes, *notes])


def _same_labels(axis: Iterable[str], labels: dict[str, str]) -> tuple[str, ...]:
    codes = tuple(axis)
    usual = [code if code == TOTAL else sex_code(code) for code in codes]
    same = tuple(
        labels.setdefault(kind, code) if kind != code or kind in labels else code
        for kind, code in zip(usual, codes, strict=True)
    )
    return same if len(set(same)) == len(same) else codes
