"""Tables of several dates are assessed as one register in which time is a variable."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

import pytest

from tests.evidence.sdc.groups.oracle_adapter import assess_time
from tests.evidence.sdc.groups.test_decisions import compare_reported
from tests.evidence.sdc.oracle.comparison import make_instance
from tests.evidence.sdc.oracle.exact_ends import NoRegister, find_ends
from tests.evidence.sdc.oracle.planted import planted_leaks
from tests.evidence.sdc.oracle.registers import TooManyRegisters
from tests.evidence.sdc.oracle.releases import CHANGING, GROWING, SHRINKING, ReleaseUnion

SCHEMES = ("growing", "growing twice", "growing files", "growing sets", "changing", "halves")


def hypotheses(union: ReleaseUnion) -> list[ReleaseUnion]:
    """Return the union for an intruder who assumes that nobody left, or else that nobody entered."""
    if union.pieces != CHANGING.fixed:
        return [union]
    return [union.assuming(GROWING), union.assuming(SHRINKING)]


def check_seeds(seeds: Iterable[int], root: Path, schemes: Iterable[str] = SCHEMES) -> dict[str, list[int]]:
    """Compare random unions; return the numbers of those that fit, that disclose, and that do not fit."""
    counted = {scheme: [0, 0, 0] for scheme in schemes}
    for seed in seeds:
        for scheme in counted:
            union, threshold = make_instance(seed, scheme)
            folder = root / f"{seed}-{scheme}"
            folders = union.write(folder)
            for hypothesis in hypotheses(union):
                try:
                    findings = find_ends(hypothesis).findings(threshold)
                except TooManyRegisters:
                    break
                except NoRegister:
                    continue
                reported = assess_time(folders, threshold, hypothesis.pieces)
                assert reported is not None, f"seed {seed}, scheme {scheme}: no system\n{union.describe()}"
                differences = compare_reported(findings, reported, threshold)
                assert not differences, f"seed {seed}, scheme {scheme}: {differences}\n{union.describe()}"
                counted[scheme][0] += 1
                counted[scheme][1] += bool(differences.disclosed)
                break
            else:
                assert assess_time(folders, threshold, union.pieces) is None
                counted[scheme][2] += 1
    return counted


def test_no_group_is_missed_and_none_invented_over_time(tmp_path: Path) -> None:
    counted = check_seeds(range(12), tmp_path)
    assert check_seeds((45, 50), tmp_path, ["changing"]) == {"changing": [0, 0, 2]}
    assert all(fitting > 3 for fitting, _, _ in counted.values())
    assert all(0 < disclosing <= fitting for fitting, disclosing, _ in counted.values())


@pytest.mark.parametrize("name", [name for name in planted_leaks() if name.startswith(("cumulative", "growing"))])
def test_a_planted_leak_over_time_is_found_and_its_twin_is_safe(name: str, tmp_path: Path) -> None:
    planted = planted_leaks()[name]
    for union, place in ((planted.leak, "leak"), (planted.twin, "twin")):
        findings = find_ends(union).findings(planted.threshold)
        reported = assess_time(union.write(tmp_path / place), planted.threshold, union.pieces)
        assert reported is not None
        assert not compare_reported(findings, reported, planted.threshold)
        assert bool(reported) == bool(findings.disclosed) == (place == "leak")
