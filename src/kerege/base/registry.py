"""Lists to which several packages contribute, such as menu items, jobs and access rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

DEFAULT_ORDER = 50


class Contribution(Protocol):
    """An item of a registry: its name is unique, and a lower `order` comes first."""

    @property
    def name(self) -> str:
        """Return the unique name of the item."""
        ...

    @property
    def order(self) -> int:
        """Return the sort position; lower comes first."""
        ...


Item = TypeVar("Item", bound=Contribution)
Value = TypeVar("Value")


class Registry(Generic[Item]):
    """A list of contributions, sorted by `order` and then by name.

    The order does not depend on which module is imported first. Packages add their items while Django starts, in one
    thread; after that the list is only read. `add` replaces the whole mapping, so a reader never sees a partial list.
    """

    def __init__(self, title: str) -> None:
        """Create an empty list; the title appears in error messages."""
        self.title = title
        self._items: dict[str, Item] = {}

    def add(self, *items: Item) -> None:
        """Add items. Raise ValueError and add none of them if two items have the same name."""
        items_by_name = dict(self._items)
        for item in items:
            if item.name in items_by_name:
                raise ValueError(f"two {self.title} are named {item.name!r}")
            items_by_name[item.name] = item
        self._items = dict(sorted(items_by_name.items(), key=lambda pair: (pair[1].order, pair[0])))

    def all(self) -> tuple[Item, ...]:
        """Return every item, sorted."""
        return tuple(self._items.values())

    def get(self, name: str) -> Item | None:
        """Return the item with this name, or None."""
        return self._items.get(name)

    def __contains__(self, name: object) -> bool:
        """Return whether an item has this name."""
        return name in self._items


@dataclass(frozen=True)
class Entry(Generic[Value]):
    """Registry item for a value without a name and an order of its own, such as a function."""

    name: str
    value: Value
    order: int = DEFAULT_ORDER
