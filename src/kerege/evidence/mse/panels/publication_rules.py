"""Publication rules: those under which there is no headline, and remarks on the methods.

The thresholds are judgement, not theory; docs/explanation/hidden-figure.md gives the source of each.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass

from kerege.evidence.mse.lists import Lists
from kerege.evidence.mse.panels.method_result import Method

LEAST_LISTS = 3
LEAST_REPEATED = 20  # smallest number of people on two lists or more
LEAST_RECURRENCE, FARTHEST = 0.1, 2.0  # recurrence of the chosen model; ratio of the largest to the smallest estimate
MOST_AT_BOUND = 0.01  # largest posterior share of the latent classes within 5% of their bound
# the 80% interval of each method that bounds the headline; for BIC it is BCa, which its authors publish
IN_HEADLINE = {"stepwise": "interval80", "bic": "bca80", "decomposable": "interval80", "lcmcr": "interval80"}


@dataclass(frozen=True)
class AppliedRule:
    """A rule that applies to lists or methods, and the facts for its message."""

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
    """Return the lowest and highest limit of the 80% intervals of the methods; None without intervals."""
    intervals = [interval for method in methods.values() if (interval := interval_in_headline(method))]
    if not intervals:
        return None
    return min(lower for lower, _ in intervals), max(upper for _, upper in intervals)


def find_applied_rules(lists: Lists, methods: Mapping[str, Method]) -> list[AppliedRule]:
    """Return all rules under which there is no headline, the most basic first.

    `methods` may be empty if there are too few lists.
    """
    if lists.number < LEAST_LISTS:
        return [AppliedRule("few_lists", {"lists": lists.number})]
    checks = [_check_overlaps(lists), _check_models(methods)]
    return [rule for rule in checks if rule]


def find_remarks(methods: Mapping[str, Method]) -> list[AppliedRule]:
    """Return the remarks on methods whose interval is less certain than it looks."""
    return [remark for remark in (_check_recurrence(methods), _check_bound(methods)) if remark]


def _check_overlaps(lists: Lists) -> AppliedRule | None:
    """Return the rule that too few people are on two lists or more, if it applies."""
    return AppliedRule("few_overlaps", {"repeated": lists.repeated}) if lists.repeated < LEAST_REPEATED else None


def _check_models(methods: Mapping[str, Method]) -> AppliedRule | None:
    """Return the rule that stepwise selection or BIC has no estimate, if it applies."""
    estimates = [methods[key].estimate if key in methods else None for key in ("stepwise", "bic")]
    if all(estimate is not None and math.isfinite(estimate) for estimate in estimates):
        return None
    return AppliedRule("no_model", {})


def _check_recurrence(methods: Mapping[str, Method]) -> AppliedRule | None:
    """Remark that the chosen model rarely recurs and the estimates of the methods differ widely."""
    chosen = methods.get("stepwise")
    estimates = [m.estimate for m in methods.values() if m.estimate is not None and m.key in IN_HEADLINE]
    if chosen is None or chosen.recurrence is None or not estimates:
        return None
    ratio = max(estimates) / min(estimates)
    if chosen.recurrence >= LEAST_RECURRENCE or ratio <= FARTHEST:
        return None
    return AppliedRule("unsure", {"recurrence": chosen.recurrence, "ratio": ratio})


def _check_bound(methods: Mapping[str, Method]) -> AppliedRule | None:
    """Remark that the posterior of the latent classes is close to its bound."""
    classes = methods.get("lcmcr")
    share = None if classes is None else classes.about.get("bound_share")
    if classes is None or share is None or float(share) <= MOST_AT_BOUND:
        return None
    return AppliedRule("bound", {"share": float(share), "bound": float(classes.about["bound"])})
