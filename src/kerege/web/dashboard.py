"""Home pages of roles: apps add their parts in `dashboard.py`."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from kerege.base.registry import DEFAULT_ORDER, Registry


@dataclass(frozen=True)
class DashboardPanel:
    """Part of a role's home page: a template and the function that reads its context for an actor.

    A lower `order` comes first.
    """

    role: str
    template: str
    read: Callable[[Any], dict[str, Any]]
    order: int = DEFAULT_ORDER

    @property
    def name(self) -> str:
        """Return role and template, which together are unique."""
        return f"{self.role} {self.template}"


dashboard: Registry[DashboardPanel] = Registry("parts of a home page")
