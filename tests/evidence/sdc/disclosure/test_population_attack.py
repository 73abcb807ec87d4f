"""The assessment of one population: consistent tables together, contradicting ones apart, with notes."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kerege.evidence.sdc.disclosure.population_attack import PopulationAssessment
from kerege.evidence.sdc.populations.populations import PublishedPopulation
from kerege.evidence.sdc.published_tables.sheet import Sheet
from tests.evidence.made_sheets import sheet
from tests.evidence.sdc.disclosure.published import by_sex

THRESHOLD = 10
NEW = frozenset({"new"})


def assessment(*sheets: Sheet, guests: tuple[Sheet, ...] = (), own: frozenset[str] = NEW) -> PopulationAssessment:
    """Return the assessment of the tables of one date."""
    return PopulationAssessment(PublishedPopulation("victims", "2025", sheets, guests), THRESHOLD, own)


def found(result: PopulationAssessment) -> set[tuple[str, str, int, int]]:
    """Return kind, code, lower and upper end of each disclosure."""
    return {
        (item.kind, ",".join(item.cell.values()), item.lower, item.upper) for item in result.disclosures(float("inf"))
    }


def by_form(total: int, *counts: int, **stated: object) -> Sheet:
    """Return a table by form of exploitation."""
    cells = {("_T",): total} | {(code,): count for code, count in zip("pqr", counts, strict=False)}
    return sheet(("form",), cells, **({"name": "form", "of": "victims", "release": "new"} | stated))


def test_tables_that_fit_are_one_system_without_notes() -> None:
    result = assessment(by_sex(100, 60, 40), by_form(100, 30, 70))
    assert [len(system.sheets) for system in result.systems] == [2]
    assert (result.notes, result.undecided) == ([], 0)
    assert found(result) == set()


def test_counts_of_the_assessment_are_those_of_its_own_tables() -> None:
    result = assessment(by_sex(100, 60, None), by_form(100, 30, 70))
    examined = result.examined()
    assert (examined["tables"], examined["cells"], examined["hidden"]) == (2, 6, 1)
    assert examined["groups"] == result.systems[0].assessment.examined > 0


def test_a_table_that_contradicts_itself_is_left_out_and_its_figures_are_undecided() -> None:
    """60 women and 60 men are not 100 people; 3 of q are published all the same."""
    wrong = by_form(100, 60, 3)
    result = assessment(by_sex(100, 60, 40), wrong)
    assert [system.sheets[0].name for system in result.systems] == ["sex"]
    assert result.notes == ["table form of new: its figures contradict one another, so nothing was worked out from it"]
    assert result.undecided == 3
    assert found(result) == {("small", "q", 3, 3)}


def test_tables_that_contradict_one_another_are_named_and_undecided() -> None:
    result = assessment(by_sex(100, 60, 40), by_form(100, 30, 70), by_sex(90, 55, 35, name="other"))
    assert [sorted(sheet.name for sheet in system.sheets) for system in result.systems] == [["form", "sex"], ["other"]]
    (note,) = result.notes
    assert note.startswith("undecided: the tables sex of new, form of new, other of new contradict one another")
    assert result.undecided == 3


def test_a_wrong_table_of_another_publication_stops_no_release() -> None:
    press = by_sex(90, 55, 35, name="press", release="press", stated=False)
    result = assessment(press, by_sex(100, 60, 40), by_form(100, 30, 70))
    assert [sorted(sheet.name for sheet in system.sheets) for system in result.systems] == [["form", "sex"], ["press"]]
    assert result.notes[0].startswith("undecided: the tables press of press, sex of new")
    assert result.undecided == 0


def test_tables_of_other_dates_that_contradict_are_left_out_first() -> None:
    guest = by_sex(90, 55, 35, name="guest", release="old")
    result = assessment(by_sex(100, 60, 40), guests=(guest,))
    assert [[sheet.name for sheet in system.sheets] for system in result.systems] == [["sex"]]
    assert result.notes == []
    fitting = by_sex(100, 60, 40, name="guest", release="old")
    assert [len(system.sheets) for system in assessment(by_sex(100, 60, 40), guests=(fitting,)).systems] == [2]


def test_suppressed_figures_without_room_for_1_can_be_0() -> None:
    """60 of 60 are women: the men are suppressed, and nobody."""
    result = assessment(by_sex(60, 60, None))
    assert len(result.systems) == 1
    assert result.notes == [
        "table sex of new: some of its suppressed figures are 0, so each of them was taken to be at least 0"
    ]
    assert result.population.own[0].lower.tolist() == [60, 60, 0]


def test_a_table_that_zeros_do_not_explain_keeps_its_bounds() -> None:
    table = by_sex(50, 60, None)
    result = assessment(table)
    assert result.systems == []
    assert table.lower.tolist() == [50, 60, 1]
    assert "contradict one another" in result.notes[0]


@pytest.mark.parametrize(("own", "undecided"), [(NEW, 3), (frozenset({"old"}), 0), (frozenset(), 0)])
def test_tables_of_other_publishers_do_not_stop_a_release(own: frozenset[str], undecided: int) -> None:
    assert assessment(by_form(100, 60, 3), own=own).undecided == undecided


def test_columns_that_were_not_understood_are_undecided() -> None:
    result = assessment(replace(by_sex(100, 60, 40), unread=("rate",)))
    assert result.undecided == 1
    assert "undecided: column rate of table sex" in result.notes


def test_notes_on_the_reading_of_a_file_are_kept() -> None:
    result = assessment(replace(by_sex(100, 60, 40), notes=["row 9 is a source line"]))
    assert result.notes == ["table sex of new: row 9 is a source line"]


def test_small_and_derived_figures_are_disclosed_once_each() -> None:
    """9 men are published; 91 women are large, and the people without r are known."""
    assert found(assessment(by_sex(100, 91, 9))) == {("small", "m", 9, 9)}
    assert found(assessment(by_sex(100, 91, None))) == {("interval", "m", 9, 9)}


def test_groups_whose_members_share_a_value_are_disclosed_only_in_sensitive_columns() -> None:
    """All 20 men have form p."""
    cells = {("_T", "_T"): 100, ("f", "_T"): 80, ("m", "_T"): 20, ("_T", "p"): 60, ("_T", "q"): 40}
    inner = {("f", "p"): 40, ("f", "q"): 40, ("m", "p"): 20, ("m", "q"): 0}
    table = sheet(("sex", "form"), cells | inner, name="both", of="victims", release="new")
    for sensitive, is_disclosed in ((frozenset[str](), False), (frozenset({"form"}), True)):
        groups = list(assessment(replace(table, sensitive=sensitive)).groups())
        men = [(group, item) for group, item in groups if group.cell == {"sex": "m"}]
        assert [group.shares for group, _ in men] == [{"form": "p"}]
        assert [item is not None for _, item in men] == [is_disclosed]


def test_disclosures_of_shared_values_and_of_wrong_tables_have_the_labels_of_their_unit() -> None:
    alike = sheet(
        ("sex", "exploitation"),
        {("_T", "_T"): 60, ("male", "_T"): 20, ("female", "_T"): 40, ("_T", "labour"): 30, ("_T", "sexual"): 30}
        | {("male", "labour"): 20, ("male", "sexual"): 0, ("female", "labour"): 10, ("female", "sexual"): 30},
        name="both",
        of="victims",
        release="new",
        sensitive=frozenset({"exploitation"}),
    )
    result = assessment(alike)
    shared = [disclosure for _, disclosure in result.groups() if disclosure]
    assert shared
    assert all(item.about == {("victims", "2025")} for item in shared)
    wrong = by_form(100, 60, 3)
    assert {item.about for item in assessment(wrong).disclosures(float("inf"))} == {frozenset({("victims", "2025")})}
