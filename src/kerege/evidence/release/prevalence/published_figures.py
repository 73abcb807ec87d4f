"""Published figures of a panel: rounded to two digits, or the rule that withholds them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from kerege.base.errors import BadInput
from kerege.base.multilingual_titles import Title
from kerege.evidence.mse.headline.headline import SNAPSHOT_REFERRALS_OUT, Headline, HeadlineSettings
from kerege.evidence.mse.lists import Lists
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.mse.panels.panel import Panel, Sensitivity
from kerege.evidence.mse.panels.publication_rules import IN_HEADLINE, interval_in_headline
from kerege.evidence.release.prevalence import messages
from kerege.evidence.release.prevalence.rounding import downward, larger_chance, limits, near, outward, upward

Figures = dict[str, Any]  # a part of the JSON file of an estimate


@dataclass(frozen=True)
class Total:
    """The number detected as published in a table of the release."""

    table: str
    count: int
    status: str

    @property
    def entry(self) -> Figures:
        """Return the entry for files and the manifest."""
        return {"table": self.table, "count": self.count, "status": self.status}


def headline_settings(*, linkage_reviewed: bool | None) -> HeadlineSettings:
    """Return the answers about the lists of a snapshot."""
    return HeadlineSettings(referrals_out=SNAPSHOT_REFERRALS_OUT, linkage_reviewed=linkage_reviewed)


def withheld_figures(total: Total | None, rule: str) -> Figures:
    """Return a panel without estimates: the number detected, and the rule that forbids publication."""
    reason = {"rule": rule, "reason": messages.RULES[rule]}
    return {
        "detected": total and total.entry,
        "no_estimate": reason,
        "kind": "none",
        "lower": None,
        "upper": None,
        "methods": {},
        "sensitivity": [],
    }


def range_figures(panel: Panel, total: Total) -> Figures:
    """Return the figures for real people: only floor and top, in coarse steps.

    Parameters
    ----------
    panel : Panel
        Estimates of all methods.
    total : Total
        The number detected as published in a table of the release; no limit is below it.

    Returns
    -------
    dict
        `lower` and, if the kind is `range`, `upper`, in people, rounded outward; or the rule that forbids them.

    Notes
    -----
    A panel has about forty figures of two digits, computed by known rules from the same few overlaps. An intruder who
    knows the sizes of the lists could compute the overlaps exactly from them.

    Examples
    --------
    >>> from kerege.evidence.mse import panel
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> methods = ["stepwise", "bic", "decomposable", "lcmcr"]
    >>> figures = range_figures(panel(lists, methods, times=100, sweeps=1000), Total("detected", 626, "ok"))
    >>> figures["kind"], figures["lower"], figures["upper"], figures["methods"]
    ('at_least', 626, None, {})
    """
    headline = panel.headline
    if headline.floor is None:
        return withheld_figures(total, headline.reason)
    lower, upper = outward((headline.floor, headline.top or headline.floor))
    return _headline_figures(headline, lower, upper, total) | {"methods": {}, "sensitivity": []}


def _headline_figures(headline: Headline, lower: int, upper: int, total: Total) -> Figures:
    """Return the rounded figures of a headline; no figure is below the number detected."""
    is_range = headline.kind == "range"
    figures: Figures = {
        "detected": total.entry,
        "no_estimate": None,
        "kind": headline.kind,
        "lower": _at_least_detected(lower, total),
        "upper": _at_least_detected(upper, total) if is_range else None,
    }
    if is_range and headline.least_chance:
        figures["least_chance"] = larger_chance(headline.least_chance)
    return figures


def detailed_figures(panel: Panel, referred: Lists, total: Total, threshold: int) -> Figures:
    """Return the published figures for invented people.

    An estimate that leaves out a list may be below the number detected; all others are not. `referred` are the lists
    with referrals counted as detections.
    """
    headline = panel.headline
    if headline.floor is None:
        return withheld_figures(total, headline.reason)
    lower = downward(headline.floor, threshold)
    upper = upward(headline.top or headline.floor, threshold)
    methods_in_order = {key: panel.methods[key] for key in messages.NAMES if key in panel.methods}
    methods = {
        key: _method(result, total, threshold)
        for key, result in methods_in_order.items()
        if result.estimate is not None
    }
    variants = [*_variants(panel.sensitivity, total, threshold), _referrals(referred, total, threshold)]
    return _headline_figures(headline, lower, upper, total) | {"methods": methods, "sensitivity": variants}


def _method(result: Method, total: Total, threshold: int) -> Figures:
    """Return the figures of a method, with the interval kind that bounds the headline."""
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


def _variants(sensitivity: Sensitivity | None, total: Total, threshold: int) -> Iterator[Figures]:
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


def _referrals(referred: Lists, total: Total, threshold: int) -> Figures:
    from kerege.evidence.mse.panels.sensitivity import estimate_point

    try:
        estimate = estimate_point(referred)[0]
    except BadInput:
        estimate = float("nan")
    return _variant("referrals", messages.ROWS["referrals"], _at_least_detected(near(estimate, threshold), total))


def _variant(key: str, label: Title, estimate: int | None) -> Figures:
    return {"key": key, "label": label, "estimate": estimate}


def _fill_label(row: str, value: str) -> Title:
    return {lang: text.replace("{x}", value) for lang, text in messages.ROWS[row].items()}


def _label_without(name: str) -> Title:
    """Return the label of the figure without a list."""
    return {
        lang: text.replace("{x}", messages.list_name(name, lang)) for lang, text in messages.ROWS["without"].items()
    }
