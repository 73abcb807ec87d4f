"""Tables of lists and covariates as groups of cells: compared with a search of all cells."""

from __future__ import annotations

from collections import Counter
from itertools import product

import numpy as np
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.mse.covariates.margins import MOST_CELLS, Margins, make_margins
from kerege.evidence.mse.lists import BadLists

LISTS = ["A", "B", "C"]
RECORDED = {"sex": ["A", "B"], "age": ["C"]}
PERSON = st.tuples(
    st.sampled_from([0, 1]),
    st.sampled_from([0, 1]),
    st.sampled_from([0, 1]),
    st.sampled_from(["f", "m", None, "", "NA"]),
    st.sampled_from(["adult", "child", None]),
    st.integers(0, 3),
)
Person = tuple[int, int, int, str | None, str | None, int]
BASE: list[Person] = [(1, 1, 1, "f", "adult", 2), (1, 0, 1, "m", "child", 1), (0, 1, 0, None, None, 1)]


def people_frame(people: list[Person]) -> pl.DataFrame:
    """Return people as a table; a covariate is unknown where no list of the person records it."""
    rows = []
    for a, b, c, sex, age, count in people:
        if a or b or c:
            rows.append((a, b, c, sex if a or b else None, age if c else None, count))
    columns = {"A": pl.Int64, "B": pl.Int64, "C": pl.Int64, "sex": pl.String, "age": pl.String, "count": pl.Int64}
    return pl.DataFrame(rows, schema=columns, orient="row")


def margins_of(people: list[Person]) -> Margins:
    return make_margins(people_frame([*BASE, *people]), LISTS, RECORDED)


@settings(max_examples=25, deadline=None)
@given(st.lists(PERSON, max_size=10))
def test_groups_count_the_people_with_the_same_history_and_known_covariates(people: list[Person]) -> None:
    margins = margins_of(people)
    tally: Counter[tuple[int, str | None, str | None]] = Counter()
    for a, b, c, sex, age, count in people_frame([*BASE, *people]).iter_rows():
        tally[a + 2 * b + 4 * c, sex if sex in ("f", "m") else None, age] += count
    groups = {}
    for history, (sex, age), count in zip(margins.history, margins.known, margins.counts, strict=True):
        values = [None if k < 0 else levels[k] for k, levels in zip((sex, age), margins.levels, strict=True)]
        groups[int(history), values[0], values[1]] = int(count)
    assert groups == {key: count for key, count in tally.items() if count}
    assert margins.people == tally.total()


@settings(max_examples=15, deadline=None)
@given(st.lists(PERSON, max_size=6))
def test_a_group_is_all_cells_in_which_its_people_may_be(people: list[Person]) -> None:
    margins = margins_of(people)
    cells = list(product(range(8), range(2), range(2)))  # history, sex, age: the last changes fastest
    matrix = margins.groups.toarray()
    assert matrix.shape == (len(margins.counts), len(cells))
    for row, history, known in zip(matrix, margins.history, margins.known, strict=True):
        expected = [
            history == w and all(k in (-1, level) for k, level in zip(known, levels, strict=True))
            for w, *levels in cells
        ]
        assert row.tolist() == [float(is_possible) for is_possible in expected]


def test_values_of_cells_have_the_lists_as_bits_and_the_covariates_in_order() -> None:
    margins = margins_of([])
    assert margins.names == ("A", "B", "C", "sex", "age")
    assert margins.sizes == (2, 2, 2, 2, 2)
    assert (margins.strata, margins.recorded) == (4, (0b011, 0b100))
    assert margins.levels == (("f", "m"), ("adult", "child"))
    for cell, (w, sex, age) in enumerate(product(range(8), range(2), range(2))):
        assert margins.values[:, cell].tolist() == [w & 1, w >> 1 & 1, w >> 2 & 1, sex, age]


def test_possible_groups_know_each_covariate_that_a_list_of_the_person_records() -> None:
    """A alone: sex is known, age is not. C alone: the reverse. On all lists: both."""
    margins = margins_of([])
    matrix = margins.possible_groups().toarray()
    # histories 1, 2, 3: two groups of sex; 4: two of age; 5, 6, 7: four
    assert len(matrix) == 2 * 3 + 2 + 4 * 3
    assert matrix.sum(axis=1).tolist() == [2.0] * 6 + [2.0] * 2 + [1.0] * 12
    assert (matrix[:, :4] == 0).all()  # nobody of them is on no list
    assert (matrix[:, 4:].sum(axis=0) == 1).all()  # each observable cell belongs to one group


