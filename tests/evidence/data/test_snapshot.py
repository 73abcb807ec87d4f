"""Categorical CSV files are read correctly or refused with one sentence; Parquet keeps its metadata."""

from __future__ import annotations

import csv
import hashlib
import io
import json
import sys
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.base.extras import MissingExtra
from kerege.evidence.data.person_numbers import PERSON_NUMBERS
from kerege.evidence.data.snapshot import RECORD_KEY, Snapshot, check_value_sets, read, write


def csv_file(folder: Path, content: str | bytes) -> Path:
    path = folder / "rows.csv"
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        "a,b\nx,1\ny,\n",
        "\ufeffa,b\nx,1\ny,\n",
        "a,b\r\nx,1\r\ny,\r\n",
        '"a","b"\n"x","1"\n"y",""\n',
        "a,b\nx,1\ny,",
        '\ufeff"a",b\r\nx,1\r\ny,\r\n',
    ],
)
def test_equivalent_csv_texts_give_the_same_rows(tmp_path: Path, content: str) -> None:
    snapshot = read(csv_file(tmp_path, content))
    assert snapshot.columns == ["a", "b"]
    assert snapshot.frame.rows() == [("x", "1"), ("y", None)]


def test_a_value_may_hold_quotes_commas_and_lines(tmp_path: Path) -> None:
    values = ['say "no"', "a,b", "two\nlines", " edge ", "007", "1.0", "NA", "null", "=1+1", "\u202ex", "Қазақ"]
    out = io.StringIO()
    csv.writer(out).writerows([["a\nb", "c"], *[[value, "z"] for value in values]])
    snapshot = read(csv_file(tmp_path, out.getvalue()))
    assert snapshot.columns == ["a\nb", "c"]
    assert snapshot.frame["a\nb"].to_list() == values


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"\n\n", "is empty"),
        (b"a,b\n", "no rows"),
        (b"a,b,a\n1,2,3\n", "two columns"),
        (b"a,,c\n1,2,3\n", "column 2 has no name"),
        (b"a,b\n1,2\n3,4,5\n", "separated values"),
        ("a\nй\n".encode("cp1251"), "UTF-8"),
        ("a\nx\n".encode("utf-16-le"), "--encoding"),
        (b"a\0b\nx\n", "not a text file"),
        (b"PAR1 and then nothing", "not a snapshot"),
        (b"a\n_U\n", "reserved for"),
    ],
)
def test_an_unreadable_file_gives_one_fault(tmp_path: Path, content: bytes, words: str) -> None:
    with pytest.raises(BadInput, match=words) as caught:
        read(csv_file(tmp_path, content))
    assert len(caught.value.faults) == 1
    assert "\n" not in str(caught.value)


def test_the_fault_names_the_number_of_a_short_row(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="row 3"):
        read(csv_file(tmp_path, "a,b,c\n1,2,3\n1\n"))


@pytest.mark.parametrize("mark", [",", ";", "\t", "|"])
def test_cells_can_have_any_usual_separator(tmp_path: Path, mark: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(f"a{mark}b\nx{mark}y\n")
    assert read(path).frame.rows() == [("x", "y")]
    path.write_text('"a;b",c\nx;y,z\n')  # inside quotes a mark belongs to the name
    assert read(path).columns == ["a;b", "c"]
    path.write_text("means,sex\ndebt;threats;force,f\n")
    assert read(path, multi=["means"]).frame["means"].list.len().to_list() == [3]
    path.write_text("means\ndebt;threats\n")
    assert read(path).columns == ["means"]


def test_other_encodings_are_read_by_their_mark_or_name(tmp_path: Path) -> None:
    text, path = "область;пол\nАлматы;ж\n", tmp_path / "rows.csv"
    for encoding, named in (("utf-8-sig", ""), ("utf-16", ""), ("cp1251", "cp1251"), ("koi8-r", "koi8-r")):
        path.write_bytes(text.encode(encoding))
        assert read(path, encoding=named).frame.to_dicts() == [{"область": "Алматы", "пол": "ж"}]
    with pytest.raises(BadInput, match="no encoding has the name cp12510"):
        read(path, encoding="cp12510")


def test_a_missing_file_and_a_folder_are_refused(tmp_path: Path) -> None:
    for path in (tmp_path / "gone.csv", tmp_path):
        with pytest.raises(BadInput, match="cannot be read"):
            read(path)


def test_values_split_only_in_multi_valued_columns(tmp_path: Path) -> None:
    path = csv_file(tmp_path, "a,b\nx; y;x,x;y\n;,\n")
    assert read(path).frame.rows() == [("x; y;x", "x;y"), (";", None)]
    rows = read(path, multi=["a"]).frame.rows()
    assert sorted(rows[0][0]) == ["x", "y"]
    assert rows[0][1] == "x;y"
    assert not rows[1][0]


def test_parquet_keeps_unit_date_and_values(tmp_path: Path) -> None:
    rows = [
        {"record_id": "p1", "sex": "female", "means": ["force", "debt", "force"]},
        {"record_id": "p2", "sex": "", "means": []},
    ]
    path = tmp_path / "v.parquet"
    write(path, "victims", rows, as_of="2025-12-31", invented=True, key=b"k" * 32)
    snapshot = read(path)
    assert (snapshot.unit, snapshot.as_of, snapshot.invented) == ("victims", "2025-12-31", True)
    assert "means" in snapshot.multi
    assert snapshot.frame["sex"].to_list() == ["female", None]
    assert snapshot.frame["means"].to_list() == [["debt", "force"], None]
    assert RECORD_KEY not in snapshot.columns
    assert b"p1" not in path.read_bytes()


def test_the_record_key_depends_on_the_person_and_the_secret(tmp_path: Path) -> None:
    def keys(secret: bytes, *people: str) -> list[int]:
        path = tmp_path / "v.parquet"
        rows = [{"record_id": person} for person in people]
        write(path, "victims", rows, as_of="2025-12-31", invented=True, key=secret)
        return read(path).frame[RECORD_KEY].to_list()

    assert keys(b"a" * 32, "p1", "p2") == keys(b"a" * 32, "p2", "p1")[::-1]
    assert set(keys(b"a" * 32, "p1")).isdisjoint(keys(b"b" * 32, "p1"))


def test_an_undeclared_column_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="name_of_person"):
        write(tmp_path / "v.parquet", "victims", [{"name_of_person": "x"}], as_of="", invented=True, key=b"k" * 32)
    assert list(tmp_path.iterdir()) == []


