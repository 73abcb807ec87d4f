"""Estimates for a release: computed from the snapshot, rounded, and written beside the tables that they belong to.

The table of overlaps is not published: its cells are of few people who are known to several agencies. The number
detected is the total of a protected table of the same release, never a count of its own, so that nothing can be
subtracted from it. Of real people the range alone is told; the panel stays with those who may see the records.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kerege
from kerege.base import csv_cells
from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed, shown
from kerege.base.multilingual_titles import LANGUAGES
from kerege.evidence.counting.frequency_table import TOTAL, Table
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.mse.detections import COLUMN, Detected, snapshot_lists
from kerege.evidence.mse.lists import Lists
from kerege.evidence.release.manifest import PrevalenceEntry, sha
from kerege.evidence.release.prevalence import messages
from kerege.evidence.release.prevalence.chart import svg
from kerege.evidence.release.spec import ReleaseSpec, TableSpec
from kerege.evidence.release.spec.prevalence import PrevalenceSpec, parse

if TYPE_CHECKING:
    from kerege.evidence.release.prevalence.published_figures import Total

FOLDER = "estimates"
FORMAT = "kerege-estimate/1"
PARTS = ("json", "csv", "svg")
HEAD = ("row", "label", "estimate", "lower80", "upper80", "lower95", "upper95")

SWEEPS_A_RESAMPLE = 10
MOST_SWEEPS = 100_000
LEAST_NAMED = 4  # lists of real people: of three, sizes and total leave three numbers open, and a range tells two


@dataclass(frozen=True)
class Asked:
    """An estimate that is asked for, its snapshot, and the table whose total is the number detected."""

    spec: PrevalenceSpec
    snapshot: Snapshot
    table: str


def check(spec: ReleaseSpec, by_unit: Mapping[str, Snapshot]) -> list[Fault]:
    """What is wrong with the estimates of a specification, before anything is computed."""
    return [fault for each in spec.estimates for fault in _wrong(each, spec, by_unit)]


def _wrong(wanted: PrevalenceSpec, spec: ReleaseSpec, by_unit: Mapping[str, Snapshot]) -> list[Fault]:
    called = f"estimate {wanted.name}"
    if wanted.of not in by_unit:
        todo = f"give its snapshot too; there are: {listed(sorted(by_unit)) or 'none'}"
        return [Fault(f"{called}: no snapshot of {shown(wanted.of)}", todo)]
    snapshot = by_unit[wanted.of]
    found = []
    if wanted.planted is not None and not snapshot.invented:
        what = f"{called}: a planted truth beside people who are not invented"
        found.append(Fault(what, "leave `planted` out", snapshot.path))
    if not _counted(wanted, spec.tables):
        what = f"{called}: no table of the release counts the same people, so nothing protects the number detected"
        todo = f"add a [[table]] of {wanted.of} with by = [] and where = {{ year = [...], ... }} of the same persons"
        found.append(Fault(what, todo))
    try:
        lists = snapshot_lists(snapshot, wanted.period, where=wanted.where, lists=wanted.lists).lists
        told = [*_telling(wanted, spec, snapshot, lists.number), *_doubled(lists)]
        found += [Fault(f"{called}: {what}", todo, snapshot.path) for what, todo in told]
    except BadInput as bad:
        found += [
            Fault(f"{called}: {fault.what}", fault.todo, fault.file, fault.row, fault.column) for fault in bad.faults
        ]
    return found


def _doubled(lists: Lists) -> Iterator[tuple[str, str]]:
    if lists.same:
        yield f"the lists {listed(lists.same)} hold the same people", "make one list of them"


def _telling(wanted: PrevalenceSpec, spec: ReleaseSpec, snapshot: Snapshot, lists: int) -> Iterator[tuple[str, str]]:
    """What beside an estimate would tell of real people what a range alone does not.

    `lists` is how many there are with people: a named one with nobody on it leaves as little open as if it were not.
    """
    counted = _counted(wanted, spec.tables)
    if any(each.method == "dp" for each in spec.tables if each.name == counted):
        todo = "protect the table of those detected by suppress or cellkey"
        yield "the number detected is noised, and an estimate from exact counts beside it would undo that", todo
    if snapshot.invented:
        return
    if min(len(wanted.lists), lists) < LEAST_NAMED:
        what = f"real people on {len(wanted.lists)} named lists, {lists} of all with people: from what lists are chosen"
        todo = f"name at least {LEAST_NAMED} in `lists`, with people on them"
        yield f"{what} by size, and from a range on three, overlaps can be worked out", todo
    for each in spec.tables:
        if each.of == wanted.of and COLUMN in {*each.by, *each.where}:
            yield f"the table {each.name} tells how long the lists are", "publish one of the two"


def _counted(wanted: PrevalenceSpec, tables: Sequence[TableSpec]) -> str:
    """The table that counts the same persons, '' when there is none; the plainest of several."""
    same = [each for each in tables if each.of == wanted.of and _filter(each.where) == wanted.filter]
    return min(same, key=lambda each: (len(each.by), each.name)).name if same else ""


def kept(tree: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The estimates of a specification whose table it still has; the specification need not be complete."""
    counted = [(each.get("of"), _filter(each.get("where", {}))) for each in tree.get("table", [])]
    return [entry for entry in tree.get("estimate", []) if (entry["of"], parse(entry).filter) in counted]


