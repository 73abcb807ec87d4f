"""What a file of synthetic records says of itself: who is protected, how far, by what, and what may be read from it."""

from __future__ import annotations

import hashlib
from importlib.resources import files
from math import comb, log, sqrt
from typing import Any

from kerege import __version__
from kerege.evidence.dp.zcdp import rho_to_epsilon
from kerege.evidence.ledger.ledger import digest
from kerege.evidence.synthesis.measurement import measure, public_schema
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Level, Noisy
from kerege.evidence.synthesis.measurement.public_schema import Schema

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
BANDS = (10, 20, 50, 100, 200, 500, 1_000, 5_000)
NEAR = 0.8  # mean absolute value of a normal error of sigma 1
WORTH = 0.25  # relative error of the usual combination of two beyond which records are not worth publishing
FORMULAS = {
    "rho": "sensitivity^2 / (2 sigma^2), a step; steps add up",
    "sensitivity": "of combinations of L: the square root of C(clip, L), in people",
    "error": f"{NEAR} sigma, the mean size of a normal error. After revisions sigma^-2 is the sum of theirs, over "
    "cohorts sigma^2 is. It is of the noise alone: clipping and the fit of the records add to it",
    "supported": "5 errors",
    "relative": "error / count",
    "people_error": f"{NEAR} sigma of the numbers of reported values, times the square root of their cells",
    "kept_from": "of values that nobody listed: 1 + sigma of combinations of 1 * sqrt(2 ln(columns / delta))",
}
NOT_COVERED = (
    (
        "Whatever else is published of the same people: losses of what is noised add up in rho, and tables that are "
        "suppressed, rounded or perturbed, and k-anonymous files, have no epsilon at all."
    ),
    (
        "Choices made by looking at the records, or at an evaluation against them: of columns, values, epsilon, delta, "
        "preset, order or seed, and whether to publish."
    ),
    "Somebody of whom n records speak: her rho is n^2 times that of one record.",
    "What holds of people in general: it may be learned, and applied to her, whether she is among the records or not.",
)
NUMBERS = (
    "The true number of records is told nowhere: people is a noisy sum, rows follows from noisy counts. The seed "
    "governs the fit of records to noisy counts; the noise has no seed and cannot be drawn again."
)
MOSTLY = 0.5  # least part of the people counted in such combinations that must be in those told so well


def guarantee(
    epsilon: float, delta: float, unlisted: float, steps: list[dict[str, Any]], *, holds: bool
) -> dict[str, Any]:
    """The claim: unit, neighbours, rho, and what it means as epsilon at delta, of which `unlisted` went to values.

    It `holds` where the noise came from the secure sampler and its loss was charged; otherwise nobody is protected.
    """
    rho = sum(step["rho"] for step in steps)
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
        "outside": "the choice of columns, epsilon, delta and preset is taken as made without looking at the records; "
        "the same rows give the same file again",
        "account": "what this file and others tell of the same people adds up (rho). Of two files that no register "
        "froze nobody can see whether they are of the same people: all of them have one account, but for those whose "
        "maker named another period",
        "steps": steps,
    }


def steps(noisy: Noisy) -> list[dict[str, Any]]:
    """Each measurement with its sensitivity, clip, noise, loss and threshold, in people."""
    spent = measure.spent(noisy)
    told: list[dict[str, Any]] = [
        {
            "measured": "records by their number of reported values",
            "sensitivity": 1.0,
            "sigma": noisy.lengths_sigma,
            "rho": spent[0],
            "cells": len(noisy.lengths),
        }
    ]
    for length, level in enumerate(noisy.levels, 1):
        told.append(
            {
                "measured": f"combinations of {length}",
                "clip": noisy.clip,
                "length": length,
                "sensitivity": sqrt(comb(noisy.clip, length)),
                "sigma": level.spread,
                "rho": spent[length],
                "cells": len(level.values),
                "standing_out": int(level.supported.sum()),
                "threshold": level.threshold * level.spread,
                "threshold_in_sigmas": level.threshold,
                "counted_in": f"1/{UNIT} of a person",
            }
        )
    return told


