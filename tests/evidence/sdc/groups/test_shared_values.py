"""Groups whose members share a value: exactly those that the people-level oracle finds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path

import numpy as np

from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.groups.decisions import assess_groups
from kerege.evidence.sdc.populations.populations import assign_unstated, find_populations
from kerege.evidence.sdc.published_tables.publication import Publication
from tests.evidence.sdc.groups.oracle_adapter import as_oracle_group
from tests.evidence.sdc.oracle.comparison import make_instance
from tests.evidence.sdc.oracle.exact_ends import PublishedSystem, ends_of
from tests.evidence.sdc.oracle.groups import group_members, list_conditions, named_codes, value_conditions
from tests.evidence.sdc.oracle.registers import Bools, TooManyRegisters
from tests.evidence.sdc.oracle.releases import ReleaseUnion

SCHEMES = ("plain", "sets", "forms", "quarters", "four columns")
Shared = bytes  # the possible atoms of a value: codes of two columns can mean the same people


@dataclass(frozen=True)
class OracleShares:
    """The atoms that some register fills, and for each value the groups that certainly share it."""

    system: PublishedSystem
    possible: Bools
    by_value: dict[Shared, list[Bools]]
    small: list[Bools]  # groups of certainly fewer people than the threshold, but perhaps not of nobody


def list_parts(system: PublishedSystem, union: ReleaseUnion, column: str, most: int) -> Iterator[Bools]:
    """Yield the atoms of every conjunction of conditions on variables that do not show a column."""
    named = named_codes(union.tables)
    others = [variable for variable in system.space.variables if column not in variable.columns]
    for variable in (variable for variable in others if variable.multi and most > 1):
        values = [system.space.having(*condition) for condition in value_conditions(variable, named)]
        yield from (first & second for first, second in combinations(values, 2))
    masks = [
        [system.space.having(*condition) for condition in list_conditions(variable, named, union.tables)]
        for variable in others
    ]
    for size in range(1, most + 1):
        for chosen in combinations(masks, size):
            conjunctions = [np.ones(len(system.space.atoms), dtype=bool)]
            for conditions in chosen:
                conjunctions = [part & mask for part in conjunctions for mask in conditions]
            yield from conjunctions


def find_shares(union: ReleaseUnion, threshold: int) -> OracleShares:
    """Return what every register that fits says about shared values; raises TooManyRegisters."""
    system = PublishedSystem.of_union(union)
    columns = dict.fromkeys(column for table in union.tables for column in table.by)
    possible = ends_of(system, np.ones((1, len(system.space.atoms)), dtype=bool))[2]
    by_value: dict[Shared, list[Bools]] = {}
    small: list[Bools] = []
    for column in columns:
        parts = np.array(list(list_parts(system, union, column, 2)))
        if not len(parts):
            continue
        least, most = ends_of(system, parts)[:2]
        small += list(parts[(most > 0) & (most < threshold)])
        for value in sorted(named_codes(union.tables)[column] - {"_U", "_O"}):
            having = system.space.counted_by(column, value)
            if (having | ~possible).all():
                continue  # everybody has the value
            rest = ends_of(system, parts & ~having)[1]
            shared = by_value.setdefault((having & possible).tobytes(), [])
            shared += list(parts[(least >= 1) & (rest == 0)])
    return OracleShares(system, possible, by_value, small)


def reported_shares(folders: list[Path], threshold: int, oracle: OracleShares) -> dict[Shared, list[Bools]]:
    """Return the groups that the assessment reports for each value, as atoms of the oracle."""
    reported: dict[Shared, list[Bools]] = {}
    for population in find_populations(assign_unstated([Publication.read(folder) for folder in folders])):
        for sheet in population.sheets:
            sheet.sensitive = frozenset(sheet.by)
        assessment = assess_groups(population, population.sheets, threshold)
        builder = JointBuilder(population, population.sheets, loose=True)
        for shared in assessment.shared:
            members = group_members(oracle.system.space, as_oracle_group(builder, shared.group))
            assert ends_of(oracle.system, members[None])[0][0] >= shared.least >= 1
            having = oracle.system.space.counted_by(shared.column, shared.value)
            reported.setdefault((having & oracle.possible).tobytes(), []).append(members)
    return reported


def check_instance(union: ReleaseUnion, threshold: int, root: Path) -> int:
    """Compare one union; return how many groups share a value. Raises TooManyRegisters."""
    oracle = find_shares(union, threshold)
    reported = reported_shares(union.write(root), threshold, oracle)
    possible = oracle.possible
    expected = {value: {(m & possible).tobytes() for m in groups} for value, groups in oracle.by_value.items()}
    for value, groups in reported.items():
        for members in groups:
            assert (members & possible).tobytes() in expected.get(value, set()), f"invented\n{union.describe()}"
    for value, groups in oracle.by_value.items():
        for members in groups:
            known = [m & possible for m in reported.get(value, [])]
            inside = members & possible
            is_reported = any((inside <= m).all() or (m <= inside).all() for m in known)
            follows = any((inside <= (m & possible)).all() for m in oracle.small)
            assert is_reported or follows, f"missed\n{union.describe()}"
    return sum(map(len, oracle.by_value.values()))


def check_seeds(seeds: Iterable[int], root: Path) -> tuple[int, int]:
    """Compare the unions of some seeds; return how many there were, and how many with a shared value."""
    instances = sharing = 0
    for seed in seeds:
        for scheme in SCHEMES:
            union, threshold = make_instance(seed, scheme)
            try:
                sharing += check_instance(union, threshold, root / f"{seed}-{scheme}") > 0
            except TooManyRegisters:
                continue
            instances += 1
    return instances, sharing


def test_no_shared_value_is_missed_and_none_invented(tmp_path: Path) -> None:
    instances, sharing = check_seeds((*range(12), 61, 111), tmp_path)
    assert instances > 30
    assert 0.2 < sharing / instances < 0.98
