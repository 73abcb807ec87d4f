"""Synthetic records in which nothing is told of fewer than k people: for one release, and no more."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import comb
from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.base.errors import BadInput, Fault
from kerege.evidence.counting import Counts, Marginals, all_marginals
from kerege.evidence.counting.marginal_counts import Numbering
from kerege.evidence.data.snapshot import RECORD_KEY, SEPARATOR

if TYPE_CHECKING:
    from kerege.evidence.synthesis.k_anonymity import assembly_kernels

WARNING = (
    "For one release only. Whoever holds two such files of the same people, made at two dates or with other settings, "
    "can compare them: what is in one and not in the other can point to single people, and then the promise is broken. "
    "Nor does it hold beyond its length: longer combinations may be anyone's or no one's. And it does not keep a group "
    "from being told about: if all who share some traits share one more, the file says so of each of them. If you "
    "will publish again, take the mode that counts its privacy loss (epsilon) instead."
)
MOST_COMBINATIONS = 4_000_000
MOST_BESIDE = 50_000  # combinations kept of a record while it is formed
WEIGHTS = (40.0, 4.0, 1.0)  # of an error in counts of 1, 2, 3 and more values: there are far more of the longer ones
SCALES = (256.0, 0.5)  # errors beyond this count alike: first the large ones are mended, in the end each counts
BONUS = 2.0  # for the first record of a combination
TRIES, KEEP, LOOKS = 20, 80, 4_096
EFFORT, FEWEST, MOST = 1_800_000_000, 5, 40  # looks at combinations in all, roughly; rounds


@dataclass(frozen=True)
class Anonymous:
    """Synthetic records and what a certificate tells of them; all of it follows from rounded counts.

    `frame` has `rows` records and the columns of the original as text (lists where these were lists); null is *not
    reported*. `allowed` and `shown` are the numbers of combinations of 1, 2, ... values that at least `k` people share,
    and of those that occur in the file. `left_out` are the values, added up over the rounded totals, for which no
    record had room; `longest` is the largest number of values in a record; `silent` are the columns that say nothing.
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
        """What is promised and what is not, in words."""
        promise = (
            f"Each combination of 1 to {self.order} reported values in a record of this file, also of several values "
            f"of one column, is shared by at least {self.k} people in the original. Longer ones may be no one's."
        )
        source = (
            f"The file was formed from counts rounded down to multiples of {self.k} and from nothing else: no record "
            "of the original was looked at. A person whose presence changes no rounded count changes nothing here."
        )
        totals = (
            f"The number of records is that of the original rounded down to a multiple of {self.k}, and no value "
            "occurs more often than its own count, rounded down likewise."
        )
        return promise, source, totals, WARNING

    def as_dict(self) -> dict[str, Any]:
        """The same without the records, for JSON."""
        told = ("k", "order", "rows", "allowed", "shown", "left_out", "longest", "silent", "notes")
        return {name: getattr(self, name) for name in told}


class _Item(NamedTuple):
    """A value of a column of the original, and the column of its own kind that it has in the count."""

    name: str
    value: str
    column: int


class _Aims(NamedTuple):
    """All that the records are formed from: items, allowed combinations and their counts, rounded."""

    rows: int
    order: int
    items: list[_Item]
    combinations: Counts  # (combinations, order): items, ascending; -1 behind the last
    lengths: Counts
    counts: Counts  # in records, how often each should occur


