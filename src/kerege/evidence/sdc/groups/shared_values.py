"""Groups whose members certainly share a value of a sensitive column.

The proved bounds of all groups show them: a group shares a value if it has at least one person, and if certainly
nobody in it has another value.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, TOTAL
from kerege.evidence.sdc.constraints.domains import REST, Bools
from kerege.evidence.sdc.constraints.table_views import DerivedGroup
from kerege.evidence.sdc.groups.conditions import Variable, derived_group
from kerege.evidence.sdc.groups.group_sets import GroupSet

if TYPE_CHECKING:
    from kerege.evidence.sdc.groups.search import GroupSearch

MOST_PROOFS = 500  # groups of one set of variables that no bound decides; more of them are undecided
Ends = tuple[int, int]
# the least and the most people of groups of one set of variables, None where time ran out
ProveEnds = Callable[[Sequence[DerivedGroup]], list[Ends | None]]


@dataclass(frozen=True)
class SharedValueGroup:
    """A group of at least `least` people, all of whom have `value` in `column`."""

    group: DerivedGroup
    column: str
    value: str
    least: int


@dataclass(frozen=True)
class _Candidate:
    """A group in which nobody has another value in any register so far.

    `rest` are the people with another value, None if there is certainly nobody.
    """

    group: DerivedGroup
    column: str
    value: str
    least: int
    rest: DerivedGroup | None

    def follows_from(self, other: _Candidate) -> bool:
        """Return whether one of the two groups contains the other, and both share the same value."""
        is_same = (self.column, self.value) == (other.column, other.value)
        return is_same and (_is_part(self.group, other.group) or _is_part(other.group, self.group))


def _is_part(group: DerivedGroup, whole: DerivedGroup) -> bool:
    """Return whether the conditions of a group imply those of another one."""
    return {*whole.literals} <= {*group.literals} and all(
        family in group.masks and bool((group.masks[family] <= mask).all()) for family, mask in whole.masks.items()
    )


def find_shared_values(
    search: GroupSearch, sensitive: AbstractSet[str], prove: ProveEnds
) -> tuple[list[SharedValueGroup], int]:
    """Return the groups whose members certainly share a value of a sensitive column.

    Parameters
    ----------
    search : GroupSearch
        After all groups are decided.
    sensitive : set of str
        Columns.
    prove : callable
        Returns the ends of groups that no bound decides.

    Returns
    -------
    list of SharedValueGroup
        Groups with few conditions first, without groups that contain or are part of an earlier one.
    int
        The number of groups that could not be decided in time.
    """
    named = _sensitive_values(search, sensitive)
    chosen: list[_Candidate] = []
    undecided = 0
    for numbers in search.sets if any(named) else ():
        fresh = [
            candidate
            for place, number in enumerate(numbers)
            if len(numbers) > 1 and named[number]
            for candidate in _candidates(search, numbers, place, named[number])
        ]
        kept, late = _proved(fresh, chosen, prove)
        chosen, undecided = [*chosen, *kept], undecided + late
    return [SharedValueGroup(c.group, c.column, c.value, c.least) for c in chosen], undecided


def _sensitive_values(search: GroupSearch, sensitive: AbstractSet[str]) -> list[dict[bytes, tuple[str, str]]]:
    """Return the values of sensitive columns, as (column, value) by the key of their condition."""
    tables = [view.table for view in search.builder.views]
    named = [
        *((name, axis) for table in tables for name, axis in zip(table.by, table.axes, strict=True)),
        *((name, values) for table in tables for name, values in table.where.items()),
    ]
    pairs = dict.fromkeys((name, code) for name, values in named if name in sensitive for code in values)
    codes = [(name, code) for name, code in pairs if code not in (TOTAL, NOT_REPORTED, OTHER)]
    codes += [
        (family.columns[-1], value)
        for family in search.builder.families
        if sensitive & {*family.columns[:-1]} and family.sets
        for value in sorted(frozenset().union(*family.sets) - {REST})
    ]
    return [_values_of(search, variable, codes) for variable in search.variables]


def _values_of(
    search: GroupSearch, variable: Variable, codes: Iterable[tuple[str, str]]
) -> dict[bytes, tuple[str, str]]:
    """Return the values of one variable by the key of its condition, with one name each.

    Conditions on several values of a person are no values.
    """
    named: dict[bytes, tuple[str, str]] = {}
    if variable.order > 1:
        return named
    if variable.family is None:
        conditions = zip(variable.conditions, variable.keys, strict=True)
        by_code = {condition.codes[0]: key for condition, key in conditions if not condition.is_complement}
        return {by_code[code]: code for code in codes if code in by_code}
    family = search.builder.families[variable.family]
    for name, code in codes:
        if name in family.columns:
            mask = variable.everybody * family.having(name, [code])
            named.setdefault((mask + 0.0).tobytes(), (name, code))
    return named


def _candidates(
    search: GroupSearch, numbers: tuple[int, ...], place: int, named: Mapping[bytes, tuple[str, str]]
) -> Iterator[_Candidate]:
    """Yield groups of the other variables in which all people have one value of the variable at `place`."""
    group_set = search.sets[numbers]
    rest = numbers[:place] + numbers[place + 1 :]
    others, variable = search.sets[rest], group_set.chosen[place]
    parts = [v for axis, v in enumerate(group_set.chosen) if axis != place]
    places = [part.places_in(whole) for part, whole in zip(parts, others.chosen, strict=True)]
    least, low = (ends[np.ix_(*places)] for ends in (others.least, others.low))
    most = np.moveaxis(group_set.most, place, 0)
    alone = search.sets[numbers[place : place + 1]]
    everybody = alone.most[variable.places_in(alone.chosen[0])]
    is_occupied = (least >= 1) | ((low >= 1) & (others.high[np.ix_(*places)] >= 0))
    for number, key in enumerate(variable.keys):
        if key not in named or _is_empty(variable, number, everybody).all():
            continue  # all people have the value, or none of the columns is sensitive
        is_empty, inverse = _is_empty(variable, number, most), int(variable.places_in(variable, inverse=True)[number])
        unproved = _unproved(group_set, place, inverse) if inverse >= 0 else np.zeros_like(is_empty)
        for position in np.argwhere(is_occupied & (is_empty | unproved)):
            at = [int(p) for p in position]
            group = derived_group(parts, at)
            is_proved = bool(is_empty[tuple(at)])
            rest_group = None if is_proved else derived_group(group_set.chosen, [*at[:place], inverse, *at[place:]])
            yield _Candidate(group, *named[key], int(least[tuple(at)]), rest_group)


def _unproved(group_set: GroupSet, place: int, inverse: int) -> Bools:
    """Return which groups without a condition are empty in every register so far, and were not decided.

    They are part of a group of certainly few people.
    """
    implied, high = (np.moveaxis(ends, place, 0)[inverse] for ends in (group_set.implied, group_set.high))
    return np.asarray(implied & (high <= 0))


def _is_empty(variable: Variable, number: int, most: np.ndarray) -> Bools:
    """Return which groups certainly have nobody who breaks a condition."""
    inverse = variable.places_in(variable, inverse=True)[number]
    empty: Bools = most[inverse] <= 0 if inverse >= 0 else np.zeros(most.shape[1:], dtype=bool)
    if variable.family is None:
        return empty
    outside = (variable.everybody > 0) & (variable.weights[number] == 0)
    is_possible = np.ones((len(outside), *most.shape[1:]), dtype=bool)
    for other, weights in enumerate(variable.weights):
        is_possible[weights > 0] &= most[other] > 0
    return np.asarray(empty | ~is_possible[outside].any(axis=0))


def _proved(
    fresh: Sequence[_Candidate], earlier: Sequence[_Candidate], prove: ProveEnds
) -> tuple[list[_Candidate], int]:
    """Return the candidates that certainly share a value, and how many could not be decided.

    Those that follow from another one are left out.
    """
    sure = [candidate for candidate in fresh if candidate.least >= 1 and candidate.rest is None]
    kept = _independent(sure, earlier)
    unsure = [candidate for candidate in fresh if candidate.least < 1 or candidate.rest is not None]
    unsure = [candidate for candidate in unsure if not any(map(candidate.follows_from, (*earlier, *kept)))]
    late, unsure = max(len(unsure) - MOST_PROOFS, 0), unsure[:MOST_PROOFS]
    groups = [group for candidate in unsure for group in (candidate.group, candidate.rest or candidate.group)]
    ends = prove(groups) if groups else []
    occupied = []
    for candidate, whole, rest in zip(unsure, ends[::2], ends[1::2], strict=True):
        if whole is None or rest is None:
            late += 1
        elif whole[0] >= 1 and (candidate.rest is None or rest[1] == 0):
            occupied.append(replace(candidate, least=whole[0]))
    return [*kept, *_independent(occupied, [*earlier, *kept])], late


def _independent(candidates: Sequence[_Candidate], earlier: Sequence[_Candidate]) -> list[_Candidate]:
    """Return the simplest candidates, without those that follow from another one."""
    kept: list[_Candidate] = []
    for candidate in sorted(candidates, key=lambda candidate: candidate.group.simplicity):
        if not any(map(candidate.follows_from, (*earlier, *kept))):
            kept.append(candidate)
    return kept
