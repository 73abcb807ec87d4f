"""A registry has one order, independent of the order of additions, and no duplicate names."""

from __future__ import annotations

from itertools import permutations

import pytest

from kerege.base.registry import Entry, Registry

ITEMS = (Entry("b", 1, order=20), Entry("a", 2, order=20), Entry("c", 3, order=10), Entry("d", 4))


@pytest.mark.parametrize("added", list(permutations(ITEMS)))
def test_the_order_does_not_depend_on_the_order_of_additions(added: tuple[Entry[int], ...]) -> None:
    registry: Registry[Entry[int]] = Registry("items")
    for item in added:
        registry.add(item)
    assert [item.name for item in registry.all()] == ["c", "a", "b", "d"]


def test_a_duplicate_name_is_an_error_and_nothing_is_added() -> None:
    registry: Registry[Entry[int]] = Registry("items")
    registry.add(ITEMS[0])
    with pytest.raises(ValueError, match="two items are named 'b'"):
        registry.add(ITEMS[1], Entry("b", 9, order=1))
    assert registry.all() == (ITEMS[0],)
    with pytest.raises(ValueError, match="two items are named 'a'"):
        registry.add(ITEMS[1], ITEMS[1])
    assert registry.all() == (ITEMS[0],)


def test_an_item_is_found_by_its_name() -> None:
    registry: Registry[Entry[int]] = Registry("items")
    registry.add(*ITEMS)
    assert registry.get("c") == ITEMS[2]
    assert registry.get("e") is None
    assert "c" in registry
    assert "e" not in registry


def test_a_list_that_was_read_does_not_change() -> None:
    registry: Registry[Entry[int]] = Registry("items")
    registry.add(ITEMS[0])
    read = registry.all()
    registry.add(ITEMS[1])
    assert len(read) == 1
    assert len(registry.all()) == 2
