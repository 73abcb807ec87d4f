"""All groups of some variables: counts of registers, bounds by parts, and which groups are still open."""

from __future__ import annotations

from itertools import product

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.constraints.domains import Family
from kerege.evidence.sdc.groups.conditions import Variable, variables
from kerege.evidence.sdc.groups.group_sets import GroupSet
from kerege.evidence.sdc.linear.linear_system import Floats
from tests.evidence.sdc.groups.small_registers import count_group

COLUMNS, CODES = ("sex", "form"), ("fm", "pqr")
FAMILIES = [Family((name,), tuple(codes), np.zeros(0, np.int64)) for name, codes in zip(COLUMNS, CODES, strict=True)]
SEX, FORM = variables(FAMILIES, [], [np.ones(len(codes), dtype=bool) for codes in CODES], {})
PEOPLE = st.lists(st.tuples(st.sampled_from(CODES[0]), st.sampled_from(CODES[1])), max_size=9)


def set_of(chosen: list[Variable], counts: Floats, room: float = 0.0) -> GroupSet:
    """Return groups with proved bounds around some counts."""
    group_set = GroupSet(chosen, 3)
    group_set.bound(counts - room, counts + room)
    return group_set


def counts_of(people: list[tuple[str, str]], chosen: list[Variable]) -> Floats:
    """Return the people of each group, counted one by one."""
    shape = tuple(len(variable.conditions) for variable in chosen)
    counts = [
        count_group(COLUMNS, people, [v.conditions[n] for v, n in zip(chosen, place, strict=True)])
        for place in product(*map(range, shape))
    ]
    return np.array(counts, dtype=float).reshape(shape)


def place_of(variable: Variable, code: str, *, is_complement: bool = False) -> int:
    """Return the place of a condition."""
    return next(
        n for n, c in enumerate(variable.conditions) if (c.codes[0][1], c.is_complement) == (code, is_complement)
    )


def test_a_group_that_programs_decided_is_open_no_longer() -> None:
    groups = GroupSet([SEX, FORM], 3)
    groups.mark_decided(4)
    assert groups.open_count == 11
    assert 4 not in [flat for flat, _ in groups.open_groups()]
    groups.count(np.zeros(groups.shape, dtype=np.int64))
    assert not groups.open.flat[4]


def test_nothing_is_known_of_new_groups() -> None:
    groups = GroupSet([SEX, FORM], 3)
    assert groups.shape == (2, 6)
    assert groups.families == {0, 1}
    assert groups.open.all()
    assert groups.open_count == 12
    assert (groups.least == 0).all()
    assert np.isinf(groups.most).all()


def test_everybody_is_one_group() -> None:
    groups = GroupSet([], 3)
    assert (groups.shape, groups.families, groups.open_count) == ((), frozenset(), 1)
    assert [flat for flat, _ in groups.open_groups()] == [0]


@pytest.mark.parametrize(
    ("least", "most", "is_open"),
    [(3, 9, False), (2, 9, True), (0, 0, False), (0, 1, True), (0, np.inf, True)],
)
def test_a_group_is_settled_when_it_is_certainly_large_or_certainly_empty(
    least: float, most: float, is_open: bool
) -> None:
    groups = GroupSet([SEX], 3)
    groups.bound(np.full(2, least), np.full(2, most))
    assert groups.open.tolist() == [is_open] * 2


@pytest.mark.parametrize(
    ("counts", "is_open"),
    [
        ((0, 3), False),  # 0 to 3 are wide enough at threshold 3
        ((0, 2), True),  # no count of 3 or more
        ((1, 3), False),
        ((2, 4), False),
        ((2, 3), True),  # two sizes only
        ((4, 4), True),  # large in both registers, but a proof is missing
    ],
)
def test_a_group_is_wide_when_two_registers_are_far_enough_apart(counts: tuple[int, int], is_open: bool) -> None:
    groups = GroupSet([SEX], 3)
    for count in counts:
        groups.count(np.full(2, count))
    assert (groups.low.tolist(), groups.high.tolist()) == ([min(counts)] * 2, [max(counts)] * 2)
    assert groups.open.tolist() == [is_open] * 2


def test_groups_of_rows_of_too_few_people_are_open_however_large_they_are() -> None:
    groups = GroupSet([SEX], 3)
    groups.bound(np.array([5.0, 5.0]), np.array([50.0, 50.0]))
    groups.mark_few(np.array([True, False]))
    assert groups.open.tolist() == [True, False]
    groups.count_at(np.array([0]), np.array([5]), np.array([9]))
    assert not groups.open.any()


def test_counts_of_some_groups_leave_the_others_as_they_are() -> None:
    groups = GroupSet([SEX, FORM], 3)
    groups.count(np.full((2, 6), 4))
    groups.count_at(np.array([3, 7]), np.array([1, 5]), np.array([2, 9]))
    assert groups.low.ravel().tolist() == [4, 4, 4, 1, 4, 4, 4, 4, 4, 4, 4, 4]
    assert groups.high.ravel().tolist() == [4, 4, 4, 4, 4, 4, 4, 9, 4, 4, 4, 4]


def test_bounds_of_one_group_only_narrow() -> None:
    groups = GroupSet([SEX], 3)
    groups.bound_one(1, 1, 6)
    groups.bound_one(1, 0, 8)
    assert (groups.least.tolist(), groups.most.tolist()) == ([0, 1], [np.inf, 6])
    groups.bound_one(1, 3, 5)
    assert (groups.open.tolist(), groups.open_count) == ([True, False], 1)


