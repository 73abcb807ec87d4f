"""The cell key method: the noise of a cell depends only on the people that it counts.

Each row has a permanent random key. The sum of the keys of a cell's rows (modulo 2^64) selects its noise from a
perturbation table (Australian Bureau of Statistics 2006; the census method of Eurostat 2021). Repeated queries
therefore do not average the noise out, and the difference of two tables holds the noise of both. Margins have noise of
their own, so that a table is not additive. Restored additivity makes the noise depend on the table.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.counting import Counts
from kerege.evidence.counting.frequency_table import NOT_REPORTED, PERTURBED, Table, tabulate
from kerege.evidence.counting.row_filter import Where, select_rows
from kerege.evidence.data.snapshot import RECORD_KEY, Snapshot
from kerege.evidence.sdc.perturbation.ptable import PTable
from kerege.evidence.sdc.perturbation.record_keys import Keys, add_record_keys

Fractions = NDArray[np.float64]


def cell_key(
    snapshot: Snapshot,
    by: Sequence[str],
    ptable: PTable,
    secret: bytes | None = None,
    *,
    where: Where | None = None,
    additive: bool = False,
    name: str = "",
) -> Table:
    """Count rows by columns and perturb each cell by its cell key.

    The same people have the same noise in every table.

    Parameters
    ----------
    snapshot : Snapshot
        A row is a person.
    by : sequence of str
        Columns of the table.
    ptable : PTable
        The noise of each count, as `ptable` designs it.
    secret : bytes, optional
        32 bytes from which the record keys of rows without a key are derived. Keep it secret, and the same for all
        tables.
    where : mapping of str to sequence of str, optional
        Keep the rows that have one of the values in each of these columns.
    additive : bool
        Restore additivity by further small changes; the noise then depends on the table.
    name : str
        Name of the table.

    Returns
    -------
    Table
        Each cell has the status `perturbed`, zeros too: a zero that is shown may be a small count. `truth` holds the
        true counts and is never published; `params["half_width"]` is the largest distance of a figure from the truth.

    Raises
    ------
    BadInput
        For rows without record keys when no secret is given, and for a table that cannot be counted.

    Notes
    -----
    Australian Bureau of Statistics 2006; the census method of Eurostat 2021.

    Examples
    --------
    >>> from kerege.evidence.sdc import Snapshot, ptable
    >>> rows = Snapshot.from_frame(pl.DataFrame({"sex": ["female"] * 61 + ["male"] * 2}))
    >>> table = cell_key(rows, ["sex"], ptable(), b"an example of a secret, 32 bytes")
    >>> {code: cell.count for (code,), cell in table.cells.items()}
    {'_T': 64, 'female': 61, 'male': 3}
    """
    counted = tabulate(snapshot, by, where, name=name)
    rows = select_rows(replace(snapshot, frame=add_record_keys(snapshot, secret)), where or {})
    perturbed = ptable.shown(counted.counts, fractions(cell_keys(rows, counted)))
    params = {"D": ptable.max_noise, "V": ptable.variance, "smallest": ptable.min_positive, "additive": additive}
    table = replace(
        counted,
        counts=perturbed,
        status=np.full(perturbed.shape, PERTURBED, np.uint8),
        truth=counted.counts,
        params=params | {"half_width": ptable.max_noise},
    )
    if additive:
        from kerege.evidence.sdc.perturbation.additivity import restore_additivity

        table = restore_additivity(table, ptable.min_positive)
    return replace(table, notes=_notes(table))


def cell_keys(rows: pl.DataFrame, table: Table) -> Keys:
    """Return the sum, modulo 2^64, of the record keys of the rows of every cell, margins included."""
    keys = np.zeros(table.counts.shape, dtype=np.uint64)
    multi_valued = [name for name in table.by if name in table.multi]
    for choice in product([False, True], repeat=len(multi_valued)):
        opened = {name for name, is_open in zip(multi_valued, choice, strict=True) if is_open}
        _add(keys, rows, table, opened)
    for d, name in enumerate(table.by):
        if name not in table.multi:
            along = np.moveaxis(keys, d, 0)
            along[0] = along[1:].sum(axis=0, dtype=np.uint64)
    return keys


def _add(keys: Keys, rows: pl.DataFrame, table: Table, opened: set[str]) -> None:
    """Add the keys of the rows at the values of the single-valued and the opened columns."""
    for name in opened:
        values = pl.when(pl.col(name).list.len() > 0).then(pl.col(name).list.unique())
        rows = rows.with_columns(values.alias(name)).explode(name)
    position = np.zeros(rows.height, dtype=np.int64)
    for name, axis in zip(table.by, table.axes, strict=True):
        position *= len(axis)
        if name not in table.multi or name in opened:
            places = {value: number for number, value in enumerate(axis)}
            position += rows[name].fill_null(NOT_REPORTED).replace_strict(places, return_dtype=pl.Int64).to_numpy()
    np.add.at(keys.reshape(-1), position, rows[RECORD_KEY].to_numpy())


def fractions(keys: Keys) -> Fractions:
    """Return cell keys as uniform numbers from 0 to below 1, mixed by a bijection.

    Without the mixing, an intruder who knows the noise of two groups could predict that of their union. The mixing
    function is the finalizer of SplitMix64, a bijection of the 64 bits.
    """
    mixed = keys.ravel().copy()
    for shift, factor in ((30, 0xBF58476D1CE4E5B9), (27, 0x94D049BB133111EB)):
        mixed = (mixed ^ (mixed >> np.uint64(shift))) * np.uint64(factor)
    mixed ^= mixed >> np.uint64(31)
    result: Fractions = (mixed >> np.uint64(11)).astype(np.float64) / 2.0**53
    return result.reshape(keys.shape)


def _notes(table: Table) -> list[str]:
    half, smallest = table.params["half_width"], table.params["smallest"]
    never_shown = (
        "" if smallest == 1 else "1 is never shown; " if smallest == 2 else f"1 to {smallest - 1} are never shown; "
    )
    notes = [
        f"a small noise was added to every figure, the totals too: each lies within {half} of the true count",
        f"{never_shown}a 0 may be a small count",
    ]
    if table.params["additive"]:
        return [*notes, "figures were changed a little more so that they add up to their totals"]
    return [
        *notes,
        "the same people have the same noise in every table: the difference of two tables holds the noise of both",
        "figures need not add up to their totals",
    ]


def noise_of(table: Table) -> Counts:
    """Return the noise of each cell, for tests and benchmarks."""
    if table.truth is None:
        raise ValueError("the table has no noise")
    noise: Counts = table.counts - table.truth
    return noise
