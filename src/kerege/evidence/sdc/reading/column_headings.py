"""Headings of a crosstab: the codes of every column of counts, and percentages beside the counts."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from kerege.base.message_text import shown
from kerege.evidence.counting.frequency_table import TOTAL
from kerege.evidence.sdc.reading.column_names import (
    COUNTS,
    OF_WHICH,
    SEXES,
    YEAR,
    concept_of_values,
    folded,
    names_a_count,
    sex_code,
    without_of_which,
)
from kerege.evidence.sdc.reading.figures import integer
from kerege.evidence.sdc.reading.grid import is_figure, is_number
from kerege.evidence.sdc.reading.nested_labels import NestedLabels, read_nested_labels, states_a_part
from kerege.evidence.sdc.reading.periods import parse_period
from kerege.evidence.sdc.reading.shares import (
    BASE,
    OTHER_MEASURE,
    PERCENT,
    is_base,
    is_measure,
    is_rank,
    is_share,
    parse_number,
    rate_factor,
)
from kerege.evidence.sdc.reading.table_layout import TableLayout
from kerege.evidence.sdc.reading.total_labels import is_total_label

Path = tuple[str, ...]
PART = "of which "  # before a heading that names a part of the heading to its left
LONGEST_NAME = 40  # characters of a spanning heading that names a dimension


@dataclass(frozen=True)
class ColumnHeadings:
    """The columns of counts of a table, their codes by level, and the columns of measures beside them.

    `measures` has for each kind of measure the column beside each column of counts, None where there is none. `unread`
    names the columns that were not understood. `single_parts`, `parts` and `is_clear` are those of
    `NestedLabels`.
    """

    counts: list[int]
    names: list[str]  # names of the levels; '' for a level without a name
    codes: list[list[str]]  # a list for each level, with a code for each column of counts
    measures: tuple[tuple[str, tuple[int | None, ...]], ...] = ()
    unread: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    single_parts: frozenset[str] = frozenset()
    is_clear: bool = True
    parts: frozenset[str] = frozenset()


def read_headings(layout: TableLayout) -> ColumnHeadings:
    """Return the headings of a table."""
    marked = _levels(layout)
    levels = [[without_of_which(text) for text in level] for level in marked]
    measured = [
        _measure_name(layout, column, [level[i] for level in levels]) for i, column in enumerate(layout.figures)
    ]
    counts = [i for i, name in enumerate(measured) if not name]
    if not counts:
        unread = tuple(dict.fromkeys(shown(name) for name in measured))
        return ColumnHeadings([], [], [], unread=unread)
    names, nested = _named_levels([[level[i] for i in counts] for level in marked], layout)
    paths = [_path([level[i] for level in levels]) for i in counts]
    measures, unread = _beside(layout, levels, measured, paths)
    return ColumnHeadings(
        [layout.figures[i] for i in counts],
        names,
        [level.codes for level in nested],
        measures,
        unread,
        single_parts=frozenset().union(*(level.single_parts for level in nested)),
        is_clear=all(level.is_clear for level in nested),
        parts=frozenset().union(*(level.parts for level in nested)),
    )


def _levels(layout: TableLayout) -> list[list[str]]:
    """Return the headings of the figure columns by level; a heading holds until the next one to its right.

    Words such as `of which` stay before a name: they say that it is a part of the heading to its left.
    """
    levels = []
    for place, row in enumerate(layout.headings):
        texts = [layout.grid.rows[row][column].strip() for column in layout.figures]
        levels.append(texts if place == len(layout.headings) - 1 else _filled(texts, layout, row))
    for above, texts in pairwise(levels):
        is_part = [
            _is_of_which(higher) and bool(text) and text != higher for text, higher in zip(texts, above, strict=True)
        ]
        texts[:] = [f"{PART}{text}" if part else text for text, part in zip(texts, is_part, strict=True)]
        above[:] = ["" if part else text for text, part in zip(above, is_part, strict=True)]
        texts[:] = [text or higher for text, higher in zip(texts, above, strict=True)]
    same = _with_same_sexes([[without_of_which(text) for text in level] for level in levels])
    levels = [
        [f"{PART}{text}" if states_a_part(raw) else text for text, raw in zip(*pair, strict=True)]
        for pair in zip(same, levels, strict=True)
    ]
    return [level for place, level in enumerate(levels) if _says_more(level, levels[place + 1 :])]


def _is_of_which(text: str) -> bool:
    """Return whether a heading has words such as `of which` alone."""
    return OF_WHICH.fullmatch(f"{text.strip(' :')} ") is not None


def _with_same_sexes(levels: list[list[str]]) -> list[list[str]]:
    """Use one label for each sex, such as `men` for `boys`, if all columns stay distinct."""
    same = [_with_one_label_by_sex(level) for level in levels]
    return same if len(set(zip(*same, strict=True))) == len(set(zip(*levels, strict=True))) else levels


def _with_one_label_by_sex(level: list[str]) -> list[str]:
    """Return headings with one label for each sex, where all of them name a sex or a total."""
    labels: dict[str, str] = {}
    named = [text for text in level if text and not is_total_label(text)]
    if not all(sex_code(text) in SEXES for text in named):
        return level
    for text in named:
        labels.setdefault(sex_code(text), text)
    return [labels[sex_code(text)] if text in named else text for text in level]


def _says_more(level: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Return whether a level has a heading that is not a total, or is the lowest."""
    headings = [text for text in level if text]
    return bool(headings) and (not below or not all(map(is_total_label, headings)))


