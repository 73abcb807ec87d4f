"""Composition of ledger entries: privacy losses add up, except over disjoint cohorts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

Entry = dict[str, Any]


RHO, DELTA = ("rho",), ("delta",)
HELD = ("rho", "reserved")  # loss and reserve; a charge that draws on a reserve carries it as a negative amount


def privacy_loss(entries: Iterable[Entry], about: Entry | None = None, of: Sequence[str] = RHO) -> float:
    """Return the largest privacy loss of one person by some entries (`of`: RHO, DELTA or HELD).

    With `about`, return the loss of a person in the cohorts that it names. A person is in at most one of the declared
    cohorts of a column, so that these cost as much as the costliest one (parallel composition). All other losses add
    up, whatever period they were charged to: the label of a period does not tell which people were counted in it.
    """
    charged = [(entry, amount) for entry in entries if (amount := math.fsum(entry.get(name, 0.0) for name in of))]
    cohorts: dict[tuple[str, str], dict[str, float]] = {}
    for entry, amount in charged:
        if entry.get("cohort"):
            column = cohorts.setdefault(_register_and_column(entry), {})
            for value in entry["cohort"]["values"]:
                column[value] = column.get(value, 0.0) + amount
    worst = {register_column: max(column.values()) for register_column, column in cohorts.items()}
    if about and about.get("cohort") and (register_column := _register_and_column(about)) in cohorts:
        worst[register_column] = max(cohorts[register_column].get(value, 0.0) for value in about["cohort"]["values"])
    return math.fsum([*(amount for entry, amount in charged if not entry.get("cohort")), *worst.values()])


def undrawn_reserve(entries: Iterable[Entry], about: Entry) -> float:
    """Return the part of the reserve (rho) of the cohort that `about` names which is not drawn yet."""
    (value,) = about["cohort"]["values"]
    reserves = [entry for entry in entries if entry.get("reserved") and entry.get("series") == about["series"]]
    return math.fsum(entry["reserved"] for entry in reserves if value in entry["cohort"]["values"])


def _register_and_column(entry: Entry) -> tuple[str, str]:
    """Return the register and the column that divides it into cohorts.

    A file, or a series of files, that no register produced is a register of its own. Cohorts of two registers are not
    disjoint: a person may be in one of each.
    """
    snapshot = (entry.get("snapshots") or [{}])[0]
    is_file = snapshot.get("unit") == "records"
    register = entry.get("series") or snapshot["sha256"] if is_file else snapshot.get("unit", "")
    return str(register), str(entry["cohort"]["column"])
