"""Categorical CSV files are read correctly or refused with one sentence; Parquet keeps its metadata."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.snapshot import RECORD_KEY, read, write


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
        (b"a,b\n1,2\n3,4,5\n", "comma-separated"),
        ("a\nй\n".encode("cp1251"), "UTF-8"),
        ("a\nx\n".encode("utf-16"), "UTF-8"),
        (b"a\0b\nx\n", "not a text file"),
        (b"PAR1 and then nothing", "not a snapshot"),
        (b"a\n_U\n", "kept for"),
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


@pytest.mark.parametrize(("content", "mark"), [("a;b\nx;y\n", "semicolons"), ("a\tb\nx\ty\n", "tabs")])
def test_a_single_column_with_other_separators_is_refused(tmp_path: Path, content: str, mark: str) -> None:
    path = tmp_path / "rows.csv"
    path.write_text(content)
    with pytest.raises(BadInput, match=f"but {mark} in its name, save the file with commas"):
        read(path)
    path.write_text('"a;b",c\nx;y,z\n')  # beside another column it is a name
    assert read(path).columns == ["a;b", "c"]


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
        ({"a": [[1]]}, "neither categories"),
        ({"a": ["_T"]}, "are kept for totals"),
    ],
)
def test_parquet_without_categories_is_refused_in_one_sentence(tmp_path: Path, data: dict, words: str) -> None:
    path = tmp_path / "rows.parquet"
    pl.DataFrame(data).write_parquet(path)
    with pytest.raises(BadInput, match=words):
        read(path)
