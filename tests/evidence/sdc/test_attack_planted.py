"""Leaks that were planted, each found; and pairs of tables that only look like a leak, of which nothing is said."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest

from kerege.evidence.sdc.disclosure.intruder import examine
from tests.evidence.made_folders import table, write

Value = int | str | tuple[int, str]
Report = dict[str, Any]


def one(name: str, column: str, cells: Mapping[str, Value], **more: Any) -> dict[str, Any]:
    """A table by one column: numbers, '' for suppressed, or a number and its status."""
    return table(name, [[column, "count", "status"], *[[code, *said(value)] for code, value in cells.items()]], **more)


def total(name: str, value: Value, **more: Any) -> dict[str, Any]:
    """A table of a single figure."""
    return table(name, [["count", "status"], said(value)], **more)


def two(name: str, columns: Sequence[str], cells: Mapping[tuple[str, str], Value], **more: Any) -> dict[str, Any]:
    """A table by two columns."""
    return table(name, [[*columns, "count", "status"], *[[*key, *said(value)] for key, value in cells.items()]], **more)


def said(value: Value) -> list[str]:
    if isinstance(value, tuple):
        return [str(value[0]), value[1]]
    return ["", "suppressed"] if value == "" else [str(value), "ok"]


def learned(report: Report) -> set[tuple[str, int, int]]:
    """Kind and ends of everything found."""
    return {(each["kind"], each["lower"], each["upper"]) for each in report["disclosures"]}


def about(report: Report, **cell: str) -> list[tuple[str, int, int]]:
    """What is learned of the people named."""
    return [(each["kind"], each["lower"], each["upper"]) for each in report["disclosures"] if each["cell"] == cell]


def publish(folder: Path, *tables: dict[str, Any], prior: Sequence[Path] = (), **more: Any) -> Report:
    """A release of these tables under attack."""
    return examine(write(folder / "new", tables, **more), prior).tree


# ---- across filters


def test_a_filter_within_a_table_leaves_the_others(tmp_path: Path) -> None:
    whole = one("all", "sex", {"_T": 220, "female": 120, "male": 100})
    part = one("iom", "sex", {"_T": 205, "female": 105, "male": 100}, where={"programme": ["iom"]})
    report = publish(
        tmp_path,
        whole,
        one("more", "sex", {"_T": 201, "female": 101, "male": 100}, where={"programme": ["iom"], "region": ["r1"]}),
        part,
    )
    assert ("difference", 4, 4) in learned(report)
    assert not [each for each in report["disclosures"] if each["lower"] >= 10]


def test_filters_that_overlap_give_away_what_only_one_has(tmp_path: Path) -> None:
    report = publish(
        tmp_path,
        total("t1", 100, where={"age": ["a", "b"]}),
        total("t2", 90, where={"age": ["b", "c"]}),
        total("t3", 104, where={"age": ["a", "b", "c"]}),
    )
    assert ("difference", 4, 4) in about(report, age="c")
    assert learned(report) == {("difference", 4, 4)}


def test_several_parts_of_one_whole_leave_a_rest(tmp_path: Path) -> None:
    parts = [total(f"r{n}", count, where={"region": [f"r{n}"]}) for n, count in enumerate((40, 35, 22))]
    report = publish(tmp_path, total("all", 100), *parts)
    assert ("difference", 3, 3) in about(report, region="another")


# ---- across dates


def test_a_period_that_is_revised(tmp_path: Path) -> None:
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
    assert about(report, sex="female") == [("revision", 4, 4)]
    assert about(report) == [("revision", 4, 4)]


def test_the_stock_of_all_years_a_year_later(tmp_path: Path) -> None:
    old = write(tmp_path / "old", [total("all", 1235)], sha="a", as_of="2023-12-31", period="2023")
    report = publish(tmp_path, total("assisted", 1240), prior=[old], sha="b", as_of="2024-12-31")
    assert learned(report) == {("revision", 5, 5)}


def test_a_hidden_figure_at_two_dates_that_is_nearly_known_at_both(tmp_path: Path) -> None:
    old = {"_T": 100, "a": 60, "b": "", "c": 20}
    new = {"_T": 133, "a": 70, "b": "", "c": 40}
    first = write(tmp_path / "old", [one("t", "x", old)], sha="a", as_of="2023-12-31")
    report = publish(tmp_path, one("t", "x", new), prior=[first], sha="b", as_of="2024-12-31")
    assert about(report, x="b") == [("revision", 3, 3)]


def test_a_category_that_appears(tmp_path: Path) -> None:
    old = write(
        tmp_path / "old", [one("sex", "sex", {"_T": 900, "female": 500, "male": 400})], sha="a", as_of="2023-12-31"
    )
    new = one("sex", "sex", {"_T": 930, "female": 510, "male": 412, "transgender": ""})
    report = publish(tmp_path, new, prior=[old], sha="b", as_of="2024-12-31")
    assert about(report, sex="transgender") == [("interval", 8, 8)]


# ---- across hierarchies


@pytest.mark.parametrize("together", [True, False])
@pytest.mark.parametrize(
    ("fine", "coarse", "codes", "group"),
    [
        ("exploitation_form", "exploitation", ("begging", "forced_marriage", "sexual_exploitation"), "other"),
        ("age_band", "age_group", ("0_8", "9_17", "18_25"), "child"),
        ("quarter", "year", ("2024-Q1", "2024-Q2", "2023-Q1"), "2024"),
    ],
)
def test_a_hidden_code_in_a_group_that_is_shown(
    tmp_path: Path, fine: str, coarse: str, codes: tuple[str, str, str], group: str, together: bool
) -> None:
    low = one("fine", fine, {"_T": "", codes[0]: 30, codes[1]: "", codes[2]: ""})
    high = one("coarse", coarse, {"_T": "", group: 34, {"other": "sexual", "child": "adult"}.get(group, "2023"): ""})
    old = [] if together else [write(tmp_path / "old", [high])]
    report = publish(tmp_path, *([low, high] if together else [low]), prior=old)
    assert about(report, **{fine: codes[1]}) == [("interval", 4, 4)]


def test_a_hierarchy_is_seen_without_a_manifest_too(tmp_path: Path) -> None:
    low = one("fine", "form", {"_T": "", "begging": 30, "forced_marriage": "", "sexual_exploitation": 40})
    high = one("coarse", "kind", {"_T": "", "other": 34, "sexual": ""})
    report = publish(tmp_path, low, high, manifest=False)
    assert about(report, form="forced_marriage") == [("interval", 4, 4)]


# ---- rounding


def rounded(name: str, d: int | None) -> dict[str, Any]:
    params = {} if d is None else {"half_width": d}
    return one(name, "x", {"_T": 63, "a": (60, "perturbed"), "b": (5, "perturbed")}, params=params)


def test_margins_and_cells_rounded_apart_leak(tmp_path: Path) -> None:
    assert about(publish(tmp_path, rounded("t", 5)), x="b") == [("interval", 0, 8)]


def test_rounding_of_which_nobody_says_how_far_tells_nothing(tmp_path: Path) -> None:
    assert publish(tmp_path, rounded("t", None))["safe"]


def test_a_base_alone_is_no_statement_of_how_far(tmp_path: Path) -> None:
    sheet = one("t", "x", {"_T": 63, "a": (60, "perturbed"), "b": (5, "perturbed")}, params={"rounded_to": 10})
    assert publish(tmp_path, sheet)["safe"]


# ---- more routes, more tables


def test_a_total_by_another_route(tmp_path: Path) -> None:
    sex = one("sex", "sex", {"_T": "", "female": 60, "male": ""})
    report = publish(tmp_path, sex, one("region", "region", {"r1": 40, "r2": 27}))
    assert about(report, sex="male") == [("interval", 7, 7)]


def test_of_several_values_the_rest_is_bounded(tmp_path: Path) -> None:
    services = one("services", "s", {"_T": 50, "_U": "", "food": 47, "shelter": 41}, multi=["s"])
    assert about(publish(tmp_path, services), s="_U") == [("interval", 0, 3)]


def test_several_values_in_two_tables(tmp_path: Path) -> None:
    one_way = one("services", "s", {"_T": 60, "_U": 0, "food": 50, "shelter": ""}, multi=["s"])
    by_sex = two("sex", ["sex", "s"], {
        ("_T", "_T"): "", ("female", "_T"): "", ("male", "_T"): "", ("_T", "food"): "", ("female", "food"): 42,
        ("male", "food"): "", ("_T", "shelter"): "", ("female", "shelter"): 20, ("male", "shelter"): "",
    }, multi=["s"])  # fmt: skip
    report = publish(tmp_path, one_way, by_sex)
    assert about(report, sex="male", s="food") == [("interval", 8, 8)]
    assert learned(report) == {("interval", 8, 8)}


def test_two_columns_with_several_values_in_one_table(tmp_path: Path) -> None:
    both = two("both", ["s", "m"], {
        ("_T", "_T"): 100, ("food", "_T"): "", ("shelter", "_T"): "", ("_U", "_T"): "", ("_T", "x"): "",
        ("_T", "_U"): "", ("food", "x"): "", ("food", "_U"): "", ("shelter", "x"): "", ("shelter", "_U"): "",
    }, multi=["m", "s"])  # fmt: skip
    report = publish(tmp_path, both, one("one", "s", {"_T": 100, "food": 4, "shelter": 70, "_U": 27}, multi=["s"]))
    found = {
        tuple(sorted(each["cell"].items())): (each["lower"], each["upper"])
        for each in report["disclosures"]
        if each["table"] == "both"
    }
    assert found[("s", "food"),] == (4, 4)
    assert found[("m", "x"), ("s", "food")] == (0, 4)


def test_hidden_in_one_release_and_shown_in_the_next(tmp_path: Path) -> None:
    hidden = {"_T": 70, "female": "", "male": "", "transgender": ""}
    old = write(tmp_path / "old", [one("t", "sex", hidden)], sha="a", as_of="2023-12-31")
    later = one("t", "sex", {"_T": 70, "female": 40, "male": 26, "transgender": 4})
    report = publish(tmp_path, later, prior=[old], sha="b", as_of="2024-12-31")
    found = {
        (each["release"], each["kind"], each["lower"])
        for each in report["disclosures"]
        if each["cell"] == {"sex": "transgender"}
    }
    assert found == {("new", "small", 4), ("old", "interval", 4)}


def test_three_tables_of_which_no_two_tell_anything(tmp_path: Path) -> None:
    made = [
        total("xy", 20, where={"a": ["x", "y"]}),
        total("yz", 22, where={"a": ["y", "z"]}),
        total("xz", 18, where={"a": ["x", "z"]}),
    ]
    assert {ends[1:] for ends in learned(publish(tmp_path / "three", *made))} == {(8, 8)}
    for n in range(3):
        assert publish(tmp_path / f"without {n}", *made[:n], *made[n + 1 :])["safe"]


def test_small_counts(tmp_path: Path) -> None:
    report = publish(tmp_path, one("sex", "sex", {"_T": 1891, "female": 907, "male": 981, "transgender": 3}))
    assert about(report, sex="transgender") == [("small", 3, 3)]
    assert report["disclosures"][0]["people"] == 3


def test_a_group_that_shares_a_value(tmp_path: Path) -> None:
    cells = {("r1", "labour"): 40, ("r1", "sexual"): 0, ("r2", "labour"): 30, ("r2", "sexual"): 20, ("r1", "_T"): 40,
             ("r2", "_T"): 50, ("_T", "labour"): 70, ("_T", "sexual"): 20, ("_T", "_T"): 90}  # fmt: skip
    made = two("t", ["region", "exploitation"], cells)
    report = publish(tmp_path / "named", made, policy={"sensitive": ["exploitation"]})
    assert about(report, region="r1", exploitation="labour") == [("group", 40, 40)]
    plain = publish(tmp_path / "plain", made)
    assert plain["safe"]
    assert [each["shares"] for each in plain["groups"]] == [{"region": "r2"}, {"exploitation": "labour"}]


# ---- what is public and nobody's release

ARTICLE = "Пол,Количество\nВсего,1 891\nЖенский,907\nМужской,981\n"


def test_an_article_by_itself(tmp_path: Path) -> None:
    (tmp_path / "news.csv").write_text(ARTICLE, encoding="utf-8")
    report = examine(tmp_path).tree
    assert [(each["kind"], each["lower"], each["upper"]) for each in report["disclosures"]] == [("difference", 3, 3)]


def test_an_article_beside_a_release_that_hides_what_it_tells(tmp_path: Path) -> None:
    (tmp_path / "press").mkdir()
    (tmp_path / "press" / "news.csv").write_text(ARTICLE + "Трансгендер,<10\n", encoding="utf-8")
    made = one("sex", "sex", {"_T": 1891, "female": "", "male": "", "transgender": ""})
    report = publish(tmp_path, made, prior=[tmp_path / "press"])
    found = {
        each["release"]: each
        for each in report["disclosures"]
        if each["cell"].get("sex") == "transgender" or each["cell"].get("Пол") == "Трансгендер"
    }
    assert {(each["lower"], each["upper"]) for each in found.values()} == {(3, 3)}
    assert all(each["already_public"] for each in found.values())
    assert "no longer be protected" in found["new"]["words"][2]


def test_what_an_article_says_of_a_small_group_is_no_news(tmp_path: Path) -> None:
    (tmp_path / "news.csv").write_text("sex,count\nTotal,100\nfemale,<10\nmale,\n", encoding="utf-8")
    assert examine(tmp_path).safe


# ---- no false alarm


def test_two_years_that_share_nobody(tmp_path: Path) -> None:
    old = write(
        tmp_path / "old", [total("t", 120, where={"year": ["2023"]})], sha="a", as_of="2023-12-31", period="2023"
    )
    new = total("t", 123, where={"year": ["2024"]})
    assert publish(tmp_path, new, prior=[old], sha="b", as_of="2024-12-31")["safe"]


def test_two_periods_of_a_publisher_who_dates_nothing(tmp_path: Path) -> None:
    old = write(tmp_path / "old", [total("t", 120)], sha="a", period="2023")
    assert publish(tmp_path, total("t", 123), prior=[old], sha="b", period="2024")["safe"]


def test_filters_that_have_nothing_to_do_with_one_another(tmp_path: Path) -> None:
    report = publish(tmp_path, total("t1", 100, where={"sex": ["female"]}), total("t2", 97, where={"region": ["r1"]}))
    assert report["safe"]


def test_services_are_no_victims(tmp_path: Path) -> None:
    assert publish(tmp_path, total("t1", 100), total("t2", 97, of="services"))["safe"]


def test_what_is_no_people_may_be_few(tmp_path: Path) -> None:
    assert publish(tmp_path, total("t1", 3, of="campaigns"))["safe"]


def test_noised_tables_tell_nothing(tmp_path: Path) -> None:
    noised = one("t", "sex", {"_T": (97, "noised"), "female": (60, "noised"), "male": (3, "noised")})
    exact = one("u", "sex", {"_T": 100, "female": 62, "male": 38, "transgender": 0})
    more = one(
        "v", "sex", {"_T": (97, "noised"), "transgender": (2, "noised"), "female": (9, "noised"), "male": (9, "noised")}
    )
    assert publish(tmp_path, noised, more)["safe"]
    assert publish(tmp_path / "beside", more, exact)["safe"]


def test_intervals_that_are_wide_enough(tmp_path: Path) -> None:
    assert publish(tmp_path, one("t", "x", {"_T": 30, "a": 20, "b": "", "c": ""}))["safe"]
    assert not publish(tmp_path / "narrow", one("t", "x", {"_T": 29, "a": 20, "b": "", "c": ""}))["safe"]


def test_another_population_with_the_same_columns(tmp_path: Path) -> None:
    report = publish(
        tmp_path,
        one("t1", "sex", {"_T": 100, "female": 60, "male": 40}),
        one("t2", "sex", {"_T": 97, "female": "", "male": ""}, of="suspects"),
    )
    assert report["safe"]


def test_two_folders_about_other_people(tmp_path: Path) -> None:
    old = write(tmp_path / "old", [one("police", "sex", {"_T": 100, "female": 60, "male": 40})], manifest=False)
    new = one("shelter", "sex", {"_T": 97, "female": "", "male": ""})
    assert publish(tmp_path, new, prior=[old], manifest=False)["safe"]


def test_two_tables_of_a_folder_about_other_people(tmp_path: Path) -> None:
    made = [
        one("police", "sex", {"_T": 100, "female": 60, "male": 40}),
        one("shelter", "sex", {"_T": 97, "female": "", "male": ""}),
    ]
    assert publish(tmp_path, *made, manifest=False)["safe"]


# ---- what is new and what is not


def test_what_was_public_before_is_said_to_be(tmp_path: Path) -> None:
    made = one("t", "sex", {"_T": 100, "female": 97, "male": 3})
    old = write(tmp_path / "old", [made], sha="a", as_of="2023-12-31")
    report = publish(tmp_path, made, prior=[old], sha="a", as_of="2023-12-31")
    assert report["already_public"] == len(report["disclosures"]) == 2
    assert "no longer be protected" in report["disclosures"][0]["remedy"]


def test_as_few_people_of_another_year_are_other_people(tmp_path: Path) -> None:
    old = write(tmp_path / "old", [one("t", "sex", {"_T": 100, "female": 97, "male": 3})], sha="a", period="2023")
    report = publish(
        tmp_path, one("t", "sex", {"_T": 200, "female": 197, "male": 3}), prior=[old], sha="b", period="2024"
    )
    mine = [each for each in report["disclosures"] if each["release"] == "new"]
    assert [each["already_public"] for each in mine] == [False]


def test_a_revision_that_was_public_before(tmp_path: Path) -> None:
    old = [write(tmp_path / f"old{n}", [total("t", 100 + 4 * n)], sha=f"a{n}", as_of=f"202{n}-12-31") for n in range(2)]
    report = publish(tmp_path, total("u", 90, where={"sex": ["female"]}), prior=old, sha="b", as_of="2024-12-31")
    assert [(each["kind"], each["lower"], each["already_public"]) for each in report["disclosures"]] == [
        ("revision", 4, True)
    ]
