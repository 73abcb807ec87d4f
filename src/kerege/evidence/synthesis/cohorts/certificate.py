"""The joint file of all cohorts and its certificate, with the loss and reserve of each cohort."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import compress
from math import hypot
from pathlib import Path
from typing import Any

import polars as pl

from kerege.evidence.dp import zcdp
from kerege.evidence.ledger.entry import digest
from kerege.evidence.synthesis import certificate as certificates
from kerege.evidence.synthesis.cohorts.budget_series import FIRST, REVISION, REVISIONS, CohortSeries, Measurement
from kerege.evidence.synthesis.measurement import public_schema
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from kerege.evidence.synthesis.measurement.public_schema import Column
from kerege.evidence.synthesis.pipeline import describe_request
from kerege.evidence.synthesis.record_files import (
    COUNTS,
    NOISY,
    RECORDS,
    read_certificate,
    write_certificate,
    write_frame,
)

OUTSIDE = (
    "; so is the choice of the cohorts, of the last one, and of the revisions and their dates. The cohorts with "
    "records are measured like all counts. A change of the rows of a cohort shows only in its next measurement. A "
    "record stays in its cohort: the losses of a record that was moved to another cohort add up"
)
NEW, REVISED, KEPT = "new", "revised", "kept"


def write_joint_file(
    series: CohortSeries, measurements: Sequence[Measurement], outputs: Sequence[Path], folder: Path
) -> dict[str, Any]:
    """Write the concatenated records of all cohorts to a folder; return their certificate."""
    folder.mkdir(parents=True, exist_ok=True)
    names = pl.read_parquet(outputs[0] / f"{RECORDS}.parquet").columns  # later files may have another column order
    records = pl.concat([pl.read_parquet(output / f"{RECORDS}.parquet").select(names) for output in outputs])
    write_frame(records, folder / f"{RECORDS}.csv")
    write_frame(records, folder / f"{RECORDS}.parquet")
    if all((output / COUNTS).exists() for output in outputs):
        parts = [pl.read_csv(output / COUNTS, infer_schema=False) for output in outputs]
        write_frame(pl.concat(parts, how="diagonal"), folder / COUNTS)
    return write_certificate(_build_certificate(series, measurements, outputs), folder)


def _build_certificate(
    series: CohortSeries, measurements: Sequence[Measurement], outputs: Sequence[Path]
) -> dict[str, Any]:
    facts_by_cohort = [read_certificate(output) for output in outputs]
    cohorts = [
        _describe_cohort(series, measurement, facts)
        for measurement, facts in zip(measurements, facts_by_cohort, strict=True)
    ]
    has_records = [cohort["records"] > 0 for cohort in cohorts]
    is_counted = (
        has_records if any(has_records) else [True] * len(cohorts)
    )  # totals cover only the cohorts with records
    public = (*series.public[: series.place], series.by, *series.public[series.place :])
    schemas = [public_schema.parse_schema(facts["schema"]) for facts in facts_by_cohort]
    values = {column.name: set(column.values) for column in public}
    for column in (column for schema in schemas for column in schema):
        values[column.name] |= set(column.values)
    # found values are public by now; a column without values would look as if no record reported one
    public = tuple(replace(column, values=_unite_values(column, values[column.name])) for column in public)
    return {
        "format": certificates.FORMAT,
        "version": facts_by_cohort[-1]["version"],
        "guarantee": _combine_guarantees(series, facts_by_cohort, cohorts),
        "columns": [
            {"name": column.name, "values": len(values[column.name]), "multi": column.multi, "source": column.source}
            for column in public
        ],
        "people": sum(cohort["people"] for cohort in cohorts),
        "people_error": round(hypot(*compress((cohort["people_error"] for cohort in cohorts), is_counted)), 1),
        "expected": certificates.expected_errors(list(_sum_spreads(compress(outputs, is_counted)))),
        "formulas": certificates.FORMULAS,
        **_assess_cohorts(series, cohorts),
        "hashes": {"schema": digest(public_schema.describe(public)), "code": certificates.code_hash()},
        "request": describe_request(series.request) | {"cohorts": series.by.name, "values": list(series.values)},
        "schema": public_schema.describe(public),
        "seed": series.request.seed,
        "rows": sum(facts["rows"] for facts in facts_by_cohort),
        "cohorts": cohorts,
    }


def _unite_values(column: Column, found_values: set[str]) -> tuple[str, ...]:
    """Return the listed values of a column; for an open column the values that any cohort kept."""
    return tuple(sorted(found_values)) if column.open else column.values


def _assess_cohorts(series: CohortSeries, cohorts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return whether the utility of all cohorts with records suffices, and advice about the others."""
    name, empty = series.by.name, [cohort["value"] for cohort in cohorts if not cohort["records"]]
    poor = [cohort for cohort in cohorts if cohort["records"] and not cohort["worth"]]
    advice = [f"{name} {', '.join(cohort['value'] for cohort in poor)}: {poor[0]['advice']}"] if poor else []
    if empty:
        advice.append(f"{name} {', '.join(empty)}: nobody, or too few people to stand out from the noise")
    return {"worth": not poor and len(empty) < len(cohorts), "advice": "; ".join(advice)}


