"""Dry run: the charge and the expected accuracy of synthetic records, without a privacy loss.

No function here reads a record. The noise follows from epsilon, the columns and the publicly known number of reported
values; the assessment follows from the number of people. If the number of reported values is unknown, the worst case
is assumed: every record reports a value in all columns.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from dataclasses import asdict
from itertools import combinations
from math import ceil, log, prod, sqrt
from typing import Any

import numpy as np

from kerege.base.errors import BadInput, Fault, Refused
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.entry import EntryContents
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import certificate as certificates
from kerege.evidence.synthesis.certificate import Facts
from kerege.evidence.synthesis.cohorts.budget_series import (
    FIRST,
    Cohorts,
    find_unpaid_cohorts,
    history,
    people_of_entry,
    series_of,
)
from kerege.evidence.synthesis.measurement import public_schema
from kerege.evidence.synthesis.measurement.choice import ShareSource, choose
from kerege.evidence.synthesis.measurement.noisy_counts import FALSE_VALUES, find_value_threshold
from kerege.evidence.synthesis.measurement.private_edges import share_of_edges
from kerege.evidence.synthesis.measurement.public_schema import Schema
from kerege.evidence.synthesis.pipeline import (
    compute_loss,
    has_unlisted_values,
    period_of,
    request_of,
    spreads,
    unlisted_delta,
)
from kerege.evidence.synthesis.presets import LOOK, PRESETS
from kerege.evidence.synthesis.request import Request, check
from kerege.evidence.synthesis.snapshot_checks import check_snapshot


def foresee(
    snapshot: Snapshot,
    request: Request,
    ledger: Ledger,
    cohorts: Cohorts | None = None,
    *,
    listed: Schema = (),
    people: int = 0,
    reported: int = 0,
) -> dict[str, Any]:
    """Return the charge, the ledger's decision, the expected errors, and whether to publish records.

    With `cohorts` the result applies to each new cohort. `people` is the publicly known number of people (of one cohort
    if there are cohorts). `reported` is the number of values that 65 of 100 people do not exceed. 0 means unknown for
    both. Raise BadInput for a request that is not valid.
    """
    if reported < 0:
        raise BadInput(
            Fault(
                "the number of reported values is below 0",
                "give the number of values that 65 of 100 people do not exceed",
            )
        )
    if people < 0:
        raise BadInput(Fault("the number of people is below 0", "give about how many there are"))
    check(request)
    if cohorts:
        charge, public, rho, most_cohorts = _charge_of_cohorts(snapshot, request, ledger, cohorts, listed)
        rho *= FIRST
    else:
        charge, public, rho = _charge_of_all(snapshot, request, ledger, listed)
        most_cohorts = 1
    delta, width = unlisted_delta(request, public), public_schema.width(public)
    rho *= (1 - share_of_edges(public)) * (1 - LOOK if request.auto else 1)
    noise = spreads(width, request, rho, reported)
    return {
        "dry_run": True,
        "cohorts": cohorts.column if cohorts else "",
        "period": period_of(snapshot, request),
        **({"auto": True} if request.auto else {}),
        **charge,
        "allowed": not charge["refusal"],
        "epsilon": request.epsilon,
        "delta": request.loss_at,
        "delta_for_unlisted_values": delta,
        "columns": [
            {"name": column.name, "values": column.size, "multi": column.multi, "source": column.source}
            for column in public
        ],
        "reported": min(reported, width) or None,
        "reported_at_most": width,
        "unlisted_from": _compute_unlisted_threshold(public, noise[0], delta),
        "expected": _add_thresholds(noise, request, sum(column.size for column in public), most_cohorts),
        **_assess_in_advance(public, noise, spreads(width, request, rho, reported or 1), people),
        **_choose_in_advance(public, request, rho, people, reported),
    }


def _charge_of_all(
    snapshot: Snapshot, request: Request, ledger: Ledger, listed: Schema
) -> tuple[dict[str, Any], Schema, float]:
    """Return the charge of records, the columns, and the loss (rho) of a first measurement."""
    public = public_schema.read_known_columns(snapshot, listed, request.columns)
    check_snapshot(snapshot, public)
    rho, delta = compute_loss(request, unlisted=has_unlisted_values(public)), unlisted_delta(request, public)
    with _lock_if_present(ledger):
        is_stored = ledger.stored(request_of(snapshot, request, listed)) is not None
        period = period_of(snapshot, request)
        refusal = (
            ""
            if is_stored
            else _explain_refusal(ledger, period, rho, EntryContents(delta=delta), request.loss_at - delta)
        )
    return {"charge": 0.0 if is_stored else rho, "made_before": is_stored, "refusal": refusal}, public, rho


def _charge_of_cohorts(
    snapshot: Snapshot, request: Request, ledger: Ledger, cohorts: Cohorts, listed: Schema
) -> tuple[dict[str, Any], Schema, float, int]:
    """Return the charge of each new cohort, the columns, the loss (rho) of a cohort, and the most cohorts.

    The charge also lists which cohorts would be new, revised and kept. A revision uses budget that is set aside.
    """
    series = series_of(snapshot, request, cohorts, listed)
    with _lock_if_present(ledger):
        measurements = history(series, ledger)
        fresh = [value for value in series.values if value not in measurements]
        charge, refusal = series.rho if fresh else 0.0, ""
        try:
            if unpaid := find_unpaid_cohorts(series, ledger):
                about = people_of_entry(series, unpaid).merged(EntryContents(delta=series.delta))
                ledger.check(series.period, series.rho, about, at=request.loss_at - series.delta)
        except Refused as refused:
            refusal = str(refused)
    unchanged = [value for value in series.values if value in measurements and value not in series.revise]
    revised = [value for value in series.values if value in series.revise]
    charged = {"charge": charge, "made_before": not charge, "refusal": refusal}
    states = {"new": fresh, "revised": revised, "kept": unchanged}
    return charged | states, series.public, series.rho, series.most_cohorts


def _lock_if_present(ledger: Ledger) -> AbstractContextManager[None]:
    """Return the lock of an existing ledger, for a dry run creates none. Raise Refused for a lost one."""
    if ledger.folder.is_dir():
        return ledger.locked()
    ledger.require_evidence()
    return nullcontext()


def _explain_refusal(ledger: Ledger, period: str, rho: float, about: EntryContents, at: float) -> str:
    """Return why the ledger would refuse the charge, '' if it would not."""
    try:
        ledger.check(period, rho, about, at=at)
    except Refused as refused:
        return str(refused)
    return ""


def _add_thresholds(noise: list[float], request: Request, values: int, cohorts: int) -> list[dict[str, Any]]:
    """Return the expected errors and the noisy count from which a combination is supported.

    A single value is supported from that count on whatever the counts of its pairs are; `values` is the number of them.
    """
    alone, *longer = PRESETS[request.preset].thresholds
    thresholds = [max(alone, find_value_threshold(values, alone, 1.0, FALSE_VALUES / cohorts)), *longer]
    return [
        row | {"stands_out_from": ceil(threshold * sigma)}
        for row, threshold, sigma in zip(certificates.expected_errors(noise), thresholds, noise, strict=False)
    ]


def _compute_unlisted_threshold(public: Schema, sigma: float, delta: float) -> int:
    """Return the noisy count from which an unlisted value is kept (see `measure`).

    0 if all values are listed.
    """
    values = public_schema.count_unlisted(public)
    return ceil(1 + sigma * sqrt(2 * log(values / delta))) if values else 0


def _assess_in_advance(public: Schema, noise: list[float], at_best: list[float], people: int) -> dict[str, Any]:
    """Return whether the utility suffices by the rule of certificates, as far as known in advance.

    `worth` is False if all people together are too few for the smallest possible noise. It is True if the people would
    be enough when spread evenly over all values, because this even spread is the worst case. The people-weighted mean
    count is never below the even share. Combinations below half of that share hold at most half of all people.
    Otherwise the answer depends on the records and `worth` is None.
    """
    length = len(noise[:2])
    least, fewest = (
        ceil(certificates.MEAN_ABS * sigmas[length - 1] / certificates.LARGEST_RELATIVE_ERROR)
        for sigmas in (noise, at_best)
    )
    worth = None
    if people and people < fewest:
        worth, least = False, fewest
    elif people and _compute_even_count(public, length, people) * certificates.LEAST_ACCURATE_SHARE >= least:
        worth = True
    return {"people": people or None, "worth": worth, "worth_from": least, "advice": _advise(worth, length, least)}


def _choose_in_advance(public: Schema, request: Request, rho: float, people: int, reported: int) -> dict[str, Facts]:
    """Return the choice for equally frequent values; {} if people or values are unknown.

    Such a spread is the worst one: values that differ in frequency leave more columns useful.
    """
    width = public_schema.width(public)
    if not people or not width or has_unlisted_values(public) or any(column.awaits_edges for column in public):
        return {}
    share = min(reported, width) / width if reported else 1.0
    shares = {
        column.name: np.full(len(column.values), share / (1 if column.multi else len(column.values)))
        for column in public
    }
    multi = frozenset(column.name for column in public if column.multi)
    source = ShareSource(
        people=float(people),
        shares=shares,
        rho=rho,
        order=request.order,
        thresholds=PRESETS[request.preset].thresholds,
        multi=multi,
    )
    choice = choose(source)
    left_out = [name for name in shares if name not in choice.columns]
    return {"choice": asdict(choice) | {"columns": list(choice.columns), "left_out": left_out}}


def _compute_even_count(public: Schema, length: int, people: int) -> float:
    """Return the mean count of a combination if all values are equally frequent.

    0 if some values are unlisted.
    """
    if has_unlisted_values(public):
        return 0.0
    cells = [prod(column.size for column in columns) for columns in combinations(public, length)]
    return people * len(cells) / sum(cells)


def _advise(worth: bool | None, length: int, least: int) -> str:
    what = "two attributes together" if length > 1 else "an attribute"
    if worth is False:
        return (
            f"the noise would be a large part of whatever {least:,} people or fewer share: publish a few noised "
            "tables, wait for more years, or take fewer columns"
        )
    if worth:
        return f"counts of people who share {what} are accurate to within a quarter, for any distribution of values"
    return f"useful if a person usually shares {what} with at least {least:,} others; fewer columns lower that number"
