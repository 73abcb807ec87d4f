"""The hash-chained ledger of the privacy budget."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kerege.base import lazy_names

if TYPE_CHECKING:
    from kerege.evidence.ledger.ledger import Ledger

_HOMES = {"Ledger": ".ledger"}

__all__ = ["Ledger"]

if not TYPE_CHECKING:  # a type checker sees the imports above, and no other name

    def __getattr__(name: str) -> Any:
        return lazy_names.load(__name__, _HOMES, name)
