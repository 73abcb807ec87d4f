"""All marginals of a categorical snapshot up to an order: one question, two engines, the same integers."""

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
from kerege.evidence.counting.row_weights import checked
from kerege.evidence.counting.selection import Columns
from kerege.evidence.data.snapshot import RECORD_KEY, Snapshot

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from kerege.evidence.counting.sources import Opened
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
) -> Marginals:
    """Counts of all combinations of values of up to `order` columns that occur among the rows of a snapshot.

    source: a Snapshot or a Polars frame, a Parquet or CSV file, an Ibis table (of DuckDB, of Spark). `arrays` counts
    in memory in one pass over the rows, a file piece by piece; `ibis` is an expression for the engine of the table,
    for DuckDB else. `auto` is `ibis` for an Ibis table (nothing else is), else `arrays`. Both yield the same Marginals.
    Null and empty text are *not reported* and enter no combination (DESIGN.md section 5). Columns of lists have several
    values, and so has text in `multi` (`;` between them): a row counts once in each, and two values of one column are
    no combination. columns: which to count, in this order; all but the record key when not given. apart: columns each
    of whose values told here is a column of its own (`part` names it), so that two of them are a combination; what is
    not told is left out.
    weights: a row that reports k values adds `weights[L - 1][k]` instead of 1 to each of its combinations of length L,
    whole numbers from 0 to 128, with k from 0 to the number of columns counted; k beyond a list takes its last entry.
    What weighs 0 in sum does not occur; `rows`, `reported`, `lengths` and `values` stay those of the rows.
    Raises BadInput for an unknown column, an order below 1, an unreadable file, values that are no categories, weights
    that are too few, too heavy or not whole.
    """
    from kerege.evidence.counting import sources  # only who counts needs the compiler

    _check_question(order, engine)
    try:
        opened = sources.opened(source)
        wanted = _wanted(opened, source, columns, multi, apart)
        relational = engine == "ibis" or (engine == "auto" and opened.pieces is None)
        width = len(wanted.counted)
        order = min(order, width)
        return opened.count(wanted, order, checked(weights, order, width), relational=relational)
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
    """Counts (combinations,) of chosen combinations of values: the same as by `all_marginals`, which looks at all.

    For rows of so many values that nobody can look at all combinations they have: it takes time by the number of those
    chosen. `values` are those of the columns to count; `items` (combinations, length) are places among them, column
    after column. `apart`: columns each of whose values is a column of its own, named here alone. A row that reports k
    values adds `weights[k]`, or the last of them. A table of another engine is fetched whole.
    """
    from kerege.evidence.counting import array_engine, sources  # only who counts needs the compiler

    opened = sources.opened(source)
    columns = _wanted(opened, source, list(values), multi, {name: values[name] for name in apart})
    return array_engine.chosen(opened.rows(columns), columns, values, items, np.array(weights, dtype=np.int64))


def _check_question(order: int, engine: str) -> None:
    if order < 1:
        raise BadInput(Fault(f"there is no order {order}", "take 1, 2, 3 or more"))
    if engine not in ENGINES:
        raise BadInput(Fault(f"there is no engine {shown(engine)}", f"take one of: {', '.join(ENGINES)}"))


def _wanted(
    opened: Opened,
    source: Any,
    columns: Sequence[str] | None,
    multi: Collection[str],
    apart: Mapping[str, Sequence[str]],
) -> Columns:
    known = [name for name in opened.names if name != RECORD_KEY]
    names = known if columns is None else list(columns)
    for name in (*names, *multi, *apart):
        if name not in opened.names:
            raise BadInput(Fault("there is no such column", f"choose among: {listed(known)}", column=shown(name)))
    if len(set(names)) < len(names):
        raise BadInput(Fault("a column is named twice", "name each column once", column=listed(names)))
    several = frozenset(multi) | (source.multi if isinstance(source, Snapshot) else frozenset())
    wanted = Columns(names, several, {name: apart[name] for name in names if name in apart})
    if not wanted.counted:
        raise BadInput(Fault("there is no column to count", "name at least one"))
    return wanted