def test_without_covariates_a_cell_is_a_history() -> None:
    margins = make_margins(people_frame(BASE).select(*LISTS, "count"), LISTS, {})
    assert (margins.strata, margins.sizes) == (1, (2, 2, 2))
    assert margins.possible_groups().toarray().tolist() == np.eye(8)[1:].tolist()
    assert dict(zip(margins.history.tolist(), margins.counts.tolist(), strict=True)) == {2: 1, 5: 1, 7: 2}


def test_without_a_column_of_counts_a_row_is_a_person() -> None:
    frame = people_frame(BASE).drop("count")
    assert make_margins(frame, LISTS, RECORDED).people == 3
    renamed = people_frame(BASE).rename({"count": "n"})
    assert make_margins(renamed, LISTS, RECORDED).people == 3
    assert make_margins(renamed, LISTS, RECORDED, "n").people == 4


def test_levels_may_be_numbers_and_are_sorted_as_text() -> None:
    frame = people_frame(BASE).with_columns(sex=pl.Series([10, 9, None]))
    assert make_margins(frame, LISTS, RECORDED).levels[0] == ("10", "9")


def test_people_of_a_count_of_0_may_be_on_no_list() -> None:
    frame = pl.concat([people_frame(BASE), pl.DataFrame({"A": [0], "B": [0], "C": [0], "count": [0]})], how="diagonal")
    assert make_margins(frame, LISTS, RECORDED).people == 4
    with pytest.raises(BadLists, match="some people are on no list, leave them out: nobody has seen them"):
        make_margins(frame.with_columns(count=pl.lit(1)), LISTS, RECORDED)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"A": [1, 0.5, 0]}, "list A has values other than 0 and 1, write 1 for people on it and 0 for others"),
        ({"A": ["yes", "1", "0"]}, "list A has values other than 0 and 1"),
        ({"count": ["many", "1", "1"]}, "a number is missing in column count, give whole numbers of people"),
        ({"count": [1, 1, 0.5]}, "a number in column count is negative or a fraction, give whole numbers of people"),
        ({"count": [1, -1, 1]}, "a number in column count is negative or a fraction"),
        ({"count": [10**8, 1, 1]}, "more than 100,000,000 people, give counts of people on lists"),
        ({"count": [0, 0, 0]}, "nobody is on any list, give lists with people on them"),
        ({"count": [0, 0, 1]}, "nobody is on list A, leave it out"),
        ({"sex": ["", "NA", None]}, "sex is not known for any person, leave it out"),
        ({"age": ["adult", "child", "adult"]}, "age is known of people on none of the lists C, name all that record"),
    ],
)
def test_the_fault_of_a_column_names_it_and_says_what_to_give(change: dict[str, list[object]], message: str) -> None:
    frame = people_frame(BASE).with_columns(
        **{name: pl.Series(values, strict=False) for name, values in change.items()}
    )
    with pytest.raises(BadLists, match=message):
        make_margins(frame, LISTS, RECORDED)


@pytest.mark.parametrize("lists", [1, 2, 10, 11])
def test_two_to_ten_lists_have_margins(lists: int) -> None:
    names = [f"L{j}" for j in range(lists)]
    frame = pl.DataFrame({name: [1, int(j == 0)] for j, name in enumerate(names)})
    if lists in (2, 10):
        assert len(make_margins(frame, names, {}).lists) == lists
        return
    with pytest.raises(BadLists, match=f"^the number of lists is {lists}, give 2 to 10$"):
        make_margins(frame, names, {})


def test_too_many_cells_are_refused() -> None:
    """Ten lists and 98 levels are 100,352 cells; with 97 levels they are 99,328."""
    names = [f"L{j}" for j in range(10)]
    for levels in (97, 98):
        rows = {name: [1] * levels for name in names} | {"form": [f"f{k}" for k in range(levels)]}
        frame = pl.DataFrame(rows)
        if (1 << 10) * levels <= MOST_CELLS:
            assert make_margins(frame, names, {"form": names}).strata == levels
            continue
        with pytest.raises(BadLists, match="10 lists and 98 strata are too many, merge lists or levels"):
            make_margins(frame, names, {"form": names})


def test_the_names_of_lists_covariates_and_counts_differ() -> None:
    frame = people_frame(BASE)
    for lists, covariates in ((["A", "B", "A"], {}), (LISTS, {"A": ["B"]}), (LISTS, {"count": ["A"]})):
        with pytest.raises(BadLists, match="two lists are called"):
            make_margins(frame, lists, covariates)
    with pytest.raises(BadLists, match="there is no column D, name columns of the table: A, B, C, sex, age, count"):
        make_margins(frame, [*LISTS, "D"], RECORDED)
    with pytest.raises(BadLists, match="sex is recorded on D, name some of the lists"):
        make_margins(frame, LISTS, {"sex": ["A", "D"]})
