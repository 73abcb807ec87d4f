"""The tie between two snapshots of one date, as far as their rows keep it.

The standard says which unit the people of a unit of rows are, and which columns of both say the same. Whether the rows
keep these rules is counted here; the manifest of a release states it, so that everybody assesses the same.
"""

from __future__ import annotations

from collections.abc import Sequence

import polars as pl

from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc.published_tables.people_tie import PeopleTie
from kerege.vocabulary import snapshot_columns as standard


def observed_ties(snapshots: Sequence[Snapshot]) -> list[PeopleTie]:
    """Return the ties between snapshots of one date.

    Parameters
    ----------
    snapshots : sequence of Snapshot
        One for each unit.

    Returns
    -------
    list of PeopleTie
        One for each unit of rows whose people are in another snapshot.

    Examples
    --------
    >>> kinds = pl.Series([["food"], ["food", "shelter"]])
    >>> sexes = pl.Series(["male", "female"])
    >>> everybody = {name: sexes for name in ("region", "sex", "age_group", "citizenship")}
    >>> people = pl.DataFrame(everybody | {"service_kinds": kinds, "payers": [["state"], ["state"]]})
    >>> rows = people.explode("service_kinds").rename({"service_kinds": "service"}).drop("payers")
    >>> rows = rows.with_columns(pl.lit("state").alias("payer"))
    >>> victims = Snapshot(people, "victims", "", True, "", frozenset({"service_kinds", "payers"}))
    >>> (tie,) = observed_ties([victims, Snapshot(rows, "services", "", True, "")])
    >>> tie.same, tie.is_complete, tie.once
    (('region', 'sex', 'age_group', 'citizenship'), True, ('service',))
    """
    by_unit = {snapshot.unit: snapshot for snapshot in snapshots}
    ties = []
    for rows in snapshots:
        declared = standard.people_of(rows.unit)
        people = by_unit.get(declared.of) if declared else None
        if declared and declared.values and people and people.as_of == rows.as_of:
            tie = _observed(rows, people, tuple(declared.same), dict(declared.values))
            ties += [tie] if tie else []
    return ties


def _observed(rows: Snapshot, people: Snapshot, same: tuple[str, ...], values: dict[str, str]) -> PeopleTie | None:
    """Return the tie by as many of the columns as the rows allow, None when they keep no rule."""
    kept = [name for name in same if name in rows.columns and name in people.columns]
    while True:
        counts = {own: _compared(rows, people, kept, own, several) for own, several in values.items()}
        if all((frame["rows"] >= frame["people"]).all() for frame in counts.values()):
            break
        if not kept:
            return None
        kept.remove(max(kept, key=lambda name: _conflicts(rows, people, [name], values)))
    is_complete = all(((frame["rows"] == 0) | (frame["people"] > 0)).all() for frame in counts.values())
    return PeopleTie(
        rows=rows.unit,
        people=people.unit,
        same=tuple(kept),
        values=values,
        is_complete=is_complete,
        once=tuple(own for own, frame in counts.items() if is_complete and (frame["rows"] == frame["people"]).all()),
    )


def _conflicts(rows: Snapshot, people: Snapshot, same: Sequence[str], values: dict[str, str]) -> int:
    """Return how many groups have fewer rows than people who should have one."""
    frames = (_compared(rows, people, same, own, several) for own, several in values.items())
    return sum(int((frame["rows"] < frame["people"]).sum()) for frame in frames)


def _compared(rows: Snapshot, people: Snapshot, same: Sequence[str], own: str, several: str) -> pl.DataFrame:
    """Return the numbers of rows and of people by the common columns and the values; None is not reported."""
    keys = [*same, own]
    counted = rows.frame.group_by(keys).len("rows")
    holders = people.frame.select(*same, pl.col(several).alias(own)).explode(own).drop_nulls(own)
    of_people = holders.group_by(keys).len("people")
    joined = counted.join(of_people, on=keys, how="full", coalesce=True, nulls_equal=True)
    return joined.with_columns(pl.col("rows", "people").fill_null(0).cast(pl.Int64))
