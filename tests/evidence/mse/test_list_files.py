"""Files of lists are read correctly, and faults are reported by place without cell values."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.mse import Lists
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
        (
            "\x1b[31mA,B,C,count\n" + FULL,
            r"row 1: has control characters in the name '\x1b[31mA', write it without them",
        ),
        ("A,Полиция\u202e,C,count\n" + FULL, r"row 1: has control characters in the name 'Полиция\u202e'"),
        ("A,A,C,count\n" + FULL, "row 1, column A: two columns have this name"),
        (HEAD + FULL + "1,1\n", "row 6: has 2 cells where the header has 4"),
        (HEAD + FULL + "0,1,1,-3\n", "row 6, column count: is negative, give a whole number of people"),
        (HEAD + FULL + "0,1,1,2.5\n", "row 6, column count: is a fraction"),
        (HEAD + FULL + "0,1,1,NaN\n", "row 6, column count: is not a number"),
        (HEAD + FULL + "0,1,1,inf\n", "row 6, column count: is more than 100,000,000"),
        (HEAD + FULL + "0,1,1,1000000000\n", "row 6, column count: is more than 100,000,000"),
        (HEAD + FULL + "0,1,1,many\n", "row 6, column count: is not a number"),
        (HEAD + FULL + "0,1,1,1_0\n", "row 6, column count: is not a number"),
        (HEAD + FULL + "0,1,1,\n", "row 6, column count: is missing"),
        ("A,B,noise\n1,0,2\n0,1,2\n", "row 1, column noise: has a column of noise and none of counts"),
        ("A,B,count,noise\n1,0,5,2\n0,1,5,3\n", "row 3, column noise: is not that of the first row"),
        ("A,B,count,noise\n1,0,5,-2\n0,1,5,-2\n", "row 2, column noise: is not a standard deviation of noise, give"),
        ("A,B,count,noise\n1,0,5,nan\n0,1,5,nan\n", "row 2, column noise: is not a standard deviation of noise"),
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
        (b"A,B\n\xff\xfe,1\n", "is not UTF-8 text, name its encoding with --encoding"),
        (b'A,B\n"1,1\n', "is not CSV, save it"),
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


# -- limits of numbers -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("cell", "count"), [("0", 0), ("7", 7), ("7.0", 7), ("1e2", 100), ("+3", 3), ("99999983", 99_999_983), ("-0", 0)]
)
def test_a_count_is_a_whole_number_in_any_notation(tmp_path: Path, cell: str, count: int) -> None:
    """The largest table has 100,000,000 people: 17 of them are on one list here."""
    assert read_lists(write_file(tmp_path, f"A,B,count\n1,0,9\n0,1,8\n1,1,{cell}\n")).dense[3] == count


@pytest.mark.parametrize(("cell", "is_valid"), [("0", True), ("10000", True), ("10000.1", False), ("-0.1", False)])
def test_the_noise_is_from_0_to_10_000_people(tmp_path: Path, cell: str, is_valid: bool) -> None:
    path = write_file(tmp_path, f"A,B,count,noise\n1,0,5,{cell}\n0,1,6,{cell}\n1,1,2,{cell}\n")
    if is_valid:
        assert read_lists(path).noise == float(cell)
        return
    with pytest.raises(
        BadInput, match="row 2, column noise: is not a standard deviation of noise, give people, 0 to 10,"
    ):
        read_lists(path)


@pytest.mark.parametrize("cell", ["٥", "1_0", "0x1", "five", "1 0"])
def test_other_notations_are_no_numbers(tmp_path: Path, cell: str) -> None:
    with pytest.raises(BadInput, match="row 2, column count: is not a number, give a whole number of people"):
        read_lists(write_file(tmp_path, f"A,B,count\n1,0,{cell}\n0,1,6\n"))


def test_ten_lists_are_read_and_eleven_refused(tmp_path: Path) -> None:
    for lists in (10, 11):
        names = [f"L{j}" for j in range(lists)]
        rows = [",".join("1" if j == k else "0" for j in range(lists)) for k in range(lists)]
        path = write_file(tmp_path, "\n".join([",".join(names), *rows]) + "\n")
        if lists == 10:
            assert read_lists(path).number == 10
        else:
            with pytest.raises(BadInput, match="has 11 lists, join lists of the same kind until there are at most 10"):
                read_lists(path)


# -- rows ------------------------------------------------------------------------------------------------------------


def test_the_first_list_is_the_lowest_bit_wherever_the_count_is(tmp_path: Path) -> None:
    for text in ("count,A,B,C\n7,1,0,0\n8,0,0,1\n9,0,1,1\n", "A,count,B,C\n1,7,0,0\n0,8,0,1\n0,9,1,1\n"):
        lists = read_lists(write_file(tmp_path, text))
        assert dict(zip(lists.histories.tolist(), lists.counts.tolist(), strict=True)) == {1: 7, 4: 8, 6: 9}


def test_blank_rows_keep_the_row_numbers_of_a_spreadsheet(tmp_path: Path) -> None:
    text = "A,B,count\n\n1,0,5\n , ,\n0,1,x\n"
    with pytest.raises(BadInput, match="row 5, column count: is not a number"):
        read_lists(write_file(tmp_path, text))


def test_a_row_with_two_faults_names_both(tmp_path: Path) -> None:
    with pytest.raises(BadInput) as caught:
        read_lists(write_file(tmp_path, HEAD + "1,0,0,5\n0,2,x,-1\n"))
    assert [(fault.row, fault.column) for fault in caught.value.faults] == [(3, "B"), (3, "C"), (3, "count")]


def test_a_repeated_history_is_refused_with_counts_and_adds_up_without(tmp_path: Path) -> None:
    rows = "1,0,0\n0,1,0\n0,0,1\n1,0,0\n"
    assert read_lists(write_file(tmp_path, "A,B,C\n" + rows)).dense[1] == 2
    counted = "".join(f"{row},3\n" for row in rows.splitlines())
    with pytest.raises(BadInput, match="row 5: is on the same lists as row 2, give one row and its right count"):
        read_lists(write_file(tmp_path, HEAD + counted))


def test_a_column_of_ones_is_a_list_only_beside_one_other(tmp_path: Path) -> None:
    """With three columns it is probably a count that is called otherwise; two lists may be nested."""
    assert read_lists(write_file(tmp_path, "A,B\n1,0\n1,1\n")).number == 2
    with pytest.raises(BadInput, match="column C: everybody is on this list, leave it out, or call it count"):
        read_lists(write_file(tmp_path, "A,B,C\n1,0,1\n0,1,1\n"))


def test_names_keep_their_case_except_count_and_noise(tmp_path: Path) -> None:
    lists = read_lists(write_file(tmp_path, "Police,NGO,COUNT,NOISE\n1,0,5,2\n0,1,6,2\n"))
    assert (lists.names, lists.noise) == (("Police", "NGO"), 2.0)


def test_a_cell_in_quotes_may_hold_a_line_break(tmp_path: Path) -> None:
    """Rows count lines, as a text editor does: the fault is in the line where its row ends."""
    text = '"A",B,"count"\n1,0,"5"\n0,1,"6\n"\n1,1,x\n'
    with pytest.raises(BadInput, match="row 5, column count"):
        read_lists(write_file(tmp_path, text))


def test_the_separator_is_that_of_the_head_whatever_the_rows_hold(tmp_path: Path) -> None:
    """Commas between thousands in a file with semicolons: the counts are the fault, not the columns."""
    with pytest.raises(BadInput) as caught:
        read_lists(write_file(tmp_path, "A;B;count\n1;0;5,000,000,000\n0;1;6,00\n"))
    assert [(fault.row, fault.column, fault.what) for fault in caught.value.faults] == [
        (2, "count", "is more than 100,000,000"),
        (3, "count", "is not a number"),
    ]


# -- forms of spreadsheets and statistical software ------------------------------------------------------------------


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_with_a_byte_order_mark_is_read(tmp_path: Path, encoding: str) -> None:
    mark = "" if encoding == "utf-16" else "\ufeff"
    text = mark + (HEAD.replace("A", "Полиция") + FULL).replace(",", "\t")
    lists = read_lists(write_file(tmp_path, text.encode(encoding)))
    assert (lists.names, lists.people) == (("Полиция", "B", "C"), 20)


def test_utf_16_that_ends_within_a_letter_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="is not UTF-8 text"):
        read_lists(write_file(tmp_path, (HEAD + FULL).encode("utf-16")[:-1]))


def test_another_encoding_is_read_by_its_name(tmp_path: Path) -> None:
    path = write_file(tmp_path, (HEAD.replace("A", "Полиция") + FULL).encode("cp1251"))
    assert read_lists(path, encoding="cp1251").names == ("Полиция", "B", "C")


def test_quoted_tabs_are_read(tmp_path: Path) -> None:
    text = '"A"\t"B,1"\t"count"\n"1"\t"0"\t"5"\n"0"\t"1"\t"6"\n'
    assert read_lists(write_file(tmp_path, text)).names == ("A", "B,1")


@pytest.mark.parametrize("name", ["count", "Count", "Freq", "FREQ", "n", "N"])
def test_counts_of_r_and_sas_are_counts(tmp_path: Path, name: str) -> None:
    lists = read_lists(write_file(tmp_path, f"A,B,{name}\n1,0,5\n0,1,6\n"))
    assert (lists.names, lists.people) == (("A", "B"), 11)


def test_two_columns_of_counts_are_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="row 1, column count: two columns have this name"):
        read_lists(write_file(tmp_path, "A,B,Freq,n\n1,0,5,5\n0,1,6,6\n"))


@pytest.mark.parametrize(("yes", "no"), [("TRUE", "FALSE"), ("True", "False"), ("true", "false")])
def test_true_and_false_are_1_and_0(tmp_path: Path, yes: str, no: str) -> None:
    rows = f"{yes},{no}\n{no},{yes}\n{yes},{yes}\n"
    lists = read_lists(write_file(tmp_path, "A,B\n" + rows))
    assert dict(zip(lists.histories.tolist(), lists.counts.tolist(), strict=True)) == {1: 1, 2: 1, 3: 1}


@pytest.mark.parametrize("cell", ["12,345", "12 345", "12\u00a0345", "12\u202f345", "12'345"])
def test_thousands_may_have_a_sign_between_them(tmp_path: Path, cell: str) -> None:
    assert read_lists(write_file(tmp_path, f"A;B;count\n1;0;{cell}\n0;1;6\n")).people == 12_351


@pytest.mark.parametrize("cell", ["12,34", "1 2345", "12,345 678", "12.345", ",345", "1234,567"])
def test_other_signs_in_a_count_are_refused(tmp_path: Path, cell: str) -> None:
    """`12.345` may be twelve thousand or a fraction."""
    with pytest.raises(BadInput, match=r"row 2, column count: is (not a number|a fraction)"):
        read_lists(write_file(tmp_path, f"A;B;count\n1;0;{cell}\n0;1;6\n"))


def test_names_that_differ_by_their_case_are_a_question(tmp_path: Path) -> None:
    path = write_file(tmp_path, "Police,police,NGO\n1,0,0\n0,1,0\n0,0,1\n")
    with pytest.raises(BadInput) as caught:
        read_lists(path)
    assert str(caught.value.faults[0]).endswith(
        "row 1, column police: differs from Police by its case alone, rename one if they are two lists, join them if "
        "they are one, or name the lists with --lists"
    )
    assert read_lists(path, ["Police", "NGO"]).names == ("Police", "NGO")


# -- named lists -----------------------------------------------------------------------------------------------------

COVARIATE = "A,female,B,C\n1,1,0,0\n0,0,1,0\n0,1,0,1\n1,1,1,0\n0,1,0,0\n"


def test_named_columns_are_the_lists_and_others_are_left_out(tmp_path: Path) -> None:
    """A covariate of 0 and 1 would become a list. A person on none of the named lists is left out."""
    lists = read_lists(write_file(tmp_path, COVARIATE), ["C", "A", "B"])
    assert lists.names == ("A", "B", "C")  # in the order of the file
    assert dict(zip(lists.histories.tolist(), lists.counts.tolist(), strict=True)) == {1: 1, 2: 1, 3: 1, 4: 1}


def test_counts_of_the_named_lists_add_up(tmp_path: Path) -> None:
    text = "A,female,B,count,sex\n1,1,0,5,f\n1,0,0,4,m\n0,1,1,3,f\n0,1,0,7,f\n"
    lists = read_lists(write_file(tmp_path, text), ["A", "B"])
    assert dict(zip(lists.histories.tolist(), lists.counts.tolist(), strict=True)) == {1: 9, 2: 3}


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["A", "D"], "row 1, column D: is not a column, name columns of the file: A, female, B, C"),
        (["A", "count"], "row 1, column count: is not a column"),
        (["A", "A"], "row 1, column A: is named twice, name each list once"),
    ],
)
def test_a_name_that_is_no_column_or_named_twice_is_refused(tmp_path: Path, names: list[str], message: str) -> None:
    with pytest.raises(BadInput) as caught:
        read_lists(write_file(tmp_path, COVARIATE), names)
    assert [message in str(fault) for fault in caught.value.faults] == [True]


# -- rows without people ---------------------------------------------------------------------------------------------


def test_a_row_of_zeros_without_people_is_dropped_as_the_library_does(tmp_path: Path) -> None:
    in_file = read_lists(write_file(tmp_path, HEAD + FULL + "0,0,0,0\n"))
    in_library = Lists([1, 2, 4, 3, 0], [5, 6, 7, 2, 0])
    assert in_file.histories.tolist() == in_library.histories.tolist()
    assert in_file.counts.tolist() == in_library.counts.tolist()
