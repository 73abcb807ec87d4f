"""Snapshots, empty tables and measurements of OpenDP for the tests of differential privacy."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
from hypothesis import strategies as st
from numpy.typing import NDArray

from kerege.evidence.counting.frequency_table import Table
from kerege.evidence.data.snapshot import Snapshot, write
from kerege.evidence.data.snapshot import read as read_snapshot
from kerege.evidence.dp import consistency
from kerege.evidence.dp.tables import noised_table
from kerege.evidence.release.dp_tables import read_arguments
from kerege.evidence.release.spec import TableSpec

Floats = NDArray[np.float64]


def opendp() -> Any:
    dp = pytest.importorskip("opendp.prelude")
    dp.enable_features("contrib")
    return dp


def gaussian(sigma: float) -> Any:
    dp = opendp()
    return dp.m.make_gaussian(dp.vector_domain(dp.atom_domain(T="i64")), dp.l2_distance(T="f64"), scale=sigma)


def empty(shape: tuple[int, ...], multi: Sequence[int] = ()) -> Table:
    by = tuple("abcde"[: len(shape)])
    axes = tuple(("_T", *[f"v{i}" for i in range(size)]) for size in shape)
    counts = np.zeros([size + 1 for size in shape], dtype=np.int64)
    return Table("t", "records", by, {}, axes, counts, counts.astype(np.uint8), frozenset(by[d] for d in multi))


ROW = st.tuples(
    st.sampled_from(["x", "y", "z", ""]),
    st.sampled_from(["p", "q", ""]),
    st.lists(st.sampled_from(["u", "v", "w", "s"]), max_size=4, unique=True),
    st.lists(st.sampled_from(["k", "l", "n"]), max_size=3, unique=True),
)


Row = tuple[str, str, list[str], list[str]]


def frame(rows: Sequence[Row]) -> Snapshot:
    data = {
        name: pl.Series([row[i] or None for row in rows], dtype=pl.String if i < 2 else pl.List(pl.String))
        for i, name in enumerate("abmn")
    }
    return Snapshot(pl.DataFrame(data), "records", "", True, "0" * 64, frozenset("mn"))


def dp_spec(
    by: Sequence[str], where: dict[str, list[str]] | None = None, of: str = "records", **params: object
) -> TableSpec:
    params = params if {"rho", "epsilon"} & set(params) else {"rho": 0.1, **params}
    return TableSpec(name="t", of=of, by=list(by), where=where or {}, method="dp", params=params).within(10)


def drawn_table(snapshot: Snapshot, spec: TableSpec, seed: int | None = None) -> Table:
    return noised_table(snapshot, spec.by, seed=seed, where=spec.where, name=spec.name, **read_arguments(spec))


def victims(folder: Path, rows: list[dict[str, object]]) -> Snapshot:
    path = folder / "v.parquet"
    write(path, "victims", rows, as_of="2025-12-31", invented=True, key=b"k" * 32)
    return read_snapshot(path)


def explicit(sizes: tuple[int, ...]) -> dict[consistency.Level, Floats]:
    """Return the matrix that sums inner cells to the cells of each level."""
    matrices = {}
    for level in consistency.list_levels(len(sizes)):
        matrix = np.ones((1, 1))
        for d, size in enumerate(sizes):
            matrix = np.kron(matrix, np.eye(size) if d in level else np.ones((1, size)))
        matrices[level] = matrix
    return matrices


def people(size: int) -> Snapshot:
    rng = np.random.default_rng(2)
    return frame(
        [
            (
                str(rng.choice(["x", "y", "z"], p=[0.7, 0.28, 0.02])),
                str(rng.choice(["p", "q"], p=[0.9, 0.1])),
                [str(v) for v in np.array(["u", "v", "w", "s"])[rng.random(4) < [0.5, 0.2, 0.05, 0.01]]],
                [str(v) for v in np.array(["k", "l", "n"])[rng.random(3) < 0.2]],
            )
            for _ in range(size)
        ]
    )