def expected(spreads: list[float]) -> list[dict[str, Any]]:
    """Before or after measuring: what to expect of combinations of each length, from the noise alone.

    `error` is the mean error in people of combinations that stand out; `relative` the same divided by the true count,
    above 1 where the noise is larger than the count; `supported` the count from which it is at most a fifth.
    """
    return [
        {
            "length": length,
            "error": round(NEAR * spread, 1),
            "supported": round(5 * NEAR * spread),
            "relative": {str(count): round(NEAR * spread / count, 3) for count in BANDS},
        }
        for length, spread in enumerate(spreads, 1)
    ]


def fit(apart: tuple[float, ...]) -> list[dict[str, Any]]:
    """What the fit adds to `expected`: by length, how far the records are from the noisy counts that stand out.

    `distance` is a mean in people. It is read from the records and the noisy counts, so it costs nothing.
    """
    return [{"length": length, "distance": round(each, 1)} for length, each in enumerate(apart, 1)]


def worth(noisy: Noisy) -> tuple[bool, str]:
    """Whether records are worth publishing, and what to say of it.

    They are when the combinations of two that stand out (single values where only these were measured) are told, taken
    by the people in them, to within a quarter, and those told so well hold half of all people counted in any: a few
    large ones do not make up for all others that are noise. Of triples it is said when they are not.
    """
    told = [_is_told(level) for level in noisy.levels]
    if not noisy.levels[:2][-1].supported.any():
        what = "nothing but single values stands" if noisy.levels[0].supported.any() else "nothing stands"
        return False, f"{what} out of the noise: publish a few noised tables instead of records"
    if not (told[:2][-1] and _told_part(noisy.levels[:2][-1]) >= MOSTLY):
        what = "two attributes together" if len(told) > 1 else "an attribute"
        return False, (
            f"the noise is a large part of what the records tell of {what}: publish a few noised tables, "
            "wait for more years, or take fewer columns"
        )
    if not told[-1]:
        return True, "combinations of three are mostly noise: fewer columns would tell more"
    return True, ""


def _is_told(level: Level) -> bool:
    """Whether the counts of a length, as a person in them sees them, are told to within a quarter."""
    known = level.people[level.supported]
    return bool(len(known)) and NEAR * level.spread <= WORTH * float((known**2).sum() / known.sum())


def _told_part(level: Level) -> float:
    """Which part of the people counted in a length is in counts told to within a quarter, by the noisy counts alone."""
    known = level.people[level.supported & (level.people * WORTH >= NEAR * level.spread)].sum()
    return float(known / max(known, level.people.sum(), 1.0))


def about(noisy: Noisy, public: Schema, clear: dict[str, Any]) -> dict[str, Any]:
    """The rest of a certificate: what was made, what to expect, and the hashes of everything it rests on."""
    good, advice = worth(noisy)
    return {
        "format": FORMAT,
        "version": __version__,
        **clear,
        "columns": [
            {"name": column.name, "values": len(column.values), "multi": column.multi, "source": column.source}
            for column in public
        ],
        "people": noisy.people,
        "people_error": round(NEAR * noisy.lengths_sigma * sqrt(len(noisy.lengths)), 1),
        "expected": expected([level.spread for level in noisy.levels]),
        "formulas": FORMULAS,
        **_unlisted(public, clear["guarantee"]),
        "worth": good,
        "advice": advice,
        "hashes": {"schema": digest(public_schema.as_dict(public)), "code": code_hash()},
    }


def _unlisted(public: Schema, claim: dict[str, Any]) -> dict[str, Any]:
    """How the values were found of columns for which nobody listed any (`measure`); {} where all are listed."""
    columns, delta = sum(column.open for column in public), claim["delta_for_unlisted_values"]
    if not (columns and delta):
        return {}
    sigma = next(step["sigma"] for step in claim["steps"] if step.get("length") == 1)
    return {"unlisted": {"columns": columns, "delta": delta, "kept_from": 1 + sigma * sqrt(2 * log(columns / delta))}}


def code_hash() -> str:
    """SHA-256 over the sources that measured and made the records."""
    found = {}
    for package, name in CODE:
        for each in sorted(files(package).iterdir(), key=lambda file: file.name):
            if each.name.endswith(".py") and name in {"*", each.name}:
                found[f"{package}/{each.name}"] = hashlib.sha256(each.read_bytes()).hexdigest()
    return digest(found)
