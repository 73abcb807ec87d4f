"""UNODC questionnaire from a release: T1 to T9 with sources, and the tables that are missing."""

from __future__ import annotations

import tomllib
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from openpyxl import load_workbook

from kerege.demo.release import SPEC
from kerege.evidence.release import spec
from kerege.publishing.exports import glotip, glotip_files
from kerege.publishing.exports.figure_finder import Finder
from kerege.publishing.storage.published_tables import PublishedTable
from tests.publishing import made_exports
from tests.publishing.made import table_entry, two
from tests.publishing.made_exports import YEAR, rows


@pytest.fixture
def export_folder(house: Path) -> Any:
    def export(**changes: Any) -> Path:
        glotip_files.export(made_exports.year_releases(house, **changes), house / "out", "KZ")
        return house / "out"

    return export


def counts(path: Path, *columns: str) -> dict[tuple[str, ...], str]:
    return {tuple(row[name] for name in columns): row["count"] for row in rows(path)}


def test_victims_are_grouped_as_men_women_boys_and_girls(export_folder: Any) -> None:
    table = rows(export_folder() / "T5.csv")
    assert {row["group"]: row["count"] for row in table if row["group"]} == {
        "men": "94",
        "women": "52",
        "boys": "11",
        "girls": "14",
    }
    assert {row["year"]: row["count"] for row in table if row["sex"] == row["age_group"] == "_T"} == {
        "2025": "171",
        "2024": "247",
    }
    assert {row["programme"] for row in table} == {"state"}


def test_offences_of_two_sources_are_never_added(export_folder: Any) -> None:
    table = counts(export_folder() / "T1.csv", "source", "year", "offence")
    assert table["mia", "2025", "kz128"] == "18"
    assert table["mia", "2025", "kz135"] == "suppressed"
    assert table["pgo", "2024", "_T"] == "357"
    assert "506" not in table.values()  # 149 + 357


def test_suspected_prosecuted_and_convicted_persons_have_three_tables(export_folder: Any) -> None:
    out = export_folder()
    assert counts(out / "T2.csv", "year", "sex") == {
        ("2025", "_T"): "166",
        ("2025", "female"): "72",
        ("2025", "male"): "94",
    }
    assert counts(out / "T3.csv", "sex") == {("_T",): "41", ("female",): "20", ("male",): "21"}
    assert rows(out / "T4.csv") == []


def test_a_rounded_figure_has_its_interval(export_folder: Any) -> None:
    table = {
        (row["exploitation"], row["exploitation_form"], row["sex"]): row for row in rows(export_folder() / "T6.csv")
    }
    assert table["labour", "_T", "_T"]["count"] == "132"
    assert table["_T", "forced_labour", "_T"]["count"] == "117"
    assert table["sexual", "_T", "female"]["note"] == "rounded: the true count lies within 5 of it, from 22 to 32"
    assert (table["other", "_T", "male"]["count"], table["other", "_T", "male"]["status"]) == ("suppressed",) * 2


def test_domestic_and_cross_border_victims_are_counted(export_folder: Any) -> None:
    """Check 152 victims by hand: 60 domestic, 82 cross-border (12 + 70), 10 unknown (5 + 6 - 1)."""
    table = counts(export_folder() / "T8.csv", "flow", "origin", "destination")
    assert table["_T", "_T", "_T"] == "152"
    assert table["domestic", "_T", "_T"] == "60"
    assert table["cross_border", "_T", "_T"] == "82"
    assert table["not_reported", "_T", "_T"] == "10"
    assert table["_T", "UZ", "KZ"] == "70"


@pytest.mark.parametrize(
    ("origin", "params", "expected"),
    [
        ({"KZ": 60, "RU": None, "_U": 3}, {}, {"domestic", "cross_border", "not_reported"}),
        ({"KZ": (60, "perturbed"), "RU": 12, "_U": 3}, {}, {"domestic"}),
        ({"KZ": None, "RU": 12, "_U": 3}, {}, {"domestic"}),
        ({"KZ": 60, "RU": 12, "_U": None}, {}, {"domestic", "cross_border", "not_reported"}),
        ({"KZ": 60, "RU": 12, "_U": 3}, {"small_categories": "not shown"}, set()),
        ({"KZ": 60, "_O": 12, "_U": 3}, {}, set()),
    ],
)
def test_flows_are_given_only_when_every_country_is_listed(
    export_folder: Any, origin: dict[str, Any], params: dict[str, Any], expected: set[str]
) -> None:
    cells = two({"KZ": origin, "UZ": dict.fromkeys(origin, 30)}) | {("_T", "_T"): 200, ("_T", "_U"): 33}
    change = {"flows": ("victims", ["origin", "destination"], YEAR, cells)}
    table = counts(export_folder(change=change, params={"flows": params}) / "T8.csv", "flow")
    assert set(table) - {("_T",)} == {(flow,) for flow in expected}
    if origin["KZ"] is None:
        assert table["domestic",] == "suppressed"


