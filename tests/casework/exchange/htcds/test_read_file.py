"""Files are read as people see them, and what cannot be read is said in one line a fault."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path

import pytest
from openpyxl import Workbook

from kerege.base.errors import BadInput
from kerege.casework.exchange.formats.recognition import open_file
from kerege.casework.exchange.htcds import column_renaming
from kerege.casework.exchange.htcds.columns import file_columns


def rows(path: Path, map_path: Path | None = None) -> list[tuple[int, dict[str, str]]]:
    known = file_columns()
    table = open_file(path, column_renaming.load_map(map_path, known) if map_path else None)
    table_rows = list(table.rows)
    table.faults.stop()
    return table_rows


def faults(path: Path, map_path: Path | None = None) -> list[str]:
    with pytest.raises(BadInput) as caught:
        rows(path, map_path)
    return [str(fault) for fault in caught.value.faults]


@pytest.mark.parametrize("mark", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_the_delimiter_that_makes_the_header_known_is_used(tmp_path: Path, mark: bytes, delimiter: str) -> None:
    lines = f'prs_Id{delimiter}prs_FirstName{delimiter}prs_Citizenship\n1{delimiter}Ә,б{delimiter}"KZ;RU"\n'
    if delimiter == ",":
        lines = lines.replace("Ә,б", '"Ә,б"')
    path = tmp_path / "a.csv"
    path.write_bytes(mark + lines.encode())
    assert rows(path) == [(2, {"prs_Id": "1", "prs_FirstName": "Ә,б", "prs_Citizenship": "KZ;RU"})]


def test_rows_are_numbered_as_in_a_spreadsheet(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text('prs_Id,cco_CaseComment\n1,"two\nlines"\n\n,\n2,x\n', encoding="utf-8")
    assert [number for number, _ in rows(path)] == [2, 5]


def test_unknown_double_and_nameless_columns_are_all_named(tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("prs_Frstname,prs_Gender,prs_Gender,,Колонка,prs_Id\n1,2,3,4,5,6\n", encoding="utf-8")
    sentences = faults(path)
    assert "column prs_Frstname: this column is not known, did you mean prs_FirstName?" in sentences[0]
    assert "position 4 has no name" in sentences[1]
    assert "column Колонка" in sentences[2]
    assert "--map" in sentences[2]
    assert "comes twice" in sentences[3]


@pytest.mark.parametrize(
    ("content", "what"),
    [
        (b"", "is empty"),
        (b"prs_Id,cas_Id\n", "has no records"),
        ("prs_Id,prs_FirstName\n1,Айгүл\n".encode("cp1251", "replace"), "not in UTF-8"),
        (b"prs_Id,cas_Id\n1,2,3\n", "row 2: has 3 cells, the header has 2"),
        (b"prs_Id,cas_Id\n1\n", "row 2: has 1 cells"),
        (b'prs_Id,cas_Id\n1,"2\n', "row 2: a quote is not closed"),
    ],
)
def test_a_broken_csv_is_refused_in_one_sentence(tmp_path: Path, content: bytes, what: str) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(content)
    assert what in faults(path)[0]


def test_typed_cells_of_a_workbook_become_canonical_text(tmp_path: Path) -> None:
    book = Workbook()
    sheet = book.active
    sheet.append(["prs_Id", "prs_Birthdate", "prs_NumberOfChildren", "prs_Deceased", "prs_FirstName", "svc_StartDate"])
    sheet.append([17, date(1990, 3, 12), 2.0, True, "Айгүл", datetime(2024, 1, 2)])
    sheet.append([None] * 6)
    sheet.append(["b", None, None, None, "@x", None])
    book.create_sheet("second").append(["prs_Nothing"])
    book.save(tmp_path / "a.xlsx")
    first, second = rows(tmp_path / "a.xlsx")
    assert first == (
        2,
        {
            "prs_Id": "17",
            "prs_Birthdate": "1990-03-12",
            "prs_NumberOfChildren": "2",
            "prs_Deceased": "true",
            "prs_FirstName": "Айгүл",
            "svc_StartDate": "2024-01-02",
        },
    )
    assert second == (4, {"prs_Id": "b", "prs_FirstName": "@x"})


def test_what_only_calls_itself_a_workbook_is_refused(tmp_path: Path) -> None:
    (tmp_path / "a.xlsx").write_bytes(b"PK no zip")
    assert "cannot be read as an XLSX workbook" in faults(tmp_path / "a.xlsx")[0]


def test_json_numbers_keep_their_digits(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text('[{"prs_Id": 900312400000123456789, "prs_MailingLongitude": 73.10, "prs_Deceased": false}]')
    assert rows(path)[0][1] == {
        "prs_Id": "900312400000123456789",
        "prs_MailingLongitude": "73.10",
        "prs_Deceased": "false",
    }


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ('{"prs_Id": 1}', "is not an array of objects"),
        ("[]", "has no records"),
        ('[{"prs_Id": {"a": 1}}]', "row 1, column prs_Id: holds an object or a list"),
        ('[{"prs_Id": ["a"]}]', "row 1, column prs_Id: holds an object or a list"),
        ('[{"prs_Id": 1, "prs_Id": 2}]', "comes twice"),
        ("[1]", "row 1: is not an object"),
        ('[{"prs_Ids": 1}]', "did you mean prs_Id?"),
        ("[{", "is not JSON"),
        ('[{"prs_Id": NaN}]', "NaN is no JSON"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_broken_json_is_refused_in_one_sentence(tmp_path: Path, text: str, what: str) -> None:
    path = tmp_path / "a.json"
    path.write_text(text)
    assert what in faults(path)[0]


def test_a_map_renames_columns_and_leaves_some_out(tmp_path: Path) -> None:
    path, map_path = tmp_path / "a.csv", tmp_path / "map.toml"
    path.write_text("Имя,Заметка,prs_Id\nА,б,1\n", encoding="utf-8")
    map_path.write_text('[columns]\n"Имя" = "prs_FirstName"\n"Заметка" = ""\n', encoding="utf-8")
    assert rows(path, map_path) == [(2, {"prs_FirstName": "А", "prs_Id": "1"})]


def test_a_map_that_names_what_is_not_known_is_refused(tmp_path: Path) -> None:
    path, map_path = tmp_path / "a.csv", tmp_path / "map.toml"
    path.write_text("prs_Id\n1\n")
    map_path.write_text('[columns]\na = "prs_Nonsense"\n[values.prs_X]\nb = "c"\n')
    sentences = faults(path, map_path)
    assert "column a: is mapped to an unknown column" in sentences[0]
    assert "column prs_X: is not a column of HTCDS" in sentences[1]
