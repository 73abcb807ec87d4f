"""Totals are recognised by their label or by their figures, and genuine codes stay values."""

from __future__ import annotations

import math
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.counting.frequency_table import OK, SUPPRESSED
from kerege.evidence.sdc.reading.figures import PublishedCount
from kerege.evidence.sdc.reading.published_rows import PublishedRows
from kerege.evidence.sdc.reading.total_labels import is_total_label, read_totals
from tests.evidence.sdc.reading.typed_tables import cells, read_text


@pytest.mark.parametrize(
    "label",
    [
        *("T", "_T", "Total", "TOTAL", "All", "All persons", "Both sexes", "Grand Total", "Total (all)", "All ages"),
        *("Всего", "Итого", "Оба пола", "Всего человек", "Все регионы", "Барлығы", "Екі жыныс", "Жиыны", "Total*"),
    ],
)
def test_a_usual_label_is_the_total(tmp_path: Path, label: str) -> None:
    sheet = read_text(tmp_path, f"group,count\n{label},100\na,60\nb,\nc,30\n")
    assert sheet.axes == (("_T", "a", "b", "c"),)


@pytest.mark.parametrize("label", ["All other countries", "Other", "Sub-total", "Allied", "Totalitarian", "Almaty"])
def test_another_label_is_no_total(tmp_path: Path, label: str) -> None:
    sheet = read_text(tmp_path, f"group,count\n{label},100\na,60\nb,\nc,30\n")
    assert label in sheet.axes[0]


def test_a_code_of_a_code_list_of_the_column_stays(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "labour_section,count\nT,30\nA,10\nB,20\n")
    assert sheet.axes == (("_T", "T", "A", "B"),)
    assert not sheet.notes


def test_a_short_label_below_another_value_is_no_total(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "section,count\nS,300\nT,20\nU,45\n")
    assert "T" in sheet.axes[0]


def test_a_value_that_is_the_sum_of_the_others_is_the_total(tmp_path: Path) -> None:
    text = "region,sex,count\n" + "".join(
        f"{region},{sex},{count}\n"
        for sex, counts in {"female": (70, 40, 30), "male": (50, 30, 20)}.items()
        for region, count in zip(("Northland", "East", "West"), counts, strict=True)
    )
    sheet = read_text(tmp_path, text)
    assert cells(sheet)["_T", "male"] == (50, 50)
    (note,) = sheet.notes
    assert note == (
        "Column region: the value Northland is read as the total, because it equals the sum of the other values in"
        " every line."
    )


def test_a_sum_in_one_line_only_is_no_total(tmp_path: Path) -> None:
    text = "region,sex,count\nA,f,70\nB,f,40\nC,f,30\nA,m,50\nB,m,31\nC,m,20\n"
    sheet = read_text(tmp_path, text)
    assert sheet.axes[0] == ("_T", "A", "B", "C")
    assert not sheet.notes


def test_a_suppressed_line_does_not_hide_a_total(tmp_path: Path) -> None:
    text = "region,sex,count\nA,f,70\nB,f,40\nC,f,30\nA,m,50\nB,m,x\nC,m,x\n"
    assert read_text(tmp_path, text).axes[0] == ("_T", "B", "C")


def test_two_equal_values_are_two_groups(tmp_path: Path) -> None:
    sheet = read_text(tmp_path, "side,sex,count\nleft,f,10\nright,f,10\nleft,m,20\nright,m,20\n")
    assert sheet.axes[0] == ("_T", "left", "right")


@pytest.mark.parametrize(
    ("label", "column", "expected"),
    [
        *(("Total men", "", True), ("Total, other", "", False), ("All except men", "", False), ("Totally", "", False)),
        *(("_T", "sex", True), ("Барлығы / Всего", "", True), ("Другие", "", False), ("Все, кроме детей", "", False)),
        *(("T", "", False), ("Overall (sum)", "", True), ("", "", False)),
    ],
)
def test_a_label_is_a_total_by_its_words(label: str, column: str, expected: bool) -> None:
    assert is_total_label(label, column) == expected


def totals(*columns: str, figures: str) -> PublishedRows:
    """Return rows with totals; letters are codes, figures are numbers or `x`."""
    hidden = PublishedCount(0, SUPPRESSED, 0, math.inf, "x")
    counts = [
        hidden if text == "x" else PublishedCount(int(text), OK, int(text), int(text)) for text in figures.split()
    ]
    by = tuple(f"column {number}" for number in range(len(columns)))
    return read_totals(PublishedRows(by, [list(codes) for codes in columns], counts, list(range(len(counts)))))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(0, 4), min_size=3, max_size=3), min_size=1, max_size=3))
def test_the_total_is_the_only_value_that_is_the_sum_of_the_others_in_every_line(lines: list[list[int]]) -> None:
    codes = "abc" * len(lines), "".join(letter * 3 for letter in "xyz"[: len(lines)])
    rows = totals(*codes, figures=" ".join(str(number) for line in lines for number in line))
    sums = [place for place in range(3) if all(2 * line[place] == sum(line) for line in lines)]
    is_shown = any(map(any, lines))
    expected = {"abc"[sums[0]]} if len(sums) == 1 and is_shown else set()
    assert {code for code, read in zip(codes[0], rows.codes[0], strict=True) if read == "_T"} == expected


def test_two_values_in_one_line_show_no_total() -> None:
    """One of two equal figures can be the sum of the other in one line by chance."""
    assert totals("ab", figures="5 5").codes == [["a", "b"]]
    assert totals("ab", figures="5 0").codes == [["a", "b"]]


def test_a_total_with_a_label_needs_no_figures_and_no_note() -> None:
    rows = read_totals(PublishedRows(("g",), [["Total", "a"]], [PublishedCount(1, OK, 1, 1)] * 2, [0, 1]))
    assert (rows.codes, rows.notes) == ([["_T", "a"]], ())


def test_of_two_unusual_labels_none_is_the_total() -> None:
    rows = PublishedRows(("g",), [["Total men", "Total women"]], [PublishedCount(1, OK, 1, 1)] * 2, [0, 1])
    assert read_totals(rows).codes == [["Total men", "Total women"]]
    usual = PublishedRows(("g",), [["Total", "Total women"]], [PublishedCount(1, OK, 1, 1)] * 2, [0, 1])
    assert read_totals(usual).codes == [["_T", "Total women"]]


def test_a_short_label_that_no_value_exceeds_is_the_total_with_a_note() -> None:
    rows = totals("tab", figures="9 x 3")
    assert rows.codes == [["_T", "a", "b"]]
    assert rows.notes == ("Column column 0: the value t is read as the total, because no other value exceeds it.",)


def test_a_band_or_a_value_not_stated_is_no_total() -> None:
    for label in ("0-17", "unknown"):
        figures = [PublishedCount(n, OK, n, n) for n in (5, 2, 3)]
        assert read_totals(PublishedRows(("g",), [[label, "a", "b"]], figures, [0, 1, 2])).codes[0][0] == label


def test_every_column_is_read_for_itself() -> None:
    rows = totals("aaabbbccc", "pqrpqrpqr", figures="10 4 6 3 1 2 7 3 4")
    assert rows.codes[0] == ["_T"] * 3 + ["b"] * 3 + ["c"] * 3
    assert rows.codes[1] == ["_T", "q", "r"] * 3
