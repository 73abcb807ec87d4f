"""One honest answer from many methods: the range that they span, or the rule under which no estimate is published.

The rules are thresholds of judgement, not of theory; docs/explanation/hidden-figure.md says where each comes from.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from kerege.evidence.mse.lists import Lists
from kerege.evidence.mse.panels.method_result import Method

LEAST_LISTS = 3
LEAST_REPEATED = 20  # people on two lists or more
WIDEST = 4.0  # upper end of the envelope over its lower end, before rounding
LEAST_RECURRENCE, FARTHEST = 0.1, 2.0  # recurrence of the model chosen, and ratio of the estimates of the methods
MOST_AT_BOUND = 0.01  # of the posterior of the latent classes within 5% of its bound
# which 80% interval of a method counts. For BIC it is BCa, the one that its authors publish
IN_HEADLINE = {"stepwise": "interval80", "bic": "bca80", "decomposable": "interval80", "lcmcr": "interval80"}


@dataclass(frozen=True)
class Stop:
    """A rule under which no estimate is published, and the facts that its sentence needs."""

    rule: str
    facts: Mapping[str, float]


def interval_in_headline(method: Method) -> tuple[float, float] | None:
    """The 80% interval with which a method enters the headline; None when it does not."""
    if method.estimate is None or method.key not in IN_HEADLINE:
        return None
    found: tuple[float, float] | None = getattr(method, IN_HEADLINE[method.key])
    if found is None or any(math.isnan(limit) for limit in found):
        found = method.interval80  # BCa is not defined where every resample lies on one side
    return found


def envelope(methods: Mapping[str, Method]) -> tuple[float, float] | None:
    """From the lowest to the highest limit of the 80% intervals that count; None when there are none."""
    found = [interval for method in methods.values() if (interval := interval_in_headline(method))]
    if not found:
        return None
    return min(lower for lower, _ in found), max(upper for _, upper in found)


def headline(detected: int, reach: tuple[float, float]) -> tuple[int, int]:
    """An envelope in two significant digits, or as many more as keep its ends apart; never fewer than were detected."""
    for digits in range(2, len(str(int(reach[1]))) + 1):
        lower, upper = (max(_rounded(limit, digits), detected) for limit in reach)
        if lower < upper:
            return lower, upper
    return max(math.floor(reach[0]), detected), max(math.ceil(reach[1]), detected)


def two_digits(value: float) -> int:
    """Such as 7,400 for 7,431."""
    return _rounded(value, 2)


def _rounded(value: float, digits: int) -> int:
    return int(Decimal(f"{value:.{digits - 1}e}"))


def stops(lists: Lists, methods: Mapping[str, Method]) -> list[Stop]:
    """Every rule that applies, the plainest first. `methods` may be empty where there are too few lists."""
    if lists.number < LEAST_LISTS:
        return [Stop("few_lists", {"lists": lists.number})]
    found = [_few_overlaps(lists), _no_model(methods), _wide(methods), _unsure(methods), _bound(methods)]
    return [stop for stop in found if stop]


def _few_overlaps(lists: Lists) -> Stop | None:
    return Stop("few_overlaps", {"repeated": lists.repeated}) if lists.repeated < LEAST_REPEATED else None


def _no_model(methods: Mapping[str, Method]) -> Stop | None:
    """Stepwise and BIC must both have one."""
    estimates = [methods[key].estimate if key in methods else None for key in ("stepwise", "bic")]
    if all(estimate is not None and math.isfinite(estimate) for estimate in estimates):
        return None
    return Stop("no_model", {})


def _wide(methods: Mapping[str, Method]) -> Stop | None:
    reach = envelope(methods)
    if reach is None or reach[1] <= WIDEST * reach[0]:
        return None
    return Stop("wide", {"lower": reach[0], "upper": reach[1], "ratio": reach[1] / reach[0]})


def _unsure(methods: Mapping[str, Method]) -> Stop | None:
    """The model chosen hardly recurs, and it matters which one is."""
    chosen = methods.get("stepwise")
    estimates = [m.estimate for m in methods.values() if m.estimate is not None and m.key in IN_HEADLINE]
    if chosen is None or chosen.recurrence is None or not estimates:
        return None
    apart = max(estimates) / min(estimates)
    if chosen.recurrence >= LEAST_RECURRENCE or apart <= FARTHEST:
        return None
    return Stop("unsure", {"recurrence": chosen.recurrence, "ratio": apart})


def _bound(methods: Mapping[str, Method]) -> Stop | None:
    classes = methods.get("lcmcr")
    share = None if classes is None else classes.about.get("bound_share")
    if classes is None or share is None or float(share) <= MOST_AT_BOUND:
        return None
    return Stop("bound", {"share": float(share), "bound": float(classes.about["bound"])})
