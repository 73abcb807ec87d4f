"""The CP-SAT oracle gives the findings of the enumeration, of planted leaks, and of the assessment.

`NEW` are other seeds each day, so that each nightly run tries releases that no run has tried. A failure names its seed
and its scheme; `make_instance` returns the releases again.
"""

from __future__ import annotations

from datetime import date
from itertools import product
from pathlib import Path

import pytest
from cpsat_oracle import solve_findings

from tests.evidence.sdc.groups.oracle_adapter import assess
from tests.evidence.sdc.groups.test_decisions import SCHEMES as ONE_DATE
from tests.evidence.sdc.groups.test_decisions import check_seeds, compare_reported
from tests.evidence.sdc.oracle.comparison import enumerate_findings, make_instance
from tests.evidence.sdc.oracle.exact_ends import OracleFindings
from tests.evidence.sdc.oracle.planted import planted_leaks
from tests.evidence.sdc.oracle.random_unions import LARGE, MIDDLE, SCHEMES, SMALL, RegisterSize
from tests.evidence.sdc.oracle.registers import TooManyRegisters

LEAKS = planted_leaks()
EACH_NIGHT = 30
NEW = range(first := date.today().toordinal() * EACH_NIGHT, first + EACH_NIGHT)


def by_key(findings: OracleFindings) -> dict[bytes, tuple[int, int]]:
    """Return the disclosed groups by their atoms."""
    return {findings.key(findings.family.members[place]): ends for place, ends in findings.disclosed.items()}


@pytest.mark.parametrize("size", [SMALL, MIDDLE], ids=["small", "middle"])
@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_both_oracles_agree_on_small_registers(scheme: str, size: RegisterSize) -> None:
    compared = 0
    for seed in range(20):
        union, threshold = make_instance(seed, scheme, size)
        try:
            enumerated = enumerate_findings(union, threshold)
        except TooManyRegisters:
            continue
        solved = solve_findings(union, threshold)
        assert (enumerated.possible == solved.possible).all()
        assert by_key(enumerated) == by_key(solved)
        compared += 1
    assert compared > 10


@pytest.mark.parametrize("name", sorted(LEAKS))
def test_the_solver_finds_planted_leaks_and_no_twin(name: str) -> None:
    leak = LEAKS[name]
    assert leak.ends in solve_findings(leak.leak, leak.threshold).disclosed.values()
    assert not solve_findings(leak.twin, leak.threshold).disclosed


@pytest.mark.parametrize("scheme", sorted(SCHEMES))
def test_large_registers_are_decided(scheme: str) -> None:
    disclosed = 0
    for seed in range(6):
        union, threshold = make_instance(seed, scheme, LARGE)
        disclosed += len(solve_findings(union, threshold).disclosed)
    assert disclosed


def test_the_assessment_misses_and_invents_no_group_of_large_registers(tmp_path: Path) -> None:
    """Registers of up to 200 people, which no enumeration reaches."""
    disclosing = 0
    for seed, scheme in product(NEW, ONE_DATE):
        union, threshold = make_instance(seed, scheme, LARGE)
        reported = assess(union.write(tmp_path / f"{seed}-{scheme}"), threshold, union)
        differences = compare_reported(solve_findings(union, threshold), reported, threshold)
        assert not differences, f"seed {seed}, scheme {scheme}: {differences}\n{union.describe()}"
        disclosing += bool(differences.disclosed)
    assert disclosing > EACH_NIGHT


@pytest.mark.parametrize(("seeds", "least"), [(range(100, 200), 700), (NEW, 200)], ids=["the same", "new"])
def test_no_group_of_many_unions_is_missed_and_none_invented(tmp_path: Path, seeds: range, least: int) -> None:
    instances, _ = check_seeds(seeds, tmp_path)
    assert instances > least
