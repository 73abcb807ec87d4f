"""SDG 16.2.2 export from a release: counts, rates and notes; expected numbers worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.publishing.exports import sdg
from kerege.publishing.storage import release_files
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary.pack import active_pack
from kerege.vocabulary.population import Key, Population
from tests.publishing import made, made_exports
from tests.publishing.made import one
from tests.publishing.made_exports import IOM, YEAR, rows

PEOPLE: dict[Key, Population] = {
    ("KZ", 2025, "_T", "_T"): Population(20_000_000, "Statistics office, 2025", True),
    ("KZ", 2025, "female", "_T"): Population(10_000_000, "a press report", False),
    ("KZ", 2025, "female", "child"): Population(3_500_000, "Statistics office, 2025", True),
    ("KZ", 2020, "_T", "_T"): Population(18_000_000, "Statistics office, 2020", True),
}
Found = dict[tuple[str, str, str, str], dict[str, str]]


@pytest.fixture
def export_table(house: Path) -> Any:
    def export(people: dict[Key, Population] = PEOPLE, **changes: Any) -> Found:
        year_releases = made_exports.year_releases(house, **changes)
        sdg.export(year_releases, house / "out", "KZ", people)
        return {
            (row["SeriesCode"], row["TimePeriod"], row["[Sex]"], row["[Age]"]): row
            for row in rows(house / "out" / sdg.FILE)
        }

    return export


def total(code: str, year: str = "2025") -> tuple[str, str, str, str]:
    return code, year, "BOTHSEX", "ALLAGE"


def test_the_file_has_the_columns_of_the_un_database(house: Path, export_table: Any) -> None:
    row = export_table()[total("VC_HTF_DETV")]
    assert list(row) == list(sdg.COLUMNS)
    assert (row["Goal"], row["Target"], row["Indicator"]) == ("16", "16.2", "16.2.2")
    assert (row["GeoAreaCode"], row["GeoAreaName"]) == ("398", "Kazakhstan")
    assert (row["[Nature]"], row["[Reporting Type]"], row["[Units]"]) == ("C", "N", "NUMBER")
    assert (row["Value"], row["[Observation Status]"]) == ("171", "A")
    assert "Release of 2025 (annual-2025)" in row["Source"]
    assert "Programme: State programme" in row["FootNote"]
    assert "better detection" in row["FootNote"]
    about = json.loads((house / "out" / "export.json").read_text())
    assert (about["kind"], about["year"], about["files"]) == ("sdg", 2025, ["README.txt", sdg.FILE])
    assert about["releases"][0]["directory"] == "annual-2025"
    assert about["pack"] == active_pack().stamp
    assert "Invented data" in (house / "out" / "README.txt").read_text()


def test_a_rate_uses_the_population_of_the_same_sex_and_age(export_table: Any) -> None:
    table = export_table()
    overall = table[total("VC_HTF_DETVR")]
    assert (overall["Value"], overall["[Units]"], overall["[Observation Status]"]) == ("0.855", "PER_100000_POP", "A")
    assert "20,000,000 persons, Statistics office, 2025." in overall["FootNote"]
    assert table["VC_HTF_DETVR", "2025", "FEMALE", "ALLAGE"]["Value"] == "0.66"  # 66 of 10 million
    assert "(unconfirmed)" in table["VC_HTF_DETVR", "2025", "FEMALE", "ALLAGE"]["FootNote"]
    assert table["VC_HTF_DETVR", "2025", "FEMALE", "<18Y"]["Value"] == "0.4"  # 14 of 3.5 million
    assert table[total("VC_HTF_DETVR", "2020")]["Value"] == "0.08333"  # 15 of 18 million
    assert table[total("VC_HTF_DETVFLR")]["Value"] == "0.66"  # 132 of 20 million


def test_without_a_population_there_is_no_rate(export_table: Any) -> None:
    table = export_table()
    for key in (("VC_HTF_DETVR", "2025", "MALE", "ALLAGE"), total("VC_HTF_DETVR", "2024")):
        assert (table[key]["Value"], table[key]["[Observation Status]"]) == ("", "O")
        assert table[key]["FootNote"].startswith("No rate: no mid-year population")
    assert table["VC_HTF_DETV", "2025", "MALE", "ALLAGE"]["Value"] == "105"


def test_a_suppressed_count_and_its_rate_are_the_word(export_table: Any) -> None:
    table = export_table()
    for code in ("VC_HTF_DETVSX", "VC_HTF_DETVSXR", "VC_HTF_DETVOP"):
        row = table[code, "2025", "MALE" if "SX" in code else "BOTHSEX", "ALLAGE"]
        assert (row["Value"], row["[Observation Status]"]) == ("suppressed", "Q")
        assert "not zero" in row["FootNote"]
    assert all(row["Value"] or row["[Observation Status]"] == "O" for row in table.values())
    assert not any(row["Value"] == "0" and row["[Observation Status]"] != "A" for row in table.values())


def test_a_published_form_is_preferred_to_a_suppressed_group(export_table: Any) -> None:
    """Check a series whose group is suppressed by sex, while the table of forms publishes it."""
    assert export_table()[total("VC_HTF_DETVSX")]["Value"] == "31"


def test_a_rounded_count_and_its_rate_have_intervals(export_table: Any) -> None:
    table = export_table()
    count, rate = (table[code, "2025", "FEMALE", "ALLAGE"] for code in ("VC_HTF_DETVSX", "VC_HTF_DETVSXR"))
    assert (count["Value"], count["LowerBound"], count["UpperBound"]) == ("27", "22", "32")
    assert (rate["Value"], rate["LowerBound"], rate["UpperBound"]) == ("0.27", "0.22", "0.32")
    assert count["[Observation Status]"] == rate["[Observation Status]"] == "E"
    assert "within 5" in count["FootNote"]


def test_a_noised_count_is_marked_and_states_its_error(export_table: Any) -> None:
    cells = {("_T",): (170, "noised"), ("female",): (64, "noised"), ("male",): (106, "noised")}
    change = {"sex_age": ("victims", ["sex"], YEAR, cells)}
    within = ["the total is within 12 of the truth in 95 of 100 cases"]
    noise = {"methods": {"sex_age": "dp"}, "notes": {"sex_age": within}}
    table = export_table(change=change, leave_out=("exploitation_sex",), **noise)
    row = table["VC_HTF_DETV", "2025", "MALE", "ALLAGE"]
    assert (row["Value"], row["[Observation Status]"], row["LowerBound"]) == ("106", "E", "")
    assert within[0] in row["FootNote"]
    assert table[total("VC_HTF_DETV")]["Value"] == "171"  # another table has it exactly


def test_an_unlisted_form_of_a_complete_table_is_zero(house: Path, export_table: Any) -> None:
    assert export_table()[total("VC_HTF_DETVOG")]["Value"] == "0"


def test_a_small_category_that_is_not_shown_is_not_zero(export_table: Any) -> None:
    row = export_table(params={"form": {"small_categories": "not shown"}})[total("VC_HTF_DETVOG")]
    assert (row["Value"], row["[Observation Status]"]) == ("", "O")


def test_other_purposes_equal_the_group_without_organ_removal(export_table: Any) -> None:
    exploitation = {("_T",): 171, ("labour",): 127, ("sexual",): 31, ("other",): 13}
    change = {"exploitation": ("victims", ["exploitation"], YEAR, exploitation)}
    assert export_table(change=change)[total("VC_HTF_DETVOP")]["Value"] == "13"


def test_other_purposes_exclude_organ_removal(export_table: Any) -> None:
    exploitation = {("_T",): 171, ("labour",): 127, ("sexual",): 31, ("other",): 13}
    forms = one({"forced_labour": 127, "sexual_exploitation": 31, "begging": None, "organ_removal": None}, 171)
    change = {
        "exploitation": ("victims", ["exploitation"], YEAR, exploitation),
        "form": ("victims", ["exploitation_form"], YEAR, forms),
    }
    table = export_table(change=change)
    assert table[total("VC_HTF_DETVOP")]["Value"] == "suppressed"
    assert table[total("VC_HTF_DETVOG")]["Value"] == "suppressed"


def test_a_change_of_programme_is_flagged_as_a_break(export_table: Any) -> None:
    table = export_table()
    assert [table[total("VC_HTF_DETV", year)]["Value"] for year in ("2019", "2020", "2021", "2024")] == [
        "76",
        "15",
        "200",
        "247",
    ]
    assert [table[total("VC_HTF_DETV", year)]["[Observation Status]"] for year in ("2020", "2021", "2024")] == [
        "A",
        "B",
        "A",
    ]
    assert "supported by IOM" in table[total("VC_HTF_DETV", "2020")]["FootNote"]


def test_a_year_of_both_programmes_uses_the_state_programme(export_table: Any) -> None:
    change = {"iom_years": ("victims", ["year"], IOM, one({"2024": 33}, 33))}
    assert export_table(change=change)[total("VC_HTF_DETV", "2024")]["Value"] == "247"


def test_a_series_without_a_table_is_marked_as_missing(export_table: Any) -> None:
    row = export_table(leave_out=("form", "exploitation_sex"))[total("VC_HTF_DETVFL")]
    assert (row["Value"], row["[Observation Status]"]) == ("", "O")
    assert row["FootNote"].startswith("No release of the year has this figure.")


def test_a_country_without_a_numeric_code_is_refused(house: Path) -> None:
    year_releases = made_exports.year_releases(house)
    with pytest.raises(BadInput, match="XX"):
        sdg.export(year_releases, house / "out", "XX", {})
    assert not (house / "out").exists()


def test_an_existing_folder_of_other_files_is_not_replaced(house: Path) -> None:
    year_releases = made_exports.year_releases(house)
    (house / "out").mkdir()
    (house / "out" / "thesis.txt").write_text("years of work")
    with pytest.raises(BadInput, match="not an export"):
        sdg.export(year_releases, house / "out", "KZ", {})
    assert (house / "out" / "thesis.txt").read_text() == "years of work"


def test_the_undetected_have_an_interval_and_no_value(house: Path) -> None:
    made.make(house, estimate=made.estimated())
    sdg.export(YearReleases(2025, release_files.releases_of_year(2025)), house / "out", "KZ", PEOPLE)
    (row,) = rows(house / "out" / sdg.UNDETECTED)
    assert (row["Value"], row["LowerBound"], row["UpperBound"]) == ("", "2200", "3100")
    assert (row["[Observation Status]"], row["[Nature]"], row["TimePeriod"]) == ("E", "E", "2021-2025")
    assert "Invented lists" in row["FootNote"]
    assert (
        "Estimated in all: at least 2,200 people, and at most 3,100 if nobody had less than one chance in 10"
        in row["FootNote"]
    )
    assert "1,343" in row["FootNote"]


def test_without_an_upper_figure_its_bound_is_empty(house: Path) -> None:
    made.make(house, estimate=made.at_least())
    sdg.export(YearReleases(2025, release_files.releases_of_year(2025)), house / "out", "KZ", PEOPLE)
    (row,) = rows(house / "out" / sdg.UNDETECTED)
    assert (row["LowerBound"], row["UpperBound"]) == ("2200", "")
    assert "no upper figure is published" in row["FootNote"]


def test_a_publication_rule_prevents_the_export_of_the_undetected(house: Path) -> None:
    made.make(house, estimate=made.stopped())
    sdg.export(YearReleases(2025, release_files.releases_of_year(2025)), house / "out", "KZ", PEOPLE)
    assert not (house / "out" / sdg.UNDETECTED).exists()


WOMEN = {"sex": ["female"]}
YEARS: dict[Key, Population] = {
    ("KZ", year, "female", "_T"): Population(10_000_000 + 100_000 * year, f"office, {year}", True)
    for year in range(2021, 2026)
}


def undetected(house: Path, people: dict[Key, Population], *strata: dict[str, Any]) -> list[dict[str, str]]:
    made.make(house, estimate=made.estimated(), strata=strata)
    sdg.export(YearReleases(2025, release_files.releases_of_year(2025)), house / "out", "KZ", people)
    return rows(house / "out" / sdg.UNDETECTED)


def test_an_estimate_of_a_stratum_has_its_sex_and_age_and_its_rate(house: Path) -> None:
    girls = made.estimated(name="girls", period="2025", where=WOMEN | {"age_group": ["child"]}, lower=300, upper=1000)
    whole, stratum, rate = undetected(house, PEOPLE, girls)
    assert (whole["[Sex]"], whole["[Age]"], whole["[Units]"]) == ("BOTHSEX", "ALLAGE", "NUMBER")
    assert (stratum["[Sex]"], stratum["[Age]"], stratum["LowerBound"]) == ("FEMALE", "<18Y", "300")
    assert "Only people with age_group: child; sex: female." in stratum["FootNote"]
    # 300 and 1,000 of 3,500,000
    assert (rate["LowerBound"], rate["UpperBound"], rate["[Units]"]) == ("8.57143", "28.57143", "PER_100000_POP")
    assert "3,500,000 persons, Statistics office, 2025" in rate["FootNote"]
    assert rate["Value"] == ""


def test_the_rate_of_a_period_is_that_of_an_average_year(house: Path) -> None:
    women = made.estimated(name="women", where=WOMEN, lower=1000, upper=None, kind="at_least")
    *_, rate = undetected(house, YEARS, women)
    total = sum(population.persons for population in YEARS.values())
    assert float(rate["LowerBound"]) == pytest.approx(1000 * 100_000 / total, abs=1e-5)
    assert rate["UpperBound"] == ""
    assert "an average of 5 years" in rate["FootNote"]


@pytest.mark.parametrize(
    "where", [WOMEN | {"age_group": ["child"]}, {"sex": ["female", "male"]}, {"sex": ["other"]}], ids=str
)
def test_a_stratum_without_a_population_of_each_year_has_no_rate(house: Path, where: dict[str, list[str]]) -> None:
    rows_of_both = undetected(house, YEARS, made.estimated(name="part", where=where))
    assert {row["[Units]"] for row in rows_of_both} == {"NUMBER"}
    assert len(rows_of_both) == 2


def test_a_stratum_under_a_publication_rule_is_left_out(house: Path) -> None:
    assert len(undetected(house, YEARS, made.stopped() | {"name": "women", "where": WOMEN})) == 1
