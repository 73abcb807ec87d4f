"""Our own form has the names of the exchange, and its export is imported in every language."""

from __future__ import annotations

from pathlib import Path

import pytest
from openpyxl import load_workbook

from kerege.casework.exchange.form_definition import write_form
from kerege.casework.exchange.htcds.columns import canonical, file_columns
from tests.casework.exchange.formats.form_exports import write_workbook
from tests.casework.exchange.formats.test_recognition import read

LANGUAGE_NAMES = {"kk": "Қазақша (kk)", "ru": "Русский (ru)", "en": "English (en)"}

Lines = list[dict[str, str]]


@pytest.fixture(scope="module")
def form(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Lines]:
    """Return the lines of each sheet of the form."""
    path = tmp_path_factory.mktemp("form") / "form.xlsx"
    assert write_form(path) == 50
    sheets = load_workbook(path).worksheets
    return {sheet.title: _lines(list(sheet.iter_rows(values_only=True))) for sheet in sheets}


def _lines(rows: list[tuple[object, ...]]) -> Lines:
    titles = [str(title) for title in rows[0]]
    return [dict(zip(titles, (str(cell or "") for cell in row), strict=True)) for row in rows[1:]]


def test_consent_is_the_first_question_and_opens_what_names_a_person(form: dict[str, Lines]) -> None:
    questions = [line for line in form["survey"] if line["name"] in file_columns()]
    assert questions[0]["name"] == "con_Consent"
    [person] = [line for line in form["survey"] if (line["type"], line["name"]) == ("begin_group", "person")]
    assert person["relevant"] == "${con_Consent} = 'TRUE'"


def test_every_list_of_a_question_has_choices_and_no_choice_is_there_twice(form: dict[str, Lines]) -> None:
    lists = {line["type"].split()[1] for line in form["survey"] if line["type"].startswith("select_")}
    pairs = [(line["list_name"], line["name"]) for line in form["choices"]]
    assert lists == {list_name for list_name, _ in pairs}
    assert len(set(pairs)) == len(pairs)
    assert not any(set(" ") & set(name) for _, name in pairs)
    assert all(line[f"label::{name}"] for line in form["choices"] for name in LANGUAGE_NAMES.values())


@pytest.mark.parametrize("language", [None, *LANGUAGE_NAMES.values()])
def test_an_export_of_the_form_is_read_in_every_language(
    form: dict[str, Lines], tmp_path: Path, language: str | None
) -> None:
    title = f"label::{language}" if language else "name"
    choices = {(line["list_name"], line["name"]): line[title] for line in form["choices"]}
    header, cells, expected, services = [], [], {"cas_Id": "u1"}, False
    for line in form["survey"]:
        services = services or line["name"] == "services"
        column = file_columns().get(line["name"])
        if column is None or services or column.name == "cas_Id":
            continue
        kind, _, list_name = line["type"].partition(" ")
        options = [name for listed, name in choices if listed == list_name]
        value = {"text": "abc", "date": "2001-02-03", "integer": "7"}.get(kind) or options[
            -4 if len(options) > 3 else 0
        ]
        header.append(line[title])
        cells.append(choices[list_name, value] if list_name else value)
        expected[column.name] = canonical(column, value)
    header += ["Case id" if language else "cas_Id", "_id", "_uuid", "_submission_time"]
    [row] = read(write_workbook(tmp_path / "a.xlsx", [header, [*cells, "", "1", "u1", "2025-07-30T10:00:00"]]))[1]
    got = {name: canonical(file_columns()[name], text) for name, text in row.items()}
    assert got.pop("con_Consent") in {"TRUE", choices["yes_no", "TRUE"]}
    expected.pop("con_Consent")
    assert got == expected
