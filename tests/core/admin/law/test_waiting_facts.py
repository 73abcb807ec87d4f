"""Facts that wait for a lawyer are listed by subject, each once, without a name of a field."""

from __future__ import annotations

import re

import pytest
from django.utils import translation

from kerege.core.admin.law.waiting_facts import list_subjects, say_first_step
from kerege.vocabulary.pack import find_pack, using
from kerege.vocabulary.profile import active


@pytest.mark.parametrize("country", ["kz", "kg"])
def test_every_waiting_fact_stands_under_one_subject(country: str) -> None:
    with using(find_pack(country)), translation.override("en"):
        lines = [line for _subject, lines in list_subjects() for line in lines]
        assert len(lines) == len(active().unconfirmed())


def test_no_line_has_a_field_or_a_path() -> None:
    with translation.override("en"):
        lines = [line for _subject, lines in list_subjects() for line in lines]
    assert [line for line in lines if re.search(r"\w=|clocks\.|law\.art|None|\[", line)] == []
    assert all(re.search(r"Source: .+\.$", line) for line in lines)


def test_the_numbers_that_a_person_in_danger_sees_come_first() -> None:
    with translation.override("en"):
        (subject, lines), *_rest = list_subjects()
    assert "danger" in subject
    assert lines[0].startswith("Hotline")
    assert "telephone" in list(say_first_step(3))[1]


def test_nothing_is_to_do_without_waiting_facts() -> None:
    assert list(say_first_step(0)) == []
