"""The public attacks take data frames, and give the results of the attacks on codes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.synthesis.evaluation.attacks import attack
from kerege.evidence.synthesis.evaluation.attacks.on_frames import (
    attribute_inference,
    membership_inference,
    singling_out,
)

Attack = Callable[..., Any]
ATTACKS: list[Attack] = [singling_out, attribute_inference, membership_inference]


def rows(count: int, seed: int) -> pl.DataFrame:
    chance = np.random.default_rng(seed)
    return pl.DataFrame({name: chance.integers(0, 6, count).astype(str) for name in "abcdef"})


@pytest.mark.parametrize("run", ATTACKS)
def test_a_seed_repeats_its_result(run: Attack) -> None:
    frames = rows(150, 1), rows(150, 2), rows(150, 3)
    assert run(*frames, 4) == run(*frames, 4)


@pytest.mark.parametrize("run", ATTACKS)
def test_columns_are_matched_by_name(run: Attack) -> None:
    original, synthetic, control = rows(150, 1), rows(150, 2), rows(150, 3)
    turned = synthetic.select("f", "a", "e", "b", "c", "d")
    assert run(original, turned, control) == run(original, synthetic, control)


@pytest.mark.parametrize("run", ATTACKS)
def test_too_few_rows_are_refused(run: Attack) -> None:
    with pytest.raises(BadInput, match="too few rows"):
        run(rows(50, 1), rows(50, 2).head(0), rows(50, 3))


def test_a_description_has_at_most_the_columns_of_the_frame() -> None:
    frames = rows(150, 1), rows(150, 1), rows(150, 3)
    assert singling_out(*frames, columns=99) == singling_out(*frames, columns=6)


def test_all_attacks_together_cover_one_four_and_all_columns() -> None:
    privacy = attack(rows(90, 1), rows(90, 1), rows(90, 2), 1)
    assert list(privacy.singling_out) == [1, 4, 6]
    assert (privacy.rows, privacy.controls, privacy.refitted) == (90, 90, False)
    tree = privacy.as_dict()
    assert [entry["columns"] for entry in tree["singling_out"]] == [1, 4, 6]
    narrow = attack(*(rows(90, seed).select("a", "b") for seed in (1, 1, 2)), 1)
    assert list(narrow.singling_out) == [1, 2]
