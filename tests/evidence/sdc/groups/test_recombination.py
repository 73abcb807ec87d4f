"""The ends of recombined groups are attained by registers that fit everything published."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.sdc.constraints.multi_table import JointBuilder
from kerege.evidence.sdc.constraints.register import Register
from kerege.evidence.sdc.groups.conditions import Variable
from kerege.evidence.sdc.groups.group_sets import GroupSet
from kerege.evidence.sdc.groups.recombination import Recombination, Separator
from kerege.evidence.sdc.groups.search import GroupSearch
from kerege.evidence.sdc.linear.linear_system import Ints
from kerege.evidence.sdc.populations.populations import assign_unstated, find_populations
from kerege.evidence.sdc.published_tables.publication import Publication
from tests.evidence.sdc.oracle.comparison import make_instance
from tests.evidence.sdc.oracle.random_unions import MIDDLE


def search_of(seed: int, scheme: str, root: Path) -> GroupSearch:
    """Return the search in the random union of a seed, with its first register counted."""
    union, threshold = make_instance(seed, scheme, MIDDLE)
    folders = union.write(root)
    population = find_populations(assign_unstated([Publication.read(folder) for folder in folders]))[0]
    builder = JointBuilder(population, population.sheets, loose=True)
    survey = Survey(builder.build(), threshold, whole=True)
    search = GroupSearch(builder, survey, held=False, deadline=np.inf)
    search.run()
    return search


def single_people(register: Register) -> Register:
    """Return the register with a row for each person."""
    return register.take(
        np.repeat(np.arange(len(register.people)), register.people), np.ones(register.people.sum(), int)
    )


def rearranged(
    search: GroupSearch, register: Register, separator: Separator, chosen: Sequence[Variable], at: Ints, sign: int
) -> Register:
    """Return a register with the sides of a group aligned (`sign` 1) or kept apart (-1), person by person."""
    people = single_people(register)
    result = single_people(register)
    stratum = separator.strata(search.builder, people)
    for label in np.unique(stratum):
        rows, start = np.flatnonzero(stratum == label), 0
        for side in separator.split(chosen):
            met = np.logical_and.reduce([fulfils(people, chosen[place], int(at[place]))[rows] for place in side])
            ordered = np.concatenate([rows[met], rows[~met]])
            target = np.roll(rows, -start) if sign < 0 else rows
            number = separator.sides[
                chosen[side[0]].column if chosen[side[0]].family is None else chosen[side[0]].family
            ]
            for column in (column for column, other in separator.sides.items() if other == number):
                if isinstance(column, str):
                    for value, flags in people.has[column].items():
                        result.has[column][value][target] = flags[ordered]
                else:
                    result.coords[column][target] = people.coords[column][ordered]
            start += int(met.sum())
    return result


def fulfils(register: Register, variable: Variable, place: int) -> np.ndarray:
    """Return which rows fulfil a condition."""
    if variable.family is not None:
        return variable.mask(place)[register.coords[variable.family]]
    condition = variable.conditions[place]
    return register.has[variable.column][condition.codes[0][1]] != condition.is_complement


@pytest.mark.parametrize("scheme", ["path", "star", "plain", "four columns"])
def test_rearranged_registers_fit_and_attain_both_ends(scheme: str, tmp_path: Path) -> None:
    checked: Counter[bool] = Counter()
    for seed in range(8):
        search = search_of(seed, scheme, tmp_path / str(seed))
        if search.register is None:
            continue
        for group_set in search.sets.values():
            if any(variable.order > 1 for variable in group_set.chosen):
                continue  # people exchange their single values too: see test_value_exchange
            separators = [part for part in search.separators if len(part.split(group_set.chosen)) > 1]
            by_classes = [part for part in separators if part.column is not None]
            for separator in [*separators[:1], *by_classes[:1]]:
                checked[separator.column is not None] += check_ends(search, search.register, separator, group_set)
    assert checked[False] > 20
    assert checked[True] > 20 or scheme in ("path", "plain")  # they have no multi-valued column


def check_ends(search: GroupSearch, register: Register, separator: Separator, group_set: GroupSet) -> int:
    """Check that rearranged registers attain the ends of some groups; return how many."""
    flat = np.arange(group_set.low.size)
    ends = Recombination(search.builder, register, separator).ends(group_set.chosen, flat)
    assert ends is not None
    places = flat[:: max(len(flat) // 5, 1)]
    for place in places:
        at = np.array(np.unravel_index(place, group_set.shape))
        for sign, counts in zip((-1, 1), ends, strict=True):
            other = rearranged(search, register, separator, group_set.chosen, at, sign)
            assert search.fits(other)
            conditions = zip(group_set.chosen, at.tolist(), strict=True)
            assert np.logical_and.reduce([fulfils(other, v, p) for v, p in conditions]).sum() == counts[place]
    return len(places)
