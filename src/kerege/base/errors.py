"""Errors that say what is wrong, where, and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from kerege.base.message_text import shown

if TYPE_CHECKING:
    from pydantic import ValidationError

MOST_FAULTS = 20  # faults of one file that are listed; the rest is only counted
MOST_STEPS = 6  # steps of a place inside a file that are shown
FAULT = "fault"  # type of the pydantic errors whose context holds `what` and `todo`
# the type of a pydantic error -> what is wrong with the value at its place, and what to do
_SENTENCES = {
    "missing": ("is missing", "add it"),
    "extra_forbidden": ("is an unknown key", "remove it or correct its spelling"),
    "string_type": ("is not text", "put it in quotes"),
    "int_type": ("is not a whole number", "give one"),
    "float_type": ("is not a number", "give one"),
    "finite_number": ("is not a finite number", "give one"),
    "bool_type": ("is neither true nor false", "give one of them"),
    "list_type": ("is not a list", "give a list"),
    "dict_type": ("is not a set of named values", "give values by name"),
    "model_type": ("is not a set of named values", "give values by name"),
}


@dataclass(frozen=True)
class Fault:
    """A fault of an input, its place and its remedy.

    `what` and `todo` contain no value of an identifying field.
    """

    what: str
    todo: str
    file: str = ""
    row: int | None = None
    column: str = ""

    def __str__(self) -> str:
        where = [f"row {self.row}"] if self.row is not None else []
        if self.column:
            where.append(f"column {self.column}")
        parts = [self.file, ", ".join(where), ", ".join(filter(None, (self.what, self.todo)))]
        return ": ".join(part for part in parts if part)


class BadInput(Exception):
    """Bad usage or bad input (exit code 2), with one line per fault; nothing was written."""

    def __init__(self, faults: Fault | Iterable[Fault]) -> None:
        self.faults = [faults] if isinstance(faults, Fault) else list(faults)
        super().__init__("\n".join(map(str, self.faults)))


class Refused(Exception):
    """A valid request that a gate, a ledger or a permission does not allow (exit code 1)."""


def from_validation(error: ValidationError, file: str) -> BadInput:
    """Return the faults of a model that did not validate: the place, what is wrong, what to do.

    The messages contain no value of the input. Keys appear as parts of places, cleaned by `shown`.
    """
    errors = error.errors(include_url=False, include_input=False)
    faults = [_of_validation(dict(details), file) for details in islice(errors, MOST_FAULTS)]
    if more := len(errors) - len(faults):
        faults.append(Fault(f"has {more} more faults", "correct these first", file))
    return BadInput(faults)


def _of_validation(error: dict[str, Any], file: str) -> Fault:
    context = error.get("ctx", {})
    if error["type"] == FAULT:
        number = next((step + 1 for step in reversed(error["loc"]) if isinstance(step, int)), 0)
        what = f"{context['kind']} {number} {context['what']}" if "kind" in context else context["what"]
        return Fault(what, context["todo"], file, column=context.get("column", ""))
    where = place(error["loc"])
    if error["type"] in _SENTENCES:
        what, todo = _SENTENCES[error["type"]]
        return Fault(f"{where or 'the file'} {what}", todo, file)
    message = shown(str(error["msg"]).removeprefix("Value error, "), 200)
    what = message[:1].lower() + message[1:]
    return Fault(f"{where}: {what}" if where else what, "correct it", file)


def place(steps: Iterable[str | int]) -> str:
    """Return a place inside a file for a message, such as `tables[0].name`."""
    text = ""
    for step in islice(steps, MOST_STEPS):
        text += f"[{step}]" if isinstance(step, int) else f"{'.' if text else ''}{shown(step)}"
    return text
