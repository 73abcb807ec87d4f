"""Publication rules: the range that the methods span, or the rules that forbid publication.

The thresholds are judgement, not theory; docs/explanation/hidden-figure.md gives the source of each.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kerege.evidence.mse.lists import Lists
from kerege.evidence.mse.panels.method_result import Method

LEAST_LISTS = 3
LEAST_REPEATED = 20  # smallest number of people on two lists or more
WIDEST = 4.0  # largest ratio of the limits of the envelope, before rounding
LEAST_RECURRENCE, FARTHEST = 0.1, 2.0  # recurrence of the chosen model; ratio of the largest to the smallest estimate
MOST_AT_BOUND = 0.01  # largest posterior share of the latent classes within 5% of their bound
# the 80% interval of each method that enters the headline; for BIC it is BCa, which its authors publish
IN_HEADLINE = {"stepwise": "interval80", "bic": "bca80", "decomposable": "interval80", "lcmcr": "interval80"}


@dataclass(frozen=True)
class AppliedRule:
    """A rule that forbids publication, and the facts for its message."""

    rule: str
    facts: Mapping[str, float]


def interval_in_headline(method: Method) -> tuple[float, float] | None:
    """Return the 80% interval with which a method enters the headline; None if it does not enter."""
    if method.estimate is None or method.key not in IN_HEADLINE:
        return None
    interval: tuple[float, float] | None = getattr(method, IN_HEADLINE[method.key])
    if interval is None or any(math.isnan(limit) for limit in interval):
        interval = method.interval80  # BCa is not defined if all resamples are on one side of the estimate
    return interval


def compute_envelope(methods: Mapping[str, Method]) -> tuple[float, float] | None:
    """Return the lowest and highest limit of the 80% intervals in the headline; None without intervals."""
    intervals = [interval for method in methods.values() if (interval := interval_in_headline(method))]
    if not intervals:
        return None
    return min(lower for lower, _ in intervals), max(upper for _, upper in intervals)


def round_headline(detected: int, limits: tuple[float, float]) -> tuple[int, int]:
    """Return an envelope rounded to two significant digits, or to as many more as keep its limits apart.

    Parameters
    ----------
    detected : int
        Number of detected people; no limit is below it.
    limits : tuple of float
        Lower and upper limit of the envelope, in people.

    Returns
    -------
    tuple of int
        Lower and upper limit, in people.

    Examples
    --------
    >>> round_headline(626, (707.4, 761.2)), round_headline(626, (731.2, 734.9))
    ((710, 760), (731, 735))
    """
    for digits in range(2, len(str(int(limits[1]))) + 1):
        lower, upper = (max(_round_to_digits(limit, digits), detected) for limit in limits)
        if lower < upper:
            return lower, upper
    return max(math.floor(limits[0]), detected), max(math.ceil(limits[1]), detected)


def round_to_two_digits(value: float) -> int:
    """Return a value rounded to two significant digits.

    Parameters
    ----------
    value : float
        A finite number.

    Returns
    -------
    int
        The rounded value.

    Examples
    --------
    >>> round_to_two_digits(7431.0)
    7400
    """
    return _round_to_digits(value, 2)


def _round_to_digits(value: float, digits: int) -> int:
    """Return a value rounded to this number of significant digits."""
    return round(Decimal(f"{value:.{digits - 1}e}"))


def find_applied_rules(lists: Lists, methods: Mapping[str, Method]) -> list[AppliedRule]:
    """Return all rules that forbid publication, the most basic first.

    `methods` may be empty if there are too few lists.
    """
    if lists.number < LEAST_LISTS:
        return [AppliedRule("few_lists", {"lists": lists.number})]
    checks = [
        _check_overlaps(lists),
        _check_models(methods),
        _check_width(methods),
        _check_recurrence(methods),
        _check_bound(methods),
    ]
    return [rule for rule in checks if rule]


def _check_overlaps(lists: Lists) -> AppliedRule | None:
    """Forbid publication if too few people are on two lists or more."""
    return AppliedRule("few_overlaps", {"repeated": lists.repeated}) if lists.repeated < LEAST_REPEATED else None


def _check_models(methods: Mapping[str, Method]) -> AppliedRule | None:
    """Forbid publication unless both stepwise selection and BIC have an estimate."""
    estimates = [methods[key].estimate if key in methods else None for key in ("stepwise", "bic")]
    if all(estimate is not None and math.isfinite(estimate) for estimate in estimates):
        return None
    return AppliedRule("no_model", {})


def _check_width(methods: Mapping[str, Method]) -> AppliedRule | None:
    """Forbid publication if the envelope is too wide."""
    limits = compute_envelope(methods)
    if limits is None or limits[1] <= WIDEST * limits[0]:
        return None
    return AppliedRule("wide", {"lower": limits[0], "upper": limits[1], "ratio": limits[1] / limits[0]})


def _check_recurrence(methods: Mapping[str, Method]) -> AppliedRule | None:
    """Forbid publication if the chosen model rarely recurs and the estimates of the methods differ widely."""
    chosen = methods.get("stepwise")
    estimates = [m.estimate for m in methods.values() if m.estimate is not None and m.key in IN_HEADLINE]
    if chosen is None or chosen.recurrence is None or not estimates:
        return None
    ratio = max(estimates) / min(estimates)
    if chosen.recurrence >= LEAST_RECURRENCE or ratio <= FARTHEST:
        return None
    return AppliedRule("unsure", {"recurrence": chosen.recurrence, "ratio": ratio})


def _check_bound(methods: Mapping[str, Method]) -> AppliedRule | None:
    """Forbid publication if the posterior of the latent classes is close to its bound."""
    classes = methods.get("lcmcr")
    share = None if classes is None else classes.about.get("bound_share")
    if classes is None or share is None or float(share) <= MOST_AT_BOUND:
        return None
    return AppliedRule("bound", {"share": float(share), "bound": float(classes.about["bound"])})
