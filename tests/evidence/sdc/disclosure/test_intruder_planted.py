"""Planted disclosures are all found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from kerege.evidence.sdc.disclosure.intruder import examine
from tests.evidence.made_folders import table, write
from tests.evidence.sdc.disclosure.planted_releases import Report, Value, count_and_status, one, publish, total


def two_way_table(
    name: str, columns: Sequence[str], cells: Mapping[tuple[str, str], Value], **more: Any
) -> dict[str, Any]:
    """Return a table by two columns."""
    return table(
        name,
        [[*columns, "count", "status"], *[[*key, *count_and_status(value)] for key, value in cells.items()]],
        **more,
    )


def learned(report: Report) -> set[tuple[str, int, int]]:
    """Return kind, lower and upper end of every disclosure."""
    return {(disclosure["kind"], disclosure["lower"], disclosure["upper"]) for disclosure in report["disclosures"]}


def about(report: Report, **cell: str) -> list[tuple[str, int, int]]:
    """Return kind, lower and upper end of the disclosures of one cell."""
    return [
        (disclosure["kind"], disclosure["lower"], disclosure["upper"])
        for disclosure in report["disclosures"]
        if disclosure["cell"] == cell
    ]


def test_a_nested_filter_discloses_the_people_outside_it(tmp_path: Path) -> None:
    outer = one("all", "sex", {"_T": 220, "female": 120, "male": 100})
    inner = one("iom", "sex", {"_T": 205, "female": 105, "male": 100}, where={"programme": ["iom"]})
    report = publish(
        tmp_path,
        outer,
        one("more", "sex", {"_T": 201, "female": 101, "male": 100}, where={"programme": ["iom"], "region": ["r1"]}),
        inner,
    )
    assert ("difference", 4, 4) in learned(report)
    assert not [disclosure for disclosure in report["disclosures"] if disclosure["lower"] >= 10]


def test_overlapping_filters_disclose_their_difference(tmp_path: Path) -> None:
    report = publish(
        tmp_path,
        total("t1", 100, where={"age": ["a", "b"]}),
        total("t2", 90, where={"age": ["b", "c"]}),
        total("t3", 104, where={"age": ["a", "b", "c"]}),
    )
    assert ("difference", 4, 4) in about(report, age="c")
    assert learned(report) == {("difference", 4, 4)}


def test_several_subsets_disclose_the_remainder(tmp_path: Path) -> None:
    parts = [total(f"r{n}", count, where={"region": [f"r{n}"]}) for n, count in enumerate((40, 35, 22))]
    report = publish(tmp_path, total("all", 100), *parts)
    assert ("difference", 3, 3) in about(report, region="another")


def test_a_revised_period_discloses_the_change(tmp_path: Path) -> None:
    where = {"year": ["2023"]}
    old = write(
        tmp_path / "old",
        [one("sex", "sex", {"_T": 220, "female": 120, "male": 100}, where=where)],
        sha="a",
        as_of="2023-12-31",
        period="2023",
    )
    new = one("sex", "sex", {"_T": 224, "female": 124, "male": 100}, where=where)
    report = publish(tmp_path, new, prior=[old], sha="b", as_of="2024-12-31", period="2023")
    assert about(report, entered="2024-01-01/2024-12-31", year="2023") == [("entered", 4, 4)]
    assert "added between 2024-01-01 and 2024-12-31" in report["disclosures"][0]["words"][0]


def test_two_stocks_disclose_the_change_of_a_year(tmp_path: Path) -> None:
    old = write(tmp_path / "old", [total("all", 1235)], sha="a", as_of="2023-12-31", period="2023")
    report = publish(tmp_path, total("assisted", 1240), prior=[old], sha="b", as_of="2024-12-31")
    assert learned(report) == {("entered", 5, 5)}


def test_two_narrow_intervals_disclose_a_revision(tmp_path: Path) -> None:
    old = {"_T": 100, "a": 60, "b": "", "c": 20}
    new = {"_T": 133, "a": 70, "b": "", "c": 40}
    first = write(tmp_path / "old", [one("t", "x", old)], sha="a", as_of="2023-12-31")
    report = publish(tmp_path, one("t", "x", new), prior=[first], sha="b", as_of="2024-12-31")
    assert about(report, x="b", entered="2024-01-01/2024-12-31") == [("entered", 3, 3)]


def test_a_new_category_is_disclosed(tmp_path: Path) -> None:
    old = write(
        tmp_path / "old",
        [one("sex", "sex", {"_T": 900, "female": 500, "male": 400})],
        sha="a",
        as_of="2023-12-31",
    )
    new = one("sex", "sex", {"_T": 930, "female": 510, "male": 412, "transgender": ""})
    report = publish(tmp_path, new, prior=[old], sha="b", as_of="2024-12-31")
    assert about(report, sex="transgender") == [("interval", 8, 8)]


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    ("fine", "coarse", "codes", "group"),
    [
        ("exploitation_form", "exploitation", ("begging", "forced_marriage", "sexual_exploitation"), "other"),
        ("age_band", "age_group", ("0_8", "9_17", "18_25"), "child"),
        ("quarter", "year", ("2024-Q1", "2024-Q2", "2023-Q1"), "2024"),
    ],
)
def test_a_published_parent_discloses_a_hidden_code(
    tmp_path: Path, fine: str, coarse: str, codes: tuple[str, str, str], group: str, together: bool
) -> None:
    low = one("fine", fine, {"_T": "", codes[0]: 30, codes[1]: "", codes[2]: ""})
    high = one("coarse", coarse, {"_T": "", group: 34, {"other": "sexual", "child": "adult"}.get(group, "2023"): ""})
    old = [] if together else [write(tmp_path / "old", [high])]
    report = publish(tmp_path, *([low, high] if together else [low]), prior=old)
    assert about(report, **{fine: codes[1]}) == [("interval", 4, 4)]


def test_a_hierarchy_is_recognised_without_a_manifest(tmp_path: Path) -> None:
    low = one("fine", "form", {"_T": "", "begging": 30, "forced_marriage": "", "sexual_exploitation": 40})
    high = one("coarse", "kind", {"_T": "", "other": 34, "sexual": ""})
    report = publish(tmp_path, low, high, manifest=False)
    assert about(report, form="forced_marriage") == [("interval", 4, 4)]


def rounded(name: str, d: int | None) -> dict[str, Any]:
    params = {} if d is None else {"half_width": d}
    return one(name, "x", {"_T": 63, "a": (60, "perturbed"), "b": (5, "perturbed")}, params=params)


def test_independently_rounded_margins_narrow_a_cell(tmp_path: Path) -> None:
    assert about(publish(tmp_path, rounded("t", 5)), x="b") == [("interval", 0, 8)]


def test_rounding_without_a_half_width_discloses_nothing(tmp_path: Path) -> None:
    assert publish(tmp_path, rounded("t", None))["safe"]


def test_a_base_alone_states_no_half_width(tmp_path: Path) -> None:
    sheet = one("t", "x", {"_T": 63, "a": (60, "perturbed"), "b": (5, "perturbed")}, params={"rounded_to": 10})
    assert publish(tmp_path, sheet)["safe"]


def test_the_total_of_another_table_discloses_a_cell(tmp_path: Path) -> None:
    sex = one("sex", "sex", {"_T": "", "female": 60, "male": ""})
    report = publish(tmp_path, sex, one("region", "region", {"r1": 40, "r2": 27}))
    assert about(report, sex="male") == [("interval", 7, 7)]


def test_multi_valued_counts_bound_those_who_report_nothing(tmp_path: Path) -> None:
    services = one("services", "s", {"_T": 50, "_U": "", "food": 47, "shelter": 41}, multi=["s"])
    assert about(publish(tmp_path, services), s="_U") == [("interval", 1, 3)]


def test_a_multi_valued_column_links_two_tables(tmp_path: Path) -> None:
    by_service = one("services", "s", {"_T": 60, "_U": 0, "food": 50, "shelter": ""}, multi=["s"])
    by_sex = two_way_table("sex", ["sex", "s"], {
        ("_T", "_T"): "", ("female", "_T"): "", ("male", "_T"): "", ("_T", "food"): "", ("female", "food"): 42,
        ("male", "food"): "", ("_T", "shelter"): "", ("female", "shelter"): 20, ("male", "shelter"): "",
    }, multi=["s"])  # fmt: skip
    report = publish(tmp_path, by_service, by_sex)
    assert about(report, sex="male", s="food") == [("interval", 8, 8)]
    # the men without shelter are at most the 8 men with food: everybody has one of the two
    assert learned(report) == {("interval", 8, 8), ("difference", 0, 8)}


def test_two_multi_valued_columns_in_one_table(tmp_path: Path) -> None:
    both = two_way_table("both", ["s", "m"], {
        ("_T", "_T"): 100, ("food", "_T"): "", ("shelter", "_T"): "", ("_U", "_T"): "", ("_T", "x"): "",
        ("_T", "_U"): "", ("food", "x"): "", ("food", "_U"): "", ("shelter", "x"): "", ("shelter", "_U"): "",
    }, multi=["m", "s"])  # fmt: skip
    report = publish(tmp_path, both, one("one", "s", {"_T": 100, "food": 4, "shelter": 70, "_U": 27}, multi=["s"]))
    intervals = {
        tuple(sorted(disclosure["cell"].items())): (disclosure["lower"], disclosure["upper"])
        for disclosure in report["disclosures"]
        if disclosure["table"] == "both"
    }
    assert intervals[("s", "food"),] == (4, 4)
    assert intervals[("m", "x"), ("s", "food")] == (1, 3)  # one of the 4 reports no m


def test_a_later_release_discloses_a_hidden_cell(tmp_path: Path) -> None:
    hidden = {"_T": 70, "female": "", "male": "", "transgender": ""}
    old = write(tmp_path / "old", [one("t", "sex", hidden)], sha="a", as_of="2023-12-31")
    later = one("t", "sex", {"_T": 70, "female": 40, "male": 26, "transgender": 4})
    report = publish(tmp_path, later, prior=[old], sha="b", as_of="2024-12-31")
    disclosures = {
        (disclosure["release"], disclosure["kind"], disclosure["lower"])
        for disclosure in report["disclosures"]
        if disclosure["cell"] == {"sex": "transgender"}
    }
    assert disclosures == {("new", "small", 4), ("old", "interval", 4)}


def test_three_tables_disclose_what_no_two_of_them_do(tmp_path: Path) -> None:
    tables = [
        total("xy", 20, where={"a": ["x", "y"]}),
        total("yz", 22, where={"a": ["y", "z"]}),
        total("xz", 18, where={"a": ["x", "z"]}),
    ]
    assert {ends[1:] for ends in learned(publish(tmp_path / "three", *tables))} == {(8, 8)}
    for n in range(3):
        assert publish(tmp_path / f"without {n}", *tables[:n], *tables[n + 1 :])["safe"]


def test_a_published_small_count_is_a_disclosure(tmp_path: Path) -> None:
    report = publish(tmp_path, one("sex", "sex", {"_T": 1891, "female": 907, "male": 981, "transgender": 3}))
    assert about(report, sex="transgender") == [("small", 3, 3)]
    assert report["disclosures"][0]["people"] == 3


def test_group_disclosure_in_a_sensitive_column(tmp_path: Path) -> None:
    cells = {("r1", "labour"): 40, ("r1", "sexual"): 0, ("r2", "labour"): 30, ("r2", "sexual"): 20, ("r1", "_T"): 40,
             ("r2", "_T"): 50, ("_T", "labour"): 70, ("_T", "sexual"): 20, ("_T", "_T"): 90}  # fmt: skip
    by_region = two_way_table("t", ["region", "exploitation"], cells)
    report = publish(tmp_path / "named", by_region, policy={"sensitive": ["exploitation"]})
    assert about(report, region="r1", exploitation="labour") == [("group", 40, 40)]
    plain = publish(tmp_path / "plain", by_region)
    assert plain["safe"]
    assert [disclosure["shares"] for disclosure in plain["groups"]] == [{"region": "r2"}, {"exploitation": "labour"}]


ARTICLE = "Пол,Количество\nВсего,1 891\nЖенский,907\nМужской,981\n"


def test_an_article_alone_discloses_a_difference(tmp_path: Path) -> None:
    (tmp_path / "news.csv").write_text(ARTICLE, encoding="utf-8")
    report = examine(tmp_path).tree
    assert [(disclosure["kind"], disclosure["lower"], disclosure["upper"]) for disclosure in report["disclosures"]] == [
        ("difference", 3, 3)
    ]


def test_an_article_discloses_a_hidden_cell_of_a_release(tmp_path: Path) -> None:
    (tmp_path / "press").mkdir()
    (tmp_path / "press" / "news.csv").write_text(ARTICLE + "Трансгендер,<10\n", encoding="utf-8")
    release_table = one("sex", "sex", {"_T": 1891, "female": "", "male": "", "transgender": ""})
    report = publish(tmp_path, release_table, prior=[tmp_path / "press"])
    by_release = {
        disclosure["release"]: disclosure
        for disclosure in report["disclosures"]
        if disclosure["cell"].get("sex") == "transgender" or disclosure["cell"].get("Пол") == "Трансгендер"
    }
    assert {(disclosure["lower"], disclosure["upper"]) for disclosure in by_release.values()} == {(3, 3)}
    assert all(disclosure["already_public"] for disclosure in by_release.values())
    assert "no longer be protected" in by_release["new"]["words"][2]


def test_a_stated_upper_bound_below_the_threshold_is_a_disclosure(tmp_path: Path) -> None:
    (tmp_path / "news.csv").write_text("sex,count\nTotal,100\nfemale,<10\nmale,\n", encoding="utf-8")
    assert not examine(tmp_path).safe
    (tmp_path / "news.csv").write_text("sex,count\nTotal,100\nfemale,<11\nmale,\n", encoding="utf-8")
    assert examine(tmp_path).safe


@pytest.mark.parametrize(("as_of", "more"), [("", {}), ("2025-06-30", {"period": "2025"})])
@pytest.mark.parametrize(("men", "safe"), [(31, False), (30, True)])
def test_a_filter_in_a_later_publication_of_the_same_date_discloses_the_others(
    tmp_path: Path, men: int, safe: bool, as_of: str, more: dict[str, str]
) -> None:
    """40 men of all countries in one publication, 31 men of two countries in the next: 9 men of others."""
    first = write(tmp_path / "first", [one("sex", "sex", {"_T": 80, "m": 40, "f": 40})], sha="", as_of=as_of, **more)
    inner = one("sex", "sex", {"_T": "", "m": men, "f": ""}, where={"country": ["X", "Y"]})
    report = publish(tmp_path, inner, prior=[first], sha="", as_of=as_of, **more)
    assert report["safe"] is safe
    assert learned(report) == (set() if safe else {("difference", 9, 9)})
