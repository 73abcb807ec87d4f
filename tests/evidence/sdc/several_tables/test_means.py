"""Means of protection of several tables: which versions are tried, and what each loses."""

from __future__ import annotations

import pytest

from kerege.evidence.counting.frequency_table import PERTURBED, SUPPRESSED, Table
from kerege.evidence.sdc.several_tables.means import figures, hides_most, left_out, lost, merged, rounded


def by(column: str, name: str = "", **counts: int) -> Table:
    """Return a table by one column."""
    rows = [f"{code},{count},ok" for code, count in counts.items()]
    text = "\n".join([f"{column},count,status", f"_T,{sum(counts.values())},ok", *rows])
    return Table.from_csv(text, name=name or column)


def test_a_table_is_left_out_at_the_loss_of_all_its_figures_the_cheapest_first() -> None:
    large, small = by("sex", f=60, m=40), by("form", a=5, b=4)
    versions = list(left_out([large, small]))
    assert [version.loss for version in versions] == [18, 200]
    assert [[table.name for table in version.tables] for version in versions] == [["sex"], ["form"]]
    assert versions[0].steps == ("Table form is left out.",)
    assert list(left_out([large])) == []


def test_all_tables_of_a_column_get_the_same_merged_codes() -> None:
    first, second = by("form", "one", a=300, b=4, c=6), by("form", "two", a=100, b=2, d=9)
    other = by("sex", f=60, m=40)
    version = next(merged([first, second, other], 10))
    assert [table.axes[0] for table in version.tables] == [
        ("_T", "a", "_O"),
        ("_T", "a", "d", "_O"),
        ("_T", "f", "m"),
    ]
    assert version.loss == (10 + 2) / 2
    assert version.steps == ("Codes of form are merged.",)


@pytest.mark.parametrize("change", ["multi", "where"])
def test_a_column_of_several_values_or_of_a_filter_is_not_merged(change: str) -> None:
    table = by("form", a=300, b=4, c=6)
    other = by("sex", f=60, m=40)
    if change == "multi":
        table.multi = frozenset({"form"})
    else:
        other.where = {"form": ["a"]}
    assert [version.steps for version in merged([table, other], 10)] == []


def test_figures_are_rounded_to_growing_bases() -> None:
    assert [version.base for version in rounded([by("sex", f=60, m=40)])] == [5, 10, 20, 50, 100]


def test_the_loss_is_that_of_the_protection_alone() -> None:
    before, after = by("sex", f=60, m=40), by("sex", f=60, m=40)
    before.status[1] = SUPPRESSED
    after.status[1:] = SUPPRESSED
    assert lost([before], [after]) == 40
    assert lost([after], [before]) == 0
    after.status[0], after.params = PERTURBED, {"half_width": 5}
    assert lost([before], [after]) == 45


@pytest.mark.parametrize(("loss", "expected"), [(99, False), (100, True)])
def test_a_version_hides_most_if_it_loses_half_of_all_figures(loss: float, expected: bool) -> None:
    table = by("sex", f=60, m=40)
    assert figures([table]) == 200
    assert hides_most([table], loss) == expected
