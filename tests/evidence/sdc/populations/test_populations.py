"""Published tables are grouped by the people that they count."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.evidence.sdc.populations.populations import (
    PublishedPopulation,
    agree,
    assign_unstated,
    find_populations,
    share_multi_valued,
    shared_cells,
)
from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.published_tables.sheet import Sheet
from tests.evidence import made_sheets
from tests.evidence.made_sheets import Figure


def by_sex(female: Figure, male: Figure = 40, total: Figure = 100, **stated: Any) -> Sheet:
    """Return a table by sex."""
    return made_sheets.sheet(("sex",), {("_T",): total, ("female",): female, ("male",): male}, **stated)


def total(figure: Figure, **stated: Any) -> Sheet:
    """Return a table of one figure."""
    return made_sheets.sheet((), {(): figure}, **stated)


def populations(*sheets: Sheet) -> list[tuple[int, int]]:
    """Return the numbers of own tables and of guests by population, for tables in one publication."""
    return [(len(group.own), len(group.guests)) for group in find_populations([Publication("r", list(sheets))])]


def test_tables_of_one_snapshot_count_the_same_people() -> None:
    assert populations(by_sex(60, origin="s"), total(100, origin="s")) == [(2, 0)]


def test_tables_of_one_unit_and_date_count_the_same_people_also_without_a_snapshot() -> None:
    dated = {"as_of": "2025-06-30"}
    assert populations(by_sex(60, origin="s", **dated), total(100, **dated, release="other")) == [(2, 0)]
    assert len(populations(by_sex(60, **dated), total(100, as_of="2025-12-31"))) == 2


@pytest.mark.parametrize(
    ("later", "possible"),
    [
        ({"as_of": "2025-06-30"}, 1),
        ({"period": "2025-H1"}, 1),  # everybody up to 30 June, or the people of the half-year
        ({"period": "2025-H1", "is_cumulative": False}, 0),
        ({"as_of": "2025-07-31"}, 0),  # people can have entered
        ({"as_of": "2025-06-30", "of": "suspects"}, 0),
        ({"as_of": "2025-06-30", "where": {}}, 0),  # other figures of the same people
    ],
)
def test_a_publication_of_one_unit_and_date_can_count_the_same_people(later: dict[str, Any], possible: int) -> None:
    first = by_sex(60, release="first", as_of="2025-06-30")
    second = by_sex(50, 31, 81, release="second", **({"where": {"region": ["r1"]}} | later))
    groups = find_populations([Publication("first", [first]), Publication("second", [second])])
    assert [len(group.possible) for group in groups] == [possible, possible]
    assert groups[0].alike == ({groups[1].key} if possible else set())


def test_units_are_populations_of_their_own() -> None:
    assert len(populations(by_sex(60, origin="s"), total(100, origin="s", of="signals"))) == 2


def test_tables_that_count_no_people_are_left_out() -> None:
    assert populations(total(100, of="campaigns", origin="s")) == []


@pytest.mark.parametrize(("later", "guests"), [(60, 1), (61, 0)])
def test_equal_figures_of_another_snapshot_are_guests(later: int, guests: int) -> None:
    first, second = by_sex(60, origin="s"), by_sex(later, origin="s 2", total=40 + later)
    assert populations(first, second) == [(1, guests), (1, guests)]
    groups = find_populations([Publication("r", [first, second])])
    assert [group.alike for group in groups] == ([{"s 2"}, {"s"}] if guests else [set(), set()])


def test_only_tables_of_an_equal_filter_can_be_guests() -> None:
    first = by_sex(60, origin="s", where={"region": ["r1"]})
    second = by_sex(60, origin="s 2", where={"region": ["r2"]})
    assert populations(first, second) == [(1, 0), (1, 0)]


def test_unstated_tables_of_one_publication_that_disagree_are_split() -> None:
    article = {"stated": False, "of": "records", "release": "a"}
    assert populations(by_sex(60, **article), total(100, **article)) == [(2, 0)]
    assert populations(by_sex(60, **article), total(101, **article)) == [(1, 0), (1, 0)]
    assert populations(by_sex(60, **article), total(101, where={"x": ["1"]}, **article)) == [(2, 0)]


@pytest.mark.parametrize(
    ("first", "second", "expected"),
    [
        (by_sex(60), total(100), True),
        (by_sex(60), total(101), False),
        (by_sex(60), total((95, 105)), None),  # bounds that overlap decide nothing
        (by_sex(60), total((101, 105)), False),
        (by_sex(0, 0, 0), total(0), None),  # nothing to compare but zeros
        (by_sex(60, total=None), total(100), None),  # a suppressed total has no bound
        (by_sex(60), made_sheets.sheet(("region",), {("r1",): 5}), None),
    ],
)
def test_tables_agree_by_equal_positive_figures_and_disagree_by_any_conflict(
    first: Sheet, second: Sheet, expected: bool | None
) -> None:
    assert agree(first, second) is expected
    assert agree(second, first) is expected


def test_shared_cells_are_those_of_groups_that_both_tables_bound() -> None:
    second = made_sheets.sheet(("sex", "region"), {("female", "_T"): (50, 70), ("male", "r1"): 3, ("male", "_T"): None})
    assert shared_cells(by_sex(60), second) == [((60, 60), (50, 70))]


def test_a_column_is_multi_valued_in_all_tables_once_one_shows_it() -> None:
    first = made_sheets.sheet(("means",), {("_T",): 9}, multi=frozenset({"means"}))
    second = made_sheets.sheet(("sex",), {("_T",): 9}, where={"means": ["a"]})
    third = by_sex(60)
    share_multi_valued([first, second, third])
    assert [sheet.multi for sheet in (first, second, third)] == [{"means"}, {"means"}, set()]


def unstated(sheet: Sheet) -> Publication:
    """Return an article with one table."""
    sheet.stated, sheet.of = False, "records"
    return Publication("article", [sheet])


def test_an_article_gets_the_unit_and_the_filter_of_the_table_with_its_figures() -> None:
    stated = [
        by_sex(60, where={"region": ["r1"]}, origin="s"),
        by_sex(70, total=110, where={"region": ["r2"]}, origin="s"),
    ]
    _, article = assign_unstated([Publication("r", stated), unstated(by_sex(70, total=110))])
    (sheet,) = article.sheets
    assert (sheet.of, sheet.where, sheet.origin) == ("victims", {"region": ["r2"]}, "s")


def test_the_table_with_most_shared_figures_is_the_match() -> None:
    stated = [total(100, where={"region": ["r1"]}), by_sex(60, where={"region": ["r2"]})]
    _, article = assign_unstated([Publication("r", stated), unstated(by_sex(60))])
    assert article.sheets[0].where == {"region": ["r2"]}


def test_a_match_that_another_table_of_the_same_filter_contradicts_is_none() -> None:
    conflict = [total(100, origin="s"), by_sex(61, 39, origin="s")]
    _, article = assign_unstated([Publication("r", conflict), unstated(by_sex(60))])
    assert article.sheets[0].of == "records"


def test_an_article_without_shared_figures_stays_as_it_is() -> None:
    _, article = assign_unstated([Publication("r", [by_sex(60)]), unstated(by_sex(33, 33, 66))])
    assert article.sheets[0].of == "records"
    alone = unstated(by_sex(60))
    assert assign_unstated([alone]) == [alone]


def test_a_column_of_an_article_can_have_several_values_by_the_standard() -> None:
    figures = {("_T",): 9, ("threats",): 9}
    _, article = assign_unstated(
        [Publication("r", [made_sheets.sheet(("means",), figures)]), unstated(made_sheets.sheet(("means",), figures))]
    )
    assert article.sheets[0].multi == {"means"}


def test_the_code_list_of_a_column_is_that_of_the_standard_or_of_its_codes() -> None:
    codes = {("_T", "_T"): 9, ("forced_labour", "labour"): 5, ("begging", "other"): 4}
    group = PublishedPopulation("records", "", (made_sheets.sheet(("how", "kind"), codes),))
    assert PublishedPopulation("victims", "", ()).list_of("sex") == "sex"
    assert (group.list_of("how"), group.list_of("kind")) == ("exploitation_form", "exploitation")
    assert (group.list_of("sex"), group.list_of("weather")) == ("sex", "")
    assert group.frame is None


def test_a_filter_on_a_column_of_several_values_makes_it_multi_valued() -> None:
    group = PublishedPopulation("victims", "", (total(5, where={"means": ["threats"], "sex": ["female"]}),))
    assert group.multi == {"means"}
