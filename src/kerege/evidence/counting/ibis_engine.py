"""Counting engine on Ibis expressions: DuckDB counts a file, Spark counts a table on a cluster.

A row becomes an array of the numbers of its values. Each array is unnested into its combinations: a value, then a later
value or the end mark, and so on up to the order. One GROUP BY counts all combinations. The counts equal those of the
array engine.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, NamedTuple, cast

import ibis
import ibis.expr.datatypes as dt
import ibis.expr.types as ir
import numpy as np
import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.evidence.counting.marginal_counts import Codes, Counts, Marginals, Numbering, sum_hits, sum_lengths
from kerege.evidence.counting.row_weights import Weights
from kerege.evidence.counting.selection import Columns, part

BITS = 62  # size of a whole number into which a combination is packed
BLANKS = r"^[ \t\r\n]+|[ \t\r\n]+$"
FEW = 1000  # up to this number of values are looked up in an array; more are looked up by a join


class ColumnValues(NamedTuple):
    """The sorted values that occur in each column, and how many rows report any."""

    values: dict[str, list[str]]
    reported: dict[str, int]


def count(table: ir.Table, columns: Columns, order: int, weights: Weights | None) -> Marginals:
    """Return all marginals of an Ibis table by two queries: the values, then the combinations."""
    texts: dict[str, ir.Value] = {}
    for name in columns.names:
        text = _text(table, name, name in columns.multi)
        separate = columns.apart.get(name)
        texts |= (
            {name: text}
            if separate is None
            else {part(name, value): _value_if_reported(text, value) for value in separate}
        )
    occurring = _column_values(table, texts)
    occurring.values.update({name: [value] for name, value in columns.values.items()})
    start = np.concatenate([[0], np.cumsum([len(values) for values in occurring.values.values()])]).astype(np.int64)
    grouped = build_combination_query(table, texts, occurring.values, order, weights).to_pyarrow()
    *words, hits = [grouped[name].to_numpy().astype(np.int64) for name in grouped.column_names]
    levels = _unpacked(words, _number_base(start, texts), order)
    return _marginals(levels, hits, start, occurring, order)


def _number_base(start: Sequence[int] | Counts, texts: Mapping[str, ir.Value]) -> int:
    """Return the base of packing: the first number above all numbers in use.

    The numbers in use are those of values, the end mark, and one for each count of reported values.
    """
    several = [isinstance(text, ir.ArrayValue) for text in texts.values()]
    most_reported = np.where(several, np.diff(start), 1).sum()
    return int(start[-1] + 1 + most_reported + 1)


def _text(table: ir.Table, name: str, several: bool) -> ir.Value:
    """Return a column as text, or as an array of text."""
    column: Any = table[name]
    if isinstance(column, ir.ArrayValue):
        _check_type(column.type().value_type, name)
        return column.map(lambda value: value.cast("string"))
    _check_type(column.type(), name)
    if several and column.type().is_string():
        return column.split(";").map(lambda value: value.re_replace(BLANKS, ""))
    return column.cast("string")


def _value_if_reported(text: Any, value: str) -> ir.Value:
    """Return the value where the row reports it, else null."""
    is_reported = text.contains(value) if isinstance(text, ir.ArrayValue) else text == value
    return cast(ir.Value, is_reported.ifelse(ibis.literal(value), ibis.null("string")))


def _check_type(kind: dt.DataType, name: str) -> None:
    if not (kind.is_string() or kind.is_integer() or kind.is_boolean() or kind.is_null()):
        raise BadInput(Fault("holds neither text nor whole numbers", "give its values as text", column=name))


def _column_values(table: ir.Table, texts: Mapping[str, Any]) -> ColumnValues:
    """Query the values of each column and the number of rows that report it."""
    sets = {f"c{number}": text.collect(distinct=True) for number, text in enumerate(texts.values())}
    rows = {f"n{number}": _is_reported(text).sum() for number, text in enumerate(texts.values())}
    result = table.aggregate(**sets, **rows).to_pyarrow().to_pylist()[0]
    values = [sorted(_nonempty_values(result[name] or [])) for name in sets]
    return ColumnValues(
        dict(zip(texts, values, strict=True)),
        {name: int(result[row] or 0) for name, row in zip(texts, rows, strict=True)},
    )


def _is_reported(text: Any) -> Any:
    """Return the expression "the row reports this column"."""
    if isinstance(text, ir.ArrayValue):
        return text.filter(lambda value: value != "").length() > 0
    return text != ""


def _nonempty_values(values: Iterable[str | Sequence[str | None] | None]) -> set[str]:
    """Return the set of non-empty values, from single values and from lists."""
    lists = [[value] if isinstance(value, str) else value for value in values if value]
    return {value for sublist in lists for value in sublist if value}


def build_combination_query(
    table: ir.Table,
    texts: Mapping[str, ir.Value],
    values: Mapping[str, Sequence[str]],
    order: int,
    weights: Weights | None,
) -> ir.Table:
    """Return the query of all combinations of up to `order` values, with their counts.

    A combination is packed into whole numbers `w0`, `w1`, ...; `hits` is its count. Values are numbered column after
    column. The next number is the end mark: no further value follows. The numbers after it represent the counts of
    values that a row may report, and are counted alone. With weights, `at` is the position of a combination's weight in
    one list: ones for single numbers, then the weights of each length.
    """
    start = np.cumsum([0, *map(len, values.values())]).tolist()
    end, base = start[-1], _number_base(start, texts)
    spans = [
        (low, high)
        for text, low, high in zip(texts.values(), start, start[1:], strict=False)
        if isinstance(text, ir.ArrayValue)
    ]
    level: Any = _numbers(table, texts, values, start)
    reported = level.items.length() - 1
    weight_columns = {} if weights is None else {"at": ibis.least(reported, len(weights) - 1)}
    level = level.select(
        "items", **weight_columns, value=level.items.concat(ibis.array([reported + _int64(end + 1)])).unnest()
    )
    words: list[str] = []
    for depth in range(order):
        fresh = depth % max(1, BITS // base.bit_length()) == 0
        packed = words if fresh else words[:-1]
        columns = {f"w{len(packed)}": level.value if fresh else level[words[-1]] * base + level.value}
        words = [*packed, *columns]
        if weights is not None:
            columns |= {"at": level.at + (level.value < end).ifelse(len(weights), 0)}
        if depth + 1 < order:  # no column name for this array: Spark would then filter on the named column
            later = _later(level.items, _last(level.value, spans), end)
            columns |= {"items": level.items, "value": later.unnest()}
        level = level.select(*packed, **columns)
    if weights is None:
        return level.group_by(words).aggregate(hits=level.count())
    all_weights = ibis.array([1] * len(weights) + weights.T.ravel().tolist())
    return level.group_by(words).aggregate(hits=all_weights[level.at].sum())


def _last(value: Any, spans: Sequence[tuple[int, int]]) -> Any:
    """Return the last value number of the same column: two values of one column form no combination."""
    for low, high in spans:
        value = ((value >= low) & (value < high)).ifelse(high - 1, value)
    return value


def _later(items: Any, last: Any, end: int) -> Any:
    """Return the values after `last`, and the end mark."""
    return items.filter(lambda value: (value > last) | (value == end))


def _numbers(
    table: ir.Table, texts: Mapping[str, ir.Value], values: Mapping[str, Sequence[str]], start: Sequence[int]
) -> ir.Table:
    """Return each row as `items`: the numbers of its values, then the end mark."""
    end = start[-1]
    rows = table.select(**{f"c{number}": text for number, text in enumerate(texts.values())})
    single: list[Any] = [_int64(end)]
    several: list[Any] = []
    for number, (column_values, low) in enumerate(zip(values.values(), start, strict=False)):
        column: Any = rows[f"c{number}"]
        if not column_values:
            continue
        if isinstance(column, ir.ArrayValue):
            several.append(_array_numbers(column, column_values, low))
        elif len(column_values) <= FEW:
            single.append(ibis.array(list(column_values)).index(column).nullif(-1) + _int64(low))
        else:
            rows = _joined(rows, number, column_values, low)
            single.append(rows[f"k{number}"])
    items = ibis.array(single).concat(*several) if several else ibis.array(single)
    return rows.select(items=items.filter(lambda value: value.notnull()))


def _int64(number: int) -> Any:
    return ibis.literal(number, "int64")


def _joined(rows: ir.Table, number: int, column_values: Sequence[str], low: int) -> ir.Table:
    """Join the number of each value to its row; null where the row reports nothing."""
    book = ibis.memtable(
        pl.DataFrame(
            {f"v{number}": column_values, f"k{number}": range(low, low + len(column_values))},
            schema={f"v{number}": pl.String, f"k{number}": pl.Int64},
        )
    )
    return rows.left_join(book, rows[f"c{number}"] == book[f"v{number}"]).drop(f"v{number}")


def _array_numbers(column: Any, column_values: Sequence[str], low: int) -> Any:
    """Return the distinct numbers of the values of an array."""
    all_values: Any = ibis.array(list(column_values))
    parts = all_values.intersect(column).map(lambda value: all_values.index(value) + _int64(low))
    return parts.fill_null(ibis.literal([], type="array<int64>"))


def _marginals(levels: Codes, hits: Counts, start: Counts, occurring: ColumnValues, order: int) -> Marginals:
    """Return the marginals from numbered combinations (combinations, order).

    The values ascend along a row; end marks fill the rest.
    """
    end = int(start[-1])
    numbering = Numbering([len(values) for values in occurring.values.values()], order)
    length = (levels < end).sum(axis=1)
    cells, counts = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for chosen in range(1, order + 1):
        of_length = (length == chosen) & (hits > 0)
        items = levels[of_length, :chosen]
        columns = np.searchsorted(start, items, side="right") - 1
        cells.append(numbering.cells(columns, items - start[columns]))
        counts.append(hits[of_length])
    counts_reported = levels[:, 0] > end
    lengths = np.bincount(levels[counts_reported, 0] - end - 1, hits[counts_reported]).astype(np.int64)
    summed_up = sum_hits(np.concatenate(cells), np.concatenate(counts))
    return Marginals(
        int(lengths.sum()),
        order,
        occurring.values,
        occurring.reported,
        sum_lengths([lengths], len(occurring.values)),
        *summed_up,
        numbering,
    )


def _unpacked(words: Sequence[Counts], base: int, order: int) -> Codes:
    """Unpack the combinations that `build_combination_query` packed into words."""
    per = max(1, BITS // base.bit_length())
    levels = np.empty((len(words[0]), order), dtype=np.int64)
    for depth in reversed(range(order)):
        word = words[depth // per]
        levels[:, depth] = word % base
        words = [*words[: depth // per], word // base]
    return levels
