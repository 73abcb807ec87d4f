"""Each few lists give Petersen's number and the model of all pairs; margins by brute force."""

from __future__ import annotations

import math
from itertools import combinations

import numpy as np
import pytest

from kerege.evidence.mse import BadLists, Lists, fit
from kerege.evidence.mse.marginal_lists import estimates_of_tables, marginal_estimates, median_estimates
from tests.evidence.mse.tables import resamples, table


def test_two_lists_give_petersens_number() -> None:
    lists = table("Kosovo")
    for result, (first, second) in zip(marginal_estimates(lists, 2), combinations(range(4), 2), strict=True):
        both = lists.on((1 << first) | (1 << second), mask=True)
        assert result.names == (lists.names[first], lists.names[second])
        assert result.estimate == pytest.approx(lists.on(first) * lists.on(second) / both)
        assert result.people == lists.on(first) + lists.on(second) - both


def test_three_lists_give_the_model_of_all_their_pairs() -> None:
    lists = table("Kosovo")
    for result, group in zip(marginal_estimates(lists, 3), combinations(range(4), 3), strict=True):
        people: dict[int, int] = {}
        for history, count in zip(lists.histories.tolist(), lists.counts.tolist(), strict=True):
            short = sum(((history >> j) & 1) << place for place, j in enumerate(group))
            people[short] = people.get(short, 0) + count
        people.pop(0)
        margin = Lists(list(people), list(people.values()))
        assert result.people == margin.people
        assert result.estimate == pytest.approx(fit(margin, (0b011, 0b101, 0b110)).estimate)


def test_all_lists_at_once_give_the_model_without_the_highest_interaction() -> None:
    lists = table("Kosovo")
    (result,) = marginal_estimates(lists, 4)
    assert result.estimate == pytest.approx(fit(lists, (0b0111, 0b1011, 0b1101, 0b1110)).estimate)


def test_an_empty_overlap_has_no_finite_estimate() -> None:
    by_pair = {
        result.names: result.estimate for result in marginal_estimates(Lists([1, 2, 4, 3, 5], [9, 8, 7, 3, 2]), 2)
    }
    assert by_pair["B", "C"] == math.inf
    assert by_pair["A", "B"] == pytest.approx(14 * 11 / 3)
    (triple,) = marginal_estimates(Lists([1, 2, 4, 3, 5, 6], [9, 8, 7, 3, 2, 1]), 3)
    assert math.isnan(triple.estimate)  # nobody is on all three


def test_many_tables_are_the_tables_one_by_one() -> None:
    lists = table("NewOrl_5")
    tables = lists.resampled(resamples(lists, 40))
    for size in (2, 3):
        together = estimates_of_tables(tables, size)
        one_by_one = [estimates_of_tables(one[None], size)[0] for one in tables]
        np.testing.assert_allclose(together, one_by_one)
        medians = median_estimates(tables, size)
        for median, row in zip(medians, one_by_one, strict=True):
            known = row[~np.isnan(row)]
            assert (np.isnan(median) and not len(known)) or median == pytest.approx(np.median(known))


@pytest.mark.parametrize("size", [1, 5])
def test_a_number_of_lists_out_of_range_is_refused(size: int) -> None:
    with pytest.raises(BadLists, match="the number of lists at a time"):
        marginal_estimates(table("Kosovo"), size)
