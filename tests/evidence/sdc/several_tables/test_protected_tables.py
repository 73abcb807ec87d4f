"""Several tables protected together: an intruder finds nothing, and nothing is undecided."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput, Refused
from kerege.evidence.counting.frequency_table import SUPPRESSED, Table, tabulate
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc import assess_disclosure, protect_tables
from kerege.evidence.sdc.constraints.multi_table import join
from kerege.evidence.sdc.published_tables.publication import Publication, as_sheet
from kerege.evidence.sdc.several_tables.counted_rows import make_rows
from kerege.evidence.sdc.suppression.linked_blocks import cells_to_extend

QUICK = settings(max_examples=4, deadline=None, suppress_health_check=list(HealthCheck))
Design = tuple[list[str], dict[str, list[str]]]
DESIGNS: list[list[Design]] = [
    [(["a", "b"], {})],
    [(["a", "b", "c"], {})],
    [(["a", "b"], {}), (["b", "c"], {})],
    [(["a", "b"], {}), (["b", "c"], {}), (["a", "c"], {})],
    [(["a"], {}), (["a"], {"b": ["b0", "b1"]})],
    [(["a", "m"], {}), (["b"], {})],
    [(["m"], {"a": ["a0"]}), (["a", "b"], {})],
]


def people(seed: int, number: int) -> pl.DataFrame:
    """Return people with three columns of one value, and `m` with several."""
    rng = np.random.default_rng(seed)
    columns: dict[str, object] = {
        name: [f"{name}{value}" for value in np.minimum(rng.geometric(0.45, number) - 1, size - 1).tolist()]
        for name, size in (("a", 3), ("b", 4), ("c", 3))
    }
    flags = rng.random((number, 3)) < (0.6, 0.3, 0.05)
    columns["m"] = [[f"m{place}" for place in np.flatnonzero(row)] for row in flags]
    return pl.DataFrame(columns, schema_overrides={"m": pl.List(pl.String)})


def counted(frame: pl.DataFrame, design: list[Design]) -> list[Table]:
    return [Table.from_frame(frame, by, where, name=f"t{number}") for number, (by, where) in enumerate(design)]


@QUICK
@given(st.integers(0, 10_000), st.integers(60, 400), st.sampled_from(DESIGNS), st.integers(3, 10), st.booleans())
def test_nothing_is_disclosed_or_undecided_after_protection(
    seed: int, number: int, design: list[Design], threshold: int, has_rows: bool
) -> None:
    check_protection(seed, number, design, threshold, has_rows)


def check_protection(seed: int, number: int, design: list[Design], threshold: int, has_rows: bool) -> None:
    frame = people(seed, number)
    tables = counted(frame, design)
    try:
        safe = protect_tables(tables, threshold, rows=Snapshot.from_frame(frame) if has_rows else None)
    except Refused:
        return  # says so, and publishes nothing
    report = assess_disclosure(safe.publication, threshold=threshold)
    assert not report.disclosures
    assert not report.undecided
    for table in safe.tables:
        assert not table.small(threshold)[table.status == 0].any()


def mali() -> list[Table]:
    """Return the men and women of all countries, and of all but one, from which 4 men came."""
    every = Table.from_csv("sex,count,status\n_T,20000,ok\nmen,11000,ok\nwomen,9000,ok\n", name="all")
    but_one = Table.from_csv("sex,count,status\n_T,19990,ok\nmen,10996,ok\nwomen,8994,ok\n", name="but Mali")
    but_one.where["country"] = ["Chad", "Niger"]
    return [every, but_one]


def test_four_men_of_one_country_are_protected_from_counts_alone() -> None:
    before = assess_disclosure(protect_without(mali()), threshold=10)
    assert [(finding.lower, finding.upper) for finding in before.disclosures if finding.upper < 10]
    safe = protect_tables(mali(), 10)
    assert assess_disclosure(safe.publication, threshold=10).safe
    assert safe.loss == pytest.approx(min(safe.losses.values()))


def protect_without(tables: list[Table]) -> Publication:
    """Return tables as an intruder finds them when nothing is protected."""
    return Publication("p", [as_sheet(table, "p") for table in tables])


def test_only_the_allowed_means_are_used() -> None:
    left = protect_tables(mali(), 10, means=["leave_out"])
    assert [table.name for table in left.tables] in (["all"], ["but Mali"])
    assert left.steps == [f"Table {({'all', 'but Mali'} - {left.tables[0].name}).pop()} is left out."]
    rounded = protect_tables(mali(), 10, means=["round"])
    assert len(rounded.tables) == 2
    assert rounded.steps[0].startswith("Figures are rounded to ")
    assert assess_disclosure(rounded.publication, threshold=10).safe


def test_codes_are_merged_when_only_that_is_allowed() -> None:
    counts = {"x": 60, "y": 45, "z": 4, "w": 7, "v": 1}
    frame = pl.DataFrame({"a": [code for code, number in counts.items() for _ in range(number)]})
    safe = protect_tables([Table.from_frame(frame, ["a"], name="t")], 10, means=["merge"])
    assert safe.steps[0] == "Codes of a are merged."
    assert "_O" in safe.tables[0].axes[0]
    assert assess_disclosure(safe.publication, threshold=10).safe


def test_rows_from_counts_give_the_same_counts() -> None:
    for number, design in enumerate(DESIGNS):
        tables = counted(people(number, 200), design)
        rows = make_rows(tables, 10)
        for table in tables:
            again = tabulate(rows, table.by, table.where)
            assert again.axes == table.axes
            assert (again.counts == table.counts).all()


def test_counts_that_no_people_fit_are_bad_input() -> None:
    tables = mali()
    tables[1] = replace(tables[1], counts=np.array([30_000, 20_000, 10_000]))
    with pytest.raises(BadInput, match="no people fit"):
        protect_tables(tables)


def test_a_suppressed_cell_stays_suppressed() -> None:
    table = Table.from_csv("sex,count,status\n_T,90,ok\nmen,,suppressed\nwomen,,suppressed\nothers,40,ok\n", name="t")
    safe = protect_tables([table], 5)
    assert [safe.tables[0].cells[code,].count for code in ("men", "women")] == [None, None]


@pytest.mark.parametrize(
    ("threshold", "means", "words"),
    [(2, ["suppress"], "below 3"), (5, ["hide"], "'hide' is not a means of protection")],
)
def test_senseless_arguments_are_bad_input(threshold: int, means: list[str], words: str) -> None:
    with pytest.raises(BadInput, match=words):
        protect_tables(mali(), threshold, means=means)


def test_each_block_has_two_cells_that_can_be_small_given_all_tables() -> None:
    for seed in range(3):
        frame = people(seed, 250)
        safe = protect_tables(counted(frame, DESIGNS[3]), 10, rows=Snapshot.from_frame(frame), means=["suppress"])
        assert any((table.status == SUPPRESSED).any() for table in safe.tables)
        joint = join(Snapshot.from_frame(frame), safe.tables)
        assert not cells_to_extend(joint, 10).any()
