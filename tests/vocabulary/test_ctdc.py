"""Crosswalks to CTDC and SDG 16.2.2: an export states no more than what was reported."""

from __future__ import annotations

import pytest

from kerege.vocabulary import codes, ctdc, sdg
from kerege.vocabulary.languages import BUILT_IN

ROW = {
    "year": 2019,
    "sex": "female",
    "age_band": "9_17",
    "citizenship": "UZ",
    "destination": "KZ",
    "exploitation": "labour",
    "exploitation_forms": ["forced_labour"],
    "labour_section": ["A"],
    "means_of_control": ["takes_earnings", "sexual_abuse"],
    "recruiter_relation": "familial",
}


def test_a_full_row_gives_the_27_variables_in_order() -> None:
    variables = ctdc.to_ctdc(ROW)
    assert tuple(variables) == ctdc.VARIABLES
    assert len(variables) == 27
    assert variables["gender"] == "Woman"
    assert variables["ageBroad"] == "9--17"
    assert (variables["citizenship"], variables["CountryOfExploitation"]) == ("UZ", "KZ")


def test_detailed_means_collapse_into_the_composite_ones() -> None:
    variables = ctdc.to_ctdc(ROW)
    assert {name for name in ctdc.MEANS if variables[name] == "1"} == {
        "meansDebtBondageEarnings",
        "meansAbusePsyPhySex",
    }
    assert all(variables[name] == "0" for name in ctdc.MEANS if variables[name] != "1")


def test_every_means_of_control_but_other_has_a_composite_variable() -> None:
    covered = set().union(*ctdc.MEANS.values())
    assert covered == set(codes.code_list("means_of_control").codes) - {"other"}


@pytest.mark.parametrize("state", ["unknown", "not_asked", "refused"])
def test_an_answer_state_is_missing_and_never_zero(state: str) -> None:
    variables = ctdc.to_ctdc(
        {"means_of_control": [state], "labour_section": [state], "sex": state, "citizenship": state}
    )
    assert set(variables.values()) == {""}


def test_an_explicit_no_is_zero() -> None:
    variables = ctdc.to_ctdc({"means_of_control": ["no"]})
    assert all(variables[name] == "0" for name in ctdc.MEANS)


def test_an_empty_row_has_the_requested_missing_value_everywhere() -> None:
    assert set(ctdc.to_ctdc({}).values()) == {""}
    assert set(ctdc.to_ctdc({}, missing="-99").values()) == {"-99"}


def test_all_forms_of_exploitation_of_a_person_count() -> None:
    variables = ctdc.to_ctdc({"exploitation_forms": ["forced_labour", "sexual_exploitation"], "exploitation": "labour"})
    assert (variables["isForcedLabour"], variables["isSexualExploit"], variables["isOtherExploit"]) == ("1", "1", "0")


def test_the_group_is_used_if_the_form_is_unknown() -> None:
    variables = ctdc.to_ctdc({"exploitation": "other"})
    assert (variables["isForcedLabour"], variables["isOtherExploit"]) == ("0", "1")


def test_an_acquaintance_without_detail_is_only_not_family() -> None:
    variables = ctdc.to_ctdc({"recruiter_relation": "acquainted"})
    assert variables["recruiterRelationFamily"] == "0"
    assert variables["recruiterRelationFriend"] == variables["recruiterRelationOther"] == ""
    variables = ctdc.to_ctdc({"recruiter_relation": "acquainted", "recruiter_detail": "friend"})
    assert (variables["recruiterRelationFriend"], variables["recruiterRelationOther"]) == ("1", "0")


@pytest.mark.parametrize(
    ("age", "band"),
    [
        (0, "0--8"),
        (8, "0--8"),
        (9, "9--17"),
        (17, "9--17"),
        (18, "18--20"),
        (26, "24--26"),
        (27, "27--29"),
        (38, "30--38"),
        (47, "39--47"),
        (48, "48+"),
        (90, "48+"),
    ],
)
def test_an_exact_age_falls_in_ctdcs_own_band(age: int, band: str) -> None:
    assert ctdc.to_ctdc({"age": age})["ageBroad"] == band


@pytest.mark.parametrize("band", list(codes.code_list("age_band").codes))
def test_a_band_never_states_an_age_that_was_not_reported(band: str) -> None:
    low, high = (
        codes.code_list("age_band").codes[band].extras["low"],
        codes.code_list("age_band").codes[band].extras["high"],
    )
    written = ctdc.to_ctdc({"age_band": band})["ageBroad"]
    assert written == (f"{low}--{high}" if high else f"{low}+")


@pytest.mark.parametrize(("months", "band"), [(0, "0--12"), (12, "0--12"), (13, "13--24"), (25, "25+")])
def test_months_of_trafficking_fall_in_ctdcs_bands(months: int, band: str) -> None:
    assert ctdc.to_ctdc({"months": months})["traffickMonths"] == band


def test_the_five_series_and_their_rates() -> None:
    series = sdg.series()
    assert [one.code for one in series] == [f"VC_HTF_DETV{suffix}" for suffix in ("", "FL", "SX", "OG", "OP")]
    assert all(one.rate == f"{one.code}R" for one in series)
    assert all(set(one.titles) == set(BUILT_IN) for one in series)


def test_every_form_is_in_the_total_and_in_exactly_one_other_series() -> None:
    total, *parts = sdg.series()
    for form in codes.code_list("exploitation_form").codes:
        assert form in total.forms
        assert sum(form in part.forms for part in parts) == 1


def test_a_person_counts_once_in_the_total_and_in_the_series_of_each_form() -> None:
    assert [one.code for one in sdg.series_of(["forced_labour", "servitude", "organ_removal"])] == [
        "VC_HTF_DETV",
        "VC_HTF_DETVFL",
        "VC_HTF_DETVOG",
    ]
    assert [one.code for one in sdg.series_of([])] == ["VC_HTF_DETV"]


def test_a_rate_is_per_hundred_thousand() -> None:
    assert sdg.rate(171, 20_000_000) == pytest.approx(0.855)
    with pytest.raises(ValueError, match="population"):
        sdg.rate(1, 0)
