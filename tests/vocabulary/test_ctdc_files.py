"""Public files of CTDC are known by their column names, in all their ways of writing values."""

from __future__ import annotations

import pytest

from kerege.vocabulary import ctdc, ctdc_files


@pytest.mark.parametrize(
    ("variable", "texts"),
    [
        ("yearOfRegistration", {"2005", "2005.0"}),
        ("ageBroad", {"9--17", "09--17", "48+", "18--25"}),
        ("traffickMonths", {"0--12", "0--12 (0-1 yr)", "13--24 (1-2 yrs)", "25+ (2+ yrs)"}),
        ("citizenship", {"KZ", "KAZ"}),
        ("CountryOfExploitation", {"US", "USA"}),
        ("gender", {"Woman", "Female"}),
        ("meansOfControlDebtBondage", {"0", "1"}),
        ("isSlaveryAndPractices", {"1", "1.0"}),
    ],
)
def test_a_variable_has_the_values_of_all_files(variable: str, texts: set[str]) -> None:
    assert texts <= set(ctdc_files.values(variable))


@pytest.mark.parametrize("variable", ["meansOfTransport", "isicSection", "typeOfHouse", "typeOfExploitConcatenated"])
def test_a_name_that_only_looks_like_a_flag_has_no_list(variable: str) -> None:
    assert ctdc_files.values(variable) == ()


def test_all_variables_that_we_write_are_known() -> None:
    row = ctdc.to_ctdc(
        {"year": "2025", "sex": "female", "age": 16, "citizenship": "KZ", "months": 3, "destination": "AE"}
    )
    assert all(value in ctdc_files.values(variable) for variable, value in row.items() if value)
    assert all(ctdc_files.values(variable) for variable in row)


def test_no_entry_for_not_reported_is_a_value() -> None:
    for variable in ctdc.VARIABLES:
        assert not set(ctdc_files.missing(variable)) & set(ctdc_files.values(variable))


def test_every_band_has_the_majority_of_its_limits() -> None:
    majorities = {band: ctdc_files.majority(band) for band in ctdc_files.values("ageBroad")}
    assert {band for band, majority in majorities.items() if majority == "Minor"} == {"0--8", "9--17", "09--17"}
    assert set(majorities.values()) == {"Minor", "Adult"}
    assert ctdc_files.majority("unknown") == ""
