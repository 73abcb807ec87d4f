"""The table of an act is read from each format alike, and its faults are named at their places."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import pytest

from kerege.base.errors import BadInput
from kerege.casework.exchange.formats.sources import UploadedFile
from kerege.coordination.measures.act_table import read_act
from kerege.coordination.measures.act_terms import fold, read_bodies, read_term
from tests.coordination.conftest import act_rows, as_csv, as_docx, as_xlsx

Write = Callable[[Sequence[Sequence[str]]], UploadedFile]
FIRST, LAST = date(2024, 1, 1), date(2026, 12, 31)


@pytest.mark.parametrize("write", [as_xlsx, as_csv, as_docx])
def test_each_format_gives_the_same_measures_with_the_directions_of_their_sections(write: Write) -> None:
    rows = read_act(write(act_rows()))
    assert [row.number for row in rows] == [f"{number}." for number in range(1, 56)]
    assert rows == read_act(as_xlsx(act_rows()))
    directions = list(dict.fromkeys(row.direction for row in rows))
    assert directions == ["prevention", "prosecution", "protection", "partnership"]


def test_kazakh_and_english_headings_are_known() -> None:
    kazakh = ["Р/с №", "Іс-шара", "Аяқталу нысаны", "Жауапты орындаушылар", "Орындалу мерзімі", "Қаржыландыру көздері"]
    english = ["No.", "Measure", "Form of completion", "Responsible bodies", "Deadline", "Funding"]
    for heads in (kazakh, english):
        [row] = read_act(as_csv([heads, ["1", "a", "b", "c", "d", "e"]]))
        assert (row.text, row.completion, row.bodies, row.term, row.funding) == ("a", "b", "c", "d", "e")


def test_all_faults_are_named_together_with_row_and_column() -> None:
    rows = act_rows(3)
    rows[3][3], rows[4][0], rows[5][4] = "", "1.", ""
    with pytest.raises(BadInput) as error:
        read_act(as_xlsx(rows))
    assert {(fault.row, fault.column) for fault in error.value.faults} == {(4, "bodies"), (5, "number"), (6, "term")}


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("plan.xlsx", b"no zip"),
        ("plan.docx", b"PK\x03\x04"),
        ("plan.pdf", b"%PDF"),
        ("plan.csv", b"\xff\xfe\x00"),
        ("a.csv", b"a;b\n1;2"),
    ],
)
def test_a_file_without_such_a_table_is_one_clear_refusal(name: str, content: bytes) -> None:
    with pytest.raises(BadInput):
        read_act(UploadedFile(name, content))


@pytest.mark.parametrize(
    ("text", "kind", "due_on"),
    [
        ("IV квартал 2025 года", "day", date(2025, 12, 31)),
        ("2025 жылғы 4-тоқсан", "day", date(2025, 12, 31)),
        ("Q2 2025", "day", date(2025, 6, 30)),
        ("31.12.2024", "day", date(2024, 12, 31)),
        ("до 1 июля 2025 года", "day", date(2025, 7, 1)),
        ("2025 жылғы 1 шілдеге дейін", "day", date(2025, 7, 1)),
        ("май 2025 года", "day", date(2025, 5, 31)),
        ("ежегодно, до 20 декабря", "yearly", date(2026, 12, 20)),
        ("жыл сайын, желтоқсан", "yearly", date(2026, 12, 31)),
        ("раз в полугодие", "half_yearly", LAST),
        ("2024-2026 годы", "permanent", LAST),
        ("в течение 2025 года", "permanent", date(2025, 12, 31)),
        ("тұрақты", "permanent", LAST),
    ],
)
def test_a_deadline_in_the_words_of_an_act_has_a_kind_and_a_last_day(text: str, kind: str, due_on: date) -> None:
    term = read_term(text, FIRST, LAST)
    assert term is not None
    assert (term.kind, term.due_on) == (kind, due_on)


def test_a_deadline_that_is_not_understood_is_not_guessed() -> None:
    assert read_term("по мере необходимости", FIRST, LAST) is None
    assert read_term("45.13.2025", FIRST, LAST) is None


def test_a_name_with_commas_is_matched_whole_and_an_unknown_name_is_kept() -> None:
    known = {fold(name): name for name in ("МВД", "Министерство труда, занятости и «защиты»")}
    named = read_bodies("министерство труда, занятости и защиты (созыв), НПО (по согласованию); МВД", known)
    assert [(body.key, body.convenes) for body in named] == [
        ("Министерство труда, занятости и «защиты»", True),
        ("", False),
        ("МВД", False),
    ]
    assert named[1].name == "НПО"
