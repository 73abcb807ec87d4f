"""Notes of protected tables: what was done, and no hint at what is hidden."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from kerege.evidence.counting.frequency_table import OTHER, PERTURBED, SUPPRESSED, Table
from kerege.evidence.counting.people_counts import PeopleCounts
from kerege.evidence.sdc.suppression.messages import MOST_INTERVALS, explain
from tests.evidence import made

THRESHOLD = 10


def square() -> tuple[Table, Table]:
    """Return a table of two by two codes, and the same with its inner cells suppressed."""
    before = made.table([[8, 62], [27, 23]])
    status = before.status.copy()
    status[1:, 1:] = SUPPRESSED
    return before, replace(before, status=status)


def test_a_table_of_which_all_is_published_has_no_notes() -> None:
    table = made.table([[30, 40], [50, 60]])
    explained = explain(table, table, THRESHOLD)
    assert (explained.notes, explained.params) == ([], {"threshold": THRESHOLD})


def test_suppressed_cells_are_counted_and_each_has_its_interval() -> None:
    """Rows of 70 and 50, columns of 35 and 85: the first cell can be 1 to 34, the others follow."""
    explained = explain(*square(), THRESHOLD)
    first, *intervals = explained.notes
    assert first == "4 of 9 cells are suppressed: counts under 10 and those that would disclose them."
    assert intervals == [
        f"{keys}: suppressed; the published figures allow at least {low}, at most {high}."
        for keys, low, high in (("a0, b0", 1, 34), ("a0, b1", 36, 69), ("a1, b0", 1, 34), ("a1, b1", 16, 49))
    ]


def test_earlier_notes_and_parameters_are_kept() -> None:
    before, protected = square()
    protected = replace(protected, notes=["first"], params={"least_suppressed": 1})
    explained = explain(before, protected, THRESHOLD)
    assert explained.notes[0] == "first"
    assert explained.params == {"least_suppressed": 1, "threshold": THRESHOLD}


def test_a_hidden_total_has_no_upper_bound() -> None:
    before = made.table([4])
    protected = replace(before, status=np.full(2, SUPPRESSED, np.uint8))
    notes = explain(before, protected, THRESHOLD).notes
    assert notes[1:] == [
        "_T: suppressed; the published figures allow at least 1, no upper bound.",
        "a0: suppressed; the published figures allow at least 1, no upper bound.",
    ]


def test_a_table_without_columns_names_its_cell_total() -> None:
    before = Table("t", "records", (), {}, (), np.array(4), np.zeros((), np.uint8))
    protected = replace(before, status=np.array(SUPPRESSED, np.uint8))
    assert explain(before, protected, THRESHOLD).notes[1].startswith("total: suppressed;")


def test_tables_with_many_suppressed_cells_state_no_intervals() -> None:
    for size, is_stated in ((MOST_INTERVALS, True), (MOST_INTERVALS + 1, False)):
        before = made.table([15] * size + [40])
        status = before.status.copy()
        status[1 : 1 + size] = SUPPRESSED
        notes = explain(before, replace(before, status=status), THRESHOLD).notes
        assert any("the published figures allow" in note for note in notes) is is_stated


def test_the_note_on_few_people_is_in_every_table_of_rows() -> None:
    """The note appears whether or not such a cell is hidden, so it discloses nothing."""
    before, protected = square()
    counted = PeopleCounts(before.counts, np.ones_like(before.counts))
    notes = explain(replace(before, people=counted, of="services"), protected, THRESHOLD).notes
    assert notes[1] == "A count of services that concern fewer than 10 people is suppressed too."
    assert not any("concern fewer" in note for note in explain(before, protected, THRESHOLD).notes)


def test_the_note_on_zeros_is_in_every_table_with_a_sensitive_column() -> None:
    before, protected = square()
    notes = explain(before, protected, THRESHOLD, frozenset({"dim1", "dim7"})).notes
    assert notes[1] == ("Suppressed counts can be 0, so that no group is disclosed in which all have the same dim1.")
    assert not any("dim7" in note for note in notes)


def test_recoded_columns_are_named_but_not_the_merged_codes() -> None:
    before = made.table([[30, 40, 1], [50, 60, 2]])
    merged = replace(made.table([[30, 41], [50, 62]]), axes=(before.axes[0], ("_T", "b0", OTHER)))
    assert explain(before, merged, THRESHOLD).notes == [
        f"dim1: small groups are shown together as {OTHER}, so that large ones can be published."
    ]
    coarser = replace(made.table([[71], [112]]), axes=(before.axes[0], ("_T", "b")))
    assert explain(before, coarser, THRESHOLD).notes == ["dim1: shown by the next coarser group of the code list."]


def test_rounded_tables_state_their_base_and_their_half_width() -> None:
    before = made.table([112, 58])
    params = {"rounded_to": 20, "half_width": 10}
    protected = replace(before, status=np.full(3, PERTURBED, np.uint8), truth=before.counts, params=params)
    text = "Cells marked perturbed are rounded to 20: the true count lies within 10 of the printed one."
    assert explain(before, protected, THRESHOLD).notes == [text]
    small = replace(protected, params=params | {"small_categories": "not shown"})
    assert explain(before, small, THRESHOLD).notes == [
        text,
        "Categories of fewer than 10, should there be any, are not shown.",
    ]
