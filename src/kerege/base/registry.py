"""Lists to which several packages contribute, such as menu items, jobs and access rules."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

DEFAULT_ORDER = 50


class Contribution(Protocol):
    """An item of a registry: its name is unique, and a lower `order` comes first."""

    @property
    def name(self) -> str:
        """Return the name under which the item is found."""
        ...

    @property
    def order(self) -> int:
        """Return the place in the list."""
        ...


Item = TypeVar("Item", bound=Contribution)
Value = TypeVar("Value")


class Registry(Generic[Item]):
    """A list of contributions, sorted by `order` and then by name.

    The order does not depend on which module is imported first. Packages add their items while Django starts, in one
    thread; after that the list is only read. `add` replaces the whole mapping, so a reader never sees half of it.
    """

    def __init__(self, title: str) -> None:
        """Name the list; the title appears in error messages."""
        self.title = title
        self._items: dict[str, Item] = {}

    def add(self, *items: Item) -> None:
        """Add items. Raise ValueError, and add none of them, when two items have one name."""
        found = dict(self._items)
        for item in items:
            if item.name in found:
                raise ValueError(f"two {self.title} are named {item.name!r}")
            found[item.name] = item
        self._items = dict(sorted(found.items(), key=lambda pair: (pair[1].order, pair[0])))

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
    """An item for a value that has no name and no order of its own, such as a function."""

    name: str
    value: Value
    order: int = DEFAULT_ORDER
