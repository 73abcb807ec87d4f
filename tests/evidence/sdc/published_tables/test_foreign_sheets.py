"""Tables of other publishers as sheets: bounds, hierarchies, sets of values, shares and notes."""

from __future__ import annotations

import math

import numpy as np
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.counting.frequency_table import OK, SUPPRESSED
from kerege.evidence.sdc.published_tables import foreign_sheets as module
from kerege.evidence.sdc.published_tables.foreign_sheets import SheetOrigin, foreign_sheets
from kerege.evidence.sdc.published_tables.sheet import Sheet
from kerege.evidence.sdc.published_tables.stated_manifest import StatedTime
from kerege.evidence.sdc.reading.figures import PublishedCount
from kerege.evidence.sdc.reading.options import PLAIN, ReadingOptions
from kerege.evidence.sdc.reading.published_rows import NumberTexts, PublishedRows
from tests.evidence.sdc.reading.typed_tables import cells

INF = math.inf
ORIGIN = SheetOrigin("t.csv", "release")


def rows(by: str, *lines: str, measure: str = "", own_words: bool = False) -> PublishedRows:
    """Return rows from lines of codes, a figure (`x` if suppressed), and a printed number behind it."""
    columns = tuple(by.split())
    parts = [line.split("|") for line in lines]
    hidden = PublishedCount(0, SUPPRESSED, 0, INF, "" if own_words else "x")
    figures = [part[len(columns)] for part in parts]
    counts = [hidden if text == "x" else PublishedCount(int(text), OK, int(text), int(text)) for text in figures]
    texts = tuple(part[-1] if len(part) > len(columns) + 1 else "" for part in parts)
    return PublishedRows(
        columns,
        [[part[d] for part in parts] for d in range(len(columns))],
        counts,
        list(range(2, 2 + len(parts))),
        measures=(NumberTexts(measure, texts),) if measure else (),
        has_own_words=own_words,
    )


def sheets(table: PublishedRows, options: ReadingOptions = PLAIN, origin: SheetOrigin = ORIGIN) -> list[Sheet]:
    """Return the sheets of a table named `t`."""
    return foreign_sheets(table, "t", origin, options)


def one(table: PublishedRows, options: ReadingOptions = PLAIN, origin: SheetOrigin = ORIGIN) -> Sheet:
    """Return the only sheet of a table."""
    (sheet,) = sheets(table, options, origin)
    return sheet


def test_every_row_is_a_cell_and_all_others_are_withheld() -> None:
    sheet = one(rows("sex area", "Total|Total|9", "f|Total|5", "f|x|x"))
    assert sheet.axes == (("_T", "f"), ("_T", "x"))
    assert cells(sheet) == {("_T", "_T"): (9, 9), ("f", "_T"): (5, 5), ("f", "x"): (1, INF)}
    assert (sheet.name, sheet.release, sheet.of, sheet.stated) == ("t", "release", "records", False)


def test_a_cell_that_stands_twice_is_refused_with_its_line() -> None:
    with pytest.raises(BadInput) as refusal:
        sheets(rows("sex", "f|5", "m|4", "f|6"))
    assert str(refusal.value) == "t.csv: row 4: is in the table twice, keep one row for each cell"


def test_a_table_without_dimensions_is_one_figure() -> None:
    sheet = one(rows("", "7"))
    assert (sheet.by, sheet.counts.tolist(), sheet.lower.tolist()) == ((), 7, 7)


def test_too_many_cells_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    table = rows("sex area", "f|x|5", "m|y|4")
    monkeypatch.setattr(module, "MOST_CELLS", 9)
    assert len(sheets(table)) == 1
    monkeypatch.setattr(module, "MOST_CELLS", 8)
    with pytest.raises(BadInput, match="has more than a million cells, split it"):
        sheets(table)


def test_a_code_with_several_values_is_refused_unless_the_user_names_the_column() -> None:
    table = rows("means", "Total|9", "a;b|3", "a|4", "b|2")
    with pytest.raises(BadInput) as refusal:
        sheets(table)
    assert str(refusal.value) == (
        "t.csv: column means: has codes with `;`, which can be several values of one person, name the column with"
        " --multi, or write the codes without it"
    )
    (named,) = sheets(table, ReadingOptions(multi=frozenset({"means"})))
    assert (named.by, named.multi) == (("means (values together)",), frozenset())


def test_people_of_other_sets_are_in_no_row() -> None:
    table = rows("means", "Total|12", "a;b|3", "a|4", "b|2")
    (sheet,) = sheets(table, ReadingOptions(multi=frozenset({"means"})))
    assert sheet.incomplete == {"means (values together)"}
    assert not sheet.unread


def test_a_hierarchy_gives_a_table_for_each_level() -> None:
    options = ReadingOptions(hierarchies={"area": {"Town": "North", "Village": "North"}})
    table = rows("area", "Total|9", "North|5", "South|4", "Town|3", "Village|2")
    fine, coarse = sheets(table, options)
    assert fine.axes[0] == ("_T", "South", "North › Town", "North › Village")
    assert coarse.axes[0] == ("_T", "North", "South")
    assert (fine.name, coarse.name) == ("t", "t (codes 2)")
    assert cells(coarse)["North",] == (5, 5)


