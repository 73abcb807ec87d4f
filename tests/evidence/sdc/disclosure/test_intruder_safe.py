"""Tables without a disclosure raise no alarm, and earlier disclosures are marked."""

from __future__ import annotations

from pathlib import Path

from tests.evidence.made_folders import write
from tests.evidence.sdc.disclosure.planted_releases import one, publish, total


def test_two_years_without_common_people_are_not_compared(tmp_path: Path) -> None:
    old = write(
        tmp_path / "old",
        [total("t", 120, where={"year": ["2023"]})],
        sha="a",
        as_of="2023-12-31",
        period="2023",
    )
    new = total("t", 123, where={"year": ["2024"]})
    assert publish(tmp_path, new, prior=[old], sha="b", as_of="2024-12-31")["safe"]


def test_two_periods_are_not_compared_where_each_counts_its_own_people(tmp_path: Path) -> None:
    old = write(tmp_path / "old", [total("t", 120)], sha="a", period="2023", cumulative=False)
    assert publish(tmp_path, total("t", 123), prior=[old], sha="b", period="2024", cumulative=False)["safe"]


def test_two_periods_are_compared_where_nothing_says_what_they_count(tmp_path: Path) -> None:
    old = write(tmp_path / "old", [total("t", 120)], sha="a", period="2023")
    report = publish(tmp_path, total("t", 123), prior=[old], sha="b", period="2024")
    assert [(item["lower"], item["upper"]) for item in report["disclosures"]] == [(3, 3)]


def test_unrelated_filters_are_not_subtracted(tmp_path: Path) -> None:
    report = publish(tmp_path, total("t1", 100, where={"sex": ["female"]}), total("t2", 97, where={"region": ["r1"]}))
    assert report["safe"]


def test_services_and_victims_are_not_compared(tmp_path: Path) -> None:
    assert publish(tmp_path, total("t1", 100), total("t2", 97, of="services"))["safe"]


def test_small_counts_of_no_people_are_safe(tmp_path: Path) -> None:
    assert publish(tmp_path, total("t1", 3, of="campaigns"))["safe"]


def test_noised_tables_disclose_nothing(tmp_path: Path) -> None:
    noised = one("t", "sex", {"_T": (97, "noised"), "female": (60, "noised"), "male": (3, "noised")})
    exact = one("u", "sex", {"_T": 100, "female": 62, "male": 38, "transgender": 0})
    more = one(
        "v", "sex", {"_T": (97, "noised"), "transgender": (2, "noised"), "female": (9, "noised"), "male": (9, "noised")}
    )
    assert publish(tmp_path, noised, more)["safe"]
    assert publish(tmp_path / "beside", more, exact)["safe"]


def test_a_wide_interval_is_safe(tmp_path: Path) -> None:
    assert publish(tmp_path, one("t", "x", {"_T": 31, "a": 20, "b": "", "c": ""}))["safe"]  # 1 to 10
    assert not publish(tmp_path / "narrow", one("t", "x", {"_T": 30, "a": 20, "b": "", "c": ""}))["safe"]


def test_other_populations_with_the_same_columns_are_not_compared(tmp_path: Path) -> None:
    report = publish(
        tmp_path,
        one("t1", "sex", {"_T": 100, "female": 60, "male": 40}),
        one("t2", "sex", {"_T": 97, "female": "", "male": ""}, of="suspects"),
    )
    assert report["safe"]


def test_contradicting_folders_are_other_populations(tmp_path: Path) -> None:
    old = write(tmp_path / "old", [one("police", "sex", {"_T": 100, "female": 60, "male": 40})], manifest=False)
    new = one("shelter", "sex", {"_T": 97, "female": "", "male": ""})
    assert publish(tmp_path, new, prior=[old], manifest=False)["safe"]


def test_contradicting_tables_of_a_folder_are_other_populations(tmp_path: Path) -> None:
    tables = [
        one("police", "sex", {"_T": 100, "female": 60, "male": 40}),
        one("shelter", "sex", {"_T": 97, "female": "", "male": ""}),
    ]
    assert publish(tmp_path, *tables, manifest=False)["safe"]


def test_an_earlier_disclosure_is_marked_already_public(tmp_path: Path) -> None:
    by_sex = one("t", "sex", {"_T": 100, "female": 97, "male": 3})
    old = write(tmp_path / "old", [by_sex], sha="a", as_of="2023-12-31")
    report = publish(tmp_path, by_sex, prior=[old], sha="a", as_of="2023-12-31")
    assert report["already_public"] == len(report["disclosures"]) == 2
    assert "no longer be protected" in report["disclosures"][0]["remedy"]


def test_an_equal_count_of_another_year_is_a_new_disclosure(tmp_path: Path) -> None:
    old = write(tmp_path / "old", [one("t", "sex", {"_T": 100, "female": 97, "male": 3})], sha="a", period="2023")
    report = publish(
        tmp_path, one("t", "sex", {"_T": 200, "female": 197, "male": 3}), prior=[old], sha="b", period="2024"
    )
    new = [disclosure for disclosure in report["disclosures"] if disclosure["release"] == "new"]
    assert [disclosure["already_public"] for disclosure in new] == [False]


def test_an_earlier_revision_is_marked_already_public(tmp_path: Path) -> None:
    old = [write(tmp_path / f"old{n}", [total("t", 100 + 4 * n)], sha=f"a{n}", as_of=f"202{n}-12-31") for n in range(2)]
    report = publish(tmp_path, total("u", 90, where={"sex": ["female"]}), prior=old, sha="b", as_of="2024-12-31")
    assert [
        (disclosure["kind"], disclosure["lower"], disclosure["already_public"]) for disclosure in report["disclosures"]
    ] == [("entered", 4, True)]
