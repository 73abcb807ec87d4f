"""Data frames of results, with and without Polars."""

from __future__ import annotations

import sys

import pytest

from kerege.base import extras
from kerege.base.extras import MissingExtra
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.mse.panels.population_answer import PopulationAnswer
from tests.evidence.mse.panels.given_results import method, panel_of


def test_a_panel_has_one_row_for_each_method() -> None:
    pytest.importorskip("polars")
    failed = Method("lcmcr", None, no_estimate="its chains do not agree")
    frame = panel_of(method("stepwise"), failed).to_frame()
    assert frame.columns == [
        *("method", "model", "estimate", "lower80", "upper80", "lower95", "upper95", "no_estimate"),
    ]
    assert frame.rows() == [
        ("stepwise", "police:shelter", 9000.0, 8000.0, 10_000.0, 7000.0, 12_000.0, None),
        ("lcmcr", None, None, None, None, None, None, failed.no_estimate),
    ]


def test_an_answer_is_one_row() -> None:
    pytest.importorskip("polars")
    frame = PopulationAnswer(panel_of()).to_frame()
    assert frame.to_dicts() == [
        {"kind": "range", "detected": 2770, "floor": 7000, "top": 28_000, "least_chance": 0.1, "reason": None}
    ]


def test_without_polars_one_line_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "polars", None)
    extras._is_complete.cache_clear()
    try:
        with pytest.raises(MissingExtra, match=r'^Panel.to_frame needs the extra "snapshots": pip install'):
            panel_of().to_frame()
    finally:
        extras._is_complete.cache_clear()
