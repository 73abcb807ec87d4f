"""Contents of the certificate of a synthetic file: guarantee, steps, expected errors, hashes."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from math import ceil, comb, log, sqrt
from typing import Any

import numpy as np
from scipy.special import ndtr

from kerege import __version__
from kerege.evidence.dp.zcdp import compose, rho_to_epsilon
from kerege.evidence.ledger.entry import digest
from kerege.evidence.synthesis.generation.records import CodedRecords
from kerege.evidence.synthesis.measurement import measure, public_schema
from kerege.evidence.synthesis.measurement.noisy_counts import FALSE_VALUES, UNIT, Noisy, NoisyLevel
from kerege.evidence.synthesis.measurement.public_schema import Schema

Facts = dict[str, Any]  # contents of a certificate
FORMAT = "kerege-synthetic/1"
CODE = (
    ("kerege.evidence.synthesis", "*"),
    ("kerege.evidence.synthesis.measurement", "*"),
    ("kerege.evidence.synthesis.generation", "*"),
    ("kerege.evidence.synthesis.k_anonymity", "*"),
    ("kerege.evidence.synthesis.cohorts", "*"),
    ("kerege.evidence.counting", "*"),
    ("kerege.evidence.data", "content_hash.py"),
    ("kerege.evidence.dp", "zcdp.py"),
    ("kerege.evidence.dp", "gaussian_noise.py"),
)
BIAS_BANDS = ((1, 4), (5, 9), (10, 19), (20, 49), (50, 99), (100, 199))  # smallest and largest true count
BANDS = (10, 20, 50, 100, 200, 500, 1_000, 5_000)
OF_NOBODY = "expected_values_of_nobody"  # key of a step: bound of the number of such values in the records
MEAN_ABS = 0.8  # mean absolute value of a normal error of sigma 1
NINE_IN_TEN = 1.644854  # nine in ten normal errors of sigma 1 are smaller
LARGEST_RELATIVE_ERROR = 0.25  # largest relative error of an accurate combination
FORMULAS = {
    "rho": "sensitivity^2 / (2 sigma^2) per step; the steps add up",
    "sensitivity": "of combinations of L: the square root of C(clip, L), in people",
    "error": f"{MEAN_ABS} sigma, the mean size of a normal error. After revisions sigma^-2 is the sum of theirs, over "
    "cohorts sigma^2 is. It is of the noise alone: clipping and the fit of the records add to it",
    "supported": "5 errors",
    "nine_in_ten": f"5 * {NINE_IN_TEN} sigma: from this count on nine in ten errors of noise are at most a fifth of "
    "it. In accuracy it is of records: larger if fewer than nine in ten counts of the repetition are as accurate",
    "relative": "error / count",
    "at_worst": "-count (1 - p), the lowest in the band; p is the probability that the noisy counts of the combination "
    "and of all its parts are supported if nobody else has its parts: the product of normal tails",
    "accuracy": "the records are measured with the same noise, and records are made again from these counts: relative "
    "is the sum of all absolute differences of the two over the sum of the counts of the records; fabricated and "
    "missing are shares of the combinations of the repetition and of the records. Records usually differ from people "
    "by 1 to 1.4 times as much, and more of the rare combinations are missing",
    "alone": "mean of -count (1 - p); p is the probability that the noisy count of the combination alone is supported",
    "repeated": "mean difference of the counts of the repetition and of the records; the bias of records is usually "
    "between alone and repeated",
    "people_error": f"{MEAN_ABS} sigma of the numbers of reported values, times the square root of their cells",
    "kept_from": "of values that nobody listed: 1 + sigma of combinations of 1 * sqrt(2 ln(values / delta)), where "
    "values is the most unlisted values of a record",
}
NOT_COVERED = (
    (
        "Whatever else is published of the same people: losses of what is noised add up in rho, and tables that are "
        "suppressed, rounded or perturbed, and k-anonymous files, have no epsilon at all."
    ),
    (
        "Choices made after reading the records, or an evaluation against them: of columns, values, epsilon, delta, "
        "preset, order or seed, and whether to publish."
    ),
    "A person with n records: their rho is n^2 times that of a person with one record.",
    "Facts about people in general: they can be learned and applied to a person, among the records or not.",
)
NUMBERS = (
    "The true number of records is stated nowhere: people is a noisy sum, rows follows from noisy counts. The seed "
    "governs the fit of records to noisy counts; the noise has no seed and cannot be drawn again."
)
NOISE_IS_LARGE = (
    "the noise is a large part of the information on {}: publish a few noised tables, wait for more years, or take "
    "fewer columns"
)
MOSTLY_NOISE = "combinations of three are mostly noise: fewer columns would be more useful"
LEAST_ACCURATE_SHARE = 0.5  # least share of the people in pairs that accurate pairs must hold


def guarantee(
    epsilon: float, delta: float, unlisted: float, steps: list[dict[str, Any]], *, holds: bool
) -> dict[str, Any]:
    """Return the guarantee of a certificate: unit, neighbours, rho, and the same as epsilon at delta.

    `unlisted` is the part of delta for finding unlisted values. The guarantee `holds` only if the noise came from the
    secure sampler and its loss was charged to a ledger.
    """
    rho = compose(step["rho"] for step in steps)
    return {
        "holds": holds,
        **({} if holds else {"warning": "NOT PRIVATE: the noise was repeatable or not charged, for tests only"}),
        "unit": "one record: all that the file says of one person, if records were linked before",
        "neighbours": "two files that differ by one record more or less",
        "epsilon": epsilon,
        "delta": delta,
        "rho": rho,
        "epsilon_of_rho": rho_to_epsilon(rho, delta - unlisted),
        "delta_for_unlisted_values": unlisted,
        "conversion": "zCDP to (epsilon, delta): Canonne, Kamath and Steinke 2020, Proposition 12; losses add in rho",
        "noise": "discrete Gaussian, OpenDP's secure sampler" if holds else "repeatable, from a seed",
        "not_covered": list(NOT_COVERED),
        "numbers": NUMBERS,
        "outside": "the choice of columns, epsilon, delta and preset is taken as made without reading the records; "
        "the same rows give the same file again",
        "account": "the losses of this file and of others about the same people add up (rho). Nobody can see whether "
        "two external files are about the same people: all of them share one account, except those for which another "
        "period was named",
        "steps": steps,
    }


def steps(noisy: Noisy) -> list[dict[str, Any]]:
    """Return one entry per measurement: sensitivity, clip, noise, loss and threshold, in people."""
    losses = measure.compute_losses(noisy)
    entries: list[dict[str, Any]] = [
        {
            "measured": "records by their number of reported values",
            "sensitivity": 1.0,
            "sigma": noisy.lengths_sigma,
            "rho": losses[0],
            "cells": len(noisy.lengths),
        }
    ]
    for length, level in enumerate(noisy.levels, 1):
        entries.append(
            {
                "measured": f"combinations of {length}",
                "clip": noisy.clip,
                "length": length,
                "sensitivity": sqrt(comb(noisy.clip, length)),
                "sigma": level.spread,
                "rho": losses[length],
                "cells": len(level.values),
                "standing_out": int(level.supported.sum()),
                "threshold": level.threshold * level.spread,
                "threshold_in_sigmas": level.threshold,
                "counted_in": f"1/{UNIT} of a person",
            }
        )
    if noisy.levels:
        entries[1] |= {
            "values_in_records": int(noisy.supported_values.sum()),
            OF_NOBODY: noisy.false_values,
        }
    return entries


def bound_false_values(facts: Facts) -> float:
    """Return the bound of the expected number of values in records that nobody has, by their certificate."""
    steps = facts["guarantee"].get("steps", [])
    return float(next((step[OF_NOBODY] for step in steps if OF_NOBODY in step), FALSE_VALUES))


def expected_errors(spreads: list[float]) -> list[dict[str, Any]]:
    """Return the expected errors of combinations of each length, from the noise (sigma, in people) alone.

    `error` is the mean absolute error in people of supported combinations. `relative` is that error divided by the true
    count; it is above 1 where the noise is larger than the count. `supported` is the count from which the mean error is
    at most a fifth; `nine_in_ten` that from which nine in ten errors are at most a fifth.
    """
    return [
        {
            "length": length,
            "error": round(MEAN_ABS * spread, 1),
            "supported": round(5 * MEAN_ABS * spread),
            "nine_in_ten": ceil(5 * NINE_IN_TEN * spread),
            "relative": {str(count): round(MEAN_ABS * spread / count, 3) for count in BANDS},
        }
        for length, spread in enumerate(spreads, 1)
    ]


def expected_bias(noisy: Noisy) -> list[dict[str, float]]:
    """Return by length and band of true counts the bias of the records at worst, in people.

    A combination that is not supported is lost unless the records have it by chance. At worst nobody else has its
    parts, so that these are lost as easily. The estimates beside the records have no such bias.
    """
    thresholds = [
        max(noisy.value_threshold, noisy.levels[0].threshold),
        *(level.threshold for level in noisy.levels[1:]),
    ]
    tails = [(threshold, level.spread) for threshold, level in zip(thresholds, noisy.levels, strict=True)]
    return [
        {
            "length": length,
            "least": least,
            "most": most,
            "at_worst": 0.0 + round(_find_worst_bias(tails[:length], least, most), 1),
        }
        for length in range(1, len(tails) + 1)
        for least, most in BIAS_BANDS
    ]


def _find_worst_bias(tails: list[tuple[float, float]], least: int, most: int) -> float:
    """Return the most negative expected bias of a combination of `least` to `most` people."""
    counts = np.arange(least, most + 1)
    kept = np.ones(len(counts))
    for length, (threshold, sigma) in enumerate(tails, 1):
        kept *= ndtr(counts / sigma - threshold) ** comb(len(tails), length)
    return -float((counts * (1 - kept)).max())


def fit_distances(mean_distances: tuple[float, ...]) -> list[dict[str, Any]]:
    """Return by length the mean distance, in people, of the records to the supported noisy counts.

    The distance adds to the errors of `expected_errors`. It follows from the records and the noisy counts, so it has no
    privacy loss.
    """
    return [{"length": length, "distance": round(distance, 1)} for length, distance in enumerate(mean_distances, 1)]


def assess_utility(noisy: Noisy) -> tuple[bool, str]:
    """Return whether the utility of records suffices for publication, and a sentence of advice.

    Two conditions must hold for the supported pairs (for single values if only these were measured). Their
    people-weighted relative error is at most LARGEST_RELATIVE_ERROR. Accurate pairs hold at least LEAST_ACCURATE_SHARE
    of all people counted in pairs, so that a few large pairs cannot hide that all others are noise. The advice mentions
    triples that are mostly noise.
    """
    is_accurate = [_is_accurate(level) for level in noisy.levels]
    if not noisy.levels[:2][-1].supported.any():
        what = "nothing but single values is clear" if noisy.levels[0].supported.any() else "nothing is clear"
        return False, f"{what} of the noise: publish a few noised tables instead of records"
    if not (is_accurate[:2][-1] and _compute_accurate_share(noisy.levels[:2][-1]) >= LEAST_ACCURATE_SHARE):
        what = "two attributes together" if len(is_accurate) > 1 else "an attribute"
        return False, NOISE_IS_LARGE.format(what)
    if not is_accurate[-1]:
        return True, MOSTLY_NOISE
    return True, ""


def _is_accurate(level: NoisyLevel) -> bool:
    """Return whether the people-weighted relative error of a length's supported counts is small."""
    people = level.people[level.supported]
    return bool(len(people)) and MEAN_ABS * level.spread <= LARGEST_RELATIVE_ERROR * float(
        (people**2).sum() / people.sum()
    )


