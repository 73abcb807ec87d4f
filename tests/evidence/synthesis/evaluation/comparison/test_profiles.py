"""The profiles of subgroups equal those of a plain loop."""

from __future__ import annotations

from collections import Counter

import polars as pl
import pytest

from kerege.evidence.synthesis.evaluation.comparison.holdout import Holdout
from kerege.evidence.synthesis.evaluation.comparison.profiles import LEAST_GROUP, profile
from tests.evidence.synthesis.evaluation.comparison.invented_people import people


def slow(real: pl.DataFrame, other: pl.DataFrame, column: str, value: str) -> float:
    """Return the mean difference of the answers of a subgroup over the other columns, by a plain loop."""

    def group(frame: pl.DataFrame) -> list[dict[str, object]]:
        rows = frame.iter_rows(named=True)
        return [row for row in rows if row[column] == value or (isinstance(row[column], list) and value in row[column])]

    differences = []
    for name in real.columns:
        if name == column:
            continue
        counts = []
        for frame in (real, other):
            answers: Counter[object] = Counter()
            for row in group(frame):
                cell = row[name]
                answers.update(cell if isinstance(cell, list) else [cell])
            counts.append({answer: number / max(1, len(group(frame))) for answer, number in answers.items()})
        answers_of_both = {*counts[0], *counts[1]} - ({None} if name == "means" else set())
        total = sum(abs(counts[0].get(answer, 0) - counts[1].get(answer, 0)) for answer in answers_of_both)
        differences.append(total / 3 if name == "means" else total / 2)
    return sum(differences) / len(differences)


def test_each_difference_is_that_of_a_plain_loop() -> None:
    rows, records, others = people(400, 1), people(300, 2, dependence=0.2), people(200, 3)
    profiles = profile(rows, records, Holdout(rows, others, records))
    assert len(profiles) == 10  # 2021 to 2024, two sexes and forms, three means; 2020 is too small
    for group in profiles:
        assert group.difference == pytest.approx(slow(rows, records, group.column, group.value))
        assert group.others == pytest.approx(slow(rows, others, group.column, group.value))
        assert group.people >= LEAST_GROUP
    assert [group.difference for group in profiles] == sorted((group.difference for group in profiles), reverse=True)


def test_a_file_that_equals_the_rows_has_no_difference() -> None:
    rows = people(300, 1)
    assert {group.difference for group in profile(rows, rows.sample(fraction=1, shuffle=True, seed=1), None)} == {0.0}


def test_small_groups_and_a_single_column_have_no_profile() -> None:
    rows = people(LEAST_GROUP - 1, 1)
    assert profile(rows, rows, None) == []
    assert profile(people(200, 1).select("sex"), people(200, 2).select("sex"), None) == []
