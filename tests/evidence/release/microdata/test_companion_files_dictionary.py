"""The dictionary and the example of synthetic records name their columns and values."""

from __future__ import annotations

import ast
import csv
import io
import json
import runpy
from pathlib import Path

import polars as pl
import pytest

from kerege.evidence.release.microdata.companion_files import build_dictionary, build_example, write_companions
from kerege.vocabulary import codes

HEAD = ["column", "column_kk", "column_ru", "column_en", "several", "value", "value_kk", "value_ru", "value_en"]

TITLE = {"kk": "Адамдар", "ru": "Люди", "en": "People"}
RECORDS = pl.DataFrame(
    {
        "sex": ["female", None, "male", "female"],
        "means": ["debt_bondage;threats", "", None, "threats;invented_code"],
        "services": ["shelter:state", None, "shelter:ngo_unknown", ""],
        "city": ["Almaty", "Astana", None, "Almaty"],
    }
)


def rows(records: pl.DataFrame = RECORDS, unit: str = "victims") -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(build_dictionary(records, unit))))


def of(name: str, records: pl.DataFrame = RECORDS) -> list[dict[str, str]]:
    return [row for row in rows(records) if row["column"] == name]


def test_columns_are_in_the_order_of_the_records() -> None:
    assert list(dict.fromkeys(row["column"] for row in rows())) == RECORDS.columns
    assert list(rows()[0]) == HEAD


def test_a_code_list_is_listed_in_its_order_even_where_no_record_has_a_value() -> None:
    values = [row["value"] for row in of("sex")]
    assert values == [*codes.code_list("sex").codes, ""]
    for row in of("sex")[:-1]:
        assert [row[f"value_{lang}"] for lang in ("kk", "ru", "en")] == [
            codes.label("sex", row["value"], lang) for lang in ("kk", "ru", "en")
        ]


def test_an_empty_cell_is_explained_last() -> None:
    for name in RECORDS.columns:
        last = of(name)[-1]
        assert last["value"] == ""
        assert last["value_en"]
        assert last["value_ru"] != last["value_en"]


@pytest.mark.parametrize(("name", "several"), [("sex", "no"), ("means", "yes"), ("services", "yes"), ("city", "no")])
def test_columns_with_several_values_are_marked(name: str, several: str) -> None:
    assert {row["several"] for row in of(name)} == {several}


def test_several_values_of_a_cell_are_separate_rows_and_unknown_ones_stand_for_themselves() -> None:
    values = {row["value"]: row for row in of("means")}
    assert {"threats", "invented_code", "debt_bondage"} <= set(values)
    assert "threats;invented_code" not in values
    assert values["invented_code"]["value_kk"] == values["invented_code"]["value_en"] == "invented_code"


def test_a_pair_of_codes_has_the_labels_of_both() -> None:
    values = {row["value"]: row["value_en"] for row in of("services")}
    shelter, state = codes.label("service", "shelter", "en"), codes.label("payer", "state", "en")
    assert values["shelter:state"] == f"{shelter}, {state}"
    assert values["shelter:ngo_unknown"] == f"{shelter}, ngo_unknown"


def test_a_column_that_the_standard_lacks_is_called_by_its_name() -> None:
    assert [row["value"] for row in of("city")] == ["Almaty", "Astana", ""]
    assert {row[f"column_{lang}"] for row in of("city") for lang in ("kk", "ru", "en")} == {"city"}
    assert {row["column_en"] for row in rows(RECORDS, "records") if row["column"] == "sex"} == {"sex"}
    assert of("sex")[0]["column_ru"] != "sex"


# -- the example -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "title", ['A "quoted" title', "A back\\slash", "Two\nlines", "", "  ", 'Ends with a quote"', "{braces}"]
)
def test_any_title_leaves_a_valid_program(title: str) -> None:
    program = ast.parse(build_example("people", {"en": title}, "sex"))
    docstring = ast.get_docstring(program)
    assert docstring is not None
    assert "first look at the synthetic records" in docstring
    if not title.strip():
        assert docstring.startswith("people: ")


@pytest.mark.parametrize(
    ("columns", "chosen"),
    [
        ({"a": ["1", "2"], "b": ["1", "2"]}, "a"),  # none has three values
        ({"a": ["1", "1", "2", "2"], "b": ["1", "2", "3", "3"]}, "b"),
        ({"a": [str(number) for number in range(13)], "b": [str(number % 12) for number in range(13)]}, "b"),
    ],
)
def test_the_example_shows_the_first_column_with_a_few_values(
    columns: dict[str, list[str]], chosen: str, tmp_path: Path
) -> None:
    pl.DataFrame(columns).write_csv(tmp_path / "people.csv")
    write_companions(tmp_path, "people", "records", TITLE)
    assert f'column = "{chosen}"' in (tmp_path / "people.example.py").read_text(encoding="utf-8")


def test_the_example_prints_counts_errors_cautions_and_cohorts(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    RECORDS.select("sex", "means").write_csv(tmp_path / "people.csv")
    write_companions(tmp_path, "people", "victims", TITLE)
    certificate = {
        "guarantee": {"epsilon": 4.0, "delta": 1e-9},
        "worth": False,
        "advice": "take fewer columns",
        "expected": [{"length": 1, "error": 12.4}],
        "request": {"cohorts": "year"},
        "cohorts": [{"value": "2024", "records": 4, "expected": [{"error": 3.2}, {"error": 7.8}]}],
        "beside": {"words": ["One sentence."]},
    }
    (tmp_path / "people.certificate.json").write_text(json.dumps(certificate), encoding="utf-8")
    runpy.run_path(str(tmp_path / "people.example.py"))
    printed = capsys.readouterr().out
    for words in (
        "4 synthetic records, epsilon 4 at delta 1e-09",
        "counts of 1 value(s) together: usually within 12 of the truth",
        "Caution: take fewer columns",
        "year 2024: 4 records, usual errors by length 3, 8",
        "One sentence.",
    ):
        assert words in printed
