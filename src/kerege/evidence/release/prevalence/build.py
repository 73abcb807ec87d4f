"""Estimates of a release: computed, rounded, and written beside the tables of the same people.

The table of overlaps is not published, because its cells count few people who are known to several agencies. The number
detected is the total of a protected table of the same release and not a separate count, so nothing can be subtracted
from it. For real people only the range is published; the panel stays with those who may see the records.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import kerege
from kerege.base import csv_cells
from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import listed, shown
from kerege.evidence.counting.frequency_table import TOTAL, Table
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.mse.detections import COLUMN, Detected, snapshot_lists
from kerege.evidence.mse.lists import Lists
from kerege.evidence.release.manifest import PrevalenceEntry, hash_content
from kerege.evidence.release.prevalence import messages
from kerege.evidence.release.prevalence.chart import svg
from kerege.evidence.release.prevalence.estimate_file import FORMAT, EstimateContents
from kerege.evidence.release.spec import ReleaseSpec, TableSpec
from kerege.evidence.release.spec.prevalence import METHODS, PrevalenceSpec, parse

if TYPE_CHECKING:
    from kerege.evidence.release.prevalence.published_figures import Total

FOLDER = "estimates"
PARTS = ("json", "csv", "svg")
HEAD = ("row", "label", "estimate", "lower80", "upper80", "lower95", "upper95")

SWEEPS_A_RESAMPLE = 10
MOST_SWEEPS = 100_000
LEAST_NAMED = 4  # lists of real people: with three, sizes and total leave three unknowns, and a range reveals two


def check(spec: ReleaseSpec, by_unit: Mapping[str, Snapshot]) -> list[Fault]:
    """Return the faults of the estimates of a specification, before anything is computed."""
    return [fault for estimate in spec.estimates for fault in _estimate_faults(estimate, spec, by_unit)]


def _estimate_faults(estimate: PrevalenceSpec, spec: ReleaseSpec, by_unit: Mapping[str, Snapshot]) -> list[Fault]:
    label = f"estimate {estimate.name}"
    if estimate.of not in by_unit:
        todo = f"give its snapshot too; there are: {listed(sorted(by_unit)) or 'none'}"
        return [Fault(f"{label}: there is no snapshot of {shown(estimate.of)}", todo)]
    snapshot = by_unit[estimate.of]
    faults = []
    if estimate.planted is not None and not snapshot.invented:
        what = f"{label}: a planted truth, but the people are not invented"
        faults.append(Fault(what, "leave `planted` out", snapshot.path))
    if not _counting_table(estimate, spec.tables):
        what = f"{label}: no table of the release counts the same people, so nothing protects the number detected"
        todo = f"add a [[table]] of {estimate.of} with by = [] and where = {{ year = [...], ... }} of the same persons"
        faults.append(Fault(what, todo))
    try:
        lists = snapshot_lists(snapshot, estimate.period, where=estimate.where, lists=estimate.lists).lists
        list_faults = [*_disclosure_faults(estimate, spec, snapshot, lists.number), *_duplicate_list_faults(lists)]
        faults += [Fault(f"{label}: {what}", todo, snapshot.path) for what, todo in list_faults]
    except BadInput as bad:
        faults += [
            Fault(f"{label}: {fault.what}", fault.todo, fault.file, fault.row, fault.column) for fault in bad.faults
        ]
    return faults


def _duplicate_list_faults(lists: Lists) -> Iterator[tuple[str, str]]:
    if lists.same:
        yield f"the lists {listed(lists.same)} hold the same people", "make one list of them"


def _disclosure_faults(
    estimate: PrevalenceSpec, spec: ReleaseSpec, snapshot: Snapshot, lists: int
) -> Iterator[tuple[str, str]]:
    """Yield faults of publications that would disclose more about real people together with the estimate.

    `lists` is the number of lists with people; a named list without people does not count as protection.
    """
    table_name = _counting_table(estimate, spec.tables)
    if any(table_spec.method == "dp" for table_spec in spec.tables if table_spec.name == table_name):
        todo = "protect the table of those detected by suppress or cellkey"
        yield "the number detected is noised, and an estimate from exact counts beside it would undo that", todo
    if snapshot.invented:
        return
    if min(len(estimate.lists), lists) < LEAST_NAMED:
        what = (
            f"real people on {len(estimate.lists)} named lists, {lists} of all with people: from what lists are chosen"
        )
        todo = f"name at least {LEAST_NAMED} in `lists`, with people on them"
        yield f"{what} by size, and from a range on three, overlaps can be worked out", todo
    for table_spec in spec.tables:
        if table_spec.of == estimate.of and COLUMN in {*table_spec.by, *table_spec.where}:
            yield f"the table {table_spec.name} shows the size of the lists", "publish one of the two"


def _counting_table(estimate: PrevalenceSpec, tables: Sequence[TableSpec]) -> str:
    """Return the name of the table that counts the same persons, the one with the fewest columns.

    '' without one.
    """
    candidates = [
        table_spec
        for table_spec in tables
        if table_spec.of == estimate.of and _filter(table_spec.where) == estimate.filter
    ]
    return min(candidates, key=lambda table_spec: (len(table_spec.by), table_spec.name)).name if candidates else ""


def estimates_with_table(tree: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the estimates of a specification whose table it still has; it may be incomplete."""
    counted = [(entry.get("of"), _filter(entry.get("where", {}))) for entry in tree.get("table", [])]
    return [entry for entry in tree.get("estimate", []) if (entry["of"], parse(entry).filter) in counted]


