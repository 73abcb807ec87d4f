"""The cell key method: the noise has the published properties and depends only on the people."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import product
from pathlib import Path
from random import Random

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from kerege.base.errors import BadInput
from kerege.evidence.counting.frequency_table import PERTURBED, Table, tabulate
from kerege.evidence.data.snapshot import RECORD_KEY, Snapshot, read
from kerege.evidence.release.protect_table import make_table
from kerege.evidence.release.spec import TableSpec
from kerege.evidence.sdc.linear.linear_system import rules_of
from kerege.evidence.sdc.perturbation.cell_key import cell_keys, fractions, noise_of
from kerege.evidence.sdc.perturbation.ptable import PTable, _entropy, ptable
from kerege.evidence.sdc.perturbation.record_keys import PURPOSE, add_record_keys, derive_secret, row_keys, secret_of
from tests.evidence import made

SECRET = b"s" * 32
DESIGNS = [(5, 3.0, 3), (2, 1.0, 1), (10, 3.0, 3), (3, 1.0, 2), (8, 3.0, 3), (1, 0.5, 1), (5, 2.0, 3), (12, 4.0, 1)]


# -- the perturbation table ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("design", DESIGNS)
def test_the_noise_has_the_published_properties(design: tuple[int, float, int]) -> None:
    most, variance, smallest = design
    table = ptable(*design)
    for count, (noise, chances) in enumerate(zip(table.noise, table.chances, strict=True)):
        assert chances.sum() == pytest.approx(1, abs=1e-12)
        assert (chances >= 0).all()
        assert noise @ chances == pytest.approx(0, abs=1e-9)  # no bias
        assert np.abs(noise).max() <= most
        possible = (noise + count)[chances > 0]
        assert ((possible == 0) | (possible >= smallest)).all()
        if count:
            assert noise**2 @ chances == pytest.approx(variance, abs=1e-8)
    assert table.noise[0].tolist() == [0]  # zero at zero
    assert table.chances[-1] == pytest.approx(table.chances[-1][::-1], abs=1e-9)
    assert table.last - most >= smallest or smallest == 1


@pytest.mark.parametrize("design", [(5, 3.0, 3), (2, 1.0, 1), (3, 1.0, 2), (4, 2.0, 3)])
def test_no_other_noise_with_these_properties_has_more_entropy(design: tuple[int, float, int]) -> None:
    """A general solver, started at the uniform distribution, finds no larger entropy."""
    table = ptable(*design)
    for noise, chances in list(zip(table.noise, table.chances, strict=True))[1:]:
        down = int((noise <= 0).sum()) if 0 in noise else 0
        rules = [
            {"type": "eq", "fun": lambda p: p.sum() - 1},
            {"type": "eq", "fun": lambda p, v=noise: v @ p},
            {"type": "eq", "fun": lambda p, v=noise: v**2 @ p - design[1]},
            *({"type": "ineq", "fun": lambda p, i=i: p[i + 1] - p[i]} for i in range(down - 1)),
        ]
        alternative = minimize(
            lambda p: float((p * np.log(p)).sum()),
            np.full(len(noise), 1 / len(noise)),
            method="SLSQP",
            bounds=[(1e-12, 1)] * len(noise),
            constraints=rules,
            options={"maxiter": 1000, "ftol": 1e-13},
        )
        own = float((chances[chances > 0] * np.log(chances[chances > 0])).sum())
        assert own <= alternative.fun + 1e-6


def test_the_design_reproduces_a_published_table() -> None:
    """The design for D = 2 equals the rounded matrix of the R package CellKey (Statistics Norway).

    No count is forbidden, and the variance is free. The cumulative probabilities are 0.37 0.73 0.90 1 for a count of 1;
    the distribution is uniform for a count of 2.
    """
    steps = np.arange(-1, 3)
    rows = [_entropy(steps, variance, 1, 2, 1) for variance in np.arange(0.90, 0.98, 0.01)]
    free = max(rows, key=lambda p: -float(p @ np.log(p)))
    assert np.abs(np.cumsum(free) - [0.37, 0.73, 0.90, 1]).max() < 0.0075
    assert _entropy(np.arange(-2, 3), 2.0, 2, 2, 1) == pytest.approx([0.2] * 5, abs=1e-9)


@pytest.mark.parametrize(
    ("design", "words"),
    [
        ((2, 2.5, 1), "V = 2.5 within D = 2 fits a count of 1"),
        ((5, 3.0, 5), "a count of 1 when 1 to 4 may not be shown"),
        ((5, 0.1, 2), "when 1 may not be shown"),
        ((1, 1.0, 1), "V = 1 within D = 1"),
    ],
)
def test_an_impossible_design_gives_one_fault(design: tuple[int, float, int], words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        ptable(*design)
    assert len(caught.value.faults) == 1


@pytest.mark.parametrize("count", [0, 1, 2, 3, 7, 8, 9, 500])
def test_uniform_keys_give_each_noise_its_probability(count: int) -> None:
    table, size = ptable(), 40_000
    keys = (np.arange(size) + 0.5) / size
    perturbed = table.shown(np.full(size, count), keys)
    row = min(count, table.last)
    for noise, chance in zip(table.noise[row], table.chances[row], strict=True):
        assert (perturbed == count + noise).mean() == pytest.approx(chance, abs=2 / size)


# -- cell keys ---------------------------------------------------------------------------------------------------------


Row = tuple[str, str, list[str]]


def frame(rows: Sequence[Row], keys: Sequence[int]) -> Snapshot:
    a, b, m = ([row[i] for row in rows] for i in range(3))
    data = {
        "a": pl.Series([v or None for v in a], dtype=pl.String),
        "b": pl.Series([v or None for v in b], dtype=pl.String),
        "m": pl.Series([v or None for v in m], dtype=pl.List(pl.String)),
        RECORD_KEY: pl.Series(keys, dtype=pl.UInt64),
    }
    return Snapshot(pl.DataFrame(data), "records", "", True, "0" * 64, frozenset({"m"}))


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["x", "y", ""]),
        st.sampled_from(["p", "q", ""]),
        st.lists(st.sampled_from(["u", "v", "w"]), max_size=3, unique=True),
    ),
    min_size=1,
    max_size=30,
)
TABLES = [
    ((), {}),
    (("a",), {}),
    (("a", "m"), {}),
    (("m", "b"), {}),
    (("a",), {"b": ["p"]}),
    (("b",), {"m": ["u", "_U"]}),
]


def members(rows: Sequence[Row], where: dict[str, list[str]]) -> dict[tuple[str, ...], set[int]]:
    """Return the row numbers by the values of the three columns, totals included, by a plain loop."""
    by_key: dict[tuple[str, ...], set[int]] = {}
    for number, (a, b, m) in enumerate(rows):
        values = {"a": [a or "_U"], "b": [b or "_U"], "m": m or ["_U"]}
        if all(set(values[column]) & set(chosen) for column, chosen in where.items()):
            for key in product(*[["_T", *values[column]] for column in ("a", "b", "m")]):
                by_key.setdefault(key, set()).add(number)
    return by_key


def table_spec(by: Sequence[str], where: dict[str, list[str]] | None = None, **params: object) -> TableSpec:
    spec = TableSpec(name="t", of="records", by=list(by), where=where or {}, method="cellkey", params={"D": 5} | params)
    return spec.within(10)


@settings(max_examples=40, deadline=None)
@given(ROWS, st.randoms(use_true_random=False))
def test_the_same_people_have_the_same_noise_in_every_table(rows: list[Row], chance: Random) -> None:
    keys = [chance.getrandbits(64) for _ in rows]
    snapshot = frame(rows, keys)
    noise: dict[frozenset[int], int] = {}
    for by, where in TABLES:
        groups = members(rows, where)
        if not groups:
            continue
        table = make_table(snapshot, table_spec(by, where))
        sums = cell_keys(add_record_keys(snapshot, None), tabulate(snapshot, by)) if not where else None
        for flat, cell in enumerate(table.cells.items()):
            place = dict(zip(by, cell[0], strict=True))
            people = frozenset(groups.get(tuple(place.get(c, "_T") for c in ("a", "b", "m")), set()))
            change = int(noise_of(table).flat[flat])
            assert noise.setdefault(people, change) == change
            if sums is not None:
                assert int(sums.flat[flat]) == sum(keys[i] for i in people) % 2**64
    assert noise.get(frozenset(), 0) == 0  # zero stays zero


def test_the_difference_of_two_tables_holds_the_noise_of_both() -> None:
    """With one person more, the noise is independent of the noise without that person."""
    chance, lookup = np.random.default_rng(7), ptable()
    without = chance.integers(0, 2**64, 20_000, dtype=np.uint64)
    person = chance.integers(0, 2**64, 20_000, dtype=np.uint64)
    counts = np.full(20_000, 40)
    first = lookup.shown(counts, fractions(without)) - 40
    second = lookup.shown(counts + 1, fractions(without + person)) - 41
    assert (second - first).var() == pytest.approx(6, rel=0.05)
    assert abs(np.corrcoef(first, second)[0, 1]) < 0.03


def test_the_key_of_a_union_is_independent_of_the_keys_of_its_parts() -> None:
    """Without mixing, the sum of two small keys would be small."""
    chance = np.random.default_rng(8)
    first, second = (chance.integers(0, 2**64, 400_000, dtype=np.uint64) for _ in range(2))
    small = (fractions(first) < 0.03) & (fractions(second) < 0.03)
    both = fractions((first + second)[small])
    assert small.sum() > 250
    assert both.mean() == pytest.approx(0.5, abs=0.07)
    assert fractions(first).var() == pytest.approx(1 / 12, rel=0.01)


def population(size: int, seed: int = 3) -> Snapshot:
    chance = np.random.default_rng(seed)
    rows = [
        (
            str(chance.choice(["x", "y", ""], p=[0.7, 0.28, 0.02])),
            str(chance.choice([f"b{i}" for i in range(12)])),
            [str(v) for v in np.array(["u", "v", "w"])[chance.random(3) < 0.3]],
        )
        for _ in range(size)
    ]
    return frame(rows, chance.integers(0, 2**64, size, dtype=np.uint64).tolist())


def test_every_cell_is_perturbed_zeros_too_and_within_the_half_width() -> None:
    table = make_table(population(400), table_spec(["a", "b", "m"]))
    assert (table.status == PERTURBED).all()
    assert np.abs(noise_of(table)).max() <= table.params["half_width"] == 5
    assert not ((table.counts > 0) & (table.counts < 3)).any()
    assert (
        (table.counts == 0).sum() > (table.truth == 0).sum() > 0
    )  # a shown zero is more often a small count than a true zero
    assert (table.counts[table.truth == 0] == 0).all()
    assert "each lies within 5" in table.notes[0]


def test_a_repeated_query_gives_the_same_noise() -> None:
    first, second = (make_table(population(300), table_spec(["b"])) for _ in range(2))
    assert (first.counts == second.counts).all()
    assert (make_table(population(300, seed=4), table_spec(["b"])).counts != first.counts).any()


def adds_up(table: Table) -> bool:
    rules = rules_of(table)
    sums = rules.matrix @ table.counts.ravel()
    return bool(((sums >= rules.low) & (sums <= rules.high)).all())


@settings(max_examples=15, deadline=None)
@given(st.integers(1, 400), st.integers(0, 99), st.sampled_from([["a"], ["a", "b"], ["a", "b", "m"], ["m"], []]))
def test_additivity_on_request(size: int, seed: int, by: list[str]) -> None:
    plain = make_table(population(size, seed), table_spec(by))
    table = make_table(population(size, seed), table_spec(by, additive=True))
    assert adds_up(table)
    assert (table.counts >= 0).all()
    assert not ((table.counts > 0) & (table.counts < 3)).any()
    assert (table.counts[table.truth == 0] == 0).all()
    assert np.abs(noise_of(table)).max() <= table.params["half_width"]
    assert adds_up(plain) or np.abs(table.counts - plain.counts).sum() > 0


def test_a_large_table_adds_up_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("kerege.evidence.sdc.linear.projection.MOST_CELLS", 10)
    for by in (["a", "b"], ["a", "m"], ["b", "a", "m"]):
        table = make_table(population(500), table_spec(by, additive=True))
        assert adds_up(table)
        assert np.abs(noise_of(table)).max() <= table.params["half_width"]


# -- rows without keys -------------------------------------------------------------------------------------------------


def csv_of(folder: Path, lines: Sequence[str], multi: Sequence[str] = ("m",)) -> Snapshot:
    path = folder / "rows.csv"
    path.write_text("\n".join(lines) + "\n")
    return read(path, multi=multi)


def test_rows_without_keys_get_them_from_their_content(tmp_path: Path) -> None:
    snapshot = csv_of(tmp_path, ["a,m", "x,u;v", "x,v;u", ",", "y,", "x,", "x,u;v"])
    first = row_keys(snapshot, SECRET)
    assert len(set(first)) == 6  # equal rows have different keys
    reordered = csv_of(tmp_path, ["m,a", "u;v,x", ",x", ",y", "v;u,x", ",", "u;v,x"])
    assert sorted(row_keys(reordered, SECRET)) == sorted(first)
    more = csv_of(tmp_path, ["a,m", "x,u;v", "x,v;u", ",", "y,", "x,", "x,u;v", "z,u"])
    assert set(first) < set(row_keys(more, SECRET))
    assert set(first).isdisjoint(row_keys(snapshot, b"t" * 32))


@pytest.mark.parametrize("pair", [(["a,b", "x,"], ["a,b", ",x"]), (["a,b", "1:x,y"], ["a,b", "x,1:y"])])
def test_rows_that_differ_have_other_keys(tmp_path: Path, pair: tuple[list[str], list[str]]) -> None:
    first, second = (row_keys(csv_of(tmp_path, lines, multi=()), SECRET) for lines in pair)
    assert set(first).isdisjoint(second)


def test_without_a_secret_rows_without_keys_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no record keys"):
        make_table(made.snapshot(tmp_path, made.article()), table_spec(["sex"]))
    assert make_table(made.snapshot(tmp_path, made.article()), table_spec(["sex"]), secret=SECRET).counts.shape == (4,)


def test_a_broken_record_key_is_refused() -> None:
    snapshot = population(10)
    broken = replace(snapshot, frame=snapshot.frame.with_columns(pl.lit(None, dtype=pl.UInt64).alias(RECORD_KEY)))
    with pytest.raises(BadInput, match="not a 64-bit key"):
        make_table(broken, table_spec(["a"]))


def test_the_secret_is_derived_from_the_newest_key(tmp_path: Path) -> None:
    first = secret_of(tmp_path)
    path = next((tmp_path / "keys").glob("record-*.key"))
    assert path.stat().st_mode & 0o777 == 0o600
    assert secret_of(tmp_path) == first
    assert first.hex() not in path.read_text()
    newer = tmp_path / "keys" / "record-0002-abcdef.key"
    newer.write_text("11" * 32)
    assert secret_of(tmp_path) != first
    newer.unlink()
    path.write_text("nonsense")
    with pytest.raises(BadInput, match="not a record key"):
        secret_of(tmp_path)


def test_a_perturbation_table_is_made_once() -> None:
    assert isinstance(ptable(5, 3.0, 3), PTable)
    assert ptable(5, 3.0, 3) is ptable(5, 3.0, 3)


def test_the_secret_is_derived_by_hkdf_as_another_library_does_it() -> None:
    hkdf = pytest.importorskip("cryptography.hazmat.primitives.kdf.hkdf")
    hashes = pytest.importorskip("cryptography.hazmat.primitives.hashes")
    for key in (b"", b"a" * 32, bytes(range(100))):
        assert derive_secret(key, PURPOSE) == hkdf.HKDF(hashes.SHA256(), 32, salt=None, info=PURPOSE).derive(key)
