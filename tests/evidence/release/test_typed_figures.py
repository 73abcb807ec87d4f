"""Years, dates and the numbers of laws may be typed in a text; every other figure is found."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.release.typed_figures import FIRST_YEAR, YEARS_AHEAD, check_texts, find_typed_figure
from kerege.vocabulary.profile import active

LAST_YEAR = date.today().year + YEARS_AHEAD


@pytest.mark.parametrize("year", [FIRST_YEAR, 2024, LAST_YEAR])
@pytest.mark.parametrize("text", ["In {}.", "The report of {}", "{} жылы", "за {} год", "{}"])
def test_a_plausible_year_is_no_figure(year: int, text: str) -> None:
    assert find_typed_figure(text.format(year)) == ""


@pytest.mark.parametrize("year", [FIRST_YEAR - 1, LAST_YEAR + 1, 1_000, 9_999])
def test_a_number_outside_the_plausible_years_is_a_figure(year: int) -> None:
    assert find_typed_figure(f"In {year}.") == str(year)


@pytest.mark.parametrize(
    "text",
    [
        "2024 women were found",
        "2024 жертвы",
        "2024 адам",
        "in total 2024",
        "total: 2024",
        "the number was 2024",
        "totalled to 2024",
        "всего 2024",
        "барлығы 2024",
        "a share of 2024 %",
        "2024%",
    ],
)
def test_a_year_beside_a_word_for_an_amount_or_people_is_a_figure(text: str) -> None:
    assert find_typed_figure(text).startswith("2024")


@pytest.mark.parametrize(
    "text",
    [
        "on 05.03.2024",
        "on 31.12.2024",
        "on 2024-03-05",
        "at 23:59",
        "at 9:00",
        "5 March",
        "on 1st May",
        "from 5 to 7 March",
        "с 5 по 7 марта",
        "наурыздың 8",
        "article 128",
        "Art. 12-1",
        "статья 134",
        "128-бап",
        "the law of the Republic № 12",
        "приказ № 45-VI",
        "№ 110-V",
        "SDG 16.2.2",
        "indicator 16.2.2",
        "ЦУР 5",
        "open 24/7",
        f"call {active().hotline.number}",
        "{{table:sex}} people, {{share:sex|sex=female}} of them",
        "{{ table:by-form|form=labour|sex=male }}",
    ],
)
def test_dates_laws_indicators_and_tokens_are_no_figures(text: str) -> None:
    assert find_typed_figure(text) == ""


@pytest.mark.parametrize(
    ("text", "figure"),
    [
        ("on 32.12.2024", "32.12"),
        ("on 05.13.2024", "05.13"),
        ("on 2024-13-05", "13-05"),
        ("at 24:00", "24"),
        ("at 9:60", "9"),
        ("32 March", "32"),
        ("article 128 victims", "128"),
        ("May 5 women", "5"),
        ("SDG 16 people", "16"),
        ("SDG 165", "165"),
        ("16.2.2.1", "16.2.2.1"),
        ("24/7 people", "24/7"),
        ("law 12", "12"),  # a law is named by its number sign
        ("the law that we wrote for all of the people № 12", "12"),  # too far from the word
        ("12", "12"),
        ("(17)", "17"),
        ("about 1,500 people", "1,500"),
        ("x7y", "x7y"),
        ("{{table:sex}} and 40", "40"),
        ("{{table:Sex}} 40", "40"),
        ("Ⅻ cases", "Ⅻ"),
        ("½ of them", "½"),
        ("①", "①"),
        ("٣ people", "٣"),
    ],
)
def test_any_other_figure_is_found(text: str, figure: str) -> None:
    assert find_typed_figure(text) == figure


@pytest.mark.parametrize("text", ["two of them", "двое", "екі әйел", "twenty", "a dozen", "half of the victims"])
def test_a_number_in_words_is_a_figure(text: str) -> None:
    assert find_typed_figure(text)


# -- the texts of a specification --------------------------------------------------------------------------------------


def places(tree: dict[str, Any]) -> list[str]:
    """Return the places of all typed figures of a specification."""
    with pytest.raises(BadInput) as refused:
        check_texts(tree, "release.toml")
    faults = refused.value.faults
    assert {(fault.file, fault.todo) for fault in faults} == {
        ("release.toml", "use its token, or write the sentence without a figure")
    }
    return [fault.column for fault in faults]


def test_every_public_text_is_checked_and_named() -> None:
    bad = {"kk": "Мәтін", "ru": "17", "en": "Text of 18"}
    tree = {
        "title": "19 tables",
        "prose": bad,
        "revision_note": {"en": "20"},
        "table": [{"name": "sex", "title": bad}, {"name": "age", "title": "Age"}],
        "microdata": [{"name": "people", "title": {"kk": "21"}}],
        "estimate": [{"name": "undetected", "title": "22"}],
    }
    assert places(tree) == [
        "title: 19",
        "prose ru: 17",
        "prose en: 18",
        "revision_note en: 20",
        "sex ru: 17",
        "sex en: 18",
        "people kk: 21",
        "undetected: 22",
    ]


@pytest.mark.parametrize(
    "tree",
    [
        {},
        {"title": None, "prose": {"en": 5}},
        {"table": "sex", "microdata": {"name": "x"}, "estimate": [5]},
        {"table": [{"title": "Text"}]},
        {"period": "12", "threshold": 10, "table": [{"name": "top-10", "by": ["age_18"], "where": {"age": ["17"]}}]},
    ],
)
def test_what_is_no_text_is_not_checked(tree: dict[str, Any]) -> None:
    check_texts(tree, "release.toml")
