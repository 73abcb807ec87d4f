"""What a release shall hold: `SPEC.toml`, read and checked against the snapshots before anything is counted."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed, shown
from kerege.base.multilingual_titles import LANGUAGES, Title, name_fault
from kerege.base.multilingual_titles import title_of as _title
from kerege.evidence.release import method_params
from kerege.evidence.release.method_params import THRESHOLD
from kerege.evidence.release.spec import microdata
from kerege.evidence.release.spec import prevalence as estimates
from kerege.evidence.release.spec.microdata import MicrodataSpec
from kerege.evidence.release.spec.prevalence import EstimateSpec

if TYPE_CHECKING:
    from kerege.evidence.data.snapshot import Snapshot

KEYS = {"name", "of", "by", "where", "method", "params", "title"}
TOP = {"title", "period", "threshold", "sensitive", "embargo", "prose", "revision_of", "revision_note", "table",
       "microdata", "estimate"}  # fmt: skip


@dataclass(frozen=True)
class TableSpec:
    """One table of a release. `params` holds the method's parameters with their defaults, `sensitive` the columns of
    which a group may not share one value (empty: those of the standard)."""

    name: str
    of: str
    by: list[str]
    where: dict[str, list[str]]
    title: Title
    method: str = "suppress"
    threshold: int = THRESHOLD
    params: dict[str, Any] = field(default_factory=dict)
    sensitive: list[str] = field(default_factory=list)

    @property
    def rho(self) -> float:
        """The privacy loss (zCDP) of drawing this table."""
        return float(self.params["rho"]) if self.method == "dp" else 0.0


@dataclass(frozen=True)
class Spec:
    """A release: its title, its period, its tables, its synthetic records and estimates, and what is said about it."""

    title: Title
    period: str
    tables: list[TableSpec]
    threshold: int = THRESHOLD
    source: dict[str, Any] = field(default_factory=dict)
    embargo: str | None = None
    prose: Title = field(default_factory=dict)
    revision_of: str | None = None
    revision_note: Title = field(default_factory=dict)
    microdata: list[MicrodataSpec] = field(default_factory=list)
    estimates: list[EstimateSpec] = field(default_factory=list)

    @property
    def rho(self) -> float:
        """The privacy loss (zCDP) of all its tables, if each is drawn anew; that of records is told with them."""
        return sum(table.rho for table in self.tables)


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
    if isinstance(moment := tree.get("embargo"), datetime):
        tree = tree | {"embargo": moment.isoformat()}
    entries = tree.get("table")
    if not isinstance(entries, list) or not entries or not all(isinstance(entry, dict) for entry in entries):
        raise BadInput(Fault("has no table", "add at least one [[table]]", file=file))
    faults = [Fault(what, todo, file, column=column) for column, what, todo in _top(tree)]
    for number, entry in enumerate(entries, 1):
        faults += _table_faults(entry, number, file)
    names = [str(entry.get("name")) for entry in entries]
    faults += [Fault(f"two tables are called {shown(name)}", "rename one", file) for name in _twice(names)]
    faults += microdata.faults(tree.get("microdata", []), file)
    faults += estimates.faults(tree.get("estimate", []), file)
    if faults:
        raise BadInput(faults)
    threshold = tree.get("threshold", THRESHOLD)
    tables = [_table(entry, threshold, tree.get("sensitive", [])) for entry in entries]
    return Spec(
        _title(tree["title"]), str(tree["period"]), tables, threshold, tree, tree.get("embargo"),
        _title(tree.get("prose")), tree.get("revision_of"), _title(tree.get("revision_note")),
        [microdata.parse(entry) for entry in tree.get("microdata", [])],
        [estimates.parse(entry) for entry in tree.get("estimate", [])],
    )  # fmt: skip


def _top(tree: dict[str, Any]) -> Iterator[tuple[str, str, str]]:
    """What is wrong above the tables: key, what, what to do."""
    if extra := sorted(set(tree) - TOP):
        yield "", f"unknown key {listed(extra)}", f"use {', '.join(sorted(TOP))}"
    for what, todo in method_params.threshold_fault(tree.get("threshold", THRESHOLD)):
        yield "threshold", what, todo
    if not _title(tree.get("title")):
        yield "title", "has no title", 'add title = "..." or title = {kk, ru, en}'
    if not re.fullmatch(r"\d{4}([-/].{1,12})?", str(tree.get("period", ""))):
        yield "period", "has no period that begins with a year", 'write period = "2025"'
    if not method_params.is_names(tree.get("sensitive", [])):
        yield "sensitive", "`sensitive` is no list of columns", 'write sensitive = ["exploitation"]'
    if "embargo" in tree and not _is_moment(tree["embargo"]):
        yield "embargo", "the embargo is no time with its offset", 'write embargo = "2026-07-30T10:00:00+05:00"'
    for name in ("prose", "revision_note"):
        if name in tree and not (isinstance(tree[name], dict) and _title(tree[name])):
            yield name, f"`{name}` lacks a language", "give kk, ru and en"
    if "revision_of" in tree and not (isinstance(tree["revision_of"], str) and tree["revision_of"].strip()):
        yield "revision_of", "`revision_of` names no release", 'write revision_of = "annual-2025"'
    if ("revision_of" in tree) != ("revision_note" in tree):
        yield "revision_note", "a revision takes `revision_of` and `revision_note`", "give both or none"


def _is_moment(value: Any) -> bool:
    """Whether a value is a time as text that says how far it is from UTC."""
    try:
        return isinstance(value, str) and datetime.fromisoformat(value).utcoffset() is not None
    except ValueError:
        return False


def _twice(names: list[str]) -> Iterable[str]:
    return sorted({name for name in names if names.count(name) > 1})


def _table_faults(entry: dict[str, Any], number: int, file: str) -> list[Fault]:
    name = entry.get("name")
    if fault := name_fault("table", number, name, file):
        return [fault]
    return [Fault(f"table {name}: {what}", todo, file) for what, todo in _wrong(entry)]


def _wrong(entry: dict[str, Any]) -> Iterable[tuple[str, str]]:
    if extra := set(entry) - KEYS:
        yield f"unknown key {shown(min(extra))}", f"use {', '.join(sorted(KEYS))}"
    if not isinstance(entry.get("of"), str):
        yield "`of` is missing", "name the unit of a snapshot, such as victims"
    if not method_params.is_names(entry.get("by", [])):
        yield "`by` is no list of columns", 'write by = ["sex"]'
    if not _is_filter(entry.get("where", {})):
        yield "`where` is no filter", 'write where = {column = "value"} or {column = ["a", "b"]}'
    yield from method_params.faults(entry.get("method", "suppress"), entry.get("params", {}))
    if "title" in entry and not _title(entry["title"]):
        yield "the title lacks a language", "give a string or kk, ru and en"


def _is_filter(where: Any) -> bool:
    return isinstance(where, dict) and all(
        isinstance(values, str) or (method_params.is_names(values) and values) for values in where.values()
    )


def _table(entry: dict[str, Any], threshold: int, sensitive: list[str]) -> TableSpec:
    where = {name: [value] if isinstance(value, str) else list(value) for name, value in entry.get("where", {}).items()}
    title = _title(entry.get("title")) or dict.fromkeys(LANGUAGES, entry["name"])
    method, given = entry.get("method", "suppress"), entry.get("params", {})
    params = method_params.complete(method, given, threshold)
    own = max(int(params.get("threshold", threshold)), threshold)
    if method == "suppress":
        params["threshold"] = own
    return TableSpec(entry["name"], entry["of"], entry.get("by", []), where, title, method, own, params,
                     list(given.get("sensitive", sensitive)))  # fmt: skip


def units(snapshots: Iterable[Snapshot]) -> dict[str, Snapshot]:
    """Snapshots by unit; raises BadInput when two have the same."""
    found: dict[str, Snapshot] = {}
    for snapshot in snapshots:
        if snapshot.unit in found:
            fault = Fault(f"a second snapshot of {snapshot.unit}", "give one snapshot a unit", file=snapshot.path)
            raise BadInput(fault)
        found[snapshot.unit] = snapshot
    return found
