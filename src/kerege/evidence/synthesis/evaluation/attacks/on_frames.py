"""The attacks one by one, on data frames: the disclosure risk of synthetic records.

Each is run on people whose records made the synthetic ones and, for comparison, on people whose records did not: what
succeeds on both alike was learnt about the population.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from kerege.evidence.synthesis.evaluation.attacks.attack_rate import Risk
from kerege.evidence.synthesis.evaluation.attacks.attribute_inference import Inference, inference
from kerege.evidence.synthesis.evaluation.attacks.encoded_rows import coded_alike
from kerege.evidence.synthesis.evaluation.attacks.membership_inference import Membership, membership
from kerege.evidence.synthesis.evaluation.attacks.singling_out import COLUMNS, singled_out


def singling_out(
    original: pl.DataFrame, synthetic: pl.DataFrame, control: pl.DataFrame, seed: int = 1, *, columns: int = COLUMNS
) -> Risk | None:
    """Measure how often a description that one synthetic record alone fits also fits one person alone.

    Parameters
    ----------
    original, synthetic, control : polars.DataFrame
        Rows of people from which the synthetic records were made; these records; rows of other people of the same kind.
        Columns of `original`, of text or lists of text; null and '' are not reported.
    seed : int
        The same seed draws the same targets.
    columns : int
        Of each description.

    Returns
    -------
    Risk or None
        Shares of successful attacks on people inside and outside, and the risk with its 95% interval; None when no
        synthetic record can be told from all others.

    Raises
    ------
    BadInput
        When there are too few rows.

    Notes
    -----
    Giomi, Boenisch, Wehmeyer and Tasnadi 2023, "A Unified Framework for Quantifying Privacy Risk in Synthetic Data".

    Examples
    --------
    Records that copy the original ones single people out; here all descriptions succeed.

    >>> chance = np.random.default_rng(1)
    >>> def rows(number):
    ...     return pl.DataFrame({name: chance.integers(0, 6, number).astype(str) for name in "abcdef"})
    >>> original, control = rows(400), rows(400)
    >>> found = singling_out(original, original, control)
    >>> found.attack.share, found.risk > 0.5
    (1.0, True)
    """
    rows, records, others = coded_alike(original, synthetic, control)
    return singled_out(rows, records, others, np.random.default_rng(seed), columns=min(columns, len(rows)))


def attribute_inference(
    original: pl.DataFrame, synthetic: pl.DataFrame, control: pl.DataFrame, seed: int = 1
) -> Inference | None:
    """Measure how often the nearest synthetic record tells a value of a person of whom all other values are known.

    Parameters
    ----------
    original, synthetic, control : polars.DataFrame
        Rows of people from which the synthetic records were made; these records; rows of other people of the same kind.
        Columns of `original`, of text or lists of text; null and '' are not reported.
    seed : int
        The same seed draws the same targets.

    Returns
    -------
    Inference or None
        The risk over all columns and by column; None where no target reports anything.

    Raises
    ------
    BadInput
        When there are too few rows.

    Notes
    -----
    Giomi, Boenisch, Wehmeyer and Tasnadi 2023.

    Examples
    --------
    Records that copy the original ones give each value away.

    >>> chance = np.random.default_rng(1)
    >>> def rows(number):
    ...     return pl.DataFrame({name: chance.integers(0, 6, number).astype(str) for name in "abcdef"})
    >>> original, control = rows(400), rows(400)
    >>> found = attribute_inference(original, original, control)
    >>> found.overall.attack.share > 0.9, found.overall.control.share < 0.5
    (True, True)
    """
    rows, records, others = coded_alike(original, synthetic, control)
    return inference(original.columns, rows, records, others, np.random.default_rng(seed))


def membership_inference(
    original: pl.DataFrame, synthetic: pl.DataFrame, control: pl.DataFrame, seed: int = 1
) -> Membership | None:
    """Measure how well the distance to synthetic records tells whose records made them.

    Parameters
    ----------
    original, synthetic, control : polars.DataFrame
        Rows of people from which the synthetic records were made; these records; rows of other people of the same kind.
        Columns of `original`, of text or lists of text; null and '' are not reported.
    seed : int
        The same seed draws the same targets.

    Returns
    -------
    Membership or None
        `auc` from 0 to 1, 0.5 for no success, with its 95% interval, and the epsilon that the attack implies; None when
        too few people have a record that nobody else has.

    Raises
    ------
    BadInput
        When there are too few rows.

    Notes
    -----
    Shokri and others 2017, "Membership Inference Attacks Against Machine Learning Models", for the kind of attack.

    Examples
    --------
    >>> chance = np.random.default_rng(1)
    >>> def rows(number):
    ...     return pl.DataFrame({name: chance.integers(0, 6, number).astype(str) for name in "abcdef"})
    >>> original, control = rows(400), rows(400)
    >>> round(membership_inference(original, original, control).auc, 2)
    1.0
    """
    rows, records, others = coded_alike(original, synthetic, control)
    return membership(rows, records, others, np.random.default_rng(seed))
