"""Tables of other publishers as sheets with bounds, one for each set of disjoint codes."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import NamedTuple

import numpy as np

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.evidence.counting.frequency_table import PERTURBED, SUPPRESSED, TOTAL, WITHHELD
from kerege.evidence.counting.row_filter import MOST_CELLS
from kerege.evidence.sdc.linear.linear_system import Bools, Floats, Ints, least_suppressed
from kerege.evidence.sdc.published_tables.sensitive_columns import sensitive_columns
from kerege.evidence.sdc.published_tables.sheet import (
    UNNAMED,
    Sheet,
    exceeds_total,
    incomplete_columns,
    is_known_multi_valued,
)
from kerege.evidence.sdc.published_tables.stated_manifest import StatedTime
from kerege.evidence.sdc.reading import shares
from kerege.evidence.sdc.reading.code_columns import without_code_columns
from kerege.evidence.sdc.reading.hierarchies import with_path
from kerege.evidence.sdc.reading.nested_codes import disjoint_layers, leaves_out_pieces
from kerege.evidence.sdc.reading.options import ReadingOptions
from kerege.evidence.sdc.reading.period_columns import holds_periods, read_periods, registers_by_date
from kerege.evidence.sdc.reading.possible_parts import read_possible_parts
from kerege.evidence.sdc.reading.published_rows import PublishedRows, keys_of_rows
from kerege.evidence.sdc.reading.running_totals import running_totals
from kerege.evidence.sdc.reading.set_codes import (
    SEPARATOR,
    column_of_sets,
    column_of_values,
    joined_codes,
    values_of,
    with_equal_codes,
)
from kerege.evidence.sdc.reading.stock_dates import with_dated_stocks
from kerege.evidence.sdc.reading.subtotals import read_subtotals
from kerege.evidence.sdc.reading.suppression_marks import Texts, bounds_of_marks
from kerege.evidence.sdc.reading.total_labels import read_totals

_PERHAPS_SUBTOTALS = ", so one person can have several of them. If some are subtotals, give their hierarchy."
_OR_SUBTOTALS = ". If one person can have several of them, say --multi {}. If some are subtotals, give their hierarchy."
MOST_VALUES = 10  # in the sets of an incomplete column: any set of them can occur


class SheetOrigin(NamedTuple):
    """The file of a table, the label of its release, and statements of a manifest or the user about it.

    `sensitive` is None if no manifest states the sensitive columns.
    """

    file: str
    release: str
    time: StatedTime = StatedTime()
    sensitive: frozenset[str] | None = None
    where: Mapping[str, list[str]] = {}


def foreign_sheets(rows: PublishedRows, name: str, origin: SheetOrigin, options: ReadingOptions) -> list[Sheet]:
    """Return the sheets of a table of another publisher; raises BadInput."""
    _check_separators(rows, origin.file, options)
    stated = (origin.time.is_cumulative, options.is_cumulative, rows.states_register or None)
    is_cumulative = next((answer for answer in stated if answer is not None), None)
    rows = replace(rows, unread=(*rows.unread, *_rows_of_measures(rows), *map(shown, running_totals(rows))))
    rows = _with_sets(read_totals(_with_paths(without_code_columns(rows), options), options.assumed))
    rows = read_periods(with_dated_stocks(rows, _stated_year(origin.time)), is_cumulative)
    several = options.multi | frozenset(filter(is_known_multi_valued, rows.by))
    rows = read_possible_parts(read_subtotals(rows, several), several, options.assumed)
    result = []
    for part, day in registers_by_date(rows):
        time = StatedTime(as_of=day, is_cumulative=True, origin=origin.time.origin) if day else origin.time
        result += _sheets(part, f"{name} ({day})" if day else name, origin._replace(time=time), options)
    return result


def _rows_of_measures(rows: PublishedRows) -> list[str]:
    """Return the labels that name other numbers than people, as `Mean age`."""
    labels = dict.fromkeys(code for codes in rows.codes for code in codes)
    return [shown(label) for label in labels if shares.MEASURE_LABEL.fullmatch(label.strip())]


def _stated_year(time: StatedTime) -> int | None:
    """Return the year of the dates of a table, None if nothing states one."""
    years = set(map(int, re.findall(r"(?<!\d)(?:19|20)\d\d(?!\d)", f"{time.as_of} {time.period}")))
    return years.pop() if len(years) == 1 else None


def _sheets(rows: PublishedRows, name: str, origin: SheetOrigin, options: ReadingOptions) -> list[Sheet]:
    """Return a sheet for each set of disjoint codes of a table."""
    sheet, marks = _filled_sheet(rows, name, origin, options)
    several = frozenset(options.multi) & set(sheet.by)
    result = []
    for layer, layer_marks in _layers(sheet, marks, several):
        layer.multi = layer.named_multi = several
        layer.named_single = options.single & set(layer.by)
        _note_joined_codes(layer)
        _read_marks(layer, layer_marks)
        _find_multi_valued(layer)
        layer.incomplete = incomplete_columns(layer)
        _note_incomplete(layer)
        layer.incomplete |= _open_periods(layer) | _open_parts(layer, rows)
        _refuse_open_sets(layer)
        result.append(layer)
    if result and rows.measures:
        result = [_with_measures(layer, rows) for layer in result]
    for layer in result:
        stated = origin.sensitive
        layer.sensitive = sensitive_columns(layer, options.not_sensitive) if stated is None else stated & set(layer.by)
    return result


def _check_separators(rows: PublishedRows, file: str, options: ReadingOptions) -> None:
    """Raise BadInput for codes that hold several values, unless the user named the column."""
    for column, codes in zip(rows.by, rows.codes, strict=True):
        if column not in options.multi and any(SEPARATOR in code for code in codes):
            what = f"has codes with `{SEPARATOR}`, which can be several values of one person"
            todo = "name the column with --multi, or write the codes without it"
            raise BadInput(Fault(what, todo, file, column=shown(column)))


def _with_paths(rows: PublishedRows, options: ReadingOptions) -> PublishedRows:
    """Return the rows with the parents before each code of a column that has a hierarchy."""
    codes = [
        [with_path(code, options.hierarchies[column]) for code in column_codes]
        if column in options.hierarchies
        else column_codes
        for column, column_codes in zip(rows.by, rows.codes, strict=True)
    ]
    return replace(rows, codes=codes)


def _filled_sheet(rows: PublishedRows, name: str, origin: SheetOrigin, options: ReadingOptions) -> tuple[Sheet, Texts]:
    """Return the rows as a sheet, and the mark of each cell."""
    axes = tuple((TOTAL, *dict.fromkeys(code for code in column if code != TOTAL)) for column in rows.codes)
    shape = [len(axis) for axis in axes]
    if math.prod(shape) > MOST_CELLS:
        raise BadInput(Fault("has more than a million cells", "split it", file=origin.file))
    sheet = Sheet(
        name=name,
        of=UNNAMED,
        by=rows.by,
        where={column: list(values) for column, values in origin.where.items()},
        axes=axes,
        counts=np.zeros(shape, np.int64),
        status=np.full(shape, WITHHELD, np.uint8),
        lower=np.zeros(shape),
        upper=np.full(shape, np.inf),
        release=origin.release,
        as_of=origin.time.as_of,
        period=origin.time.period,
        is_cumulative=origin.time.is_cumulative,
        stated=False,
        unread=rows.unread,
        doubtful=rows.doubtful,
        marks_read=not rows.has_own_words,
        notes=list(rows.notes),
        possible=tuple(reading for reading in rows.possible if reading.column not in options.single),
        title=rows.title,
    )
    flat = cell_positions(sheet, rows, origin.file)
    marks = np.full(shape, "", dtype=object)
    marks.flat[flat] = [figure.mark for figure in rows.counts]
    return sheet, marks


def cell_positions(sheet: Sheet, rows: PublishedRows, file: str) -> Ints:
    """Fill the cells of a sheet, and return the flat position of each row.

    A suppressed figure is at least 1, as every publisher says, unless the manifest states 0 or its mark says more.
    Raises BadInput for a repeated cell.
    """
    places = [{code: place for place, code in enumerate(axis)} for axis in sheet.axes]
    index = tuple(
        np.array([positions[code] for code in column], dtype=np.int64)
        for positions, column in zip(places, rows.codes, strict=True)
    )
    shape = sheet.counts.shape
    flat = np.ravel_multi_index(index, shape) if shape else np.zeros(len(rows.counts), dtype=np.int64)
    _, first = np.unique(flat, return_index=True)
    if len(first) < len(flat):
        repeated = int(np.setdiff1d(np.arange(len(flat)), first)[0])
        raise BadInput(Fault("is in the table twice", "keep one row for each cell", file, rows.numbers[repeated]))
    sheet.counts.flat[flat] = [figure.count for figure in rows.counts]
    sheet.status.flat[flat] = [figure.status for figure in rows.counts]
    sheet.lower.flat[flat] = [figure.lower for figure in rows.counts]
    sheet.upper.flat[flat] = [figure.upper for figure in rows.counts]
    if not sheet.marks_read:
        is_suppressed = (sheet.status == SUPPRESSED) & np.isinf(sheet.upper)
        sheet.lower[is_suppressed] = np.maximum(sheet.lower[is_suppressed], least_suppressed(sheet))
    return np.asarray(flat)


def _layers(sheet: Sheet, marks: Texts, several: Iterable[str]) -> Iterator[tuple[Sheet, Texts]]:
    """Yield a sheet for each combination of sets of disjoint codes, with its marks."""
    by_column = [
        [list(axis[1:])] if column in several else disjoint_layers(axis[1:])
        for column, axis in zip(sheet.by, sheet.axes, strict=True)
    ]
    combinations = list(product(*by_column))
    for number, chosen in enumerate(combinations, 1):
        if len(combinations) == 1:
            yield sheet, marks
            return
        axes = tuple((TOTAL, *codes) for codes in chosen)
        kept = [[axis.index(code) for code in codes] for axis, codes in zip(sheet.axes, axes, strict=True)]
        yield _part(sheet, axes, kept, number), marks[np.ix_(*kept)]


def _part(sheet: Sheet, axes: tuple[tuple[str, ...], ...], kept: Sequence[Sequence[int]], number: int) -> Sheet:
    """Return the part of a sheet with some codes of each axis."""
    place = np.ix_(*kept)
    return replace(
        sheet,
        name=sheet.name if number == 1 else f"{sheet.name} (codes {number})",
        axes=axes,
        counts=sheet.counts[place],
        status=sheet.status[place],
        lower=sheet.lower[place],
        upper=sheet.upper[place],
        unread=sheet.unread if number == 1 else (),
        doubtful=sheet.doubtful if number == 1 else (),
        notes=sheet.notes if number == 1 else [],
    )


def _read_marks(sheet: Sheet, marks: Texts) -> None:
    """Raise the lower bounds of suppressed cells to 1, where the sums leave room for it."""
    summed = [d for d, name in enumerate(sheet.by) if name not in sheet.multi and not exceeds_total(sheet, d)]
    sheet.lower, notes = bounds_of_marks(sheet.lower, sheet.upper, sheet.status, marks, summed)
    sheet.notes = [*sheet.notes, *notes]


def _find_multi_valued(sheet: Sheet) -> None:
    """Note the columns whose values sum to more than their total, and mark them as multi-valued."""
    exceeding = [name for d, name in enumerate(sheet.by) if name not in sheet.multi and exceeds_total(sheet, d)]
    sheet.multi = sheet.multi | frozenset(exceeding)
    sheet.notes = [
        *sheet.notes,
        *(
            f"Column {shown(name)}: its values sum to more than their total"
            + (_PERHAPS_SUBTOTALS if is_known_multi_valued(name) else _OR_SUBTOTALS.format(shown(name)))
            for name in exceeding
        ),
    ]
    sheet.unread = (*sheet.unread, *(shown(name) for name in exceeding if not is_known_multi_valued(name)))


def _note_incomplete(sheet: Sheet) -> None:
    """Note the columns whose values do not reach their total; most are read as disjoint groups."""
    sheet.notes = [
        *sheet.notes,
        *(
            f"Column {shown(name)}: its values do not reach their total, so people have other values too{manner}"
            for name in sheet.by
            if name in sheet.incomplete
            for manner in (
                [", or none."] if name in sheet.multi else [". The values are read as groups without common people."]
            )
        ),
    ]


def _open_periods(sheet: Sheet) -> frozenset[str]:
    """Return the columns of periods without a total: people of other periods are in no row."""
    has_rows = sheet.status != WITHHELD
    return frozenset(
        name
        for d, name in enumerate(sheet.by)
        if holds_periods(name, sheet.axes[d]) and not np.take(has_rows, 0, axis=d).any()
    )


def _open_parts(sheet: Sheet, rows: PublishedRows) -> frozenset[str]:
    """Return the columns that leave out people of a whole: others of a single part, or a piece of a band."""
    codes = {name: [code for code in column if code != TOTAL] for name, column in zip(rows.by, rows.codes, strict=True)}
    return frozenset(
        name
        for name, axis in zip(sheet.by, sheet.axes, strict=True)
        if any((name, code) in rows.single_parts for code in axis) or leaves_out_pieces(axis[1:], codes[name])
    )


def _with_sets(rows: PublishedRows) -> PublishedRows:
    """Return the rows with a name of its own for each column whose codes are sets of values."""
    is_set = [any(SEPARATOR in code for code in codes) for codes in rows.codes]
    by = tuple(column_of_sets(name) if d else name for name, d in zip(rows.by, is_set, strict=True))
    codes = [with_equal_codes(codes) if d else codes for codes, d in zip(rows.codes, is_set, strict=True)]
    return replace(rows, by=by, codes=codes)


def _refuse_open_sets(sheet: Sheet) -> None:
    """Make a table undecided if it leaves out sets of many values: too many others can occur."""
    for name, axis in zip(sheet.by, sheet.axes, strict=True):
        column = column_of_values(name)
        if column and name in sheet.incomplete and len(frozenset().union(*map(values_of, axis[1:]))) > MOST_VALUES:
            sheet.unread = (*sheet.unread, shown(column))


def _note_joined_codes(sheet: Sheet) -> None:
    """Make a table undecided if a multi-valued column has codes such as `debt/threats`.

    Nobody knows whether these people are among those of the values `debt` and `threats`.
    """
    for name, axis in zip(sheet.by, sheet.axes, strict=True):
        codes = joined_codes(axis[1:]) if name in sheet.named_multi else []
        sheet.unread = (*sheet.unread, *(f"{shown(name)} ({shown(code)})" for code in codes))


def _with_measures(sheet: Sheet, rows: PublishedRows) -> Sheet:
    """Return a sheet with the bounds that percentages and rates give.

    Those that are not understood are unread.
    """
    printed = {measure.name: _by_cell(sheet, rows, measure.texts) for measure in rows.measures}
    bases = [
        name for name, texts in printed.items() if shares.is_base(name) and shares.covers_people(texts, sheet.lower)
    ]
    for name, texts in printed.items():
        if name in bases:
            continue
        bounds = _bounds_of_measure(name, texts, [printed[base] for base in bases], sheet)
        if bounds is None:
            sheet = replace(sheet, unread=(*sheet.unread, shown(name)))
            continue
        narrowed = (bounds.lower > sheet.lower) | (bounds.upper < sheet.upper)
        figures = np.where(np.isfinite(bounds.upper), np.rint((bounds.lower + bounds.upper) / 2), sheet.counts)
        sheet = replace(
            sheet,
            counts=np.where(narrowed, figures, sheet.counts).astype(np.int64),
            status=np.where(narrowed, PERTURBED, sheet.status).astype(np.uint8),
            lower=_occupied(bounds),
            upper=bounds.upper,
            ratios=(*sheet.ratios, *bounds.ratios),
            printed={**sheet.printed, **_printed(texts, bounds, narrowed)},
        )
    return sheet


def _printed(texts: Texts, bounds: shares.ShareBounds, cells: Bools) -> dict[int, str]:
    """Return the share of each of some cells with a known base, as the file prints it."""
    known = np.flatnonzero(cells & ~np.isnan(bounds.bases)).tolist()
    return {flat: bounds.printed(str(texts.flat[flat]).strip(), flat) for flat in known}


def _occupied(bounds: shares.ShareBounds) -> Floats:
    """Return the lower bounds of the cells: a share above 0 has at least one person, and so has its base."""
    lower = bounds.lower.copy()
    for ratio in bounds.ratios:
        if ratio.low > 0:
            lower.flat[[ratio.numerator, ratio.denominator]] = np.maximum(
                lower.flat[[ratio.numerator, ratio.denominator]], 1
            )
    return lower


def _bounds_of_measure(name: str, texts: Texts, bases: Sequence[Texts], sheet: Sheet) -> shares.ShareBounds | None:
    factor = shares.rate_factor(name)
    if factor is not None:
        return shares.bounds_of_rates(factor, texts, bases[0], sheet.lower, sheet.upper) if len(bases) == 1 else None
    if not shares.is_share(name) or not sheet.by:
        return None
    return shares.bounds_of_shares(name, texts, sheet.lower, sheet.upper)


def _by_cell(sheet: Sheet, rows: PublishedRows, texts: Sequence[str]) -> Texts:
    """Return the texts of the rows that are cells of a sheet."""
    places = [{code: place for place, code in enumerate(axis)} for axis in sheet.axes]
    result = np.full(sheet.counts.shape, "", dtype=object)
    for codes, text in zip(keys_of_rows(rows), texts, strict=True):
        position = tuple(positions.get(code, -1) for positions, code in zip(places, codes, strict=True))
        if min(position, default=0) >= 0:
            result[position] = text
    return result
