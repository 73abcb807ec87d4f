"""The home page of a role: rooms add parts in their `dashboard.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kerege.base.registry import DEFAULT_ORDER, Registry


@dataclass(frozen=True)
class Part:
    """A template for a role, and what it reads for an actor. A lower `order` stands further up."""

    role: str
    template: str
    read: Callable[[Any], dict[str, Any]]
    order: int = DEFAULT_ORDER

    @property
    def name(self) -> str:
        """Return role and template: a role sees a template once."""
        return f"{self.role} {self.template}"


dashboard: Registry[Part] = Registry("parts of a home page")
