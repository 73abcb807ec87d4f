"""What is told of a panel: figures in two digits, or the rule under which there are none."""

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
    """The number detected as a table of the release tells it."""

    table: str
    count: int
    status: str

    @property
    def entry(self) -> dict[str, Any]:
        """For files and the manifest."""
        return {"table": self.table, "count": self.count, "status": self.status}


def told_nothing(total: Total | None, rule: str) -> dict[str, Any]:
    """A panel under a stop rule: the reason in words, and not the counts behind it."""
    reason = {"rule": rule, "reason": messages.RULES[rule]}
    return {
        "detected": total and total.entry,
        "no_estimate": reason,
        "lower": None,
        "upper": None,
        "methods": {},
        "sensitivity": [],
    }


def told_range(panel: Panel, total: Total) -> dict[str, Any]:
    """Of real people the range alone, in coarse steps.

    From forty figures in two digits, made by known rules from the same few overlaps, these can be worked out exactly by
    whoever knows how long the lists are.
    """
    if panel.stops or panel.envelope is None:
        return told_nothing(total, panel.stops[0].rule if panel.stops else "no_model")
    lower, upper = _reaching(outward(panel.envelope), total)
    return {
        "detected": total.entry,
        "no_estimate": None,
        "lower": lower,
        "upper": upper,
        "methods": {},
        "sensitivity": [],
    }


def told(panel: Panel, referred: Lists, total: Total, threshold: int) -> dict[str, Any]:
    """The figures of a panel on invented people as they are published.

    No figure but one without a list is below the number detected. `referred` are the lists as if a referral were a
    detection.
    """
    reach = limits(panel.envelope, threshold)
    if panel.stops or reach is None:
        return told_nothing(total, panel.stops[0].rule if panel.stops else "no_model")
    lower, upper = _reaching(reach, total)
    there = {key: panel.methods[key] for key in messages.NAMES if key in panel.methods}
    methods = {key: _method(each, total, threshold) for key, each in there.items() if each.estimate is not None}
    variants = [*_variants(panel.sensitivity, total, threshold), _referrals(referred, total, threshold)]
    return {
        "detected": total.entry,
        "no_estimate": None,
        "lower": lower,
        "upper": upper,
        "methods": methods,
        "sensitivity": variants,
    }


def _method(found: Method, total: Total, threshold: int) -> dict[str, Any]:
    """A method with the intervals that count in the headline."""
    far = found.bca95 if IN_HEADLINE.get(found.key) == "bca80" and found.bca95 else found.interval95
    near80 = interval_in_headline(found) or found.interval80
    return {
        "estimate": _reached(near(found.estimate or 0, threshold), total),
        "interval80": _reaching(limits(near80, threshold) or [], total) or None,
        "interval95": _reaching(limits(far, threshold) or [], total) or None,
    }


def _reached(figure: int | None, total: Total) -> int | None:
    """At least as many as were detected, also after rounding."""
    return None if figure is None else max(figure, total.count)


def _reaching(pair: Sequence[int], total: Total) -> list[int]:
    return [max(limit, total.count) for limit in pair]


def _variants(found: Sensitivity | None, total: Total, threshold: int) -> Iterator[dict[str, Any]]:
    """If what cannot be tested were otherwise, and without each of the lists."""
    if found is None:
        return
    for ratio, (estimate, _) in found.odds_ratios.items():
        if ratio != 1:
            label = _filled("odds", str(Fraction(ratio)))
            yield _variant(f"odds_{ratio:g}", label, _reached(near(estimate, threshold), total))
    for each in found.without:
        name = each.what.removeprefix("without ")
        yield _variant(f"without_{name}", _named(name), near(each.estimate, threshold))


def _referrals(referred: Lists, total: Total, threshold: int) -> dict[str, Any]:
    from kerege.evidence.mse.panels.sensitivity import point

    try:
        estimate = point(referred)[0]
    except BadInput:
        estimate = float("nan")
    return _variant("referrals", messages.ROWS["referrals"], _reached(near(estimate, threshold), total))


def _variant(key: str, label: Title, estimate: int | None) -> dict[str, Any]:
    return {"key": key, "label": label, "estimate": estimate}


def _filled(row: str, value: str) -> Title:
    return {lang: text.replace("{x}", value) for lang, text in messages.ROWS[row].items()}


def _named(name: str) -> Title:
    """Without a list: by its name in words, where it is a kind of agency."""
    return {
        lang: text.replace("{x}", messages.list_name(name, lang)) for lang, text in messages.ROWS["without"].items()
    }
