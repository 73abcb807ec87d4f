"""Assembly of k-anonymous synthetic records from rounded counts, for one release only."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Any

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.evidence.counting import Counts, all_marginals
from kerege.evidence.counting.marginal_counts import Numbering
from kerege.evidence.data.record_frames import SEPARATOR
from kerege.evidence.data.snapshot import KEYS
from kerege.evidence.synthesis.k_anonymity.rounded_counts import RoundedCounts, count_targets, is_multi_valued

if TYPE_CHECKING:
    from kerege.evidence.synthesis.k_anonymity import assembly_kernels

WARNING = (
    "For one release only. A reader with two such files of the same people, made at two dates or with other settings, "
    "can compare them: what is in one and not in the other can single out people, and then the promise is broken. "
    "Nor does it hold beyond its length: longer combinations may be anyone's or no one's. And it does not keep a group "
    "from disclosure: if all who share some traits share one more, the file reveals it for each of them. If you "
    "will publish again, take the mode that counts its privacy loss (epsilon) instead."
)
MOST_RECORD_COMBINATIONS = 50_000  # most combinations of the record being built
WEIGHTS = (
    40.0,
    4.0,
    1.0,
)  # weights of errors in counts of 1, 2, 3 or more values; there are far more long combinations
SCALES = (256.0, 0.5)  # first and last error at which the gain saturates: large errors are repaired first
BONUS = 2.0  # gain for the first record of a combination
DRAWS, KEEP_RATE, COMPARISONS = 20, 80, 4_096  # drawn starts, per cent of records that keep items, records compared
EFFORT, FEWEST, MOST = 1_800_000_000, 5, 40  # approximate number of look-ups in all; least and most rounds


@dataclass(frozen=True)
class Anonymous:
    """K-anonymous records and the facts for their certificate; everything follows from rounded counts.

    `frame` has `rows` records and the columns of the original as text (lists stay lists); null is *not reported*.
    `allowed` is the number of combinations of 1, 2, ... values that at least `k` people share; `shown` is the number of
    those in the file. `left_out` is the number of values of the rounded totals that no record could take. `longest` is
    the largest number of values in a record. `silent` are the columns without any value.
    """

    frame: pl.DataFrame
    k: int
    order: int
    rows: int
    allowed: tuple[int, ...]
    shown: tuple[int, ...]
    left_out: int
    longest: int
    silent: tuple[str, ...]

    @property
    def notes(self) -> tuple[str, ...]:
        """Return sentences on the guarantee and its limits."""
        promise = (
            f"Each combination of 1 to {self.order} reported values in a record of this file, also of several values "
            f"of one column, is shared by at least {self.k} people in the original. Longer ones may be no one's."
        )
        source = (
            f"The file was formed from counts rounded down to multiples of {self.k} and from nothing else: no record "
            "of the original was read. A person whose presence changes no rounded count changes nothing here."
        )
        totals = (
            f"The number of records is that of the original rounded down to a multiple of {self.k}, and no value "
            "occurs more often than its own count, rounded down likewise."
        )
        return promise, source, totals, WARNING

    def as_dict(self) -> dict[str, Any]:
        """Return the facts without the records, for JSON."""
        names = ("k", "order", "rows", "allowed", "shown", "left_out", "longest", "silent", "notes")
        return {name: getattr(self, name) for name in names}


def k_anonymous(
    frame: pl.DataFrame, k: int, order: int, *, multi: frozenset[str] = frozenset(), seed: int = 0
) -> Anonymous:
    """Make synthetic records in which at least `k` people share each combination of `order` values.

    Publish only one such file of a register, because two can be compared.

    Parameters
    ----------
    frame : DataFrame
        A row is a person; null and '' are *not reported*. Columns of lists hold several values. The record key is left
        out.
    k : int
        Fewest people who share a combination, from 2 to the number of rows.
    order : int
        Length of the longest protected combinations, 1 or more.
    multi : frozenset of str
        Text columns with `;` between values. Each value is protected as if it had a column of its own, so two of them
        form a combination.
    seed : int
        Random seed of the assembly. The same counts and seed give the same file.

    Returns
    -------
    Anonymous
        The records, and the facts for their certificate.

    Raises
    ------
    BadInput
        If k is below 2 or above the number of records, the order is below 1, there are no records, columns are invalid,
        or there are too many combinations (MOST_COMBINATIONS).

    Notes
    -----
    k-anonymity: Sweeney 2002, "k-anonymity: a model for protecting privacy", International Journal of Uncertainty,
    Fuzziness and Knowledge-Based Systems 10(5). The method is the aggregate-seeded mode of Synthetic Data Showcase
    (Edge and others 2020, "Design of a privacy-preserving data platform for collaboration against human trafficking").
    Only rounded counts of the allowed combinations are used, so no part of a real record longer than `order` can
    appear; row-seeded records cannot guarantee this. Showcase draws records value by value. Here records are rebuilt
    one by one while this moves the counts closer to the rounded ones.

    Examples
    --------
    >>> rows = pl.DataFrame({"sex": ["female", "male", "female"] * 20, "form": ["labour", "sexual", "sexual"] * 20})
    >>> result = k_anonymous(rows, k=10, order=2)
    >>> result.frame.height, result.frame.columns
    (60, ['sex', 'form'])
    """
    _check(frame, k, order)
    rounded, columns = count_targets(frame, k, order, multi)
    records, lengths, left_out = _assemble(rounded, seed)
    shown = _check_and_count(rounded, records, lengths)
    result = _decode(frame, multi, rounded, records, lengths)
    reported_names = {item.name for item in rounded.items}
    return Anonymous(
        frame=result,
        k=k,
        order=order,
        rows=rounded.rows,
        allowed=tuple(np.bincount(rounded.lengths, minlength=rounded.order + 1)[1:].tolist()),
        shown=shown,
        left_out=left_out,
        longest=int(lengths.max(initial=0)),
        silent=tuple(name for name in columns if name not in reported_names),
    )


def _check(frame: pl.DataFrame, k: int, order: int) -> None:
    if not frame.height:
        raise BadInput(Fault("there are no records", "give at least k of them"))
    if k < 2:
        raise BadInput(Fault(f"k = {k} would protect nobody", "take 2 or more, such as 10"))
    if order < 1:
        raise BadInput(Fault(f"there are no combinations of {order} values", "take 1, 2, 3 or more"))
    if k > frame.height:
        raise BadInput(Fault(f"k = {k} is more than the {frame.height} records", "take a smaller k"))


def _assemble(rounded: RoundedCounts, seed: int) -> tuple[NDArray[np.int32], Counts, int]:
    """Return records as items (rows, most values), their sizes, and the number of values left out."""
    width = _limit_values(rounded)
    records = np.full((rounded.rows, width), -1, dtype=np.int32)
    lengths = np.zeros(rounded.rows, dtype=np.int64)
    if not rounded.items:
        return records, lengths, 0
    from kerege.evidence.synthesis.k_anonymity import assembly_kernels  # compiled when loaded

    random = np.random.default_rng(seed)
    targets = _build_kernel_targets(rounded, random)
    most_combinations = sum(comb(width, length) for length in range(rounded.order)) + 1
    workspace = assembly_kernels.AssemblyWorkspace(
        np.zeros(width, np.int64),
        np.zeros(most_combinations, np.uint64),
        np.zeros(most_combinations, np.int64),
        np.zeros(len(rounded.items), np.int64),
        np.zeros(len(rounded.items)),
    )
    state = random.integers(1, 1 << 63, size=1, dtype=np.uint64)
    weight = np.array([WEIGHTS[min(length, len(WEIGHTS)) - 1] for length in range(1, rounded.order + 1)])
    for scale in np.geomspace(*SCALES, _choose_rounds(rounded)).tolist():
        objective = assembly_kernels.AssemblyObjective(weight, scale, BONUS)
        assembly_kernels.sweep(records, lengths, targets, objective, workspace, state, DRAWS, KEEP_RATE)
    assembly_kernels.complete(records, lengths, targets, objective, workspace, state, COMPARISONS)
    order = random.permutation(rounded.rows)  # removes any dependence of a record on its position
    left_out = int(targets.cells[targets.single_slot, 0].sum())
    return records[order], lengths[order], left_out


def _choose_rounds(rounded: RoundedCounts) -> int:
    """Return how often to rebuild each record: less often with many combinations and candidates."""
    mean = int(rounded.counts[rounded.lengths == 1].sum()) // rounded.rows
    joining = 2 * int((rounded.lengths == 2).sum()) // len(rounded.items) if rounded.order > 1 else len(rounded.items)
    looks = (joining + 1) * sum(comb(mean, length) for length in range(rounded.order))
    return min(MOST, max(FEWEST, EFFORT // (rounded.rows * looks)))


def _limit_values(rounded: RoundedCounts) -> int:
    """Return the most values of a record: the number of columns, or fewer to limit combinations."""
    width = rounded.items[-1].column + 1 if rounded.items else 1
    while (
        width > rounded.order and sum(comb(width, length) for length in range(rounded.order)) > MOST_RECORD_COMBINATIONS
    ):
        width -= 1
    return width


def _build_kernel_targets(rounded: RoundedCounts, random: np.random.Generator) -> assembly_kernels.AssemblyTargets:
    """Return the inputs of the assembly as arrays for the kernels."""
    from kerege.evidence.synthesis.k_anonymity import assembly_kernels  # compiled when loaded

    is_item = rounded.combinations >= 0
    while True:  # repeated only if two combinations have one key, about once in 10^12
        numbers = random.integers(1, 1 << 63, size=len(rounded.items) + 1, dtype=np.uint64)
        numbers[-1] = 0
        sums = numbers[rounded.combinations].sum(axis=1, dtype=np.uint64)
        if sums.all() and len(np.unique(sums)) == len(sums):
            break
    keys = np.zeros(1 << (2 * len(sums)).bit_length(), dtype=np.uint64)
    places = np.zeros(len(sums), dtype=np.int64)
    assembly_kernels.insert(keys, sums, places)
    cells = np.zeros((len(keys), 2), dtype=np.int32)
    cells[places] = rounded.counts[:, None]
    alone = rounded.lengths == 1
    single = np.zeros(len(rounded.items), dtype=np.int64)
    single[rounded.combinations[alone, 0]] = places[alone]
    pairs = rounded.combinations[is_item.sum(axis=1) == 2][:, :2]
    ordered_pairs = np.concatenate([pairs, pairs[:, ::-1]]) if rounded.order > 1 else np.empty((0, 2), np.int64)
    ordered_pairs = ordered_pairs[np.lexsort((ordered_pairs[:, 1], ordered_pairs[:, 0]))]
    start = np.searchsorted(ordered_pairs[:, 0], np.arange(len(rounded.items) + 1))
    column = np.array([item.column for item in rounded.items])
    combinations = np.ascontiguousarray(rounded.combinations)
    return assembly_kernels.AssemblyTargets(
        order=rounded.order,
        item_keys=numbers[:-1].copy(),
        column=column,
        single_slot=single,
        start=start,
        partners=ordered_pairs[:, 1].copy(),
        keys=keys,
        cells=cells,
        items=combinations,
        slots=places,
    )


def _flatten(records: NDArray[np.int32], lengths: Counts) -> tuple[Counts, Counts]:
    """Return the row and the item of every value of all records."""
    row = np.repeat(np.arange(len(records)), lengths)
    return row, records[np.arange(records.shape[1]) < lengths[:, None]].astype(np.int64)


def _check_and_count(rounded: RoundedCounts, records: NDArray[np.int32], lengths: Counts) -> tuple[int, ...]:
    """Return the number of combinations in the file by length.

    The file is counted anew. Raise RuntimeError if it contains a combination that is not allowed.
    """
    if not rounded.items:
        return (0,)
    owner = np.array([item.column for item in rounded.items])
    row, item = _flatten(records, lengths)
    codes = np.full((owner[-1] + 1, len(records)), -1, dtype=np.int32)
    codes[owner[item], row] = item
    wide = pl.DataFrame({str(at): pl.Series(line).replace(-1, None) for at, line in enumerate(codes)})
    marginals = all_marginals(wide, rounded.order)
    numbering = Numbering(np.bincount(owner).tolist(), rounded.order)
    first = np.searchsorted(owner, np.arange(owner[-1] + 1))
    starts = np.cumsum([0, *map(len, marginals.values.values())])
    flat = np.array([int(value) for values in marginals.values.values() for value in values], dtype=np.int64)
    shown = []
    for length in range(1, rounded.order + 1):
        columns, places, _hits = marginals.combinations(length)
        cells = numbering.cells(columns, flat[starts[columns] + places] - first[columns])
        items = rounded.combinations[rounded.lengths == length, :length]
        if not np.isin(cells, numbering.cells(owner[items], items - first[owner[items]])).all():
            raise RuntimeError("a combination of too few people was formed: nothing is handed out")
        shown.append(len(cells))
    return tuple(shown)


def _decode(
    frame: pl.DataFrame, multi: Iterable[str], rounded: RoundedCounts, records: NDArray[np.int32], lengths: Counts
) -> pl.DataFrame:
    """Return the records as a frame with the columns of the original."""
    row, item = _flatten(records, lengths)
    names = [name for name in frame.columns if name not in KEYS]
    owner = np.array([names.index(entry.name) for entry in rounded.items], dtype=np.int64)
    indices_by_column = np.split(*_sort_by_column(owner[item], len(names)))
    values = pl.Series([entry.value for entry in rounded.items], dtype=pl.String)
    columns = []
    for name, places in zip(names, indices_by_column, strict=True):
        values_of_column = pl.DataFrame({"row": row[places], "value": values.gather(item[places])})
        if is_multi_valued(frame[name], name, frozenset(multi)):
            values_of_column = values_of_column.group_by("row").agg(pl.col("value").sort())
            if frame[name].dtype == pl.String:
                values_of_column = values_of_column.with_columns(pl.col("value").list.join(SEPARATOR))
        rows = pl.DataFrame({"row": np.arange(len(records))})
        columns.append(rows.join(values_of_column, on="row", how="left", maintain_order="left")["value"].alias(name))
    return pl.DataFrame(columns)


def _sort_by_column(owner: Counts, columns: int) -> tuple[Counts, Counts]:
    """Return the indices sorted by column, and the start of each column after the first."""
    order = np.argsort(owner, kind="stable")
    return order, np.searchsorted(owner[order], np.arange(1, columns))


__all__ = ["WARNING", "Anonymous", "k_anonymous"]