def _compute_accurate_share(level: NoisyLevel) -> float:
    """Return the share of the people counted in a length whose counts are accurate.

    Accurate is a relative error of at most LARGEST_RELATIVE_ERROR.

    It is computed from noisy counts only.
    """
    people = level.people[level.supported & (level.people * LARGEST_RELATIVE_ERROR >= MEAN_ABS * level.spread)].sum()
    return float(people / max(people, level.people.sum(), 1.0))


def certificate_facts(noisy: Noisy, public: Schema, clear: dict[str, Any]) -> dict[str, Any]:
    """Return the facts of a certificate; `clear` holds its guarantee and is merged in unchanged."""
    is_worth, advice = assess_utility(noisy)
    return {
        "format": FORMAT,
        "version": __version__,
        **clear,
        "columns": [
            {"name": column.name, "values": len(column.values), "multi": column.multi, "source": column.source}
            for column in public
        ],
        "people": noisy.people,
        "people_error": round(MEAN_ABS * noisy.lengths_sigma * sqrt(len(noisy.lengths)), 1),
        "expected": expected_errors([level.spread for level in noisy.levels]),
        "bias": expected_bias(noisy),
        "formulas": FORMULAS,
        **_describe_unlisted_values(public, clear["guarantee"]),
        "worth": is_worth,
        "advice": advice,
        "hashes": {"schema": digest(public_schema.describe(public)), "code": code_hash()},
    }


