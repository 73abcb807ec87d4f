"""Counts of groups in a register: as many people as fulfil the conditions, counted one by one."""

from __future__ import annotations

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.constraints.domains import Family
from kerege.evidence.sdc.constraints.register import Register
from kerege.evidence.sdc.groups.conditions import variable_sets, variables
from kerege.evidence.sdc.groups.counts import group_counts, group_counts_by, weighted_sums
from tests.evidence.sdc.groups.small_registers import fulfils

COLUMNS = ("sex", "form", "means", "help")
CODES = ("fm", "pqr")
VALUES = {"means": ["debt", "fraud"], "help": ["food"]}
FAMILIES = [Family((name,), tuple(codes), np.zeros(0, np.int64)) for name, codes in zip(COLUMNS, CODES, strict=False)]
VARIABLES = variables(FAMILIES, [], [np.ones(len(codes), dtype=bool) for codes in CODES], VALUES)
ROWS = st.lists(
    st.tuples(
        st.integers(0, 4),
        st.integers(0, 1),
        st.integers(0, 2),
        st.frozensets(st.sampled_from(VALUES["means"])),
        st.frozensets(st.sampled_from(VALUES["help"])),
    ),
    max_size=6,
)
Row = tuple[int, int, int, frozenset[str], frozenset[str]]


def register_of(rows: list[Row]) -> Register:
    """Return rows of equal people, with their numbers, atoms and values."""
    coords = {d: np.array([row[1 + d] for row in rows], dtype=np.int64) for d in range(2)}
    has = {
        name: {value: np.array([value in row[3 + d] for row in rows], dtype=bool) for value in values}
        for d, (name, values) in enumerate(VALUES.items())
    }
    return Register(np.array([row[0] for row in rows], dtype=np.int64), coords, has)


@settings(max_examples=10, deadline=None)
@given(ROWS)
def test_each_group_has_the_people_who_fulfil_all_its_conditions(rows: list[Row]) -> None:
    """All sets of up to three of four variables, two of them with several values of a person."""
    register = register_of(rows)
    people = [(CODES[0][sex], CODES[1][form], means, aid) for _, sex, form, means, aid in rows]
    holds = [
        [np.array([fulfils(COLUMNS, person, condition) for person in people], dtype=bool) for condition in v.conditions]
        for v in VARIABLES
    ]
    for numbers, chosen in variable_sets(VARIABLES):
        counts = group_counts(register, FAMILIES, chosen)
        assert counts.shape == tuple(len(variable.conditions) for variable in chosen)
        for place in np.ndindex(*counts.shape):
            inside = np.ones(len(rows), dtype=bool)
            for number, condition in zip(numbers, place, strict=True):
                inside &= holds[number][condition]
            assert counts[place] == register.people[inside].sum()


def test_a_register_counts_its_people_and_not_its_rows() -> None:
    """3 women with p, 2 men with q, 5 men with q: 10 people in 3 rows."""
    register = register_of([(n, sex, sex, frozenset(), frozenset()) for n, sex in ((3, 0), (2, 1), (5, 1))])
    assert int(group_counts(register, FAMILIES, [])) == 10
    sex, form = VARIABLES[:2]
    assert group_counts(register, FAMILIES, [sex]).tolist() == [3, 7]
    assert group_counts(register, FAMILIES, [sex, form])[0].sum() == 3 + 3 * 2  # p itself, and without q, without r


def test_the_axes_keep_the_order_of_the_variables() -> None:
    """A multi-valued column before or after another one: the same counts, transposed."""
    register = register_of([(4, 0, 0, frozenset({"debt"}), frozenset()), (1, 1, 2, frozenset(), frozenset({"food"}))])
    sex, form, means, aid = VARIABLES
    first = group_counts(register, FAMILIES, [sex, means, aid])
    assert (group_counts(register, FAMILIES, [aid, sex, means]) == np.transpose(first, (2, 0, 1))).all()
    assert (group_counts(register, FAMILIES, [means, aid, sex]) == np.transpose(first, (1, 2, 0))).all()
    assert group_counts(register, FAMILIES, [form, means]).shape == (6, 4)


@settings(max_examples=6, deadline=None)
@given(ROWS, st.integers(1, 3))
def test_strata_are_counted_apart_and_sum_to_all(rows: list[Row], strata: int) -> None:
    register = register_of(rows)
    stratum = np.arange(len(rows)) % strata
    for _, chosen in variable_sets(VARIABLES[1:3]):
        counts = group_counts_by(register, FAMILIES, chosen, stratum, strata)
        assert counts.shape[-1] == strata
        assert (counts.sum(axis=-1) == group_counts(register, FAMILIES, chosen)).all()
        for number in range(strata):
            part = register.take(np.flatnonzero(stratum == number), register.people[stratum == number])
            assert (counts[..., number] == group_counts(part, FAMILIES, chosen)).all()


def test_weighted_sums_take_a_matrix_for_each_of_the_first_axes() -> None:
    values = np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 6.0]])
    rows, columns = np.array([[1.0, 1.0], [1.0, -1.0], [0.0, 2.0]]), np.array([[1.0, 0.0, 1.0]])
    assert weighted_sums([rows, columns], values).tolist() == [[14], [-6], [20]]
    assert weighted_sums([rows], values).tolist() == [[5, 7, 9], [-3, -3, -3], [8, 10, 12]]
    assert weighted_sums([], values).tolist() == values.tolist()
