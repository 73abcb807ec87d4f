"""Training from labels: probabilities that are too sure are corrected, order and format stay."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.linkage import Model, link
from kerege.linkage.matching.batch_scorer import probability
from kerege.linkage.matching.calibrate import (
    Calibration,
    apply_calibration,
    find_labels,
    fit_calibration,
)
from kerege.linkage.matching.model_file import prior_weight
from tests.linkage.data.invented import records


def test_probabilities_that_are_too_sure_are_true_after_the_fit() -> None:
    rng = np.random.default_rng(2)
    weights = rng.uniform(-4, 12, 3000)
    truth = rng.random(3000) < probability(0.6 * weights - 1.5)
    fitted = fit_calibration(weights, truth)
    assert fitted.scale == pytest.approx(0.6, abs=0.05)
    assert fitted.shift == pytest.approx(-1.5, abs=0.25)


def test_labels_drawn_by_bands_give_the_same_fit_as_all_pairs() -> None:
    rng = np.random.default_rng(4)
    weights = np.concatenate([rng.uniform(-4, 2, 2000), rng.uniform(2, 12, 2000)])
    truth = rng.random(4000) < probability(0.7 * weights - 1)
    drawn = np.concatenate([np.arange(0, 2000, 2), np.arange(2000, 4000, 8)])
    whole, part = fit_calibration(weights, truth), fit_calibration(weights[drawn], truth[drawn])
    assert part.scale == pytest.approx(whole.scale, abs=0.08)
    assert part.shift == pytest.approx(whole.shift, abs=0.4)


def test_few_labels_change_little_and_too_few_are_refused() -> None:
    weights, truth = np.array([6.0] * 5 + [-6.0] * 5), np.array([True] * 5 + [False] * 5)
    fitted = fit_calibration(weights, truth)
    assert abs(fitted.shift) < 1
    assert fitted.scale > 0.9
    with pytest.raises(BadInput, match="4 labels are matches and 5 are not"):
        fit_calibration(weights[1:], truth[1:])


def test_the_weights_of_a_calibrated_model_are_shift_and_scale_times_those_before() -> None:
    model = Model.bundled()
    fitted = apply_calibration(model, Calibration(1.25, 0.7))
    assert prior_weight(fitted.prior) == pytest.approx(1.25 + 0.7 * prior_weight(model.prior))
    for before, after in zip(model.comparisons, fitted.comparisons, strict=True):
        for one, two in zip(before.levels, after.levels, strict=True):
            np.testing.assert_allclose(np.array(after.bits(two)), 0.7 * np.array(before.bits(one)), atol=1e-12)


def test_a_calibrated_model_is_written_and_read_back(tmp_path: Path) -> None:
    fitted = apply_calibration(Model.bundled(), Calibration(1.25, 0.7))
    (tmp_path / "model.json").write_text(json.dumps(fitted.as_dict()), "utf-8")
    read = Model.load(tmp_path / "model.json")
    assert read.comparisons == fitted.comparisons


def test_labels_move_the_probabilities_of_links_and_not_their_order(tmp_path: Path) -> None:
    path = tmp_path / "people.csv"
    records(300, 3).write_csv(path)
    plain = link([path], min_probability=0.05)
    half = len(plain.pairs) // 2
    labels = plain.pairs.select("left", "right").with_columns(is_match=pl.int_range(pl.len()) < half)
    fitted = link([path], min_probability=0.0001, labels=labels)
    order = fitted.pairs.join(plain.pairs, on=["left", "right"], maintain_order="left")
    assert len(order) == len(plain.pairs)
    assert order["probability_right"].to_list() == sorted(plain.pairs["probability"], reverse=True)
    assert order["probability"].mean() == pytest.approx(half / len(plain.pairs), abs=0.05)
    assert plain.pairs["probability"].mean() != pytest.approx(half / len(plain.pairs), abs=0.05)


def test_a_label_about_an_unknown_record_is_refused_without_its_id() -> None:
    labels = pl.DataFrame({"left": ["1", "Secret"], "right": ["2", "2"], "is_match": [True, False]})
    with pytest.raises(BadInput, match="1 of 2 labelled pairs") as refused:
        find_labels(labels, ["1", "2"])
    assert "Secret" not in str(refused.value)
