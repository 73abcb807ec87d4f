"""How far synthetic records tell what the original ones do, counted over all combinations of values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias, cast

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.counting import Counts, Marginals, all_marginals
from kerege.evidence.counting.marginal_counts import Numbering
from kerege.evidence.counting.selection import Columns
from kerege.evidence.data.snapshot import Snapshot

if TYPE_CHECKING:
    import ibis.expr.types as ir

    Source: TypeAlias = Snapshot | pl.DataFrame | Path | str | ir.Table

BANDS = ((1, 9), (10, 49), (50, 99), (100, 499), (500, 999), (1_000, None))  # first and last true count
SILENT = "\0"  # stands for *not reported* where that is counted as a value; no text file has it


@dataclass(frozen=True)
class Errors:
    """Errors of counts over some combinations that exist in the original; None where there are no such combinations.

    `mean` and `median` are of |synthetic - true| in rows, the relative ones of the same divided by the true count.
    """

    combinations: int
    mean: float | None
    median: float | None
    relative_mean: float | None
    relative_median: float | None


@dataclass(frozen=True)
class Band(Errors):
    """Errors of the combinations with a true count of `least` to `most`; None is no end."""

    least: int
    most: int | None


@dataclass(frozen=True)
class Length:
    """Everything about the combinations of `length` reported values, also of several of one column.

    `fabricated` are in the output and not in the original, as a share of those in the output; `missing` the reverse, as
    a share of those in the original; the shares are None when there are none to share in. `distance` is the total
    variation distance, *not reported* being a value, as the mean over all tables of that many columns, None without.
    """

    length: int
    errors: Errors
    bands: tuple[Band, ...]
    fabricated: int
    fabricated_share: float | None
    missing: int
    missing_share: float | None
    distance: float | None


@dataclass(frozen=True)
class Quality:
    """The comparison, shortest combinations first."""

    rows: int
    synthetic_rows: int
    columns: tuple[str, ...]
    lengths: tuple[Length, ...]

    def as_dict(self) -> dict[str, Any]:
        """The same for JSON."""
        return asdict(self)


def utility(
    original: Source,
    synthetic: Source,
    order: int = 3,
    columns: Sequence[str] | None = None,
    multi: Collection[str] = frozenset(),
) -> Quality:
    """Measure how well synthetic records keep the counts of combinations of 1 to `order` values.

    original, synthetic: what `all_marginals` takes; both are loaded whole. columns: which to compare, all of the
    original when not given. multi: columns of text with `;` between values, in both; not needed for a Snapshot's.
    Values are the same when their text is. A row with several values of a column stands in several cells of a table,
    and tables are divided by their sum before their distance is taken. Raises BadInput as `all_marginals` does.

    Examples
    --------
    >>> rows = pl.DataFrame({"sex": ["female", "female", "male"], "form": ["labour", "sexual", "labour"]})
    >>> [(each.length, each.errors.mean, each.missing) for each in utility(rows, rows, order=2).lengths]
    [(1, 0.0, 0), (2, 0.0, 0)]
    """
    frames = read(original, synthetic, order, columns, multi)
    true, made = counted(*frames, order)
    distances = _distances(*(all_marginals(frame.with_columns(map(_silent, frame)), order) for frame in frames))
    lengths = _lengths(true, made, [*distances, *[None] * (true.order - len(distances))])
    return Quality(true.rows, made.rows, tuple(frames[0].columns), lengths)


def read(
    original: Source, synthetic: Source, order: int, columns: Sequence[str] | None, multi: Collection[str] = frozenset()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Both as frames of the same columns, of text or of lists of text; null is *not reported*."""
    several = frozenset(multi).union(*(each.multi for each in (original, synthetic) if isinstance(each, Snapshot)))
    # What cannot be counted is refused here, as it is everywhere else.
    names = all_marginals(original, min(order, 1), columns=columns, multi=multi).columns
    all_marginals(synthetic, min(order, 1), columns=names, multi=multi)
    frames = [_frame(source, names) for source in (original, synthetic)]
    one, other = (pl.DataFrame([_said(frame[name], name in several) for name in names]) for frame in frames)
    return one, other


def counted(original: pl.DataFrame, synthetic: pl.DataFrame, order: int) -> tuple[Marginals, Marginals]:
    """Marginals of two frames, a column each value of columns of several in either, so that they can be compared."""
    both = (original, synthetic)
    lists = [name for name in original.columns if any(isinstance(frame[name].dtype, pl.List) for frame in both)]
    values = {name: {value for frame in both for value in _values(frame[name])} for name in lists}
    apart = {name: sorted(found) for name, found in values.items() if found}
    true, made = (all_marginals(frame, order, apart=apart) for frame in both)
    return true, made


def _values(column: pl.Series) -> list[str]:
    found = column.explode() if isinstance(column.dtype, pl.List) else column
    return cast(list[str], found.drop_nulls().unique().to_list())


def _frame(source: Source, names: list[str]) -> pl.DataFrame:
    from kerege.evidence.counting import sources  # only who counts needs the compiler

    opened = sources.opened(source)
    frames: list[pl.DataFrame] = []
    for piece in opened.rows(Columns(names)):
        if (read := piece()) is None:
            break
        frames.append(read)
    return pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(names, pl.String))


