"""Utility of synthetic records: errors of the counts of all combinations of values."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import numpy as np
import polars as pl

from kerege.charts.svg_chart import SvgChart
from kerege.evidence.counting import Counts, Marginals, all_marginals
from kerege.evidence.counting.joint_counts import count_both, find, look_up_counts, number_jointly, renumber
from kerege.evidence.counting.selection import Columns
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.synthesis.evaluation.result_charts import draw_errors, tabulate_errors

if TYPE_CHECKING:
    import ibis.expr.types as ir

    Source: TypeAlias = Snapshot | pl.DataFrame | Path | str | ir.Table

BANDS = ((1, 9), (10, 49), (50, 99), (100, 499), (500, 999), (1_000, None))  # smallest and largest true count
MOST_MEASURED = 3  # most columns of a table whose distance is measured: with *not reported* no table is sparse
SILENT = "\0"  # value that represents *not reported* in the distance; it cannot occur in a text file


@dataclass(frozen=True)
class CountErrors:
    """Errors of counts over combinations that exist in the original.

    None if there are no such combinations. `mean` and `median` are of |synthetic - true| in rows; the relative ones are
    of that error over the true count.
    """

    combinations: int
    mean: float | None
    median: float | None
    relative_mean: float | None
    relative_median: float | None


@dataclass(frozen=True)
class Band(CountErrors):
    """Errors of the combinations with a true count of `least` to `most`; None means no upper limit.

    `missing` of them are in no synthetic record.
    """

    least: int
    most: int | None
    missing: int


@dataclass(frozen=True)
class LengthComparison:
    """Comparison of the combinations of `length` reported values, including several values of one column.

    `fabricated` combinations are only in the synthetic records; the share is of those in the synthetic records.
    `missing` combinations are only in the original; the share is of those in the original. A share of nothing is None.
    `distance` is the mean total variation distance over all tables of `length` columns, with *not reported* as a value;
    None if there are no such tables, or for more than MOST_MEASURED columns.
    """

    length: int
    errors: CountErrors
    bands: tuple[Band, ...]
    fabricated: int
    fabricated_share: float | None
    missing: int
    missing_share: float | None
    distance: float | None


@dataclass(frozen=True)
class Quality:
    """The comparison of all combinations, shortest first."""

    rows: int
    synthetic_rows: int
    columns: tuple[str, ...]
    lengths: tuple[LengthComparison, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return the comparison for JSON."""
        return asdict(self)

    def to_frame(self) -> pl.DataFrame:
        """Return one row for each length of combinations and band of true counts.

        Returns
        -------
        DataFrame
            `length`; `least` and `most`, the ends of the band (null: no upper end); `combinations` of the original in
            it; their errors in rows, `mean` and `median`, and as shares of the true counts, `relative_mean` and
            `relative_median`; `missing`, those that no synthetic record has.

        Examples
        --------
        >>> rows = pl.DataFrame({"sex": ["female"] * 12 + ["male"] * 3})
        >>> utility(rows, rows, order=1).to_frame().select("least", "most", "combinations", "mean").rows()[:2]
        [(1, 9, 1, 0.0), (10, 49, 1, 0.0)]
        """
        return tabulate_errors((length.length, vars(band)) for length in self.lengths for band in length.bands)

    def plot(self, lang: str = "en") -> SvgChart:
        """Return the chart of the mean errors by band of true counts, a line for each length of combinations.

        Parameters
        ----------
        lang : str
            Language of the words: kk, ru or en.

        Returns
        -------
        SvgChart
            A complete SVG file as text; `Path("chart.svg").write_text(chart)` saves it.

        Raises
        ------
        BadInput
            If there is no such language.

        Examples
        --------
        >>> rows = pl.DataFrame({"sex": ["female"] * 12 + ["male"] * 3})
        >>> utility(rows, rows, order=1).plot()[:4]
        '<svg'
        """
        return draw_errors(self.to_frame(), lang)