def _filter(where: Mapping[str, str | Sequence[str]]) -> dict[str, frozenset[str]]:
    return {name: frozenset([values] if isinstance(values, str) else values) for name, values in where.items()}


def make(
    spec: ReleaseSpec, by_unit: Mapping[str, Snapshot], tables: Sequence[Table], folder: Path
) -> list[PrevalenceEntry]:
    """Write the estimates of a specification to `folder`/estimates; return their manifest entries."""
    (folder / FOLDER).mkdir()
    by_name = {table.name: table for table in tables}
    entries = []
    for estimate in spec.estimates:
        table = by_name[_counting_table(estimate, spec.tables)]
        entries.append(_make_estimate(estimate, by_unit[estimate.of], table, spec.threshold, folder / FOLDER))
    return entries


def _make_estimate(
    estimate: PrevalenceSpec, snapshot: Snapshot, table: Table, threshold: int, folder: Path
) -> PrevalenceEntry:
    detected = snapshot_lists(snapshot, estimate.period, where=estimate.where, lists=estimate.lists)
    total = _total(table)
    figures = _figures(estimate, snapshot, detected, total, threshold)
    return written(_describe(estimate, snapshot, detected) | figures, folder)


def written(content: Mapping[str, Any], folder: Path) -> PrevalenceEntry:
    """Write the files of an estimate; return its manifest entry."""
    files = {"json": _json(content), "csv": _csv(content), "svg": svg(content)}
    for suffix, text in files.items():
        (folder / f"{content['name']}.{suffix}").write_text(text, encoding="utf-8")
    return _entry(content, folder)


def _total(table: Table) -> Total | None:
    """Return the number detected as published in a table; None if it is suppressed."""
    from kerege.evidence.release.prevalence.published_figures import Total

    cell = table.cells.get((TOTAL,) * len(table.by))
    if cell is None or cell.count is None:
        return None
    return Total(table.name, cell.count, cell.status)


def _figures(
    estimate: PrevalenceSpec, snapshot: Snapshot, detected: Detected, total: Total | None, threshold: int
) -> dict[str, Any]:
    """Return the published figures of the panel, or the rule under which none is published."""
    # imported late: only making an estimate needs the compiler and the solver
    from kerege.evidence.mse.panels.panel import panel
    from kerege.evidence.release.prevalence.published_figures import (
        detailed_figures,
        headline_settings,
        range_figures,
        withheld_figures,
    )

    if total is None:
        return withheld_figures(None, "detected_withheld")
    # few resamples mean a quick run, so the chains are shorter too; their diagnostics report if they are too short
    sweeps = min(MOST_SWEEPS, SWEEPS_A_RESAMPLE * estimate.bootstrap)
    results = panel(
        detected.lists,
        methods=estimate.methods or METHODS,
        times=estimate.bootstrap,
        seed=estimate.seed,
        sweeps=sweeps,
        settings=headline_settings(linkage_reviewed=estimate.linkage_reviewed),
    )
    if not snapshot.invented:
        return range_figures(results, total)
    referred = snapshot_lists(snapshot, estimate.period, where=estimate.where, lists=detected.groups, referrals=True)
    return detailed_figures(results, referred.lists, total, threshold)


