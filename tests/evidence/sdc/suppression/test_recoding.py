"""Recoding: which categories are merged, and counts that stay the sums of their parts."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.sdc.suppression.recoding import candidates, mappings, merge, people_recoded, recode
from tests.evidence import made

THRESHOLD = 10


def by_form(**counts: int) -> Table:
    """Return a table by one column with these counts; `U` is not reported."""
    codes = ["_U" if code == "U" else code for code in counts]
    rows = [f"{code},{count},ok" for code, count in zip(codes, counts.values(), strict=True)]
    return Table.from_csv("\n".join(["form,count,status", f"_T,{sum(counts.values())},ok", *rows]))


def merged(**counts: int) -> list[set[str]]:
    """Return the codes that each mapping merges."""
    return [set(mapping) for mapping in mappings(by_form(**counts), 0, THRESHOLD)]


@pytest.mark.parametrize(
    ("counts", "expected"),
    [
        ({"a": 300, "b": 4, "c": 6}, [{"b", "c"}]),
        ({"a": 300, "b": 4, "c": 5, "d": 12}, [{"b", "c", "d"}]),  # 4 and 5 do not reach the threshold
        ({"a": 300, "b": 4, "c": 12}, [{"b", "c"}]),
        ({"a": 300, "b": 12, "c": 14}, []),  # nothing is small
        ({"a": 30, "b": 4, "c": 26}, []),  # the second category is too large to be lost
        ({"a": 300, "b": 4, "c": 6, "d": 0}, [{"b", "c"}]),  # nobody is in d
        ({"a": 300, "b": 4, "U": 8}, [{"_U", "b"}]),
        ({"a": 300, "b": 4, "c": 6, "U": 90}, [{"b", "c"}, {"b", "c", "_U"}]),
    ],
)
def test_small_categories_are_merged_until_they_reach_the_threshold(
    counts: dict[str, int], expected: list[set[str]]
) -> None:
    result = merged(**counts)
    assert all(codes in result for codes in expected)
    assert bool(result) == bool(expected)


@settings(max_examples=30, deadline=None)
@given(st.lists(st.lists(st.integers(0, 9), min_size=3, max_size=3), min_size=2, max_size=3), st.data())
def test_merged_counts_are_the_sums_of_their_codes_at_every_margin(rows: list[list[int]], data: st.DataObject) -> None:
    table = made.table(rows)
    chosen = data.draw(st.sets(st.sampled_from(table.axes[1][1:]), min_size=1))
    result = merge(table, 1, dict.fromkeys(chosen, "_O"))
    kept = [code for code in table.axes[1] if code not in chosen]
    assert result.axes == (table.axes[0], (*kept, "_O"))
    for code in kept:
        before, after = table.axes[1].index(code), result.axes[1].index(code)
        assert np.array_equal(result.counts[:, after], table.counts[:, before])
    places = [table.axes[1].index(code) for code in chosen]
    assert np.array_equal(result.counts[:, -1], table.counts[:, places].sum(axis=1))
    assert result.params["coarsened:dim1"] == "_O"


def test_other_and_not_reported_come_last() -> None:
    table = by_form(U=8, a=300, b=4, c=7)
    assert merge(table, 0, {"b": "_O", "c": "_O"}).axes[0] == ("_T", "a", "_O", "_U")


def test_codes_of_a_list_can_become_their_parents() -> None:
    text = (
        "exploitation_form,count,status\n_T,60,ok\nforced_labour,50,ok\nchild_labour,4,ok\nsexual_exploitation,6,ok\n"
    )
    table = Table.from_csv(text, of="victims")
    coarse = recode(table, THRESHOLD)[-1]
    assert dict(zip(coarse.axes[0], coarse.counts.tolist(), strict=True)) == {"_T": 60, "labour": 54, "sexual": 6}
    assert coarse.params["coarsened:exploitation_form"] == "parent"


def test_a_multi_valued_column_is_not_recoded() -> None:
    table = by_form(a=300, b=4, c=6)
    table.multi = frozenset({"form"})
    assert recode(table, THRESHOLD) == []


def test_the_people_of_merged_codes_are_counted_with_their_margins() -> None:
    table = made.table([[30, 4], [20, 6]])
    assert people_recoded(table, 1, {"b1": "_O"}) == 10 + 4 + 6
    (recoded, people), *_ = candidates(by_form(a=300, b=4, c=6), [0], THRESHOLD)
    assert (recoded.axes[0], people) == (("_T", "a", "_O"), 10)


def test_a_dimension_that_cannot_be_recoded_gives_no_candidate() -> None:
    table = made.table([[300, 200], [200, 300]])
    assert list(candidates(table, [0, 1], THRESHOLD)) == []
