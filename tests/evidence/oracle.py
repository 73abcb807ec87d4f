"""An intruder that shares no code with the audit: rules of a table, scipy's solver, enumeration."""

from __future__ import annotations

from itertools import product

import numpy as np
from scipy.optimize import Bounds, LinearConstraint, milp

from kerege.evidence.counting.frequency_table import TableCell

Cells = dict[tuple[str, ...], TableCell]
FAR = 10_000


def rules(keys: list[tuple[str, ...]], multi: set[int] | None = None) -> list[tuple[dict[int, int], float, float]]:
    """Return every relation between cells that holds for any table with these keys."""
    index = {key: i for i, key in enumerate(keys)}
    relations = []
    for d in range(len(keys[0])):
        for key in keys:
            if key[d] != "_T":
                continue
            parts = [k for k in keys if k[d] != "_T" and k[:d] + k[d + 1 :] == key[:d] + key[d + 1 :]]
            row = {index[key]: -1} | {index[k]: 1 for k in parts}
            if d not in (multi or set()):
                relations.append((row, 0.0, 0.0))
                continue
            relations.append((row, 0.0, np.inf))
            silent = [index[k] for k in parts if k[d] == "_U"]
            for k in parts:
                members = {index[key]: -1, index[k]: 1} | dict.fromkeys(silent, 1)
                relations.append((members, -np.inf, 0.0))
    return relations


def is_safe(low: int, high: int, threshold: int) -> bool:
    """Return whether a group with these ends is safe: never small, certainly empty, or of many sizes."""
    return low >= threshold or high == 0 or (high >= threshold and high - low >= threshold - 1)


def bounds(cells: Cells, half: int = 0, least: int = 1) -> tuple[np.ndarray, np.ndarray]:
    """Return the bounds that each cell states of itself; a suppressed figure is at least `least`."""
    low, high = [], []
    for cell in cells.values():
        d = half if cell.status == "perturbed" else 0
        low.append(least * (cell.status == "suppressed") if cell.count is None else max(cell.count - d, 0))
        high.append(FAR if cell.count is None else cell.count + d)
    return np.array(low), np.array(high)


def interval(cells: Cells, key: tuple[str, ...], half: int = 0, multi: set[int] | None = None) -> tuple[int, int]:
    """Return the feasible integers of one cell, by scipy's mixed-integer solver."""
    keys = list(cells)
    low, high = bounds(cells, half)
    relations = rules(keys, multi)
    matrix = np.zeros((len(relations), len(keys)))
    for r, (row, _, _) in enumerate(relations):
        for i, value in row.items():
            matrix[r, i] = value
    ties = LinearConstraint(matrix, [f[1] for f in relations], [f[2] for f in relations]) if relations else ()
    ends = []
    for sign in (1, -1):
        cost = np.zeros(len(keys))
        cost[keys.index(key)] = sign
        solved = milp(cost, constraints=ties, bounds=Bounds(low, high), integrality=np.ones(len(keys)))
        assert solved.success, solved.message
        ends.append(round(sign * solved.fun))
    return ends[0], ends[1]


def disclosures(cells: Cells, threshold: int, half: int = 0, multi: set[int] | None = None) -> list[tuple[str, ...]]:
    """Return the cells that are unsafe by the definition of the audit."""
    unsafe = [key for key, cell in cells.items() if cell.status == "ok" and 0 < (cell.count or 0) < threshold]
    for key, cell in cells.items():
        if cell.status == "ok":
            continue
        if not is_safe(*interval(cells, key, half, multi), threshold):
            unsafe.append(key)
    return unsafe


def enumerate_intervals(cells: Cells, least: int = 1) -> dict[tuple[str, ...], tuple[int, int]]:
    """Return the feasible integers of all cells of a two-way table with known margins, by enumeration."""
    keys = list(cells)
    inner = [key for key in keys if "_T" not in key]
    caps = [min(cells[k[0], "_T"].count or 0, cells["_T", k[1]].count or 0) for k in inner]
    pairs = [(cells[key].count, cap) for key, cap in zip(inner, caps, strict=True)]
    choices = [range(least, cap + 1) if count is None else range(count, count + 1) for count, cap in pairs]
    values_of: dict[tuple[str, ...], set[int]] = {key: set() for key in keys}
    for values in product(*choices):
        table = dict(zip(inner, values, strict=True))
        all_cells = {key: sum(v for k, v in table.items() if covers(key, k)) for key in keys}
        if all(cell.count is None or all_cells[key] == cell.count for key, cell in cells.items()):
            for key, value in all_cells.items():
                values_of[key].add(value)
    return {key: (min(values), max(values)) for key, values in values_of.items()}


def covers(margin: tuple[str, ...], key: tuple[str, ...]) -> bool:
    """Return whether a margin counts a cell."""
    return all(m in ("_T", k) for m, k in zip(margin, key, strict=True))
