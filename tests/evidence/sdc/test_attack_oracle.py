"""The attacker against an attacker that shares no code with it: neither misses nor invents anything."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.disclosure.intruder import examine
from tests.evidence import outsider
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
    """People of a register: some kinds many, some few, some none."""
    pools = SCHEMES.get(scheme, CROSSED)
    kinds = [{column: rng.choice(pool) for column, pool in pools.items()} for _ in range(rng.randint(1, 8))]
    people = [dict(kind) for kind in kinds for _ in range(rng.choice([1, 2, 4, 7, 12, 20]))]
    for row in people:
        for child, (above, told) in outsider.ABOVE.items():
            if child in row:
                row[above] = told.get(row[child], "")
    return people


def published(rng: Random, people: Sequence[Row], scheme: str, name: str, *, manifest: bool) -> dict[str, Any] | None:
    """A table of some columns and with some filter, some cells hidden or rough."""
    columns = sorted(people[0])
    by = rng.sample(columns, rng.choice([0, 1, 1, 2, 2, 3] if len(columns) > 2 else [0, 1, 1, 2]))
    where = {}
    if manifest and rng.random() < 0.4:
        column = rng.choice(columns)
        known = SEVERAL_VALUES.get(column) or sorted({row[column] or "_U" for row in people})
        several = 1 if scheme == "several" and column == "s" else rng.choice([1, 1, 2])
        where = {column: rng.sample(known, min(several, len(known)))}
        if scheme == "several" and column in by:
            by.remove(column)
    found = counts(people, by, where)
    if not found or found[("_T",) * len(by)] == 0:
        return None
    share, rough = rng.choice([0.0, 0.2, 0.5, 0.8]), rng.choice([""] * 4 + ["rounded", "unstated", "noised"])
    half = rng.choice([1, 2, 3])
    cells = {}
    for key, n in found.items():
        near = max(n + rng.randint(-half, half), 0)
        if rng.random() < share:
            cells[key] = ("", "suppressed")
        elif rough:
            cells[key] = (str(near), "noised" if rough == "noised" else "perturbed")
        else:
            cells[key] = (str(n), "ok")
    if rng.random() < 0.2 and len(by) > 1:
        cells = {key: cell for key, cell in cells.items() if rng.random() < 0.9}
    params = {"half_width": half} if rough == "rounded" else {}
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
    """A folder of one to four tables."""
    made = [published(rng, people, scheme, f"t{n}", manifest=manifest) for n in range(rng.randint(1, 4))]
    tables = [each for each in made if each] or [table("t0", [["count", "status"], [str(len(people)), "ok"]])]
    return write(folder, tables, manifest=manifest, sha=sha, as_of=as_of)


def changed(rng: Random, people: Sequence[Row]) -> list[Row]:
    """The register a year later: a few have come, a few have gone, or nobody has."""
    later = list(people)
    for _ in range(rng.randint(0, 3)):
        later.append(rng.choice(people))
    for _ in range(rng.randint(0, min(2, len(later) - 1))):
        later.pop(rng.randrange(len(later)))
    return later or list(people)


def folders(rng: Random, root: Path, scheme: str, mode: str) -> list[Path]:
    """Publications, oldest first."""
    people = crowd(rng, scheme)
    if mode == "one":
        return [release(rng, root / "one", people, scheme)]
    if mode == "bare":
        return [release(rng, root / "one", people, scheme, manifest=False)]
    if mode == "same":
        return [release(rng, root / name, people, scheme) for name in ("one", "two")]
    later = changed(rng, people)
    bare = mode == "bare dates"
    return [
        release(rng, root / "one", people, scheme, manifest=not bare, sha="a", as_of="2024-12-31"),
        release(rng, root / "two", later, scheme, manifest=not bare, sha="b", as_of="2025-12-31"),
    ]


def compare(paths: list[Path], report: dict[str, Any], *, exact: bool = True) -> None:
    """What was found is what is there; where not all is asked for, its intervals hold what is there."""
    expected, contradictory = outsider.disclosed(paths, THRESHOLD)
    found: dict[outsider.Place, tuple[int, int]] = {}
    for each in report["disclosures"]:
        if each["kind"] in ("small", "interval"):
            place = each["release"], each["table"], tuple(sorted(each["cell"].items()))
            assert place not in found
            found[place] = each["lower"], each["upper"]
    if contradictory:
        assert report["notes"]
        return
    if not exact:
        seen, _ = outsider.examine([sheet for path in paths for sheet in outsider.load(path)])
        for place in found.keys() & seen.cells.keys():
            assert all(found[place][0] <= low and high <= found[place][1] for _, (low, high) in seen.cells[place]), (
                place
            )
        return
    assert found.keys() - expected.keys() == set(), "invented"
    assert expected.keys() - found.keys() == set(), "missed"
    for place, ends in found.items():
        assert ends in expected[place], place
    told: dict[outsider.Place, tuple[int, int]] = {}
    for each in report["disclosures"]:
        if each["kind"] == "revision":
            told[each["release"], each["table"], tuple(sorted(each["cell"].items()))] = each["lower"], each["upper"]
    revised = outsider.revisions(paths, THRESHOLD)
    assert told.keys() - revised.keys() == set(), "invented difference of dates"
    assert revised.keys() - told.keys() == set(), "missed difference of dates"
    for place, ends in told.items():
        assert ends in revised[place], place
    check_differences(paths, [each for each in report["disclosures"] if each["kind"] == "difference"])
    assert outsider.nested(paths, THRESHOLD) <= {(each["lower"], each["upper"]) for each in report["disclosures"]}
    known = [each for each in report["disclosures"] if each["kind"] not in ("difference", "group")]
    assert bool(known) == bool(expected or revised)


def check_differences(paths: list[Path], found: list[dict[str, Any]]) -> None:
    """Every difference that was found is one."""
    sheets = [sheet for path in paths for sheet in outsider.load(path)]
    _, people = outsider.examine(sheets)
    for each in found:
        mine = [
            one
            for one in people.values()
            for sheet in one.sheets
            if (sheet.release, sheet.name) == (each["release"], each["table"])
        ]
        assert any(one.apart(each["cell"]) == (each["lower"], each["upper"]) for one in mine), each


def attack(seed: int, scheme: str, mode: str, *, exact: bool = True) -> None:
    rng = Random(f"{seed} {scheme} {mode}")
    with TemporaryDirectory() as root:
        *prior, new = paths = folders(rng, Path(root), scheme, mode)
        report = examine(new, prior, THRESHOLD).tree
        json.dumps(report)
        compare(paths, report, exact=exact)


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), mode=st.sampled_from(["one", "bare", "same", "dates", "bare dates"]))
def test_the_attacker_finds_what_another_solver_finds(scheme: str, seed: int, mode: str) -> None:
    attack(seed, scheme, mode)


@settings(max_examples=12, deadline=None)
@given(seed=st.integers(0, 10**6), mode=st.sampled_from(["one", "same"]))
def test_where_values_of_several_are_combined_intervals_are_true(seed: int, mode: str) -> None:
    attack(seed, "crossed", mode, exact=False)
