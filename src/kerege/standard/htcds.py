"""HTCDS 2.0, the Human Trafficking Case Data Standard of IOM: its fields and the crosswalk with our code lists.

Field list after IOM's HTCDS 2.0 (24 December 2021), CC BY 4.0; IOM does not endorse this software. Where the standard
contradicts itself, the picklists of its field sheet are followed; other spellings in circulation are read as aliases.
"""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from functools import cache
from importlib import resources

from kerege.standard import codes

VERSION = "2.0"
# names in circulation (the official XLSForm) beside the standard's own
ALIASES = {
    "prs_First_Name": "prs_FirstName",
    "prs_Middle_Name": "prs_MiddleName",
    "prs_Second_Name": "prs_SecondName",
    "vic_Methods_of_Control": "vic_MethodsOfControl",
}


@dataclass(frozen=True)
class Field:
    """One field: `values` are its HTCDS codes, `list` ours; `identifying` ones never leave without identity."""

    name: str
    table: str
    type: str
    core: bool
    state: str
    list: str
    identifying: bool
    values: tuple[str, ...]
    note: str

    @property
    def multi(self) -> bool:
        """Whether a cell holds several values."""
        return self.type.startswith("Multiselect")


@cache
def fields() -> dict[str, Field]:
    """All 84 fields by name, 3 of them deprecated, in the order of the standard."""
    text = (resources.files("kerege.standard") / "data" / "htcds.csv").read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text))
    return {row["field"]: _field(row) for row in rows}


def _field(row: dict[str, str]) -> Field:
    return Field(
        name=row["field"],
        table=row["table"],
        type=row["type"],
        core=row["core"] == "yes",
        state=row["state"],
        list=row["list"],
        identifying=row["identifying"] == "yes",
        values=tuple(row["codes"].split("|")) if row["codes"] else (),
        note=row["note"],
    )


@cache
def _twins(name: str) -> tuple[dict[str, str], dict[str, str]]:
    listed = [*codes.code_list(name).codes.values(), *codes.code_list("answer").codes.values()]
    ours: dict[str, str] = {}
    for code in listed:
        if code.htcds:
            ours.setdefault(code.htcds.lower(), code.code)
    return ours, {code.code: code.htcds for code in listed}


def from_htcds(name: str, value: str) -> str:
    """Our code of a list for an HTCDS value, whatever its case; raises LookupError."""
    ours, _ = _twins(name)
    if value.lower() not in ours:
        raise LookupError(f"no HTCDS value {value!r} in the list {name!r}")
    return ours[value.lower()]


def to_htcds(name: str, code: str) -> str:
    """The HTCDS value of one of our codes; raises LookupError where the standard has none."""
    _, theirs = _twins(name)
    if not theirs.get(code):
        raise LookupError(f"HTCDS has no value for {code!r} of the list {name!r}")
    return theirs[code]
