"""Groups that differ in the single value of one column only, as one group with any of these values."""

from __future__ import annotations

from collections.abc import Sequence

from kerege.evidence.sdc.composition.planned_tables import DerivableGroup, GroupCondition

SINGLE = ("value", "each")


def merge_values(groups: Sequence[DerivableGroup]) -> list[DerivableGroup]:
    """Return the groups, with those merged that differ in the single value of one column only."""
    merged = list(groups)
    columns = dict.fromkeys(condition.column for group in groups for condition in group.conditions)
    for column in columns:
        merged = _merge_column(merged, column)
    return merged


def _merge_column(groups: Sequence[DerivableGroup], column: str) -> list[DerivableGroup]:
    by_rest: dict[tuple[object, ...], list[DerivableGroup]] = {}
    for number, group in enumerate(groups):
        on_column = [condition for condition in group.conditions if condition.column == column]
        is_single = len(on_column) == 1 and on_column[0].kind in SINGLE and len(group.conditions) > 0
        rest = frozenset(condition for condition in group.conditions if condition.column != column)
        tables = tuple(sorted((table.release, table.name) for table in group.tables))
        key = (rest, tables, len(group.conditions)) if is_single else (number,)
        by_rest.setdefault(key, []).append(group)
    return [merged for alike in by_rest.values() for merged in _merge_alike(alike, column)]


def _merge_alike(groups: Sequence[DerivableGroup], column: str) -> list[DerivableGroup]:
    """Return one group for all values, or one for the named values and one for each of the others."""
    if len(groups) == 1:
        return list(groups)
    conditions = [_condition_on(group, column) for group in groups]
    others = next((condition for condition in conditions if condition.is_other), None)
    named = [condition for condition in conditions if not condition.is_other]
    codes = tuple(dict.fromkeys(code for condition in named for code in condition.codes))
    if others is not None and set(codes) >= set(others.codes):
        return [_with_condition(groups[0], GroupCondition(column, "each"))]
    kept = [_with_condition(groups[0], GroupCondition(column, "each" if len(codes) > 1 else "value", codes))]
    return kept + ([_with_condition(groups[0], others)] if others is not None else [])


def _condition_on(group: DerivableGroup, column: str) -> GroupCondition:
    return next(condition for condition in group.conditions if condition.column == column)


def _with_condition(group: DerivableGroup, condition: GroupCondition) -> DerivableGroup:
    """Return a group with another condition on a column."""
    conditions = tuple(condition if present.column == condition.column else present for present in group.conditions)
    return DerivableGroup(conditions, group.tables)
