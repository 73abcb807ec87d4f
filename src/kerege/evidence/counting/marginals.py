"""All marginals of a categorical snapshot up to an order, by either of two engines with equal results."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed, shown
from kerege.evidence.counting.marginal_counts import Counts, Marginals
from kerege.evidence.counting.row_weights import check_weights
from kerege.evidence.counting.selection import Columns
from kerege.evidence.data.snapshot import KEYS, Snapshot

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kerege.evidence.counting.sources import OpenSource
Items = NDArray[np.int32]
ENGINES = ("auto", "arrays", "ibis")
NONE: Mapping[str, Sequence[str]] = {}


def all_marginals(
    source: Snapshot | pl.DataFrame | Path | str | ir.Table,
    order: int,
    *,
    engine: str = "auto",
    columns: Sequence[str] | None = None,
    multi: Collection[str] = frozenset(),
    apart: Mapping[str, Sequence[str]] = NONE,
    weights: Sequence[Sequence[int]] | None = None,
    encoding: str = "",
) -> Marginals:
    """Count all combinations of values of up to `order` columns that occur among rows.

    Parameters
    ----------
    source : Snapshot, DataFrame, Path, str or Ibis table
        Rows of categories: a snapshot, a Polars frame, a Parquet or CSV file, a table of DuckDB or of Spark. Null and
        empty text are *not reported* and enter no combination. Columns of lists are multi-valued.
    order : int
        Length of the longest combinations, 1 or more.
    engine : str
        `arrays` counts in memory in one pass over the rows, a file piece by piece. `ibis` runs a query in the engine of
        the table, or in DuckDB. `auto` takes `ibis` for an Ibis table and `arrays` for everything else. Both return the
        same.
    columns : sequence of str, optional
        The columns to count, in this order; by default all but the record key.
    multi : collection of str
        Text columns with `;` between values. A row counts once in each of its values; two values of one column form no
        combination.
    apart : mapping of str to sequence of str
        Columns whose listed values each become a column (`part` names it), so that two of them form a combination.
        Values that are not listed are left out.
    weights : sequence of sequence of int, optional
        A row that reports k values adds `weights[L - 1][k]` instead of 1 to each of its combinations of length L: whole
        numbers from 0 to 128, for k from 0 to the number of counted columns; larger k take the last entry. Combinations
        whose weights sum to 0 are left out. `rows`, `reported`, `lengths` and `values` ignore the weights.
    encoding : str, default ""
        Encoding of a CSV file, such as `cp1251`; '' for UTF-8, or UTF-16 with a byte order mark.

    Returns
    -------
    Marginals
        Counts of rows, or sums of weights, by combination.

    Raises
    ------
    BadInput
        If a column is unknown, the order is below 1, a file is unreadable, values are not categories, or weights are
        too few, too large or not whole.

    Notes
    -----
    A record of k values adds to C(k, L) combinations of length L. These are the counts from which Edge and others 2020,
    "Design of a privacy-preserving data platform for collaboration against human trafficking", make synthetic records.

    Examples
    --------
    >>> rows = pl.DataFrame({"sex": ["female", "male", "male"], "form": ["labour", "labour", None]})
    >>> counts = all_marginals(rows, order=2)
    >>> counts["sex"].tolist(), counts["sex", "form"].tolist()
    ([1, 2], [[1], [1]])
    """
    from kerege.evidence.counting import sources  # here, because the import loads the compiler

    _check_arguments(order, engine)
    try:
        opened = sources.open_source(source, encoding)
        selection = _select_columns(opened, source, columns, multi, apart)
        relational = engine == "ibis" or (engine == "auto" and opened.pieces is None)
        width = len(selection.counted)
        order = min(order, width)
        return opened.count(selection, order, check_weights(weights, order, width), relational=relational)
    except BadInput as error:
        file = source.path if isinstance(source, Snapshot) else str(source) if isinstance(source, (str, Path)) else ""
        raise BadInput([replace(fault, file=fault.file or file) for fault in error.faults]) from None


def chosen_counts(
    source: Snapshot | pl.DataFrame | Path | str | ir.Table,
    values: Mapping[str, Sequence[str]],
    items: Items,
    *,
    multi: Collection[str] = frozenset(),
    apart: Collection[str] = frozenset(),
    weights: Sequence[int] = (1,),
) -> Counts:
    """Count chosen combinations of values only.

    The counts equal those of `all_marginals`, which counts every combination. This function suits rows of very many
    values: its time depends only on the number of chosen combinations.

    Parameters
    ----------
    source : Snapshot, DataFrame, Path, str or Ibis table
        Rows of categories. A table of another engine is loaded in full.
    values : mapping of str to sequence of str
        Values of the columns to count.
    items : (combinations, length) int32
        Positions among the values, column after column.
    multi : collection of str
        Text columns with `;` between values.
    apart : collection of str
        Columns each of whose values is a column of its own.
    weights : sequence of int
        A row that reports k values adds `weights[k]`, or the last weight when k is larger.

    Returns
    -------
    (combinations,) int64
        Counts of rows, or sums of weights.

    Raises
    ------
    BadInput
        If a column is unknown or a file is unreadable.

    Examples
    --------
    >>> rows = pl.DataFrame({"sex": ["female", "male", "male"], "form": ["labour", "labour", None]})
    >>> values = {"sex": ["female", "male"], "form": ["labour"]}
    >>> chosen_counts(rows, values, np.array([[1, 2]], dtype=np.int32))  # male with labour
    array([1])
    """
    from kerege.evidence.counting import array_engine, sources  # here, because the import loads the compiler

    opened = sources.open_source(source)
    columns = _select_columns(opened, source, list(values), multi, {name: values[name] for name in apart})
    return array_engine.count_chosen(opened.rows(columns), columns, values, items, np.array(weights, dtype=np.int64))


def _check_arguments(order: int, engine: str) -> None:
    if order < 1:
        raise BadInput(Fault(f"there is no order {order}", "take 1, 2, 3 or more"))
    if engine not in ENGINES:
        raise BadInput(Fault(f"there is no engine {shown(engine)}", f"take one of: {', '.join(ENGINES)}"))


def _select_columns(
    opened: OpenSource,
    source: Any,
    columns: Sequence[str] | None,
    multi: Collection[str],
    apart: Mapping[str, Sequence[str]],
) -> Columns:
    """Return the columns to count; raises BadInput for unknown, repeated or missing columns."""
    attributes = [name for name in opened.names if name not in KEYS]
    names = attributes if columns is None else list(columns)
    for name in (*names, *multi, *apart):
        if name not in opened.names:
            raise BadInput(Fault("there is no such column", f"choose among: {listed(attributes)}", column=shown(name)))
    if len(set(names)) < len(names):
        raise BadInput(Fault("a column is named twice", "name each column once", column=listed(names)))
    multi_valued = frozenset(multi) | (source.multi if isinstance(source, Snapshot) else frozenset())
    selection = Columns(names, multi_valued, {name: apart[name] for name in names if name in apart})
    if not selection.counted:
        raise BadInput(Fault("there is no column to count", "name at least one"))
    return selection
