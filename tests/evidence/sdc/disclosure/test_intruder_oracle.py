"""The assessment agrees with an independent intruder: no missed and no false disclosure."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.disclosure.intruder import examine
from tests.evidence import outsider, outsider_sheets
from tests.evidence.made_folders import Row, counts, lines, table, write

THRESHOLD = 5
PLAIN = {"a": ["p", "q", "r"], "b": ["x", "y"], "c": ["m", "n", ""]}
FORMS = {"exploitation_form": ["forced_labour", "child_labour", "begging", "sexual_exploitation"]}
BANDS = {"age_band": ["0_8", "9_17", "18_25", "26_30", ""]}
QUARTERS = {"quarter": ["2023-Q1", "2023-Q2", "2024-Q1"]}
SEVERAL = {"s": ["u", "v", "u;v", ""], "a": ["p", "q"], "b": ["x", "y"]}
CROSSED = {"s": ["u", "v", "u;v", ""], "m": ["x", "y", "x;y", ""], "b": ["p", "q"]}
SEVERAL_VALUES = {"s": ["u", "v"], "m": ["x", "y"]}
SCHEMES = {
    "plain": PLAIN,
    "forms": FORMS | {"b": ["x", "y"]},
    "bands": BANDS | {"b": ["x", "y"]},
    "quarters": QUARTERS | {"b": ["x", "y"]},
    "several": SEVERAL,
}


def crowd(rng: Random, scheme: str) -> list[dict[str, str]]:
    """Return people of a register: some combinations with many, some with few, some with none."""
    pools = SCHEMES.get(scheme, CROSSED)
    kinds = [{column: rng.choice(pool) for column, pool in pools.items()} for _ in range(rng.randint(1, 8))]
    people = [dict(kind) for kind in kinds for _ in range(rng.choice([1, 2, 4, 7, 12, 20]))]
    for row in people:
        for child, (above, parents) in outsider_sheets.ABOVE.items():
            if child in row:
                row[above] = parents.get(row[child], "")
    return people


def random_table(
    rng: Random, people: Sequence[Row], scheme: str, name: str, *, manifest: bool
) -> dict[str, Any] | None:
    """Return a table of some columns, perhaps with a filter, with some cells hidden or perturbed."""
    columns = sorted(people[0])
    by = rng.sample(columns, rng.choice([0, 1, 1, 2, 2, 3] if len(columns) > 2 else [0, 1, 1, 2]))
    where = {}
    if manifest and rng.random() < 0.4:
        column = rng.choice(columns)
        values = SEVERAL_VALUES.get(column) or sorted({row[column] or "_U" for row in people})
        size = 1 if scheme == "several" and column == "s" else rng.choice([1, 1, 2])
        where = {column: rng.sample(values, min(size, len(values)))}
        if scheme == "several" and column in by:
            by.remove(column)
    true_counts = counts(people, by, where)
    if not true_counts or true_counts[("_T",) * len(by)] == 0:
        return None
    share, method = rng.choice([0.0, 0.2, 0.5, 0.8]), rng.choice([""] * 4 + ["rounded", "unstated", "noised"])
    half = rng.choice([1, 2, 3])
    cells = {}
    for key, n in true_counts.items():
        perturbed = max(n + rng.randint(-half, half), 0)
        if n and rng.random() < share:  # a suppressed figure is at least 1
            cells[key] = ("", "suppressed")
        elif method:
            cells[key] = (str(perturbed), "noised" if method == "noised" else "perturbed")
        else:
            cells[key] = (str(n), "ok")
    if rng.random() < 0.2 and len(by) > 1:
        cells = {key: cell for key, cell in cells.items() if rng.random() < 0.9}
    params = {"half_width": half} if method == "rounded" else {}
    return table(name, lines(by, cells), where=where, params=params, multi=sorted({"s", "m"} & set(by)))


def release(
    rng: Random,
    folder: Path,
    people: Sequence[Row],
    scheme: str,
    *,
    manifest: bool = True,
    sha: str = "a",
    as_of: str = "",
) -> Path:
    """Write a folder of one to four tables."""
    candidates = [random_table(rng, people, scheme, f"t{n}", manifest=manifest) for n in range(rng.randint(1, 4))]
    tables = [candidate for candidate in candidates if candidate] or [
        table("t0", [["count", "status"], [str(len(people)), "ok"]])
    ]
    return write(folder, tables, manifest=manifest, sha=sha, as_of=as_of)


def year_later(rng: Random, people: Sequence[Row]) -> list[Row]:
    """Return the register a year later, with a few people more and a few fewer, or unchanged."""
    later = list(people)
    for _ in range(rng.randint(0, 3)):
        later.append(rng.choice(people))
    for _ in range(rng.randint(0, min(2, len(later) - 1))):
        later.pop(rng.randrange(len(later)))
    return later or list(people)


def folders(rng: Random, root: Path, scheme: str, mode: str) -> list[Path]:
    """Write publications, oldest first."""
    people = crowd(rng, scheme)
    if mode == "one":
        return [release(rng, root / "one", people, scheme)]
    if mode == "bare":
        return [release(rng, root / "one", people, scheme, manifest=False)]
    if mode == "same":
        return [release(rng, root / name, people, scheme) for name in ("one", "two")]
    later = year_later(rng, people)
    bare = mode == "bare dates"
    return [
        release(rng, root / "one", people, scheme, manifest=not bare, sha="a", as_of="2024-12-31"),
        release(rng, root / "two", later, scheme, manifest=not bare, sha="b", as_of="2025-12-31"),
    ]


def compare(paths: list[Path], report: dict[str, Any], *, exact: bool = True) -> None:
    """Check that the report has exactly the disclosures of the independent intruder.

    Without `exact`, check only that the reported intervals contain those of the intruder.
    """
    sheets = outsider_sheets.load_all(paths)
    expected, contradictory = outsider.disclosed(sheets, THRESHOLD)
    reported: dict[outsider.Place, tuple[int, int]] = {}
    for disclosure in report["disclosures"]:
        if disclosure["kind"] in ("small", "interval"):
            place = disclosure["release"], disclosure["table"], tuple(sorted(disclosure["cell"].items()))
            assert place not in reported
            reported[place] = disclosure["lower"], disclosure["upper"]
    if contradictory:
        assert report["notes"]
        return
    if not exact:
        intervals, _ = outsider.examine(sheets)
        for place in reported.keys() & intervals.cells.keys():
            assert all(
                reported[place][0] <= low and high <= reported[place][1] for _, (low, high) in intervals.cells[place]
            ), place
        return
    assert reported.keys() - expected.keys() == set(), "invented"
    assert expected.keys() - reported.keys() == set(), "missed"
    for place, ends in reported.items():
        assert ends in expected[place], place
    groups = [disclosure for disclosure in report["disclosures"] if disclosure["kind"] in ("difference", "entered")]
    check_groups(sheets, groups)
    reported_ends = {(disclosure["lower"], disclosure["upper"]) for disclosure in report["disclosures"]}
    for low, high in (outsider.nested(sheets, THRESHOLD) | outsider.entered(sheets, THRESHOLD)) - reported_ends:
        # it lies within a reported group of certainly few people, see the oracle of groups
        assert any(high <= upper < THRESHOLD for _, upper in reported_ends), (low, high)
    others = [disclosure for disclosure in report["disclosures"] if disclosure["kind"] in ("small", "interval")]
    assert bool(others) == bool(expected)


def check_groups(sheets: tuple[outsider_sheets.Sheet, ...], groups: list[dict[str, Any]]) -> None:
    """Check the intervals of all reported groups that no table shows."""
    _, people = outsider.examine(sheets)
    dated = outsider.over_time(sheets)
    for group in groups:
        codes = {name: code for name, code in group["cell"].items() if name not in ("entered", "left")}
        ends = group["lower"], group["upper"]
        if codes != group["cell"]:
            assert any(
                one.difference_interval(codes | {"entered": outsider_sheets.ANOTHER}) == ends for one in dated
            ), group
            continue
        of_table = [population for population in people.values() if shows(population, group)]
        at_date = [one.difference_interval(codes | {"entered": "old"}) for one in dated]
        everybody = [one.difference_interval(codes) for one in (*of_table, *dated)]
        assert ends in [*everybody, *at_date], group


def shows(population: outsider.People, group: Mapping[str, Any]) -> bool:
    """Return whether a population has the table of a reported group."""
    return any((sheet.release, sheet.name) == (group["release"], group["table"]) for sheet in population.sheets)


def check_assessment(seed: int, scheme: str, mode: str, *, exact: bool = True) -> None:
    rng = Random(f"{seed} {scheme} {mode}")
    with TemporaryDirectory() as root:
        *prior, new = paths = folders(rng, Path(root), scheme, mode)
        report = examine(new, prior, THRESHOLD).tree
        json.dumps(report)
        compare(paths, report, exact=exact)


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), mode=st.sampled_from(["one", "bare", "same", "dates", "bare dates"]))
def test_the_assessment_finds_what_another_solver_finds(scheme: str, seed: int, mode: str) -> None:
    check_assessment(seed, scheme, mode)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), mode=st.sampled_from(["one", "same"]))
def test_intervals_are_true_where_multi_valued_columns_are_crossed(seed: int, mode: str) -> None:
    check_assessment(seed, "crossed", mode, exact=False)


def test_a_register_that_may_be_empty_is_assessed() -> None:
    """The first register that fits these tables has nobody: no combination of separating columns occurs."""
    check_assessment(156, "quarters", "bare dates")


def test_a_nested_group_is_as_narrow_as_both_dates_together_allow() -> None:
    """One date alone leaves 4 to 5 people, the second date leaves exactly 4."""
    check_assessment(326, "forms", "dates")


def test_a_column_whose_values_divide_nobody_is_assessed() -> None:
    """All people who fit these tables have the same set of values: no condition on one value divides them."""
    check_assessment(363, "crossed", "one", exact=False)
