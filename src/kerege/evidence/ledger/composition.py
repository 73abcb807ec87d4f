"""What the entries of a ledger cost one person together: losses add up, except over cohorts that share nobody."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

Entry = dict[str, Any]


RHO, DELTA = ("rho",), ("delta",)
HELD = ("rho", "reserved")  # what is lost and what is set aside: a charge that draws on a reserve takes it off there


def lost(entries: Iterable[Entry], about: Entry | None = None, of: Sequence[str] = RHO) -> float:
    """What a person lost at most (`of`: RHO, DELTA or HELD) by some entries; with `about`, one in the cohorts it names.

    What is told of declared cohorts, of which a person is in one at the most, costs no more than the costliest cohort
    of their column (parallel composition). Everything else adds up, whatever period it was charged to: the label of a
    period says nothing of who is counted in it.
    """
    charged = [(entry, amount) for entry in entries if (amount := math.fsum(entry.get(name, 0.0) for name in of))]
    cohorts: dict[tuple[str, str], dict[str, float]] = {}
    for entry, amount in charged:
        if entry.get("cohort"):
            column = cohorts.setdefault(_divided(entry), {})
            for value in entry["cohort"]["values"]:
                column[value] = column.get(value, 0.0) + amount
    worst = {divided: max(column.values()) for divided, column in cohorts.items()}
    if about and about.get("cohort") and (divided := _divided(about)) in cohorts:
        worst[divided] = max(cohorts[divided].get(value, 0.0) for value in about["cohort"]["values"])
    return math.fsum([*(amount for entry, amount in charged if not entry.get("cohort")), *worst.values()])


def undrawn(entries: Iterable[Entry], about: Entry) -> float:
    """What is set aside (rho) for the cohort of a series that `about` names, and not drawn yet."""
    (value,) = about["cohort"]["values"]
    own = [entry for entry in entries if entry.get("reserved") and entry.get("series") == about["series"]]
    return math.fsum(entry["reserved"] for entry in own if value in entry["cohort"]["values"])


def _divided(entry: Entry) -> tuple[str, str]:
    """What is divided into cohorts, and by which column: a register, or a file, or series of files, of its own.

    Cohorts of two registers are not disjoint: a person may be in one of each.
    """
    snapshot = (entry.get("snapshots") or [{}])[0]
    foreign = snapshot.get("unit") == "records"
    register = entry.get("series") or snapshot["sha256"] if foreign else snapshot.get("unit", "")
    return str(register), str(entry["cohort"]["column"])
