"""The synthesiser uses only the noisy file, is reproducible, and keeps the measured counts."""

from __future__ import annotations

import json
import os
import sys
import sysconfig
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from itertools import combinations
from math import comb
from pathlib import Path

import numpy as np
import polars as pl
import pytest

import kerege
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.synthesis.generation import annealing, isolated_fit, synthesiser
from kerege.evidence.synthesis.generation.records import CodedRecords, decode_records
from kerege.evidence.synthesis.generation.synthesiser import fit_records
from kerege.evidence.synthesis.measurement import measure, true_counts
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Noisy, NoisyLevel, weights
from kerege.evidence.synthesis.measurement.public_schema import Column, Schema
from kerege.evidence.synthesis.presets import PRESETS

HOOK = """
import json, os, sys
seen, given = {"opened": [], "other": []}, dict(os.environ)
def watch(event, args):
    if event == "open":
        seen["opened"].append(os.path.abspath(args[0]) if isinstance(args[0], str) else repr(args[0]))
    elif event in {"os.listdir", "os.scandir", "socket.connect", "subprocess.Popen", "os.exec", "os.system", "os.fork"}:
        seen["other"].append([event, str(args[0])])
sys.addaudithook(watch)
"""
TELL = """
import atexit
def tell():
    told = {**{name: list(each) for name, each in seen.items()}, "environment": given, "folder": os.getcwd(),
            "arguments": sys.argv, "files": sorted(os.listdir("."))}
    with open(%r, "w") as file:
        json.dump(told, file)
atexit.register(tell)
"""


CHARGE = 0.6


def table(rows: int, seed: int) -> pl.DataFrame:
    """Return structured rows.

    c follows from a and b, d from a. Some values are not reported. e has many values.
    """
    rng = np.random.default_rng(seed)
    a, b = rng.integers(0, 3, rows), rng.integers(0, 3, rows)
    c, d = (a + b) % 3, np.where(rng.random(rows) < 0.9, a, (a + 1) % 3)
    e = rng.choice(8, rows, p=np.array([40, 20, 15, 10, 6, 4, 3, 2]) / 100)
    silent = rng.random((5, rows)) < np.array([[0.0], [0.0], [0.1], [0.3], [0.6]])
    return pl.DataFrame(
        {
            name: [
                None if mute else f"{name}{value}" for value, mute in zip(values.tolist(), gap.tolist(), strict=True)
            ]
            for name, values, gap in zip("abcde", (a, b, c, d, e), silent, strict=True)
        }
    )


SCHEMA: Schema = tuple(Column(name, tuple(f"{name}{n}" for n in range(8 if name == "e" else 3))) for name in "abcde")


def noisy(frame: pl.DataFrame, columns: Schema, epsilon: float, preset: str = "balanced", seed: int = 1) -> Noisy:
    spending = measure.plan(epsilon_to_rho(epsilon), min(3, len(columns)), PRESETS[preset].thresholds)
    return measure.measure(frame, columns, spending, repeatable(seed))[0]


def counts(frame: pl.DataFrame, length: int) -> Counter[tuple[str, ...]]:
    """Return counts of combinations by a plain loop; the names of values contain their columns."""
    counted: Counter[tuple[str, ...]] = Counter()
    for row in frame.iter_rows():
        values_by_column = [cell if isinstance(cell, list) else [cell] for cell in row if cell is not None]
        values = [(n, value) for n, part in enumerate(values_by_column) for value in part]
        for chosen in combinations(values, length):
            if len({n for n, _ in chosen}) == length:
                counted[tuple(sorted(value for _, value in chosen))] += 1
    return counted


@pytest.fixture(scope="module")
def original() -> pl.DataFrame:
    return table(3_000, 1)


@pytest.fixture(scope="module")
def measured(original: pl.DataFrame) -> Noisy:
    return noisy(original, SCHEMA, 20.0)


