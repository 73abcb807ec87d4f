"""Dependence of names: measured as by enumeration, none where there is none, kept by a store."""

from __future__ import annotations

import json
from collections import Counter
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.linkage import Model
from kerege.linkage.matching import link_store
from kerege.linkage.matching.dependence import (
    APART,
    FAITH,
    NAME,
    TREND,
    add_dependence,
    measure_dependence,
    measure_swaps,
)

KEYS = ("given_key", "family_key")


def make_people(size: int, seed: int, languages: int) -> pl.DataFrame:
    """Return records of different persons, whose names depend on each other through the language only."""
    rng = np.random.default_rng(seed)
    language = rng.integers(0, languages, size)
    names = 60 // languages
    return pl.DataFrame(
        {
            "given_key": [f"g{language[row]}-{rng.integers(names)}" for row in range(size)],
            "family_key": [f"f{language[row]}-{rng.integers(names)}" for row in range(size)],
            "birth_year": rng.integers(1960, 2000, size),
        }
    )


def find_steepest(agreed: Counter[int], pairs: Counter[int]) -> float:
    """Return the slope with the highest density, by trying every slope: Poisson counts and a normal prior."""
    slopes = np.arange(-1, 1, 1e-4)
    rates = np.array([pairs[apart] * np.exp(slopes * apart) for apart in APART])
    shares = rates / rates.sum(0)
    counts = np.array([agreed[apart] for apart in APART])
    return float(slopes[np.argmax(counts @ np.log(shares) - slopes**2 / (2 * TREND**2))])


def test_the_bits_are_those_of_an_enumeration_of_all_pairs() -> None:
    frame = make_people(400, 1, 3)
    near, both, apart = Counter[int](), Counter[int](), 0
    equal = dict.fromkeys(KEYS, 0)
    for one, other in combinations(frame.iter_rows(named=True), 2):
        distance = abs(one["birth_year"] - other["birth_year"])
        near[distance] += distance in APART
        both[distance] += distance in APART and all(one[key] == other[key] for key in KEYS)
        apart += distance >= 3
        for key in KEYS:
            equal[key] += distance >= 3 and one[key] == other[key]
    expected = near.total() * equal[KEYS[0]] / apart * equal[KEYS[1]] / apart
    slope = find_steepest(both, near)
    mean = sum(near[distance] * np.exp(slope * (distance - 1)) for distance in APART) / near.total()
    bits = np.log2((both.total() / mean + FAITH) / (expected + FAITH))
    assert bits > 0.5
    assert measure_dependence(frame, KEYS) == pytest.approx(bits, abs=0.001)


def test_names_in_fashion_agree_as_often_in_one_year_as_the_trend_says() -> None:
    """Every record is of another person, so the pairs of one year can be counted."""
    rng = np.random.default_rng(8)
    year = rng.integers(1960, 2000, 20_000)
    names = {key: (year // 3 + rng.geometric(0.15, len(year))).astype(str) for key in KEYS}
    frame = pl.DataFrame({**names, "birth_year": year})
    rates = {key: float((frame[key].value_counts()["count"] / len(year)).pow(2).sum()) for key in KEYS}
    in_year = frame.group_by("birth_year", *KEYS).len()["len"].cast(pl.Float64)
    all_in_year = frame.group_by("birth_year").len()["len"].cast(pl.Float64)
    share = (in_year * (in_year - 1)).sum() / (all_in_year * (all_in_year - 1)).sum()
    assert measure_dependence(frame, KEYS) == pytest.approx(np.log2(share / np.prod(list(rates.values()))), abs=0.4)


def test_independent_names_give_no_bits_and_two_languages_one() -> None:
    assert measure_dependence(make_people(20_000, 2, 1), KEYS) == pytest.approx(0.0, abs=0.05)
    assert measure_dependence(make_people(20_000, 3, 2), KEYS) == pytest.approx(1.0, abs=0.1)


def test_a_few_records_prove_no_dependence() -> None:
    assert measure_dependence(make_people(30, 4, 10), KEYS) < 0.5
    assert measure_dependence(make_people(1, 4, 1), KEYS) == 0.0


def test_swapped_names_of_two_persons_are_counted() -> None:
    people = make_people(2000, 5, 1)
    names = people.with_columns(pl.col(key).str.replace(r"[gf]", "") for key in KEYS)
    assert measure_swaps(names) > 3
    assert measure_swaps(people) < 0.2


def test_bits_are_taken_back_only_from_pairs_that_agree() -> None:
    model = add_dependence(Model.bundled(), make_people(5000, 6, 3))
    (together,) = [comparison for comparison in model.comparisons if comparison.name == NAME]
    assert [level.weight <= 0 for level in together.levels] == [True] * len(together.levels)
    assert together.levels[-1].weight == 0
    assert add_dependence(model, make_people(5000, 6, 3)) is model
    assert add_dependence(Model.bundled(), pl.DataFrame({"given_key": ["dn"]})) is Model.bundled()


def test_a_store_keeps_what_the_first_file_has_taught(tmp_path: Path) -> None:
    frame = make_people(200, 7, 2).with_columns(given=pl.col("given_key"), family=pl.col("family_key"))
    store = link_store.begin_store(Model.bundled())
    added = link_store.add_records(store, [str(row) for row in range(200)], frame)
    link_store.write_store(tmp_path / "store", added.store)
    kept = link_store.read_store(tmp_path / "store").model
    assert [comparison.name for comparison in kept.comparisons][-1] == NAME
    assert kept.comparisons == added.store.model.comparisons
    (tmp_path / "model.json").write_text(json.dumps(kept.as_dict()), "utf-8")
    assert Model.load(tmp_path / "model.json").comparisons == kept.comparisons
    assert link_store.add_records(link_store.read_store(tmp_path / "store"), ["x"], frame[:1]).linked is not None
