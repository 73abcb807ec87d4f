"""Losses of one person, compared with a plain search over all people whom the entries can count."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import product
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.base.errors import Refused
from kerege.evidence.ledger.composition import DELTA, HELD, RHO, privacy_loss, undrawn_reserve
from kerege.evidence.ledger.entry import EnteredCohort, EnteredSnapshot, EntryContents, digest
from kerege.evidence.ledger.ledger import Ledger

YEARS = ("2023", "2024", "2025")
EIGHTHS = st.integers(0, 16).map(lambda number: number / 8)  # binary fractions: their sums are exact
COHORTS = st.builds(
    EnteredCohort,
    column=st.sampled_from(["year", "quarter"]),
    values=st.lists(st.sampled_from(YEARS), min_size=1, max_size=2, unique=True),
)
SNAPSHOTS = st.builds(
    EnteredSnapshot, unit=st.sampled_from(["victims", "crimes", "records"]), sha256=st.sampled_from(["a", "b"])
)
ENTRIES = st.builds(
    EntryContents,
    rho=EIGHTHS,
    delta=EIGHTHS,
    reserved=EIGHTHS,
    snapshots=st.lists(SNAPSHOTS, max_size=1),
    cohort=st.none() | COHORTS,
    series=st.sampled_from(["", "first", "second"]),
)
Column = tuple[str, str]


def column_of(entry: EntryContents) -> Column:
    """Return the column of an entry's cohort, and the register whose people it divides."""
    assert entry.cohort
    snapshot = entry.snapshots[0] if entry.snapshots else EnteredSnapshot()
    if snapshot.unit == "records":
        return entry.series or snapshot.sha256, entry.cohort.column
    return snapshot.unit, entry.cohort.column


def is_counted(person: dict[Column, str], entry: EntryContents) -> bool:
    return entry.cohort is None or person[column_of(entry)] in entry.cohort.values


def largest_loss(entries: list[EntryContents], amounts: Iterable[str], about: EntryContents | None = None) -> float:
    """Return the largest loss of a person with some year in each column of each register."""
    columns = sorted({column_of(entry) for entry in [*entries, about] if entry and entry.cohort})
    people = [dict(zip(columns, years, strict=True)) for years in product((*YEARS, "1999"), repeat=len(columns))]
    return max(
        sum(getattr(entry, amount) for entry in entries if is_counted(person, entry) for amount in amounts)
        for person in people
        if about is None or is_counted(person, about)
    )


@settings(deadline=None, max_examples=150)
@given(entries=st.lists(ENTRIES, max_size=6), about=st.none() | ENTRIES, amounts=st.sampled_from([RHO, DELTA, HELD]))
def test_the_loss_is_that_of_the_most_exposed_person(
    entries: list[EntryContents], about: EntryContents | None, amounts: tuple[str, ...]
) -> None:
    assert privacy_loss(entries, about, amounts) == largest_loss(entries, amounts, about)


@given(entries=st.lists(ENTRIES, max_size=6), series=st.sampled_from(["first", "second"]), year=st.sampled_from(YEARS))
def test_a_reserve_is_that_of_its_series_and_value(entries: list[EntryContents], series: str, year: str) -> None:
    about = EntryContents(series=series, cohort=EnteredCohort(column="year", values=[year]))
    expected = sum(
        entry.reserved
        for entry in entries
        if entry.series == series and entry.cohort is not None and year in entry.cohort.values
    )
    assert undrawn_reserve(entries, about) == expected


def test_the_reserve_of_several_cohorts_is_refused() -> None:
    about = EntryContents(series="first", cohort=EnteredCohort(column="year", values=list(YEARS)))
    with pytest.raises(ValueError, match="too many values"):
        undrawn_reserve([], about)


@settings(deadline=None, max_examples=10)
@given(
    charges=st.lists(st.tuples(st.sampled_from(["2024", "2025"]), ENTRIES), min_size=3, max_size=7),
    ceiling=st.integers(1, 12).map(lambda number: number / 64),
)
def test_allowed_charges_never_exceed_a_ceiling(charges: list[tuple[str, EntryContents]], ceiling: float) -> None:
    """No person loses more than the ceilings of a period and of all periods, whatever is asked for."""
    with TemporaryDirectory() as folder:
        output = Path(folder, "output")
        output.mkdir()
        ledger = Ledger(Path(folder, "ledger"))
        refused = 0
        with ledger.locked():
            for name in ("2024", "all"):
                ledger.set_budget(name, ceiling if name == "2024" else 1.5 * ceiling, by="methodologist")
            for number, (period, drawn) in enumerate(charges):
                charge = drawn.model_copy(update={"period": period, "rho": drawn.rho / 8, "delta": 0, "reserved": 0})
                try:
                    ledger.check(period, charge.rho, charge)
                except Refused:
                    refused += 1
                else:
                    ledger.append(digest(number), output, charge)
        entries: list[EntryContents] = [entry for entry in ledger.entries() if entry.kind != "budget"]
        assert len(entries) + refused == len(charges)
        assert largest_loss([entry for entry in entries if entry.period == "2024"], RHO) <= ceiling
        assert largest_loss(entries, RHO) <= 1.5 * ceiling
