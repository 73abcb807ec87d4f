"""The matrix of answers is 1 exactly where a record has a value."""

from __future__ import annotations

import polars as pl

from kerege.evidence.synthesis.evaluation.comparison.answers import list_answers
from tests.evidence.synthesis.evaluation.comparison.invented_people import people


def test_the_matrix_holds_each_answer_of_each_record() -> None:
    frames = [people(60, 1), people(40, 2).with_columns(form=pl.lit("other"))]
    answers = list_answers(frames)
    for frame in frames:
        matrix = answers.encode(frame).toarray()
        for row, record in enumerate(frame.iter_rows(named=True)):
            for place, (column, value) in enumerate(answers.names):
                cell = record[column]
                has_it = cell is not None and (value in cell if isinstance(cell, list) else value == cell)
                assert matrix[row, place] == has_it
    assert [column for column, _value in answers.names] == [answers.columns[place] for place in answers.column]
    assert answers.several == (False, False, False, True)
    assert answers.names[answers.slice_of(1)] == [("form", "labour"), ("form", "other"), ("form", "sexual")]


def test_values_that_nobody_listed_are_left_out() -> None:
    answers = list_answers([pl.DataFrame({"a": ["x"]})])
    assert answers.encode(pl.DataFrame({"a": ["y", None, "x"]})).toarray().tolist() == [[0], [0], [1]]


def test_records_without_any_answer_have_an_empty_matrix() -> None:
    silent = pl.DataFrame({"a": [None, None]}, schema={"a": pl.String})
    assert list_answers([silent]).encode(silent).shape == (2, 0)
