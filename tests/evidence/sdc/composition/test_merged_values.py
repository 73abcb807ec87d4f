"""Groups that differ in one value are named once: "each of these values", or "each value"."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from kerege.evidence.sdc.composition.merged_values import merge_values
from kerege.evidence.sdc.composition.planned_tables import DerivableGroup, GroupCondition, PlannedTable

FIRST, SECOND = PlannedTable("a", ("sex",)), PlannedTable("b", ("origin",))
MEN = GroupCondition("sex", "value", ("male",))


def on(code: str, column: str = "origin") -> GroupCondition:
    """Return the condition of one code."""
    return GroupCondition(column, "value", (code,))


def group(*conditions: GroupCondition, tables: Sequence[PlannedTable] = (FIRST, SECOND)) -> DerivableGroup:
    """Return a group that two tables give."""
    return DerivableGroup(conditions, tuple(tables))


OTHERS = GroupCondition("origin", "each", ("A", "B", "C"), is_other=True)  # any single code that no table names


def test_groups_of_two_codes_are_one_group_of_each_of_them() -> None:
    (merged,) = merge_values([group(MEN, on("A")), group(MEN, on("B"))])
    assert merged.conditions == (MEN, GroupCondition("origin", "each", ("A", "B")))
    assert merged.tables == (FIRST, SECOND)


def test_one_group_stays_as_it_is() -> None:
    alone = group(MEN, on("A"))
    assert merge_values([alone]) == [alone]
    assert merge_values([]) == []


def test_a_code_that_occurs_twice_is_named_once() -> None:
    (merged,) = merge_values([group(on("A")), group(on("A"))])
    assert merged.conditions == (on("A"),)


def test_all_named_codes_and_all_others_are_every_code() -> None:
    """A, B and C are all that tables name: with the others they are each value, without codes."""
    groups = [group(MEN, on(code)) for code in "ABC"]
    (merged,) = merge_values([*groups, group(MEN, OTHERS)])
    assert merged.conditions == (MEN, GroupCondition("origin", "each"))


def test_some_named_codes_and_all_others_are_two_groups() -> None:
    """C is missing: "each value" would be false."""
    first, second = merge_values([group(MEN, on("A")), group(MEN, OTHERS), group(MEN, on("B"))])
    assert first.conditions == (MEN, GroupCondition("origin", "each", ("A", "B")))
    assert second.conditions == (MEN, OTHERS)


def test_one_named_code_and_all_others_keep_the_code_as_a_value() -> None:
    first, second = merge_values([group(on("A")), group(OTHERS)])
    assert (first.conditions, second.conditions) == ((on("A"),), (OTHERS,))


def test_the_codes_of_an_exchangeable_symbol_are_all_named() -> None:
    either = GroupCondition("origin", "each", ("B", "C"))
    (merged,) = merge_values([group(on("A")), group(either)])
    assert merged.conditions == (GroupCondition("origin", "each", ("A", "B", "C")),)


@pytest.mark.parametrize(
    "other",
    [
        group(GroupCondition("sex", "value", ("female",)), on("B")),  # differs in two columns
        group(MEN, on("B"), tables=[FIRST]),  # other tables give it
        group(MEN, GroupCondition("origin", "none of", ("B",))),  # a complement is not a single value
        group(MEN, GroupCondition("origin", "values", ("B", "C"))),  # codes together are not a single value
        group(on("B")),  # another group: women too
        group(MEN, on("B"), GroupCondition("origin", "none of", ("A",))),  # two conditions on the column
    ],
)
def test_groups_that_differ_in_anything_else_stay_apart(other: DerivableGroup) -> None:
    first = group(MEN, on("A"))
    assert merge_values([first, other]) == [first, other]


def test_the_tables_of_a_group_count_in_any_order_and_with_their_release() -> None:
    swapped = group(on("B"), tables=(SECOND, FIRST))
    assert len(merge_values([group(on("A")), swapped])) == 1
    published = PlannedTable("a", ("sex",), release="Release of May")
    assert len(merge_values([group(on("A")), group(on("B"), tables=(published, SECOND))])) == 2


def test_conditions_in_another_order_are_the_same_group() -> None:
    (merged,) = merge_values([group(MEN, on("A")), group(on("B"), MEN)])
    assert merged.conditions == (MEN, GroupCondition("origin", "each", ("A", "B")))


def test_one_column_after_another_is_merged() -> None:
    """Men and women of A and of B: four groups, one sentence."""
    sexes = [GroupCondition("sex", "value", (code,)) for code in ("female", "male")]
    (merged,) = merge_values([group(sex, on(code)) for sex in sexes for code in "AB"])
    assert merged.conditions == (
        GroupCondition("sex", "each", ("female", "male")),
        GroupCondition("origin", "each", ("A", "B")),
    )


def test_an_incomplete_square_is_merged_in_one_column_only() -> None:
    """Men and women of A, men of B: the group "each sex, each origin" would claim women of B."""
    women = GroupCondition("sex", "value", ("female",))
    merged = merge_values([group(MEN, on("A")), group(women, on("A")), group(MEN, on("B"))])
    pairs = {(sex, code) for one in merged for sex in one.conditions[0].codes for code in one.conditions[1].codes}
    assert pairs == {("male", "A"), ("female", "A"), ("male", "B")}
    assert len(merged) == 2