def utility(
    original: Source,
    synthetic: Source,
    order: int = 3,
    columns: Sequence[str] | None = None,
    multi: Collection[str] = frozenset(),
) -> Quality:
    """Measure how well synthetic records keep the counts of combinations of 1 to `order` values.

    Parameters
    ----------
    original, synthetic : Snapshot, DataFrame, Path, str or Ibis table
        Rows of people, and the synthetic records: any source of `all_marginals`. Both are loaded into memory.
    order : int
        Length of the longest compared combinations.
    columns : sequence of str, optional
        The columns to compare, by default all of the original.
    multi : collection of str
        Text columns with `;` between values, in both; not needed for a Snapshot.

    Returns
    -------
    Quality
        By length: errors of counts in rows, by size of the true count; fabricated and missing combinations; and the
        mean total variation distance from 0 to 1.

    Raises
    ------
    BadInput
        If a column is unknown, the order is below 1, or a source is unreadable or holds values that are not categories.

    Notes
    -----
    The distance of two tables p and q is sum |p_i - q_i| / 2, with *not reported* as a value. A row with several values
    of a column counts in several cells, so each table is divided by its sum first. Errors of all marginals of up to
    three columns measure utility in Tao, McKenna, Hay, Machanavajjhala and Miklau 2021, "Benchmarking differentially
    private synthetic data generation algorithms".

    Examples
    --------
    >>> rows = pl.DataFrame({"sex": ["female", "female", "male"], "form": ["labour", "sexual", "labour"]})
    >>> [(length.length, length.errors.mean, length.missing) for length in utility(rows, rows, order=2).lengths]
    [(1, 0.0, 0), (2, 0.0, 0)]
    """
    frames = read(original, synthetic, order, columns, multi)
    true_counts, synthetic_counts = count_both(*frames, order)
    measured = min(order, MOST_MEASURED)
    distances = _measure_distances(
        *(all_marginals(frame.with_columns(map(_fill_not_reported, frame)), measured) for frame in frames)
    )
    lengths = _compare_lengths(
        true_counts, synthetic_counts, [*distances, *[None] * (true_counts.order - len(distances))]
    )
    return Quality(true_counts.rows, synthetic_counts.rows, tuple(frames[0].columns), lengths)


