"""Published figures of a panel: rounded to two digits, or the rule that withholds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kerege.base.errors import BadInput
from kerege.base.multilingual_titles import Title
from kerege.evidence.mse.lists import Lists
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.mse.panels.panel import Panel, Sensitivity
from kerege.evidence.mse.panels.publication_rules import IN_HEADLINE, interval_in_headline
from kerege.evidence.release.prevalence import messages
from kerege.evidence.release.prevalence.rounding import limits, near, outward


@dataclass(frozen=True)
class Total:
    """The number detected as published in a table of the release."""

    table: str
    count: int
    status: str

    @property
    def entry(self) -> dict[str, Any]:
        """Return the entry for files and the manifest."""
        return {"table": self.table, "count": self.count, "status": self.status}


def withheld_figures(total: Total | None, rule: str) -> dict[str, Any]:
    """Return a panel without estimates: the number detected, and the rule that forbids publication."""
    reason = {"rule": rule, "reason": messages.RULES[rule]}
    return {
        "detected": total and total.entry,
        "no_estimate": reason,
        "lower": None,
        "upper": None,
        "methods": {},
        "sensitivity": [],
    }


def range_figures(panel: Panel, total: Total) -> dict[str, Any]:
    """Return the figures for real people: only the range, in coarse steps.

    Parameters
    ----------
    panel : Panel
        Estimates of all methods.
    total : Total
        The number detected as published in a table of the release; no limit is below it.

    Returns
    -------
    dict
        `lower` and `upper`, in people, rounded outward; or the publication rule that forbids them.

    Notes
    -----
    A panel has about forty figures of two digits, computed by known rules from the same few overlaps. An intruder who
    knows the sizes of the lists could compute the overlaps exactly from them.

    Examples
    --------
    >>> from kerege.evidence.mse import panel
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> figures = range_figures(panel(lists, ["stepwise", "bic"], times=100), Total("detected", 626, "ok"))
    >>> figures["lower"] < figures["upper"], figures["methods"]
    (True, {})
    """
    if panel.stops or panel.envelope is None:
        return withheld_figures(total, panel.stops[0].rule if panel.stops else "no_model")
    lower, upper = _limits_at_least_detected(outward(panel.envelope), total)
    return {
        "detected": total.entry,
        "no_estimate": None,
        "lower": lower,
        "upper": upper,
        "methods": {},
        "sensitivity": [],
    }


def detailed_figures(panel: Panel, referred: Lists, total: Total, threshold: int) -> dict[str, Any]:
    """Return the published figures for invented people.

    An estimate that leaves out a list may be below the number detected; all others are not. `referred` are the lists
    with referrals counted as detections.
    """
    headline = limits(panel.envelope, threshold)
    if panel.stops or headline is None:
        return withheld_figures(total, panel.stops[0].rule if panel.stops else "no_model")
    lower, upper = _limits_at_least_detected(headline, total)
    methods_in_order = {key: panel.methods[key] for key in messages.NAMES if key in panel.methods}
    methods = {
        key: _method(result, total, threshold)
        for key, result in methods_in_order.items()
        if result.estimate is not None
    }
    variants = [*_variants(panel.sensitivity, total, threshold), _referrals(referred, total, threshold)]
    return {
        "detected": total.entry,
        "no_estimate": None,
        "lower": lower,
        "upper": upper,
        "methods": methods,
        "sensitivity": variants,
    }


def _method(result: Method, total: Total, threshold: int) -> dict[str, Any]:
    """Return the figures of a method, with the interval kind that defines the headline."""
    wide = result.bca95 if IN_HEADLINE.get(result.key) == "bca80" and result.bca95 else result.interval95
    narrow = interval_in_headline(result) or result.interval80
    return {
        "estimate": _at_least_detected(near(result.estimate or 0, threshold), total),
        "interval80": _limits_at_least_detected(limits(narrow, threshold) or [], total) or None,
        "interval95": _limits_at_least_detected(limits(wide, threshold) or [], total) or None,
    }


def _at_least_detected(figure: int | None, total: Total) -> int | None:
    """Return the figure, at least the number detected."""
    return None if figure is None else max(figure, total.count)


def _limits_at_least_detected(pair: Sequence[int], total: Total) -> list[int]:
    return [max(limit, total.count) for limit in pair]


def _variants(sensitivity: Sensitivity | None, total: Total, threshold: int) -> Iterator[dict[str, Any]]:
    """Yield the sensitivity figures: other odds ratios of the interaction, and each list left out."""
    if sensitivity is None:
        return
    for ratio, (estimate, _) in sensitivity.odds_ratios.items():
        if ratio != 1:
            label = _fill_label("odds", str(Fraction(ratio)))
            yield _variant(f"odds_{ratio:g}", label, _at_least_detected(near(estimate, threshold), total))
    for variant in sensitivity.without:
        name = variant.what.removeprefix("without ")
        yield _variant(f"without_{name}", _label_without(name), near(variant.estimate, threshold))


def _referrals(referred: Lists, total: Total, threshold: int) -> dict[str, Any]:
    from kerege.evidence.mse.panels.sensitivity import estimate_point

    try:
        estimate = estimate_point(referred)[0]
    except BadInput:
        estimate = float("nan")
    return _variant("referrals", messages.ROWS["referrals"], _at_least_detected(near(estimate, threshold), total))


def _variant(key: str, label: Title, estimate: int | None) -> dict[str, Any]:
    return {"key": key, "label": label, "estimate": estimate}


def _fill_label(row: str, value: str) -> Title:
    return {lang: text.replace("{x}", value) for lang, text in messages.ROWS[row].items()}


def _label_without(name: str) -> Title:
    """Return the label of the figure without a list."""
    return {
        lang: text.replace("{x}", messages.list_name(name, lang)) for lang, text in messages.ROWS["without"].items()
    }
