"""Intervals of ranks, beside their exact distribution over all weights and missing values."""

from __future__ import annotations

from collections import Counter
from itertools import product
from random import Random
from statistics import median

import pytest

from kerege.coordination.risk.rank_intervals import FactorValues, RegionRank, quadrants, rank_regions

REGIONS = ["a", "b", "c", "d"]
GRID = 60  # steps of a weight


def factor(code: str, group: str, values: dict[str, float], sign: int = 1) -> FactorValues:
    return FactorValues(code, group, sign, {region: (number, number) for region, number in values.items()})


TWO = [
    factor("crimes", "threat", {"a": 9, "b": 4, "c": 2, "d": 1}),
    factor("work", "vulnerability", {"a": 1, "b": 6, "c": 2, "d": 4}),
]
THREE = [*TWO, factor("centres", "response", {"a": 3, "b": 1, "c": 2, "d": 9}, sign=-1)]


def z_scores(values: list[float], sign: int) -> list[float]:
    """Return robust z scores in plain Python."""
    middle = median(values)
    spread = 1.4826 * median(abs(value - middle) for value in values)
    spread = spread or 1.2533 * sum(abs(value - middle) for value in values) / len(values)
    return [sign * max(-3.0, min(3.0, (value - middle) / spread)) if spread else 0.0 for value in values]


def weight_grid(groups: int) -> list[tuple[float, ...]]:
    """Return an even grid over all weights that add up to 1."""
    steps = (steps for steps in product(range(GRID + 1), repeat=groups - 1) if sum(steps) <= GRID)
    return [(*(step / GRID for step in own), 1 - sum(own) / GRID) for own in steps]


def exact(factors: list[FactorValues]) -> dict[str, Counter[int]]:
    """Return how often each region has each rank, over all weights and all donors of missing values."""
    counts: dict[str, Counter[int]] = {region: Counter() for region in REGIONS}
    gaps = [(at, region) for at, one in enumerate(factors) for region in REGIONS if region not in one.values]
    for donors in product(*([r for r in REGIONS if r in factors[at].values] for at, _region in gaps)):
        filled = [{region: limits[0] for region, limits in one.values.items()} for one in factors]
        for (at, region), donor in zip(gaps, donors, strict=True):
            filled[at][region] = factors[at].values[donor][0]
        columns = [
            z_scores([own[region] for region in REGIONS], one.sign) for own, one in zip(filled, factors, strict=True)
        ]
        for weights in weight_grid(len(factors)):
            scores = [sum(w * column[place] for w, column in zip(weights, columns, strict=True)) for place in range(4)]
            order = sorted(range(4), key=lambda place: -scores[place])
            for rank, place in enumerate(order, start=1):
                counts[REGIONS[place]][rank] += 1
    return counts


def percentile(counts: Counter[int], share: float) -> int:
    total, seen = sum(counts.values()), 0
    for rank in sorted(counts):
        seen += counts[rank]
        if seen >= share * total:
            return rank
    raise AssertionError


@pytest.mark.parametrize(
    "factors",
    [TWO, THREE, [TWO[0], factor("work", "vulnerability", {"a": 1, "b": 6, "c": 2})]],
    ids=["two groups", "three groups", "a missing value"],
)
def test_the_intervals_are_those_of_the_exact_distribution_of_ranks(factors: list[FactorValues]) -> None:
    expected = {
        region: (percentile(counts, 0.05), percentile(counts, 0.95), percentile(counts, 0.5))
        for region, counts in exact(factors).items()
    }
    ranks = rank_regions(REGIONS, factors, draws=20_000)
    assert {row.region: (row.first, row.last, int(row.median)) for row in ranks} == expected


def test_a_missing_value_and_a_withheld_count_widen_the_interval() -> None:
    def width(factors: list[FactorValues]) -> int:
        [row] = [row for row in rank_regions(REGIONS, factors) if row.region == "d"]
        return row.last - row.first

    known = [TWO[0], factor("x", "exposure", {"a": 8, "b": 5, "c": 3, "d": 1})]
    missing = [known[0], factor("x", "exposure", {"a": 8, "b": 5, "c": 3})]
    withheld = [known[0], FactorValues("x", "exposure", 1, {**known[1].values, "d": (0.0, 9.0)})]
    assert width(known) == 0
    assert width(missing) > 0
    assert width(withheld) > 0


def test_a_reversed_direction_moves_the_ranks_and_the_same_seed_gives_the_same_ranks() -> None:
    reversed_sign = [FactorValues(one.code, one.group, -one.sign, one.values) for one in TWO]
    highest, _second, _third, lowest = (row.region for row in rank_regions(REGIONS, TWO))
    assert [row.region for row in rank_regions(REGIONS, reversed_sign)][::3] == [lowest, highest]
    assert rank_regions(REGIONS, THREE) == rank_regions(REGIONS, THREE)


def test_a_region_with_fewer_than_half_of_the_factors_is_not_ranked() -> None:
    factors = [*THREE[:2], factor("centres", "response", {"a": 3, "b": 1, "c": 2})]
    thin = [
        FactorValues(one.code, one.group, one.sign, {r: v for r, v in one.values.items() if r != "d"})
        for one in factors[:2]
    ]
    assert {row.region for row in rank_regions(REGIONS, [*thin, factors[2]])} == {"a", "b", "c"}
    assert rank_regions(REGIONS, []) == []


def test_only_a_region_whose_whole_interval_is_on_one_side_is_put_in_a_quadrant() -> None:
    ranks = [RegionRank("a", 1, 2, 1), RegionRank("b", 1, 3, 2), RegionRank("c", 3, 4, 3), RegionRank("d", 3, 4, 4)]
    detected = {"a": (0.0, 0.0), "b": (1.0, 1.0), "c": (5.0, 9.0), "d": (0.0, 9.0)}
    rows = {name: [row.region for row in own] for name, own in quadrants(ranks, detected).items()}
    assert rows == {"high_low": ["a"], "unclear": ["b", "d"], "low_high": ["c"]}


def test_regions_with_equal_scores_share_their_ranks() -> None:
    equal = [factor("x", "threat", {"a": 5, "b": 5, "c": 1, "d": 1}), factor("y", "exposure", dict.fromkeys("abcd", 2))]
    assert {row.region: (row.first, row.last, row.median) for row in rank_regions(REGIONS, equal)} == {
        "a": (1, 2, 1.5),
        "b": (1, 2, 1.5),
        "c": (3, 4, 3.5),
        "d": (3, 4, 3.5),
    }


@pytest.mark.parametrize("seed", range(6))
def test_a_side_of_detection_is_told_exactly_when_it_holds_for_all_withheld_counts(seed: int) -> None:
    random = Random(seed)
    ranks = [RegionRank(region, 1, 1, 1) for region in "abcde"]
    limits = {
        region: (float(low), float(low + random.randint(0, 4))) for region in "abcde" for low in [random.randint(0, 6)]
    }
    sides = {row.region: name for name, rows in quadrants(ranks, limits).items() for row in rows}
    worlds = list(product(*(range(int(low), int(high) + 1) for low, high in limits.values())))
    for place, region in enumerate(limits):
        above = all(world[place] > median(world) for world in worlds)
        below = all(world[place] < median(world) for world in worlds)
        assert sides[region] == ("high_high" if above else "high_low" if below else "unclear"), limits
