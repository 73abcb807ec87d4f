"""The actor: a user in one of their agencies, or the system's operator at the command line."""

from __future__ import annotations

import getpass
from dataclasses import dataclass, field
from uuid import UUID

OPERATOR = "operator"


@dataclass(frozen=True)
class Actor:
    """The user or process that acts.

    `label` is what the audit log writes; roles are those held in `agency_id`.
    """

    label: str
    user_id: UUID | None = None
    agency_id: UUID | None = None
    roles: frozenset[str] = field(default_factory=frozenset)

    @property
    def reference(self) -> str:
        """Return user and agency as ids, for work that the user asks for; '' for an operator or a system."""
        return f"{self.user_id}:{self.agency_id or ''}" if self.user_id else ""

    @classmethod
    def system(cls, name: str = "") -> Actor:
        """Return the operator of a command or a scheduled job; without a name, the system user."""
        return cls(label=f"cli:{name or _system_user()}", roles=frozenset({OPERATOR}))


def _system_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "system"
