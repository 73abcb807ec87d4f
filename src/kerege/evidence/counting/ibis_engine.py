"""The pass over the rows as an Ibis expression: DuckDB counts a file, Spark a cluster's table, with the same result.

A row becomes the array of the numbers of its values, and is unfolded into the combinations of them: every value, then
every later one or none behind it, and so on. One grouping counts them all.
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
from kerege.evidence.counting.marginal_counts import Codes, Counts, Marginals, Numbering, added, summed
from kerege.evidence.counting.row_weights import Weights
from kerege.evidence.counting.selection import Columns, part

BITS = 62  # of a whole number that holds a combination
BLANKS = r"^[ \t\r\n]+|[ \t\r\n]+$"
FEW = 1000  # values to look for in a list; a table is joined for more


class Found(NamedTuple):
    """What one pass tells of the columns: the values that occur, sorted, and how many rows report any."""

    values: dict[str, list[str]]
    reported: dict[str, int]


def count(table: ir.Table, columns: Columns, order: int, weights: Weights | None) -> Marginals:
    """All marginals of an Ibis table: one pass for the values that occur, one for the combinations."""
    texts: dict[str, ir.Value] = {}
    for name in columns.names:
        text = _text(table, name, name in columns.multi)
        told = columns.apart.get(name)
        texts |= {name: text} if told is None else {part(name, value): _if_said(text, value) for value in told}
    found = _found(table, texts)
    found.values.update({name: [value] for name, value in columns.values.items()})
    start = np.concatenate([[0], np.cumsum([len(values) for values in found.values.values()])]).astype(np.int64)
    grouped = combinations(table, texts, found.values, order, weights).to_pyarrow()
    *words, hits = [grouped[name].to_numpy().astype(np.int64) for name in grouped.column_names]
    levels = _unpacked(words, _beyond(start, texts), order)
    return _marginals(levels, hits, start, found, order)


def _beyond(start: Sequence[int] | Counts, texts: Mapping[str, ir.Value]) -> int:
    """The first number that is neither a value nor none nor how many values a row reports."""
    several = [isinstance(text, ir.ArrayValue) for text in texts.values()]
    most = np.where(several, np.diff(start), 1).sum()
    return int(start[-1] + 1 + most + 1)


def _text(table: ir.Table, name: str, several: bool) -> ir.Value:
    """A column as text, or as an array of text."""
    column: Any = table[name]
    if isinstance(column, ir.ArrayValue):
        _check(column.type().value_type, name)
        return column.map(lambda value: value.cast("string"))
    _check(column.type(), name)
    if several and column.type().is_string():
        return column.split(";").map(lambda value: value.re_replace(BLANKS, ""))
    return column.cast("string")


def _if_said(text: Any, value: str) -> ir.Value:
    """A value where the row reports it, else null."""
    said = text.contains(value) if isinstance(text, ir.ArrayValue) else text == value
    return cast(ir.Value, said.ifelse(ibis.literal(value), ibis.null("string")))


def _check(kind: dt.DataType, name: str) -> None:
    if not (kind.is_string() or kind.is_integer() or kind.is_boolean() or kind.is_null()):
        raise BadInput(Fault("holds neither text nor whole numbers", "give its values as text", column=name))


def _found(table: ir.Table, texts: Mapping[str, Any]) -> Found:
    sets = {f"c{number}": text.collect(distinct=True) for number, text in enumerate(texts.values())}
    rows = {f"n{number}": _speaks(text).sum() for number, text in enumerate(texts.values())}
    told = table.aggregate(**sets, **rows).to_pyarrow().to_pylist()[0]
    values = [sorted(_flat(told[name] or [])) for name in sets]
    return Found(
        dict(zip(texts, values, strict=True)),
        {name: int(told[row] or 0) for name, row in zip(texts, rows, strict=True)},
    )


def _speaks(text: Any) -> Any:
    """Whether a row reports a column."""
    if isinstance(text, ir.ArrayValue):
        return text.filter(lambda value: value != "").length() > 0
    return text != ""


def _flat(values: Iterable[str | Sequence[str | None] | None]) -> set[str]:
    """Values, and values of lists of values; not the empty text."""
    lists = [[value] if isinstance(value, str) else value for value in values if value]
    return {value for part in lists for value in part if value}


def combinations(
    table: ir.Table,
    texts: Mapping[str, ir.Value],
    values: Mapping[str, Sequence[str]],
    order: int,
    weights: Weights | None,
) -> ir.Table:
    """The expression: combinations of up to `order` values, packed into whole numbers `w0`, `w1`, ..., and `hits`.

    Values are numbered column after column; then comes the number of none: no further value follows. Beyond it stands
    a number for each count of values that a row may report, counted alone. With weights, `at` is where in the list of
    all of them stands what a combination weighs: ones for what stands alone, then those of each length.
    """
    start = np.cumsum([0, *map(len, values.values())]).tolist()
    none, beyond = start[-1], _beyond(start, texts)
    spans = [
        (low, high)
        for text, low, high in zip(texts.values(), start, start[1:], strict=False)
        if isinstance(text, ir.ArrayValue)
    ]
    level: Any = _numbers(table, texts, values, start)
    said = level.items.length() - 1
    kept = {} if weights is None else {"at": ibis.least(said, len(weights) - 1)}
    level = level.select("items", **kept, value=level.items.concat(ibis.array([said + _whole(none + 1)])).unnest())
    words: list[str] = []
    for depth in range(order):
        fresh = depth % max(1, BITS // beyond.bit_length()) == 0
        packed = words if fresh else words[:-1]
        columns = {f"w{len(packed)}": level.value if fresh else level[words[-1]] * beyond + level.value}
        words = [*packed, *columns]
        if weights is not None:
            columns |= {"at": level.at + (level.value < none).ifelse(len(weights), 0)}
        if depth + 1 < order:  # Spark would filter on an array that has a name: here it has none
            later = _later(level.items, _last(level.value, spans), none)
            columns |= {"items": level.items, "value": later.unnest()}
        level = level.select(*packed, **columns)
    if weights is None:
        return level.group_by(words).aggregate(hits=level.count())
    every = ibis.array([1] * len(weights) + weights.T.ravel().tolist())
    return level.group_by(words).aggregate(hits=every[level.at].sum())


def _last(value: Any, spans: Sequence[tuple[int, int]]) -> Any:
    """The last value of the same column that the row reports: two values of one column are no combination."""
    for low, high in spans:
        value = ((value >= low) & (value < high)).ifelse(high - 1, value)
    return value


def _later(rest: Any, last: Any, none: int) -> Any:
    return rest.filter(lambda value: (value > last) | (value == none))


def _numbers(
    table: ir.Table, texts: Mapping[str, ir.Value], values: Mapping[str, Sequence[str]], start: Sequence[int]
) -> ir.Table:
    """Each row as `items`, the numbers of its values and none."""
    none = start[-1]
    rows = table.select(**{f"c{number}": text for number, text in enumerate(texts.values())})
    single: list[Any] = [_whole(none)]
    several: list[Any] = []
    for number, (found, low) in enumerate(zip(values.values(), start, strict=False)):
        column: Any = rows[f"c{number}"]
        if not found:
            continue
        if isinstance(column, ir.ArrayValue):
            several.append(_parts(column, found, low))
        elif len(found) <= FEW:
            single.append(ibis.array(list(found)).index(column).nullif(-1) + _whole(low))
        else:
            rows = _joined(rows, number, found, low)
            single.append(rows[f"k{number}"])
    items = ibis.array(single).concat(*several) if several else ibis.array(single)
    return rows.select(items=items.filter(lambda value: value.notnull()))


def _whole(number: int) -> Any:
    return ibis.literal(number, "int64")


def _joined(rows: ir.Table, number: int, found: Sequence[str], low: int) -> ir.Table:
    """The numbers of a column's values beside it, null where it says nothing."""
    book = ibis.memtable(
        pl.DataFrame(
            {f"v{number}": found, f"k{number}": range(low, low + len(found))},
            schema={f"v{number}": pl.String, f"k{number}": pl.Int64},
        )
    )
    return rows.left_join(book, rows[f"c{number}"] == book[f"v{number}"]).drop(f"v{number}")


