"""Answers by stratum: `answer_by`."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import polars as pl

from kerege.base import lazy_names
from kerege.evidence.mse.by_stratum.joined_levels import Joined, join_levels
from kerege.evidence.mse.by_stratum.population_file import Denominators
from kerege.evidence.mse.by_stratum.stratum import Stratum, add_strata, answer_stratum
from kerege.evidence.mse.covariates.strata import with_covariates
from kerege.evidence.mse.headline.headline import Headline, HeadlineSettings
from kerege.evidence.mse.lists import BadLists, Lists, build_unchecked_lists, lists_error
from kerege.evidence.mse.panels.method_result import Options
from kerege.evidence.mse.panels.publication_rules import LEAST_REPEATED

UNKNOWN = "_U"  # level of people of whom a covariate is not known
MOST_TIMES = 2_000  # resamples of a stratum
FARTHEST = 1.5  # ratio of the estimates with and without covariates above which the headline is that of the strata
COUNT = "count"
NOT_ANSWERED = HeadlineSettings()


@dataclass(frozen=True)
class CovariateShift:
    """Estimates of all people without and with covariates.

    before: the stepwise estimate without covariates. after: the estimate of the joint log-linear model of lists and
    covariates; NaN if `reason` says why there is none.
    """

    before: float
    after: float = math.nan
    reason: str = ""

    @property
    def is_far(self) -> bool:
        """Return whether the two estimates differ by more than half as much again, in either direction."""
        return self.after > FARTHEST * self.before or self.before > FARTHEST * self.after

    def as_dict(self) -> dict[str, object]:
        """Return the estimates for JSON."""
        return {
            "before": self.before if math.isfinite(self.before) else None,
            "after": self.after if math.isfinite(self.after) else None,
            "moves_headline": self.is_far,
            "reason": self.reason or None,
        }


@dataclass(frozen=True)
class StratifiedAnswer:
    """Answers by stratum.

    by: the covariates. strata: one answer for each stratum; they are disjoint and have all people. whole: the sum.
    divided_by: covariates of the denominators; none without them. sources: of the denominators. shift: how covariates
    change the estimate of all people; None if the caller gave no estimate.
    """

    by: tuple[str, ...]
    strata: Sequence[Stratum]
    whole: Stratum
    divided_by: tuple[str, ...] = ()
    sources: Sequence[str] = ()
    shift: CovariateShift | None = None

    def as_dict(self) -> dict[str, object]:
        """Return the answers for JSON."""
        return {
            "by": list(self.by),
            "strata": [stratum.as_dict() for stratum in self.strata],
            "all": self.whole.as_dict(),
            "sources": list(self.sources),
            "covariates": None if self.shift is None else self.shift.as_dict(),
        }

    def to_frame(self) -> pl.DataFrame:
        """Return one row for each stratum, and the last row for all people.

        Returns
        -------
        polars.DataFrame
            A column for each covariate, with joined levels in one text and null for all people, then kind, detected,
            floor, top, lower_rate, upper_rate (per 100,000), population and reason.
        """
        return pl.DataFrame([self._record(stratum) for stratum in [*self.strata, self.whole]], infer_schema_length=None)

    def _repr_html_(self) -> str:
        return str(lazy_names.load(__package__ or "", {"strata_html": ".stratum_table"}, "strata_html")(self))

    def _record(self, stratum: Stratum) -> dict[str, object]:
        """Return the record of one stratum."""
        levels = {name: ", ".join(stratum.levels[name]) if stratum.levels else None for name in self.by}
        has_floor = stratum.kind != "none"
        return levels | {
            "kind": stratum.kind,
            "detected": stratum.detected,
            "floor": stratum.floor if has_floor else None,
            "top": stratum.top,
            "lower_rate": stratum.lower_rate,
            "upper_rate": stratum.upper_rate,
            "population": stratum.population,
            "reason": stratum.reason or None,
        }


def answer_by(
    table: pl.DataFrame,
    lists: Sequence[str],
    by: Sequence[str],
    *,
    denominators: Denominators | None = None,
    settings: HeadlineSettings = NOT_ANSWERED,
    estimate: float = math.nan,
    times: int = MOST_TIMES,
    seed: int = 1,
) -> StratifiedAnswer:
    """Return floor and top of each stratum, and their sum.

    Parameters
    ----------
    table : polars.DataFrame
        One 0/1 column for each list, one column of text for each covariate (null if not known), and `count`.
    lists : sequence of str
        Three columns or more.
    by : sequence of str
        Covariates. The first one stays the finest where levels are joined.
    denominators : Denominators, optional
        People of each stratum; see `read_denominators`. Without them there are no rates.
    settings : HeadlineSettings
        Answers of the operator. Without them there are no tops.
    estimate : float, optional
        Stepwise estimate of all people without covariates. If it is given, the joint model of lists and covariates is
        fitted too, and `shift` compares the two.
    times : int, default 2,000
        Resamples of each method in each stratum.
    seed : int, default 1
        Seed of all random draws.

    Returns
    -------
    StratifiedAnswer
        Every person of the table is in one stratum. Levels with fewer than 20 people on two lists or more are joined
        with a neighbour in the same covariate. The sum of the floors is a floor if each of them is one.

    Raises
    ------
    BadLists
        If a column is missing.

    Notes
    -----
    A stratum is not given the share of the total that it has among the detected people: that share is wrong where
    lists reach the strata unequally. Stepwise, BIC and decomposable graphs are run in each stratum.

    Examples
    --------
    >>> rows = [(a, b, c, sex) for sex in "fm" for a in (0, 1) for b in (0, 1) for c in (0, 1) if a + b + c]
    >>> table = pl.DataFrame(rows, schema=["a", "b", "c", "sex"], orient="row").with_columns(count=20)
    >>> result = answer_by(table, ["a", "b", "c"], ["sex"], times=100)
    >>> [(stratum.levels["sex"], stratum.kind, stratum.floor) for stratum in result.strata], result.whole.floor
    ([(('f',), 'at_least', 140), (('m',), 'at_least', 140)], 280)
    """
    missing = [name for name in [*lists, *by] if name not in table.columns]
    if missing or not by:
        todo = f"name columns of the table: {', '.join(table.columns)}"
        raise lists_error(f"there is no column {missing[0]}" if missing else "no covariate is named", todo)
    cells = _people_by_cell(table, lists, by)
    repeated = {cell: _lists_of(lists, [histories]).repeated for cell, histories in cells.items()}
    options = Options(times=min(times, MOST_TIMES), seed=seed)
    denominators = denominators or Denominators()
    strata = [
        answer_stratum(
            dict(zip(by, joined, strict=True)),
            _lists_of(lists, [people for cell, people in cells.items() if _is_inside(cell, joined)]),
            settings,
            options,
            denominators.of(dict(zip(by, joined, strict=True))),
        )
        for joined in join_levels(repeated, LEAST_REPEATED)
    ]
    shift = None if math.isnan(estimate) else _compare_with_covariates(table, lists, by, estimate)
    whole = add_strata(strata, _population_of_all(cells, by, denominators))
    return StratifiedAnswer(
        tuple(by),
        strata,
        whole,
        divided_by=denominators.columns,
        sources=denominators.sources,
        shift=shift,
    )


def _people_by_cell(
    table: pl.DataFrame, lists: Sequence[str], by: Sequence[str]
) -> dict[tuple[str, ...], dict[int, int]]:
    """Return the people of each history, by level of each covariate."""
    cells: dict[tuple[str, ...], dict[int, int]] = {}
    counts = table[COUNT] if COUNT in table.columns else pl.Series(COUNT, np.ones(table.height, np.int64))
    for *row, count in table.select(*lists, *by).with_columns(counts).iter_rows():
        history = sum(1 << place for place, cell in enumerate(row[: len(lists)]) if int(cell))
        levels = tuple(UNKNOWN if level in (None, "") else str(level) for level in row[len(lists) :])
        people = cells.setdefault(levels, {})
        people[history] = people.get(history, 0) + int(count)
    return cells


def _lists_of(names: Sequence[str], parts: Iterable[Mapping[int, int]]) -> Lists:
    """Return the lists of some cells together; some lists may have nobody."""
    dense = np.zeros(1 << len(names), np.int64)
    for people in parts:
        for history, count in people.items():
            dense[history] += count
    dense[0] = 0
    occupied = np.flatnonzero(dense)
    return build_unchecked_lists(tuple(names), occupied, dense[occupied])


def _is_inside(cell: Sequence[str], joined: Joined) -> bool:
    """Return whether a cell is in a stratum."""
    return all(level in levels for level, levels in zip(cell, joined, strict=True))


def _population_of_all(
    cells: Mapping[tuple[str, ...], object], by: Sequence[str], denominators: Denominators
) -> int | None:
    """Return the people of all strata together; None if a level is not in the file."""
    levels = {name: sorted({cell[place] for cell in cells}) for place, name in enumerate(by)}
    return denominators.of(levels)


def _compare_with_covariates(
    table: pl.DataFrame, lists: Sequence[str], by: Sequence[str], estimate: float
) -> CovariateShift:
    """Return the estimates without and with covariates."""
    try:
        joint = with_covariates(table, lists, _find_recording(table, lists, by), model="bic", bootstrap=0)
    except BadLists as error:
        return CovariateShift(estimate, reason=error.faults[0].what)
    if joint.no_estimate:
        return CovariateShift(estimate, reason=joint.no_estimate)
    return CovariateShift(estimate, joint.estimate)


def _find_recording(table: pl.DataFrame, lists: Sequence[str], by: Sequence[str]) -> dict[str, list[str]]:
    """Return the lists that record each covariate: those with a known value of a person on no other list.

    If people on none of these lists have a value, all lists record it.
    """
    return {name: _find_recording_of(table, lists, name) for name in by}


def _find_recording_of(table: pl.DataFrame, lists: Sequence[str], name: str) -> list[str]:
    """Return the lists that record one covariate."""
    known = table.filter(pl.col(name).is_not_null() & (pl.col(name) != ""))
    alone = known.filter(pl.sum_horizontal(lists) == 1)
    recording = [listed for listed in lists if alone[listed].sum() > 0]
    is_covered = recording and known.select(pl.max_horizontal(recording).min()).item() == 1
    return recording if is_covered else list(lists)


def headline_of_strata(headline: Headline, answers: StratifiedAnswer) -> Headline:
    """Return the headline of the strata where covariates move the estimate far, else the headline itself."""
    whole, shift = answers.whole, answers.shift
    if shift is None or not shift.is_far or headline.kind == "none" or whole.kind == "none":
        return headline
    is_range = whole.kind == "range" and headline.reason != "unanswered"
    return replace(
        headline,
        kind="range" if is_range else "at_least",
        reason="" if is_range else "unanswered" if headline.reason == "unanswered" else "strata",
        floor=whole.floor,
        top=whole.top if is_range else None,
        least_chance=whole.least_chance if is_range else headline.least_chance,
        allowed=None,
    )
