"""HTCDS 2.0, IOM's Human Trafficking Case Data Standard: fields, our extensions and code crosswalk.

Field list after IOM's HTCDS 2.0 (24 December 2021), https://github.com/UNMigration/HTCDS, CC BY 4.0; changed: marked
with our entities, lists and classes of protection. IOM does not endorse this software. Where the standard contradicts
itself, the picklists of its field sheet apply. Other spellings in circulation are also read (`data/htcds_also.csv`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from kerege.vocabulary import codes
from kerege.vocabulary.code_files import read_csv
from kerege.vocabulary.codes import UnknownCode

VERSION = "2.0"
STATE_VALUES = {"unknown": "Unknown", "not_asked": "NotAsked", "refused": "Refused", "no": "No"}


@dataclass(frozen=True)
class Field:
    """Field of the standard, or one of our extensions (`state` is then `extension`).

    `entity` is our record that holds it, `list` our code list. `values` are the HTCDS codes, `ours` the codes that we
    add. `identifying` fields are exported only with identity. `sealed` fields are free text, encrypted and never
    searched. `repeats` means that several rows of one case add up.
    """

    name: str
    table: str
    type: str
    core: bool
    state: str
    entity: str
    list: str
    identifying: bool
    sealed: bool
    multi: bool
    repeats: bool
    aliases: tuple[str, ...]
    values: tuple[str, ...]
    ours: tuple[str, ...]
    note: str


@cache
def htcds_fields() -> Mapping[str, Field]:
    """Return all 84 fields of HTCDS 2.0 by name, 3 of them deprecated, in the order of the standard.

    Returns
    -------
    mapping of str to Field
        Read-only. Each field names its table, type, code list and protection.

    Notes
    -----
    IOM 2021, Human Trafficking Case Data Standard 2.0, https://github.com/UNMigration/HTCDS.

    Examples
    --------
    >>> len(htcds_fields()), sum(field.core for field in htcds_fields().values())
    (84, 40)
    """
    return _read("htcds.csv")


@cache
def extensions() -> Mapping[str, Field]:
    """Return our documented extension columns by name: ids, services, decisions, inputs of statistics."""
    return _read("htcds_extensions.csv")


def columns() -> dict[str, Field]:
    """Return every column of an exchange file: the fields of the standard, then our extensions."""
    return {**htcds_fields(), **extensions()}


def _read(path: str) -> Mapping[str, Field]:
    return MappingProxyType({row["field"]: _field(row) for row in read_csv(path)})


def _field(row: Mapping[str, str]) -> Field:
    return Field(
        name=row["field"],
        table=row["table"],
        type=row["type"],
        core=row["core"] == "yes",
        state=row["state"],
        entity=row["entity"],
        list=row["list"],
        identifying=row["identifying"] == "yes",
        sealed=row["sealed"] == "yes",
        multi=row["multi"] == "yes",
        repeats=row["repeats"] == "yes",
        aliases=_parts(row["aliases"]),
        values=_parts(row["codes"]),
        ours=_parts(row["ours"]),
        note=row["note"],
    )


def _parts(text: str) -> tuple[str, ...]:
    return tuple(filter(None, text.split("|")))


# other names in circulation (the official XLSForm, our first drafts) -> canonical name
ALIASES = {alias: field.name for field in columns().values() for alias in field.aliases}


def canonical_name(name: str) -> str | None:
    """Return the canonical name of a column in any case or known spelling; None for an unknown one."""
    return _canonical_names().get(name.strip().lower())


@cache
def _canonical_names() -> dict[str, str]:
    return {name.lower(): name for name in columns()} | {alias.lower(): name for alias, name in ALIASES.items()}


def identifying() -> frozenset[str]:
    """Return the columns that identify a person or can hold a name: identifying fields, free texts."""
    return frozenset(name for name, field in columns().items() if field.identifying or field.sealed)


def from_htcds(list_name: str, value: str) -> str:
    """Return our code for an HTCDS value of a list, in any case; '' (not reported) stays ''.

    Parameters
    ----------
    list_name : str
        Name of our code list.
    value : str
        Value of the standard. Our own codes, ISO alpha-3 codes, the answer states and spellings in circulation are read
        too.

    Returns
    -------
    str
        Our code. If several of our codes share the value, the first in the list applies, unless `htcds_also.csv` names
        another.

    Raises
    ------
    UnknownList
        If there is no list of this name.
    UnknownCode
        If no code of the list has this value.

    Notes
    -----
    IOM 2021, Human Trafficking Case Data Standard 2.0.

    Examples
    --------
    >>> from_htcds("sex", "FEMALE"), from_htcds("country", "KAZ")
    ('female', 'KZ')
    """
    if not value.strip():
        return ""
    text = value.strip()
    code = text if text in codes.code_list(list_name).codes else _codes_by_spelling(list_name).get(text.lower())
    if code is None:
        raise UnknownCode(list_name)
    return code


def to_htcds(list_name: str, code: str) -> str:
    """Return the canonical HTCDS value of one of our codes; '' stays ''.

    Parameters
    ----------
    list_name : str
        Name of our code list.
    code : str
        A code of the list, an answer state, or ''.

    Returns
    -------
    str
        The value of the standard. A code of a list outside HTCDS stays our code.

    Raises
    ------
    UnknownList
        If there is no list of this name.
    UnknownCode
        If the list lacks the code.

    Notes
    -----
    IOM 2021, Human Trafficking Case Data Standard 2.0.

    Examples
    --------
    >>> to_htcds("sex", "female"), to_htcds("sex", "not_asked")
    ('female', 'NotAsked')
    """
    if not code or code in STATE_VALUES:
        return STATE_VALUES.get(code, "")
    entry = codes.code_list(list_name).codes.get(code)
    if entry is None:
        raise UnknownCode(list_name)
    return entry.htcds or entry.code


def status_to_htcds(case_status: str, closure_reason: str) -> str:
    """Return `cas_Status` of a case: ClosedReferred for a case closed by transfer."""
    value = to_htcds("case_status", case_status)
    return "ClosedReferred" if value == "Closed" and closure_reason == "transferred" else value


@cache
def _codes_by_spelling(list_name: str) -> dict[str, str]:
    # NO is Norway and No an answer: exact codes take precedence (`from_htcds`), then answers, then other spellings
    known = {code: code for code in STATE_VALUES} | {value.lower(): code for code, value in STATE_VALUES.items()}
    for code in codes.code_list(list_name).codes.values():
        for text in (code.code, code.htcds, *(code.extras.get(name, "") for name in ("alpha3", "alpha3_b"))):
            if text:
                known.setdefault(text.lower(), code.code)
    also = (row for row in read_csv("htcds_also.csv") if row["list"] == list_name)
    return known | {row["value"].lower(): row["code"] for row in also}
