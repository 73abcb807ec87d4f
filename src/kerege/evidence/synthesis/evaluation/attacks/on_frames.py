"""Single attacks on data frames, as public functions.

Each attack is run on people whose records were used and, as a control, on people whose records were not used. Success
on both groups alike reveals the population, not the people in the data.
"""

from __future__ import annotations

import numpy as np
import polars as pl

from kerege.evidence.synthesis.evaluation.attacks.attack_rate import Risk
from kerege.evidence.synthesis.evaluation.attacks.attribute_inference import Inference, inference
from kerege.evidence.synthesis.evaluation.attacks.encoded_rows import encode_alike
from kerege.evidence.synthesis.evaluation.attacks.membership_inference import MembershipInference, membership
from kerege.evidence.synthesis.evaluation.attacks.singling_out import COLUMNS, measure_singling_out


def singling_out(
    original: pl.DataFrame, synthetic: pl.DataFrame, control: pl.DataFrame, seed: int = 1, *, columns: int = COLUMNS
) -> Risk | None:
    """Measure how often a description that fits exactly one synthetic record also fits exactly one person.

    Parameters
    ----------
    original, synthetic, control : polars.DataFrame
        Rows of people from which the synthetic records were made, the synthetic records, and rows of other people of
        the same kind. All have the columns of `original`, of text or lists of text; null and '' are not reported.
    seed : int
        The same seed draws the same targets.
    columns : int
        Number of columns of each description.

    Returns
    -------
    Risk or None
        Success rates on people in the data and on others, and the risk with its 95% interval; None if no description
        fits exactly one synthetic record.

    Raises
    ------
    BadInput
        If there are too few rows.

    Notes
    -----
    Giomi, Boenisch, Wehmeyer and Tasnadi 2023, "A Unified Framework for Quantifying Privacy Risk in Synthetic Data".

    Examples
    --------
    Records that copy the original ones single out individuals; here all descriptions succeed.

    >>> chance = np.random.default_rng(1)
    >>> def rows(number):
    ...     return pl.DataFrame({name: chance.integers(0, 6, number).astype(str) for name in "abcdef"})
    >>> original, control = rows(400), rows(400)
    >>> risk = singling_out(original, original, control)
    >>> risk.attack.share, risk.risk > 0.5
    (1.0, True)
    """
    rows, records, controls = encode_alike(original, synthetic, control)
    return measure_singling_out(rows, records, controls, np.random.default_rng(seed), columns=min(columns, len(rows)))


def attribute_inference(
    original: pl.DataFrame, synthetic: pl.DataFrame, control: pl.DataFrame, seed: int = 1
) -> Inference | None:
    """Measure how often the nearest synthetic records reveal a value of an otherwise known person.

    Parameters
    ----------
    original, synthetic, control : polars.DataFrame
        Rows of people from which the synthetic records were made, the synthetic records, and rows of other people of
        the same kind. All have the columns of `original`, of text or lists of text; null and '' are not reported.
    seed : int
        The same seed draws the same targets.

    Returns
    -------
    Inference or None
        The risk over all columns and by column; None if no target reports anything.

    Raises
    ------
    BadInput
        If there are too few rows.

    Notes
    -----
    Giomi, Boenisch, Wehmeyer and Tasnadi 2023.

    Examples
    --------
    Records that copy the original ones reveal each value.

    >>> chance = np.random.default_rng(1)
    >>> def rows(number):
    ...     return pl.DataFrame({name: chance.integers(0, 6, number).astype(str) for name in "abcdef"})
    >>> original, control = rows(400), rows(400)
    >>> result = attribute_inference(original, original, control)
    >>> result.overall.attack.share > 0.9, result.overall.control.share < 0.5
    (True, True)
    """
    rows, records, controls = encode_alike(original, synthetic, control)
    return inference(original.columns, rows, records, controls, np.random.default_rng(seed))


def membership_inference(
    original: pl.DataFrame, synthetic: pl.DataFrame, control: pl.DataFrame, seed: int = 1
) -> MembershipInference | None:
    """Measure how well the distance to synthetic records reveals whose records they were made from.

    Parameters
    ----------
    original, synthetic, control : polars.DataFrame
        Rows of people from which the synthetic records were made, the synthetic records, and rows of other people of
        the same kind. All have the columns of `original`, of text or lists of text; null and '' are not reported.
    seed : int
        The same seed draws the same targets.

    Returns
    -------
    Membership or None
        `auc` from 0 to 1, 0.5 for chance, with its 95% interval, and the epsilon that the attack implies; None if too
        few people have a unique record.

    Raises
    ------
    BadInput
        If there are too few rows.

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
    rows, records, controls = encode_alike(original, synthetic, control)
    return membership(rows, records, controls, np.random.default_rng(seed))