def test_any_categorical_parquet_is_read_as_records(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    data = {"text": ["x", "", None], "whole": [1, 2, None], "several": [["q", "p", "q"], [""], None]}
    pl.DataFrame(data | {"truth": [True, None, False]}).write_parquet(path)
    snapshot = read(path)
    assert (snapshot.unit, snapshot.multi) == ("records", {"several"})
    assert snapshot.frame["text"].to_list() == ["x", None, None]
    assert snapshot.frame["whole"].to_list() == ["1", "2", None]
    assert snapshot.frame["truth"].to_list() == ["true", None, "false"]
    assert [sorted(values) if values else values for values in snapshot.frame["several"].to_list()] == [
        ["p", "q"],
        None,
        None,
    ]


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"a": []}, "holds no rows"),
        ({"a": [1.5]}, "neither categories"),
        ({"a": [[1.5]]}, "neither categories"),
        ({"a": ["_T"]}, "are reserved for totals"),
    ],
)
def test_parquet_without_categories_is_refused_in_one_sentence(tmp_path: Path, data: dict, words: str) -> None:
    path = tmp_path / "rows.parquet"
    pl.DataFrame(data).write_parquet(path)
    with pytest.raises(BadInput, match=words):
        read(path)


# -- rows in memory --------------------------------------------------------------------------------------------------


def test_a_data_frame_becomes_records_of_text() -> None:
    frame = pl.DataFrame({"sex": ["female", "", None], "age": [7, None, 30], "means": [["a", "b", "a"], [""], []]})
    snapshot = Snapshot.from_frame(frame)
    assert snapshot.frame["sex"].to_list() == ["female", None, None]
    assert snapshot.frame["age"].to_list() == ["7", None, "30"]
    assert [values if values is None else sorted(values) for values in snapshot.frame["means"].to_list()] == [
        ["a", "b"],
        None,
        None,
    ]
    assert (snapshot.unit, snapshot.as_of, snapshot.invented, snapshot.multi) == ("records", "", False, {"means"})


def test_equal_data_frames_are_one_file_in_any_order() -> None:
    frame = pl.DataFrame({"sex": ["female", "male"], "form": ["x", "y"]})
    first, second = Snapshot.from_frame(frame), Snapshot.from_frame(frame.reverse().select("form", "sex"))
    assert first.sha256 == second.sha256
    assert first.sha256 != Snapshot.from_frame(frame.with_columns(sex=pl.lit("male"))).sha256


@pytest.mark.parametrize("value", ["_T", "_U", "_O"])
def test_values_that_tables_reserve_are_refused_alone_and_in_a_list(value: str) -> None:
    for cells in ([value, "x"], [[value, "x"], ["y"]]):
        with pytest.raises(BadInput, match=r"column a: _T, _U and _O are reserved for totals.*, recode the value"):
            Snapshot.from_frame(pl.DataFrame({"a": cells}))