def k_anonymous(
    frame: pl.DataFrame, k: int, order: int, *, multi: frozenset[str] = frozenset(), seed: int = 0
) -> Anonymous:
    """Make synthetic records of which every combination of up to `order` values is shared by `k` people or more.

    One row a person; null and '' are *not reported*; columns of lists, and those in `multi` (text with `;`), have
    several values, each of which is guarded as if it had a column of its own, so two of them together are a
    combination here. The record key is left out. The same counts and seed yield the same file.

    Of the modes of Synthetic Data Showcase (row-seeded, value-seeded, aggregate-seeded) this is the aggregate-seeded
    one: rounded counts of the allowed combinations are the only thing handed on, so that nothing of a real record that
    is longer than `order` can come through, which row-seeded records cannot promise. Theirs are drawn value by value;
    ours are formed anew, one after the other, as long as that brings the counts nearer to the rounded ones.
    Raises BadInput for k below 2 or above the number of records, an order below 1, no records, bad columns, and when
    there are more combinations than can be held. Publish one such file of a register: two can be compared.

    Examples
    --------
    >>> rows = pl.DataFrame({"sex": ["female", "male", "female"] * 20, "form": ["labour", "sexual", "sexual"] * 20})
    >>> found = k_anonymous(rows, k=10, order=2)
    >>> found.frame.height, found.frame.columns
    (60, ['sex', 'form'])
    """
    _check(frame, k, order)
    aims, columns = _aims(frame, k, order, multi)
    records, lengths, short = _formed(aims, seed)
    shown = _shown(aims, records, lengths)
    made = _frame(frame, multi, aims, records, lengths)
    heard = {item.name for item in aims.items}
    return Anonymous(
        made,
        k,
        order,
        aims.rows,
        tuple(np.bincount(aims.lengths, minlength=aims.order + 1)[1:].tolist()),
        shown,
        short,
        int(lengths.max(initial=0)),
        tuple(name for name in columns if name not in heard),
    )


def _check(frame: pl.DataFrame, k: int, order: int) -> None:
    if not frame.height:
        raise BadInput(Fault("there are no records", "give at least k of them"))
    if k < 2:
        raise BadInput(Fault(f"k = {k} would hide no one", "take 2 or more, as 10"))
    if order < 1:
        raise BadInput(Fault(f"there are no combinations of {order} values", "take 1, 2, 3 or more"))
    if k > frame.height:
        raise BadInput(Fault(f"k = {k} is more than the {frame.height} records", "take a smaller k"))


