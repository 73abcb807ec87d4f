"""Counts of published records beside the cells of the tables of the same people."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

import numpy as np
import polars as pl
import pytest

from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.published_tables.record_counts import with_record_counts
from kerege.evidence.sdc.published_tables.record_files import RecordFile
from kerege.evidence.sdc.published_tables.sheet import Sheet
from tests.evidence import made_sheets

INF = math.inf
FRAME = pl.DataFrame(
    {"sex": [*"fffmm"], "area": [*"xxyxy"], "means": ["a;b", "a", "", "b", "ab"]}, schema_overrides={"means": pl.String}
)
HIDDEN = {("_T",): 50, ("f",): None, ("m",): None}


def records(**stated: Any) -> RecordFile:
    """Return a file of records of the victims."""
    named = {"name": "people", "of": "victims", "frame": FRAME, "multi": frozenset({"means"}), "origin": "s"}
    return RecordFile(**(named | {"deviations": {1: 2.0, 2: 3.0}} | stated))


def counted(sheet: Sheet, *files: RecordFile) -> tuple[Sheet, list[str]]:
    """Return a table with the counts of files, and the notes."""
    publications, notes = with_record_counts([Publication("r", [sheet], list(files))])
    return publications[0].sheets[0], notes


def by(columns: tuple[str, ...], figures: Mapping[tuple[str, ...], Any], **stated: Any) -> Sheet:
    """Return a table of the same snapshot."""
    return made_sheets.sheet(columns, figures, **({"origin": "s"} | stated))


def estimates(sheet: Sheet) -> dict[tuple[str, ...], tuple[float, float]]:
    """Return count and deviation of the cells for which a file says something."""
    (file,) = sheet.estimates
    known = np.flatnonzero(np.isfinite(file.deviations)).tolist()
    return {sheet.keys(flat): (float(file.counts[flat]), float(file.deviations[flat])) for flat in known}


def test_hidden_cells_get_the_number_of_records_and_its_deviation() -> None:
    sheet, (note,) = counted(by(("sex",), HIDDEN), records())
    assert estimates(sheet) == {("f",): (3, 2), ("m",): (2, 2)}
    assert note == (
        "records people of : 2 unpublished figures were examined together with the counts of the records, whose noise"
        " has by the certificate a standard deviation of 2.0 people for combinations of 1, 3.0 people for combinations"
        " of 2; for longer combinations no bound is known of what records and tables disclose together"
    )


def test_without_records_only_the_listed_noisy_counts_are_figures() -> None:
    empty = pl.DataFrame(schema=FRAME.schema)
    alone = records(frame=empty, has_records=False, estimates={frozenset({("sex", "f")}): 4.0})
    sheet, (note,) = counted(by(("sex",), HIDDEN), alone)
    assert estimates(sheet) == {("f",): (4, 2)}
    assert note.startswith("records people of : 1 unpublished figures")
    other = records(frame=empty, has_records=False, estimates={frozenset({("sex", "m")}): 7.0})
    sheet, notes = counted(by(("sex",), HIDDEN), alone, other, alone)
    assert len(notes) == len(sheet.estimates) == 2  # two sets of counts are two, the same one is not


def test_noisy_counts_beside_the_records_replace_the_number_of_records() -> None:
    """They are nearer to the people: the fit of the records pulls rare combinations down."""
    beside = {frozenset({("sex", "f")}): 4.5, frozenset({("sex", "f"), ("area", "x")}): 2.5}
    sheet, _ = counted(by(("sex",), HIDDEN), records(estimates=beside))
    assert estimates(sheet) == {("f",): (4.5, 2), ("m",): (2, 2)}
    sheet, _ = counted(by(("sex",), HIDDEN, where={"area": ["x"]}), records(estimates=beside))
    assert estimates(sheet) == {("f",): (2.5, 3), ("m",): (1, 3)}
    sheet, _ = counted(by(("sex",), HIDDEN, where={"area": ["x", "y"]}), records(estimates=beside))
    assert estimates(sheet)["f",] == (3, pytest.approx(3 * math.sqrt(2))), "the sum of two has no estimate of its own"


def test_the_deviation_is_that_of_so_many_conditions() -> None:
    figures = {("_T", "_T"): 50, ("f", "x"): None, ("f", "y"): None}
    sheet, _ = counted(by(("sex", "area"), figures), records())
    assert estimates(sheet) == {("f", "x"): (2, 3), ("f", "y"): (1, 3)}
    sheet, _ = counted(by(("sex",), HIDDEN, where={"area": ["x"]}), records())
    assert estimates(sheet) == {("f",): (2, 3), ("m",): (1, 3)}


def test_a_filter_with_several_values_is_a_sum_of_noisy_counts() -> None:
    sheet, _ = counted(by(("sex",), HIDDEN, where={"area": ["x", "y"]}), records())
    assert estimates(sheet)["f",] == (3, pytest.approx(3 * math.sqrt(2)))


def test_a_value_of_a_multi_valued_column_is_counted_in_every_set_that_has_it() -> None:
    sheet, _ = counted(by(("means",), {("_T",): 50, ("a",): None, ("b",): None}), records())
    assert estimates(sheet) == {("a",): (2, 2), ("b",): (2, 2)}
    sheet, _ = counted(by(("sex",), HIDDEN, where={"means": ["a", "b"]}), records())
    assert sheet.estimates == (), "sets of values overlap, so that their sum is not known"


def test_exact_cells_other_and_not_reported_get_no_count() -> None:
    figures = {("_T",): 50, ("f",): 20, ("_U",): None, ("_O",): None}
    sheet, notes = counted(by(("sex",), figures), records())
    assert sheet.estimates == ()
    assert notes[0].startswith("records people of : 0 unpublished figures")


@pytest.mark.parametrize(
    ("file", "table", "is_same"),
    [
        ({"origin": "s"}, {"origin": "s"}, True),
        ({"origin": "s", "as_of": "d"}, {"origin": "s 2", "as_of": "d"}, False),
        ({"origin": "", "as_of": "d"}, {"origin": "s", "as_of": "d"}, True),
        ({"origin": "", "as_of": "d"}, {"origin": "s", "as_of": "e"}, False),
        ({"origin": "", "release": "r"}, {"origin": "", "release": "r", "as_of": "d"}, True),
        ({"origin": "", "release": "r"}, {"origin": "", "release": "q"}, False),
        ({"of": "signals"}, {}, False),
    ],
)
def test_records_and_tables_are_of_the_same_people_by_snapshot_date_or_release(
    file: dict[str, str], table: dict[str, str], is_same: bool
) -> None:
    sheet, _ = counted(by(("sex",), HIDDEN, **table), records(**file))
    assert bool(sheet.estimates) == is_same


def test_a_table_with_a_column_that_the_records_lack_gets_no_counts() -> None:
    sheet, _ = counted(by(("form",), {("_T",): 50, ("a",): None}), records())
    assert sheet.estimates == ()


def test_a_group_that_two_tables_show_is_counted_once() -> None:
    first, second = by(("sex",), HIDDEN), by(("sex", "area"), {("_T", "_T"): 50, ("f", "_T"): None, ("f", "x"): None})
    publications, _ = with_record_counts([Publication("r", [first, second], [records()])])
    (one, two) = publications[0].sheets
    assert set(estimates(one)) == {("f",), ("m",)}
    assert set(estimates(two)) == {("f", "x")}


def test_records_that_are_published_again_count_once_and_others_add_up() -> None:
    sheet, notes = counted(by(("sex",), HIDDEN), records(), records(name="copy"))
    assert (len(sheet.estimates), len(notes)) == (1, 1)
    other = records(name="other", frame=FRAME.head(4))
    sheet, notes = counted(by(("sex",), HIDDEN), records(), other)
    assert (len(sheet.estimates), len(notes)) == (2, 2)


def test_publications_without_records_stay_as_they_are() -> None:
    publication = Publication("r", [by(("sex",), HIDDEN)])
    assert with_record_counts([publication]) == ([publication], [])


def test_records_without_a_stated_accuracy_say_nothing() -> None:
    sheet, (note,) = counted(by(("sex",), HIDDEN), records(deviations={}))
    assert sheet.estimates == ()
    assert "no certificate states their accuracy" in note


K = {"k": 3, "order": 2, "deviations": {}}


@pytest.mark.parametrize(
    ("columns", "figures", "stated", "expected"),
    [
        # one value: at least as many people as records
        (("sex",), {("f",): (0, INF)}, {}, {("f",): (3, INF)}),
        # a combination of two values: at least k people
        (("sex", "area"), {("f", "y"): (0, INF)}, {}, {("f", "y"): (3, INF)}),
        # one of several values: at least k people
        (("area",), {("x",): (0, INF)}, {"where": {"sex": ["f", "m"]}}, {("x",): (3, INF)}),
        # more values than k people are proved to share
        (("sex", "area", "means"), {("f", "x", "a"): (0, INF)}, {}, {("f", "x", "a"): (0, INF)}),
        # no record
        (("sex",), {("z",): (0, INF)}, {}, {("z",): (0, INF)}),
        # everybody: the number of records is rounded down to a multiple of k
        ((), {(): (0, INF)}, {}, {(): (5, 7)}),
        # what the table states is kept where it is narrower
        (("sex",), {("f",): (4, 9)}, {}, {("f",): (4, 9)}),
        (("sex",), {("f",): (0, 2)}, {}, {("f",): (2, 2)}),
    ],
)
def test_k_anonymous_records_prove_that_people_are_in_a_cell(
    columns: tuple[str, ...],
    figures: dict[tuple[str, ...], Any],
    stated: dict[str, Any],
    expected: dict[tuple[str, ...], tuple[float, float]],
) -> None:
    sheet, (note,) = counted(by(columns, figures, **stated), records(**K))
    for keys, ends in expected.items():
        place = tuple(axis.index(code) for axis, code in zip(sheet.axes, keys, strict=True))
        assert (sheet.lower[place], sheet.upper[place]) == ends
    assert "the people that the k-anonymous file proves; of combinations of more than 2 values" in note
