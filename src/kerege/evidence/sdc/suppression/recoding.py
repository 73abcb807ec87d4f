"""Coarser versions of a table: codes replaced by their parents, small categories shown together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, Table
from kerege.vocabulary import codes, snapshot_columns

Mapping = dict[str, str]


def recode(table: Table, threshold: int = 10) -> list[Table]:
    """Return coarser versions of a table: in one column, codes are replaced by their parents or small ones are joined.

    Parameters
    ----------
    table : Table
        Counts with their margins. Columns with several values of a person stay as they are.
    threshold : int
        A category with fewer people is small.

    Returns
    -------
    list of Table
        Without cells suppressed; none where no column can be made coarser. Protect each of them before publication.

    Notes
    -----
    Global recoding: ESSnet handbook on statistical disclosure control, chapter 5.

    Examples
    --------
    >>> rows = ["form,count,status", "_T,97,ok", "labour,50,ok", "sexual,41,ok", "begging,4,ok", "crime,2,ok"]
    >>> table = Table.from_csv("\\n".join(rows))
    >>> [(coarse.axes[0], coarse.counts.tolist()) for coarse in recode(table, threshold=5)]
    [(('_T', 'labour', 'sexual', '_O'), [97, 50, 41, 6])]
    """
    return [coarse for d in range(len(table.by)) for coarse, _ in candidates(table, [d], threshold)]


def candidates(table: Table, dimensions: list[int], threshold: int) -> Iterator[tuple[Table, float]]:
    """Coarser tables, each with the number of people whose category is no longer shown by itself."""
    for choose in (_small_together, _small_with_silent, _parents):
        coarse, gone = table, 0.0
        for d in dimensions:
            mapping = None if table.by[d] in table.multi else choose(coarse, d, threshold)
            if mapping is None:
                break
            gone += _moved(coarse, d, mapping)
            coarse = merge(coarse, d, mapping)
        else:
            yield coarse, gone


def merge(table: Table, d: int, mapping: Mapping) -> Table:
    """The table with the codes of one dimension replaced; counts of codes that become one are added."""
    axis = table.axes[d]
    fresh = list(dict.fromkeys(mapping.get(code, code) for code in axis))
    # what is not a category of its own stands last
    fresh.sort(key=lambda code: (code == NOT_REPORTED, code == OTHER))
    shape = list(table.counts.shape)
    shape[d] = len(fresh)
    counts = np.zeros(shape, dtype=np.int64)
    places = [fresh.index(mapping.get(code, code)) for code in axis]
    np.add.at(np.moveaxis(counts, d, 0), places, np.moveaxis(table.counts, d, 0))
    axes = tuple(tuple(fresh) if i == d else each for i, each in enumerate(table.axes))
    params = table.params | {f"coarsened:{table.by[d]}": _called(mapping)}
    return replace(table, axes=axes, counts=counts, status=np.zeros(shape, np.uint8), params=params)


def _called(mapping: Mapping) -> str:
    return OTHER if set(mapping.values()) == {OTHER} else "parent"


def _margin(table: Table, d: int) -> dict[str, int]:
    """The one-way counts of a dimension, smallest first."""
    line = tuple(slice(None) if i == d else 0 for i in range(table.counts.ndim))
    pairs = list(zip(table.axes[d], table.counts[line].tolist(), strict=True))[1:]
    return dict(sorted(pairs, key=lambda pair: pair[1]))


def _moved(table: Table, d: int, mapping: Mapping) -> float:
    lines = np.moveaxis(table.counts, d, 0)
    return float(sum(lines[i].sum() for i, code in enumerate(table.axes[d]) if code in mapping))


def _small_together(table: Table, d: int, threshold: int) -> Mapping | None:
    """The small categories together, with the next smallest ones until they are enough."""
    margin = {code: count for code, count in _margin(table, d).items() if code != NOT_REPORTED}
    return _enough(margin, table.total, threshold, [])


def _small_with_silent(table: Table, d: int, threshold: int) -> Mapping | None:
    """The small categories together with those of whom nothing is reported."""
    margin = _margin(table, d)
    if NOT_REPORTED not in margin:
        return None
    return _enough(margin, table.total, threshold, [NOT_REPORTED])


def _enough(margin: dict[str, int], total: int, threshold: int, group: list[str]) -> Mapping | None:
    group = list(group)
    small = any(0 < count < threshold for count in margin.values())
    for code, count in margin.items():
        together = sum(margin[each] for each in group)
        if count >= threshold and together >= threshold:
            break
        if count and code not in group:
            group.append(code)
    big = max((margin[code] for code in group if code != NOT_REPORTED), default=0)
    if not small or len(group) < 2 or big > max(threshold, 0.05 * total):
        return None
    return dict.fromkeys(group, OTHER)


def _parents(table: Table, d: int, threshold: int) -> Mapping | None:
    """Every code replaced by its parent in the public hierarchy."""
    try:
        name = snapshot_columns.column(table.of, table.by[d]).list
        known = codes.code_list(name).codes
    except LookupError:
        return None
    mapping = {code: known[code].parent for code in table.axes[d] if code in known and known[code].parent}
    return mapping or None
