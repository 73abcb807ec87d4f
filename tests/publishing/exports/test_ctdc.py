"""CTDC export: counts of a release in CTDC's variables and codes, never rows of persons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kerege.publishing.exports import ctdc
from tests.publishing import made_exports
from tests.publishing.made import one
from tests.publishing.made_exports import IOM, YEAR, rows


@pytest.fixture
def export_rows(house: Path) -> Any:
    def export(**changes: Any) -> list[dict[str, str]]:
        ctdc.export(made_exports.year_releases(house, **changes), house / "out")
        return rows(house / "out" / ctdc.FILE)

    return export


def counts(table: list[dict[str, str]]) -> dict[tuple[str, str, str], str]:
    return {(row["release_table"], row["variables"], row["values"]): row["count"] for row in table}


def test_counts_use_the_variables_and_codes_of_ctdc(export_rows: Any) -> None:
    table = counts(export_rows())
    assert table["iom_years", "yearOfRegistration", "2019"] == "76"
    assert table["sex_age", "yearOfRegistration;gender;majorityStatus", "2025;Woman;Minor"] == "14"
    assert table["sex_age", "yearOfRegistration", "2025"] == "171"
    assert table["citizenship", "yearOfRegistration;citizenship", "2025;UZ"] == "72"
    assert table["exploitation_sex", "yearOfRegistration;isForcedLabour", "2025;1"] == "132"


def test_a_suppressed_count_is_the_word_and_a_rounded_one_has_bounds(export_rows: Any) -> None:
    table = {(row["variables"], row["values"]): row for row in export_rows()}
    suppressed = table["yearOfRegistration;citizenship", "2025;TJ"]
    rounded = table["yearOfRegistration;isSexualExploit;gender", "2025;1;Woman"]
    assert (suppressed["count"], suppressed["status"]) == ("suppressed", "suppressed")
    assert "not zero" in suppressed["note"]
    assert (rounded["count"], rounded["lower"], rounded["upper"]) == ("27", "22", "32")


def test_counts_below_ten_are_suppressed_even_when_published(export_rows: Any) -> None:
    change = {"citizenship": ("victims", ["citizenship"], YEAR, one({"KZ": 150, "UZ": 12, "TJ": 9, "KG": 0}, 171))}
    table = counts(export_rows(change=change, threshold=5))
    variables = "yearOfRegistration;citizenship"
    assert table["citizenship", variables, "2025;TJ"] == "suppressed"
    assert table["citizenship", variables, "2025;KG"] == "0"
    assert table["citizenship", variables, "2025;UZ"] == "12"


@pytest.mark.parametrize(("nonconforming", "expected"), [(12, "23"), (None, "suppressed")])
def test_codes_with_the_same_ctdc_value_are_added(export_rows: Any, nonconforming: int | None, expected: str) -> None:
    sexes = one({"female": 30, "transgender": 11, "nonconforming": nonconforming}, 53)
    table = counts(export_rows(change={"sex": ("victims", ["sex"], IOM, sexes)}))
    assert table["sex", "gender", "Trans/Transgender/NonConforming"] == expected


def test_every_table_of_victims_is_covered_or_named_as_left_out(house: Path, export_rows: Any) -> None:
    export_rows()
    notes = {row["release_table"]: row for row in rows(house / "out" / ctdc.NOTES)}
    assert set(notes) == {name for name, entry in made_exports.tables().items() if entry[0] == "victims"}
    assert notes["form"]["remark"] == "left out: CTDC has no variable for Main form of exploitation"
    assert (notes["form"]["rows"], notes["sex_age"]["remark"]) == ("0", "")
    assert "Programme: State programme" in notes["sex_age"]["coverage"]
    readme = (house / "out" / "README.txt").read_text()
    assert "k = 11" in readme
    assert "1 to\n9 are therefore not shown" in readme
