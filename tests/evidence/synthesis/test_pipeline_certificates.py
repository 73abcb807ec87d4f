"""A certificate holds noisy facts only."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import Request, expected_error, refit, synthesize
from kerege.evidence.synthesis.measurement import public_schema
from kerege.evidence.synthesis.measurement.public_schema import DISCOVERED, Column
from kerege.evidence.synthesis.pipeline import request_of
from tests.evidence.synthesis.invented_requests import AB, content, foreign, made_of, rows

pytestmark = pytest.mark.usefixtures("fit_in_this_process")


def without(tree: Any, names: set[str]) -> Any:
    if isinstance(tree, dict):
        return {name: without(value, names) for name, value in tree.items() if name not in names}
    return [without(item, names) for item in tree] if isinstance(tree, list) else tree


def numbers(tree: Any) -> set[float]:
    if isinstance(tree, dict):
        return set().union(*map(numbers, tree.values()), set())
    if isinstance(tree, list):
        return set().union(*map(numbers, tree), set())
    return {tree} if isinstance(tree, int | float) and not isinstance(tree, bool) else set()


def test_a_certificate_contains_only_noisy_facts(tmp_path: Path) -> None:
    """If noise replaces every count, the rows do not matter.

    Tables with entirely different rows give the same certificate and file.
    """
    others = [rows(600, 1), rows(901, 2), rows(1, 3), rows(0)]
    results = []
    for number, frame in enumerate(others):

        def constant(counts: Any, sigma: float) -> Any:
            return np.full_like(counts, 5_000 if sigma > 100 else 300)

        certificate = synthesize(
            foreign(frame), Request(seed=3), Ledger(tmp_path / "l"), tmp_path / str(number), listed=AB, noise=constant
        )
        results.append((certificate, content(tmp_path / str(number))))
    assert all(result == results[0] for result in results[1:])


def test_one_person_more_under_the_same_noise_shows_in_noisy_facts_only(tmp_path: Path) -> None:
    frame = rows(1_234, 1)
    person = pl.DataFrame({"a": ["z"], "b": ["q"]})
    certificates = [made_of(certificate, tmp_path, AB, seed=4) for certificate in (frame, pl.concat([frame, person]))]
    noisy = {"people", "rows", "standing_out", "csv", "parquet", "counts", "worth", "advice", "accuracy"}
    assert without(certificates[0], noisy) == without(certificates[1], noisy)
    assert abs(certificates[0]["people"] - certificates[1]["people"]) <= 1
    for certificate in certificates:
        text = json.dumps(certificate)
        assert "people.csv" not in text
        assert foreign(frame).sha256[:12] not in text
        truths = {frame.height, frame["b"].null_count(), *frame["a"].value_counts()["count"], frame.height + 1}
        assert not numbers(certificate) & truths


def test_a_relative_error_is_above_one_where_the_noise_is_larger_than_the_count() -> None:
    for entry in expected_error(20, 1.0, None):
        assert entry["relative"]["10"] > 1
        assert entry["relative"]["10"] == pytest.approx(entry["error"] / 10, rel=0.01)
        assert entry["supported"] == pytest.approx(5 * entry["error"], rel=0.01)


def test_values_of_a_cell_are_in_the_order_of_the_list(tmp_path: Path) -> None:
    listed = (Column("m", ("debt", "threats", "arms"), True),)
    frame = pl.DataFrame({"m": [["arms", "debt"], ["threats", "debt"]] * 400})
    made_of(frame, tmp_path, listed, multi=frozenset({"m"}), epsilon=8.0)
    cells = pl.read_parquet(tmp_path / "out" / "records.parquet")["m"].drop_nulls().to_list()
    assert {tuple(cell) for cell in cells if len(cell) == 2} == {("debt", "arms"), ("debt", "threats")}
    assert all(cell == [value for value in listed[0].values if value in cell] for cell in cells)
    counts = Counter(tuple(cell) for cell in cells)
    assert counts[("debt", "arms")] == pytest.approx(400, abs=30)


def test_the_expected_errors_match_records_that_report_everything(tmp_path: Path) -> None:
    frame = pl.DataFrame({name: ["x", "y"] * 500 for name in "abcd"})
    certificate = made_of(frame, tmp_path, tuple(Column(name, ("x", "y")) for name in "abcd"), epsilon=2.0)
    assert certificate["expected"] == expected_error(4, 2.0, None)


def test_the_number_of_records_is_noisy(tmp_path: Path) -> None:
    row_numbers = {made_of(rows(), tmp_path, AB, seed=seed, order=1)["rows"] for seed in range(12)}
    assert len(row_numbers) > 8


def test_finding_values_takes_half_of_delta(tmp_path: Path) -> None:
    certificate = made_of(rows(3_000), tmp_path)
    claim = certificate["guarantee"]
    assert claim["delta_for_unlisted_values"] == claim["delta"] / 2
    assert claim["rho"] <= epsilon_to_rho(4.0, claim["delta"] / 2)
    assert {column["source"] for column in certificate["columns"]} == {DISCOVERED}
    assert public_schema.parse_schema(certificate["schema"])[0].values == ("x", "y", "z")


def test_records_are_regenerated_from_other_rows_for_evaluation(tmp_path: Path) -> None:
    """This includes found values: they are public by now."""
    for listed in (AB, ()):
        certificate = made_of(rows(3_000), tmp_path, listed)
        again = refit(rows(3_000, 9), certificate, 1)
        assert again.columns == ["a", "b"]
        assert abs(again.height - 3_000) < 150
        assert set(again["a"].drop_nulls()) == {"x", "y", "z"}


def test_each_parameter_changes_the_digest_of_a_request(tmp_path: Path) -> None:
    snapshot, request = foreign(rows()), Request()
    key = request_of(snapshot, request, AB)
    for change in ({"epsilon": 3.0}, {"delta": 1e-8}, {"preset": "careful"}, {"order": 2}, {"columns": ("a",)}):
        assert request_of(snapshot, replace(request, **change), AB) != key
    assert request_of(snapshot, replace(request, seed=5, period="2025"), AB) == key
    assert request_of(foreign(rows(seed=2)), request, AB) != key
