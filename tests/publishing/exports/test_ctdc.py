"""CTDC's variables and codes from a release: counts, never rows of persons."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kerege.publishing.exports import ctdc
from tests.publishing import made_exports
from tests.publishing.made import one
from tests.publishing.made_exports import IOM, YEAR, rows


@pytest.fixture
def found(house: Path) -> Any:
    def export(**changes: Any) -> list[dict[str, str]]:
        ctdc.export(made_exports.edition(house, **changes), house / "out")
        return rows(house / "out" / ctdc.FILE)

    return export


def counts(table: list[dict[str, str]]) -> dict[tuple[str, str, str], str]:
    return {(row["release_table"], row["variables"], row["values"]): row["count"] for row in table}


def test_counts_stand_in_the_variables_and_codes_of_ctdc(found: Any) -> None:
    table = counts(found())
    assert table["iom_years", "yearOfRegistration", "2019"] == "76"
    assert table["sex_age", "yearOfRegistration;gender;majorityStatus", "2025;Woman;Minor"] == "14"
    assert table["sex_age", "yearOfRegistration", "2025"] == "171"
    assert table["citizenship", "yearOfRegistration;citizenship", "2025;UZ"] == "72"
    assert table["exploitation_sex", "yearOfRegistration;isForcedLabour", "2025;1"] == "132"


def test_a_suppressed_count_is_the_word_and_a_rounded_one_has_bounds(found: Any) -> None:
    table = {(row["variables"], row["values"]): row for row in found()}
    hidden = table["yearOfRegistration;citizenship", "2025;TJ"]
    near = table["yearOfRegistration;isSexualExploit;gender", "2025;1;Woman"]
    assert (hidden["count"], hidden["status"]) == ("suppressed", "suppressed")
    assert "not zero" in hidden["note"]
    assert (near["count"], near["lower"], near["upper"]) == ("27", "22", "32")


def test_counts_below_ten_are_not_shown_though_a_release_shows_them(found: Any) -> None:
    change = {"citizenship": ("victims", ["citizenship"], YEAR, one({"KZ": 150, "UZ": 12, "TJ": 9, "KG": 0}, 171))}
    table = counts(found(change=change, threshold=5))
    variables = "yearOfRegistration;citizenship"
    assert table["citizenship", variables, "2025;TJ"] == "suppressed"
    assert table["citizenship", variables, "2025;KG"] == "0"
    assert table["citizenship", variables, "2025;UZ"] == "12"


@pytest.mark.parametrize(("nonconforming", "told"), [(12, "23"), (None, "suppressed")])
def test_two_of_our_codes_with_one_value_there_are_one_row(found: Any, nonconforming: int | None, told: str) -> None:
    sexes = one({"female": 30, "transgender": 11, "nonconforming": nonconforming}, 53)
    table = counts(found(change={"sex": ("victims", ["sex"], IOM, sexes)}))
    assert table["sex", "gender", "Trans/Transgender/NonConforming"] == told


def test_every_table_of_victims_is_covered_or_said_to_be_left_out(house: Path, found: Any) -> None:
    found()
    notes = {row["release_table"]: row for row in rows(house / "out" / ctdc.NOTES)}
    assert set(notes) == {name for name, told in made_exports.tables().items() if told[0] == "victims"}
    assert notes["form"]["remark"] == "left out: CTDC has no variable for Main form of exploitation"
    assert (notes["form"]["rows"], notes["sex_age"]["remark"]) == ("0", "")
    assert "Programme: State programme" in notes["sex_age"]["coverage"]
    readme = (house / "out" / "README.txt").read_text()
    assert "k = 11" in readme
    assert "1 to\n9 are therefore not shown" in readme
