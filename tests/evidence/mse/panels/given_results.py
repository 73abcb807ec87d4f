"""Results of an analysis that the tests of panels share."""

from __future__ import annotations

import math
from typing import Any

from kerege.evidence.mse import Lists
from kerege.evidence.mse.headline.headline import Headline
from kerege.evidence.mse.headline.known_lists import KnownList
from kerege.evidence.mse.panels.method_result import Method
from kerege.evidence.mse.panels.methods import Options
from kerege.evidence.mse.panels.panel import Panel, Sensitivity
from kerege.evidence.mse.panels.sensitivity import Variant

LANGUAGES = ("kk", "ru", "en")


LISTS = Lists([1, 2, 4, 3, 5], [1000, 900, 800, 40, 30], ["police", "shelter", "hotline"])


HEADLINE = Headline(
    kind="range",
    detected=2770,
    floor=7000,
    top=28_000,
    least_chance=0.1,
    panel=(8000.0, 10_000.0),
    estimate=9000.0,
    score=0.3,
    doubles_at=0.3,
    known=(KnownList("police", 900.2, 1070), KnownList("hotline", 500.6, 830)),
)


GAP = "\u00a0"


def method(key: str, **more: Any) -> Method:
    facts: dict[str, Any] = {
        "estimate": 9000.0,
        "model": "police:shelter",
        "interval80": (8000.0, 10_000.0),
        "interval95": (7000.0, 12_000.0),
        "recurrence": 0.5,
    } | more
    return Method(key, facts.pop("estimate"), **facts)


def panel_of(*methods: Method, **more: Any) -> Panel:
    """Return a panel with given results; by default of all methods of the headline, and a range."""
    results = methods or tuple(method(key) for key in ("stepwise", "bic", "decomposable", "lcmcr"))
    facts: dict[str, Any] = {
        "given": LISTS,
        "lists": LISTS,
        "sensitivity": None,
        "headline": HEADLINE,
        "stops": [],
        "options": Options(times=20_000, seed=7),
    } | more
    return Panel(methods={result.key: result for result in results}, **facts)


def analysis(**more: Any) -> Sensitivity:
    facts: dict[str, Any] = {
        "odds_ratios": {0.5: (5885.0, (5385.0, 6385.0)), 1.0: (9000.0, (8000.0, 10_000.0)), 2.0: (15_230.0, None)},
        "without": [
            Variant(
                "without police",
                2,
                0,
                math.nan,
                "",
                "there are fewer than three lists",
            )
        ],
        "merged": [],
        "recurrence": 0.123,
        "models": 45,
        "coverage": 0.4,
        "repeated_share": 0.0253,
    } | more
    return Sensitivity(**facts)