def _filter(where: Mapping[str, str | Sequence[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset([values] if isinstance(values, str) else values) for name, values in where.items()}


def make(
    spec: ReleaseSpec, by_unit: Mapping[str, Snapshot], tables: Sequence[Table], folder: Path
) -> list[PrevalenceEntry]:
    """Write the estimates of a specification to `folder`/estimates; returns what the manifest says of them."""
    (folder / FOLDER).mkdir()
    by_name = {table.name: table for table in tables}
    found = []
    for each in spec.estimates:
        table = by_name[_counted(each, spec.tables)]
        found.append(_one(each, by_unit[each.of], table, spec.threshold, folder / FOLDER))
    return found


def _one(wanted: PrevalenceSpec, snapshot: Snapshot, table: Table, threshold: int, folder: Path) -> PrevalenceEntry:
    detected = snapshot_lists(snapshot, wanted.period, where=wanted.where, lists=wanted.lists)
    total = _total(table)
    figures = _figures(wanted, snapshot, detected, total, threshold)
    return written(_about(wanted, snapshot, detected) | figures, folder)


def written(content: Mapping[str, Any], folder: Path) -> PrevalenceEntry:
    """Write the files of an estimate; returns what the manifest says of it."""
    files = {"json": _json(content), "csv": _csv(content), "svg": svg(content)}
    for suffix, text in files.items():
        (folder / f"{content['name']}.{suffix}").write_text(text, encoding="utf-8")
    return _entry(content, folder)


def _total(table: Table) -> Total | None:
    """The number detected as the release tells it; None when it does not."""
    from kerege.evidence.release.prevalence.published_figures import Total

    cell = table.cells.get((TOTAL,) * len(table.by))
    if cell is None or cell.count is None:
        return None
    return Total(table.name, cell.count, cell.status)


def _figures(
    wanted: PrevalenceSpec, snapshot: Snapshot, detected: Detected, total: Total | None, threshold: int
) -> dict[str, Any]:
    """What is told of the panel, or the rule under which nothing is."""
    # what compiles and solves is loaded only when an estimate is made
    from kerege.evidence.mse.panels.panel import panel
    from kerege.evidence.release.prevalence.published_figures import told, told_nothing, told_range

    if total is None:
        return told_nothing(None, "detected_withheld")
    # who asks for few resamples is in a hurry, and gets shorter chains too: they say themselves if they are too short
    sweeps = min(MOST_SWEEPS, SWEEPS_A_RESAMPLE * wanted.bootstrap)
    found = panel(detected.lists, methods=wanted.methods, times=wanted.bootstrap, seed=wanted.seed, sweeps=sweeps)
    if not snapshot.invented:
        return told_range(found, total)
    referred = snapshot_lists(snapshot, wanted.period, where=wanted.where, lists=detected.groups, referrals=True)
    return told(found, referred.lists, total, threshold)


def _about(wanted: PrevalenceSpec, snapshot: Snapshot, detected: Detected) -> dict[str, Any]:
    known = {"planted": wanted.planted} if wanted.planted is not None else {}
    notice = {"notice": messages.INVENTED} if snapshot.invented else {}
    lists, notes = _named(wanted, snapshot, detected)
    return {
        "format": FORMAT, "name": wanted.name, "title": wanted.title, "of": wanted.of, "period": wanted.period,
        "where": {name: list(values) for name, values in wanted.where.items()}, "invented": snapshot.invented,
        "lists": lists, "notes": notes,
        "assumptions": messages.ASSUMPTIONS, "seed": wanted.seed, "bootstrap": wanted.bootstrap,
        "code_version": kerege.__version__,
    } | known | notice  # fmt: skip


def _named(wanted: PrevalenceSpec, snapshot: Snapshot, detected: Detected) -> tuple[dict[str, list[str]], list[str]]:
    """The lists, and what became of them; of real people as they were asked for, whoever is on them or on others.

    That a list is there or not, or comes before another one, would tell of one person.
    """
    if snapshot.invented:
        return {name: list(kinds) for name, kinds in detected.groups.items()}, detected.notes
    asked = wanted.lists if isinstance(wanted.lists, dict) else {name: [name] for name in wanted.lists}
    return asked, []


def _json(content: Mapping[str, Any]) -> str:
    return json.dumps(content, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _csv(content: Mapping[str, Any]) -> str:
    """A row a figure; of invented lists every row says so."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    notice = [content["notice"][lang] for lang in LANGUAGES] if "notice" in content else []
    writer.writerow([*HEAD, *(f"notice_{lang}" for lang in LANGUAGES if notice)])
    for row in _rows(content):
        filled = ["" if each is None else each for each in row]
        writer.writerow([csv_cells.guarded(str(each)) for each in [*filled, *notice]])
    return out.getvalue()


def _rows(content: Mapping[str, Any]) -> list[list[Any]]:
    total, none = content["detected"], [None] * 4
    rows: list[list[Any]] = [["detected", messages.ROWS["detected"]["en"], total and total["count"], *none]]
    if content["no_estimate"]:
        return [*rows, ["no_estimate", content["no_estimate"]["reason"]["en"], None, *none]]
    rows.append(["between", messages.ROWS["between"]["en"], None, content["lower"], content["upper"], None, None])
    if "planted" in content:
        rows.append(["planted", messages.ROWS["planted"]["en"], content["planted"], *none])
    for key, each in messages.in_order(content["methods"]):
        near, far = each["interval80"] or [None, None], each["interval95"] or [None, None]
        rows.append([key, messages.NAMES[key]["en"], each["estimate"], *near, *far])
    return rows + [[each["key"], each["label"]["en"], each["estimate"], *none] for each in content["sensitivity"]]


def _entry(content: Mapping[str, Any], folder: Path) -> PrevalenceEntry:
    """What the manifest says of an estimate."""
    kept = ("name", "of", "title", "period", "where", "lists", "seed", "bootstrap", "detected", "lower", "upper",
            "planted")  # fmt: skip
    entry = {name: content[name] for name in kept if content.get(name) is not None}
    if content["no_estimate"]:
        entry["no_estimate"] = content["no_estimate"]["rule"]
    names = [f"{FOLDER}/{content['name']}.{suffix}" for suffix in PARTS]
    files = [{"file": name, "sha256": sha((folder.parent / name).read_bytes())} for name in names]
    return PrevalenceEntry.model_validate(entry | {"files": files})
