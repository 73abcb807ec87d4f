"""Sources of rows: frames and files hold the same rows in any format and any split into pieces."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.counting import all_marginals, sources
from kerege.evidence.counting.selection import Columns
from kerege.evidence.data.snapshot import Snapshot

FRAME = pl.DataFrame({"a": ["x", None, "y", "x", "z"], "b": ["p", "q", None, "q", "p"], "n": ["1", "2", "3", "4", "5"]})


def read(source: pl.DataFrame | Snapshot | Path | str, *names: str) -> pl.DataFrame:
    """Return all rows of a source, piece by piece until there is none."""
    frames = []
    for piece in sources.open_source(source).rows(Columns(names)):
        if (frame := piece()) is None:
            break
        frames.append(frame)
    return pl.concat(frames).select(names)


def as_csv(path: Path) -> Path:
    FRAME.write_csv(path)
    return path


def as_parquet(path: Path) -> Path:
    FRAME.write_parquet(path, row_group_size=2)
    return path


@pytest.mark.parametrize("write", [as_csv, as_parquet])
@pytest.mark.parametrize("step", [1, 2, 3, 10])
def test_a_file_has_the_rows_that_were_written(
    write: Callable[[Path], Path], step: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sources, "piece_rows", lambda columns, rows: step)
    path = write(tmp_path / "rows")
    assert sources.open_source(path).names == ["a", "b", "n"]
    assert read(path, "n", "a").with_columns(pl.col("a").replace({"": None})).equals(FRAME.select("n", "a"))
    assert read(str(path), "n").equals(FRAME.select("n"))


@pytest.mark.parametrize("step", [1, 2, 5, 6])
def test_the_pieces_of_a_frame_are_its_rows_in_order(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "piece_rows", lambda columns, rows: step)
    assert read(FRAME, "b", "n").equals(FRAME.select("b", "n"))
    assert len(list(sources.open_source(FRAME).rows(Columns(["a"])))) == -(-5 // step)


def test_a_snapshot_has_the_rows_of_its_frame() -> None:
    assert read(Snapshot.from_frame(FRAME), "a").equals(FRAME.select("a"))


def test_a_piece_stays_within_a_large_row_group(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Groups of 4, 4 and 2 rows, pieces of at most 3 rows."""
    monkeypatch.setattr(sources, "piece_rows", lambda columns, rows: 3)
    path = tmp_path / "rows"
    pl.DataFrame({"a": [str(number) for number in range(10)]}).write_parquet(path, row_group_size=4)
    pieces = [piece() for piece in sources.open_source(path).rows(Columns(["a"]))]
    assert [piece.height for piece in pieces if piece is not None] == [3, 1, 3, 1, 2]
    assert read(path, "a")["a"].to_list() == [str(number) for number in range(10)]


def test_small_row_groups_are_read_together(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sources, "piece_rows", lambda columns, rows: 100)
    path = tmp_path / "rows"
    pl.DataFrame({"a": ["x"] * 30}).write_parquet(path, row_group_size=1)
    pieces = [piece() for piece in sources.open_source(path).rows(Columns(["a"]))]
    assert [piece.height for piece in pieces if piece is not None] == [25, 5]


def test_quotes_and_lines_within_a_cell_belong_to_the_cell(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text('\ufeff"a, b",c\n"x\ny","say ""z"""\n\n1,2\n', encoding="utf-8")
    assert sources.open_source(path).names == ["a, b", "c"]
    assert read(path, "c", "a, b").rows() == [('say "z"', "x\ny"), ("2", "1")]


def test_numbers_in_a_csv_stay_as_they_are_written(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a\n007\n1e3\nnull\n")
    assert read(path, "a")["a"].to_list() == ["007", "1e3", "null"]


def test_an_empty_line_is_a_row_only_in_a_file_of_one_column(tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    one.write_text("a\nx\n\ny\n")
    two.write_text("a,b\nx,1\n\ny,2\n")
    assert read(one, "a").height == 3
    assert read(two, "a").height == 2


def test_a_header_longer_than_the_first_part_of_a_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The header ends within the part that is read; the rows go on."""
    monkeypatch.setattr(sources, "HEAD", 12)
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n3,4\n5,6\n")
    assert sources.open_source(path).names == ["a", "b"]
    assert read(path, "b")["b"].to_list() == ["2", "4", "6"]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"PAR1 torn", "cannot be read to its end as Parquet, write it again"),
        (b"a,b\n", "holds no rows, give a file with a header and at least one row"),
        (b"a,b\n\n\n", "holds no rows, give a file with a header and at least one row"),
        (None, "cannot be read, check the path and its permissions"),
    ],
)
def test_a_file_that_cannot_be_opened_is_one_sentence(tmp_path: Path, content: bytes | None, sentence: str) -> None:
    path = tmp_path / "rows"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput) as refused:
        sources.open_source(path)
    assert [f"{fault.what}, {fault.todo}" for fault in refused.value.faults] == [sentence]


def test_rows_that_break_off_name_the_kind_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_text("a,b\n1,2\n3\n")
    with pytest.raises(BadInput, match="is not a table of separated values, give each row as many cells"):
        sources.open_source(path).count(Columns(["a"]), 1, None, relational=False)


def test_an_error_of_a_frame_is_not_hidden() -> None:
    """A frame cannot be torn, so an error of reading is an error of the program."""
    with pytest.raises(pl.exceptions.PolarsError):
        sources.open_source(FRAME).count(Columns(["missing"]), 1, None, relational=False)


@pytest.mark.parametrize(("encoding", "named"), [("utf-16", ""), ("cp1251", "cp1251")])
def test_a_csv_in_another_encoding_is_counted(tmp_path: Path, encoding: str, named: str) -> None:
    path, text = tmp_path / "rows.csv", "пол;область\nж;Абай\nм;Абай\nж;\n"
    path.write_bytes(text.encode())
    expected = all_marginals(path, 2)
    path.write_bytes(text.encode(encoding))
    counted = all_marginals(path, 2, encoding=named)
    assert (counted.values, counted.hits.tolist()) == (expected.values, expected.hits.tolist())


def test_a_csv_in_an_encoding_that_nothing_names_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "rows.csv"
    path.write_bytes("пол\nж\n".encode("cp1251"))
    with pytest.raises(BadInput, match="is not UTF-8 text"):
        all_marginals(path, 1)