def add_fit_facts(facts: Facts, records: CodedRecords, seed: int) -> Facts:
    """Return a certificate's facts with the seed, the distances of the fit and the generating code."""
    hashes = facts["hashes"] | {"code": code_hash(), "code_that_measured": facts["hashes"]["code"]}
    return facts | {"version": __version__, "hashes": hashes, "seed": seed, "fit": fit_distances(records.apart)}


def _describe_unlisted_values(public: Schema, claim: dict[str, Any]) -> dict[str, Any]:
    """Return how the values of columns without a public list were found (see `measure`).

    {} if all are listed.
    """
    columns, delta = sum(column.open for column in public), claim["delta_for_unlisted_values"]
    if not (columns and delta):
        return {}
    sigma = next(step["sigma"] for step in claim["steps"] if step.get("length") == 1)
    values = public_schema.count_unlisted(public)
    kept_from = 1 + sigma * sqrt(2 * log(values / delta))
    return {"unlisted": {"columns": columns, "values": values, "delta": delta, "kept_from": kept_from}}


def code_hash() -> str:
    """Return the SHA-256 over the source files that measure and generate records."""
    hashes = {}
    for package, name in CODE:
        for source in sorted(files(package).iterdir(), key=lambda file: file.name):
            if source.name.endswith(".py") and name in {"*", source.name}:
                hashes[f"{package}/{source.name}"] = hashlib.sha256(source.read_bytes()).hexdigest()
    return digest(hashes)