def test_a_frame_without_rows_or_with_measures_is_refused() -> None:
    with pytest.raises(BadInput, match="holds no rows, give a file with at least one row"):
        Snapshot.from_frame(pl.DataFrame({"a": []}))
    with pytest.raises(BadInput, match="column weight: holds neither categories nor lists of them, give text"):
        Snapshot.from_frame(pl.DataFrame({"weight": [1.5]}))


def test_the_origin_is_the_fingerprint_if_a_ledger_gave_one() -> None:
    snapshot = Snapshot(pl.DataFrame({"a": ["x"]}), "records", "", False, "5" * 64)
    assert snapshot.origin == "5" * 64
    assert replace(snapshot, fingerprint="f" * 64).origin == "f" * 64


def test_a_column_has_the_code_list_of_its_unit() -> None:
    frame = pl.DataFrame({"citizenship": ["KAZ"]})
    lists = {unit: Snapshot(frame, unit, "", True, "").list_of("citizenship") for unit in ("victims", "records")}
    assert lists == {"victims": "country", "records": ""}
    assert Snapshot(frame, "victims", "", True, "").list_of("shoe_size") == ""


# -- written snapshots -----------------------------------------------------------------------------------------------


def test_people_of_rows_are_written_as_numbers_and_are_no_attribute(tmp_path: Path) -> None:
    """Rows 1 and 3 concern the same person; the numbers say so, and no identity is in the file."""
    rows = [
        {"record_id": "s1", "service": "legal", "person_ids": ["aigul"]},
        {"record_id": "s2", "service": "housing", "person_ids": ["bolat", "aigul"]},
        {"record_id": "s3", "service": "medical", "person_ids": []},
    ]
    path = tmp_path / "services.parquet"
    write(path, "services", rows, as_of="2025-12-31", invented=False, key=b"k" * 32)
    snapshot = read(path)
    first, second, third = snapshot.frame[PERSON_NUMBERS].to_list()
    assert set(first) < set(second) == {1, 2}
    assert third == []
    assert {PERSON_NUMBERS, RECORD_KEY}.isdisjoint(snapshot.columns)
    assert not snapshot.invented
    assert b"aigul" not in path.read_bytes()


def test_people_are_numbered_only_if_every_row_names_them(tmp_path: Path) -> None:
    rows = [{"record_id": "s1", "person_ids": ["aigul"]}, {"record_id": "s2"}]
    with pytest.raises(ValueError, match="does not declare: person_ids"):
        write(tmp_path / "s.parquet", "services", rows, as_of="2025-12-31", invented=True, key=b"k" * 32)
    with pytest.raises(ValueError, match="does not declare: person_ids"):  # a victim is the person of their own row
        write(tmp_path / "v.parquet", "victims", rows[:1], as_of="2025-12-31", invented=True, key=b"k" * 32)
    write(tmp_path / "s.parquet", "services", rows[1:], as_of="2025-12-31", invented=True, key=b"k" * 32)
    assert PERSON_NUMBERS not in read(tmp_path / "s.parquet").frame.columns


def test_a_record_key_is_the_start_of_a_keyed_hash(tmp_path: Path) -> None:
    """BLAKE2b of 8 bytes (RFC 7693), so that a unit keeps its key from one snapshot to the next."""
    path = tmp_path / "v.parquet"
    write(path, "victims", [{"record_id": "p1"}, {"sex": "male"}], as_of="2025-12-31", invented=True, key=b"k" * 80)
    expected = [
        int.from_bytes(hashlib.blake2b(identity, key=b"k" * 64, digest_size=8).digest(), "big")
        for identity in (b"p1", b"1")  # a row without an identity has its position
    ]
    assert read(path).frame[RECORD_KEY].to_list() == expected


def test_codes_are_written_sorted_once_and_empty_cells_as_not_reported(tmp_path: Path) -> None:
    path = tmp_path / "v.parquet"
    rows = [{"year": 2025, "means": ("threats", "debt", "debt"), "sex": ""}, {"means": (), "sex": None}]
    write(path, "victims", rows, as_of="2025-12-31", invented=True, key=b"k" * 32)
    frame = read(path).frame
    assert frame["means"].to_list() == [["debt", "threats"], None]
    assert frame["year"].to_list() == ["2025", None]
    assert frame["sex"].to_list() == [None, None]


# -- faults of files -------------------------------------------------------------------------------------------------


def test_a_csv_that_is_called_parquet_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.PARQUET"
    path.write_text("a,b\nx,1\n")
    with pytest.raises(BadInput, match=r"rows.PARQUET: is not a Parquet file, make it again, or name a CSV .csv"):
        read(path)