@pytest.fixture(scope="module")
def synthetic(measured: Noisy) -> pl.DataFrame:
    return decode_records(fit_records(measured, PRESETS["balanced"].charge, 1), SCHEMA)


OWN = {"faults", "tasks.json", "0.noisy.npz", "0.records.npz", "1.noisy.npz", "1.before.npz", "1.records.npz"}


# -- the process of the fit ------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def watched(
    measured: Noisy, tmp_path_factory: pytest.TempPathFactory
) -> tuple[dict[str, list[str]], list[CodedRecords]]:
    """Return the files, environment and folder that the process saw, and the records of two tasks."""
    report = tmp_path_factory.mktemp("watch") / "told.json"
    data = tmp_path_factory.mktemp("secret-data")
    table(50, 3).write_csv(data / "original.csv")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEREGE_HOME", str(data))
        patch.setenv("KEREGE_SNAPSHOT", str(data / "original.csv"))
        patch.chdir(data)
        patch.setattr(isolated_fit, "START", HOOK + TELL % str(report) + isolated_fit.START)
        before = CodedRecords(np.empty(0, np.int32), np.zeros(6, np.int64))
        records = isolated_fit.fit_together(
            [isolated_fit.FitTask(measured, CHARGE, 7), isolated_fit.FitTask(measured, CHARGE, 8, before)]
        )
    return json.loads(report.read_text()), records


def test_the_fit_opens_the_noisy_file_its_own_output_and_programs_only(
    watched: tuple[dict[str, list[str]], list[CodedRecords]],
) -> None:
    report, _ = watched
    folder = Path(str(report["folder"]))
    own = {str(folder / name) for name in OWN - {"faults", "tasks.json"}}
    assert own <= set(report["opened"])
    programs = [
        sys.prefix,
        sys.base_prefix,
        sysconfig.get_path("stdlib"),
        str(Path(kerege.__file__).parent),
        "/usr/lib",
    ]
    programs += ["/proc", "/sys", "/dev", "/etc", "/lib", "/usr/share", "/usr/local/lib"]
    programs += [path for path in os.environ.get("PYTHONPATH", "").split(os.pathsep) if path]
    known = {*own, "tasks.json", str(folder / "tasks.json")}
    strange = [
        path
        for path in report["opened"]
        if path not in known
        and not path.isdigit()
        and not any(Path(path).is_relative_to(folder_of_programs) for folder_of_programs in programs)
    ]
    assert not strange
    assert not [path for path in report["opened"] if "secret-data" in path or path.endswith((".csv", ".parquet"))]
    assert not [event for event in report["other"] if event[0] in {"socket.connect", "subprocess.Popen", "os.system"}]


def test_the_fit_receives_no_other_path(watched: tuple[dict[str, list[str]], list[CodedRecords]]) -> None:
    report, _ = watched
    assert "secret-data" not in json.dumps(
        [report["environment"], report["arguments"], report["folder"], report["files"]]
    )
    assert not [name for name in report["environment"] if "KEREGE" in str(name)]
    assert set(report["environment"]) <= {*isolated_fit.INHERITED_VARIABLES, "LC_CTYPE"}
    assert set(report["files"]) <= OWN


def test_the_process_returns_what_the_function_returns(
    watched: tuple[dict[str, list[str]], list[CodedRecords]], measured: Noisy
) -> None:
    """This also holds for two parallel fits."""
    start = CodedRecords(np.empty(0, np.int32), np.zeros(6, np.int64))
    for records, seed, before in zip(watched[1], (7, 8), (None, start), strict=True):
        here = fit_records(measured, CHARGE, seed, before=before)
        assert np.array_equal(records.values, here.values)
        assert np.array_equal(records.start, here.start)


# -- the same from the same ------------------------------------------------------------------------------------------


