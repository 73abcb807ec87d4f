"""Labels of the rows of a crosstab: columns of labels, indents, and labels above groups of rows."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

from kerege.evidence.counting.frequency_table import TOTAL
from kerege.evidence.sdc.reading.code_columns import holds_codes, is_one_to_one, parents_of_labels
from kerege.evidence.sdc.reading.column_names import OF_WHICH, concept, folded
from kerege.evidence.sdc.reading.long_table import CODE, TECHNICAL, UNITS
from kerege.evidence.sdc.reading.nested_labels import NestedLabels, read_nested_labels
from kerege.evidence.sdc.reading.table_layout import TableLayout, figure_rows
from kerege.evidence.sdc.reading.total_labels import is_total_label
from kerege.evidence.sdc.reading.units_of_people import names_people

BY = re.compile(r"^(by|по|according to)\s+|[\s:]+$", re.I)


@dataclass(frozen=True)
class LabelledRows:
    """Rows of a table with the codes of each label column.

    `section` is the label above the rows, '' without one. `single_parts`, `parts` and `is_clear` are those of the
    first column of labels, see `NestedLabels`.
    """

    rows: list[int]
    names: list[str]
    codes: list[list[str]]  # a list for each label column, with a code for each row
    section: str = ""
    single_parts: frozenset[str] = frozenset()
    is_clear: bool = True
    parts: frozenset[str] = frozenset()
    code_parents: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class _Section:
    """Rows below a label that has no figures; the first rows of a table can have no such label."""

    label: str
    rows: list[int]


def read_row_labels(layout: TableLayout) -> list[LabelledRows]:
    """Return the rows of a table: all together, or by section when the sections have other labels."""
    layout = _with_parts_marked(layout)
    sections = _sections(layout)
    if len(sections) == 1:
        is_named = layout.heading(0) and concept(layout.heading(0)) != "year"
        return [_labelled(layout, sections[0].rows, "" if is_named else sections[0].label)]
    if _is_nested(layout, sections):
        return [_nested(layout, sections)]
    return _stacked(layout, sections)


def _with_parts_marked(layout: TableLayout) -> TableLayout:
    """Return a table with `of which` before each label below a row of such words alone.

    The next total or label without figures ends these parts.
    """
    with_figures = set(figure_rows(layout))
    rows = [list(row) for row in layout.grid.rows]
    words = ""
    for row in layout.body:
        label = rows[row][0].strip()
        if row not in with_figures:
            words = label.strip(" :") if OF_WHICH.fullmatch(f"{label.strip(' :')} ") else ""
        elif words and (is_total_label(label) or names_people(label)):
            words = ""
        elif words and label:
            rows[row][0] = f"{words} {label}"
    return replace(layout, grid=replace(layout.grid, rows=rows))


def _sections(layout: TableLayout) -> list[_Section]:
    """Return the rows with figures in groups, each below a row with a label alone."""
    with_figures = set(figure_rows(layout))
    sections = [_Section("", [])]
    for row in layout.body:
        label = layout.grid.rows[row][0].strip()
        if row in with_figures:
            sections[-1].rows.append(row)
        elif label and not OF_WHICH.match(label):
            sections.append(_Section(label, []))
    return [section for section in sections if section.rows]


def _first_labels(layout: TableLayout, section: _Section) -> set[str]:
    return {
        folded(layout.grid.rows[row][0]) for row in section.rows if not is_total_label(layout.grid.rows[row][0].strip())
    }


def _is_nested(layout: TableLayout, sections: Sequence[_Section]) -> bool:
    """Return whether the sections are values of a further dimension: most of their labels are the same."""
    labels = [_first_labels(layout, section) for section in sections if section.label]
    if len(labels) < 2:
        return False
    shared = set.intersection(*labels)
    return 2 * len(shared) >= max(map(len, labels))


def _nested(layout: TableLayout, sections: Sequence[_Section]) -> LabelledRows:
    parts = [_labelled(layout, section.rows, "") for section in sections]
    outer = [section.label or TOTAL for section in sections for _ in section.rows]
    codes = [[code for part in parts for code in part.codes[d]] for d in range(len(parts[0].codes))]
    rows = [row for part in parts for row in part.rows]
    single_parts = frozenset().union(*(part.single_parts for part in parts))
    is_clear = all(part.is_clear for part in parts)
    of_which = frozenset().union(*(part.parts for part in parts))
    code_parents = tuple(dict.fromkeys(pair for part in parts for pair in part.code_parents))
    return LabelledRows(
        rows,
        ["", *parts[0].names],
        [outer, *codes],
        single_parts=single_parts,
        is_clear=is_clear,
        parts=of_which,
        code_parents=code_parents,
    )


def _stacked(layout: TableLayout, sections: Sequence[_Section]) -> list[LabelledRows]:
    """Return a table for each section, with the totals above all sections."""
    first = sections[0].rows if not sections[0].label else []
    totals = [row for row in first if is_total_label(layout.grid.rows[row][0].strip())]
    result = []
    if len(first) > len(totals):
        result.append(_labelled(layout, first, ""))
    for section in sections:
        if section.label:
            has_total = _first_labels(layout, section) != {folded(layout.grid.rows[row][0]) for row in section.rows}
            result.append(_labelled(layout, section.rows if has_total else [*totals, *section.rows], section.label))
    return result


def _labelled(layout: TableLayout, rows: list[int], section: str) -> LabelledRows:
    """Return the labels of some rows by column."""
    names, columns = [], []
    nested = NestedLabels([])
    parents: tuple[tuple[str, str], ...] = ()
    kept = _without_codes(layout, rows)
    for place in kept:
        cells = layout.grid.column(place, rows)
        heading = layout.heading(place)
        if place == kept[0]:
            parents = _code_parents(layout, rows, kept)
            names_here, columns_here, nested = _first_column(heading, _filled(layout, rows, cells))
            if parents:  # the codes say more than signs before the labels
                columns_here, nested = [[cell.strip() for cell in cells]], NestedLabels([])
            names += names_here
            columns += columns_here
        else:
            names.append(heading)
            columns.append(_filled(layout, rows, [cell.strip() for cell in cells], place))
    if section and len(columns) == 1:
        names = [BY.sub("", section)]
    return LabelledRows(
        rows,
        names,
        columns,
        section,
        single_parts=nested.single_parts,
        is_clear=nested.is_clear,
        parts=nested.parts,
        code_parents=parents,
    )


def _code_parents(layout: TableLayout, rows: Sequence[int], kept: Sequence[int]) -> tuple[tuple[str, str], ...]:
    """Return the first labels with those that a column of codes places them in."""
    labels = layout.grid.column(kept[0], rows)
    codes = [layout.grid.column(place, rows) for place in layout.labels if place not in kept]
    return next((parents for column in codes if (parents := parents_of_labels(column, labels))), ())


def _without_codes(layout: TableLayout, rows: Sequence[int]) -> list[int]:
    """Return the label columns without those that number the rows, or repeat another column as codes."""
    kept = list(layout.labels)
    for place in layout.labels:
        cells = [cell.strip() for cell in layout.grid.column(place, rows)]
        given = [cell for cell in cells if cell]
        is_number = given == [str(number) for number in range(1, len(given) + 1)]
        if len(kept) > 1 and given and _is_unit_of_others(layout, rows, place, kept):
            kept.remove(place)
        elif len(kept) > 1 and given and (is_number or CODE.search(layout.heading(place))):
            others = [layout.grid.column(other, rows) for other in kept if other != place]
            if is_number or any(_is_same(cells, other) for other in others):
                kept.remove(place)
        elif len(kept) > 1 and given and _has_codes_alone(layout, rows, place, kept):
            kept.remove(place)
    return kept


def _has_codes_alone(layout: TableLayout, rows: Sequence[int], place: int, labels: Sequence[int]) -> bool:
    """Return whether a column has codes as `232010` in all rows, and each belongs to one label."""
    cells = [cell.strip() for cell in layout.grid.column(place, rows)]
    others = ([cell.strip() for cell in layout.grid.column(other, rows)] for other in labels if other != place)
    return holds_codes(layout.heading(place), cells) and any(is_one_to_one(cells, other) for other in others)


def _is_unit_of_others(layout: TableLayout, rows: Sequence[int], place: int, labels: Sequence[int]) -> bool:
    """Return whether a column names units, and every other label has one unit."""
    others = [layout.grid.column(other, rows) for other in labels if other != place]
    units: dict[tuple[str, ...], set[str]] = {}
    for label, unit in zip(zip(*others, strict=True), layout.grid.column(place, rows), strict=True):
        units.setdefault(label, set()).add(unit)
    return folded(layout.heading(place)) in UNITS and all(len(of_label) == 1 for of_label in units.values())


def _is_same(codes: Sequence[str], labels: Sequence[str]) -> bool:
    """Return whether each code belongs to one label, and no label has two."""
    pairs = {(code, label.strip()) for code, label in zip(codes, labels, strict=True) if code}
    return len(pairs) == len({code for code, _ in pairs}) == len({label for _, label in pairs})


def _filled(layout: TableLayout, rows: Sequence[int], cells: list[str], place: int = 0) -> list[str]:
    """Return labels with empty cells filled from above, where a label to the right is there.

    An empty cell beside a label to the left is the total of its column.
    """
    result: list[str] = []
    for row, cell in zip(rows, cells, strict=True):
        has_right = any(layout.grid.rows[row][column].strip() for column in layout.labels if column > place)
        filled = result[-1] if result and has_right else (TOTAL if place else cell)
        result.append(cell if cell.strip() else filled)
    return result


def _first_column(heading: str, cells: list[str]) -> tuple[list[str], list[list[str]], NestedLabels]:
    """Return names and codes of the first column, and how its labels are nested.

    `a,b\\\\c` above `x,y` holds two columns, as in Eurostat files.
    """
    name = heading.rpartition("\\")[0].strip() or heading
    parts = [part.strip() for part in name.split(",")]
    split = [cell.split(",") for cell in cells]
    if "\\" in heading and len(parts) > 1 and all(len(codes) == len(parts) for codes in split):
        columns = [[codes[d].strip() for codes in split] for d in range(len(parts))]
        kept = [d for d in range(len(parts)) if len(set(columns[d])) > 1 or folded(parts[d]) not in TECHNICAL]
        return [parts[d] for d in kept], [columns[d] for d in kept], NestedLabels([])
    nested = read_nested_labels(cells)
    return [name], [nested.codes], nested
