"""Edges of private bins: quantiles of a column of numbers under differential privacy.

The public range is cut into cells of one step. A tree has the number of records in each cell, in each pair of cells, in
each four cells and so on. A record adds 1 to one node of each level, so that it moves all nodes of a tree with d levels
by a Euclidean distance of sqrt(d). The nodes get discrete Gaussian noise (Canonne, Kamath and Steinke 2020). They are
made consistent by the weighted means of Hay, Rastogi, Miklau and Suciu 2010, "Boosting the Accuracy of Differentially
Private Histograms Through Consistency". The edges follow from the noisy nodes alone, so they have no further loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import sqrt
from typing import TypedDict

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.counting import Counts
from kerege.evidence.dp.gaussian_noise import Noise, gaussian_loss, gaussian_scale
from kerege.evidence.synthesis.measurement.number_bins import Number, NumberBins
from kerege.evidence.synthesis.measurement.public_schema import Column, Schema, keep_listed_values

SHARE, MOST_SHARE = 0.05, 0.2  # share of rho for the edges of a column, and at most for all columns together
LEAST_PART = 4.0  # sigmas of people in a bin: the ends of a smaller one would be mostly noise


class EdgeStep(TypedDict):
    """Step of a guarantee: the noisy tree of a column, and the number of `bins` that follow from it."""

    measured: str
    levels: int
    sensitivity: float
    sigma: float
    rho: float
    cells: int
    bins: int


def share_of_edges(schema: Schema) -> float:
    """Return the share of rho for finding the edges of private bins; 0 without such columns."""
    columns = sum(isinstance(column.coding, NumberBins) and column.coding.private > 0 for column in schema)
    return min(SHARE * columns, MOST_SHARE)


def find_edges(frame: pl.DataFrame, schema: Schema, rho: float, noise: Noise) -> tuple[Schema, list[EdgeStep]]:
    """Return the schema with the edges of all private bins, and a step of the guarantee for each.

    Parameters
    ----------
    frame : DataFrame
        Records as `keep_listed_values` returns them for this schema.
    schema : sequence of columns
        Columns; those with private bins have no values yet.
    rho : float
        Loss (zCDP) of the whole request; a share of it (`share_of_edges`) is used here.
    noise
        Noise on counts.

    Returns
    -------
    schema : sequence of columns
        Columns with public values.
    steps : list of dict
        Sensitivity, noise, loss and edges by column.

    Examples
    --------
    >>> from kerege.evidence.dp.gaussian_noise import repeatable
    >>> from kerege.evidence.synthesis.measurement.number_bins import NumberBins
    >>> ages = pl.DataFrame({"age": [str(age) for age in range(100)] * 100})
    >>> columns = (Column("age", (), coding=NumberBins((), private=2, low=0, high=99)),)
    >>> (found,), _steps = find_edges(ages, columns, rho=10.0, noise=repeatable(1))
    >>> found.values
    ('<50', '50+')
    """
    waiting = _waiting(schema)
    if not waiting:
        return schema, []
    share = rho * share_of_edges(schema) / len(waiting)
    by_name = {column.name: _find_column(frame[column.name], column, bins, share, noise) for column, bins in waiting}
    columns = tuple(by_name[column.name][0] if column.name in by_name else column for column in schema)
    return columns, [step for _column, step in by_name.values()]


def code_frame(
    frame: pl.DataFrame, schema: Schema, rho: float, noise: Noise
) -> tuple[pl.DataFrame, Schema, list[EdgeStep]]:
    """Return the records with listed values only, the schema with its edges, and the steps for them."""
    rows, _ = keep_listed_values(frame, schema)
    public, steps = find_edges(rows, schema, rho, noise)
    return (keep_listed_values(rows, public)[0] if steps else rows), public, steps


def _waiting(schema: Schema) -> list[tuple[Column, NumberBins]]:
    codings = ((column, column.coding) for column in schema if column.awaits_edges)
    return [(column, bins) for column, bins in codings if isinstance(bins, NumberBins)]


def _find_column(
    answers: pl.Series, column: Column, bins: NumberBins, rho: float, noise: Noise
) -> tuple[Column, EdgeStep]:
    """Return a column with the labels of its bins, and the step of the guarantee."""
    tree = _count_tree(_number_cells(answers, bins), bins.cells)
    sensitivity = sqrt(len(tree))
    sigma = gaussian_scale(rho, sensitivity)
    noisy = np.split(noise(np.concatenate(tree), sigma), np.cumsum([len(level) for level in tree])[:-1])
    measured = bins.with_inner_edges(_choose_edges(_make_consistent(noisy), bins, sigma))
    step: EdgeStep = {
        "measured": f"numbers of {column.name} in halves of halves of its range, for the edges of its bins",
        "levels": len(tree),
        "sensitivity": sensitivity,
        "sigma": sigma,
        "rho": gaussian_loss(sigma, sensitivity),
        "cells": sum(map(len, tree)),
        "bins": len(measured.labels),
    }
    return replace(column, values=measured.labels, coding=measured), step


def _number_cells(answers: pl.Series, bins: NumberBins) -> NDArray[np.int64]:
    """Return the cell of each reported number; numbers outside the range are in the cells at its ends."""
    numbers = answers.drop_nulls().cast(pl.Float64).to_numpy()
    steps: NDArray[np.float64] = (np.clip(numbers, bins.low, bins.high) - bins.low) / bins.step + 1e-9
    return np.clip(np.floor(steps), 0, bins.cells - 1).astype(np.int64)


def _count_tree(cells: NDArray[np.int64], size: int) -> list[Counts]:
    """Return the true counts of the tree by level, from its two halves to the cells."""
    levels = max(1, (size - 1).bit_length())
    leaves = np.bincount(cells, minlength=2**levels).astype(np.int64)
    tree = [leaves]
    while len(tree[0]) > 2:
        tree.insert(0, tree[0].reshape(-1, 2).sum(axis=1))
    return tree


def _make_consistent(tree: Sequence[Counts]) -> NDArray[np.float64]:
    """Return estimates of the cells under which each node is the sum of the nodes below it."""
    means: list[NDArray[np.float64]] = [tree[-1].astype(np.float64)]
    for height, counts in enumerate(reversed(tree[:-1]), 2):
        own = (2**height - 2 ** (height - 1)) / (2**height - 1)
        means.insert(0, own * counts + (1 - own) * means[0].reshape(-1, 2).sum(axis=1))
    for number, level in enumerate(means[1:], 1):
        missing = means[number - 1] - level.reshape(-1, 2).sum(axis=1)
        means[number] = level + np.repeat(missing / 2, 2)
    return means[-1]


def _choose_edges(cells: NDArray[np.float64], bins: NumberBins, sigma: float) -> tuple[Number, ...]:
    """Return ascending edges within the range that cut the records into parts as equal as possible.

    There are fewer parts than asked for, but at least two, if they would hold fewer than LEAST_PART sigmas of people.
    """
    sums = np.maximum.accumulate(np.cumsum(cells[: bins.cells]))
    parts = min(bins.private, max(2, int(sums[-1] / (LEAST_PART * sigma))))
    targets = max(sums[-1], 0.0) * np.arange(1, parts) / parts
    places = np.unique(_nearest(sums, targets) + 1)
    return tuple(bins.low + int(place) * bins.step for place in places if 0 < place < bins.cells)


def _nearest(sums: NDArray[np.float64], targets: NDArray[np.float64]) -> NDArray[np.int64]:
    """Return for each target the place of the sum that is nearest to it."""
    after = np.clip(np.searchsorted(sums, targets), 1, len(sums) - 1)
    return after - (targets - sums[after - 1] < sums[after] - targets)