def _said(column: pl.Series, several: bool) -> pl.Series:
    """The values of a column as text, null where nothing is said; read as the counting reads them."""
    part = pl.element().cast(pl.String)
    if several and column.dtype == pl.String:
        column, part = column.str.split(";"), part.str.strip_chars(" \t\r\n")
    if not isinstance(column.dtype, pl.List):
        return column.cast(pl.String).replace({"": None})
    values = column.list.eval(part.filter(part != ""))
    return pl.select(pl.when(values.list.len() > 0).then(values).alias(column.name)).to_series()


def _silent(column: pl.Series) -> pl.Series:
    """A column in which *not reported* is a value."""
    silence = [SILENT] if isinstance(column.dtype, pl.List) else SILENT
    return column.zip_with(column.is_not_null(), pl.Series([silence], dtype=column.dtype))


@dataclass(frozen=True)
class _Cells:
    """Cells of all tables of one length that are not empty: their numbers in ascending order and counts.

    `table` is the table of each cell; `sums` is of each table.
    """

    numbers: Counts
    counts: Counts
    table: Counts
    sums: Counts


def _lengths(true: Marginals, made: Marginals, distances: Sequence[float | None]) -> tuple[Length, ...]:
    values, numbering = _both(true, made)
    return tuple(
        _length(length, *(renumbered(each, values, numbering, length) for each in (true, made)), distance=distance)
        for length, distance in enumerate(distances, 1)
    )


def _distances(true: Marginals, made: Marginals) -> list[float]:
    """Of each length, where *not reported* is counted as a value."""
    values, numbering = _both(true, made)
    return [
        _distance(
            *(
                _cells(*renumbered(each, values, numbering, length), numbering.first[length - 1])
                for each in (true, made)
            )
        )
        for length in range(1, true.order + 1)
    ]


def _both(true: Marginals, made: Marginals) -> tuple[list[list[str]], Numbering]:
    """The values of both tables, column after column, and the numbers of their combinations."""
    values = [sorted({*true.values[name], *made.values[name]}) for name in true.columns]
    return values, Numbering([len(each) for each in values], true.order)


def _cells(numbers: Counts, counts: Counts, first: Counts) -> _Cells:
    table = np.searchsorted(first, numbers, side="right") - 1
    sums = np.bincount(table, weights=counts, minlength=len(first) - 1).astype(np.int64)
    return _Cells(numbers, counts, table, sums)


def renumbered(counted: Marginals, values: list[list[str]], numbering: Numbering, length: int) -> tuple[Counts, Counts]:
    """Combinations by the numbers of `values` (sorted, those of both tables): numbers (combinations,) ascending, and
    counts."""
    columns, codes, counts = counted.combinations(length)
    own = list(counted.values.values())
    starts = np.cumsum([0, *map(len, own)])
    places = [np.searchsorted(np.array(both), np.array(mine)) for both, mine in zip(values, own, strict=True) if mine]
    flat = starts[columns] + codes
    numbers = numbering.cells(columns, np.concatenate([*places, np.empty(0)]).astype(np.int64)[flat])
    return numbers, counts


def _length(length: int, true: tuple[Counts, Counts], made: tuple[Counts, Counts], *, distance: float | None) -> Length:
    counts, found = true[1], looked_up(true[0], *made)
    errors = np.abs(found - counts)
    output = len(made[0])
    missing = int((found == 0).sum())
    fabricated = output - (len(counts) - missing)
    bands = [(least, most, (counts >= least) & (counts <= (most or counts.max(initial=0)))) for least, most in BANDS]
    return Length(
        length,
        Errors(**_errors(counts, errors)),
        tuple(Band(**_errors(counts[here], errors[here]), least=least, most=most) for least, most, here in bands),
        fabricated,
        fabricated / output if output else None,
        missing,
        missing / len(counts) if len(counts) else None,
        distance,
    )


def looked_up(numbers: Counts, others: Counts, counts: Counts) -> Counts:
    """Counts of numbers among others that have them (both ascending), 0 where they are not there."""
    there, places = find(numbers, others)
    found = np.zeros(len(numbers), dtype=np.int64)
    found[there] = counts[places]
    return found


def find(numbers: Counts, among: Counts) -> tuple[NDArray[np.bool_], Counts]:
    """Which numbers are among others (both ascending), and where those are."""
    place = np.searchsorted(among, numbers)
    there = place < len(among)
    there[there] = among[place[there]] == numbers[there]
    return there, place[there]


def _errors(counts: Counts, errors: Counts) -> dict[str, Any]:
    kinds = {"": errors, "relative_": errors / counts}
    told = {
        f"{kind}{name}": float(of(each)) if len(each) else None
        for kind, each in kinds.items()
        for name, of in (("mean", np.mean), ("median", np.median))
    }
    return {"combinations": len(counts)} | told


def _distance(true: _Cells, made: _Cells) -> float:
    """Mean over the tables of half the summed differences of shares: 1 less what both have in common.

    A table of no rows has nothing in common with one of some, and equals another of none.
    """
    if not (true.sums.any() or made.sums.any()):
        return 0.0
    in_made, both = find(true.numbers, made.numbers)
    common = np.minimum(
        true.counts[in_made] / true.sums[true.table[in_made]], made.counts[both] / made.sums[made.table[both]]
    )
    return max(0.0, 1 - float(common.sum()) / len(true.sums))
