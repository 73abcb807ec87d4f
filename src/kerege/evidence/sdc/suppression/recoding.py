"""Global recoding of a table: codes replaced by their parents, small categories merged."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from kerege.evidence.counting.frequency_table import NOT_REPORTED, OTHER, Table
from kerege.vocabulary import codes, snapshot_columns

CodeMapping = dict[str, str]


def recode(table: Table, threshold: int = 10) -> list[Table]:
    """Return recoded versions of a table: in one column, parent codes or merged small categories.

    Parameters
    ----------
    table : Table
        Counts with their margins. Multi-valued columns stay as they are.
    threshold : int
        A category with fewer people is small.

    Returns
    -------
    list of Table
        Without suppressed cells; empty when no column can be recoded. Protect each table before publication.

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
    return [recoded for d in range(len(table.by)) for recoded, _ in candidates(table, [d], threshold)]


def candidates(table: Table, dimensions: list[int], threshold: int) -> Iterator[tuple[Table, float]]:
    """Yield recoded tables, each with the number of people whose category lost its own figure."""
    for choose in (_merge_small, _merge_small_with_unreported, _parents):
        recoded, people = table, 0.0
        for d in dimensions:
            mapping = None if table.by[d] in table.multi else choose(recoded, d, threshold)
            if mapping is None:
                break
            people += people_recoded(recoded, d, mapping)
            recoded = merge(recoded, d, mapping)
        else:
            yield recoded, people


def mappings(table: Table, d: int, threshold: int) -> Iterator[CodeMapping]:
    """Yield the mappings of the codes of one dimension that a recoding may use, the finest first."""
    for choose in (_merge_small, _merge_small_with_unreported, _parents):
        mapping = choose(table, d, threshold)
        if mapping is not None:
            yield mapping


def merge(table: Table, d: int, mapping: CodeMapping) -> Table:
    """Return the table with the codes of one dimension replaced; counts of merged codes are added."""
    axis = table.axes[d]
    codes_after = list(dict.fromkeys(mapping.get(code, code) for code in axis))
    # `_O` and `_U` come last
    codes_after.sort(key=lambda code: (code == NOT_REPORTED, code == OTHER))
    shape = list(table.counts.shape)
    shape[d] = len(codes_after)
    counts = np.zeros(shape, dtype=np.int64)
    places = [codes_after.index(mapping.get(code, code)) for code in axis]
    np.add.at(np.moveaxis(counts, d, 0), places, np.moveaxis(table.counts, d, 0))
    axes = tuple(tuple(codes_after) if i == d else codes_before for i, codes_before in enumerate(table.axes))
    people = None if table.people is None else table.people.merged(d, places, len(codes_after))
    params = table.params | {f"coarsened:{table.by[d]}": _recoding_name(mapping)}
    status = np.zeros(shape, np.uint8)
    return replace(table, axes=axes, counts=counts, status=status, params=params, people=people)


def _recoding_name(mapping: CodeMapping) -> str:
    return OTHER if set(mapping.values()) == {OTHER} else "parent"


def _margin(table: Table, d: int) -> dict[str, int]:
    """Return the one-way counts of a dimension, smallest first."""
    line = tuple(slice(None) if i == d else 0 for i in range(table.counts.ndim))
    pairs = list(zip(table.axes[d], table.counts[line].tolist(), strict=True))[1:]
    return dict(sorted(pairs, key=lambda pair: pair[1]))


def people_recoded(table: Table, d: int, mapping: CodeMapping) -> float:
    """Return how many people have a code that the mapping replaces."""
    lines = np.moveaxis(table.counts, d, 0)
    return float(sum(lines[i].sum() for i, code in enumerate(table.axes[d]) if code in mapping))


def _merge_small(table: Table, d: int, threshold: int) -> CodeMapping | None:
    """Return a mapping that merges small categories, and further ones up to the threshold."""
    margin = {code: count for code, count in _margin(table, d).items() if code != NOT_REPORTED}
    return _merge_until(margin, table.total, threshold, [])


def _merge_small_with_unreported(table: Table, d: int, threshold: int) -> CodeMapping | None:
    """Return a mapping that merges small categories with `_U`, None without `_U`."""
    margin = _margin(table, d)
    if NOT_REPORTED not in margin:
        return None
    return _merge_until(margin, table.total, threshold, [NOT_REPORTED])


def _merge_until(margin: dict[str, int], total: int, threshold: int, group: list[str]) -> CodeMapping | None:
    """Extend the group to the threshold, smallest categories first; None when it is needless or too large."""
    group = list(group)
    has_small = any(0 < count < threshold for count in margin.values())
    for code, count in margin.items():
        together = sum(margin[member] for member in group)
        if count >= threshold and together >= threshold:
            break
        if count and code not in group:
            group.append(code)
    largest = max((margin[code] for code in group if code != NOT_REPORTED), default=0)
    if not has_small or len(group) < 2 or largest > max(threshold, 0.05 * total):
        return None
    return dict.fromkeys(group, OTHER)


def _parents(table: Table, d: int, threshold: int) -> CodeMapping | None:
    """Return the mapping of every code to its parent in the code list, None when there are no parents."""
    try:
        name = snapshot_columns.column(table.of, table.by[d]).list
        entries = codes.code_list(name).codes
    except LookupError:
        return None
    mapping = {code: entries[code].parent for code in table.axes[d] if code in entries and entries[code].parent}
    return mapping or None
