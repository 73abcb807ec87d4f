"""Totals are recognised by their label or by their figures, and genuine codes stay values."""

from __future__ import annotations

from pathlib import Path

import pytest

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
