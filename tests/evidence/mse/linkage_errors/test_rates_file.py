"""Rates beside a table: those of each list follow from those of each two lists."""

from __future__ import annotations

import hashlib
import json
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.mse import Lists, read_lists
from kerege.evidence.mse.linkage_errors.error_rates import LinkageRate, LinkageRates
from kerege.evidence.mse.linkage_errors.rates_file import (
    FORMAT,
    REGISTER,
    TOKENS,
    PairRates,
    Rechecks,
    combine_pairs,
    rates_of_rechecks,
    rates_path,
    read_rates,
)
from tests.evidence.mse.tables import DATA, table

NONE = LinkageRate(0.0, 0.0, 0.0)
KOSOVO = table("Kosovo")


@given(st.lists(st.floats(0, 0.6), min_size=4, max_size=4))
def test_the_rates_of_the_lists_are_those_that_made_the_rates_of_the_pairs(failing: list[float]) -> None:
    by_name = dict(zip(KOSOVO.names, failing, strict=True))
    pairs = [
        PairRates((a, b), LinkageRate(*[1 - (1 - by_name[a]) * (1 - by_name[b])] * 3), NONE)
        for a, b in combinations(KOSOVO.names, 2)
    ]
    rates = combine_pairs(pairs, KOSOVO)
    assert rates is not None
    assert rates.miss_values == pytest.approx(by_name, abs=1e-6)


def test_false_links_follow_the_example_of_the_how_to_page() -> None:
    # 2% of 240 people on two lists, and 2,492 on one: 9.6 / 2,501.6
    lists = Lists([1, 2, 4, 3, 5, 6], [2000, 400, 92, 100, 100, 40])
    pairs = [PairRates(pair, NONE, LinkageRate(0.02, 0.01, 0.03)) for pair in combinations("ABC", 2)]
    rates = combine_pairs(pairs, lists)
    assert rates is not None
    assert rates.false.value == pytest.approx(0.0038, abs=5e-5)
    assert rates.false.low < rates.false.value < rates.false.high


def test_intervals_of_pairs_make_intervals_of_lists() -> None:
    pairs = [PairRates(pair, LinkageRate(0.1, 0.05, 0.15), NONE) for pair in combinations(KOSOVO.names, 2)]
    rates = combine_pairs(pairs, KOSOVO)
    assert rates is not None
    for rate in rates.miss.values():
        assert 0.0 < rate.low < rate.value < rate.high < 0.15


def test_without_a_pair_there_are_no_rates() -> None:
    pairs = [PairRates(pair, NONE, NONE) for pair in combinations(KOSOVO.names, 2)]
    assert combine_pairs(pairs[1:], KOSOVO) is None


def write(folder: Path, **changes: Any) -> Path:
    path = folder / "lists.csv"
    path.write_bytes((DATA / "Kosovo.csv").read_bytes())
    pair = {"missed_links": 0.1, "missed_between": [0.05, 0.15], "false_links": 0.01, "false_between": [0.0, 0.02]}
    document = {
        "format": FORMAT,
        "table": hashlib.sha256(path.read_bytes()).hexdigest(),
        "pairs": [{"lists": pair_of_lists, **pair} for pair_of_lists in combinations(KOSOVO.names, 2)],
    }
    rates_path(path).write_text(json.dumps(document | changes), encoding="utf-8")
    return path


def read(path: Path) -> LinkageRates | None:
    return read_rates(path, read_lists(path))


def test_rates_are_read_while_the_table_is_the_same(tmp_path: Path) -> None:
    path = write(tmp_path)
    rates = read(path)
    assert rates is not None
    assert rates.source == TOKENS
    assert rates.miss_values == pytest.approx(dict.fromkeys(KOSOVO.names, 1 - np.sqrt(0.9)), abs=1e-6)
    path.write_text(path.read_text().replace("1131", "1132"))
    assert read(path) is None


@pytest.mark.parametrize("changes", [{"format": "another/1"}, {"pairs": []}])
def test_other_files_have_no_rates(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert read(write(tmp_path, **changes)) is None


def test_a_table_without_a_file_of_rates_has_none(tmp_path: Path) -> None:
    path = write(tmp_path)
    rates_path(path).unlink()
    assert read(path) is None


def test_rechecked_links_give_the_false_link_rate_alone(tmp_path: Path) -> None:
    rates = read(write(tmp_path, rechecks={"checked": 150, "false": 3}))
    assert rates is not None
    assert (rates.miss, rates.source) == ({}, REGISTER)
    on_two = sum(KOSOVO.dense[[3, 5, 9, 6, 10, 12]])
    alone = KOSOVO.people - KOSOVO.repeated
    assert rates.false.value == pytest.approx(0.04 * on_two / (alone + 0.04 * on_two))


def test_the_interval_of_the_false_share_holds_it_in_80_of_100() -> None:
    rng = np.random.default_rng(2)
    share, checked, held = 0.05, 200, 0
    true = rates_of_rechecks(Rechecks(1_000_000, 50_000), KOSOVO)
    assert true is not None
    for _ in range(500):
        rates = rates_of_rechecks(Rechecks(checked, int(rng.binomial(checked, share))), KOSOVO)
        assert rates is not None
        held += rates.false.low <= true.false.value <= rates.false.high
    assert 0.74 <= held / 500 <= 0.88


def test_few_rechecks_give_no_rates() -> None:
    assert rates_of_rechecks(Rechecks(19, 1), KOSOVO) is None


@pytest.mark.parametrize("rechecks", [{"checked": 5, "false": 6}, {"checked": "many"}, [1], {"checked": 5}])
def test_damaged_rechecks_are_refused(tmp_path: Path, rechecks: Any) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read(write(tmp_path, rechecks=rechecks))


@pytest.mark.parametrize("content", ["{", "[]", '{"pairs": [{"lists": ["a"]}]}'])
def test_a_damaged_file_is_refused(tmp_path: Path, content: str) -> None:
    path = write(tmp_path)
    rates_path(path).write_text(content)
    with pytest.raises(BadInput, match="cannot be read"):
        read(path)
