"""What records would cost and how exact they would be, before anything is spent.

Nothing here looks at a record, so it costs nothing and may be asked as often as one likes: the noise follows from
epsilon, the columns and how much people report, as far as that is publicly known, the verdict from the number of
people. Where nobody knows how much they report it is the worst case, as if every record reported all there is.
"""

from __future__ import annotations

from contextlib import AbstractContextManager, nullcontext
from itertools import combinations
from math import ceil, log, prod, sqrt
from typing import Any

from kerege.base.errors import BadInput, Fault, Refused
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import certificate as told
from kerege.evidence.synthesis.cohorts.budget_series import FIRST, Cohorts, history, new, series_of, whose
from kerege.evidence.synthesis.measurement import public_schema
from kerege.evidence.synthesis.measurement.public_schema import Schema
from kerege.evidence.synthesis.pipeline import (
    fits,
    for_unlisted,
    loss,
    period_of,
    request_of,
    spreads,
    unlisted,
)
from kerege.evidence.synthesis.presets import PRESETS
from kerege.evidence.synthesis.request import Request, check


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
    """The charge, the verdict of the ledger, the expected errors, and whether records would be worth publishing.

    With `cohorts` all of it is of each new one. `people` is how many there are, as far as the public knows, of a
    cohort if there are any; `reported` the number of values that 65 of 100 of them do not pass; 0 when nobody knows.
    Raises BadInput.
    """
    if reported < 0:
        raise BadInput(Fault("the number of reported values is below 0", "give how many 65 of 100 people do not pass"))
    if people < 0:
        raise BadInput(Fault("the number of people is below 0", "give about how many there are"))
    check(request)
    if cohorts:
        told, public, rho = _of_cohorts(snapshot, request, ledger, cohorts, listed)
        rho *= FIRST
    else:
        told, public, rho = _of_all(snapshot, request, ledger, listed)
    gone, width = for_unlisted(request, public), public_schema.width(public)
    noise = spreads(width, request, rho, reported)
    return {
        "dry_run": True, "cohorts": cohorts.column if cohorts else "", "period": period_of(snapshot, request), **told,
        "allowed": not told["refusal"], "epsilon": request.epsilon, "delta": request.loss_at,
        "delta_for_unlisted_values": gone,
        "columns": [{"name": column.name, "values": len(column.values), "multi": column.multi, "source": column.source}
                    for column in public],
        "reported": min(reported, width) or None, "reported_at_most": width,
        "unlisted_from": _unlisted_from(public, noise[0], gone), "expected": _expected(noise, request),
        **_verdict(public, noise, spreads(width, request, rho, reported or 1), people),
    }  # fmt: skip


def _of_all(
    snapshot: Snapshot, request: Request, ledger: Ledger, listed: Schema
) -> tuple[dict[str, Any], Schema, float]:
    """What records would be charged, the columns, and the loss that they stand for."""
    public = public_schema.known(snapshot, listed, request.columns)
    fits(snapshot, public)
    rho, gone = loss(request, unlisted=unlisted(public)), for_unlisted(request, public)
    with _reading(ledger):
        before = ledger.stored(request_of(snapshot, request, listed)) is not None
        period = period_of(snapshot, request)
        refusal = "" if before else _refusal(ledger, period, rho, {"delta": gone}, request.loss_at - gone)
    return {"charge": 0.0 if before else rho, "made_before": before, "refusal": refusal}, public, rho


def _of_cohorts(
    snapshot: Snapshot, request: Request, ledger: Ledger, cohorts: Cohorts, listed: Schema
) -> tuple[dict[str, Any], Schema, float]:
    """The same of each new cohort, and which cohorts would be new, revised and kept; a revision is paid for."""
    series = series_of(snapshot, request, cohorts, listed)
    with _reading(ledger):
        known = history(series, ledger)
        fresh = [value for value in series.values if value not in known]
        charge, refusal = series.rho if fresh else 0.0, ""
        try:
            if unpaid := new(series, ledger):
                about = whose(series, unpaid) | {"delta": series.delta}
                ledger.check(series.period, series.rho, about, at=request.loss_at - series.delta)
        except Refused as refused:
            refusal = str(refused)
    kept = [value for value in series.values if value in known and value not in series.revise]
    told = {"new": fresh, "revised": [value for value in series.values if value in series.revise], "kept": kept}
    return {"charge": charge, "made_before": not charge, "refusal": refusal, **told}, series.public, series.rho


def _reading(ledger: Ledger) -> AbstractContextManager[None]:
    """The lock of a ledger that is there: looking makes none."""
    return ledger.locked() if ledger.folder.is_dir() else nullcontext()


def _refusal(ledger: Ledger, period: str, rho: float, about: dict[str, Any], at: float) -> str:
    """Why the ledger would not allow it, '' when it would."""
    try:
        ledger.check(period, rho, about, at=at)
    except Refused as refused:
        return str(refused)
    return ""


def _expected(noise: list[float], request: Request) -> list[dict[str, Any]]:
    """As in a certificate, with the noisy count from which a combination of each length stands out."""
    thresholds = PRESETS[request.preset].thresholds
    return [
        entry | {"stands_out_from": ceil(threshold * sigma)}
        for entry, threshold, sigma in zip(told.expected(noise), thresholds, noise, strict=False)
    ]


def _unlisted_from(public: Schema, sigma: float, delta: float) -> int:
    """The noisy count from which a value that nobody listed is kept (`measure`); 0 where all are listed."""
    columns = sum(column.open for column in public)
    return ceil(1 + sigma * sqrt(2 * log(columns / delta))) if columns else 0


def _verdict(public: Schema, noise: list[float], at_best: list[float], people: int) -> dict[str, Any]:
    """Whether records are worth publishing by the rule of certificates, as far as that can be known before.

    That is certain where all people together are too few for the least noise that there can be, and where they would
    be enough spread evenly over all values: the usual combination of a person is never smaller than
    that, and those below a half of it hold no more than half of all people. Between the two it depends on the records.
    """
    length = len(noise[:2])
    least, fewest = (ceil(told.NEAR * each[length - 1] / told.WORTH) for each in (noise, at_best))
    worth = None
    if people and people < fewest:
        worth, least = False, fewest
    elif people and _evenly(public, length, people) * told.MOSTLY >= least:
        worth = True
    return {"people": people or None, "worth": worth, "worth_from": least, "advice": _advice(worth, length, least)}


def _evenly(public: Schema, length: int, people: int) -> float:
    """How many people share a combination of a length where all values are equally frequent; 0 with unknown values."""
    if unlisted(public):
        return 0.0
    cells = [prod(len(column.values) for column in each) for each in combinations(public, length)]
    return people * len(cells) / sum(cells)


def _advice(worth: bool | None, length: int, least: int) -> str:
    what = "two attributes together" if length > 1 else "an attribute"
    if worth is False:
        return (
            f"the noise would be a large part of whatever {least:,} people or fewer share: publish a few noised "
            "tables, wait for more years, or take fewer columns"
        )
    if worth:
        return f"what a person shares with others of {what} is told to within a quarter, however people are spread"
    return (
        f"worth publishing if a person usually shares {what} with at least {least:,} others; fewer columns lower "
        "that number"
    )
