"""The threshold applies to the people behind rows: 13 services of 2 people are a small cell."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.counting.frequency_table import OK, SUPPRESSED, tabulate
from kerege.evidence.data.person_numbers import PERSON_NUMBERS
from kerege.evidence.data.snapshot import Snapshot, read, write
from kerege.evidence.release.build_tables import make_tables
from kerege.evidence.release.manifest_contents import contents_of
from kerege.evidence.release.spec import parse
from kerege.evidence.sdc.groups.decisions import assess_groups
from kerege.evidence.sdc.suppression.audit import audit
from kerege.evidence.sdc.suppression.method_choice import best_version
from kerege.evidence.sdc.suppression.recoding import recode

Row = dict[str, Any]


def services(tmp_path: Path, rows: list[Row], unit: str = "services", name: str = "rows") -> Snapshot:
    path = tmp_path / f"{name}.parquet"
    numbered = [{"record_id": str(number)} | row for number, row in enumerate(rows)]
    write(path, unit, numbered, as_of="2025-12-31", invented=True, key=b"k" * 32)
    return read(path)


def row(service: str, region: str, person: int, **more: str) -> Row:
    return {"service": service, "region": region, "person_ids": [f"p{person}"]} | more


def interpreted(people: int) -> list[Row]:
    """13 services of interpretation in one region, of `people` people; everything else is large."""
    few = [row("interpretation", "19", number % people) for number in range(13)]
    many = [row(kind, region, n) for kind, region in product(["shelter", "food"], ["19", "75"]) for n in range(50)]
    return few + many + [row("interpretation", "75", n) for n in range(40)]


def spec(*tables: Row) -> Any:
    title = {"kk": "x", "ru": "x", "en": "x"}
    return parse({"title": title, "period": "2025", "table": [{"of": "services"} | table for table in tables]})


def test_people_of_each_cell_are_those_of_a_count_person_by_person(tmp_path: Path) -> None:
    rng = np.random.default_rng(0)
    rows = [
        {
            "year": str(rng.integers(2023, 2026)),
            "offence": str(rng.choice(["kz128", "kz134"])),
            "person_ids": [f"p{n}" for n in rng.integers(0, 25, rng.integers(0, 4))],
        }
        for _ in range(90)
    ]
    table = tabulate(services(tmp_path, rows, "crimes"), ["year", "offence"])
    assert table.people is not None
    for flat in range(table.counts.size):
        year, offence = table.keys(flat)
        inside = [
            (number, row)
            for number, row in enumerate(rows)
            if year in ("_T", row["year"]) and offence in ("_T", row["offence"])
        ]
        by_person = Counter(p for number, row in inside for p in set(row["person_ids"]) or {f"row {number}"})
        assert table.people.people.flat[flat] == len(by_person)
        assert table.people.largest.flat[flat] == max(by_person.values(), default=0)


def test_a_column_of_several_values_counts_a_person_once_in_each_value() -> None:
    numbers = pl.Series(PERSON_NUMBERS, [[1], [1], [2], []], dtype=pl.List(pl.UInt32))
    frame = pl.DataFrame({"victims": [["a", "b"], ["a"], ["b"], ["b"]]}).with_columns(numbers)
    table = tabulate(Snapshot(frame, "crimes", "", True, "", frozenset({"victims"})), ["victims"])
    assert table.axes == (("_T", "a", "b"),)
    assert table.people is not None
    assert table.people.people.tolist() == [3, 1, 3]


def test_a_table_of_the_total_alone_has_people_too(tmp_path: Path) -> None:
    table = tabulate(services(tmp_path, interpreted(2)), [], {"service": ["interpretation"], "region": ["19"]})
    assert table.people is not None
    assert int(table.people.people) == 2
    assert table.small(10).all()


@pytest.mark.parametrize(("people", "expected"), [(2, SUPPRESSED), (9, SUPPRESSED), (10, OK), (13, OK)])
def test_13_services_of_fewer_than_10_people_are_suppressed(tmp_path: Path, people: int, expected: int) -> None:
    table = tabulate(services(tmp_path, interpreted(people)), ["service", "region"])
    protected = best_version(table, 10)
    place = tuple(axis.index(code) for axis, code in zip(table.axes, ("interpretation", "19"), strict=True))
    assert table.counts[place] == 13
    assert protected.status[place] == expected
    assert audit(protected, 10).safe


@pytest.mark.parametrize(("most", "is_hidden"), [(13, True), (12, False)])
def test_a_cell_of_which_one_person_has_most_rows_is_suppressed(tmp_path: Path, most: int, is_hidden: bool) -> None:
    own = [row("food", "19", 0) for _ in range(most)] + [row("food", "19", n) for n in range(1, 13)]
    others = [row("food", "75", n) for n in range(100, 160)] + [row("shelter", "19", n) for n in range(200, 260)]
    table = tabulate(services(tmp_path, own + others), ["service", "region"])
    place = tuple(axis.index(code) for axis, code in zip(table.axes, ("food", "19"), strict=True))
    assert bool(table.few(10)[place]) is is_hidden


def test_a_hidden_cell_of_few_people_must_be_wide_not_only_large(tmp_path: Path) -> None:
    """The column's total leaves exactly 13 services: above the threshold, but of 2 people."""
    table = tabulate(services(tmp_path, interpreted(2)), ["service", "region"])
    status = np.zeros_like(table.status)
    for code in ("19", "75"):
        status[table.axes[0].index("interpretation"), table.axes[1].index(code)] = SUPPRESSED
    hidden = replace(table, status=status)
    assert not audit(hidden, 10).safe
    assert audit(replace(hidden, people=None), 10).safe  # if a row were a person
    status[table.axes[0].index("shelter"), 1:] = SUPPRESSED
    wide = replace(table, status=status)
    assert audit(wide, 10).safe


