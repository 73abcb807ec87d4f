"""Steps of the pipeline: the loss of a request, its noise, decoded records and the written files."""

from __future__ import annotations

from math import comb, sqrt
from typing import Any

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.zcdp import epsilon_to_rho, rho_to_epsilon
from kerege.evidence.synthesis import pipeline
from kerege.evidence.synthesis.certificate import add_fit_facts
from kerege.evidence.synthesis.generation.records import CodedRecords
from kerege.evidence.synthesis.measurement.public_schema import DISCOVERED, Column
from kerege.evidence.synthesis.presets import PRESETS
from kerege.evidence.synthesis.request import Request

OPEN = Column("o", (), False, DISCOVERED)
LISTED = Column("a", ("x", "y"))


def snapshot(unit: str = "records", rows: int = 2) -> Snapshot:
    return Snapshot(pl.DataFrame({"a": ["x", "y"] * rows}), unit, "2025-12-31", True, "f" * 64, path="rows.csv")


# -- the loss ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("epsilon", "delta"), [(4.0, None), (0.5, 1e-5), (12.0, 1e-12)])
def test_the_loss_of_a_request_is_the_largest_within_epsilon_and_delta(epsilon: float, delta: float | None) -> None:
    rho = pipeline.compute_loss(Request(epsilon=epsilon, delta=delta))
    at = 1e-9 if delta is None else delta
    assert rho_to_epsilon(rho, at) <= epsilon
    assert rho_to_epsilon(rho * 1.001, at) > epsilon


def test_finding_values_takes_half_of_delta_and_leaves_a_smaller_loss() -> None:
    request = Request(epsilon=4.0, delta=1e-6)
    assert pipeline.compute_loss(request, unlisted=True) == epsilon_to_rho(4.0, 5e-7) < pipeline.compute_loss(request)
    assert pipeline.unlisted_delta(request, (LISTED, OPEN)) == 5e-7
    assert pipeline.unlisted_delta(request, (LISTED,)) == 0.0
    assert pipeline.has_unlisted_values((LISTED, OPEN))
    assert not pipeline.has_unlisted_values((LISTED,))


def test_a_request_that_is_not_valid_has_no_loss() -> None:
    with pytest.raises(BadInput, match="epsilon"):
        pipeline.compute_loss(Request(epsilon=0))


# -- the noise ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("width", "reported", "clip"), [(20, 0, 20), (20, 7, 7), (20, 2, 3), (2, 0, 2), (5, 9, 5)])
def test_the_noise_follows_from_the_clip_and_the_share_of_the_loss(width: int, reported: int, clip: int) -> None:
    """sigma_L = sqrt(C(K, L) / (2 rho_L)); rho is divided 15 : 57 : 26 with 2 for the numbers of values."""
    order = min(3, width)
    shares = {0: 0.02, 1: 0.15, 2: 0.57, 3: 0.26}
    used = sum(shares[length] for length in range(order + 1))
    noise = pipeline.spreads(width, Request(), 0.4, reported)
    assert noise == pytest.approx(
        [sqrt(comb(clip, length) / (2 * 0.4 * shares[length] / used)) for length in range(1, order + 1)]
    )


def test_a_part_of_the_loss_has_more_noise_by_its_root() -> None:
    whole, fifth = (pipeline.expected_error(20, 4.0, share=share) for share in (1.0, 0.2))
    for one, other in zip(whole, fifth, strict=True):
        assert other["error"] == pytest.approx(sqrt(5) * one["error"], abs=0.12)


# -- the request -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("unit", "period", "charged"),
    [("records", "", "files"), ("victims", "", "microdata"), ("records", "2025", "2025"), ("victims", "2025", "2025")],
)
def test_external_files_share_a_budget_and_a_period_names_another(unit: str, period: str, charged: str) -> None:
    assert pipeline.period_of(snapshot(unit), Request(period=period)) == charged
    assert pipeline.is_foreign(snapshot(unit)) is (unit == "records")


def test_the_seed_and_the_period_are_no_part_of_a_request() -> None:
    digests = {
        pipeline.request_of(snapshot(), Request(seed=seed, period=period), (LISTED,))
        for seed in (0, 9)
        for period in ("", "2025")
    }
    assert len(digests) == 1


def test_a_register_is_identified_by_its_file_and_an_external_file_by_its_rows() -> None:
    longer = pl.concat([snapshot().frame, pl.DataFrame({"a": ["x"]})])
    for unit, is_same in (("victims", True), ("records", False)):
        one, other = snapshot(unit), Snapshot(longer, unit, "2025-12-31", True, "f" * 64)
        digests = [pipeline.request_of(source, Request(), (LISTED,)) for source in (one, other)]
        assert (digests[0] == digests[1]) is is_same


def test_an_entry_without_a_measurement_costs_nothing() -> None:
    source, request = snapshot("victims"), Request(epsilon=2.0, order=2)
    free = pipeline.ledger_entry(source, request, (LISTED,), "2025")
    charge = pipeline.ledger_entry(source, request, (LISTED,), "2025", {"rho": 0.3, "delta_for_unlisted_values": 1e-10})
    assert (free.kind, free.rho, free.delta) == ("records", 0, 0)
    assert (charge.kind, charge.rho, charge.delta) == ("microdata", 0.3, 1e-10)
    assert charge.params == {"columns": ["a"], "epsilon": 2.0, "preset": "balanced", "order": 2}


# -- the certificate ---------------------------------------------------------------------------------------------------


def facts() -> dict[str, Any]:
    code = "a" * 64
    return {
        "format": "kerege-synthetic/1",
        "version": "1",
        "guarantee": {},
        "columns": [],
        "worth": True,
        "advice": "",
        "hashes": {"code": code},
        "request": {"order": 2},
        "seed": 1,
    }


def test_the_code_that_measured_is_told_from_the_code_that_made_the_records() -> None:
    made = add_fit_facts(facts(), CodedRecords(np.empty(0, np.int32), np.zeros(1), (0.24,)), 7)
    assert made["hashes"]["code_that_measured"] == "a" * 64
    assert made["hashes"]["code"] != "a" * 64
    assert (made["seed"], made["fit"]) == (7, [{"length": 1, "distance": 0.2}])


# -- presets -----------------------------------------------------------------------------------------------------------


def test_a_careful_preset_demands_more_of_a_combination_than_a_detailed_one() -> None:
    names = ("detailed", "balanced", "careful")
    assert set(PRESETS) == set(names)
    charges = [PRESETS[name].charge for name in names]
    assert charges == sorted(charges)
    for length in range(3):
        thresholds = [PRESETS[name].thresholds[length] for name in names]
        assert thresholds == sorted(thresholds)
