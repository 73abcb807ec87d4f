"""Floor and top of one stratum, and their rates per 100,000."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Decimal

import numpy as np

from kerege.evidence.mse.headline.headline import (
    DIGITS,
    Headline,
    HeadlineSettings,
    Kind,
    make_headline,
    round_digits,
)
from kerege.evidence.mse.lists import Lists, build_unchecked_lists
from kerege.evidence.mse.panels.method_result import Options
from kerege.evidence.mse.panels.methods import run_method
from kerege.evidence.mse.panels.publication_rules import compute_envelope, find_applied_rules

METHODS = ("stepwise", "bic", "decomposable")  # latent classes are left out because of their time
PER = 100_000


@dataclass(frozen=True)
class Stratum:
    """Answer about the people of one stratum.

    levels: its levels by covariate; empty for all people. kind: `range` has floor and top, `at_least` the floor alone,
    `none` neither. detected: people on the lists. repeated: those on two lists or more. floor: the lower figure,
    rounded down; the detected people if the kind is `none`. top: the upper figure, rounded up, if nobody had less than
    `least_chance` of coming onto a list. reason: why the kind is not `range`. population: people of whom the stratum
    is a part, the denominator of its rates; None if there is none.
    """

    levels: Mapping[str, Sequence[str]]
    kind: Kind
    detected: int
    repeated: int
    floor: int
    top: int | None = None
    least_chance: float | None = None
    reason: str = ""
    population: int | None = None

    @property
    def lower_rate(self) -> float | None:
        """Lower rate per 100,000 people, rounded down; None without a population or a floor."""
        return None if self.kind == "none" else _compute_rate(self.floor, self.population, ROUND_FLOOR)

    @property
    def upper_rate(self) -> float | None:
        """Upper rate per 100,000 people, rounded up; None without a population or a top."""
        return _compute_rate(self.top, self.population, ROUND_CEILING)

    def as_dict(self) -> dict[str, object]:
        """Return the stratum for JSON."""
        return {
            "levels": {name: list(levels) for name, levels in self.levels.items()},
            "kind": self.kind,
            "detected": self.detected,
            "repeated": self.repeated,
            "floor": None if self.kind == "none" else self.floor,
            "top": self.top,
            "least_chance": self.least_chance,
            "reason": self.reason or None,
            "population": self.population,
            "per_100000": [self.lower_rate, self.upper_rate],
        }


def _compute_rate(people: int | None, population: int | None, rounding: str) -> float | None:
    """Return the people of 100,000, rounded to two digits; None if either number is unknown."""
    if people is None or population is None:
        return None
    exact = Decimal(people) * PER / Decimal(population)
    place = exact.adjusted() - DIGITS + 1
    return float(exact.scaleb(-place).to_integral_value(rounding).scaleb(place))


def lists_of_stratum(lists: Lists) -> Lists:
    """Return the lists that have people, without any list that holds the same people as an earlier one."""
    kept: list[int] = []
    seen: set[tuple[bool, ...]] = set()
    for place in range(lists.number):
        on_list = tuple(((lists.histories >> place) & 1).astype(bool).tolist())
        if any(on_list) and on_list not in seen:
            kept.append(place)
            seen.add(on_list)
    dense = np.zeros(1 << len(kept), np.int64)
    for history, count in zip(lists.histories.tolist(), lists.counts.tolist(), strict=True):
        dense[sum(1 << bit for bit, place in enumerate(kept) if history >> place & 1)] += count
    occupied = np.flatnonzero(dense)
    return build_unchecked_lists(tuple(lists.names[place] for place in kept), occupied, dense[occupied])


def answer_stratum(
    levels: Mapping[str, Sequence[str]],
    lists: Lists,
    settings: HeadlineSettings,
    options: Options,
    population: int | None,
) -> Stratum:
    """Return the answer about the people of a stratum, from all lists (also those without people in it)."""
    detected, repeated = int(lists.counts.sum()), lists.repeated
    headline = _make_headline(lists_of_stratum(lists), settings, options)
    return Stratum(
        levels=levels,
        kind=headline.kind,
        detected=detected,
        repeated=repeated,
        floor=detected if headline.floor is None else headline.floor,
        top=headline.top,
        least_chance=headline.least_chance if headline.kind == "range" else None,
        reason=headline.reason,
        population=population,
    )


def _make_headline(lists: Lists, settings: HeadlineSettings, options: Options) -> Headline:
    """Return the headline of the lists of a stratum."""
    if basic := [rule.rule for rule in find_applied_rules(lists, {}) if rule.rule != "no_model"]:
        return Headline("none", lists.people, basic[0])
    methods = {key: run_method(key, lists, options) for key in METHODS}
    limits = compute_envelope(methods)
    if limits is None or find_applied_rules(lists, methods):
        return Headline("none", lists.people, "no_model")
    return make_headline(
        lists, limits, settings, detected=lists.people, times=options.times, seed=options.seed, undo=options.undo
    )


def add_strata(strata: Iterable[Stratum], population: int | None) -> Stratum:
    """Return the row of all people: the sum of the floors, and of the tops if each stratum has one."""
    parts = list(strata)
    detected = sum(part.detected for part in parts)
    tops = [part.top for part in parts if part.top is not None]
    chances = [part.least_chance for part in parts if part.least_chance is not None]
    has_floor = any(part.kind != "none" for part in parts)
    is_range = len(tops) == len(parts)
    floor = max(round_digits(sum(part.floor for part in parts), ROUND_FLOOR), detected)
    return Stratum(
        levels={},
        kind="range" if is_range else "at_least" if has_floor else "none",
        detected=detected,
        repeated=sum(part.repeated for part in parts),
        floor=floor,
        top=round_digits(sum(tops), ROUND_CEILING) if is_range else None,
        least_chance=min(chances) if is_range else None,
        reason="" if is_range else next(part.reason for part in parts if part.top is None),
        population=population,
    )
