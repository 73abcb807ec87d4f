"""The section states each figure beside that of other people, and marks what was not tried."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kerege.evidence.synthesis.evaluation.comparison import compare as comparisons
from kerege.evidence.synthesis.evaluation.comparison.compare import SideComparison, compare
from kerege.evidence.synthesis.evaluation.comparison.holdout import Holdout
from kerege.evidence.synthesis.evaluation.comparison_section import (
    describe_others,
    describe_untried_length,
    list_parts,
    write_section,
)
from kerege.evidence.synthesis.evaluation.evaluate import NOT_HELD, TOO_MANY
from kerege.evidence.synthesis.evaluation.messages import words
from tests.evidence.synthesis.evaluation.comparison.invented_people import people

NOTHING = (comparisons.NO_TARGETS, comparisons.NO_GROUPS, comparisons.NO_PERIODS, comparisons.NO_CHANGES)


@pytest.fixture(scope="module")
def compared() -> SideComparison:
    rows, others = people(400, 1), people(200, 2)
    return compare(rows, people(400, 3), 2, 1, holdout=Holdout(rows, others, rows), reason="")


def test_each_part_has_the_figures_of_other_people(compared: SideComparison) -> None:
    models, profiles, over_time = list_parts(compared)
    assert [len(part.heads) for part in (models, profiles, over_time)] == [7, 6, 4]
    assert all(all(row) and len(row) == len(part.heads) for part in list_parts(compared) for row in part.rows)
    assert "200 other real people" in describe_others(compared)
    assert "not-tried" not in write_section(compared, words("en"))


def test_no_table_has_an_empty_column_where_there_are_no_other_people() -> None:
    rows = people(400, 1)
    parts = list_parts(compare(rows, people(400, 3), 2, 1, holdout=None, reason=NOT_HELD))
    assert [len(part.heads) for part in parts] == [0, 5, 3]
    assert all(all(row) and len(row) == len(part.heads) for part in parts for row in part.rows)


@pytest.mark.parametrize("lang", ["kk", "ru", "en"])
def test_a_part_that_was_not_tried_bears_a_mark_and_no_table(compared: SideComparison, lang: str) -> None:
    untried = dict.fromkeys(comparisons.PARTS, comparisons.NO_PERIODS)
    nothing = SideComparison(0, (), (), (), trend=None, untried=untried)
    text = write_section(nothing, words(lang))
    assert text.count('class="badge not-tried"') == 3
    assert "<table" not in text
    assert not any(part.is_tried for part in list_parts(nothing, words(lang)))
    without_changes = replace(compared, trend=None, untried={"trend": comparisons.NO_CHANGES})
    assert write_section(without_changes, words(lang)).count('class="badge not-tried"') == 1


@pytest.mark.parametrize("lang", ["kk", "ru"])
@pytest.mark.parametrize("reason", [*NOTHING, NOT_HELD, TOO_MANY])
def test_every_reason_is_translated(lang: str, reason: str) -> None:
    assert words(lang).translated("unmeasured", reason) != reason
    assert reason not in describe_untried_length(reason, words(lang))


def test_names_of_columns_cannot_write_html(compared: SideComparison) -> None:
    evil = [replace(group, column="<b>", value="<i>") for group in compared.profiles]
    text = write_section(replace(compared, profiles=tuple(evil)), words("en"))
    assert "<b>" not in text
    assert "&lt;b&gt;" in text
