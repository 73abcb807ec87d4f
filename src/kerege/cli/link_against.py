"""`kerege link --against`: link a new file to all records of earlier runs."""

from __future__ import annotations

import json
import sys
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import polars as pl

from kerege.base.errors import BadInput, Fault
from kerege.base.files import atomic_file, locked
from kerege.linkage.input.read_tables import Note
from kerege.linkage.matching import link_files, link_store
from kerege.linkage.matching.model_file import load_bundled_model, read

SHOWN = 20  # changed earlier records that are printed
NAMED_IDS = 5  # ids that an error names


@dataclass(frozen=True)
class Outputs:
    """Files that a run writes; the store is written last."""

    store: Path
    pairs: Path
    clusters: Path | None
    changes: Path | None


def check_options(files: list[Path], unusable: Mapping[str, object], changes: Path | None, store: Path | None) -> None:
    """Raise BadInput for options that do not fit `--against`."""
    if store is None:
        if changes:
            raise BadInput(Fault("--changes applies to --against only", "give --against STORE too"))
        return
    faults = [
        Fault(f"{option} does not apply to --against", f"link without it, or without --against: {store.name}")
        for option, value in unusable.items()
        if value
    ]
    if len(files) > 1:
        faults.append(Fault("--against takes one new file", "link the files one after the other"))
    if faults:
        raise BadInput(faults)


def link_against(
    file: Path,
    outputs: Outputs,
    columns: Mapping[str, str],
    *,
    model: Path | None,
    threshold: float,
    train: bool,
    seed: int,
    note: Note,
    encoding: str,
    progress: link_files.Progress,
) -> link_store.Addition:
    """Link one file to a store; write the results, and last the new store.

    A second run waits for the lock of the store's folder: it would lose the records that the first one adds.
    """
    with locked(outputs.store.parent):
        store = _open_store(outputs.store, model, file.name, note)
        ids, frame = link_files.gather_new(file, columns, note, encoding=encoding)
        _check_same_persons(store, ids, frame, file.name)
        added = link_store.add_records(store, ids, frame, least=threshold, train=train, seed=seed, progress=progress)
        _write(added, outputs)
    return added


def _check_same_persons(store: link_store.Store, ids: Sequence[str], frame: pl.DataFrame, file: str) -> None:
    """Raise BadInput if the file has other people under ids of the store: it would lose their records."""
    others = link_store.list_other_persons(store, ids, frame)
    if others:
        more = f" and {len(others) - NAMED_IDS} more" if len(others) > NAMED_IDS else ""
        what = f"has other people than the store under the ids {', '.join(others[:NAMED_IDS])}{more}"
        todo = "give each file ids of its own; a record that was wholly wrong gets a new id"
        raise BadInput(Fault(what, todo, file))


def _open_store(path: Path, model: Path | None, first_file: str, note: Note) -> link_store.Store:
    """Return the store of earlier runs, or an empty one with the given or the bundled model."""
    if path.exists():
        if model:
            raise BadInput(Fault("the store has its model", "leave out --model, or begin another store"))
        return link_store.read_store(path)
    note(f"{path}: a new store, with a model trained by {first_file}")
    return link_store.begin_store(read(model) if model else load_bundled_model())


def _write(added: link_store.Addition, outputs: Outputs) -> None:
    with atomic_file(outputs.pairs) as part:
        pairs = link_files.pairs_frame(added.linked) if added.linked else link_files.empty_pairs()
        pairs.write_csv(part)
    if outputs.clusters:
        with atomic_file(outputs.clusters) as part:
            pl.DataFrame({"id": added.store.ids, "cluster": added.store.groups}).write_csv(part)
    if outputs.changes:
        with atomic_file(outputs.changes) as part:
            added.changes.write_csv(part)
    if len(added.changes) or not outputs.store.exists():
        link_store.write_store(outputs.store, added.store)


def _print_changes(changes: pl.DataFrame, listed: Path | None) -> None:
    """Print the earlier records whose group or values changed."""
    earlier = changes.drop_nulls("earlier_group")
    for record_id, change, group, before in earlier.head(SHOWN).iter_rows():
        words = f"is in cluster {group} now, was in {before}" if group != before else f"stays in cluster {group}"
        print(f"{record_id}: {'has other values, ' if change == 'changed' else ''}{words}", file=sys.stderr)
    if len(earlier) > SHOWN:
        place = f"all are in {listed}" if listed else "--changes FILE.csv lists all"
        print(f"and {len(earlier) - SHOWN} more; {place}", file=sys.stderr)


def print_results(added: link_store.Addition, notes: Sequence[str], listed: Path | None, *, as_json: bool) -> None:
    """Print the notes, the earlier records that changed, and the counts of the run."""
    for text in notes:
        print(text, file=sys.stderr)
    _print_changes(added.changes, listed)
    changed = Counter(added.changes["change"].to_list())
    counts: dict[str, int] = {
        "records": len(added.store.ids),
        "compared": added.linked.compared if added.linked else 0,
        "pairs": len(added.linked.left) if added.linked else 0,
        "clusters": len(set(added.store.groups.tolist())),
        **{change: changed[change] for change in link_store.CHANGES},
    }
    print(json.dumps(counts) if as_json else _sentence(counts))


def _sentence(counts: Mapping[str, int]) -> str:
    return (
        f"store of {counts['records']:,} records and {counts['clusters']:,} different persons: "
        f"{counts['new']:,} new records of new persons, {counts['joined']:,} of known persons, "
        f"{counts['merged']:,} earlier records in another cluster, {counts['changed']:,} with other values"
    )
