"""Reading of tables: encodings, separators, missing cells, ids, roles by hand, and the messages."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.linkage.input import input_errors, read_tables, role_assignment
from kerege.linkage.input.comparison_columns import comparison_columns
from kerege.linkage.input.read_tables import ROW, read_table, record_ids
from kerege.linkage.input.role_assignment import assign_roles


def write(folder: Path, content: str | bytes, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


def read(folder: Path, content: str | bytes) -> tuple[list[dict[str, Any]], list[str]]:
    """Return the rows of a file, and the notes."""
    notes: list[str] = []
    return read_table(write(folder, content), notes.append).to_dicts(), notes


@pytest.mark.parametrize(("encoding", "named"), [("utf-16", ""), ("cp1251", "cp1251"), ("utf-8-sig", "")])
def test_other_encodings_are_read_by_their_mark_or_name(tmp_path: Path, encoding: str, named: str) -> None:
    path = write(tmp_path, "имя;фамилия\nДана;Ким\nАнна\n".encode(encoding))
    notes: list[str] = []
    table = read_table(path, notes.append, named)
    assert table.select("имя", "фамилия").rows() == [("Дана", "Ким"), ("Анна", None)]
    assert [note.partition(":")[0] for note in notes] == ["rows with fewer cells than the header"]


def refuse(folder: Path, content: str | bytes, name: str = "people.csv") -> tuple[str, int | None]:
    """Return problem and row of the one fault of a file."""
    with pytest.raises(BadInput) as refused:
        read_table(write(folder, content, name))
    (fault,) = refused.value.faults
    assert fault.file == name
    return fault.what, fault.row


# -- tables ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("start", ["", "\ufeff", "sep="])
def test_a_table_is_read_with_any_separator_line_end_and_first_line(
    tmp_path: Path, separator: str, end: str, start: str
) -> None:
    first = f"sep={separator}{end}" if start == "sep=" else start
    rows = [["id", "given"], ["7", " Dana "], ["8", ""]]
    text = first + end.join(separator.join(row) for row in rows) + end
    assert read(tmp_path, text)[0] == [
        {"id": "7", "given": "Dana", ROW: 2},
        {"id": "8", "given": None, ROW: 3},
    ]


def test_empty_rows_are_dropped_and_the_others_keep_their_numbers(tmp_path: Path) -> None:
    rows, notes = read(tmp_path, "id,given\n1,Dana\n,\n , \n4,Aigul\n")
    assert [(row["given"], row[ROW]) for row in rows] == [("Dana", 2), ("Aigul", 5)]
    assert notes == []


def test_a_column_without_a_header_is_called_by_its_place(tmp_path: Path) -> None:
    (row,), _notes = read(tmp_path, "given,, family \nDana,x,Kim\n")
    assert list(row) == ["given", "column 2", "family", ROW]


def test_a_parquet_file_is_read_as_text_whatever_its_name(tmp_path: Path) -> None:
    path = tmp_path / "people.dat"
    pl.DataFrame({"id": [1, 2], "given": [" Dana ", None]}).write_parquet(path)
    assert input_errors.is_parquet(path)
    assert read_table(path).select("id", "given").rows() == [("1", "Dana"), ("2", None)]
    pl.DataFrame({"id": [1], "names": [["a", "b"]], "parts": [{"a": 1}]}).write_parquet(path)
    with pytest.raises(BadInput) as refused:
        read_table(path)
    assert {fault.column for fault in refused.value.faults} <= {"names", "parts"}


@pytest.mark.parametrize(
    ("content", "problem", "row"),
    [
        (b"", "is empty", None),
        (b" \n\n", "is empty", None),
        (b"PK\x03\x04\x14\x00\xff\xfe", "cannot be read as an XLSX workbook", None),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a", "has a password, or is a workbook of the old format XLS", None),
        (b"PAR1 half of it", "is cut off, its end is missing", None),
        (b"PAR1 nonsense PAR1", "cannot be read as Parquet", None),
        ("given,family\nMüller,Jürgen\n".encode("cp1252"), "is not UTF-8 text", None),
        ("given,family\nДана,Ким\n".encode() + b"\xff\n", "is not UTF-8 text", None),
        ("given\nДана".encode()[:-1], "is cut off in the middle of a letter", None),
        (b"given,family\na,b\na,b,c\n", "has 3 cells where the header has 2", 3),
        (b'given,family\na,b\na,"b\n', "a quote is not closed, or is inside a cell", 3),
        (b"given,given\na,b\n", "two columns have the same name", None),
    ],
)
def test_an_unreadable_file_has_one_reason_and_its_row(
    tmp_path: Path, content: bytes, problem: str, row: int | None
) -> None:
    assert refuse(tmp_path, content) == (problem, row)


def test_a_message_about_a_separator_names_it_and_no_value(tmp_path: Path) -> None:
    for separator, name in ((",", ","), ("\t", "tab")):
        content = f"given{separator}family\nDana{separator}Kim{separator}Secret\n"
        with pytest.raises(BadInput) as refused:
            read_table(write(tmp_path, content))
        (fault,) = refused.value.faults
        assert f"remove the extra separator ({name})" in fault.todo
        assert "Secret" not in str(refused.value)


def test_rows_that_lack_cells_are_counted_and_the_first_is_named(tmp_path: Path) -> None:
    rows, notes = read(tmp_path, "id,given,family\n1,Dana,Kim\n2,Aigul\n\n4\n5,Bolat,Li\n")
    assert [row["family"] for row in rows] == ["Kim", None, None, "Li"]
    (note,) = notes
    assert note.startswith("rows with fewer cells than the header: 2, the first is row 3 with 2 of 3;")


def test_a_row_with_an_empty_last_cell_lacks_none(tmp_path: Path) -> None:
    assert read(tmp_path, "id,given,family\n1,Dana,\n2,Aigul,\n")[1] == []
    assert read(tmp_path, "id,given,\n1,Dana\n2,Aigul\n")[1] == [], "a column without a header needs no cell"


@pytest.mark.parametrize(
    ("last", "note"),
    [
        ("2,Aigul,Li\n", ""),
        ("2,Aigul,Li", "the last row, 3, has no line end; if the file was cut off there, get the whole one"),
        ("2,Ai", "the last row, 3, has 2 of 3 cells and no line end: the file is cut off, get the whole one"),
    ],
)
def test_a_file_that_may_be_cut_off_says_so(tmp_path: Path, last: str, note: str) -> None:
    assert read(tmp_path, f"id,given,family\n1,Dana,Kim\n{last}")[1] == [note] * bool(note)


# -- roles and ids -----------------------------------------------------------------------------------------------------
def frame_of(folder: Path, text: str) -> pl.DataFrame:
    return read_table(write(folder, text))


def test_a_role_by_hand_takes_precedence_over_a_header(tmp_path: Path) -> None:
    frame = frame_of(tmp_path, "given,family,other\nDana,Kim,Aigul\n")
    assert assign_roles(frame, "p", {}, "") == {"given": ["given"], "family": ["family"]}
    assert assign_roles(frame, "p", {"other": "given"}, "")["given"] == ["other"]
    assert "family" not in assign_roles(frame, "p", {"family": ""}, "")
    assert assign_roles(frame, "p", {}, "other")["id"] == ["other"]


def test_several_columns_of_documents_keep_their_order_and_other_roles_have_one(tmp_path: Path) -> None:
    frame = frame_of(tmp_path, "passport,given,first name,visa,iin\nN1234567,Dana,Dina,N7654321,990101300123\n")
    roles = assign_roles(frame, "p", {"visa": "document"}, "")
    assert roles["document"] == ["passport", "visa", "iin"]
    assert len(roles["given"]) == 1


@pytest.mark.parametrize(
    ("given", "id_column", "problem", "column"),
    [
        ({"nom": "given"}, "", "there is no such column", "nom"),
        ({}, "number", "there is no such column", "number"),
        ({"given": "colour"}, "", "colour is not a kind of column", "given"),
        ({"given": "family", "family": "family"}, "", "is named as family, and so is given", "family"),
    ],
)
def test_a_role_by_hand_that_cannot_be_is_refused(
    tmp_path: Path, given: dict[str, str], id_column: str, problem: str, column: str
) -> None:
    frame = frame_of(tmp_path, "given,family\nDana,Kim\n")
    with pytest.raises(BadInput) as refused:
        assign_roles(frame, "p.csv", given, id_column)
    assert [(fault.what, fault.column) for fault in refused.value.faults] == [(problem, column)]


def test_without_a_name_or_a_document_no_table_is_compared(tmp_path: Path) -> None:
    for text, words in (("sex,dob\nf,1990\n", "columns: sex, dob"), ("Dana\nKim\n", "the first row may be no header")):
        with pytest.raises(BadInput, match=words) as refused:
            assign_roles(frame_of(tmp_path, text), "p.csv", {}, "")
        assert "Dana" not in str(refused.value)


def test_record_ids_are_those_of_the_column_or_the_row_numbers(tmp_path: Path) -> None:
    frame = frame_of(tmp_path, "key,given\nA,Dana\n\nB,Aigul\n")
    assert record_ids(frame, {"given": ["given"]}, "p").to_list() == ["1", "3"]
    assert record_ids(frame, {"id": ["key"]}, "p").to_list() == ["A", "B"]


@pytest.mark.parametrize(
    ("rows", "problem", "row"),
    [
        ("A,1\nB,2\nA,3\n", "the record id is in row 4 too", 2),
        ("A,1\n,2\nB,3\n", "the record id is missing", 3),
    ],
)
def test_an_id_that_is_missing_or_repeated_is_refused_with_its_row(
    tmp_path: Path, rows: str, problem: str, row: int
) -> None:
    with pytest.raises(BadInput) as refused:
        record_ids(frame_of(tmp_path, f"key,given\n{rows}"), {"id": ["key"]}, "p.csv")
    (fault,) = refused.value.faults
    assert (fault.what, fault.row, fault.column) == (problem, row, "key")


def test_a_role_of_one_file_takes_precedence_over_that_of_all(tmp_path: Path) -> None:
    path = write(tmp_path, "a,b:c\nx,y\n")
    frame = read_table(path)
    roles = {"a": "given", "people.csv:a": "family", "people:b:c": "full", "other.csv:a": "sex", "z": "house"}
    assert role_assignment.roles_of_file(roles, path, frame) == {"a": "family", "b:c": "full"}
    assert role_assignment.find_column(f"{path}:a", path, frame) == "a"
    assert role_assignment.find_column("b:c", path, frame) == "b:c"
    assert role_assignment.find_column("other:a", path, frame) is None


# -- notes -------------------------------------------------------------------------------------------------------------
def test_the_notes_name_roles_unused_columns_long_names_and_unread_dates(tmp_path: Path) -> None:
    long, longest = "a" * (read_tables.LONGEST + 1), "a" * read_tables.LONGEST
    frame = frame_of(tmp_path, f"given,dob,colour,empty\n{longest},1990-01-02,red,\n{long},soon,,\nx,,,\n")
    roles = {"given": ["given"], "birth_date": ["dob"]}
    first, unused, too_long, dates = read_tables.input_notes(frame, roles)
    assert first == "given = given, dob = birth_date"
    assert unused.startswith("not used: colour;")
    assert too_long.startswith(
        f"column given: longer than {read_tables.LONGEST} letters: 1, the first in row 3; what is behind"
    )
    assert dates.startswith("1 of 2 dates of birth cannot be read")
    assert len(read_tables.input_notes(frame, roles, {"colour"})) == 3
    assert "nobody in it is compared" in read_tables.input_notes(frame.clear(), roles)[1]


# -- comparison columns ------------------------------------------------------------------------------------------------
def columns(folder: Path, text: str, **roles: list[str]) -> list[dict[str, Any]]:
    return comparison_columns(frame_of(folder, text), roles).to_dicts()


def test_documents_of_several_columns_are_joined_once_each(tmp_path: Path) -> None:
    text = "a,b\nN1234567;X7654321,n 123-4567\n,lost\n,K1112223\n"
    rows = columns(tmp_path, text, document=["a", "b"])
    assert [row["documents"] for row in rows] == [["N1234567", "X7654321"], None, ["K1112223"]]
    assert [row["document"] for row in rows] == ["N1234567", None, "K1112223"]


def test_a_date_in_parts_is_used_where_there_is_no_whole_date(tmp_path: Path) -> None:
    text = "given,date,y,m,d\nDana,1990-05-12,1980,1,2\nDana,,1990,5,12\nDana,,1990,5,\nDana,,1990,,12\nDana,,,,\n"
    parts = {"birth_year": ["y"], "birth_month": ["m"], "birth_day": ["d"]}
    rows = columns(tmp_path, text, given=["given"], birth_date=["date"], **parts)
    assert [row["birth_year"] for row in rows] == [1990, 1990, 1990, 1990, None]
    assert [row["birth_date"] for row in rows][:2] == ["1990-05-12"] * 2
    assert [row["birth_date"] for row in rows][3:] == [None, None]


def test_a_name_column_takes_precedence_over_the_whole_name(tmp_path: Path) -> None:
    whole = columns(tmp_path, "full\nАхметова Айгуль\n", full=["full"])[0]
    both = columns(tmp_path, "full,given\nАхметова Айгуль,Дана\n,Дана\n", full=["full"], given=["given"])
    assert (whole["given"], whole["family"]) == ("aigul", "ahmet")
    assert [(row["given"], row["family"]) for row in both] == [("dana", "ahmet"), ("dana", None)]


def test_a_name_key_needs_both_names_and_does_not_depend_on_their_order(tmp_path: Path) -> None:
    rows = columns(tmp_path, "g,f\nАйгуль,Ахметова\nАхметова,Айгуль\nАйгуль,\n", given=["g"], family=["f"])
    keys = [row["name_key"] for row in rows]
    assert keys[0] == " ".join(sorted([rows[0]["given_key"], rows[0]["family_key"]]))
    assert keys[1] == keys[0]
    assert keys[2] is None
    assert rows[0]["name_start"] == " ".join(sorted([rows[0]["given_key"][:2], rows[0]["family_key"][:2]]))


def test_a_house_of_its_own_column_takes_precedence_over_that_in_the_street(tmp_path: Path) -> None:
    text = "given,street,house\nDana,Абая 12,7 Б\nDana,Абая 12,\nDana,Абая,\n"
    rows = columns(tmp_path, text, given=["given"], street=["street"], house=["house"])
    assert [row["house"] for row in rows] == ["7б", "12", None]
    assert len({row["street"] for row in rows}) == 1


def test_a_table_without_usable_values_keeps_its_rows(tmp_path: Path) -> None:
    frame = comparison_columns(frame_of(tmp_path, "given\n?\n-\n"), {"given": ["given"]})
    assert (frame.columns, len(frame)) == (["given"], 2)


def test_the_first_of_several_long_names_is_named(tmp_path: Path) -> None:
    long = "a" * (read_tables.LONGEST + 1)
    frame = frame_of(tmp_path, f"given\nb\n{long}\n{long}\n")
    (_roles, note) = read_tables.input_notes(frame, {"given": ["given"]})
    assert f"letters: 2, the first in row {3};" in note


@pytest.mark.parametrize(("repeating", "role"), [(0, "given"), (2, "given"), (3, "full"), (5, "full")])
def test_a_column_name_is_the_given_name_if_less_than_half_of_it_repeats_the_family_name(
    tmp_path: Path, repeating: int, role: str
) -> None:
    rows = [("Kim Dana", "KIM")] * repeating + [("Dana", "Li")] * (5 - repeating)
    text = "name,family\n" + "".join(f"{name},{family}\n" for name, family in rows)
    assert assign_roles(frame_of(tmp_path, text), "p", {}, "")[role] == ["name"]