def test_a_missing_part_names_a_valid_table_specification(export_folder: Any) -> None:
    out = export_folder()
    missing = {row["table"]: row["not_in_the_releases"] for row in rows(out / "T10.csv") if row["not_in_the_releases"]}
    assert {"T4", "T6", "T9"} == set(missing)
    for message in missing.values():
        assert message.startswith("not in the releases of this year; [[table]] of = ")
        text = message.split("[[table]] ")[1].removesuffix(" would supply it")
        entry = tomllib.loads("[x]\n" + text.replace(", by =", "\nby =").replace(", where =", "\nwhere ="))["x"]
        spec.parse({"title": "x", "period": "2025", "table": [{"name": "x", **entry}]})


def test_the_named_table_supplies_the_missing_part(house: Path) -> None:
    part = glotip.QuestionnairePart(("destination",), {"service_kinds": "repatriation", "citizenship": "KZ"})
    where = YEAR | {"service_kinds": "repatriation", "citizenship": "KZ"}
    returned = ("victims", ["destination"], where, {("_T",): 40, ("RU",): 27, ("TR",): 13})
    answer = glotip.answer_table(
        Finder(made_exports.year_releases(house, change={"returned": returned})), questionnaire_table("T9")
    )
    assert answer.rows["state", "2025", "RU"].count == 27
    assert answer.missing == ()
    assert 'service_kinds = "repatriation"' in glotip.missing_specification(questionnaire_table("T9"), part, 2025)


def questionnaire_table(name: str) -> glotip.QuestionnaireTable:
    return next(table for table in glotip.questionnaire("KZ") if table.id == name)


def test_every_figure_has_its_source_and_coverage(export_folder: Any) -> None:
    out = export_folder()
    sources = {(row["table"], row["release_table"]): row for row in rows(out / "T10.csv") if row["release_table"]}
    for name in ("T1", "T2", "T3", "T5", "T6", "T7", "T8"):
        for row in rows(out / f"{name}.csv"):
            assert all(
                sources[name, table]["source"] and sources[name, table]["coverage"]
                for table in row["release_table"].split()
            )
    assert (sources["T7", "citizenship"]["figures"], sources["T7", "citizenship"]["suppressed"]) == ("5", "2")
    assert "no count from 1 to 9 is published" in sources["T5", "sex_age"]["coverage"]


def test_the_workbook_has_one_sheet_per_table_with_the_same_rows(export_folder: Any) -> None:
    out = export_folder()
    book = load_workbook(out / "glotip.xlsx")
    assert book.sheetnames == [f"T{n}" for n in range(1, 11)]
    for sheet in book:
        header, *lines = ([str(cell) if cell is not None else "" for cell in line] for line in sheet.values)
        assert [dict(zip(header, line, strict=True)) for line in lines] == rows(out / f"{sheet.title}.csv")


def test_the_annual_specification_supplies_every_table() -> None:
    """Check that `annual.toml` holds a table for each table of the questionnaire."""
    tables = {
        entry["name"]: PublishedTable(entry["name"], tuple(entry["by"]), table_entry(**entry | {"params": {}}), b"")
        for entry in tomllib.loads(SPEC.read_text())["table"]
    }
    finder = Finder(SimpleNamespace(tables=tables, year=2025))  # type: ignore[arg-type]
    for table in glotip.questionnaire("KZ"):
        conditions = [{name: code} for name, codes in table.apart.items() for code in codes]
        answers = [
            finder.slices(table.of, part.by, condition | dict(part.where) | ({} if part.ever else {"year": "2025"}))
            for part in table.parts
            for condition in conditions
        ]
        assert any(answers), table.id
