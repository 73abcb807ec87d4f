"""Accuracy of synthetic records, from the repetition of measurement and fit on the records themselves.

The records are the known source of the repetition, so every error, every fabricated and every missing combination of
the repetition is known exactly. Errors of records that follow from people are of the same kind and a little larger:
at most MARGIN times as large for the pairs and triples of the invented tables that have a relative error below 0.4. The
repetition needs no record of a person.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil
from typing import TypedDict

import numpy as np
import polars as pl
from numpy.typing import NDArray
from scipy.special import ndtr

from kerege.evidence.counting.joint_counts import count_both, look_up_counts, number_jointly, renumber
from kerege.evidence.synthesis.certificate import (
    BIAS_BANDS,
    LARGEST_RELATIVE_ERROR,
    MOSTLY_NOISE,
    NINE_IN_TEN,
    NOISE_IS_LARGE,
    Facts,
)
from kerege.evidence.synthesis.generation.records import CodedRecords, decode_records
from kerege.evidence.synthesis.generation.repeated_fit import number_columns
from kerege.evidence.synthesis.measurement.measure import find_full_length
from kerege.evidence.synthesis.measurement.noisy_counts import Counts, Noisy, NoisyLevel

MARGIN = 1.4  # errors of useful records are at most so many times those of the repetition
LARGEST_SHARE = 0.5  # largest share of fabricated, and of missing combinations of useful records
ADVICE = {
    "relative": NOISE_IS_LARGE.format("two attributes together"),
    "fabricated": "most combinations of two values in the records are made up: publish a few noised tables, take fewer "
    "columns or the preset careful",
    "missing": "most combinations of two values are missing from the records: publish a few noised tables, or take "
    "fewer columns",
}
FIFTH = 0.2
WIDER, STEPS = 1.1, 24  # the counts that are tried for `nine_in_ten` grow by this factor, so many times
WINDOW, LEAST_COMBINATIONS = 1.5, 20  # counts from N to 1.5 N are judged together if they are so many


class StatedAccuracy(TypedDict):
    """Accuracy of combinations of one length, as a certificate states it."""

    length: int
    relative: float
    fabricated: float
    missing: float
    nine_in_ten: int
    bias: list[dict[str, float]]


@dataclass(frozen=True)
class RepeatedCounts:
    """Counts of combinations of one length in the records (`source`) and in the repetition (`made`).

    Combinations that the source lacks come last, with 0.
    """

    source: Counts
    made: Counts

    @property
    def errors(self) -> Counts:
        """Return the absolute errors, in people."""
        return np.asarray(np.abs(self.made - self.source))


def measure_accuracy(noisy: Noisy, records: CodedRecords) -> list[StatedAccuracy]:
    """Return the accuracy of records by length of combination, as far as the repetition shows it.

    Parameters
    ----------
    noisy : Noisy
        The measurement from which the records were made.
    records : CodedRecords
        The records with their repetition (`again`).

    Returns
    -------
    list of dict
        By `length`: `relative`, all errors over all counts; the shares `fabricated` and `missing`; `nine_in_ten`, the
        count from which nine in ten counts are accurate to within a fifth; `bias`, by band of counts. [] without a
        repetition.
    """
    return [
        _describe_length(length, counts, level)
        for length, (counts, level) in enumerate(zip(_count_repetition(noisy, records), noisy.levels, strict=False), 1)
    ]


def _count_repetition(noisy: Noisy, records: CodedRecords) -> list[RepeatedCounts]:
    """Return the counts by length; lengths of which a record has hundreds of combinations are left out."""
    if records.again is None or not len(records.again.values):
        return []
    lengths = np.bincount(np.diff(records.start), minlength=2)
    columns = number_columns(noisy)
    order = min(len(columns), find_full_length(lengths, len(noisy.levels)))
    return compare_counts(decode_records(records, columns), decode_records(records.again, columns), order)


def compare_counts(source: pl.DataFrame, made: pl.DataFrame, order: int) -> list[RepeatedCounts]:
    """Return the counts of two frames by length of combination, 1 to `order`."""
    one, other = count_both(source, made, order)
    values, numbering = number_jointly(one, other)
    return [
        _compare(*renumber(one, values, numbering, length), *renumber(other, values, numbering, length))
        for length in range(1, order + 1)
    ]


def _compare(numbers: Counts, counts: Counts, made_numbers: Counts, made: Counts) -> RepeatedCounts:
    fabricated = made[~np.isin(made_numbers, numbers)]
    return RepeatedCounts(
        np.concatenate([counts, np.zeros(len(fabricated), np.int64)]),
        np.concatenate([look_up_counts(numbers, made_numbers, made), fabricated]),
    )


def _describe_length(length: int, counts: RepeatedCounts, level: NoisyLevel) -> StatedAccuracy:
    has_source, is_made = counts.source > 0, counts.made > 0
    return {
        "length": length,
        "relative": round(float(counts.errors.sum()) / max(1, int(counts.source.sum())), 3),
        "fabricated": round(float((~has_source).sum()) / max(1, int(is_made.sum())), 3),
        "missing": round(float((has_source & ~is_made).sum()) / max(1, int(has_source.sum())), 3),
        "nine_in_ten": find_nine_in_ten(counts, level.spread),
        "bias": [_describe_band(counts, level, least, most) for least, most in BIAS_BANDS],
    }


def find_nine_in_ten(counts: RepeatedCounts, spread: float) -> int:
    """Return the count from which nine in ten counts of the records are accurate to within a fifth.

    It is at least that for the noise alone. It is larger if fewer than nine in ten counts of the repetition are
    accurate, there or above.
    """
    least = 5 * NINE_IN_TEN * spread * WIDER ** np.arange(STEPS)
    is_accurate = counts.errors <= FIFTH * counts.source
    fails = [_is_poor(is_accurate[(counts.source >= low) & (counts.source < WINDOW * low)]) for low in least]
    first = int(np.flatnonzero(fails)[-1]) + 1 if any(fails) else 0
    return ceil(float(least[min(STEPS - 1, first)]))


def _is_poor(is_accurate: NDArray[np.bool_]) -> bool:
    return len(is_accurate) >= LEAST_COMBINATIONS and float(is_accurate.mean()) < 0.9


def _describe_band(counts: RepeatedCounts, level: NoisyLevel, least: int, most: int) -> dict[str, float]:
    """Return the bias of a band in the repetition, and that of combinations lost with their own count."""
    inside = (counts.source >= least) & (counts.source <= most)
    source, made = counts.source[inside], counts.made[inside]
    band: dict[str, float] = {"least": least, "most": most, "combinations": len(source)}
    if len(source):
        kept = ndtr(source / level.spread - level.threshold)
        band |= {
            "repeated": 0.0 + round(float((made - source).mean()), 1),
            "alone": 0.0 - round(float((source * (1 - kept)).mean()), 1),
        }
    return band


def state_accuracy(facts: Facts, noisy: Noisy, records: CodedRecords) -> Facts:
    """Return the facts of a certificate with the accuracy of the records and a conclusion from it.

    Records of useful pairs (of single values if only these were measured) have a small relative error, and more than
    half of their combinations are neither made up nor missing.
    """
    accuracy = measure_accuracy(noisy, records)
    is_worth, advice = _conclude(accuracy, facts["worth"], facts["advice"])
    return facts | {"accuracy": accuracy, "worth": is_worth, "advice": advice}


def _conclude(accuracy: list[StatedAccuracy], is_worth: bool, advice: str) -> tuple[bool, str]:
    """Return whether the records are useful, with advice; a worse conclusion from the noise stays."""
    faults = [find_fault(entry) for entry in accuracy]
    if is_worth and faults and (fault := faults[:2][-1]):
        return False, ADVICE[fault] if len(faults) > 1 else NOISE_IS_LARGE.format("an attribute")
    if is_worth and len(faults) > 2 and faults[2]:
        return True, advice or MOSTLY_NOISE
    return is_worth, advice


def find_fault(entry: StatedAccuracy) -> str:
    """Return the fault that makes records useless: relative, fabricated, missing; '' for none."""
    if MARGIN * entry["relative"] > LARGEST_RELATIVE_ERROR:
        return "relative"
    shares = {"fabricated": entry["fabricated"], "missing": entry["missing"]}
    return next((name for name, share in shares.items() if share > LARGEST_SHARE), "")