def test_overlapping_codes_of_a_multi_valued_column_stay_in_one_table() -> None:
    options = ReadingOptions(multi=frozenset({"age"}))
    assert len(sheets(rows("age", "Total|9", "0-17|5", "10-24|6"), options)) == 1
    assert len(sheets(rows("age", "Total|9", "0-17|5", "10-24|6"))) == 2


def test_values_beyond_their_total_are_several_values_of_a_person_and_noted() -> None:
    sheet = one(rows("means", "Total|9", "a|6", "b|5"))
    assert sheet.multi == {"means"}
    (note,) = sheet.notes
    assert note.startswith("Column means: its values sum to more than their total, so one person can have several")


def test_values_below_their_total_leave_out_some_people_and_are_noted() -> None:
    sheet = one(rows("form", "Total|9", "a|4", "b|3"))
    assert (sheet.incomplete, sheet.multi) == ({"form"}, frozenset())
    (note,) = sheet.notes
    assert note.startswith("Column form: its values do not reach their total, so people have other values too.")


@pytest.mark.parametrize(("by", "is_open"), [("year", True), ("Год", True), ("form", False)])
def test_a_column_of_periods_without_a_total_is_open(by: str, is_open: bool) -> None:
    assert one(rows(by, "2023|4", "2024|3")).incomplete == ({by} if is_open else set())
    assert one(rows(by, "Total|7", "2023|4", "2024|3")).incomplete == set()


@pytest.mark.parametrize(("own_words", "lower"), [(True, 1), (False, 1)])
def test_a_suppressed_figure_is_at_least_one_by_its_mark_or_by_the_words_of_kerege(own_words: bool, lower: int) -> None:
    sheet = one(rows("sex", "_T|9", "f|x", "m|x", own_words=own_words))
    assert cells(sheet)["f",] == (lower, INF)
    assert sheet.marks_read != own_words


def test_the_time_and_the_filter_are_those_of_the_origin() -> None:
    time = StatedTime("2025-06-30", "2025", is_cumulative=None)
    origin = SheetOrigin("t.csv", "release", time, where={"area": ["North"]})
    sheet = one(rows("sex", "Total|9", "f|5", "m|4"), ReadingOptions(), origin)
    assert (sheet.as_of, sheet.period, sheet.is_cumulative) == ("2025-06-30", "2025", None)
    assert sheet.where == {"area": ["North"]}
    stated = origin._replace(time=time._replace(is_cumulative=False))
    assert one(rows("sex", "f|5"), ReadingOptions(is_cumulative=True), stated).is_cumulative is False


def test_a_manifest_or_the_number_of_values_says_which_columns_are_sensitive() -> None:
    table = rows("sex form", "Total|Total|9", "f|a|5", "m|b|4")
    assert one(table).sensitive == {"sex", "form"}
    assert one(table, ReadingOptions(not_sensitive=frozenset({"sex"}))).sensitive == {"form"}
    assert one(table, origin=SheetOrigin("t.csv", "r", sensitive=frozenset({"form", "other"}))).sensitive == {"form"}


def test_a_percentage_narrows_a_suppressed_cell_and_sets_its_figure() -> None:
    """2.5 % of 200 people, printed with one decimal: 4.9 to 5.1 of them."""
    sheet = one(rows("form", "Total|200|100.0", "a|180|90.0", "b|x|2.5", "c|x|7.5", measure="%"))
    assert cells(sheet)["b",] == (5, 5)
    assert sheet.counts[2] == 5
    assert sheet.unread == ()


def test_a_share_of_an_unknown_total_shows_at_least_one_person_in_both() -> None:
    sheet = one(rows("form", "Total|x|100", "a|120|60", "b|x|38", "c|x|2", measure="%", own_words=True))
    assert (sheet.lower >= 1).all()
    assert {ratio.numerator for ratio in sheet.ratios} == {1, 2, 3}
    assert {ratio.denominator for ratio in sheet.ratios} == {0}


@pytest.mark.parametrize("name", ["mean age", "rate per 1,000", "median %"])
def test_a_measure_that_is_not_understood_is_unread(name: str) -> None:
    assert one(rows("form", "Total|9|31.5", "a|5|30.2", "b|4|33.1", measure=name)).unread == (name,)


def test_percentages_of_the_second_part_of_a_table_belong_to_its_cells() -> None:
    table = rows("age", "Total|200|100", "0-17|100|50", "18+|100|50", "0-9|x|5", "10-17|x|45", measure="%")
    fine, coarse = sheets(table)
    assert "0-9" in fine.axes[0]
    assert cells(fine)["0-9",] == (9, 11)
    assert np.array_equal(coarse.lower, coarse.upper)
