"""Linkage and deduplication of files."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.linkage.input import comparison_columns, read_tables, role_assignment
from kerege.linkage.matching import blocking, calibrate
from kerege.linkage.matching import train as matching_train
from kerege.linkage.matching.batch_scorer import SLICE, Frequencies, Scores, frequencies, map_slices, probability, score
from kerege.linkage.matching.clusters import clusters
from kerege.linkage.matching.column_store import Rows, Table, of_frame, take_rows, with_empty
from kerege.linkage.matching.comparison_sql import RecordPairs
from kerege.linkage.matching.dependence import add_dependence
from kerege.linkage.matching.model_file import NAMESAKES, Model
from kerege.linkage.matching.record_order import order_by_content
from kerege.linkage.matching.uninformative_values import add_namesakes, blank_shared_values

# clusters use pairs with match probability of 0.9 or more: odds of 9, in bits
SURE = float(np.log2(9.0))
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Linked:
    """Records and their links, strongest first.

    `left`, `right` (N,) are row numbers, `weights` (N,) match weights in bits; `compared` counts the candidate pairs.
    `order` (records,) holds the rows in the order of their content, which decides between links of equal weight.
    """

    ids: list[str]
    frame: pl.DataFrame
    table: Table
    model: Model
    common: Frequencies
    left: Rows
    right: Rows
    weights: NDArray[np.float64]
    compared: int
    order: NDArray[np.intp]

    def scores(self, left: Rows, right: Rows) -> Scores:
        """Score any pairs of rows."""
        return score(self.model, RecordPairs(self.table, left, right), self.common)

    def from_probability(self, least: float) -> Linked:
        """Return the links with at least this match probability."""
        kept = self.weights >= np.log2(least / (1 - least))
        return replace(self, left=self.left[kept], right=self.right[kept], weights=self.weights[kept])

    def groups(self, earlier: NDArray[np.int64] | None = None) -> NDArray[np.int64]:
        """Return (records,) the first row of each record's cluster. Only pairs from `SURE` on make clusters.

        `earlier` (records,) holds the cluster of each record in an earlier run, -1 for none: it is never split.
        """
        sure, place = self.weights >= SURE, np.argsort(self.order)
        places = place[self.left[sure]], place[self.right[sure]]
        members = clusters(
            len(self.ids),
            np.minimum(*places),
            np.maximum(*places),
            self.weights[sure],
            lambda one, two: self.scores(self.order[one], self.order[two]).weights,
            earlier=None if earlier is None else _first_rows(earlier[self.order]),
        )
        return _first_rows(members[place])


def _first_rows(clusters_of_rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return (records,) the first row of each record's cluster; a cluster below 0 is the record alone."""
    rows = np.arange(len(clusters_of_rows))
    numbers = np.where(clusters_of_rows < 0, clusters_of_rows.max(initial=0) + 1 + rows, clusters_of_rows)
    _, first, cluster = np.unique(numbers, return_index=True, return_inverse=True)
    return first[cluster].astype(np.int64)


def no_progress(_share: float, _what: str) -> None:
    """Ignore the progress."""


def gather(
    paths: Sequence[Path],
    given: Mapping[str, str],
    id_column: str,
    note: read_tables.Note = read_tables.ignore_note,
    *,
    encoding: str = "",
) -> tuple[list[str], pl.DataFrame]:
    """Read all files; return the record ids and the comparison columns, one file below the other.

    `given` maps `COLUMN` (in each file that has it) or `FILE:COLUMN` (in one file) to a role; `id_column` likewise. Ids
    that occur in two files become `file:id`. `note` receives sentences on column roles and unread values. `encoding` is
    that of CSV files; it is recognised by their content otherwise. Raises BadInput, naming the file, for
    unusable input.
    """

    def note_for(name: str) -> read_tables.Note:
        return lambda text: note(f"{name}: {text}")

    names = _names(paths)
    tables = [read_tables.read_table(path, note_for(name), encoding) for path, name in zip(paths, names, strict=True)]
    _check_different(paths, names, tables)
    roles_by_column = {**given, id_column: "id"} if id_column else dict(given)
    _check_columns(roles_by_column, paths, tables)
    files = [
        _read_records(table, path, name, roles_by_column, note_for(name))
        for path, name, table in zip(paths, names, tables, strict=True)
    ]
    ids = [file.ids for file in files]
    if sum(map(len, ids)) < 2:
        raise BadInput(Fault("there are not two records to compare", "give a file with more rows", paths[0].name))
    frame = pl.concat([file.frame for file in files], how="diagonal")
    _check_linkable(frame, paths[0].name)
    return _make_ids_unique(ids, paths, note), frame


