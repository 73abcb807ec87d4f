"""Store of linked records: a new file is linked to all earlier ones, and groups keep their numbers.

The store is one Parquet file. It holds a row for each record (id, group, comparison columns), and in its metadata the
model, the next free number of a group, the format, and the version of the folding of names. It holds folded names and
dates of birth: keep it as safe as the files themselves.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Literal, get_args

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.base.files import atomic_file
from kerege.linkage.matching import model_file
from kerege.linkage.matching.batch_scorer import score
from kerege.linkage.matching.column_store import of_frame, with_empty
from kerege.linkage.matching.comparison_sql import RecordPairs
from kerege.linkage.matching.link_files import Linked, Progress, link_records, no_progress
from kerege.linkage.matching.model_file import Model
from kerege.linkage.matching.record_order import join_columns
from kerege.linkage.names import FOLD_VERSION

FORMAT = 1
KEY = "kerege_store"
ID, GROUP = "record_id", "record_group"
NOT_LINKED = -1
# comparison of the bundled model for records without a name
NAMELESS = "nameless"

Change = Literal["new", "joined", "merged", "changed"]
"""new: a new record in a new group. joined: a new record in an earlier group. merged: an earlier record whose group was
joined to an older one. changed: an earlier record with other values, linked anew."""
CHANGES: tuple[Change, ...] = get_args(Change)


@dataclass(frozen=True)
class Store:
    """Records of all earlier files.

    `ids` and `groups` (records,) and `frame` have one row for each record. `model` is the one that the first file
    trained, with all comparisons of the model given then.
    """

    ids: list[str]
    groups: NDArray[np.int64]
    frame: pl.DataFrame
    model: Model
    next_group: int = 1


@dataclass(frozen=True)
class Addition:
    """Result of `add_records`: the new store, the links of new records, and a row for each change.

    `changes` has the columns id, change, group, earlier_group (null for a new record). `linked` is None where every
    record is known already.
    """

    store: Store
    changes: pl.DataFrame
    linked: Linked | None


def read_store(path: Path) -> Store:
    """Read a store. Raises BadInput if the file is none."""
    try:
        about = json.loads(pl.read_parquet_metadata(path)[KEY])
        table = pl.read_parquet(path)
    except (OSError, pl.exceptions.PolarsError, KeyError, ValueError) as wrong:
        todo = "give a file that `kerege link --against` wrote, or the path of a new one"
        raise BadInput(Fault("is no store of linked records", todo, path.name)) from wrong
    if (about.get("format"), about.get("fold")) != (FORMAT, FOLD_VERSION):
        raise BadInput(Fault("is a store of another version of Kerege", "link its files again", path.name))
    return Store(
        ids=table[ID].to_list(),
        groups=table[GROUP].to_numpy().astype(np.int64),
        frame=table.drop(ID, GROUP),
        model=model_file.of_dict(about["model"]),
        next_group=about["next_group"],
    )


def write_store(path: Path, store: Store) -> None:
    """Write a store; it replaces the earlier one only when it is complete and on the disk."""
    about = {"format": FORMAT, "fold": FOLD_VERSION, "next_group": store.next_group, "model": store.model.as_dict()}
    with atomic_file(path, durable=True) as part:
        columns = pl.Series(ID, store.ids, pl.String), pl.Series(GROUP, store.groups)
        store.frame.with_columns(*columns).write_parquet(part, metadata={KEY: json.dumps(about, ensure_ascii=False)})


def begin_store(model: Model) -> Store:
    """Return an empty store with a model that is not trained yet."""
    return Store([], np.zeros(0, np.int64), pl.DataFrame(), model)


def add_records(
    store: Store,
    ids: Sequence[str],
    frame: pl.DataFrame,
    *,
    least: float = 0.5,
    train: bool = True,
    seed: int = 0,
    progress: Progress = no_progress,
) -> Addition:
    """Link records to each other and to those of a store.

    Parameters
    ----------
    store : Store
        Of `read_store` or `begin_store`.
    ids : sequence of str
        A different id for each record. A record whose id the store holds with the same values changes nothing; with
        other values, it replaces the earlier one and is linked anew.
    frame : DataFrame
        Comparison columns, a row for each id.
    least : float, default 0.5
        Least match probability of a link in `Addition.linked`. The groups do not depend on it.
    train : bool, default True
        Whether the records of an empty store train its model. A later file never trains it.
    seed : int, default 0
        Random seed of the pairs for training.
    progress : function of float and str, optional
        Receives the share that is done, and the step.

    Returns
    -------
    Addition
        The new store; the records that are new, joined, merged or changed; and the links.

    Notes
    -----
    Earlier groups are never split. Two of them merge only through a link of a new or changed record, under the
    conditions of `clusters`; the merged group has the older (smaller) number.

    Examples
    --------
    >>> people = pl.DataFrame({"given": ["dana", "aigul"], "family": ["omar", "serik"]})
    >>> first = add_records(begin_store(Model.bundled()), ["1", "2"], people, train=False)
    >>> first.changes.rows()
    [('1', 'new', 1, None), ('2', 'new', 2, None)]
    >>> add_records(first.store, ["2"], people[1:]).changes.rows()  # the same record again
    []
    """
    given = _place_records(store, ids, frame)
    if not given.is_new.any():
        return Addition(store, _changes_frame([]), None)
    linked = link_records(
        given.ids,
        given.frame,
        store.model,
        least=min(least, 0.5),  # a group needs every sure link, also one that is not asked for
        train=train and not store.ids,
        seed=seed,
        is_new=given.is_new,
        progress=progress,
    )
    first_rows = linked.groups(np.where(given.is_new, NOT_LINKED, given.earlier))
    groups, next_group = _number_groups(first_rows, given, store.next_group)
    model = store.model if store.ids else _keep_comparisons(store.model, linked.model)
    changed_store = Store(given.ids, groups, given.frame, model, next_group)
    return Addition(changed_store, _list_changes(given, groups), linked.from_probability(least))


def list_other_persons(store: Store, ids: Sequence[str], frame: pl.DataFrame) -> list[str]:
    """Return the ids under which a store holds another person.

    Parameters
    ----------
    store : Store
        Of `read_store` or `begin_store`.
    ids : sequence of str
        A different id for each record.
    frame : DataFrame
        Comparison columns, a row for each id.

    Returns
    -------
    list of str
        Ids of both whose values are evidence of two persons: the files number their records each from 1, for example.
        The prior does not count, because one id is evidence of one person. Neither does a missing name.

    Examples
    --------
    >>> people = pl.DataFrame({"given": ["dana", "aigul"], "family": ["omar", "serik"]})
    >>> store = add_records(begin_store(Model.bundled()), ["1", "2"], people, train=False).store
    >>> list_other_persons(store, ["1", "2"], people[[1, 1]])
    ['1']
    """
    row_of_id = {record_id: row for row, record_id in enumerate(store.ids)}
    known = [row for row, record_id in enumerate(ids) if record_id in row_of_id]
    if not known:
        return []
    earlier = store.frame[[row_of_id[ids[row]] for row in known]]
    both = pl.concat([earlier, frame[known]], how="diagonal")
    model = store.model.only(set(both.columns))
    table, left = with_empty(of_frame(both), model.columns), np.arange(len(known))
    parts = score(model, RecordPairs(table, left, left + len(known)), {}).parts
    counted = [row for row, comparison in enumerate(model.comparisons) if comparison.name != NAMELESS]
    return [ids[known[row]] for row in np.flatnonzero(parts[counted].sum(0) < 0)]


@dataclass(frozen=True)
class _Placed:
    """Records of a store and a new file, a row for each.

    `earlier` (records,) holds the group in the store, or NOT_LINKED; `is_new` (records,) is true for a record that is
    new or has other values than before.
    """

    ids: list[str]
    frame: pl.DataFrame
    earlier: NDArray[np.int64]
    is_new: NDArray[np.bool_]


def _place_records(store: Store, ids: Sequence[str], frame: pl.DataFrame) -> _Placed:
    """Place new records below those of the store, and a changed record where it stood."""
    known = len(store.ids)
    both = pl.concat([store.frame, frame], how="diagonal") if known else frame
    texts = join_columns(both)
    row_of_id = {record_id: row for row, record_id in enumerate(store.ids)}
    rows = list(range(known))
    for row, record_id in enumerate(ids, known):
        earlier_row = row_of_id.get(record_id)
        if earlier_row is None:
            rows.append(row)
        elif texts[earlier_row] != texts[row]:
            rows[earlier_row] = row
    earlier = np.concatenate([store.groups, np.full(len(rows) - known, NOT_LINKED)])
    all_ids = store.ids + [ids[row - known] for row in rows[known:]]
    return _Placed(all_ids, both[rows], earlier, np.array(rows) >= known)


def _keep_comparisons(model: Model, trained: Model) -> Model:
    """Return a trained model with the comparisons and rules too for which the first file had no column."""
    by_name = {comparison.name: comparison for comparison in trained.comparisons}
    learnt = [name for name in by_name if name not in {comparison.name for comparison in model.comparisons}]
    comparisons = tuple(by_name.get(comparison.name, comparison) for comparison in model.comparisons)
    document = dict(model.document)
    stored = [row for row in trained.document["comparisons"] if row["output_column_name"] in learnt]
    document["comparisons"] = [*document["comparisons"], *stored]
    return replace(
        model, comparisons=(*comparisons, *map(by_name.__getitem__, learnt)), prior=trained.prior, document=document
    )


def _number_groups(first_rows: NDArray[np.int64], given: _Placed, next_group: int) -> tuple[NDArray[np.int64], int]:
    """Return (records,) the number of each record's group, and the next free number.

    A group keeps the smallest number of its unchanged records. Without one, it gets the smallest number of its changed
    records that no other group holds, otherwise a new one.
    """
    earlier, is_kept, free = given.earlier, ~given.is_new, np.iinfo(np.int64).max
    numbers = np.full(len(first_rows), free)
    np.minimum.at(numbers, first_rows[is_kept], earlier[is_kept])
    used = set(numbers[numbers < free].tolist())
    changed = np.flatnonzero(given.is_new & (earlier >= 0))
    for row in changed[np.argsort(earlier[changed], kind="stable")].tolist():
        group, number = first_rows[row], int(earlier[row])
        if numbers[group] == free and number not in used:
            numbers[group] = number
            used.add(number)
    without = np.unique(first_rows[numbers[first_rows] == free])
    numbers[without] = np.arange(next_group, next_group + len(without))
    return numbers[first_rows], next_group + len(without)


def _list_changes(given: _Placed, groups: NDArray[np.int64]) -> pl.DataFrame:
    held = set(given.earlier[given.earlier >= 0].tolist())
    rows: list[tuple[str, Change, int, int | None]] = []
    for row in np.flatnonzero(given.is_new | (given.earlier != groups)).tolist():
        record_id, group, earlier = given.ids[row], int(groups[row]), int(given.earlier[row])
        if earlier == NOT_LINKED:
            rows.append((record_id, "joined" if group in held else "new", group, None))
        else:
            rows.append((record_id, "changed" if given.is_new[row] else "merged", group, earlier))
    return _changes_frame(rows)


def _changes_frame(rows: Sequence[tuple[str, Change, int, int | None]]) -> pl.DataFrame:
    schema = {"id": pl.String, "change": pl.String, "group": pl.Int64, "earlier_group": pl.Int64}
    return pl.DataFrame(rows, schema=schema, orient="row")