def _aims(frame: pl.DataFrame, k: int, order: int, multi: frozenset[str]) -> tuple[_Aims, list[str]]:
    """Count, and round; from here on no one sees the records."""
    single = all_marginals(frame, 1, multi=multi)
    rows = frame.height // k * k
    kept = _kept(single, k)
    if not kept:
        return _Aims(rows, 1, [], np.empty((0, 1), np.int64), *[np.empty(0, np.int64)] * 2), single.columns
    apart = {name: values for name, values in kept.items() if _several(frame[name], name, multi)}
    plain = [
        pl.when(column.is_in(kept[column.name])).then(column).alias(column.name)
        for column in (frame[name].cast(pl.String) for name in kept if name not in apart)
    ]
    counted = all_marginals(frame.with_columns(plain), order, columns=list(kept), multi=multi & {*kept}, apart=apart)
    order, items = counted.order, _items(kept, apart)
    combinations, lengths, counts = [], [], []
    starts = np.cumsum([0, *map(len, counted.values.values())])
    for length in range(1, order + 1):
        columns, codes, hits = counted.combinations(length)
        allowed = hits >= k
        found = starts[columns[allowed]] + codes[allowed]
        combinations.append(np.pad(found, ((0, 0), (0, order - length)), constant_values=-1))
        lengths.append(np.full(len(found), length))
        counts.append(hits[allowed] // k * k)
    together = np.concatenate(combinations)
    if len(together) > MOST_COMBINATIONS:
        fault = Fault(
            f"there are {len(together):,} combinations of up to {order} values, too many to hold",
            "take a lower order, a larger k or fewer columns",
        )
        raise BadInput(fault)
    return _Aims(rows, order, items, together, np.concatenate(lengths), _middle(together, counts, k)), single.columns


def _middle(combinations: Counts, counts: list[Counts], k: int) -> Counts:
    """What to aim at: the rounded totals of values; of longer ones the middle of what the rounded count can mean."""
    totals = np.append(counts[0], np.iinfo(np.int64).max)  # no item, no limit
    aims = np.concatenate([counts[0], *(each + (k - 1) // 2 for each in counts[1:])])
    return np.asarray(np.minimum(aims, totals[combinations].min(axis=1)))


def _kept(single: Marginals, k: int) -> dict[str, list[str]]:
    """The values that k people have, of the columns that have any."""
    kept = {
        name: [value for value, hits in zip(values, single[name].tolist(), strict=True) if hits >= k]
        for name, values in single.values.items()
    }
    return {name: values for name, values in kept.items() if values}


def _items(kept: Mapping[str, list[str]], apart: Collection[str]) -> list[_Item]:
    """The values in the order in which they are counted, each of a column of several in a column of its own."""
    items: list[_Item] = []
    for name, values in kept.items():
        first = items[-1].column + 1 if items else 0
        items += [_Item(name, value, first + (place if name in apart else 0)) for place, value in enumerate(values)]
    return items


def _several(column: pl.Series, name: str, multi: frozenset[str]) -> bool:
    return isinstance(column.dtype, pl.List) or (column.dtype == pl.String and name in multi)


def _formed(aims: _Aims, seed: int) -> tuple[NDArray[np.int32], Counts, int]:
    """Records as items (rows, most values), how many each has, and how many values found no room."""
    width = _most_values(aims)
    records = np.full((aims.rows, width), -1, dtype=np.int32)
    lengths = np.zeros(aims.rows, dtype=np.int64)
    if not aims.items:
        return records, lengths, 0
    from kerege.evidence.synthesis.k_anonymity import assembly_kernels  # compiled when loaded

    random = np.random.default_rng(seed)
    wanted = _wanted(aims, random)
    beside = sum(comb(width, length) for length in range(aims.order)) + 1
    room = assembly_kernels.Room(
        np.zeros(width, np.int64),
        np.zeros(beside, np.uint64),
        np.zeros(beside, np.int64),
        np.zeros(len(aims.items), np.int64),
        np.zeros(len(aims.items)),
    )
    state = random.integers(1, 1 << 63, size=1, dtype=np.uint64)
    weight = np.array([WEIGHTS[min(length, len(WEIGHTS)) - 1] for length in range(1, aims.order + 1)])
    for scale in np.geomspace(*SCALES, _rounds(aims)).tolist():
        taste = assembly_kernels.Taste(weight, scale, BONUS)
        assembly_kernels.sweep(records, lengths, wanted, taste, room, state, TRIES, KEEP)
    assembly_kernels.complete(records, lengths, wanted, taste, room, state, LOOKS)
    order = random.permutation(aims.rows)  # the first records are formed when everything is still wanted
    short = int(wanted.cells[wanted.single, 0].sum())
    return records[order], lengths[order], short


def _rounds(aims: _Aims) -> int:
    """How often to form each record anew: less often where a record has many combinations and many could join."""
    mean = int(aims.counts[aims.lengths == 1].sum()) // aims.rows
    joining = 2 * int((aims.lengths == 2).sum()) // len(aims.items) if aims.order > 1 else len(aims.items)
    looks = (joining + 1) * sum(comb(mean, length) for length in range(aims.order))
    return min(MOST, max(FEWEST, EFFORT // (aims.rows * looks)))


def _most_values(aims: _Aims) -> int:
    """How many values a record may have: as many as there are columns, unless it had too many combinations."""
    width = aims.items[-1].column + 1 if aims.items else 1
    while width > aims.order and sum(comb(width, length) for length in range(aims.order)) > MOST_BESIDE:
        width -= 1
    return width


def _wanted(aims: _Aims, random: np.random.Generator) -> assembly_kernels.Wanted:
    """The same for the loops."""
    from kerege.evidence.synthesis.k_anonymity import assembly_kernels  # compiled when loaded

    here = aims.combinations >= 0
    while True:  # once, but for one case in 10^12
        numbers = random.integers(1, 1 << 63, size=len(aims.items) + 1, dtype=np.uint64)
        numbers[-1] = 0
        sums = numbers[aims.combinations].sum(axis=1, dtype=np.uint64)
        if sums.all() and len(np.unique(sums)) == len(sums):
            break
    keys = np.zeros(1 << (2 * len(sums)).bit_length(), dtype=np.uint64)
    places = np.zeros(len(sums), dtype=np.int64)
    assembly_kernels.insert(keys, sums, places)
    cells = np.zeros((len(keys), 2), dtype=np.int32)
    cells[places] = aims.counts[:, None]
    alone = aims.lengths == 1
    single = np.zeros(len(aims.items), dtype=np.int64)
    single[aims.combinations[alone, 0]] = places[alone]
    pairs = aims.combinations[here.sum(axis=1) == 2][:, :2]
    both = np.concatenate([pairs, pairs[:, ::-1]]) if aims.order > 1 else np.empty((0, 2), np.int64)
    both = both[np.lexsort((both[:, 1], both[:, 0]))]
    start = np.searchsorted(both[:, 0], np.arange(len(aims.items) + 1))
    column = np.array([item.column for item in aims.items])
    combinations = np.ascontiguousarray(aims.combinations)
    return assembly_kernels.Wanted(
        aims.order, numbers[:-1].copy(), column, single, start, both[:, 1].copy(), keys, cells, combinations, places
    )


def _flat(records: NDArray[np.int32], lengths: Counts) -> tuple[Counts, Counts]:
    """All values of all records: row and item."""
    row = np.repeat(np.arange(len(records)), lengths)
    return row, records[np.arange(records.shape[1]) < lengths[:, None]].astype(np.int64)


def _shown(aims: _Aims, records: NDArray[np.int32], lengths: Counts) -> tuple[int, ...]:
    """Combinations that occur, by length. The file is counted anew: nothing is handed out that is not allowed."""
    if not aims.items:
        return (0,)
    owner = np.array([item.column for item in aims.items])
    row, item = _flat(records, lengths)
    codes = np.full((owner[-1] + 1, len(records)), -1, dtype=np.int32)
    codes[owner[item], row] = item
    wide = pl.DataFrame({str(at): pl.Series(line).replace(-1, None) for at, line in enumerate(codes)})
    made = all_marginals(wide, aims.order)
    numbering = Numbering(np.bincount(owner).tolist(), aims.order)
    first = np.searchsorted(owner, np.arange(owner[-1] + 1))
    starts = np.cumsum([0, *map(len, made.values.values())])
    flat = np.array([int(value) for values in made.values.values() for value in values], dtype=np.int64)
    shown = []
    for length in range(1, aims.order + 1):
        columns, places, _hits = made.combinations(length)
        found = numbering.cells(columns, flat[starts[columns] + places] - first[columns])
        items = aims.combinations[aims.lengths == length, :length]
        if not np.isin(found, numbering.cells(owner[items], items - first[owner[items]])).all():
            raise RuntimeError("a combination of too few people was formed: nothing is handed out")
        shown.append(len(found))
    return tuple(shown)


def _frame(
    frame: pl.DataFrame, multi: Iterable[str], aims: _Aims, records: NDArray[np.int32], lengths: Counts
) -> pl.DataFrame:
    """The records as a frame like the original."""
    row, item = _flat(records, lengths)
    names = [name for name in frame.columns if name != RECORD_KEY]
    owner = np.array([names.index(each.name) for each in aims.items], dtype=np.int64)
    told = np.split(*_by_column(owner[item], len(names)))
    values = pl.Series([each.value for each in aims.items], dtype=pl.String)
    columns = []
    for name, places in zip(names, told, strict=True):
        said = pl.DataFrame({"row": row[places], "value": values.gather(item[places])})
        if _several(frame[name], name, frozenset(multi)):
            said = said.group_by("row").agg(pl.col("value").sort())
            if frame[name].dtype == pl.String:
                said = said.with_columns(pl.col("value").list.join(SEPARATOR))
        rows = pl.DataFrame({"row": np.arange(len(records))})
        columns.append(rows.join(said, on="row", how="left", maintain_order="left")["value"].alias(name))
    return pl.DataFrame(columns)


def _by_column(owner: Counts, columns: int) -> tuple[Counts, Counts]:
    """Places in the order of their columns, and where each next column begins."""
    order = np.argsort(owner, kind="stable")
    return order, np.searchsorted(owner[order], np.arange(1, columns))


__all__ = ["WARNING", "Anonymous", "k_anonymous"]