def _name_cohort_state(series: CohortSeries, measurement: Measurement) -> str:
    """Return whether a cohort is new in this release, revised for it, or kept from an earlier one."""
    if measurement.release != series.release:
        return KEPT
    return REVISED if measurement.revision else NEW


def _describe_cohort(series: CohortSeries, measurement: Measurement, facts: dict[str, Any]) -> dict[str, Any]:
    """Return the certificate row of a cohort: its loss, its reserved loss, and its accuracy."""
    claim = facts["guarantee"]
    reserved = (REVISIONS - facts["cohort"]["revision"]) * REVISION * series.rho
    return {
        **facts["cohort"],
        "state": _name_cohort_state(series, measurement),
        "records": facts["rows"],
        "rho": claim["rho"],
        "rho_set_aside": reserved,
        "epsilon": zcdp.rho_to_epsilon(claim["rho"], claim["delta"] - claim["delta_for_unlisted_values"]),
        "people": facts["people"],
        "people_error": facts["people_error"],
        "expected": facts["expected"],
        "bias": facts.get("bias", []),
        "accuracy": facts.get("accuracy", []),
        "fit": facts["fit"],
        "steps": claim["steps"],
        "worth": facts["worth"],
        "advice": facts["advice"],
        "seed": facts["seed"],
        "code": facts["hashes"]["code"],
        "code_that_measured": facts["hashes"]["code_that_measured"],
        "csv": facts["hashes"]["csv"],
    } | ({"unlisted": facts["unlisted"]} if "unlisted" in facts else {})


def _combine_guarantees(
    series: CohortSeries, facts_by_cohort: list[dict[str, Any]], cohorts: list[dict[str, Any]]
) -> dict[str, Any]:
    """Return the guarantee of the cohort with the largest loss, including reserved revisions."""
    worst = max(range(len(cohorts)), key=lambda at: cohorts[at]["rho"] + cohorts[at]["rho_set_aside"])
    claim, reserved = facts_by_cohort[worst]["guarantee"], cohorts[worst]["rho_set_aside"]
    steps = [*claim["steps"], {"measured": "set aside for revisions, not measured yet", "rho": reserved}]
    joint = with_steps(claim, steps, holds=all(facts["guarantee"]["holds"] for facts in facts_by_cohort))
    return joint | {
        "over_the_years": "rho and epsilon bound the privacy loss of a person by this file and all later ones of the "
        f"series, with {REVISIONS} revisions of their cohort: a record is in one cohort of {series.by.name} only, so "
        "losses do not add up over cohorts (parallel composition), only over the measurements of one",
        "cohort_of_the_steps": cohorts[worst]["value"],
        "expected_values_of_nobody": round(sum(map(certificates.bound_false_values, facts_by_cohort)), 6),
        "revisions": {"most": REVISIONS, "share_of_rho_of_the_first": FIRST, "share_of_rho_of_each": REVISION},
        "outside": joint["outside"] + OUTSIDE,
    }


def with_steps(claim: dict[str, Any], steps: list[dict[str, Any]], *, holds: bool) -> dict[str, Any]:
    """Return a guarantee with other measurement steps."""
    delta = claim["delta_for_unlisted_values"]
    return certificates.guarantee(claim["epsilon"], claim["delta"], delta, steps, holds=holds)


def _sum_spreads(outputs: Iterable[Path]) -> Iterator[float]:
    """Yield the noise (sigma, in people) of combinations of each length, summed over all cohorts."""
    sigmas = [[level.spread for level in Noisy.load(output / NOISY).levels] for output in outputs]
    for same_length in zip(*sigmas, strict=True):
        yield hypot(*same_length)
