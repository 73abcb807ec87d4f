"""The oracle finds every planted leak, finds its twin safe, and reads back what the releases write."""

from __future__ import annotations

import csv
import json
from pathlib import Path

import pytest

from tests.evidence.sdc.oracle.comparison import (
    compare,
    compare_families,
    compare_planted,
    compare_seeds,
    make_instance,
)
from tests.evidence.sdc.oracle.exact_ends import NoRegister, describe, find_ends, is_safe
from tests.evidence.sdc.oracle.groups import Group, cell_members
from tests.evidence.sdc.oracle.planted import planted_leaks
from tests.evidence.sdc.oracle.random_unions import LARGE, MIDDLE, SCHEMES, RegisterSize
from tests.evidence.sdc.oracle.releases import CHANGING, GROWING, ReleaseUnion

LEAKS = planted_leaks()


@pytest.mark.parametrize("name", sorted(LEAKS))
def test_a_planted_leak_is_disclosed(name: str) -> None:
    leak = LEAKS[name]
    ends = find_ends(leak.leak).of_group(leak.group)
    assert ends == leak.ends
    assert not is_safe(*ends, leak.threshold)


@pytest.mark.parametrize("name", sorted(LEAKS))
def test_a_twin_of_one_person_more_is_safe(name: str) -> None:
    leak = LEAKS[name]
    assert len(leak.twin.people) == len(leak.leak.people) + 1
    assert find_ends(leak.twin).findings(leak.threshold).disclosed == {}


@pytest.mark.parametrize("scheme", [name for name in sorted(SCHEMES) if make_instance(1, name)[0].has_manifest])
def test_written_releases_hold_the_figures_and_the_filters(scheme: str, tmp_path: Path) -> None:
    union, _ = make_instance(1, scheme)
    for path, tables in zip(union.write(tmp_path), union.folders.values(), strict=True):
        manifest = json.loads((path / "manifest.json").read_text())
        for table, entry in zip(tables, manifest["tables"], strict=True):
            rows = list(csv.DictReader((path / entry["file"]).read_text().splitlines()))
            cells = {tuple(row[column] for column in table.by): (row["count"], row["status"]) for row in rows}
            assert cells == {key: (cell.text, cell.status) for key, cell in table.cells.items()}
            assert entry["where"] == {column: list(codes) for column, codes in table.stated_filter.items()}


def test_two_dates_have_two_snapshots(tmp_path: Path) -> None:
    manifests = [
        json.loads((path / "manifest.json").read_text()) for path in LEAKS["cumulative releases"].leak.write(tmp_path)
    ]
    assert [manifest["snapshots"][0]["as_of"] for manifest in manifests] == ["2024-12-31", "2025-12-31"]


def oracle_itself(folders: list[Path], threshold: int, union: ReleaseUnion) -> dict[Group, tuple[int, int]]:
    """Return the findings of the oracle in the form of an assessment."""
    findings = find_ends(union).findings(threshold)
    return {findings.family.names[place]: ends for place, ends in findings.disclosed.items()}


def test_the_comparison_shows_missed_and_invented_groups_and_other_ends() -> None:
    leak = LEAKS["four totals"]
    right = oracle_itself([], leak.threshold, leak.leak)
    assert not compare(leak.leak, leak.threshold, lambda *_: right)
    missing = compare(leak.leak, leak.threshold, lambda *_: {})
    assert list(missing.missed.values()) == [(3, 3)]
    others = compare(leak.leak, leak.threshold, lambda *_: dict.fromkeys(right, (2, 3)))
    assert list(others.other_ends.values()) == [((2, 3), (3, 3))]
    invented = compare(leak.twin, leak.threshold, lambda *_: right)
    assert list(invented.invented.values()) == [(3, 3)]


def test_the_oracle_agrees_with_itself_on_random_unions() -> None:
    totals = compare_seeds(oracle_itself, range(4))
    assert totals.failures == []
    assert f"{totals.disclosed} disclosed, 0 missed, 0 invented, 0 with other ends" in totals.summary()
    assert 0 < totals.with_disclosure < totals.instances


def test_an_assessment_without_findings_misses_every_leak_and_no_twin() -> None:
    differences = compare_planted(lambda *_: {})
    assert {name for name, difference in differences.items() if difference.missed} == {
        f"leak: {name}" for name in LEAKS
    }


def test_families_are_compared_by_their_atoms() -> None:
    union = LEAKS["overlapping filters"].leak
    names = find_ends(union).family.names
    assert compare_families(union, lambda *_: names) == (set(), set())
    left_out, others = compare_families(union, lambda *_: names[1:])
    assert len(left_out) == 1
    assert not others


@pytest.mark.parametrize("size", [MIDDLE, LARGE], ids=["middle", "large"])
def test_random_registers_have_the_size_that_is_asked_for(size: RegisterSize) -> None:
    for seed in range(20):
        union, threshold = make_instance(seed, "plain", size)
        assert 0 < len(union.people) <= size.most
        assert threshold in size.thresholds


def test_most_disclosed_groups_of_middle_registers_are_no_cell_of_a_table() -> None:
    cells = groups = 0
    for scheme in ("plain", "crossed", "growing sets"):
        for seed in range(10):
            union, threshold = make_instance(seed, scheme, MIDDLE)
            findings = find_ends(union).findings(threshold)
            in_tables = {
                findings.key(cell_members(findings.space, table, key)) for table in union.tables for key in table.cells
            }
            disclosed = {findings.keys[place] for place in findings.disclosed}
            groups += len(disclosed)
            cells += len(disclosed & in_tables)
    assert 0 < cells < groups / 2


def test_a_union_is_described_for_a_failed_comparison() -> None:
    text = LEAKS["cumulative releases"].leak.describe()
    assert "release0/t0 by ['sex']" in text
    assert "  m: 10 to 10, ok" in text


def test_an_intruder_who_assumes_that_people_leave_knows_less() -> None:
    leak = LEAKS["cumulative releases"]
    assumed = leak.leak.assuming(CHANGING)
    assert (leak.leak.entry, assumed.entry) == ("growing", "changing")
    assert find_ends(assumed).of_group(leak.group) == (3, 10)


def test_an_assumption_against_the_figures_fits_no_register() -> None:
    shrinking = next(
        union
        for union, _ in (make_instance(seed, "changing") for seed in range(100))
        if any(person["entered"] == "left" for person in union.people) and is_contradiction(union)
    )
    assert find_ends(shrinking).registers


def is_contradiction(union: ReleaseUnion) -> bool:
    """Check whether the figures rule out that nobody leaves."""
    try:
        find_ends(union.assuming(GROWING))
    except NoRegister:
        return True
    return False


def test_the_total_is_described_as_everybody() -> None:
    assert describe(frozenset()) == "everybody"


def test_percentages_are_written_as_another_publisher_writes_them(tmp_path: Path) -> None:
    folder = LEAKS["percentages"].leak.write(tmp_path)[0]
    assert [path.name for path in folder.glob("*.*")] == ["shares.csv"]
    lines = (folder / "shares.csv").read_text().splitlines()
    assert lines == ["region,percent,count,status", "_T,,1000,ok", "r1,0.3,,suppressed", "r2,99.7,,suppressed"]
