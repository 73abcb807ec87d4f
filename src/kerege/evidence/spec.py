"""What a release shall hold: `SPEC.toml`, read and checked against the snapshots before anything is counted."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from kerege.evidence.protect import LEAST, THRESHOLD
from kerege.evidence.snapshot import Snapshot, shown
from kerege.standard.faults import BadInput, Fault

LANGUAGES = ("kk", "ru", "en")
NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")
KEYS = {"name", "of", "by", "where", "method", "params", "title"}
Title = dict[str, str]


@dataclass(frozen=True)
class TableSpec:
    """One table of a release."""

    name: str
    of: str
    by: list[str]
    where: dict[str, list[str]]
    title: Title
    method: str = "suppress"
    threshold: int = THRESHOLD


@dataclass(frozen=True)
class Spec:
    """A release: its title, its period, its tables."""

    title: Title
    period: str
    tables: list[TableSpec]
    threshold: int = THRESHOLD
    source: dict[str, Any] = field(default_factory=dict)


def read(path: Path) -> Spec:
    """Read a specification; raises BadInput with one sentence a fault."""
    try:
        tree = tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except OSError:
        raise BadInput(Fault("cannot be read", "check the path", file=str(path))) from None
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadInput(Fault(f"is not TOML ({error})", "correct it", file=str(path))) from None
    return parse(tree, str(path))


def parse(tree: dict[str, Any], file: str = "spec") -> Spec:
    """Check the parts of a specification; raises BadInput."""
    faults: list[Fault] = []
    entries = tree.get("table")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise BadInput(Fault("has no table", "add at least one [[table]]", file=file))
    threshold = tree.get("threshold", THRESHOLD)
    faults += _threshold(threshold, file, "threshold")
    if not _title(tree.get("title")):
        faults.append(Fault("has no title", 'add title = "..." or title = {kk, ru, en}', file, column="title"))
    if not re.fullmatch(r"\d{4}([-/].{1,12})?", str(tree.get("period", ""))):
        faults.append(Fault("has no period", 'add period = "2025"', file, column="period"))
    for number, entry in enumerate(entries, 1):
        faults += _table_faults(entry, number, file)
    names = [str(entry.get("name")) for entry in entries]
    faults += [Fault(f"two tables are called {shown(name)}", "rename one", file) for name in _twice(names)]
    if faults:
        raise BadInput(faults)
    tables = [_table(entry, threshold) for entry in entries]
    return Spec(_title(tree["title"]), str(tree["period"]), tables, threshold, tree)


def _twice(names: list[str]) -> Iterable[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _threshold(value: Any, file: str, column: str) -> list[Fault]:
    if not isinstance(value, int) or isinstance(value, bool) or value < LEAST:
        return [
            Fault(f"a threshold is a whole number of at least {LEAST}", f"give {LEAST} or more", file, column=column)
        ]
    return []


def _title(value: Any) -> Title:
    if isinstance(value, str) and value.strip():
        return dict.fromkeys(LANGUAGES, value)
    if isinstance(value, dict) and all(isinstance(value.get(language), str) for language in LANGUAGES):
        return {language: value[language] for language in LANGUAGES}
    return {}


def _table_faults(entry: dict[str, Any], number: int, file: str) -> list[Fault]:
    name = entry.get("name")
    if not isinstance(name, str) or not name:
        return [Fault(f"table {number} has no name", "give it one", file)]
    if not NAME.fullmatch(name):
        todo = "use small letters, digits, - and _, at most 64"
        return [Fault(f"table {number} has a name that is no safe file name", todo, file)]
    return [Fault(f"table {name}: {what}", todo, file) for what, todo in _wrong(entry)]


def _wrong(entry: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if extra := set(entry) - KEYS:
        yield f"unknown key {shown(min(extra))}", f"use {', '.join(sorted(KEYS))}"
    if not isinstance(entry.get("of"), str):
        yield "`of` is missing", "name the unit of a snapshot, such as victims"
    if not _strings(entry.get("by", [])):
        yield "`by` is no list of columns", 'write by = ["sex"]'
    where = entry.get("where", {})
    if not isinstance(where, dict) or not all(isinstance(v, str) or (_strings(v) and v) for v in where.values()):
        yield "`where` is no filter", 'write where = {column = "value"} or {column = ["a", "b"]}'
    if entry.get("method", "suppress") != "suppress":
        yield f"unknown method {shown(str(entry['method']))}", "use suppress"
    params = entry.get("params", {})
    if not isinstance(params, dict) or set(params) - {"threshold"}:
        yield "unknown parameters", "the method suppress takes threshold"
    elif _threshold(params.get("threshold", THRESHOLD), "", ""):
        yield f"the threshold is below {LEAST}", f"give a whole number of {LEAST} or more"
    if "title" in entry and not _title(entry["title"]):
        yield "the title lacks a language", "give a string or kk, ru and en"


def _strings(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)


def _table(entry: dict[str, Any], threshold: int) -> TableSpec:
    where = {name: [value] if isinstance(value, str) else list(value) for name, value in entry.get("where", {}).items()}
    own = int(entry.get("params", {}).get("threshold", threshold))
    title = _title(entry.get("title")) or dict.fromkeys(LANGUAGES, entry["name"])
    return TableSpec(entry["name"], entry["of"], entry.get("by", []), where, title, "suppress", max(own, threshold))


def units(snapshots: Iterable[Snapshot]) -> dict[str, Snapshot]:
    """Snapshots by unit; raises BadInput when two have the same."""
    found: dict[str, Snapshot] = {}
    for snapshot in snapshots:
        if snapshot.unit in found:
            fault = Fault(f"a second snapshot of {snapshot.unit}", "give one snapshot a unit", file=snapshot.path)
            raise BadInput(fault)
        found[snapshot.unit] = snapshot
    return found
