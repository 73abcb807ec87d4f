"""HTCDS 2.0, the Human Trafficking Case Data Standard of IOM: its fields, our extensions, the crosswalk with our lists.

Field list after IOM's HTCDS 2.0 (24 December 2021), https://github.com/UNMigration/HTCDS, CC BY 4.0; changed: marked
with our entities, lists and classes of protection. IOM does not endorse this software. Where the standard contradicts
itself, the picklists of its field sheet are followed; other spellings in circulation are read as well
(`data/htcds_also.csv`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType

from kerege.vocabulary import codes
from kerege.vocabulary.codes import UnknownCode, read_csv

VERSION = "2.0"
STATE_VALUES = {"unknown": "Unknown", "not_asked": "NotAsked", "refused": "Refused", "no": "No"}


@dataclass(frozen=True)
class Field:
    """One field of the standard, or an extension of ours (`state` is then `extension`).

    `entity` is the record of ours that holds it; `list` our code list; `values` the HTCDS codes and `ours` those that
    we add to them. `identifying` fields leave only with identity; `sealed` ones are free text, kept encrypted and never
    searched; `repeats` means several rows of one case add up.
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

    Examples
    --------
    >>> len(htcds_fields()), sum(field.core for field in htcds_fields().values())
    (84, 40)
    """
    return _read("htcds.csv")


@cache
def extensions() -> Mapping[str, Field]:
    """Our documented extension columns by name: ids, services, decisions and what the statistics need besides."""
    return _read("htcds_extensions.csv")


def columns() -> dict[str, Field]:
    """Every column of an exchange file: the fields of the standard, then our extensions."""
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


# names in circulation (the official XLSForm, our first drafts) -> the canonical name
ALIASES = {alias: field.name for field in columns().values() for alias in field.aliases}


def canonical_name(name: str) -> str | None:
    """The canonical name of a column, whatever its case and spelling; None for a column that nobody knows."""
    return _names().get(name.strip().lower())


@cache
def _names() -> dict[str, str]:
    return {name.lower(): name for name in columns()} | {alias.lower(): name for alias, name in ALIASES.items()}


def identifying() -> frozenset[str]:
    """The columns that identify a person or may hold a name: free texts and identifying fields."""
    return frozenset(name for name, field in columns().items() if field.identifying or field.sealed)


def from_htcds(list_name: str, value: str) -> str:
    """Return our code for an HTCDS value of a list, whatever its case; '' is '' (not reported).

    Also read: our own codes, ISO alpha-3 codes, the answer states, and spellings in circulation. Where several codes of
    ours share a value, the list's first one is meant unless `htcds_also.csv` says otherwise. Raises UnknownCode.

    Examples
    --------
    >>> from_htcds("sex", "FEMALE"), from_htcds("country", "KAZ")
    ('female', 'KZ')
    """
    if not value.strip():
        return ""
    text = value.strip()
    code = text if text in codes.code_list(list_name).codes else _ours(list_name).get(text.lower())
    if code is None:
        raise UnknownCode(list_name)
    return code


def to_htcds(list_name: str, code: str) -> str:
    """Return the canonical HTCDS value of one of our codes; '' is ''. A list that HTCDS does not know keeps our codes.

    Raises UnknownCode.

    Examples
    --------
    >>> to_htcds("sex", "female"), to_htcds("sex", "not_asked")
    ('female', 'NotAsked')
    """
    if not code or code in STATE_VALUES:
        return STATE_VALUES.get(code, "")
    found = codes.code_list(list_name).codes.get(code)
    if found is None:
        raise UnknownCode(list_name)
    return found.htcds or found.code


def status_to_htcds(case_status: str, closure_reason: str) -> str:
    """`cas_Status` of a case: a closed case that was transferred is ClosedReferred."""
    value = to_htcds("case_status", case_status)
    return "ClosedReferred" if value == "Closed" and closure_reason == "transferred" else value


@cache
def _ours(list_name: str) -> dict[str, str]:
    # NO is Norway and No an answer: a code as the list writes it wins, then the answers, then other spellings
    known = {code: code for code in STATE_VALUES} | {value.lower(): code for code, value in STATE_VALUES.items()}
    for code in codes.code_list(list_name).codes.values():
        for text in (code.code, code.htcds, *(code.extras.get(name, "") for name in ("alpha3", "alpha3_b"))):
            if text:
                known.setdefault(text.lower(), code.code)
    also = (row for row in read_csv("htcds_also.csv") if row["list"] == list_name)
    return known | {row["value"].lower(): row["code"] for row in also}
