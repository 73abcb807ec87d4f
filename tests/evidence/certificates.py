"""Check of a certificate with the files beside it and a pocket calculator.

It finds whether every number adds up.

Nothing of Kerege's arithmetic is used: the formulas are those of the papers, the optimum is looked for on a grid and by
SciPy, and the files are read with the standard library.
"""

from __future__ import annotations

import csv
import hashlib
import json
from collections import Counter
from collections.abc import Iterator
from itertools import combinations
from math import comb, exp, hypot, isclose, log, log1p, sqrt
from pathlib import Path
from statistics import NormalDist
from typing import Any

import numpy as np
from scipy.optimize import brentq, minimize_scalar

Told = dict[str, Any]
VALUES_OF_NOBODY = 0.9  # as documented, of a file
OF_NOBODY = "expected_values_of_nobody"
PRESETS = {"balanced": (0.7, 1.5, 1.0), "careful": (1.7, 1.7, 1.5), "detailed": (0.7, 1.0, 0.5)}  # as documented
BANDS = ((1, 4), (5, 9), (10, 19), (20, 49), (50, 99), (100, 199))  # of the bias, as documented
SHARES = (0.02, 0.15, 0.57, 0.26)
WORDS = ("unit", "neighbours", "conversion", "noise", "outside", "numbers", "not_covered")


def log_delta_of(rho: float, epsilon: float) -> float:
    """Proposition 12 of Canonne, Kamath and Steinke 2020: the log of the delta of rho-zCDP at epsilon."""

    def at(x: float) -> float:
        a = 1 + exp(x)
        return (a - 1) * (a * rho - epsilon) - log(a - 1) + a * log1p(-1 / a)

    grid = np.linspace(-12, 12, 400)
    best = grid[np.argmin([at(x) for x in grid])]
    return float(minimize_scalar(at, bounds=(best - 0.1, best + 0.1), method="bounded", options={"xatol": 1e-12}).fun)


def epsilon_of(rho: float, delta: float) -> float:
    return float(brentq(lambda epsilon: log_delta_of(rho, epsilon) - log(delta), 1e-9, 300))


def gaussian_epsilon(rho: float, delta: float) -> float:
    """Return the exact epsilon of one Gaussian of this rho, a lower bound (Balle and Wang 2018)."""
    from scipy.stats import norm

    mu = sqrt(2 * rho)

    def lost(epsilon: float) -> float:
        return norm.cdf(mu / 2 - epsilon / mu) - exp(epsilon + norm.logcdf(-mu / 2 - epsilon / mu))

    return float(brentq(lambda epsilon: lost(epsilon) - delta, 0, 200))


def near(one: float, two: float, within: float = 1e-6) -> bool:
    return isclose(one, two, rel_tol=within, abs_tol=1e-12)


def problems(certificate: Told, folder: Path, name: str = "records") -> Iterator[str]:
    """Return what does not add up in a certificate.

    It reads the certificate of a set of records and the files NAME.csv and NAME.parquet alone.
    """
    yield from _files(certificate, folder, name)
    yield from _schema(certificate)
    if certificate["guarantee"].get("kind") == "k-anonymous":
        yield from _anonymous(certificate, folder / f"{name}.csv")
        return
    yield from (f"guarantee.{word} is not stated" for word in WORDS if not certificate["guarantee"].get(word))
    yield from _claim(certificate["guarantee"], certificate["request"])
    if "cohorts" in certificate:
        yield from _cohorts(certificate)
    else:
        yield from _steps(certificate["guarantee"]["steps"], certificate)
        yield from _plan(certificate)
        yield from _errors(certificate["expected"], _sigmas(certificate["guarantee"]["steps"]))
        yield from _bias(certificate["bias"], certificate["guarantee"]["steps"])
        yield from _people(certificate, _people_sigma(certificate["guarantee"]["steps"]))
    yield from _unlisted(certificate)
    for part in certificate.get("cohorts", [certificate]):
        yield from _accuracy(part)
    order = certificate["request"]["order"]
    if order > 3 or len(certificate["expected"]) != min(order, _longest(certificate)):
        yield "request.order"
    yield from _fit(certificate)


