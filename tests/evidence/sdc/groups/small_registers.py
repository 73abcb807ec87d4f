"""Small registers, their tables as one system, and groups that are counted person by person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import polars as pl

from kerege.evidence.counting.frequency_table import NOT_REPORTED, Table
from kerege.evidence.sdc.constraints.domains import Bools
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.groups.conditions import Condition, Variable, variables
from tests.evidence.made_sheets import Source

Value = str | frozenset[str]
Person = tuple[Value, ...]
Where = Mapping[str, Sequence[str]]


def frame_of(columns: Sequence[str], people: Sequence[Person]) -> pl.DataFrame:
    """Return the people as rows; a set of values becomes a list."""
    values = {
        name: [sorted(person[d]) if isinstance(person[d], frozenset) else person[d] for person in people]
        for d, name in enumerate(columns)
    }
    kinds = {
        name: pl.List(pl.String) if isinstance(people[0][d], frozenset) else pl.String for d, name in enumerate(columns)
    }
    return pl.DataFrame(values, schema=kinds)


def builder_of(
    columns: Sequence[str], people: Sequence[Person], *tables: tuple[Sequence[str], Where], loose: bool = False
) -> JointBuilder:
    """Return the system of tables, each given by its columns and its filter."""
    frame = frame_of(columns, people)
    multi = frozenset(name for name, kind in frame.schema.items() if kind != pl.String)
    counted = [Table.from_frame(frame, list(by), where, name="_".join(by)) for by, where in tables]
    for table in counted:
        table.multi = multi & {*table.by, *table.where}
    return JointBuilder(Source(frame, multi), counted, loose=loose)


def variables_of(builder: JointBuilder, living: Sequence[Bools] | None = None) -> list[Variable]:
    """Return all variables of a system; without `living`, every atom is one that a person can have."""
    every = [family.having(family.columns[0], family.value(family.columns[0])) for family in builder.families]
    several = {name: column.named_values for name, column in builder.several.items()}
    return variables(builder.families, builder.views, every if living is None else living, several)


def fulfils(columns: Sequence[str], person: Person, condition: Condition) -> bool:
    """Return whether a person fulfils a condition, by its codes alone."""
    matches = []
    for name, code in condition.codes:
        value = person[columns.index(name)]
        if isinstance(value, frozenset):
            matches.append(not value if code == NOT_REPORTED else code in value)
        else:
            matches.append(value in code.split(" or "))
    return all(matches) != condition.is_complement


def count_group(columns: Sequence[str], people: Sequence[Person], conditions: Sequence[Condition]) -> int:
    """Return how many people fulfil all conditions."""
    return sum(all(fulfils(columns, person, condition) for condition in conditions) for person in people)
