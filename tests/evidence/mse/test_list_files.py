"""Files of lists are read correctly, and faults are reported by place without cell values."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.mse.list_files import read_lists
from tests.evidence.mse.tables import ALL, DATA, table

HEAD = "A,B,C,count\n"
FULL = "1,0,0,5\n0,1,0,6\n0,0,1,7\n1,1,0,2\n"


def write_file(folder: Path, text: str | bytes) -> Path:
    path = folder / "lists.csv"
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return path


@pytest.mark.parametrize("name", ALL)
def test_the_published_tables_are_read(name: str) -> None:
    lists, expected = read_lists(DATA / f"{name}.csv"), table(name)
    assert lists.names == expected.names
    assert lists.histories.tolist() == expected.histories.tolist()
    assert lists.counts.tolist() == expected.counts.tolist()


def test_a_path_may_be_a_string() -> None:
    assert read_lists(str(DATA / "Kosovo.csv")).people == table("Kosovo").people
    with pytest.raises(BadInput, match="cannot be read"):
        read_lists(str(DATA / "nowhere.csv"))


def test_one_row_for_each_person_equals_counts(tmp_path: Path) -> None:
    rows = ["1,0,0", "0,1,0", "1,0,0", "0,1,1", "", " 0 , 1 , 1 "]
    lists = read_lists(write_file(tmp_path, "police,shelter,hotline\n" + "\n".join(rows) + "\n"))
    assert lists.names == ("police", "shelter", "hotline")
    assert dict(zip(lists.histories.tolist(), lists.counts.tolist(), strict=True)) == {1: 2, 2: 1, 6: 2}


def test_a_spreadsheet_export_is_read(tmp_path: Path) -> None:
    text = "\ufeffCount,A,B,C\r\n5.0,1,0,0\r\n6,0,1,0\r\n7,0,0,1\r\n0,1,1,1\r\n"
    lists = read_lists(write_file(tmp_path, text))
    assert (lists.names, lists.people, lists.repeated) == (("A", "B", "C"), 18, 0)


@pytest.mark.parametrize("mark", [";", "\t"])
def test_semicolons_and_tabs_are_separators(tmp_path: Path, mark: str) -> None:
    lists = read_lists(write_file(tmp_path, "\ufeff" + (HEAD + FULL).replace(",", mark)))
    assert (lists.names, lists.people) == (("A", "B", "C"), 20)


def test_a_noise_column_is_read_and_is_no_list(tmp_path: Path) -> None:
    text = "A,B,C,count,Noise\n1,0,0,5,2.7991\n0,1,0,6,2.7991\n0,0,1,7,2.7991\n1,1,0,2,2.7991\n"
    lists = read_lists(write_file(tmp_path, text))
    assert (lists.names, lists.people, lists.noise) == (("A", "B", "C"), 20, 2.7991)
    assert read_lists(write_file(tmp_path, HEAD + FULL)).noise == 0


def test_two_lists_are_read(tmp_path: Path) -> None:
    assert read_lists(write_file(tmp_path, "A,B,count\n1,0,5\n0,1,6\n1,1,2\n")).number == 2


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty, give a head with the names of the lists, and rows"),
        (HEAD, "has a head and no rows"),
        ("count\n5\n", "has no columns of lists"),
        ("A,,C,count\n" + FULL, "row 1: column 2 has no name"),
        ("\x1b[31mA,B,C,count\n" + FULL, r"row 1: control characters in the name '\x1b[31mA', write it without them"),
        ("A,Полиция\u202e,C,count\n" + FULL, r"row 1: control characters in the name 'Полиция\u202e'"),
        ("A,A,C,count\n" + FULL, "row 1, column A: two columns have this name"),
        (HEAD + FULL + "1,1\n", "row 6: has 2 cells where the head has 4"),
        (HEAD + FULL + "0,1,1,-3\n", "row 6, column count: is negative, give a whole number of people"),
        (HEAD + FULL + "0,1,1,2.5\n", "row 6, column count: is a fraction"),
        (HEAD + FULL + "0,1,1,NaN\n", "row 6, column count: is not a number"),
        (HEAD + FULL + "0,1,1,inf\n", "row 6, column count: is more than 100,000,000"),
        (HEAD + FULL + "0,1,1,1000000000\n", "row 6, column count: is more than 100,000,000"),
        (HEAD + FULL + "0,1,1,many\n", "row 6, column count: is not a number"),
        (HEAD + FULL + "0,1,1,1_0\n", "row 6, column count: is not a number"),
        (HEAD + FULL + "0,1,1,\n", "row 6, column count: is missing"),
        ("A,B,noise\n1,0,2\n0,1,2\n", "row 1, column noise: there is noise and nothing that is counted"),
        ("A,B,count,noise\n1,0,5,2\n0,1,5,3\n", "row 3, column noise: is not that of the first row"),
        ("A,B,count,noise\n1,0,5,-2\n0,1,5,-2\n", "row 2, column noise: is no standard deviation of noise, give"),
        ("A,B,count,noise\n1,0,5,nan\n0,1,5,nan\n", "row 2, column noise: is no standard deviation of noise"),
        (HEAD + FULL + "0,2,1,4\n", "row 6, column B: is not 0 or 1"),
        (HEAD + FULL + "0,0,0,4\n", "row 6: is on no list, leave the row out"),
        (HEAD + FULL + "1,1,0,4\n", "row 6: is on the same lists as row 5, give one row and its right count"),
        (HEAD + "1,0,0,5\n0,1,0,6\n", "column C: nobody is on this list, leave the column out"),
        (HEAD + "1,0,0,5\n0,1,0,6\n0,0,1,0\n", "column C: nobody is on this list"),
        (HEAD + "1,1,0,5\n0,0,1,6\n1,1,1,7\n", "lists A and B hold the same people, give one of them"),
        ("A,B,count\n1,1,50\n", "lists A and B hold the same people, give one of them"),
        (HEAD + "1,0,0,99999999\n0,1,0,6\n0,0,1,1\n", "has more than 100,000,000 people"),
        ("A,B,C,sex\n1,0,0,f\n0,1,0,m\n0,0,1,f\n", "row 2, column sex: is not 0 or 1"),
        (",".join(f"L{j}" for j in range(15)) + "\n" + ",".join("1" * 15) + "\n", "has 15 lists, join lists"),
        ("A,B,people\n1,0,1\n0,1,1\n1,1,1\n", "column people: everybody is on this list, leave it out, or call"),
        (b"A,B\n\xff\xfe,1\n", "is no CSV in UTF-8"),
        (b'A,B\n"1,1\n', "is no CSV in UTF-8"),
    ],
)
def test_a_fault_is_reported_by_its_place(tmp_path: Path, text: str | bytes, message: str) -> None:
    path = write_file(tmp_path, text)
    with pytest.raises(BadInput) as caught:
        read_lists(path)
    first = str(caught.value.faults[0])
    assert first.startswith(f"{path}: ")
    assert message in first


def test_faults_are_reported_together_without_cell_values(tmp_path: Path) -> None:
    rows = "".join(f"secret,{j},1,-4\n" for j in range(100))
    with pytest.raises(BadInput) as caught:
        read_lists(write_file(tmp_path, HEAD + rows))
    assert len(caught.value.faults) == 20
    assert "secret" not in str(caught.value)


def test_a_missing_file_is_reported(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_lists(tmp_path / "none.csv")
