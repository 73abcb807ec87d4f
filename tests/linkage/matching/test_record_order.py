"""The order of records follows from their content alone."""

from __future__ import annotations

import polars as pl

from kerege.linkage.matching.record_order import order_by_content


def test_the_order_does_not_depend_on_rows_or_columns() -> None:
    frame = pl.DataFrame(
        {
            "given": ["dana", None, "omar", "dana"],
            "birth_year": [1990, 1991, None, 1990],
            "documents": [["1", "2"], None, ["3"], ["1", "2"]],
        }
    )
    ids = ["a", "b", "c", "d"]
    expected = [ids[row] for row in order_by_content(frame, ids)]
    for rows in ([3, 2, 1, 0], [1, 3, 0, 2]):
        given = [ids[row] for row in rows]
        shuffled = frame[rows].select("documents", "given", "birth_year")
        assert [given[row] for row in order_by_content(shuffled, given)] == expected


def test_values_do_not_run_together() -> None:
    frame = pl.DataFrame({"documents": [["1", "2"], ["12"]], "given": ["a", "a"]})
    orders = {tuple(order_by_content(frame, ["x", "x"], seed)) for seed in range(20)}
    assert len(orders) == 2  # equal texts would keep the order of the rows


def test_another_seed_gives_another_order() -> None:
    frame = pl.DataFrame({"given": [f"name {number}" for number in range(20)]})
    ids = [str(number) for number in range(20)]
    assert order_by_content(frame, ids, 1).tolist() != order_by_content(frame, ids, 2).tolist()