def test_merged_categories_have_at_least_the_people_of_their_parts(tmp_path: Path) -> None:
    rows = [row("shelter", "19", n) for n in range(40)]
    rows += [row(kind, "19", n) for kind in ("food", "education", "transport") for n in range(4)]
    (merged, *_) = recode(tabulate(services(tmp_path, rows), ["service"]), threshold=10)
    assert merged.people is not None
    assert merged.people.people[merged.axes[0].index("_O")] == 4  # four people have all three
    assert merged.small(10)[merged.axes[0].index("_O")]


def test_the_gate_widens_a_group_of_few_people_that_no_table_shows(tmp_path: Path) -> None:
    """Interpretation without region 75 is 13 services of 2 people: total minus the other region."""
    rows = interpreted(2)
    snapshot = services(tmp_path, rows)
    by_kind = tabulate(snapshot, ["service"], name="by_kind")
    one_region = tabulate(snapshot, ["service"], {"region": ["75"]}, name="one_region")
    findings = assess_groups(snapshot, [by_kind, one_region], 10, held=True)
    assert 13 in [finding.upper for part in findings.parts for finding in part.narrow]
    twin = services(tmp_path, interpreted(13), name="twin")
    tables = [tabulate(twin, ["service"]), tabulate(twin, ["service"], {"region": ["75"]})]
    assert not [finding for part in assess_groups(twin, tables, 10, held=True).parts for finding in part.narrow]


def test_a_release_protects_people_in_all_its_tables_together(tmp_path: Path) -> None:
    snapshot = services(tmp_path, interpreted(2))
    tables = make_tables(
        [snapshot], spec({"name": "a", "by": ["service"]}, {"name": "b", "by": ["service"], "where": {"region": "75"}})
    )
    whole, part = ({keys: cell.count for keys, cell in table.cells.items()} for table in tables)
    assert whole["interpretation",] is None or part["interpretation",] is None
    assert assess_groups(snapshot, tables, 10, held=True).parts[0].narrow == []


@pytest.mark.parametrize("method", ["none", "cellkey"])
def test_a_method_that_hides_nothing_is_refused_for_rows_of_few_people(tmp_path: Path, method: str) -> None:
    table = {"name": "a", "by": ["service", "region"], "method": method}
    with pytest.raises(Refused, match="services that concern fewer than 10 people, or mostly one person"):
        make_tables([services(tmp_path, interpreted(9))], spec(table))
    if method == "none":
        assert make_tables([services(tmp_path, interpreted(10), name="twin")], spec(table))


def test_a_snapshot_of_an_earlier_version_makes_no_table_until_it_is_taken_again(tmp_path: Path) -> None:
    rows = [{name: code for name, code in row.items() if name != "person_ids"} for row in interpreted(13)]
    old = services(tmp_path, rows)
    assert PERSON_NUMBERS not in old.frame.columns
    with pytest.raises(BadInput, match="does not say which services concern the same person"):
        tabulate(old, ["service"])
    contacts = [{"channel": "call"}] * 20
    assert tabulate(services(tmp_path, contacts, "contacts", "contacts"), ["channel"]).people is None


def test_manifests_state_whether_the_threshold_applies_to_people(tmp_path: Path) -> None:
    snapshot = services(tmp_path, interpreted(13))
    request = spec({"name": "a", "by": ["service"]})
    policy = contents_of(request, make_tables([snapshot], request), [snapshot], "2026-01-01")["policy"]
    assert policy.tree == {"threshold": 10, "sensitive": [], "applies_to": {"services": "people"}}


def test_person_numbers_are_no_column_and_differ_between_snapshots(tmp_path: Path) -> None:
    rows = [row("food", "19", n) for n in range(30)]
    first = services(tmp_path, rows)
    assert PERSON_NUMBERS not in first.columns
    with pytest.raises(BadInput, match="there is no such column"):
        tabulate(first, [PERSON_NUMBERS])
    path = tmp_path / "later.parquet"
    write(path, "services", rows, as_of="2026-12-31", invented=True, key=b"k" * 32)
    numbers = [snapshot.frame[PERSON_NUMBERS].explode().to_list() for snapshot in (first, read(path))]
    assert sorted(numbers[0]) == sorted(numbers[1]) == list(range(1, 31))
    assert numbers[0] != numbers[1]
