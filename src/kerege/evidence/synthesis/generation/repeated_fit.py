"""Repetition of measurement and fit on the synthetic records, to see how far they are apart.

The records take the place of the people: they are measured with noise of the same size, and new records are made from
these counts. The differences of the two are known exactly and cost no privacy loss, since nothing but the records and
the sizes of noise is read. This is a parametric bootstrap: Efron and Tibshirani 1993, "An introduction to the
bootstrap", chapter 6.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import comb

import numpy as np

from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.synthesis.generation.records import CodedRecords, decode_records
from kerege.evidence.synthesis.generation.synthesiser import fit_records
from kerege.evidence.synthesis.measurement.measure import MeasurementPlan, measure
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from kerege.evidence.synthesis.measurement.public_schema import Column, Schema

SWEEPS = 0.6  # share of the sweeps: a shorter fit is a little worse, as records are that follow from people
MAKING = 0.6  # share of the progress until the records are made
MOST_RECORDS = 1_000_000
SEED = 1 << 31  # added to the seed of the fit, whose largest value is below


def fit_and_repeat(
    noisy: Noisy,
    charge: float,
    seed: int,
    progress: Callable[[float], None] = lambda share: None,
    before: CodedRecords | None = None,
    *,
    repeat: bool = False,
) -> CodedRecords:
    """Return records as `synthesiser.fit_records` does; with `repeat` they get their repetition."""
    if not repeat:
        return fit_records(noisy, charge, seed, progress, before)
    records = fit_records(noisy, charge, seed, lambda share: progress(share * MAKING), before)
    records = replace(records, again=repeat_fit(noisy, records, charge, seed))
    progress(1.0)
    return records


def repeat_fit(noisy: Noisy, records: CodedRecords, charge: float, seed: int) -> CodedRecords | None:
    """Return records made from a noisy measurement of `records`; None for no records and for very many.

    Parameters
    ----------
    noisy : Noisy
        The measurement from which the records were made; only its sizes of noise and its thresholds are used.
    records : CodedRecords
        The records that are measured.
    charge : float
        Cost of an unsupported combination, as in the fit of the records.
    seed : int
        Seed of the fit of the records; noise and fit of the repetition follow from it.

    Returns
    -------
    CodedRecords or None
        Records in the numbering of `noisy`.

    Examples
    --------
    >>> from kerege.evidence.synthesis.measurement.noisy_counts import NoisyLevel
    >>> level = NoisyLevel(np.array([[0]], np.int32), np.array([640]), 64.0, 0.7)
    >>> noisy = Noisy(np.array([0], np.int32), 1, np.array([0, 10]), 1.0, (level,))
    >>> ten = CodedRecords(np.zeros(10, np.int32), np.arange(11))
    >>> 5 < repeat_fit(noisy, ten, charge=0.85, seed=1).people < 15
    True
    """
    if not 0 < records.people <= MOST_RECORDS or not len(records.values):
        return None
    columns = number_columns(noisy)
    frame = decode_records(records, columns)
    again, _ = measure(frame, columns, _plan_again(noisy, len(columns)), repeatable(seed + SEED))
    again = replace(again, impossible=noisy.impossible, false_values=noisy.false_values)
    return fit_records(again, charge, seed, sweeps=SWEEPS)


def number_columns(noisy: Noisy) -> Schema:
    """Return the counted columns as a schema whose names and values are numbers."""
    values = {column: np.flatnonzero(noisy.column == column) for column in np.unique(noisy.column)}
    return tuple(Column(str(column), tuple(map(str, numbers))) for column, numbers in values.items())


def _plan_again(noisy: Noisy, width: int) -> MeasurementPlan:
    """Return the plan of a measurement of `width` columns with the noise of `noisy`."""
    rho = {0: 1 / (2 * noisy.lengths_sigma**2)}
    for length, level in enumerate(noisy.levels[:width], 1):
        rho[length] = comb(noisy.clip, length) / (2 * level.spread**2)
    return MeasurementPlan(rho, tuple(level.threshold for level in noisy.levels[:width]))
