"""Composition of ledger entries: privacy losses add up, except over disjoint cohorts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from typing import Any

Entry = dict[str, Any]


RHO, DELTA = ("rho",), ("delta",)
HELD = ("rho", "reserved")  # loss and reserve; a charge that draws on a reserve carries it as a negative amount


def privacy_loss(entries: Iterable[Entry], about: Entry | None = None, of: Sequence[str] = RHO) -> float:
    """Return the largest privacy loss of one person by some entries of a ledger.

    Parameters
    ----------
    entries : iterable of dict
        Entries of the ledger.
    about : dict, optional
        An entry whose cohorts restrict the persons: the loss of a person in them. Default: of any person.
    of : sequence of str
        Amounts that add up: RHO (loss), DELTA (delta for values without a public list) or HELD (loss and reserve).

    Returns
    -------
    float
        Loss in rho (zCDP), or in delta.

    Notes
    -----
    Losses add up, whatever period they were charged to: the label of a period does not say which people were counted in
    it (sequential composition, Bun and Steinke 2016, "Concentrated Differential Privacy", lemma 2.3). A person is in at
    most one of the declared cohorts of a column, so these cost as much as the costliest one (parallel composition:
    McSherry 2009, "Privacy integrated queries").

    Examples
    --------
    >>> source = {"snapshots": [{"unit": "victims"}]}
    >>> entries = [
    ...     {"rho": 0.1},
    ...     source | {"rho": 0.2, "cohort": {"column": "year", "values": ["2024"]}},
    ...     source | {"rho": 0.3, "cohort": {"column": "year", "values": ["2025"]}},
    ... ]
    >>> round(privacy_loss(entries), 3)  # 0.1 and the costliest year
    0.4
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
    """Return the part of the reserve of one cohort that is not drawn yet.

    Parameters
    ----------
    entries : iterable of dict
        Entries of the ledger. A charge that draws on a reserve carries it as a negative amount.
    about : dict
        An entry with `series` and a cohort of one value.

    Returns
    -------
    float
        Reserve in rho (zCDP).

    Raises
    ------
    ValueError
        If `about` names several cohorts.

    Examples
    --------
    >>> about = {"series": "a", "cohort": {"column": "year", "values": ["2025"]}}
    >>> undrawn_reserve([about | {"reserved": 0.3}, about | {"reserved": -0.125}], about)
    0.175
    """
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
