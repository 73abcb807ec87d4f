"""Tables of one release are assessed together: no table discloses a hidden cell of another."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import SUPPRESSED, Table, tabulate
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.sdc.bounds import cell_bounds
from kerege.evidence.sdc.constraints.multi_table import join
from kerege.evidence.sdc.disclosure.assessment import assess_disclosure
from kerege.evidence.sdc.published_tables.publication import Publication, as_sheet
from kerege.evidence.sdc.published_tables.stated_manifest import stated_time
from kerege.evidence.sdc.suppression.complementary import suppress
from kerege.evidence.sdc.suppression.linked_tables import protect_together
from tests.evidence import made


def linked(folder: Path) -> tuple[Snapshot, list[Table]]:
    """Return two tables that share the margin of `a`: each is safe alone, one hides a margin of the other."""
    cells = {
        ("x", "p", "m"): 4,
        ("y", "p", "m"): 30,
        ("x", "q", "m"): 200,
        ("y", "q", "n"): 250,
        ("z", "q", "n"): 8,
        ("z", "p", "m"): 5,
        ("w", "q", "n"): 90,
        ("w", "p", "m"): 60,
    }
    rows = [dict(zip("abc", key, strict=True)) for key, n in cells.items() for _ in range(n)]
    snapshot = made.snapshot(folder, rows)
    return snapshot, [suppress(tabulate(snapshot, by, name="".join(by)), 10) for by in (["a", "b"], ["a", "c"], ["a"])]


def test_no_table_discloses_a_hidden_cell_of_another(tmp_path: Path) -> None:
    snapshot, tables = linked(tmp_path)
    hidden = tables[0].status.copy()
    hidden[1, 0] = hidden[2, 0] = SUPPRESSED
    tables[0] = replace(tables[0], status=hidden)
    result = protect_together(tables, 10, [snapshot])
    assert not len(cell_bounds.unsafe_cells(join(snapshot, result), 10))
    for before, after in zip(tables, result, strict=True):
        assert (after.status >= before.status).all()


def test_a_disclosure_between_tables_is_found_and_removed(tmp_path: Path) -> None:
    rows = [
        {"a": a, "b": b}
        for a, b, n in (("x", "p", 12), ("x", "q", 3), ("y", "p", 40), ("y", "q", 50))
        for _ in range(n)
    ]
    snapshot = made.snapshot(tmp_path, rows)
    whole = suppress(tabulate(snapshot, ["a", "b"], name="whole"), 10)
    part = tabulate(snapshot, ["b"], {"a": ["y"]}, name="part")  # publishes what `whole` must hide
    tables = [whole, part]
    assert len(cell_bounds.unsafe_cells(join(snapshot, tables), 10))
    result = protect_together(tables, 10, [snapshot])
    assert not len(cell_bounds.unsafe_cells(join(snapshot, result), 10))
    assert any("other tables" in note for table in result for note in table.notes)


def test_tables_without_a_disclosure_stay_unchanged(tmp_path: Path) -> None:
    rows = [{"a": a, "b": b} for a in "xy" for b in "pq" for _ in range(20)]
    snapshot = made.snapshot(tmp_path, rows)
    tables = [tabulate(snapshot, ["a"], name="t"), tabulate(snapshot, ["b"], {"a": ["x"]}, name="u")]
    for table in protect_together(tables, 10, [snapshot]):
        assert not table.status.any()


def several_values(folder: Path, forms: int = 2) -> tuple[Snapshot, list[Table]]:
    """Return a table by two multi-valued columns, and one by the first of them and sex."""
    kinds = [(f"f{n}", f"n{n}") for n in range(forms)]
    values = [*(kind for kind in kinds for _ in range(30)), *[(";".join(f for f, _ in kinds[:2]), "n0;n1")] * 3]
    values += [(kinds[0][0], "n1")] * 4
    rows = [{"form": form, "need": need, "sex": "fm"[n % 3 == 0]} for n, (form, need) in enumerate(values)]
    snapshot = made.snapshot(folder, rows, multi=["form", "need"])
    return snapshot, [
        suppress(tabulate(snapshot, by, name="-".join(by)), 10) for by in (["form", "need"], ["form", "sex"])
    ]


def test_tables_of_several_values_are_decided_together_by_value_sets(tmp_path: Path) -> None:
    snapshot, tables = several_values(tmp_path)
    result = protect_together(tables, 10, [snapshot])
    published = Publication("new", [as_sheet(table, "new", stated_time(snapshot)) for table in result])
    findings = assess_disclosure(published)
    assert findings.safe
    assert not findings.undecided


def test_too_many_sets_of_values_are_refused(tmp_path: Path) -> None:
    snapshot, tables = several_values(tmp_path, forms=20)
    with pytest.raises(Refused, match="values that one person can have several of are combined"):
        protect_together(tables, 10, [snapshot])


@pytest.mark.parametrize(("both", "suppressed"), [(9, 1), (10, 0)])
def test_few_people_with_two_values_of_one_column_are_protected(both: int, suppressed: int) -> None:
    """60 people in labour alone, 41 sexually: the two values and the total give the people with both."""
    rows = [["labour"]] * 60 + [["sexual"]] * 41 + [["labour", "sexual"]] * both
    frame = pl.DataFrame({"form": rows}, schema={"form": pl.List(pl.String)})
    snapshot = Snapshot(frame, "people", "", True, "p", frozenset({"form"}))
    tables = protect_together([tabulate(snapshot, ["form"])], 10, [snapshot])
    assert (tables[0].status == SUPPRESSED).sum() == suppressed
    published = Publication("new", [as_sheet(table, "new", stated_time(snapshot)) for table in tables])
    assert assess_disclosure(published).safe


def narrowed_block(folder: Path) -> tuple[Snapshot, list[Table]]:
    """Return two tables of which the second narrows a block of the first: only `x` can be below 10."""
    cells = {("x", "p"): 4, ("y", "p"): 20, ("y", "q"): 10, ("w", "p"): 30, ("z", "p"): 80}
    snapshot = made.snapshot(folder, [dict(zip("ab", key, strict=True)) for key, n in cells.items() for _ in range(n)])
    first, second = (
        tabulate(snapshot, by, where, name=name)
        for name, by, where in (("first", ["a"], {}), ("second", ["b"], {"a": ["y"]}))
    )
    for table, codes in ((first, ("x", "y")), (second, ("_T", "q"))):
        for code in codes:
            table.status[table.axes[0].index(code)] = SUPPRESSED
    return snapshot, [first, second]


def test_another_table_leaves_two_cells_of_a_block_that_can_be_small(tmp_path: Path) -> None:
    snapshot, tables = narrowed_block(tmp_path)
    joint = join(snapshot, tables)
    assert not len(cell_bounds.unsafe_cells(joint, 10))  # safe by its intervals
    places = [int(joint.places[0][tables[0].axes[0].index(code)]) for code in ("x", "y")]
    assert [low < 10 for low, _ in cell_bounds.intervals(joint, np.array(places)).values()] == [True, False]
    result = protect_together(tables, 10, [snapshot])
    joint = join(snapshot, result)
    for table, place in zip(result, joint.places, strict=True):
        hidden = place[table.status.ravel() == SUPPRESSED]
        assert sum(low < 10 for low, _ in cell_bounds.intervals(joint, hidden).values()) != 1