def test_a_group_is_no_larger_than_its_part_and_follows_from_a_small_one() -> None:
    """2 people have p, so "women with p" follow from them; 7 have q, which says nothing of women with q."""
    part = set_of([FORM], np.array([{"p": 2.0, "q": 7.0}.get(c.codes[0][1], 9.0) for c in FORM.conditions]))
    groups = GroupSet([SEX, FORM], 3)
    groups.bound_by_part(part, [1])
    p, q = place_of(FORM, "p"), place_of(FORM, "q")
    assert groups.most[:, p].tolist() == [2, 2]
    assert groups.implied[:, p].all()
    assert not groups.open[:, p].any()
    assert groups.most[:, q].tolist() == [7, 7]
    assert groups.open[:, q].all()


def test_a_group_without_the_exceptions_is_the_rest() -> None:
    """9 people, at most 2 of them without p: at least 7 have p. "Without p" bounds p, and p bounds it."""
    everybody = set_of([], np.array(9.0))
    groups = GroupSet([FORM], 3)
    groups.bound_one(place_of(FORM, "p", is_complement=True), 0, 2)
    groups.bound_by_exceptions(everybody, 0)
    assert groups.least[place_of(FORM, "p")] == 7
    assert groups.least[place_of(FORM, "q")] == -np.inf or groups.least[place_of(FORM, "q")] == 0


def test_variables_without_complements_have_no_exceptions() -> None:
    groups = GroupSet([FORM.accepted], 3)
    groups.bound_by_exceptions(set_of([], np.array(9.0)), 0)
    assert groups.least.tolist() == [0, 0, 0]


def test_two_parts_share_at_least_their_sum_less_the_people_of_either() -> None:
    """6 women and 7 people with p among 10: at least 3 women with p."""
    sex, form, everybody = GroupSet([SEX], 3), GroupSet([FORM], 3), set_of([], np.array(10.0))
    sex.bound_one(place_of(SEX, "f"), 6, 6)
    form.bound_one(place_of(FORM, "p"), 7, 9)
    groups = GroupSet([SEX, FORM], 3)
    groups.bound_by_overlap([form, sex], everybody, (0, 1))
    assert groups.least[place_of(SEX, "f"), place_of(FORM, "p")] == 3
    assert groups.least[place_of(SEX, "m"), place_of(FORM, "p")] == 0


@settings(max_examples=10, deadline=None)
@given(PEOPLE, st.integers(0, 2))
def test_bounds_by_parts_hold_for_the_true_people(people: list[tuple[str, str]], room: int) -> None:
    """The parts have bounds around their true counts; their consequences hold for the groups."""
    everybody = set_of([], counts_of(people, []), room)
    sex, form = (set_of([variable], counts_of(people, [variable]), room) for variable in (SEX, FORM))
    for chosen in ([SEX, FORM], [SEX, FORM.accepted], [FORM, SEX]):
        truth = counts_of(people, chosen)
        parts = [sex, form] if chosen[0] is SEX else [form, sex]
        groups = GroupSet(chosen, 3)
        groups.bound(truth - 4, truth + 4)
        for axis, part in enumerate(parts):
            groups.bound_by_part(part, [axis])
        groups.bound_by_part(everybody, [])
        for axis in (0, 1):
            groups.bound_by_exceptions(parts[1 - axis], axis)
        groups.bound_by_overlap([parts[1], parts[0]], everybody, (0, 1))
        assert (groups.least <= truth).all()
        assert (groups.most >= truth).all()
        assert (groups.most <= len(people) + room).all()
        assert (truth[groups.implied] <= 2).all()
        for n, part in enumerate(parts):
            shape = [-1 if axis == n else 1 for axis in (0, 1)]
            places = chosen[n].places_in(part.chosen[0])
            assert (groups.most <= part.most[places].reshape(shape)).all()


def test_open_groups_come_with_their_places() -> None:
    groups = GroupSet([SEX, FORM], 3)
    groups.bound(np.full((2, 6), 5.0), np.full((2, 6), 9.0))
    assert groups.open_groups() == []
    groups.least[1, place_of(FORM, "q")] = 1
    groups.bound(np.zeros((2, 6)), np.full((2, 6), np.inf))  # forgets which groups were open
    ((flat, group),) = groups.open_groups()
    assert flat == 6 + place_of(FORM, "q")
    assert group.labels == {"sex": SEX.conditions[1].codes[0][1], "form": "q"}
    assert groups.group(flat).labels == group.labels
    assert {f: mask.tolist() for f, mask in group.masks.items()} == {0: [False, True], 1: [False, True, False]}


def test_counts_of_some_groups_close_those_that_become_wide() -> None:
    rng, groups = np.random.default_rng(0), GroupSet([SEX, FORM], 3)
    assert groups.open_count == 12
    for _ in range(6):
        places = np.flatnonzero(groups.open)[::2]
        low = rng.integers(0, 3, len(places))
        groups.count_at(places, low, low + rng.integers(0, 4, len(places)))
        is_wide = (groups.high >= 3) & (groups.high - groups.low >= 2)
        assert (groups.open == ~is_wide).all()
        assert groups.open_count == groups.open.sum()
    assert 0 < groups.open_count < 12


def test_registers_of_another_set_count_if_the_groups_are_the_same() -> None:
    groups, others, fewer = (GroupSet(chosen, 3) for chosen in ([SEX, FORM], [SEX, FORM], [SEX, FORM.accepted]))
    for other in (others, fewer):
        other.count(np.zeros(other.shape, dtype=np.int64))
        other.count(np.full(other.shape, 4))
    groups.count_as(fewer)
    assert groups.open_count == 12
    groups.count_as(others)
    assert groups.open_count == 0