def test_a_snapshot_of_an_unknown_unit_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.parquet"
    for stated in ({"unit": "ships", "as_of": "", "invented": True}, {"unit": "victims"}):
        pl.DataFrame({"a": ["x"]}).write_parquet(path, metadata={"kerege": json.dumps(stated)})
        with pytest.raises(BadInput, match="is not a snapshot, make one with kerege snapshot, or give a CSV"):
            read(path)


def test_a_multi_valued_column_that_does_not_exist_is_refused_with_the_columns(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="column mean: there is no such column, choose among: sex, means"):
        read(csv_file(tmp_path, "sex,means\nmale,debt\n"), multi=["mean"])


def test_several_values_in_a_single_valued_column_are_refused_only_where_they_are_used(tmp_path: Path) -> None:
    snapshot = read(csv_file(tmp_path, "sex,means,other\nmale,debt;threats,a;b\nfemale,debt,c\n"), multi=["other"])
    check_value_sets(snapshot, ["sex", "other", "gone"])
    with pytest.raises(BadInput, match="column means: holds several values in a row, separated by ;, name the column"):
        check_value_sets(snapshot, ["sex", "means"])


@pytest.mark.parametrize(
    ("content", "rows"),
    [
        ("a,b\nx,1\n\ny,2\n\n\n", [("x", "1"), ("y", "2")]),
        ("a,b\r\n\r\nx,\r\n", [("x", None)]),
        ('a,b\n"x\n\nz",1\n\n,\n', [("x\n\nz", "1"), (None, None)]),
        ("a,b\nx\u2028z,1\n\n", [("x\u2028z", "1")]),
        ("a\nx\n\n", [("x",), (None,)]),  # in a single column an empty line is an empty cell
    ],
)
def test_a_blank_line_is_no_person(tmp_path: Path, content: str, rows: list[tuple[str | None, ...]]) -> None:
    """It would be counted as a person of whom nothing is reported."""
    assert read(csv_file(tmp_path, content)).frame.rows() == rows


def test_a_file_of_blank_lines_holds_no_rows(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="holds no rows, give a file with a header and at least one row"):
        read(csv_file(tmp_path, "a,b\n\n\n"))


def test_a_short_row_is_found_even_if_other_cells_of_the_last_column_are_empty(tmp_path: Path) -> None:
    assert read(csv_file(tmp_path, "a,b,c\n1,2,\n\n3,4,\n")).frame.height == 2
    with pytest.raises(BadInput, match="row 4: has 2 cells, not 3, give each row as many cells as the header"):
        read(csv_file(tmp_path, "a,b,c\n1,2,\n3,4,5\n6,7\n"))


def test_the_fault_of_a_header_names_its_row(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="row 1: column 2 has no name, name every column"):
        read(csv_file(tmp_path, "a, ,c\n1,2,3\n"))
    with pytest.raises(BadInput, match="row 1, column a: two columns have this name, name every column once"):
        read(csv_file(tmp_path, "b,a,a\n1,2,3\n"))


@pytest.mark.parametrize("name", ["*", "^b.*$"])
def test_a_name_that_would_select_other_columns_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadInput, match="this name selects other columns too, name it otherwise"):
        read(csv_file(tmp_path, f"a,{name},b\n1,2,3\n"))
    with pytest.raises(BadInput, match="this name selects other columns too"):
        Snapshot.from_frame(pl.DataFrame({"a": ["1"], name: ["2"]}))


def test_cells_that_kerege_protected_are_read_without_the_mark(tmp_path: Path) -> None:
    snapshot = read(csv_file(tmp_path, "'=a,b\n'=1+1,'x\n'+7,-3\n"))
    assert snapshot.columns == ["=a", "b"]
    assert snapshot.frame.rows() == [("=1+1", "'x"), ("'+7", "-3")]


def test_without_pyarrow_the_message_names_the_extra_that_writes_snapshots(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MissingExtra, match=r'snapshot\.write needs the extra "synthesis"'):
        write(tmp_path / "s.parquet", "victims", [], as_of="2025-12-31", invented=True, key=b"k")


@pytest.mark.parametrize(
    ("content", "rows"),
    [("a,,a,,b,b\n1,2,3,4,5,6\n", [1, 1, 1, 1]), ("a,b\n_T,_U\nx,y\n", [None, None])],
)
def test_all_faults_of_a_file_are_reported_at_once(tmp_path: Path, content: str, rows: list[int | None]) -> None:
    with pytest.raises(BadInput) as refused:
        read(csv_file(tmp_path, content))
    assert [fault.row for fault in refused.value.faults] == rows


def test_all_columns_with_several_values_are_reported_at_once(tmp_path: Path) -> None:
    snapshot = read(csv_file(tmp_path, "a|b|c\nx;y|z|u;v\n"))
    with pytest.raises(BadInput) as refused:
        check_value_sets(snapshot, snapshot.columns)
    assert [fault.column for fault in refused.value.faults] == ["a", "c"]
