"""An NGO brings in its file on a page: checked first, faults beside the cells, nothing half imported."""

from __future__ import annotations

import re
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client, override_settings
from openpyxl import load_workbook

from kerege.casework.cases.models.case import Case
from tests.casework.exchange.formats.workbooks import PEOPLE, iom_workbook

pytestmark = pytest.mark.django_db
PAGE = "/en/work/import/"


@pytest.fixture
def browser(make_user: Any, sign_in: Any) -> Client:
    """Return the browser of a supervisor."""
    client: Client = sign_in(make_user("supervisor"), Client())
    return client


def send(browser: Client, path: Path, page: str = PAGE, **answers: str) -> Any:
    file = SimpleUploadedFile(path.name, path.read_bytes())
    return browser.post(page, {"file": file, "unknown": "fail", "do": "check"} | answers)


def digest(response: Any) -> str:
    [value] = re.findall(r'name="checked" value="([0-9a-f]{64})"', response.content.decode())
    return str(value)


def test_a_file_is_checked_then_imported_and_a_second_time_changes_nothing(browser: Client, tmp_path: Path) -> None:
    path = iom_workbook(tmp_path / "a.xlsm")
    checked = send(browser, path)
    text = checked.content.decode()
    assert "New cases: 2." in text
    assert "Nothing is written yet." in text
    assert Case.objects.count() == 0
    done = send(browser, path, do="import", checked=digest(checked))
    assert "The file is imported." in done.content.decode()
    assert Case.objects.count() == 2
    assert "An import would change nothing." in send(browser, path).content.decode()


def test_examples_hide_what_can_name_a_person(browser: Client, tmp_path: Path) -> None:
    text = send(browser, iom_workbook(tmp_path / "a.xlsx")).content.decode()
    assert "Сәрсенова" not in text
    assert "С•••" in text
    assert "Viet Nam" in text


def test_only_the_file_that_was_checked_is_imported(browser: Client, tmp_path: Path) -> None:
    checked = send(browser, iom_workbook(tmp_path / "a.xlsx"))
    other = iom_workbook(tmp_path / "b.xlsx", [*PEOPLE, {"First Name": "C"}])
    for answers in ({"checked": digest(checked)}, {"checked": ""}):
        response = send(browser, other, do="import", **answers)
        assert "This is not the file that was checked" in response.content.decode()
    assert Case.objects.count() == 0


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "“Atlantis” is not a value of this column."),
        ("ru", "«Atlantis» — не значение этого столбца."),
        ("kk", "«Atlantis» — осы бағанның мәні емес."),
    ],
)
def test_faults_stand_beside_their_cells_in_the_readers_language(
    browser: Client, tmp_path: Path, language: str, sentence: str
) -> None:
    people = [*PEOPLE, {"First Name": "Канарейка", "Birthdate": "Канарейка", "Citizenship": "Atlantis"}]
    page = PAGE.replace("/en/", f"/{language}/")
    text = send(browser, iom_workbook(tmp_path / "a.xlsx", people), page).content.decode()
    assert sentence in text
    assert "Канарейка" not in text
    assert re.search(r">\s*5\s*<.*?>\s*Citizenship\s*<.*?>\s*Atlantis\s*<", text, re.DOTALL)
    assert 'value="import"' not in text
    assert Case.objects.count() == 0


def test_the_corrected_sheet_marks_the_cells_and_is_imported_when_they_are_corrected(
    browser: Client, tmp_path: Path
) -> None:
    people = [*PEOPLE, {"First Name": "-C", "Second Name": "C", "Citizenship": "Atlantis"}]
    response = send(browser, iom_workbook(tmp_path / "a.xlsx", people), do="sheet")
    assert response["Content-Disposition"] == 'attachment; filename="corrected.xlsx"'
    book = load_workbook(BytesIO(response.content))
    sheet = book.active
    assert sheet is not None
    [marked] = [cell for row in sheet.iter_rows() for cell in row if cell.comment]
    assert (marked.value, marked.row) == ("Atlantis", 4)
    assert marked.comment is not None
    assert "is not a value of this column" in marked.comment.text
    marked.value, marked.comment = "Kazakhstan", None
    book.save(tmp_path / "b.xlsx")
    checked = send(browser, tmp_path / "b.xlsx")
    assert "New cases: 3." in checked.content.decode()


def test_a_text_that_looks_like_a_formula_stays_a_text_in_the_corrected_sheet(browser: Client, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("First Name,Citizenship\n=1+1,Atlantis\n", encoding="utf-8")
    sheet = load_workbook(BytesIO(send(browser, path, do="sheet").content)).active
    assert sheet is not None
    assert (sheet["A2"].value, sheet["A2"].data_type) == ("=1+1", "s")


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("a.csv", "Имя;Фамилия\nИван;Петров\n".encode("cp1251"), "This file has another encoding."),
        ("a.pdf", b"%PDF", "Choose a file of the type XLSX, XLSM, CSV or JSON."),
        ("a.xlsx", b"PK", "This workbook cannot be read."),
        ("a.csv", b"Shoe size\n38\n", "No heading of this file is known."),
        ("a.csv", b"First Name,Shoe size\nA,38\n", "This column is not known."),
    ],
)
def test_a_file_that_cannot_be_read_is_one_sentence(
    browser: Client, tmp_path: Path, name: str, content: bytes, sentence: str
) -> None:
    (tmp_path / name).write_bytes(content)
    assert sentence in send(browser, tmp_path / name).content.decode()


def test_an_encoding_and_unknown_columns_are_answers(browser: Client, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes("Имя;Размер обуви\nИван;38\n".encode("cp1251"))
    text = send(browser, path, encoding="cp1251", unknown="drop").content.decode()
    assert "New cases: 1." in text
    assert "The column “Размер обуви” is not known and is left out." in text


def test_a_file_above_the_limit_is_refused(browser: Client, tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes(b"First Name\n" + b"A\n" * 1000)
    with override_settings(UPLOAD_LIMIT=1024):
        assert "The file is larger than" in send(browser, tmp_path / "a.csv").content.decode()