def gather_new(
    path: Path, given: Mapping[str, str], note: read_tables.Note = read_tables.ignore_note, *, encoding: str = ""
) -> tuple[list[str], pl.DataFrame]:
    """Read one file, of one record or more; return its record ids and comparison columns.

    Raises BadInput where no column holds the record ids: a row number is no id that lasts.
    """
    table = read_tables.read_table(path, lambda text: note(f"{path.name}: {text}"), encoding)
    _check_columns(given, [path], [table])
    records = _read_records(table, path, path.name, given, lambda text: note(f"{path.name}: {text}"))
    if not records.has_ids:
        todo = "name the column with --id COLUMN: the store knows a record by its id"
        raise BadInput(Fault("no column holds the record ids", todo, path.name))
    _check_linkable(records.frame, path.name)
    return records.ids, records.frame


@dataclass(frozen=True)
class _Records:
    """Records of one file: ids, comparison columns, and whether the ids are those of a column."""

    ids: list[str]
    frame: pl.DataFrame
    has_ids: bool


def _read_records(
    table: pl.DataFrame, path: Path, name: str, given: Mapping[str, str], note: read_tables.Note
) -> _Records:
    file_roles = role_assignment.roles_of_file(given, path, table)
    roles = role_assignment.assign_roles(table, name, file_roles, "")
    for text in read_tables.input_notes(table, roles, file_roles.keys()):
        note(text)
    ids = read_tables.record_ids(table, roles, name).to_list()
    return _Records(ids, comparison_columns.comparison_columns(table, roles), "id" in roles)


def _check_linkable(frame: pl.DataFrame, name: str) -> None:
    """Raise BadInput if no record has a value by which it could be found."""
    if all(frame[column].null_count() == len(frame) for column in read_tables.LINKING_COLUMNS if column in frame):
        what = (
            "no record has a name of more than a letter (a letter repeated is one, 'unknown' is not a name), "
            "a document number or a telephone"
        )
        raise BadInput(Fault(what, "check the kind of each column, and state it with --map COLUMN=KIND", name))


def _names(paths: Sequence[Path]) -> list[str]:
    """Return the names of the files for messages: the path where two files have the same name."""
    names = [path.name for path in paths]
    return [name if names.count(name) == 1 else str(path) for name, path in zip(names, paths, strict=True)]


def _check_different(paths: Sequence[Path], names: Sequence[str], tables: Sequence[pl.DataFrame]) -> None:
    """Raise BadInput for a file given twice.

    Every record would match its copy, and training would learn m and u from copies.
    """
    places = [path.resolve() for path in paths]
    rows = [table.select(read_tables.headers_of(table)) for table in tables]
    for first, second in combinations(range(len(paths)), 2):
        # a single equal row can be one person whom both files hold
        if places[first] == places[second] or (len(rows[first]) > 1 and rows[first].equals(rows[second])):
            what = "is given twice" if names[first] == names[second] else f"holds the same rows as {names[first]}"
            todo = "give it once: one file is searched for duplicates too"
            raise BadInput(Fault(f"{what}, and every record would be a pair with itself", todo, names[second]))


def _check_columns(given: Mapping[str, str], paths: Sequence[Path], tables: Sequence[pl.DataFrame]) -> None:
    """Raise BadInput for a column that no file has."""
    headers_by_file = [
        (path.name, ", ".join(read_tables.headers_of(table))) for path, table in zip(paths, tables, strict=True)
    ]
    is_single_file = len(paths) == 1
    choice = (
        headers_by_file[0][1]
        if is_single_file
        else "; ".join(f"{name}: {headers}" for name, headers in headers_by_file)
    )
    what = "there is no such column" if is_single_file else "no file has such a column"
    faults = [
        Fault(what, f"choose from {choice}", paths[0].name if is_single_file else "", column=column)
        for column in given
        if not any(
            role_assignment.find_column(column, *file_and_table) for file_and_table in zip(paths, tables, strict=True)
        )
    ]
    if faults:
        raise BadInput(faults)


