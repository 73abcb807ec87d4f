"""Errors that people can act on: what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True)
class Fault:
    """One thing wrong with an input. `what` and `todo` never repeat the value of an identifying field."""

    what: str
    todo: str
    file: str = ""
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        where = [f"row {self.row}"] if self.row is not None else []
        if self.column:
            where.append(f"column {self.column}")
        parts = [self.file, ", ".join(where), f"{self.what}, {self.todo}"]
        return ": ".join(part for part in parts if part)


class BadInput(Exception):
    """Bad usage or bad input (exit code 2): one line a fault, nothing written."""

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults = [faults] if isinstance(faults, Fault) else list(faults)
        super().__init__("\n".join(map(str, self.faults)))


class Refused(Exception):
    """The request was understood and is not granted (exit code 1): a gate, a ledger, a permission."""
