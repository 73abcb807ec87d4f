"""A tie holds at the totals of the shared columns, whatever values their tables name."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.evidence.sdc.disclosure.assessment import feasible_intervals
from kerege.evidence.sdc.disclosure.intruder import examine
from kerege.evidence.sdc.published_tables.publication import Publication

PEOPLE = "service_kinds,count,status\n_T,100,ok\ninterpretation,,suppressed\nlegal,60,ok\n_U,,suppressed\n"
KINDS = {"_T": "65,ok", "interpretation": ",suppressed", "legal": "60,ok"}
TOTALS_ALONE = {
    "none": (),
    "region": ("region",),
    "region and sex": ("region", "sex"),
}


def folder(root: Path, people: str, rows: str, *, is_once: bool = True, **where: list[str]) -> Path:
    """Write tables of victims and of their services, with a tie by region and sex."""
    tie = {
        "rows": "services",
        "people": "victims",
        "same": ["region", "sex"],
        "values": {"service": "service_kinds"},
        "every_row_counted": True,
        "one_row_per_value": ["service"] if is_once else [],
    }
    tables = [
        {"name": "people", "file": "people.csv", "of": "victims", "multi": ["service_kinds"]},
        {"name": "rows", "file": "rows.csv", "of": "services", "where": where},
    ]
    (root / "people.csv").write_text(people)
    (root / "rows.csv").write_text(rows)
    (root / "manifest.json").write_text(json.dumps({"tables": tables, "ties": [tie]}))
    return root


def services(columns: tuple[str, ...]) -> str:
    """Return 65 services by kind, with columns of which only the total is shown: 5 of interpretation."""
    lines = [",".join([*["_T"] * len(columns), kind, figures]) for kind, figures in KINDS.items()]
    return "\n".join([",".join([*columns, "service", "count", "status"]), *lines, ""])


@pytest.mark.parametrize("columns", TOTALS_ALONE.values(), ids=TOTALS_ALONE)
@pytest.mark.parametrize(("is_once", "expected"), [(True, (5, 5)), (False, (1, 5))])
def test_columns_with_a_total_alone_take_nothing_from_a_tie(
    tmp_path: Path, columns: tuple[str, ...], is_once: bool, expected: tuple[int, int]
) -> None:
    path = folder(tmp_path, PEOPLE, services(columns), is_once=is_once)
    assert feasible_intervals(Publication.read(path))["people"]["interpretation",] == expected
    assert not examine(path).safe


def test_people_without_the_columns_of_their_services_have_a_total_of_services(tmp_path: Path) -> None:
    """Only the total of the shared column is shown: `_sums_of` had nothing to sum."""
    path = folder(tmp_path, "region,count,status\n_T,70,ok\n", services(("region",)))
    report = examine(path)
    assert ("people", {"service_kinds": "interpretation"}, 5) in [
        (finding.table, finding.cell, finding.upper) for finding in report.disclosures
    ]


@pytest.mark.parametrize("region", ["_O", "75"])
def test_a_filter_of_the_services_keeps_the_tie(tmp_path: Path, region: str) -> None:
    """5 services in some places are at least 1 person with this service."""
    path = folder(tmp_path, PEOPLE, services(()), region=[region])
    lower, _ = feasible_intervals(Publication.read(path))["people"]["interpretation",]
    assert lower == 5
