"""One table is protected by the method of its specification."""

from __future__ import annotations

from typing import Any

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import NOISED, PERTURBED, tabulate
from kerege.evidence.counting.people_counts import PeopleCounts
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.release.protect_table import make_table, refuse_few
from kerege.evidence.release.spec import TableSpec, parse

SEXES = ["female"] * 60 + ["male"] * 37 + ["transgender"] * 3
FRAME = pl.DataFrame({"sex": SEXES, "year": ["2024", "2025"] * 50})
SECRET = b"s" * 32


def snapshot(frame: pl.DataFrame = FRAME, unit: str = "records") -> Snapshot:
    return Snapshot(frame, unit, "2025-12-31", True, "f" * 64)


def table(**more: Any) -> TableSpec:
    entry = {"name": "sex", "of": "records", "by": ["sex"]} | more
    return parse({"title": "T", "period": "2025", "table": [entry]}).tables[0]


def test_the_small_group_cannot_be_worked_out_from_the_published_counts() -> None:
    """With exact counts of the total and of both large groups, the three others would be the difference."""
    made = make_table(snapshot(), table())
    assert made.name == "sex"
    others = [cell for (code,), cell in made.cells.items() if code not in ("_T", "female", "male")]
    assert all(cell.count is None or cell.count == 0 for cell in others)
    published = [made.cells[code,] for code in ("_T", "female", "male")]
    assert any(cell.status != "ok" for cell in published)
    rounded, half = made.params["rounded_to"], made.params["half_width"]
    assert all(cell.count is not None and cell.count % rounded == 0 for cell in published)
    true = dict(zip(("_T", "female", "male"), (100, 60, 37), strict=True))
    for code, count in true.items():
        assert abs((made.cells[code,].count or 0) - count) <= half


def test_the_threshold_of_the_specification_decides() -> None:
    low = make_table(snapshot(FRAME.filter(pl.col("sex") != "transgender")), table(params={"threshold": 20}))
    high = make_table(snapshot(FRAME.filter(pl.col("sex") != "transgender")), table(params={"threshold": 40}))
    assert [cell.status for cell in low.cells.values()] == ["ok"] * 3
    assert ("male",) not in high.cells or high.cells["male",] != low.cells["male",]  # 37 is below 40


def test_a_rounded_version_shows_multiples_only() -> None:
    made = make_table(snapshot(), table(params={"version": "rounded"}))
    base = made.params["rounded_to"]
    shown = [cell.count for cell in made.cells.values() if cell.count is not None]
    assert shown
    assert all(count % base == 0 for count in shown)


def test_cell_keys_change_each_count_by_at_most_the_stated_number() -> None:
    spec = table(method="cellkey", params={"D": 5, "V": 3, "smallest": 3})
    made, again = (make_table(snapshot(), spec, secret=SECRET) for _ in range(2))
    assert made.counts.tolist() == again.counts.tolist()  # the noise belongs to the rows
    assert (made.status == PERTURBED).any()
    assert np.abs(made.counts - tabulate(snapshot(), ["sex"]).counts).max() <= 5
    shown = made.counts[made.counts > 0]
    assert shown.min() >= 3


def test_noise_is_drawn_anew_at_each_call() -> None:
    spec = table(method="dp", params={"rho": 1e-4})
    drawn = [make_table(snapshot(), spec) for _ in range(2)]
    assert all((made.status == NOISED).all() for made in drawn)
    assert drawn[0].counts.tolist() != drawn[1].counts.tolist()


@pytest.mark.parametrize("params", [{}, {"version": "suppressed"}])
def test_a_filter_is_applied_before_the_protection(params: dict[str, Any]) -> None:
    made = make_table(snapshot(), table(where={"sex": ["female", "male"]}, params=params))
    assert made.total == 97
    assert ("transgender",) not in made.cells


@pytest.mark.parametrize(
    ("people", "largest", "is_refused"), [((12, 10), (3, 3), False), ((12, 9), (3, 3), True), ((12, 10), (3, 8), True)]
)
def test_rows_of_few_people_or_mostly_of_one_are_refused(
    people: tuple[int, ...], largest: tuple[int, ...], is_refused: bool
) -> None:
    counted = tabulate(snapshot(pl.DataFrame({"service": ["food"] * 15})), ["service"], name="services")
    counted.people = PeopleCounts(np.array(people), np.array(largest))
    if not is_refused:
        assert refuse_few(counted, 10) is counted
        return
    with pytest.raises(Refused) as refused:
        refuse_few(counted, 10)
    assert str(refused.value) == (
        "table services shows records that concern fewer than 10 people, or mostly one person: take the method suppress"
    )