def test_the_same_records_on_any_number_of_cores(measured: Noisy, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(synthesiser, "SHARD", 700)
    results = []
    for threads in (1, 4):
        monkeypatch.setattr(synthesiser, "ThreadPoolExecutor", lambda threads=threads: ThreadPoolExecutor(threads))
        results.append(fit_records(measured, CHARGE, 5))
    assert np.array_equal(results[0].values, results[1].values)
    assert np.array_equal(results[0].start, results[1].start)
    other = fit_records(measured, CHARGE, 6)
    assert not np.array_equal(results[0].values, other.values)


def test_there_are_as_many_records_as_the_noisy_number(
    measured: Noisy, synthetic: pl.DataFrame, original: pl.DataFrame
) -> None:
    assert synthetic.height == measured.people == int(measured.lengths.sum())
    assert synthetic.height != original.height
    numbers = [noisy(original, SCHEMA, 4.0, seed=seed).people for seed in range(30)]
    assert len(set(numbers)) > 20
    assert abs(np.mean(numbers) - original.height) < 40  # and no bias


@pytest.mark.parametrize("lengths", [[0, 0, 0], [0, -5, 0], [7, 0, 0], [0, 9, 0]])
def test_an_empty_measurement_and_one_without_support_give_empty_records(lengths: list[int]) -> None:
    items = np.arange(2, dtype=np.int32)[:, None]
    level = NoisyLevel(items, np.array([-3, 5]) * UNIT, 100.0 * UNIT, 2.0)
    empty = NoisyLevel(np.empty((0, 2), np.int32), np.empty(0, np.int64), 50.0 * UNIT, 1.0)
    records = fit_records(Noisy(np.array([0, 1], np.int32), 3, np.array(lengths), 4.0, (level, empty)), CHARGE, 1)
    assert records.people == max(0, sum(lengths))
    assert not len(records.values)


def test_records_have_one_value_a_column_unless_it_has_several(synthetic: pl.DataFrame) -> None:
    columns = (Column("a", ("a0", "a1")), Column("m", ("m0", "m1", "m2", "m3"), True))
    rows = [("a0", ["m0", "m1", "m2"]), ("a1", ["m3"]), (None, ["m0", "m3"]), ("a1", None)] * 300
    frame = pl.DataFrame(rows, schema={"a": pl.String, "m": pl.List(pl.String)}, orient="row")
    synthetic_rows = decode_records(
        fit_records(noisy(frame, columns, 20.0, "careful"), PRESETS["careful"].charge, 1), columns
    )
    assert synthetic_rows.schema == frame.schema
    lists = synthetic_rows["m"].drop_nulls()
    assert (lists.list.len() == lists.list.n_unique()).all()
    assert (lists.list.len() > 0).all()
    assert set(lists.explode()) == {"m0", "m1", "m2", "m3"}
    pairs, true_pairs = counts(synthetic_rows, 2), counts(frame, 2)
    assert all(abs(pairs[cell] - true_pairs[cell]) < 60 for cell in true_pairs | pairs)
    assert {name: set(synthetic[name].drop_nulls()) for name in "abcde"} == {
        column.name: set(column.values) for column in SCHEMA
    }


# -- what they tell --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("length", [1, 2, 3])
def test_counts_are_within_a_few_sigma(
    length: int, original: pl.DataFrame, measured: Noisy, synthetic: pl.DataFrame
) -> None:
    truth, synthetic_counts = counts(original, length), counts(synthetic, length)
    sigma = measured.levels[length - 1].spread
    errors = np.array([synthetic_counts[cell] - truth[cell] for cell in truth | synthetic_counts])
    assert np.abs(errors).mean() < 2 * sigma
    assert np.abs(errors).max() < 8 * sigma + 6
    assert abs(errors.mean()) < sigma


def test_the_careful_preset_fabricates_few_combinations(original: pl.DataFrame) -> None:
    """c follows from a and b: two of three combinations of the three never occur."""
    made_rows = decode_records(
        fit_records(noisy(original, SCHEMA, 8.0, "careful"), PRESETS["careful"].charge, 1), SCHEMA
    )
    truth, synthetic_counts = counts(original, 3), counts(made_rows, 3)
    core = {cell: n for cell, n in synthetic_counts.items() if {value[0] for value in cell} == set("abc")}
    invented = sum(n for cell, n in core.items() if not truth[cell])
    assert invented < 0.02 * sum(core.values())
    detailed = decode_records(
        fit_records(noisy(original, SCHEMA, 8.0, "detailed"), PRESETS["detailed"].charge, 1), SCHEMA
    )
    loose = counts(detailed, 3)
    assert sum(not truth[cell] for cell in synthetic_counts) <= sum(not truth[cell] for cell in loose)


def test_long_records_are_not_undercounted() -> None:
    """A fifth of the records have 10 values, the others 3.

    The clip is 3, so long records have a reduced weight.
    """
    columns = tuple(Column(f"c{n}", (f"{n}x", f"{n}y")) for n in range(10))
    rng = np.random.default_rng(4)
    rows = []
    for number in range(2_000):
        reported = range(10) if number % 8 == 0 else range(3)
        rows.append([f"{n}{'xy'[int(rng.random() < 0.3)]}" if n in reported else None for n in range(10)])
    frame = pl.DataFrame(rows, schema=[column.name for column in columns], orient="row")
    measurement = noisy(frame, columns, 40.0)
    assert measurement.clip < 10
    names = [value for column in columns for value in column.values]
    clipped = {
        tuple(sorted(names[place] for place in item)): people
        for item, people in zip(measurement.levels[1].items, measurement.levels[1].people, strict=True)
    }
    truth = counts(frame, 2)
    synthetic_counts = counts(decode_records(fit_records(measurement, CHARGE, 1), columns), 2)
    long = [cell for cell in truth if int(cell[0][0]) > 2 and int(cell[1][0]) > 2]  # pairs of long records only
    whole = sum(truth[cell] for cell in long)
    assert sum(clipped.get(cell, 0.0) for cell in long) < 0.5 * whole  # what was counted
    assert sum(synthetic_counts[cell] for cell in long) == pytest.approx(whole, rel=0.1)  # what the records tell
    assert comb(10, 2) * 4 >= len(long) > 0


def dense(rows: int, columns: int) -> tuple[pl.DataFrame, Schema]:
    """Return a table in which nearly every value is reported, by groups of similar records."""
    rng = np.random.default_rng(6)
    kind = rng.integers(0, 6, rows)
    usual = rng.integers(0, 3, (columns, 6))
    answers = np.where(rng.random((columns, rows)) < 0.6, usual[:, kind], rng.integers(0, 3, (columns, rows)))
    silent = rng.random((columns, rows)) < 0.2
    frame = pl.DataFrame(
        {
            f"c{n}": [None if mute else f"v{value}" for value, mute in zip(*answered, strict=True)]
            for n, answered in enumerate(zip(answers.tolist(), silent.tolist(), strict=True))
        }
    )
    return frame, tuple(Column(name, ("v0", "v1", "v2")) for name in frame.columns)


def clipped(records: CodedRecords, given: Noisy, length: int) -> Counter[tuple[int, ...]]:
    """Return the clipped counts of records by a plain loop; every column has one value."""
    weighted: Counter[tuple[int, ...]] = Counter()
    weighs = weights(given.clip, length, len(given.lengths) - 1)
    for first, last in zip(records.start, records.start[1:], strict=False):
        for cell in combinations(sorted(records.values[first:last].tolist()), length):
            weighted[cell] += weighs[last - first]
    return weighted


@pytest.mark.parametrize("length", [1, 2, 3])
def test_the_distance_of_the_fit_is_that_of_the_supported_clipped_counts(length: int, measured: Noisy) -> None:
    records = fit_records(measured, CHARGE, 3)
    counts, level = clipped(records, measured, length), measured.levels[length - 1]
    cells, people = level.items[level.supported].tolist(), level.people[level.supported]
    residuals = np.array([counts[tuple(cell)] / UNIT for cell in cells]) - people
    assert records.apart[length - 1] == pytest.approx(np.abs(residuals).mean(), rel=1e-4)


def test_single_values_of_long_records_are_nearer_than_their_noise() -> None:
    """Hundreds of combinations affect a value of a long record; most supported ones increase its count."""
    given = noisy(*dense(2_000, 24), 4.0)
    assert given.clip > 15
    assert fit_records(given, CHARGE, 1).apart[0] < 0.2 * given.levels[0].spread


@pytest.fixture
def listed_triples(monkeypatch: pytest.MonkeyPatch) -> Noisy:
    """Return a measurement of long records with so few triples that the kernel uses the lists of triples."""
    monkeypatch.setattr(true_counts, "MOST_CANDIDATES", 90)
    given = noisy(*dense(500, 12), 8.0)
    assert len(given.levels[2].items) == 90
    return given


def test_with_lists_of_triples_the_distance_is_that_of_a_plain_loop(listed_triples: Noisy) -> None:
    records = fit_records(listed_triples, CHARGE, 3)
    counts, level = clipped(records, listed_triples, 3), listed_triples.levels[2]
    residuals = np.array([counts[tuple(cell)] / UNIT for cell in level.items[level.supported].tolist()])
    assert records.apart[2] == pytest.approx(np.abs(residuals - level.people[level.supported]).mean(), rel=1e-4)


def test_with_lists_of_triples_a_proposal_costs_the_same_as_pair_by_pair(
    listed_triples: Noisy, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Both ways add the same numbers in another order, so nearly all accepted proposals are the same."""
    by_lists = fit_records(listed_triples, CHARGE, 3)
    lists = synthesiser._index_triples
    far = 1_000_000  # as if each value had more triples than any record has pairs
    monkeypatch.setattr(
        synthesiser,
        "_index_triples",
        lambda *given: (np.arange(len(given[1]) + 1, dtype=np.int32) * far, lists(*given)[1]),
    )
    by_pairs = fit_records(listed_triples, CHARGE, 3)
    assert by_lists.apart == pytest.approx(by_pairs.apart, rel=0.02)
    assert abs(len(by_lists.values) - len(by_pairs.values)) < 0.01 * len(by_lists.values)


@pytest.mark.parametrize("most", [90, true_counts.MOST_CANDIDATES])
def test_the_residuals_after_annealing_equal_a_new_count(most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record above the clip has a lower weight in all its combinations, not only in the new ones."""
    monkeypatch.setattr(true_counts, "MOST_CANDIDATES", most)
    calls: list[tuple[object, ...]] = []
    sweep = annealing.sweep

    def watching(*given: object) -> int:
        accepted: int = sweep(*given)  # type: ignore[arg-type]
        calls.append(given)
        return accepted

    monkeypatch.setattr(annealing, "sweep", watching)
    workspaces: list[synthesiser._Workspace] = []
    monkeypatch.setattr(synthesiser, "SWEEPS", 2)
    workspace_class = synthesiser._Workspace
    monkeypatch.setattr(
        synthesiser, "_Workspace", lambda *given: workspaces.append(workspace_class(*given)) or workspaces[-1]
    )
    fit_records(noisy(*dense(500, 12), 8.0), CHARGE, 1)
    lines, sizes, lookup, weight, residuals = calls[-1][:5]
    recounted = workspaces[0]._build_residuals(1.0)
    annealing.count(lines, sizes, lookup, weight, recounted)  # type: ignore[arg-type]
    for incremental, expected in zip(residuals[:4], recounted[:4], strict=True):  # type: ignore[index]
        assert np.allclose(incremental, expected, atol=1e-2)