def read(
    original: Source, synthetic: Source, order: int, columns: Sequence[str] | None, multi: Collection[str] = frozenset()
) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Return both sources as frames with the same columns of text or lists of text.

    Null is *not reported*.
    """
    multi_valued = frozenset(multi).union(
        *(snapshot.multi for snapshot in (original, synthetic) if isinstance(snapshot, Snapshot))
    )
    # these calls only raise BadInput for sources that cannot be counted
    names = all_marginals(original, min(order, 1), columns=columns, multi=multi).columns
    all_marginals(synthetic, min(order, 1), columns=names, multi=multi)
    frames = [_read_frame(source, names) for source in (original, synthetic)]
    first, second = (pl.DataFrame([_parse(frame[name], name in multi_valued) for name in names]) for frame in frames)
    return first, second


def _read_frame(source: Source, names: list[str]) -> pl.DataFrame:
    from kerege.evidence.counting import sources  # imported late because it loads the compiler

    opened = sources.open_source(source)
    frames: list[pl.DataFrame] = []
    for piece in opened.rows(Columns(names)):
        if (batch := piece()) is None:
            break
        frames.append(batch)
    return pl.concat(frames) if frames else pl.DataFrame(schema=dict.fromkeys(names, pl.String))


def _parse(column: pl.Series, is_multi: bool) -> pl.Series:
    """Return a column as text or lists of text, null for *not reported*, parsed as in the counting."""
    part = pl.element().cast(pl.String)
    if is_multi and column.dtype == pl.String:
        column, part = column.str.split(";"), part.str.strip_chars(" \t\r\n")
    if not isinstance(column.dtype, pl.List):
        return column.cast(pl.String).replace({"": None})
    values = column.list.eval(part.filter(part != ""))
    return pl.select(pl.when(values.list.len() > 0).then(values).alias(column.name)).to_series()


def _fill_not_reported(column: pl.Series) -> pl.Series:
    """Return a column with SILENT in place of null."""
    silence = [SILENT] if isinstance(column.dtype, pl.List) else SILENT
    return column.zip_with(column.is_not_null(), pl.Series([silence], dtype=column.dtype))


@dataclass(frozen=True)
class _Cells:
    """Non-empty cells of all tables of one length.

    Ascending cell numbers, their counts and tables, and the sum of each table.
    """

    numbers: Counts
    counts: Counts
    table: Counts
    sums: Counts


def _compare_lengths(
    true: Marginals, synthetic: Marginals, distances: Sequence[float | None]
) -> tuple[LengthComparison, ...]:
    values, numbering = number_jointly(true, synthetic)
    return tuple(
        _compare_length(
            length,
            *(renumber(marginals, values, numbering, length) for marginals in (true, synthetic)),
            distance=distance,
        )
        for length, distance in enumerate(distances, 1)
    )


def _measure_distances(true: Marginals, synthetic: Marginals) -> list[float]:
    """Return the mean distance of the tables of each length, with *not reported* as a value."""
    values, numbering = number_jointly(true, synthetic)
    return [
        _measure_distance(
            *(
                _arrange_cells(*renumber(marginals, values, numbering, length), numbering.first[length - 1])
                for marginals in (true, synthetic)
            )
        )
        for length in range(1, true.order + 1)
    ]


def _arrange_cells(numbers: Counts, counts: Counts, first: Counts) -> _Cells:
    table = np.searchsorted(first, numbers, side="right") - 1
    sums = np.bincount(table, weights=counts, minlength=len(first) - 1).astype(np.int64)
    return _Cells(numbers, counts, table, sums)


def _compare_length(
    length: int, true: tuple[Counts, Counts], synthetic: tuple[Counts, Counts], *, distance: float | None
) -> LengthComparison:
    counts, synthetic_counts = true[1], look_up_counts(true[0], *synthetic)
    errors = np.abs(synthetic_counts - counts)
    synthetic_count = len(synthetic[0])
    missing = int((synthetic_counts == 0).sum())
    fabricated = synthetic_count - (len(counts) - missing)
    bands = [(least, most, (counts >= least) & (counts <= (most or counts.max(initial=0)))) for least, most in BANDS]
    return LengthComparison(
        length=length,
        errors=CountErrors(**_summarise_errors(counts, errors)),
        bands=tuple(
            Band(
                **_summarise_errors(counts[in_band], errors[in_band]),
                least=least,
                most=most,
                missing=int((synthetic_counts[in_band] == 0).sum()),
            )
            for least, most, in_band in bands
        ),
        fabricated=fabricated,
        fabricated_share=fabricated / synthetic_count if synthetic_count else None,
        missing=missing,
        missing_share=missing / len(counts) if len(counts) else None,
        distance=distance,
    )


def _summarise_errors(counts: Counts, errors: Counts) -> dict[str, Any]:
    kinds = {"": errors, "relative_": errors / counts}
    summary = {
        f"{kind}{name}": float(statistic(values)) if len(values) else None
        for kind, values in kinds.items()
        for name, statistic in (("mean", np.mean), ("median", np.median))
    }
    return {"combinations": len(counts)} | summary


def _measure_distance(true: _Cells, synthetic: _Cells) -> float:
    """Return the mean total variation distance over the tables, computed as 1 minus the common share.

    The distance is 0 if both have no rows at all. An empty and a non-empty table have nothing in common.
    """
    if not (true.sums.any() or synthetic.sums.any()):
        return 0.0
    is_common, positions = find(true.numbers, synthetic.numbers)
    common = np.minimum(
        true.counts[is_common] / true.sums[true.table[is_common]],
        synthetic.counts[positions] / synthetic.sums[synthetic.table[positions]],
    )
    return max(0.0, 1 - float(common.sum()) / len(true.sums))
