"""Files whose codes are sets of values: the assessment agrees with the people-level oracle."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from random import Random

from kerege.evidence.sdc.disclosure.intruder import report
from kerege.evidence.sdc.groups.decisions import assess_groups
from kerege.evidence.sdc.populations.populations import find_populations
from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.reading.options import ReadingOptions
from tests.evidence.sdc.groups.oracle_adapter import reported_groups
from tests.evidence.sdc.groups.test_decisions import compare_reported
from tests.evidence.sdc.oracle.exact_ends import find_ends
from tests.evidence.sdc.oracle.registers import OTHER, Label, Named, TooManyRegisters, Variable
from tests.evidence.sdc.oracle.releases import (
    Key,
    Person,
    PublishedCell,
    PublishedTable,
    ReleaseUnion,
    count_cells,
    exact,
    suppressed,
)

TOGETHER, VALUES = "s (values together)", "s"
SETS = {code: frozenset(code.replace(";", "")) for code in ("u", "v", "u;v", "v;w")} | {"_U": frozenset[str]()}
MULTI = ReadingOptions(multi=frozenset({"s"}))


@dataclass(frozen=True)
class SetVariable(Variable):
    """A column of sets of values with the column of the values: every set that no table names is `*`.

    As in a multi-valued column, a set that no table names is not a condition of its own.
    """

    is_open: bool = False

    def labels(self, named: Named) -> list[Label]:
        """Return a label for each set that a table names, and in an incomplete column for all others."""
        labels: list[Label] = [(code, SETS[code]) for code in sorted(named[TOGETHER])]
        values = [*sorted(frozenset().union(*(SETS[code] for code in named[TOGETHER]))), OTHER]
        every = (frozenset(chosen) for size in range(len(values) + 1) for chosen in combinations(values, size))
        stated = {members for _, members in labels}
        return labels + [(OTHER, members) for members in every if members not in stated] * self.is_open


class UnionOfFiles(ReleaseUnion):
    """A union whose tables name sets by their codes."""

    @property
    def multi(self) -> set[str]:
        """Return no column: a person has one set of values."""
        return set()


def random_people(rng: Random) -> list[Person]:
    """Return people with a set of values and a value in another column."""
    people: list[Person] = []
    for _ in range(rng.randint(2, 5)):
        code = rng.choice(list(SETS))
        person: Person = {TOGETHER: code, VALUES: SETS[code], "b": rng.choice("xy")}
        people += [person] * rng.choice((1, 1, 2, 3, 4))
    return people[:10]


def published(rng: Random, people: Iterable[Person], by: Key, *, is_open: bool) -> PublishedTable:
    """Return a table with some cells suppressed; in an open one the last set is left out."""
    counts = count_cells(people, by, {})
    if is_open:
        left_out = max(key[0] for key in counts if key[0] != "_T")
        counts = {key: count for key, count in counts.items() if key[0] != left_out}
    cells = {
        key: suppressed() if count and rng.random() < 0.3 and any(code != "_T" for code in key) else exact(count)
        for key, count in counts.items()
    }
    return PublishedTable("t", by, {}, cells, complete=not is_open)


def as_csv(table: PublishedTable) -> str:
    """Return a table as another publisher writes it."""
    header = [column.removesuffix(" (values together)") for column in table.by]
    rows = [
        [*("Total" if code == "_T" else code for code in key), cell.text or "x"] for key, cell in table.cells.items()
    ]
    return "\n".join(",".join(row) for row in [[*header, "count"], *rows]) + "\n"


def naming_values(table: PublishedTable) -> PublishedTable:
    """Return an unpublished table that names the values in the sets of a table, as conditions."""
    codes = {key[0] for key in table.cells} - {"_T"}
    values = [*sorted(frozenset().union(*(SETS[code] for code in codes))), *[OTHER] * (not table.complete)]
    nothing = PublishedCell("", "suppressed", 0, None)
    return PublishedTable("values", (VALUES,), {}, {(value,): nothing for value in values}, complete=False)


def instances(seeds: Iterable[int]) -> Iterator[tuple[int, ReleaseUnion, PublishedTable]]:
    """Yield the threshold, the union for the oracle, and the published table of each seed."""
    for seed in seeds:
        rng = Random(f"sets {seed}")
        people = random_people(rng)
        by = rng.choice(((TOGETHER,), (TOGETHER, "b")))
        table = published(rng, people, by, is_open=rng.random() < 0.3)
        if not any(";" in key[0] for key in table.cells) or _is_constant(table):
            continue
        others = tuple(sorted({key[-1] for key in table.cells} - {"_T"}))
        sets = SetVariable((TOGETHER, VALUES), multi=True, is_open=not table.complete)
        variables = (sets, Variable(("b",), fixed=others))
        yield rng.choice((2, 3, 4)), UnionOfFiles(variables, {"r": [table, naming_values(table)]}, people), table


def _is_constant(table: PublishedTable) -> bool:
    """Return whether a column of a table has one value alone."""
    return any(len({key[place] for key in table.cells} - {"_T"}) < 2 for place in range(len(table.by)))


def test_no_group_by_sets_is_missed_and_none_invented(tmp_path: Path) -> None:
    compared = disclosing = open_tables = 0
    for threshold, union, table in instances(range(30)):
        path = tmp_path / f"{compared}.csv"
        path.write_text(as_csv(table))
        try:
            findings = find_ends(union).findings(threshold)
        except TooManyRegisters:
            continue
        (population,) = find_populations([Publication.read(path, MULTI)])
        if bool(population.own[0].incomplete & {TOGETHER}) is table.complete:
            continue  # the figures do not say that a set is left out
        reported = reported_groups(population, assess_groups(population, population.sheets, threshold))
        differences = compare_reported(findings, reported, threshold)
        assert not differences, f"{differences}\n{as_csv(table)}"
        compared += 1
        disclosing += bool(differences.disclosed)
        open_tables += not table.complete
    assert compared > 15
    assert open_tables
    assert 0 < disclosing < compared


def test_a_group_that_its_own_conditions_exclude_is_never_reported(tmp_path: Path) -> None:
    """Nobody whose only value is yes is without yes: two unrelated columns reported up to 3 such people."""
    path = tmp_path / "t.csv"
    path.write_text("region,perp,count\na,yes,3\na;e,yes,20\na,no,30\ne,yes;no,25\n_T,_T,78\n")
    new = Publication.read(path, ReadingOptions(multi=frozenset({"region", "perp"})))
    cells = [finding.cell for finding in report(new, [], 10).disclosures if finding.kind != "group"]
    assert cells
    assert not [cell for cell in cells if _columns(cell, "region") > 1 or _columns(cell, "perp") > 1]


def _columns(cell: Mapping[str, str], column: str) -> int:
    """Return how many conditions of a cell are on a column or on its sets."""
    names = (name.removeprefix("without ").removesuffix(" (values together)") for name in cell)
    return sum(name == column for name in names)
