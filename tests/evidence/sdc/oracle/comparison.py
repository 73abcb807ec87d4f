"""Comparison of an assessment with the oracle, on random unions and on planted leaks.

An assessment is a function `assess(folders, threshold, union)` that returns the groups that it reports as disclosed,
with their ends: `{group: (L, U)}`. `folders` are the written releases, oldest first. `union` states what files cannot
say: the columns of one variable, and whether people can leave the register (`union.entry`).

A group is a frozenset of conditions; an atom must meet all of them. A condition is `(columns, labels)`: a tuple of
columns, and a frozenset of labels, each a tuple with one code for each of these columns. Examples:

- women: `(("sex",), frozenset({("female",)}))`; values that no table names have the code `*`;
- not women: `(("sex",), frozenset({("male",), ("*",)}))`: all other labels of the column;
- 15 to 17 years, cut from two columns: `(("age_a", "age_b"), frozenset({("15+", "0-17")}))`;
- has food, in a multi-valued column whose labels are sets of values: `(("s",), frozenset({(frozenset({"food"}),),
  (frozenset({"food", "*"}),)}))`; the empty set is not reported (`_U`);
- came between two dates: `(("entered",), frozenset({("later",)}))`; `old` are people of both dates, `left` people only
  of the first.

A label that the oracle does not have is ignored, and one group may be written in several ways: groups are compared by
the atoms that they select, among those in which a register that fits has people. The empty frozenset is everybody: a
group only where a table shows the total. A cell of a table whose filter and axis share a multi-valued column has two
conditions in that column (has u, and has v).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory

import numpy as np

from tests.evidence.sdc.oracle.exact_ends import Ends, OracleFindings, describe, find_ends
from tests.evidence.sdc.oracle.groups import Group, group_members
from tests.evidence.sdc.oracle.planted import planted_leaks
from tests.evidence.sdc.oracle.random_unions import SCHEMES, SMALL, RegisterSize, random_union
from tests.evidence.sdc.oracle.registers import TooManyRegisters
from tests.evidence.sdc.oracle.releases import ReleaseUnion

Assessment = Callable[[list[Path], int, ReleaseUnion], Mapping[Group, Ends]]
Oracle = Callable[[ReleaseUnion, int], OracleFindings]
ListGroups = Callable[[list[Path], ReleaseUnion], Iterable[Group]]


@dataclass
class Differences:
    """Groups for which an assessment and the oracle differ, in words, with the ends."""

    missed: dict[str, Ends] = field(default_factory=dict)
    invented: dict[str, Ends] = field(default_factory=dict)
    other_ends: dict[str, tuple[Ends, Ends]] = field(default_factory=dict)  # of the assessment, of the oracle
    disclosed: int = 0
    groups: int = 0

    def __bool__(self) -> bool:
        """Return whether there is any difference."""
        return bool(self.missed or self.invented or self.other_ends)


def compare(union: ReleaseUnion, threshold: int, assess: Assessment) -> Differences:
    """Return the differences between an assessment and the oracle; raises TooManyRegisters."""
    findings = find_ends(union).findings(threshold)
    with TemporaryDirectory() as root:
        return list_differences(findings, assess(union.write(Path(root)), threshold, union))


def list_differences(findings: OracleFindings, reported: Mapping[Group, Ends]) -> Differences:
    """Return the differences between reported groups and the groups that the oracle finds disclosed."""
    keys = findings.keys
    places = {key: place for place, key in enumerate(keys)}
    expected = {keys[place]: ends for place, ends in findings.disclosed.items()}
    differences = Differences(disclosed=len(expected), groups=len(places))
    seen: set[bytes] = set()
    for group, reported_ends in reported.items():
        key = findings.key(group_members(findings.space, group))
        seen.add(key)
        if key not in expected:
            kind = "a safe group" if key in places else "no group of the definition"
            differences.invented[f"{describe(group)} ({kind})"] = reported_ends
        elif reported_ends != expected[key]:
            differences.other_ends[describe(group)] = reported_ends, expected[key]
    for key in expected.keys() - seen:
        differences.missed[describe(findings.family.names[places[key]])] = expected[key]
    return differences


def compare_families(union: ReleaseUnion, list_groups: ListGroups) -> tuple[set[str], set[str]]:
    """Return the groups of the definition that an assessment does not look at, and those only it looks at."""
    findings = find_ends(union).findings(1)
    with TemporaryDirectory() as root:
        listed = {
            findings.key(group_members(findings.space, group)): group
            for group in list_groups(union.write(Path(root)), union)
        }
    own = dict(zip(findings.keys, findings.family.names, strict=True))
    nobody = findings.key(np.zeros(len(findings.space.atoms), dtype=bool))
    for groups in (listed, own):
        groups.pop(nobody, None)
    left_out = {describe(own[key]) for key in own.keys() - listed.keys()}
    return left_out, {describe(listed[key]) for key in listed.keys() - own.keys()}


@dataclass
class ComparisonTotals:
    """Totals of many comparisons; `failures` holds seed and scheme of every instance with a difference."""

    instances: int = 0
    too_large: int = 0
    with_disclosure: int = 0
    groups: int = 0
    disclosed: int = 0
    missed: int = 0
    invented: int = 0
    other_ends: int = 0
    oracle_seconds: float = 0.0
    assessment_seconds: float = 0.0
    failures: list[tuple[int, str, Differences]] = field(default_factory=list)

    def summary(self) -> str:
        """Return all totals in one line."""
        return (
            f"{self.instances} instances ({self.with_disclosure} with a disclosure), {self.too_large} too large, "
            f"{self.groups} groups, {self.disclosed} disclosed, {self.missed} missed, {self.invented} invented, "
            f"{self.other_ends} with other ends, CPU {self.oracle_seconds:.1f} s oracle, "
            f"{self.assessment_seconds:.1f} s assessment"
        )


def make_instance(seed: int, scheme: str, size: RegisterSize = SMALL) -> tuple[ReleaseUnion, int]:
    """Return the random union and the threshold of a seed."""
    rng = Random(f"{seed} {scheme}")
    threshold = rng.choice(size.thresholds)
    return random_union(rng, scheme, threshold, size), threshold


def enumerate_findings(union: ReleaseUnion, threshold: int) -> OracleFindings:
    """Return the disclosed groups by enumeration; raises TooManyRegisters."""
    return find_ends(union).findings(threshold)


def compare_seeds(
    assess: Assessment,
    seeds: Iterable[int],
    schemes: Iterable[str] = tuple(SCHEMES),
    *,
    find: Oracle = enumerate_findings,
    size: RegisterSize = SMALL,
) -> ComparisonTotals:
    """Compare an assessment with an oracle on the random unions of many seeds."""
    totals, names = ComparisonTotals(), tuple(schemes)
    for seed in seeds:
        for scheme in names:
            union, threshold = make_instance(seed, scheme, size)
            start = time.process_time()
            try:
                findings = find(union, threshold)
            except TooManyRegisters:
                totals.too_large += 1
                continue
            finally:
                totals.oracle_seconds += time.process_time() - start
            start = time.process_time()
            with TemporaryDirectory() as root:
                reported = assess(union.write(Path(root)), threshold, union)
            totals.assessment_seconds += time.process_time() - start
            _add(totals, list_differences(findings, reported), seed, scheme)
    return totals


def compare_planted(assess: Assessment, *, find: Oracle = enumerate_findings) -> dict[str, Differences]:
    """Return the differences of every planted leak and of every twin, by name."""
    differences = {}
    for name, leak in planted_leaks().items():
        for kind, union in (("leak", leak.leak), ("twin", leak.twin)):
            with TemporaryDirectory() as root:
                reported = assess(union.write(Path(root)), leak.threshold, union)
            differences[f"{kind}: {name}"] = list_differences(find(union, leak.threshold), reported)
    return differences


def _add(totals: ComparisonTotals, differences: Differences, seed: int, scheme: str) -> None:
    """Add the differences of one instance."""
    totals.instances += 1
    totals.groups += differences.groups
    totals.disclosed += differences.disclosed
    totals.with_disclosure += bool(differences.disclosed)
    totals.missed += len(differences.missed)
    totals.invented += len(differences.invented)
    totals.other_ends += len(differences.other_ends)
    if differences:
        totals.failures.append((seed, scheme, differences))
