"""Sentences about a disclosure: the figure, how it is derived, and what stops it."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.evidence.sdc.disclosure.disclosures import Disclosure
from kerege.evidence.sdc.disclosure.messages import SECOND, listed_sources, remedy, sentences
from kerege.evidence.sdc.disclosure.report import Source


def source(value: int, release: str = "2025", **cell: str) -> Source:
    """Return a published number of table t."""
    return Source(release=release, table="t", cell=cell, value=value)


def disclosure(kind: str = "interval", lower: int = 3, upper: int = 3, **stated: Any) -> Disclosure:
    """Return a disclosure about women in table t."""
    named = {"kind": kind, "release": "2025", "table": "t", "cell": {"sex": "female"}, "lower": lower, "upper": upper}
    return Disclosure(**(named | stated))


def words(stated: Disclosure, *, already: bool = False) -> list[str]:
    """Return the sentences with a threshold of 10."""
    return sentences(stated, already=already, threshold=10)


def test_a_hidden_figure_is_derived_by_the_sum_of_its_sources() -> None:
    shown = disclosure(sources=(source(70), source(67, sex="male")), drop="t")
    assert words(shown) == [
        "Table t of 2025: these 3 people could be found: sex=female.",
        (
            "The figure is not published but is 3, as can be worked out from 70 (the total, table t); 67 (sex=male,"
            " table t): 70 − 67 = 3."
        ),
        "Leave out table t, or make its groups coarser.",
    ]


def test_an_interval_has_both_ends_and_no_sum() -> None:
    shown = disclosure(lower=3, upper=5, sources=(source(70), source(67)))
    assert "is between 3 and 5, as can be worked out" in words(shown)[1]
    assert "=" not in words(shown)[1]


@pytest.mark.parametrize(
    ("lower", "upper", "amount"),
    [(3, 3, "these 3 people"), (1, 1, "this 1 person"), (3, 5, "these 3 to 5 people"), (0, 4, "up to 4 people")],
)
def test_the_first_sentence_says_how_many_people_could_be_found(lower: int, upper: int, amount: str) -> None:
    """An interval that begins at 0 is written with its upper end alone: up to 4 people."""
    expected = f"Table t of 2025: {amount} could be found: sex=female."
    assert words(disclosure(lower=lower, upper=upper))[0] == expected


@pytest.mark.parametrize(
    ("kind", "beginning"),
    [
        ("interval", "The figure is not published but is 3,"),
        ("difference", "No table shows this figure, but it is 3,"),
        ("noise", "The exact figure is not published, but with a probability of 99.9 % it is 3,"),
        ("entered", "These are 3 people, as can be worked out from the published tables."),
        ("small", "The count 3 is published as it is, so few people can be found."),
        ("group", "All people of this group (at least 3) have the same value, so it is known of each of them."),
    ],
)
def test_each_kind_says_how_the_figure_is_known(kind: str, beginning: str) -> None:
    assert words(disclosure(kind))[1].startswith(beginning)


def test_a_group_of_one_or_more_does_not_name_a_number() -> None:
    assert "(one or more)" in words(disclosure("group", 1, 1))[1]


def test_people_who_entered_are_named_beside_an_earlier_table() -> None:
    assert words(disclosure("entered"))[0].startswith("Table t of 2025, beside an earlier one: these 3 people")
    assert words(disclosure("group"))[0] == "Table t of 2025: sex=female."
    assert words(disclosure(cell={}))[0] == "Table t of 2025: the total."


def test_labels_of_the_unit_take_the_place_of_codes() -> None:
    assert words(disclosure(about=frozenset({("victims", "")})))[0].endswith("Sex: Female.")


def test_several_cells_to_suppress_come_with_the_reason() -> None:
    hide = (("t", {"sex": "male"}), ("u", {}))
    texts = words(disclosure(hide=hide))
    assert texts[2:] == ["Suppress sex=male in table t; the total in table u.", SECOND]
    assert len(words(disclosure(hide=hide[:1]))) == 3


def test_cells_of_two_columns_can_be_told_apart_from_two_cells() -> None:
    two = (("t", {"sex": "male"}), ("t", {"region": "south"}))
    one = (("t", {"sex": "male", "region": "south"}),)
    assert words(disclosure(hide=two))[2] == "Suppress sex=male in table t; region=south in table t."
    assert words(disclosure(hide=one))[2] == "Suppress sex=male, region=south in table t."


def test_what_is_public_already_cannot_be_protected() -> None:
    hide = (("t", {"sex": "male"}), ("u", {}))
    texts = words(disclosure(hide=hide), already=True)
    assert texts[2:] == [
        "This can no longer be protected: it follows from what is public already; do not repeat or refine it."
    ]


def test_people_who_entered_are_protected_by_waiting() -> None:
    assert remedy(disclosure("entered"), already=False, threshold=10) == (
        "Keep the earlier figure, or suppress this one, until at least 10 people make the difference."
    )
    assert remedy(disclosure("entered", drop="u"), already=False, threshold=10).startswith("Leave out table u")


@pytest.mark.parametrize(("threshold", "sigma"), [(10, 2.9), (5, 1.4)])
def test_the_remedy_of_noise_names_a_standard_deviation_that_suffices_alone(threshold: int, sigma: float) -> None:
    """(threshold - 1/2) / 3.2905, rounded up to one decimal."""
    assert remedy(disclosure("noise"), already=False, threshold=threshold) == (
        f"Leave out table t, or give the noisy figures a standard deviation of at least {sigma} people by a smaller rho"
        " or epsilon. Beside other figures more noise can be needed."
    )


def test_sources_of_several_releases_name_theirs_and_a_long_list_is_cut() -> None:
    two = disclosure(sources=(source(70), source(67, release="2024")))
    assert listed_sources(two) == "70 (the total, table t of 2025); 67 (the total, table t of 2024)"
    many = disclosure(sources=tuple(source(value) for value in range(9)))
    assert listed_sources(many).endswith("5 (the total, table t) and 3 more")
    assert listed_sources(many, most=9).endswith("8 (the total, table t)")
    assert listed_sources(disclosure()) == "the published tables"


def test_a_figure_that_a_percentage_gives_is_not_said_to_be_published() -> None:
    own = Source(release="2025", table="t", cell={"sex": "female"}, value=3, printed="1.2% of 241")
    shown = disclosure(sources=(own,), hide=(("t", {"sex": "female"}),), has_shares=True)
    assert words(shown)[1:3] == [
        "The figure is not published but is 3: the table prints 1.2% of 241.",
        "Suppress, as counts and as percentages, sex=female in table t.",
    ]


def test_a_percentage_among_the_sources_is_named_as_it_is_printed() -> None:
    other = Source(release="2025", table="t", cell={"sex": "male"}, value=238, printed="98.8% of 241")
    shown = disclosure(sources=(source(241), other))
    assert words(shown)[1].endswith("worked out from 241 (the total, table t); 98.8% of 241 (sex=male, table t).")
