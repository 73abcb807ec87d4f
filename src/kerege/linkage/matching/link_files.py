"""Linking files: who stands in them twice, under whatever spelling."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from itertools import combinations
from pathlib import Path
from types import MappingProxyType

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.linkage.input import read_tables
from kerege.linkage.matching import blocking
from kerege.linkage.matching import train as matching_train
from kerege.linkage.matching.batch_scorer import PART, Frequencies, Scores, frequencies, in_parts, probability, score
from kerege.linkage.matching.clusters import clusters
from kerege.linkage.matching.column_store import Rows, Table, of_frame, with_empty
from kerege.linkage.matching.comparison_sql import Pairs
from kerege.linkage.matching.model_file import NAMESAKES, Model, shipped
from kerege.linkage.matching.uninformative_values import with_namesakes, without_shared

# groups are made of pairs of probability 0.9 and more
SURE = float(np.log2(9.0))
Progress = Callable[[float, str], None]


@dataclass(frozen=True)
class Linked:
    """Records and their links: `left`, `right` (N,) rows and `weights` (N,) in bits, the strongest first."""

    ids: list[str]
    frame: pl.DataFrame
    table: Table
    model: Model
    common: Frequencies
    left: Rows
    right: Rows
    weights: NDArray[np.float64]
    compared: int

    def scores(self, left: Rows, right: Rows) -> Scores:
        """The scores of any pairs of rows."""
        return score(self.model, Pairs(self.table, left, right), self.common)

    def groups(self) -> NDArray[np.int64]:
        """(records,) the first row of the group that each record belongs to; unsure pairs are for people to look at."""
        sure = self.weights >= SURE
        left, right, weights = self.left[sure], self.right[sure], self.weights[sure]
        return clusters(len(self.ids), left, right, weights, lambda one, two: self.scores(one, two).weights)


def no_progress(_share: float, _what: str) -> None:
    """Tell nobody."""


def gather(
    paths: Sequence[Path], given: Mapping[str, str], id_column: str, note: read_tables.Note = read_tables.unheard
) -> tuple[list[str], pl.DataFrame]:
    """The ids and compared columns of all files, one under the other.

    `given` tells the kind of `COLUMN` in each file that has it, or of `FILE:COLUMN` in one; `id_column` likewise.
    Ids that two files share are written as `file:id`; `note` is told which column is what, and what was not read.
    Raises BadInput, naming the file, for what cannot be linked.
    """

    def of(name: str) -> read_tables.Note:
        return lambda text: note(f"{name}: {text}")

    names = _names(paths)
    tables = [read_tables.read_table(path, of(name)) for path, name in zip(paths, names, strict=True)]
    _check_different(paths, names, tables)
    told = {**given, id_column: "id"} if id_column else dict(given)
    _check_columns(told, paths, tables)
    ids, frames = [], []
    for path, name, table in zip(paths, names, tables, strict=True):
        here = read_tables.told_of(told, path, table)
        roles = read_tables.mapped(table, name, here, "")
        for text in read_tables.notes(table, roles, here.keys()):
            of(name)(text)
        ids.append(read_tables.ids(table, roles, name).to_list())
        frames.append(read_tables.compared(table, roles))
    if sum(map(len, ids)) < 2:
        raise BadInput(Fault("there are not two records to compare", "give a file with more rows", paths[0].name))
    frame = pl.concat(frames, how="diagonal")
    if all(frame[name].null_count() == len(frame) for name in read_tables.TELLING if name in frame.columns):
        what = (
            "no record has a name of more than a letter (a letter repeated is one, 'unknown' is no name), "
            "a document number or a telephone"
        )
        raise BadInput(Fault(what, "look which column is what, and say it with --map COLUMN=KIND", paths[0].name))
    return _named(ids, paths, note), frame


def _names(paths: Sequence[Path]) -> list[str]:
    """What messages call the files: by the folder too where two have one name."""
    names = [path.name for path in paths]
    return [name if names.count(name) == 1 else str(path) for name, path in zip(names, paths, strict=True)]


def _check_different(paths: Sequence[Path], names: Sequence[str], tables: Sequence[pl.DataFrame]) -> None:
    """Raise BadInput for a file that is there twice: every record would be found twice, and training would learn it."""
    places = [path.resolve() for path in paths]
    rows = [table.select(read_tables.headers_of(table)) for table in tables]
    for one, two in combinations(range(len(paths)), 2):
        # one equal row may be a person whom both know
        if places[one] == places[two] or (len(rows[one]) > 1 and rows[one].equals(rows[two])):
            what = "is given twice" if names[one] == names[two] else f"holds the same rows as {names[one]}"
            todo = "give it once: one file is searched for duplicates too"
            raise BadInput(Fault(f"{what}, and every record would be a pair with itself", todo, names[two]))


def _check_columns(told: Mapping[str, str], paths: Sequence[Path], tables: Sequence[pl.DataFrame]) -> None:
    """Raise BadInput for a column that none of the files has."""
    there = [(path.name, ", ".join(read_tables.headers_of(table))) for path, table in zip(paths, tables, strict=True)]
    of_one = len(paths) == 1
    choice = there[0][1] if of_one else "; ".join(f"{name}: {headers}" for name, headers in there)
    what = "there is no such column" if of_one else "no file has such a column"
    faults = [
        Fault(what, f"choose from {choice}", paths[0].name if of_one else "", column=text)
        for text in told
        if not any(read_tables.column_told(text, *each) for each in zip(paths, tables, strict=True))
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
    progress: Progress = no_progress,
) -> Linked:
    """Every two records whose probability of being one person is `least` or more.

    What stands under too many names is not compared, unless `shared` says that it is gone already.
    """
    frame = without_shared(frame) if shared else frame
    frame = with_namesakes(frame) if NAMESAKES in model.columns else frame
    model = model.only(set(frame.columns))
    table = with_empty(of_frame(frame), model.columns)
    common = frequencies(table, model)
    left, right = _candidates(model, table, progress)
    if train:
        progress(0.4, "learning")
        model = matching_train.train(model, table, left, right, common, seed)
        common = frequencies(table, model)

    def compared(part: slice) -> tuple[Rows, Rows, NDArray[np.float64]]:
        weights = score(model, Pairs(table, left[part], right[part]), common).weights
        good = weights >= np.log2(least / (1 - least))
        return left[part][good], right[part][good], weights[good]

    kept = []
    for number, part in enumerate(in_parts(compared, len(left)), 1):
        progress(0.5 + 0.5 * min(1.0, number * PART / len(left)), "comparing")
        kept.append(part)
    one, two, weights = (
        (np.concatenate(parts) if parts else np.zeros(0) for parts in zip(*kept, strict=True)) if kept else _nothing()
    )
    order = np.lexsort((two, one, -weights))
    return Linked(
        ids,
        frame,
        table,
        model,
        common,
        one[order].astype(np.intp),
        two[order].astype(np.intp),
        weights[order],
        len(left),
    )


def _nothing() -> tuple[NDArray[np.float64], ...]:
    return np.zeros(0), np.zeros(0), np.zeros(0)


def _candidates(model: Model, table: Table, progress: Progress) -> tuple[Rows, Rows]:
    parts: list[tuple[Rows, Rows]] = []
    for left, right in blocking.pairs(model, table):
        parts.append((left.astype(np.int32), right.astype(np.int32)))
        progress(0.1 + 0.3 * (1 - 0.9 ** len(parts)), "looking for candidates")
    if not parts:
        return np.zeros(0, np.int32), np.zeros(0, np.int32)
    return np.concatenate([part[0] for part in parts]), np.concatenate([part[1] for part in parts])


def _named(ids: list[list[str]], paths: Sequence[Path], note: read_tables.Note) -> list[str]:
    flat = [each for several in ids for each in several]
    if len(set(flat)) == len(flat):
        return flat
    stems = [path.stem for path in paths]
    names = stems
    if len(set(stems)) < len(stems):
        names = [str(number) for number in range(1, len(paths) + 1)]
        note("ids begin with " + ", ".join(f"{name}: for {path}" for name, path in zip(names, paths, strict=True)))
    return [f"{name}:{each}" for name, several in zip(names, ids, strict=True) for each in several]


@dataclass(frozen=True)
class Links:
    """The records of tables that are one person's.

    pairs: `left`, `right`, `probability`, the likeliest first. clusters: `id`, `cluster`, a row a record, clusters of
    pairs of probability 0.9 and more. model: as it was trained.
    """

    pairs: pl.DataFrame
    clusters: pl.DataFrame
    model: Model


def link(
    paths: Sequence[Path | str],
    model: Model | None = None,
    *,
    min_probability: float = 0.5,
    train: bool = True,
    seed: int = 0,
    columns: Mapping[str, str] = MappingProxyType({}),
    id_column: str = "",
) -> Links:
    """Link the records of one or more tables of persons, across spellings and scripts.

    Parameters
    ----------
    paths : sequence of Path or str
        CSV or Parquet files with a header; one file is searched for duplicates.
    model : Model, optional
        The bundled one if not given.
    min_probability : float
        Of the pairs that are returned, between 0 and 1.
    train : bool
        Whether to learn m, u and the prior from these records first, without labels.
    seed : int
        Of the random pairs that training looks at.
    columns : mapping of str to str
        The kind of columns that are not recognised by their header, such as {"nom": "family"}.
    id_column : str
        The column of the record id; row numbers if there is none.

    Returns
    -------
    Links

    Raises
    ------
    BadInput
        For files that cannot be linked: unreadable, without names, fewer than two records.

    Notes
    -----
    Fellegi and Sunter 1969; expectation and maximisation as in Enamorado, Fifield and Imai 2019.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> rows = ["id,given,family,birth date", "1,Айгүл,Серікова,1990-03-07", "2,Aigul,Serikova,07.03.1990",
    ...         "3,Dana,Omarova,1985-01-02"]
    >>> with TemporaryDirectory() as folder:
    ...     file = Path(folder, "people.csv")
    ...     _ = file.write_text("\\n".join(rows), encoding="utf-8")
    ...     links = link([file], train=False)
    >>> links.pairs.select("left", "right").rows(), links.clusters["cluster"].to_list()
    ([('1', '2')], [1, 1, 2])
    """
    ids, frame = gather([Path(path) for path in paths], columns, id_column)
    found = link_records(ids, frame, model or shipped(), least=min_probability, train=train, seed=seed)
    return Links(pairs_frame(found), clusters_frame(found, found.groups()), found.model)


def pairs_frame(linked: Linked) -> pl.DataFrame:
    """left, right, probability: the strongest pair first."""
    ids = pl.Series(linked.ids)
    odds = probability(linked.weights)
    return pl.DataFrame({"left": ids[linked.left], "right": ids[linked.right], "probability": odds})


def clusters_frame(linked: Linked, groups: NDArray[np.int64]) -> pl.DataFrame:
    """id, cluster: the clusters numbered from 1 in the order of their first record."""
    return pl.DataFrame({"id": linked.ids, "cluster": np.unique(groups, return_inverse=True)[1] + 1})


def columns_frame(linked: Linked) -> pl.DataFrame:
    """unique_id and every column that the model reads, of its own type: a table for Splink."""
    lacking = [name for name in linked.model.columns if name not in linked.frame.columns]
    empty = [pl.lit(None, dtype=read_tables.TYPES.get(name, pl.String())).alias(name) for name in lacking]
    return linked.frame.with_columns(pl.Series("unique_id", linked.ids), *empty)
