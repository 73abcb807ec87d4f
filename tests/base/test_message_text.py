"""Foreign text in messages is one short line; a number agrees with its noun."""

from __future__ import annotations

from kerege.base.message_text import count_noun, listed, shown


def test_a_name_is_one_line_without_control_or_direction_marks() -> None:
    assert shown("a\nb\u202ec\x1b[0m") == "a?b?c?[0m"
    assert shown("n" * 61) == "n" * 57 + "..."
    assert shown("n" * 60) == "n" * 60


def test_a_long_list_of_names_ends_with_the_number_of_the_rest() -> None:
    assert listed(["a", "b", "c"], most=2) == "a, b and 1 more"
    assert listed(["a", "b"], most=2) == "a, b"


def test_a_noun_is_singular_for_one_alone() -> None:
    assert [count_noun(number, "table") for number in (0, 1, 2, 1234)] == [
        "0 tables",
        "1 table",
        "2 tables",
        "1,234 tables",
    ]