def _describe(estimate: PrevalenceSpec, snapshot: Snapshot, detected: Detected) -> dict[str, Any]:
    planted = {"planted": estimate.planted} if estimate.planted is not None else {}
    notice = {"notice": messages.INVENTED} if snapshot.invented else {}
    reviewed = {"linkage_reviewed": estimate.linkage_reviewed} if estimate.linkage_reviewed is not None else {}
    lists, notes = _published_lists(estimate, snapshot, detected)
    return {
        "format": FORMAT, "name": estimate.name, "title": estimate.title, "of": estimate.of, "period": estimate.period,
        "where": {name: list(values) for name, values in estimate.where.items()}, "invented": snapshot.invented,
        "lists": lists, "notes": notes,
        "assumptions": messages.ASSUMPTIONS, "seed": estimate.seed, "bootstrap": estimate.bootstrap,
        "code_version": kerege.__version__,
    } | planted | notice | reviewed  # fmt: skip


def _published_lists(
    estimate: PrevalenceSpec, snapshot: Snapshot, detected: Detected
) -> tuple[dict[str, list[str]], list[str]]:
    """Return the lists with their kinds of agencies, and notes about them.

    For real people these are the requested lists without notes: the presence or order of a list could reveal a person.
    """
    if snapshot.invented:
        return {name: list(kinds) for name, kinds in detected.groups.items()}, detected.notes
    requested = estimate.lists if isinstance(estimate.lists, dict) else {name: [name] for name in estimate.lists}
    return requested, []


def _json(content: Mapping[str, Any]) -> str:
    """Return the figures as JSON, after a check against the model of the file."""
    tree = EstimateContents.parsed(content, f"{content['name']}.json").tree
    return json.dumps(tree, ensure_ascii=False, indent=1, sort_keys=True) + "\n"


def _csv(content: Mapping[str, Any]) -> str:
    """Return the figures as CSV, one row per figure; for invented people each row has a notice."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    notice = content.get("notice", {})
    writer.writerow([*HEAD, *(f"notice_{lang}" for lang in notice)])
    for row in _rows(content):
        filled = ["" if value is None else value for value in row]
        writer.writerow([csv_cells.guarded(str(value)) for value in [*filled, *notice.values()]])
    return out.getvalue()


def _rows(content: Mapping[str, Any]) -> list[list[Any]]:
    total, none = content["detected"], [None] * 4
    rows: list[list[Any]] = [["detected", messages.ROWS["detected"]["en"], total and total["count"], *none]]
    if content["no_estimate"]:
        return [*rows, ["no_estimate", content["no_estimate"]["reason"]["en"], None, *none]]
    row = "at_least" if content["upper"] is None else "between"
    rows.append([row, messages.ROWS[row]["en"], None, content["lower"], content["upper"], None, None])
    if "planted" in content:
        rows.append(["planted", messages.ROWS["planted"]["en"], content["planted"], *none])
    for key, result in messages.in_order(content["methods"]):
        near, far = result["interval80"] or [None, None], result["interval95"] or [None, None]
        rows.append([key, messages.NAMES[key]["en"], result["estimate"], *near, *far])
    return rows + [
        [result["key"], result["label"]["en"], result["estimate"], *none] for result in content["sensitivity"]
    ]


def _entry(content: Mapping[str, Any], folder: Path) -> PrevalenceEntry:
    """Return the manifest entry of an estimate."""
    field_names = ("name", "of", "title", "period", "where", "lists", "seed", "bootstrap", "detected", "kind", "lower",
            "upper", "least_chance", "linkage_reviewed", "planted")  # fmt: skip
    entry = {name: content[name] for name in field_names if content.get(name) is not None}
    if content["no_estimate"]:
        del entry["kind"]
        entry["no_estimate"] = content["no_estimate"]["rule"]
    names = [f"{FOLDER}/{content['name']}.{suffix}" for suffix in PARTS]
    files = [{"file": name, "sha256": hash_content((folder.parent / name).read_bytes())} for name in names]
    return PrevalenceEntry.model_validate(entry | {"files": files})
