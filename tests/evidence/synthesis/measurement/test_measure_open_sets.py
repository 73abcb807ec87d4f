"""Values of multi-valued columns that nobody listed are found under delta."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.synthesis.measurement.measure import measure, plan
from kerege.evidence.synthesis.measurement.public_schema import DISCOVERED, Column
from tests.evidence.certificates import problems
from tests.evidence.synthesis.invented_requests import made_of

OPEN = Column("m", (), True, DISCOVERED)
FORM = Column("form", ("a", "b"))
Noise = Callable[[np.ndarray, float], np.ndarray]


def people(unique: int = 0) -> pl.DataFrame:
    """Return 600 people with common values; one person has `unique` values that nobody else has."""
    sets = [["x", "y"], ["x"], ["y", "z"], None] * 150
    sets[0] = [*(sets[0] or []), *(f"rare{n}" for n in range(unique))]
    return pl.DataFrame({"m": sets, "form": ["a", "b", "b"] * 200}, schema={"m": pl.List(pl.String), "form": pl.String})


def exact(counts: np.ndarray, sigma: float) -> np.ndarray:
    return np.asarray(counts, np.int64)


def test_common_values_are_found_and_pairs_are_counted() -> None:
    """With the noise left out, the counts are those of the rows."""
    frame = people()
    noisy, schema = measure(frame, (OPEN, FORM), plan(50.0, 2, (0.7, 0.0), 1e-9), exact)
    assert schema[0].values == ("x", "y", "z")
    names = [*schema[0].values, *FORM.values]
    pairs = dict(
        zip((tuple(names[v] for v in item) for item in noisy.levels[1].items), noisy.levels[1].people, strict=True)
    )
    rows = frame.to_dicts()
    for first, second in [("x", "y"), ("y", "z"), ("x", "a"), ("z", "b")]:
        true = sum({first, second} <= {*(row["m"] or []), row["form"]} for row in rows)
        assert pairs[first, second] == true


def test_the_values_of_one_person_are_not_found_and_change_no_size() -> None:
    sizes = set()
    for unique in (0, 3, 8):
        noisy, schema = measure(people(unique), (OPEN, FORM), plan(0.2, 2, (0.7, 1.5), 1e-9), repeatable(unique + 1))
        assert not any(value.startswith("rare") for value in schema[0].values)
        sizes.add(len(noisy.lengths))
    assert sizes == {12}


def test_a_column_of_rare_values_alone_is_left_empty() -> None:
    frame = pl.DataFrame({"m": [[f"v{n}"] for n in range(60)], "form": ["a", "b"] * 30})
    _, schema = measure(frame, (OPEN, FORM), plan(0.2, 2, (0.7, 1.5), 1e-9), repeatable(1))
    assert schema[0].values == ()


def test_multi_alone_makes_records_and_a_true_certificate(tmp_path: Path) -> None:
    certificate = made_of(people(), tmp_path, multi=frozenset("m"), epsilon=4.0)
    assert certificate["unlisted"]["values"] == 11
    made = pl.read_parquet(tmp_path / "out" / "records.parquet")
    assert set(made["m"].explode().drop_nulls()) == {"x", "y", "z"}
    assert not [fault for fault in problems(certificate, tmp_path / "out") if "unlisted" in fault]


def test_a_source_that_is_not_in_memory_needs_lists(tmp_path: Path) -> None:
    path = tmp_path / "people.parquet"
    people().write_parquet(path)
    with pytest.raises(BadInput, match="list them in a schema file"):
        measure(path, (OPEN, FORM), plan(1.0, 2, (0.7, 1.5), 1e-9), repeatable(1))
