"""Changes of facts in a profile: each fact is found by its path, and every other part stays as it is."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

from kerege.vocabulary.profile_parts import Fact, ProfilePart

Part = TypeVar("Part", bound=ProfilePart)
Change = Callable[[str, Fact], Fact]


def change_facts(part: Part, change: Change, path: str = "") -> Part:
    """Return a part of a profile in which each fact is replaced by the answer of `change` to its path."""
    changes: dict[str, object] = {}
    for name in type(part).model_fields:
        value = getattr(part, name)
        new_value = _change_value(value, change, f"{path}.{name}".lstrip("."))
        if new_value is not value:
            changes[name] = new_value
    return part.model_copy(update=changes) if changes else part


def _change_value(value: object, change: Change, path: str) -> object:
    if isinstance(value, Fact):
        return change(path, value)
    if isinstance(value, ProfilePart):
        return change_facts(value, change, path)
    if isinstance(value, dict):
        changed = {name: _change_value(item, change, f"{path}.{name}") for name, item in value.items()}
        return changed if any(changed[name] is not item for name, item in value.items()) else value
    if isinstance(value, list) and value and isinstance(value[0], Fact):
        items = [_change_value(item, change, f"{path}.{getattr(item, 'id', '')}") for item in value]
        return items if any(new is not old for new, old in zip(items, value, strict=True)) else value
    return value