def _files(certificate: Told, folder: Path, name: str) -> Iterator[str]:
    for kind in ("csv", "parquet"):
        if hashlib.sha256((folder / f"{name}.{kind}").read_bytes()).hexdigest() != certificate["hashes"][kind]:
            yield f"hashes.{kind}"
    with (folder / f"{name}.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    if len(rows) - 1 != certificate["rows"]:
        yield "rows"
    if rows[0] != [column["name"] for column in certificate["columns"]]:
        yield "columns"


def _schema(certificate: Told) -> Iterator[str]:
    if "schema" not in certificate:
        return
    text = json.dumps(certificate["schema"], sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if hashlib.sha256(text.encode()).hexdigest() != certificate["hashes"]["schema"]:
        yield "hashes.schema"
    for column in certificate["columns"]:
        if column["values"] != len(certificate["schema"]["columns"][column["name"]]["values"]):
            yield f"columns.{column['name']}.values"


def _claim(claim: Told, asked: Told) -> Iterator[str]:
    if not near(claim["rho"], sum(step["rho"] for step in claim["steps"])):
        yield "guarantee.rho is not the sum of its steps"
    gone = claim["delta_for_unlisted_values"]
    if not (gone == 0 or near(gone, claim["delta"] / 2)):
        yield "guarantee.delta_for_unlisted_values"
    epsilon = epsilon_of(claim["rho"], claim["delta"] - gone)
    if not near(epsilon, claim["epsilon_of_rho"], 1e-5):
        yield f"guarantee.epsilon_of_rho is {epsilon}"
    if gaussian_epsilon(claim["rho"], claim["delta"] - gone) > claim["epsilon_of_rho"]:
        yield "guarantee.epsilon_of_rho is more than can be promised"
    if not claim["epsilon"] * 0.999 <= claim["epsilon_of_rho"] <= claim["epsilon"] * (1 + 1e-9):
        yield "guarantee.epsilon"
    if (claim["epsilon"], claim["delta"]) != (asked["epsilon"], asked["delta"]):
        yield "request is not what is promised"


def _steps(steps: list[Told], certificate: Told) -> Iterator[str]:
    thresholds = PRESETS[certificate["request"]["preset"]]
    for number, step in enumerate(steps):
        where = f"steps.{number}"
        if "sigma" not in step:
            continue
        if not near(step["rho"], step["sensitivity"] ** 2 / (2 * step["sigma"] ** 2)):
            yield f"{where}.rho"
        length, levels = step.get("length", 0), step.get("levels")
        moved = comb(step["clip"], length) if length else levels or 1
        if not near(step["sensitivity"], sqrt(moved)):
            yield f"{where}.sensitivity"
        if levels:  # edges of private bins: a tree of halves, from two nodes on
            if step["cells"] != 2 ** (levels + 1) - 2:
                yield f"{where}.cells"
            continue
        if not length:
            if step["cells"] != _longest(certificate) + 1:
                yield f"{where}.cells"
            continue
        if "revision" in step:
            if step["cells"] != steps[length]["cells"]:
                yield f"{where}.cells: a revision measures what was measured"
        elif step["cells"] > (comb(steps[number - 1]["standing_out"], 2) if length > 1 else _values(certificate)):
            yield f"{where}.cells"
        if step["clip"] < min(3, _longest(certificate)) or step["measured"] != f"combinations of {length}":
            yield f"{where}.clip"
        if step["threshold_in_sigmas"] != thresholds[length - 1]:
            yield f"{where}.threshold_in_sigmas"
        if not near(step["threshold"], step["threshold_in_sigmas"] * step["sigma"]):
            yield f"{where}.threshold"
        if not 0 <= step["standing_out"] <= step["cells"]:
            yield f"{where}.standing_out"
        if length == 1 and not 0 <= step["values_in_records"] <= step["standing_out"]:
            yield f"{where}.values_in_records"
        if length == 1 and not near(step["expected_values_of_nobody"], VALUES_OF_NOBODY / _most_cohorts(certificate)):
            yield f"{where}.expected_values_of_nobody"


def _most_cohorts(certificate: Told) -> int:
    """Return the number of cohorts that there can be: those of all listed values, and of none."""
    by = certificate["request"].get("cohorts")
    return len(certificate["schema"]["columns"][by]["values"]) + 1 if by else 1


def _values(certificate: Told) -> int:
    by = certificate["request"].get("cohorts")
    return sum(column["values"] for column in certificate["columns"] if column["name"] != by)


def _longest(certificate: Told) -> int:
    """Return the largest number of values that a record may report."""
    by = certificate["request"].get("cohorts")
    return sum(column["values"] if column["multi"] else 1 for column in certificate["columns"] if column["name"] != by)


def _plan(certificate: Told) -> Iterator[str]:
    """Yield a fault for each measurement without its documented share of the total loss."""
    runs: dict[int, list[Told]] = {}
    edges = [step for step in certificate["guarantee"]["steps"] if "levels" in step]
    for step in edges:
        if not near(step["rho"], certificate["guarantee"]["rho"] * min(0.05, 0.2 / len(edges))):
            yield f"share of {step['measured']}"
    for step in certificate["guarantee"]["steps"]:
        if "sigma" in step and step not in edges:
            runs.setdefault(step.get("revision", 0), []).append(step)
    for revision, steps in runs.items():
        if len(steps) != len(runs[0]) or revision >= len(runs):
            yield f"a measurement of revision {revision} is missing"
        shares = SHARES[: len(steps)]
        for step, share in zip(steps, shares, strict=False):
            if not near(step["rho"], sum(other_step["rho"] for other_step in steps) * share / sum(shares)):
                yield f"share of {step['measured']}"


def _sigmas(steps: list[Told]) -> list[float]:
    """Return the noise by length when measurements are combined with inverse-variance weights."""
    variances: dict[int, float] = {}
    for step in steps:
        if "length" in step:
            variances[step["length"]] = variances.get(step["length"], 0.0) + step["sigma"] ** -2
    return [variances[length] ** -0.5 for length in sorted(variances)]


def _errors(expected: list[Told], sigmas: list[float]) -> Iterator[str]:
    if [entry["length"] for entry in expected] != list(range(1, len(sigmas) + 1)):
        yield "expected.length"
        return
    for entry, sigma in zip(expected, sigmas, strict=True):
        error = 0.8 * sigma
        if abs(error - sqrt(2 / np.pi) * sigma) > 0.003 * sigma:
            yield "expected: the mean size of a normal error is another"
        if abs(entry["error"] - error) > 0.06:
            yield f"expected.{entry['length']}.error is {error}"
        if not 0 <= entry["nine_in_ten"] - 5 * NormalDist().inv_cdf(0.95) * sigma < 1.001:
            yield f"expected.{entry['length']}.nine_in_ten"
        if abs(entry["supported"] - 5 * error) > 0.6:
            yield f"expected.{entry['length']}.supported"
        for count, share in entry["relative"].items():
            if abs(share - error / int(count)) > 0.0006:
                yield f"expected.{entry['length']}.relative.{count}"


def _people(certificate: Told, sigma: float) -> Iterator[str]:
    if abs(certificate["people_error"] - 0.8 * sigma) > 0.06:
        yield "people_error"


def _cohorts(certificate: Told) -> Iterator[str]:
    """Yield the faults of each cohort; the claim is that of the costliest one with all revisions."""
    claim, cohorts = certificate["guarantee"], certificate["cohorts"]
    most, first, later = (
        claim["revisions"][name] for name in ("most", "share_of_rho_of_the_first", "share_of_rho_of_each")
    )
    if not near(first + most * later, 1.0):
        yield "guarantee.revisions"
    bounds = [next(step[OF_NOBODY] for step in cohort["steps"] if OF_NOBODY in step) for cohort in cohorts]
    if claim[OF_NOBODY] > VALUES_OF_NOBODY or abs(claim[OF_NOBODY] - sum(bounds)) > 2e-6:
        yield "guarantee.expected_values_of_nobody"
    gone = claim["delta_for_unlisted_values"]
    for cohort in cohorts:
        where = f"cohorts.{cohort['value']}"
        if not near(cohort["rho"] + cohort["rho_set_aside"], claim["rho"]):
            yield f"{where}: rho and what is set aside are not that of the claim"
        if not near(cohort["rho_set_aside"], claim["rho"] * later * (most - cohort["revision"])):
            yield f"{where}.rho_set_aside"
        if not near(cohort["epsilon"], epsilon_of(cohort["rho"], claim["delta"] - gone), 1e-5):
            yield f"{where}.epsilon"
        yield from (f"{where}: {wrong}" for wrong in _cohort(cohort, certificate))
        for length, entry in enumerate(cohort["expected"], 1):
            if entry["length"] != length:
                yield f"{where}.expected.length"
            yield from (f"{where}: {wrong}" for wrong in _alone(entry))
    steps = claim["steps"]
    worst = next(cohort for cohort in cohorts if cohort["value"] == claim["cohort_of_the_steps"])
    if not near(worst["rho"], sum(step["rho"] for step in steps[:-1])):
        yield "the steps are not those of their cohort"
    yield from _steps(steps, certificate)
    yield from _plan({"guarantee": {"steps": steps[:-1]}})
    yield from _errors(worst["expected"], _sigmas(steps))
    some = [cohort for cohort in cohorts if cohort["records"]]  # of the others there is nothing to be wrong about
    for entry, *parts in zip(certificate["expected"], *(cohort["expected"] for cohort in some), strict=True):
        together = hypot(*(part["error"] for part in parts))
        if abs(entry["error"] - together) > 0.06 + 0.05 * sqrt(len(parts)):
            yield f"expected.{entry['length']}.error"
        yield from (f"expected: {wrong}" for wrong in _alone(entry))
    for name in ("records", "people"):
        if certificate["rows" if name == "records" else name] != sum(cohort[name] for cohort in cohorts):
            yield f"{name} are not those of all cohorts"
    if abs(certificate["people_error"] - hypot(*(cohort["people_error"] for cohort in some))) > 0.06:
        yield "people_error"


def _cohort(cohort: Told, certificate: Told) -> Iterator[str]:
    """Yield the faults of one cohort: its measurements, and the errors that follow from them."""
    steps = cohort["steps"]
    yield from _steps(steps, certificate)
    yield from _plan({"guarantee": {"steps": steps}})
    yield from _errors(cohort["expected"], _sigmas(steps))
    yield from _bias(cohort["bias"], steps)
    yield from _people(cohort, _people_sigma(steps))
    yield from _fit(cohort)
    if not near(cohort["rho"], sum(step["rho"] for step in steps)):
        yield "rho"


def _people_sigma(steps: list[Told]) -> float:
    """Return the noise of the number of people: that of all numbers of records by length."""
    lengths = [step for step in steps if step["measured"].startswith("records by")]
    return sqrt(lengths[0]["cells"] / sum(step["sigma"] ** -2 for step in lengths))


def _fit(certificate: Told) -> Iterator[str]:
    if not certificate.get("records", 1) and not certificate["fit"]:
        return  # of nobody there is no fit
    if [entry["length"] for entry in certificate.get("fit", certificate["expected"])] != list(
        range(1, len(certificate["expected"]) + 1)
    ):
        yield "fit"


def _accuracy(part: Told) -> Iterator[str]:
    """Yield the contradictions of a stated accuracy; others cannot draw its repetition again."""
    for entry, expected in zip(part["accuracy"], part["expected"], strict=False):
        shares = (entry["fabricated"], entry["missing"])
        if entry["length"] != expected["length"] or not all(0 <= share <= 1 for share in shares):
            yield "accuracy"
        if entry["relative"] < 0 or entry["nine_in_ten"] < expected["nine_in_ten"]:
            yield "accuracy"
        if [(band["least"], band["most"]) for band in entry["bias"]] != list(BANDS):
            yield "accuracy.bias"
        for band in entry["bias"]:
            if band.get("alone", 0) > 0 or ("repeated" in band) != bool(band["combinations"]):
                yield "accuracy.bias"


def _bias(entries: list[Told], steps: list[Told]) -> Iterator[str]:
    """Yield a fault if a bias at worst is not that of normal tails above the thresholds."""
    first = {step["length"]: step for step in reversed(steps) if "length" in step}
    needed = [first[length]["threshold_in_sigmas"] for length in sorted(first)]
    needed[0] = max(needed[0], NormalDist().inv_cdf(1 - first[1]["expected_values_of_nobody"] / first[1]["cells"]))
    tails = list(zip(needed, _sigmas(steps), strict=True))
    bands = [(length, *band) for length in range(1, len(tails) + 1) for band in BANDS]
    if [(entry["length"], entry["least"], entry["most"]) for entry in entries] != bands:
        yield "bias"
    for entry in entries:
        lost = [
            -count * (1 - _kept(count, tails[: entry["length"]])) for count in range(entry["least"], entry["most"] + 1)
        ]
        if not lost or abs(entry["at_worst"] - min(lost)) > 0.051:
            yield f"bias.{entry['length']}.{entry['least']}"


def _kept(count: int, tails: list[tuple[float, float]]) -> float:
    """Return the probability that a combination and all its parts are supported, all of one count."""
    kept = 1.0
    for length, (threshold, sigma) in enumerate(tails, 1):
        kept *= NormalDist().cdf(count / sigma - threshold) ** comb(len(tails), length)
    return kept


def _alone(entry: Told) -> Iterator[str]:
    """Yield the faults of an entry of expected errors that follow from the entry itself."""
    if abs(entry["supported"] - 5 * entry["error"]) > 0.8:
        yield f"{entry['length']}.supported"
    if abs(entry["nine_in_ten"] - 5 * 1.645 / 0.8 * entry["error"]) > 1.6:
        yield f"{entry['length']}.nine_in_ten"
    for count, share in entry["relative"].items():
        if abs(share - entry["error"] / int(count)) > 0.0006 + 0.06 / int(count):
            yield f"{entry['length']}.relative.{count}"


def _unlisted(certificate: Told) -> Iterator[str]:
    """Yield a fault if an unlisted value of one person passes too often for its part of delta."""
    unlisted = [column for column in certificate["columns"] if column["source"] == "discovered under delta"]
    columns, values = len(unlisted), sum(10 if column["multi"] else 1 for column in unlisted)
    gone = certificate["guarantee"]["delta_for_unlisted_values"]
    if bool(columns) != bool(gone):
        yield "guarantee.delta_for_unlisted_values"
    if not columns:
        return
    for part in certificate.get("cohorts", [certificate]):
        steps = part["steps"] if "cohorts" in certificate else certificate["guarantee"]["steps"]
        yield from _found_values(part["unlisted"], steps, columns, values, gone)


def _found_values(unlisted: Told, steps: list[Told], columns: int, values: int, gone: float) -> Iterator[str]:
    sigma = next(step["sigma"] for step in steps if step.get("length") == 1)
    if unlisted["columns"] != columns or unlisted["values"] != values or unlisted["delta"] != gone:
        yield "unlisted"
    by_the_bound = values * exp(-((unlisted["kept_from"] - 1) ** 2) / (2 * sigma**2))
    if not near(by_the_bound, gone, 1e-4):
        yield "unlisted.kept_from"
    if values * _tail(unlisted["kept_from"] - 1, sigma) > gone:
        yield "unlisted.kept_from: the true tail is heavier"


def _tail(above: float, sigma: float) -> float:
    """P(X > above) of the discrete Gaussian on 64ths, summed up."""
    unit = 64
    first = int(np.floor(above * unit)) + 1
    steps = np.arange(first, first + int(40 * sigma * unit))
    whole = np.arange(-int(40 * sigma * unit), int(40 * sigma * unit) + 1)
    variance = 2 * (sigma * unit) ** 2
    return float(
        np.exp(-(steps.astype(float) ** 2) / variance).sum() / np.exp(-(whole.astype(float) ** 2) / variance).sum()
    )


def _anonymous(certificate: Told, path: Path) -> Iterator[str]:
    """Return what a k-anonymous file itself shows."""
    claim, figures, asked = certificate["guarantee"], certificate["figures"], certificate["request"]
    yield from (
        f"guarantee.{word} is not stated"
        for word in ("unit", "neighbours", "not_covered", "notes", "warning")
        if not claim.get(word)
    )
    if len({(part["k"], part["order"]) for part in (claim, asked, figures)}) > 1:
        yield "k and order"
    if certificate["seed"] != asked["seed"] or asked["columns"] != [
        column["name"] for column in certificate["columns"]
    ]:
        yield "request"
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    if figures["rows"] != len(rows) or len(rows) % claim["k"]:
        yield "figures.rows"
    several = {column["name"] for column in certificate["columns"] if column["multi"]}
    parts = [[(name, cell.split(";") if name in several else [cell]) for name, cell in row.items()] for row in rows]
    held = [[(name, value) for name, values in row for value in values if value] for row in parts]
    if figures["longest"] != max(map(len, held), default=0):
        yield "figures.longest"
    for length in range(1, figures["order"] + 1):
        shown = Counter(combination for record in held for combination in combinations(sorted(record), length))
        if len(shown) != figures["shown"][length - 1]:
            yield f"figures.shown.{length}"
        if figures["allowed"][length - 1] < figures["shown"][length - 1]:
            yield f"figures.allowed.{length}"


__all__ = ["epsilon_of", "gaussian_epsilon", "problems"]
