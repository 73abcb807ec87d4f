"""Composition of ledger entries: privacy losses add up, except over disjoint cohorts."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from kerege.evidence.ledger.entry import EnteredCohort, EnteredSnapshot, EntryContents

RHO, DELTA = ("rho",), ("delta",)
HELD = ("rho", "reserved")  # loss and reserve; a charge that draws on a reserve carries it as a negative amount


def privacy_loss(
    entries: Iterable[EntryContents], about: EntryContents | None = None, of: Sequence[str] = RHO
) -> float:
    """Return the largest privacy loss of one person by some entries of a ledger.

    Parameters
    ----------
    entries : iterable of EntryContents
        Entries of the ledger.
    about : EntryContents, optional
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
    >>> register = [EnteredSnapshot(unit="victims")]
    >>> def charge(year: str, rho: float) -> EntryContents:
    ...     cohort = EnteredCohort(column="year", values=[year])
    ...     return EntryContents(rho=rho, snapshots=register, cohort=cohort)
    >>> entries = [EntryContents(rho=0.1), charge("2024", 0.2), charge("2025", 0.3)]
    >>> round(privacy_loss(entries), 3)  # 0.1 and the costliest year
    0.4
    """
    charged = [(entry, amount) for entry in entries if (amount := math.fsum(getattr(entry, name) for name in of))]
    cohorts: dict[tuple[str, str], dict[str, float]] = {}
    for entry, amount in charged:
        if entry.cohort:
            column = cohorts.setdefault(_register_and_column(entry, entry.cohort), {})
            for value in entry.cohort.values:
                column[value] = column.get(value, 0.0) + amount
    worst = {register_column: max(column.values()) for register_column, column in cohorts.items()}
    if about and about.cohort and (register_column := _register_and_column(about, about.cohort)) in cohorts:
        worst[register_column] = max(cohorts[register_column].get(value, 0.0) for value in about.cohort.values)
    return math.fsum([*(amount for entry, amount in charged if not entry.cohort), *worst.values()])


def undrawn_reserve(entries: Iterable[EntryContents], about: EntryContents) -> float:
    """Return the part of the reserve of one cohort that is not drawn yet.

    Parameters
    ----------
    entries : iterable of EntryContents
        Entries of the ledger. A charge that draws on a reserve carries it as a negative amount.
    about : EntryContents
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
    >>> about = EntryContents(series="a", cohort=EnteredCohort(column="year", values=["2025"]))
    >>> entries = [about.merged(EntryContents(reserved=amount)) for amount in (0.3, -0.125)]
    >>> undrawn_reserve(entries, about)
    0.175
    """
    (value,) = about.cohort.values if about.cohort else ("",)
    reserves = [entry for entry in entries if entry.reserved and entry.series == about.series]
    return math.fsum(entry.reserved for entry in reserves if entry.cohort and value in entry.cohort.values)


def _register_and_column(entry: EntryContents, cohort: EnteredCohort) -> tuple[str, str]:
    """Return the register and the column that divides it into cohorts.

    A file, or a series of files, that no register produced is a register of its own. Cohorts of two registers are not
    disjoint: a person may be in one of each.
    """
    snapshot = entry.snapshots[0] if entry.snapshots else EnteredSnapshot()
    is_file = snapshot.unit == "records"
    register = entry.series or snapshot.sha256 if is_file else snapshot.unit
    return register, cohort.column