def link_records(
    ids: list[str],
    frame: pl.DataFrame,
    model: Model,
    *,
    least: float = 0.5,
    train: bool = True,
    seed: int = 0,
    shared: bool = True,
    is_new: NDArray[np.bool_] | None = None,
    labels: pl.DataFrame | None = None,
    progress: Progress = no_progress,
) -> Linked:
    """Return the links: all pairs with match probability of at least `least`.

    Values that records of too many names share are blanked first, unless `shared` is false because the caller did it.
    With `is_new` (records,), only pairs that hold a new record are compared. `labels` (left, right, is_match) fit the
    probabilities to judged pairs.
    """
    frame = blank_shared_values(frame) if shared else frame
    frame = add_namesakes(frame) if NAMESAKES in model.columns else frame
    model = model.only(set(frame.columns))
    order = order_by_content(frame, ids, seed)
    table = with_empty(of_frame(frame[order] if frame.columns else frame), model.columns)
    common = frequencies(table, model)
    left, right = _collect_candidates(model, table, None if is_new is None else is_new[order], progress)
    if train:
        progress(0.4, "learning")
        model = add_dependence(model, frame)
        model = matching_train.train(model, table, left=left, right=right, common=common)
        common = frequencies(table, model)
    if labels is not None:
        model = _fit_to_labels(model, table, common, labels, [ids[row] for row in order])

    def compared(chunk: slice) -> tuple[Rows, Rows, NDArray[np.float64]]:
        weights = score(model, RecordPairs(table, left[chunk], right[chunk]), common).weights
        is_link = weights >= np.log2(least / (1 - least))
        return left[chunk][is_link], right[chunk][is_link], weights[is_link]

    parts = []
    for number, chunk in enumerate(map_slices(compared, len(left)), 1):
        progress(0.5 + 0.5 * min(1.0, number * SLICE / len(left)), "comparing")
        parts.append(chunk)
    left_rows, right_rows, weights = (
        (np.concatenate(parts) if parts else np.zeros(0) for parts in zip(*parts, strict=True))
        if parts
        else _make_empty_arrays()
    )
    one, other = order[left_rows.astype(np.intp)], order[right_rows.astype(np.intp)]
    first, second = np.minimum(one, other), np.maximum(one, other)
    strongest = np.lexsort((second, first, -weights))
    return Linked(
        ids=ids,
        frame=frame,
        table={name: take_rows(column, np.argsort(order)) for name, column in table.items()},
        model=model,
        common=common,
        left=first[strongest],
        right=second[strongest],
        weights=weights[strongest],
        compared=len(left),
        order=order,
    )


def _fit_to_labels(model: Model, table: Table, common: Frequencies, labels: pl.DataFrame, ids: Sequence[str]) -> Model:
    """Return the model with probabilities fitted to labels; `ids` are those of the rows of the table."""
    left, right, is_match = calibrate.find_labels(labels, ids)
    weights = score(model, RecordPairs(table, left, right), common).weights
    return calibrate.apply_calibration(model, calibrate.fit_calibration(weights, is_match))


def _make_empty_arrays() -> tuple[NDArray[np.float64], ...]:
    return np.zeros(0), np.zeros(0), np.zeros(0)


def _collect_candidates(
    model: Model, table: Table, is_new: NDArray[np.bool_] | None, progress: Progress
) -> tuple[Rows, Rows]:
    parts: list[tuple[Rows, Rows]] = []
    for left, right in blocking.pairs(model, table, is_new):
        parts.append((left.astype(np.int32), right.astype(np.int32)))
        progress(0.1 + 0.3 * (1 - 0.9 ** len(parts)), "looking for candidates")
    if not parts:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _make_ids_unique(ids: list[list[str]], paths: Sequence[Path], note: read_tables.Note) -> list[str]:
    all_ids = [record_id for file_ids in ids for record_id in file_ids]
    if len(set(all_ids)) == len(all_ids):
        return all_ids
    stems = [path.stem for path in paths]
    names = stems
    if len(set(stems)) < len(stems):
        names = [str(number) for number in range(1, len(paths) + 1)]
        note("ids begin with " + ", ".join(f"{name}: for {path}" for name, path in zip(names, paths, strict=True)))
    return [f"{name}:{record_id}" for name, file_ids in zip(names, ids, strict=True) for record_id in file_ids]


def pairs_frame(linked: Linked) -> pl.DataFrame:
    """Return the links as left, right, probability: the most probable pair first."""
    ids = pl.Series(linked.ids)
    odds = probability(linked.weights)
    return pl.DataFrame({"left": ids[linked.left], "right": ids[linked.right], "probability": odds})


def empty_pairs() -> pl.DataFrame:
    """Return the table of no link."""
    return pl.DataFrame(schema={"left": pl.String, "right": pl.String, "probability": pl.Float64})


def clusters_frame(linked: Linked, groups: NDArray[np.int64]) -> pl.DataFrame:
    """Return id and cluster; clusters count from 1 in the order of their first record."""
    return pl.DataFrame({"id": linked.ids, "cluster": np.unique(groups, return_inverse=True)[1] + 1})


def columns_frame(linked: Linked) -> pl.DataFrame:
    """Return unique_id and every column that the model reads, with its type: an input table for Splink."""
    missing = [name for name in linked.model.columns if name not in linked.frame.columns]
    empty = [pl.lit(None, dtype=comparison_columns.TYPES.get(name, pl.String())).alias(name) for name in missing]
    return linked.frame.with_columns(pl.Series("unique_id", linked.ids), *empty)
