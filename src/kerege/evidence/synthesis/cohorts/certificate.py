"""The records of all cohorts together, and the certificate that tells what each of them lost and may yet lose."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import compress
from math import hypot
from pathlib import Path
from typing import Any

import polars as pl

from kerege.evidence.dp import zcdp
from kerege.evidence.ledger.ledger import digest
from kerege.evidence.synthesis import certificate as told
from kerege.evidence.synthesis.cohorts.budget_series import FIRST, REVISION, REVISIONS, Measured, Series
from kerege.evidence.synthesis.measurement import public_schema
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from kerege.evidence.synthesis.measurement.public_schema import Column
from kerege.evidence.synthesis.pipeline import NOISY, RECORDS, asked, certified, facts_in, write

OUTSIDE = (
    "; the list of cohorts, which of them is the last, which are measured once more and when, is taken so too. Which "
    "have records is measured like all else, and whether the rows of one changed shows in nothing but its next "
    "measurement. A record stays in its cohort: the losses of one that was moved to another add up"
)
NEW, REVISED, KEPT = "new", "revised", "kept"


def together(series: Series, found: Sequence[Measured], outputs: Sequence[Path], folder: Path) -> dict[str, Any]:
    """Put the records of the cohorts one after another into a folder, with the certificate of all."""
    folder.mkdir(parents=True, exist_ok=True)
    names = pl.read_parquet(outputs[0] / f"{RECORDS}.parquet").columns  # a later file may have them in another order
    records = pl.concat([pl.read_parquet(output / f"{RECORDS}.parquet").select(names) for output in outputs])
    write(records, folder / f"{RECORDS}.csv")
    write(records, folder / f"{RECORDS}.parquet")
    return certified(_certificate(series, found, outputs), folder)


def _certificate(series: Series, measured: Sequence[Measured], outputs: Sequence[Path]) -> dict[str, Any]:
    found = [facts_in(output) for output in outputs]
    cohorts = [_told(series, one, facts) for one, facts in zip(measured, found, strict=True)]
    filled = [cohort["records"] > 0 for cohort in cohorts]
    some = filled if any(filled) else [True] * len(cohorts)  # what is said of all together is of those with records
    public = (*series.public[: series.place], series.by, *series.public[series.place :])
    named = [public_schema.parsed(facts["schema"]) for facts in found]
    values = {column.name: set(column.values) for column in public}
    for column in (column for each in named for column in each):
        values[column.name] |= set(column.values)
    # what the cohorts found is public by now; a column without values would read as one that nobody answered
    public = tuple(replace(column, values=_union(column, values[column.name])) for column in public)
    return {
        "format": told.FORMAT,
        "version": found[-1]["version"],
        "guarantee": _claim(series, found, cohorts),
        "columns": [
            {"name": column.name, "values": len(values[column.name]), "multi": column.multi, "source": column.source}
            for column in public
        ],
        "people": sum(cohort["people"] for cohort in cohorts),
        "people_error": round(hypot(*compress((cohort["people_error"] for cohort in cohorts), some)), 1),
        "expected": told.expected(list(_spreads(compress(outputs, some)))),
        "formulas": told.FORMULAS,
        **_worth(series, cohorts),
        "hashes": {"schema": digest(public_schema.as_dict(public)), "code": told.code_hash()},
        "request": asked(series.request) | {"cohorts": series.by.name, "values": list(series.values)},
        "schema": public_schema.as_dict(public),
        "seed": series.request.seed,
        "rows": sum(facts["rows"] for facts in found),
        "cohorts": cohorts,
    }


def _union(column: Column, found: set[str]) -> tuple[str, ...]:
    """The values of a column as they were listed, or, where nobody did, those that any cohort kept."""
    return tuple(sorted(found)) if column.open else column.values


def _worth(series: Series, cohorts: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Whether the cohorts that have records are worth publishing, and what to say of the others."""
    name, empty = series.by.name, [cohort["value"] for cohort in cohorts if not cohort["records"]]
    poor = [cohort for cohort in cohorts if cohort["records"] and not cohort["worth"]]
    said = [f"{name} {', '.join(cohort['value'] for cohort in poor)}: {poor[0]['advice']}"] if poor else []
    if empty:
        said.append(f"{name} {', '.join(empty)}: nobody, or too few people to stand out of the noise")
    return {"worth": not poor and len(empty) < len(cohorts), "advice": "; ".join(said)}


def _state(series: Series, measured: Measured) -> str:
    """What the file is to a cohort: its first, one for which it was measured once more, or one that it is kept in."""
    if measured.release != series.release:
        return KEPT
    return REVISED if measured.revision else NEW


def _told(series: Series, measured: Measured, facts: dict[str, Any]) -> dict[str, Any]:
    """A line on a cohort: what its records lost so far and may yet lose, and how far it can be trusted by itself."""
    claim = facts["guarantee"]
    rest = (REVISIONS - facts["cohort"]["revision"]) * REVISION * series.rho
    return {
        **facts["cohort"], "state": _state(series, measured), "records": facts["rows"],
        "rho": claim["rho"], "rho_set_aside": rest,
        "epsilon": zcdp.rho_to_epsilon(claim["rho"], claim["delta"] - claim["delta_for_unlisted_values"]),
        "people": facts["people"], "people_error": facts["people_error"], "expected": facts["expected"],
        "fit": facts["fit"], "steps": claim["steps"],
        "worth": facts["worth"], "advice": facts["advice"], "seed": facts["seed"], "code": facts["hashes"]["code"],
        "code_that_measured": facts["hashes"]["code_that_measured"], "csv": facts["hashes"]["csv"],
    } | ({"unlisted": facts["unlisted"]} if "unlisted" in facts else {})  # fmt: skip


def _claim(series: Series, found: list[dict[str, Any]], cohorts: list[dict[str, Any]]) -> dict[str, Any]:
    """The claim of the costliest cohort, with all revisions for which budget is set aside."""
    worst = max(range(len(cohorts)), key=lambda at: cohorts[at]["rho"] + cohorts[at]["rho_set_aside"])
    claim, rest = found[worst]["guarantee"], cohorts[worst]["rho_set_aside"]
    steps = [*claim["steps"], {"measured": "set aside for revisions, not measured yet", "rho": rest}]
    all_ = with_steps(claim, steps, holds=all(facts["guarantee"]["holds"] for facts in found))
    return all_ | {
        "over_the_years": "rho and epsilon are what a person loses at most by this file and all later ones of the "
        f"series, with {REVISIONS} revisions of her cohort: a record is in one cohort of {series.by.name} only, so "
        "losses do not add up over cohorts (parallel composition), only over the measurements of one",
        "cohort_of_the_steps": cohorts[worst]["value"],
        "revisions": {"most": REVISIONS, "share_of_rho_of_the_first": FIRST, "share_of_rho_of_each": REVISION},
        "outside": all_["outside"] + OUTSIDE,
    }


def with_steps(claim: dict[str, Any], steps: list[dict[str, Any]], *, holds: bool) -> dict[str, Any]:
    """A claim with other steps."""
    found = claim["delta_for_unlisted_values"]
    return told.guarantee(claim["epsilon"], claim["delta"], found, steps, holds=holds)


def _spreads(outputs: Iterable[Path]) -> Iterator[float]:
    """The noise (sigma, people) of combinations of each length in all cohorts together."""
    found = [[level.spread for level in Noisy.load(output / NOISY).levels] for output in outputs]
    for each in zip(*found, strict=True):
        yield hypot(*each)
