"""Rows of people that fit given tables, for a publisher who holds counts but not the rows behind them.

The figures of the tables are the same for every such set of rows. Protection against everything that follows from the
figures therefore needs no other rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.evidence.counting.frequency_table import NOT_REPORTED, OK, Table
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc.bounds.cell_bounds import Contradiction
from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.constraints.multi_table import JointBuilder, join
from kerege.evidence.sdc.constraints.register import Register
from kerege.evidence.sdc.groups.registers import register_of
from kerege.evidence.sdc.populations.populations import PublishedPopulation
from kerege.evidence.sdc.published_tables.publication import as_sheet


def make_rows(tables: Sequence[Table], threshold: int) -> Snapshot:
    """Return rows that give all figures of some tables. Raise BadInput when no people fit them.

    Cells that are suppressed already are free; they get a count of the rows.
    """
    sheets = [as_sheet(replace(table, truth=None), "") for table in tables]
    source = PublishedPopulation(tables[0].of, "", tuple(sheets))
    builder = JointBuilder(source, sheets)
    try:
        survey = Survey(builder.build(), threshold, whole=True)
    except Contradiction:
        names = ", ".join(table.name or ", ".join(table.by) for table in tables)
        raise BadInput(
            Fault(f"no people fit the figures of the tables {names}", "give tables of the same people")
        ) from None
    register = register_of(builder, survey.settled().people, np.random.default_rng(0))
    frame = _frame(builder, register)
    return Snapshot(frame, tables[0].of, "", invented=False, sha256="", multi=source.multi, fingerprint="counted")


def _frame(builder: JointBuilder, register: Register) -> pl.DataFrame:
    """Return a row with the values of each person; null is not reported."""
    columns: dict[str, pl.Series] = {}
    for number, family in enumerate(builder.families):
        atoms = register.coords[number]
        if family.sets:
            values = [sorted(values) or None for values in family.sets]
            columns[family.columns[0]] = pl.Series([values[atom] for atom in atoms.tolist()], dtype=pl.List(pl.String))
            continue
        for name in family.columns:
            codes = [None if value == NOT_REPORTED else value for value in family.value(name)]
            columns[name] = pl.Series([codes[atom] for atom in atoms.tolist()], dtype=pl.String)
    for name, has in register.has.items():
        columns.setdefault(name, _value_lists(has))
    rows = np.repeat(np.arange(len(register.people)), register.people)
    return pl.DataFrame({name: column.gather(rows) for name, column in columns.items()})


def _value_lists(has: dict[str, np.ndarray]) -> pl.Series:
    """Return the values of each row of people in a multi-valued column."""
    names = [value for value in has if value != NOT_REPORTED]
    flags = np.column_stack([has[value] for value in names]) if names else np.zeros((len(has[NOT_REPORTED]), 0), bool)
    lists = [[names[place] for place in np.flatnonzero(row).tolist()] or None for row in flags]
    return pl.Series(lists, dtype=pl.List(pl.String))


def fill_suppressed(tables: Sequence[Table], rows: Snapshot) -> list[Table]:
    """Return tables whose suppressed cells have the count of the rows."""
    if all((table.status == OK).all() for table in tables):
        return list(tables)
    joint = join(rows, [as_sheet(replace(table, truth=None), "") for table in tables])
    return [
        replace(table, counts=joint.truth[place].reshape(table.counts.shape))
        for table, place in zip(tables, joint.places, strict=True)
    ]
