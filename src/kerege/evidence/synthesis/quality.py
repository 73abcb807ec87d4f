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
from kerege.evidence.counting.result import Numbering
from kerege.evidence.snapshot import Snapshot

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
    """Everything about the combinations of `length` reported values, each of another column.

    `fabricated` are in the output and not in the original, as a share of those in the output; `missing` the reverse, as
    a share of those in the original; the shares are None when there are none to share in. `distance` is the total
    variation distance, *not reported* being a value, as the mean over all tables of that many columns.
    """

    length: int
    errors: Errors
    bands: tuple[Band, ...]
    fabricated: int
    fabricated_share: float | None
    missing: int
    missing_share: float | None
    distance: float


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


def compare(
    original: Source,
    synthetic: Source,
    order: int = 3,
    columns: Sequence[str] | None = None,
    multi: Collection[str] = frozenset(),
) -> Quality:
    """Compare synthetic records with the original ones on combinations of 1 to `order` values.

    original, synthetic: what `all_marginals` takes; both are loaded whole. columns: which to compare, all of the
    original when not given. multi: columns of text with `;` between values, in both; not needed for a Snapshot's.
    Values are the same when their text is. A row with several values of a column stands in several cells of a table,
    and tables are divided by their sum before their distance is taken. Raises BadInput as `all_marginals` does.
    """
    several = frozenset(multi).union(*(each.multi for each in (original, synthetic) if isinstance(each, Snapshot)))
    true = _counted(original, order, columns, multi, several)
    made = _counted(synthetic, order, true.columns, multi, several)
    return Quality(true.rows, made.rows, tuple(true.columns), _lengths(true, made))


def _counted(
    source: Source, order: int, columns: Sequence[str] | None, multi: Collection[str], several: frozenset[str]
) -> Marginals:
    """Marginals with *not reported* as one more value of every column."""
    # What cannot be counted is refused here, as it is everywhere else.
    names = all_marginals(source, min(order, 1), columns=columns, multi=multi).columns
    frame = _frame(source, names)
    said = [_said(frame[name], name in several) for name in names]
    return all_marginals(pl.DataFrame(said), order)


def _frame(source: Source, names: list[str]) -> pl.DataFrame:
    from kerege.evidence.counting import sources  # only who counts needs the compiler

    opened = sources.opened(source)
    if opened.pieces is None:
        return cast(pl.DataFrame, opened.table().select(names).to_polars())
    frames: list[pl.DataFrame] = []
    for piece in opened.pieces(names):
        if (read := piece()) is None:
            break
        frames.append(read)
    return pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(names, pl.String))


def _said(column: pl.Series, several: bool) -> pl.Series:
    """The values of a column as text, SILENT where nothing is said; read as the counting reads them."""
    part = pl.element().cast(pl.String)
    if several and column.dtype == pl.String:
        column, part = column.str.split(";"), part.str.strip_chars(" \t\r\n")
    if not isinstance(column.dtype, pl.List):
        return column.cast(pl.String).fill_null(SILENT).replace({"": SILENT})
    values = column.list.eval(part.filter(part != ""))
    silence = pl.lit([SILENT], dtype=pl.List(pl.String))
    return pl.select(pl.when(values.list.len() > 0).then(values).otherwise(silence).alias(column.name)).to_series()


@dataclass(frozen=True)
class _Cells:
    """Cells of all tables of one length that are not empty: their numbers in ascending order and counts.

    `table` is the table of each cell, `spoken` whether all of its values are reported; `sums` is of each table.
    """

    numbers: Counts
    counts: Counts
    table: Counts
    spoken: NDArray[np.bool_]
    sums: Counts


def _lengths(true: Marginals, made: Marginals) -> tuple[Length, ...]:
    values = [sorted({*true.values[name], *made.values[name]}) for name in true.columns]
    numbering = Numbering([len(each) for each in values], true.order)
    return tuple(
        _length(length, _cells(true, values, numbering, length), _cells(made, values, numbering, length))
        for length in range(1, true.order + 1)
    )


def _cells(counted: Marginals, values: list[list[str]], numbering: Numbering, length: int) -> _Cells:
    """The cells in terms of the values of both tables."""
    numbers, flat, counts = renumbered(counted, values, numbering, length)
    silent = np.array([text == SILENT for mine in counted.values.values() for text in mine], dtype=bool)
    first = numbering.first[length - 1]
    table = np.searchsorted(first, numbers, side="right") - 1
    sums = np.bincount(table, weights=counts, minlength=len(first) - 1).astype(np.int64)
    return _Cells(numbers, counts, table, np.asarray(~silent[flat].any(axis=1)), sums)


def renumbered(
    counted: Marginals, values: list[list[str]], numbering: Numbering, length: int
) -> tuple[Counts, Counts, Counts]:
    """Combinations by the numbers of `values` (sorted, those of both tables): numbers (combinations,) ascending, their
    places among the values of `counted` (combinations, length), and counts."""
    columns, codes, counts = counted.combinations(length)
    own = list(counted.values.values())
    starts = np.cumsum([0, *map(len, own)])
    places = [np.searchsorted(np.array(both), np.array(mine)) for both, mine in zip(values, own, strict=True) if mine]
    flat = starts[columns] + codes
    numbers = numbering.cells(columns, np.concatenate([*places, np.empty(0)]).astype(np.int64)[flat])
    return numbers, flat, counts


def _length(length: int, true: _Cells, made: _Cells) -> Length:
    in_made, both = find(true.numbers, made.numbers)
    found = np.zeros_like(true.counts)
    found[in_made] = made.counts[both]
    counts, errors = true.counts[true.spoken], np.abs(found - true.counts)[true.spoken]
    output = int(made.spoken.sum())
    missing = int((found[true.spoken] == 0).sum())
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
        _distance(true, made, in_made, both),
    )


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


def _distance(true: _Cells, made: _Cells, in_made: NDArray[np.bool_], both: Counts) -> float:
    """Mean over the tables of half the summed differences of shares: 1 less what both have in common.

    A table of no rows has nothing in common with one of some, and equals another of none.
    """
    if not (true.sums.any() or made.sums.any()):
        return 0.0
    common = np.minimum(
        true.counts[in_made] / true.sums[true.table[in_made]], made.counts[both] / made.sums[made.table[both]]
    )
    return max(0.0, 1 - float(common.sum()) / len(true.sums))
