"""The page on OWASP ASVS 5.0 is complete and current, and every test and file that it names exists."""

from __future__ import annotations

import pytest

from scripts import asvs_table

LEVELS = {"V1.1.1": 1}
GOOD = {
    "short": "input is decoded once",
    "state": "met",
    "proof": ["tests/scripts/test_asvs_table.py::test_the_page_is_current"],
}


def test_every_requirement_has_an_assessment_with_a_proof_or_a_reason() -> None:
    written = asvs_table._read(asvs_table.ENTRIES)
    assert list(asvs_table.find_faults(written, asvs_table.requirement_levels())) == []


def test_the_list_of_requirements_has_the_counts_of_owasp() -> None:
    levels = list(asvs_table.requirement_levels().values())
    assert [levels.count(level) for level in (1, 2, 3)] == [70, 183, 92]


def test_the_page_is_current() -> None:
    written = asvs_table.PAGE.read_text(encoding="utf-8")
    assert written == asvs_table.page(asvs_table.read_entries()), "run scripts/asvs_table.py"


@pytest.mark.parametrize(
    ("entry", "fault"),
    [
        ({"V1.1.2": GOOD, "V1.1.1": GOOD}, "V1.1.2 is not a requirement of OWASP"),
        ({}, "V1.1.1 is missing"),
        ({"V1.1.1": GOOD | {"proof": []}}, "V1.1.1 is met without a proof"),
        ({"V1.1.1": GOOD | {"state": "gap"}}, "V1.1.1 is gap without a reason"),
        ({"V1.1.1": GOOD | {"state": "no"}}, "V1.1.1 is not applicable without a reason"),
        ({"V1.1.1": GOOD | {"state": "maybe"}}, "V1.1.1 has an unknown state: maybe"),
        ({"V1.1.1": GOOD | {"short": ""}}, "V1.1.1 has no description"),
        ({"V1.1.1": GOOD | {"note": "x"}}, "V1.1.1 has an unknown field: note"),
        ({"V1.1.1": GOOD | {"setting": "X"}}, "V1.1.1 names a setting, but is not a gap"),
        ({"V1.1.1": GOOD | {"proof": ["tests/no.py"]}}, "V1.1.1: there is no file tests/no.py"),
        (
            {"V1.1.1": GOOD | {"proof": ["tests/scripts/test_asvs_table.py::test_nothing"]}},
            "V1.1.1: tests/scripts/test_asvs_table.py has no test test_nothing",
        ),
    ],
)
def test_a_fault_of_the_data_file_is_named(entry: dict[str, dict[str, object]], fault: str) -> None:
    assert list(asvs_table.find_faults(entry, LEVELS)) == [fault]


def test_a_faultless_entry_has_no_fault() -> None:
    assert list(asvs_table.find_faults({"V1.1.1": GOOD}, LEVELS)) == []