def _parts(column: Any, found: Sequence[str], low: int) -> Any:
    """The numbers of the values of an array, each once."""
    known: Any = ibis.array(list(found))
    parts = known.intersect(column).map(lambda value: known.index(value) + _whole(low))
    return parts.fill_null(ibis.literal([], type="array<int64>"))


def _marginals(levels: Codes, hits: Counts, start: Counts, found: Found, order: int) -> Marginals:
    """The counts of numbered values, (combinations, order), ascending along a row and then none."""
    none = int(start[-1])
    numbering = Numbering([len(values) for values in found.values.values()], order)
    length = (levels < none).sum(axis=1)
    cells, counts = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for chosen in range(1, order + 1):
        there = (length == chosen) & (hits > 0)
        items = levels[there, :chosen]
        columns = np.searchsorted(start, items, side="right") - 1
        cells.append(numbering.cells(columns, items - start[columns]))
        counts.append(hits[there])
    alone = levels[:, 0] > none
    lengths = np.bincount(levels[alone, 0] - none - 1, hits[alone]).astype(np.int64)
    summed_up = summed(np.concatenate(cells), np.concatenate(counts))
    return Marginals(
        int(lengths.sum()),
        order,
        found.values,
        found.reported,
        added([lengths], len(found.values)),
        *summed_up,
        numbering,
    )


def _unpacked(words: Sequence[Counts], beyond: int, order: int) -> Codes:
    """The levels of combinations packed into words, as `combinations` packs them."""
    per = max(1, BITS // beyond.bit_length())
    levels = np.empty((len(words[0]), order), dtype=np.int64)
    for depth in reversed(range(order)):
        word = words[depth // per]
        levels[:, depth] = word % beyond
        words = [*words[: depth // per], word // beyond]
    return levels