def _filled(texts: list[str], layout: TableLayout, row: int) -> list[str]:
    """Return headings with empty cells filled from the left.

    A column whose heading begins lower stays empty.
    """
    result: list[str] = []
    lower = [r for r in layout.headings if r > row]
    for text, column in zip(texts, layout.figures, strict=True):
        has_lower = any(layout.grid.rows[r][column].strip() for r in lower)
        result.append(text or (result[-1] if result and has_lower else ""))
    return result


def _measure_name(layout: TableLayout, column: int, path: Sequence[str]) -> str:
    """Return the heading of a column of percentages, means or other numbers, '' for a column of counts."""
    title = next((text for text in reversed(path) if text), "")
    is_numbered = _is_count(title)  # a number of people, below a heading such as Population
    if is_rank(title) and _is_unit(layout, title):
        return ""
    others = [text for text in path if _is_other_number(text) and not (is_numbered and BASE.search(text))]
    marked = min(others, key=is_base, default="")  # Percent below Population is no base
    numbers = [
        number
        for cell in layout.grid.column(column, layout.body)
        if is_figure(cell) and integer(cell.strip()) is None and (number := parse_number(cell.strip())) is not None
    ]
    cells = [cell for cell in layout.grid.column(column, layout.body) if is_number(cell)]
    has_fractions = any(decimals and value % 1 for value, decimals in numbers)
    return marked or (title or "numbers" if has_fractions or any("%" in cell for cell in cells) else "")


def _is_unit(layout: TableLayout, title: str) -> bool:
    """Return whether a heading such as `no.` names the unit of several columns, below other headings."""
    lowest = [layout.grid.rows[layout.headings[-1]][column].strip() for column in layout.figures]
    return len(layout.headings) > 1 and lowest.count(title) > 1


def _is_other_number(heading: str) -> bool:
    return is_measure(heading) and not _is_count(heading) and parse_period(heading) is None


def _is_count(heading: str) -> bool:
    return folded(heading) in COUNTS or (
        names_a_count(heading) and not PERCENT.search(heading) and not OTHER_MEASURE.search(heading)
    )


def _named_levels(levels: list[list[str]], layout: TableLayout) -> tuple[list[str], list[NestedLabels]]:
    """Return the names and the codes of the levels; a heading over all columns names the level below it."""
    names: list[str] = []
    kept: list[NestedLabels] = []
    name = _corner_name(layout)
    for number, level in enumerate(levels):
        values = list(dict.fromkeys(filter(None, level)))
        is_last = number == len(levels) - 1
        if len(values) == 1 and (all(level) or not is_last) and not is_total_label(values[0]):
            name = _dimension_name(without_of_which(values[0])) or name
            continue
        is_total = all(map(is_total_label, values)) and not is_last
        nested = read_nested_labels([text or TOTAL for text in level])
        if len(level) > 1 and not is_total and not all(map(_is_pure_count, values)) and nested not in kept:
            groups = [without_of_which(value) for value in values if not is_total_label(value)]
            names.append(name or concept_of_values(groups))
            kept.append(nested)
            name = ""
    return names, kept


def _is_pure_count(heading: str) -> bool:
    return folded(heading) in COUNTS


def _dimension_name(heading: str) -> str:
    """Return a heading over all columns as a name of a dimension, '' for a unit, year or long title."""
    is_name = len(heading) <= LONGEST_NAME and not _is_count(heading) and not YEAR.fullmatch(heading)
    return heading if is_name else ""


def _corner_name(layout: TableLayout) -> str:
    """Return the name of the columns in a corner such as `geo\\\\time`."""
    corner = layout.heading(0)
    return corner.rpartition("\\")[2].strip() if "\\" in corner else ""


def _path(headings: Sequence[str]) -> Path:
    """Return the headings without the words for numbers and percentages, for comparison."""
    named = [folded(text) for text in headings if not (rate_factor(text) or BASE.search(text))]
    parts = [re.sub(r"^[\s,(:–—-]+|[\s,):–—-]+$", "", PERCENT.sub("", text)) for text in named]
    return tuple(dict.fromkeys(part for part in parts if part and not names_a_count(part)))


def _beside(
    layout: TableLayout, levels: Sequence[Sequence[str]], measured: Sequence[str], paths: Sequence[Path]
) -> tuple[tuple[tuple[str, tuple[int | None, ...]], ...], tuple[str, ...]]:
    """Return the measures beside the counts by name, and the columns that are not understood."""
    groups: dict[str, dict[Path, int]] = {}
    unread: list[str] = []
    counts = [i for i, name in enumerate(measured) if not name]
    of_left: dict[str, dict[int, int]] = {}
    for i, name in enumerate(measured):
        path = _path([level[i] for level in levels])
        if name and paths.count(path) == 1 and _is_understood(name):
            groups.setdefault(_kind(name), {}).setdefault(path, layout.figures[i])
        elif name and not path and not rate_factor(name) and _is_understood(name) and counts[0] < i:
            left = max(count for count in counts if count < i)  # a share without words of its own
            of_left.setdefault(_kind(name), {})[counts.index(left)] = layout.figures[i]
        elif name:
            unread.append(shown(" ".join(dict.fromkeys(filter(None, (level[i] for level in levels)))) or name))
    by_path = [(name, tuple(places.get(path) for path in paths)) for name, places in groups.items()]
    by_place = [(name, tuple(map(places.get, range(len(paths))))) for name, places in of_left.items()]
    return (*by_path, *by_place), tuple(dict.fromkeys(unread))


def _is_understood(name: str) -> bool:
    """Return whether a heading names shares, a rate of a stated number of people, or the base of a rate."""
    return is_share(name) or rate_factor(name) is not None or is_base(name)


def _kind(name: str) -> str:
    """Return the words of a heading that say which measure it is."""
    if rate_factor(name) or BASE.search(name):
        return name
    return " ".join(match[0] for match in PERCENT.finditer(name)) or name
