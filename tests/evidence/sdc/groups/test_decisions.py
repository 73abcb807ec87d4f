"""The assessment of groups agrees with the people-level oracle, which shares no code with it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from itertools import product
from pathlib import Path

import pytest

from tests.evidence.sdc.groups.oracle_adapter import GroupWithoutRow, assess
from tests.evidence.sdc.oracle.comparison import Differences, make_instance
from tests.evidence.sdc.oracle.exact_ends import Ends, OracleFindings, describe, find_ends
from tests.evidence.sdc.oracle.groups import Group, group_members
from tests.evidence.sdc.oracle.planted import PlantedLeak, planted_leaks
from tests.evidence.sdc.oracle.registers import TooManyRegisters
from tests.evidence.sdc.oracle.releases import ReleaseUnion

SCHEMES = (
    *("plain", "sets", "three values", "crossed", "crossed by"),
    *("forms", "bands", "quarters", "forms and sets", "four columns"),
)
CROSSING = ("path", "star")
ONE_DATE = [name for name in planted_leaks() if not name.startswith(("cumulative", "growing"))]


def compare_instance(union: ReleaseUnion, threshold: int, root: Path) -> Differences:
    """Return the differences between the assessment and the oracle; raises TooManyRegisters.

    A disclosed group that lies within a disclosed group of certainly few people follows from it: the assessment need
    not report it.
    """
    findings = find_ends(union).findings(threshold)
    return compare_reported(findings, assess(union.write(root), threshold, union), threshold)


def compare_reported(findings: OracleFindings, reported_groups: Mapping[Group, Ends], threshold: int) -> Differences:
    """Return the differences between the groups that an assessment reports and those of the oracle."""
    places = {key: place for place, key in enumerate(findings.keys)}
    expected = {findings.keys[place]: ends for place, ends in findings.disclosed.items()}
    reported = {
        findings.key(group_members(findings.space, group)): (group, ends) for group, ends in reported_groups.items()
    }
    differences = Differences(disclosed=len(expected), groups=len(places))
    for key, (group, ends) in reported.items():
        if key not in places and isinstance(group, GroupWithoutRow):
            continue  # the definition has no such cell
        if key not in expected:
            differences.invented[describe(group)] = ends
        elif ends != expected[key]:
            differences.other_ends[describe(group)] = ends, expected[key]
    for key in expected.keys() - reported.keys():
        if not follows_from_another(findings, places[key], threshold):
            differences.missed[describe(findings.family.names[places[key]])] = expected[key]
    return differences


def follows_from_another(findings: OracleFindings, place: int, threshold: int) -> bool:
    """Return whether a group lies within another disclosed group of certainly few people."""
    possible = findings.family.members & findings.possible
    return any(
        ends[1] < threshold
        and (possible[place] <= possible[other]).all()
        and (possible[place] != possible[other]).any()
        for other, ends in findings.disclosed.items()
    )


def check_seeds(seeds: Iterable[int], root: Path, schemes: Iterable[str] = SCHEMES) -> tuple[int, int]:
    """Compare the random unions of some seeds; return how many there were and how many have a disclosure."""
    instances = disclosing = 0
    for seed, scheme in product(seeds, schemes):
        union, threshold = make_instance(seed, scheme)
        try:
            differences = compare_instance(union, threshold, root / f"{seed}-{scheme}")
        except TooManyRegisters:
            continue
        assert not differences, f"seed {seed}, scheme {scheme}: {differences}\n{union.describe()}"
        instances += 1
        disclosing += bool(differences.disclosed)
    return instances, disclosing


def test_no_group_is_missed_and_none_invented(tmp_path: Path) -> None:
    instances, disclosing = check_seeds(range(10), tmp_path)
    assert instances > 70
    assert 0.3 < disclosing / instances < 0.95  # safe unions and unsafe ones are both tried


def test_no_group_across_tables_is_missed_and_none_invented(tmp_path: Path) -> None:
    instances, disclosing = check_seeds(range(30), tmp_path, CROSSING)
    assert instances > 20
    assert 0.3 < disclosing / instances < 0.97


@pytest.mark.parametrize("name", ONE_DATE)
def test_a_planted_leak_is_found_and_its_twin_is_safe(name: str, tmp_path: Path) -> None:
    planted: PlantedLeak = planted_leaks()[name]
    assert not compare_instance(planted.leak, planted.threshold, tmp_path / "leak")
    assert not compare_instance(planted.twin, planted.threshold, tmp_path / "twin")
    findings = find_ends(planted.leak).findings(planted.threshold)
    key = findings.key(group_members(findings.space, planted.group))
    assert key in {findings.keys[place] for place in findings.disclosed}
    assert not find_ends(planted.twin).findings(planted.threshold).disclosed
