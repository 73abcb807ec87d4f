"""Estimates by sex, age, form of exploitation or any other covariate that some lists record.

One log-linear model of lists and covariates is fitted, not one for each stratum: the strata sum to the total, and small
strata borrow strength from the others. Covariates are missing at random: whether a covariate is known may depend on the
lists and on the known values of a person, but not on its own value.

Zwane and van der Heijden 2007, "Analysing capture-recapture data when some variables of heterogeneous catchability are
not collected or asked in all registrations", Statistics in Medicine 26(5); van der Heijden, Smith, Cruyff and Bakker
2018, "An overview of population size estimation where linking registers results in incomplete covariates", Journal of
Official Statistics 34(1).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.mse.covariates.fit import CovariateFit, Term, fit_model, hierarchical_terms, is_identified
from kerege.evidence.mse.covariates.margins import Margins, Whole, make_margins
from kerege.evidence.mse.covariates.model_search import build_first_order_model, compute_bic, search_model
from kerege.evidence.mse.lists import check_setting, lists_error

BOOTSTRAP = 500
FEWEST_REPEATED = 20  # with fewer people on two lists or more there is no estimate
SMALL, SMALL_REPEATED = 20, 5  # a stratum with fewer observed people, or fewer on two lists or more, is small
LEVELS = {"lower80": 0.1, "upper80": 0.9, "lower95": 0.025, "upper95": 0.975}
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Strata:
    """Observed and unobserved people in each stratum (one level of each covariate).

    estimate, interval80, interval95: all people, with percentile intervals. table: one row for each stratum; `by` sums
    over covariates. model: interactions by name. Each replicate is refitted, with a new model selection if BIC selected
    the model. The `failed` replicates have no estimate and count as unbounded. no_estimate: the reason why no estimate
    should be given, or None.
    """

    detected: int
    estimate: float
    interval80: tuple[float, float]
    interval95: tuple[float, float]
    model: tuple[tuple[str, ...], ...]
    log_likelihood: float
    parameters: int
    bic: float
    replicates: int
    failed: int
    seed: int
    no_estimate: str | None
    margins: Margins = field(repr=False)
    seen: Floats = field(repr=False)  # (strata,) observed people; expected numbers where a covariate is unknown
    unseen: Floats = field(repr=False)  # (strata,) unobserved people
    repeated: Floats = field(repr=False)  # (strata,) expected people on two lists or more
    seen_again: Floats = field(repr=False)  # (replicates, strata)
    unseen_again: Floats = field(repr=False)  # (replicates, strata)

    @cached_property
    def table(self) -> pl.DataFrame:
        """Return one row for each stratum, with the columns of `by`."""
        return self.by(*self.margins.covariates)

    def by(self, *covariates: str) -> pl.DataFrame:
        """Return the people by some covariates, one row for each combination of levels.

        Parameters
        ----------
        *covariates : str
            Names of covariates; without one there is one row.

        Returns
        -------
        DataFrame
            The covariates; `detected` (expected if a covariate is unknown), `unseen` and `estimate`, their sum, in
            people; `lower80`, `upper80`, `lower95`, `upper95`; `small`, whether fewer than 20 people were observed or
            fewer than 5 on two lists or more. `detected`, `unseen` and `estimate` sum to those of all people.

        Raises
        ------
        BadLists
            If there is no such covariate.

        Notes
        -----
        Cruyff, van Dijk and van der Heijden 2017, "The challenge of counting victims of human trafficking: Not on the
        record", Chance 30(3).

        Examples
        --------
        >>> rows = [(a, b, c, sex) for sex in "fm" for a in (0, 1) for b in (0, 1) for c in (0, 1) if a + b + c]
        >>> table = pl.DataFrame(rows, schema=["a", "b", "c", "sex"], orient="row").with_columns(count=20)
        >>> strata = with_covariates(table, ["a", "b", "c"], {"sex": ["a", "b", "c"]}, bootstrap=20)
        >>> strata.by("sex")["detected"].to_list()
        [140.0, 140.0]
        """
        margins = self.margins
        unknown = [name for name in covariates if name not in margins.covariates]
        if unknown:
            raise lists_error(f"there is no covariate {unknown[0]}", f"name some of {', '.join(margins.covariates)}")
        positions = [margins.covariates.index(name) for name in covariates]
        sizes = [len(margins.levels[v]) for v in positions]
        cell = np.zeros(margins.strata, np.int64)
        for v, size in zip(positions, sizes, strict=True):
            cell = cell * size + margins.values[len(margins.lists) + v, : margins.strata]
        indicator = np.eye(int(np.prod(sizes, dtype=np.int64)))[cell]
        combinations = list(np.ndindex(*sizes))
        columns: dict[str, object] = {
            margins.covariates[v]: [margins.levels[v][levels[k]] for levels in combinations]
            for k, v in enumerate(positions)
        }
        seen, unseen, repeated = self.seen @ indicator, self.unseen @ indicator, self.repeated @ indicator
        columns |= {"detected": seen, "unseen": unseen, "estimate": seen + unseen}
        resampled = _sum_strata(self.seen_again + self.unseen_again, indicator)
        columns |= {name: _compute_column_quantiles(resampled, level) for name, level in LEVELS.items()}
        columns["small"] = (seen < SMALL) | (repeated < SMALL_REPEATED)
        return pl.DataFrame(columns)

    def benchmarked(self, total: float) -> Strata:
        """Return the strata with their unobserved people scaled to a total from another source.

        Parameters
        ----------
        total : float
            Population size, in people.

        Returns
        -------
        Strata
            The intervals of the strata keep their relative width; they exclude the uncertainty of the total itself.

        Raises
        ------
        BadLists
            If the total is below the observed people, or if no person is unobserved.

        Examples
        --------
        >>> rows = [(a, b, c, sex) for sex in "fm" for a in (0, 1) for b in (0, 1) for c in (0, 1) if a + b + c]
        >>> table = pl.DataFrame(rows, schema=["a", "b", "c", "sex"], orient="row").with_columns(count=20)
        >>> strata = with_covariates(table, ["a", "b", "c"], {"sex": ["a", "b", "c"]}, bootstrap=20).benchmarked(400.0)
        >>> round(float(strata.table["estimate"].sum()), 6)
        400.0
        """
        unobserved = float(self.unseen.sum())
        if not self.detected <= total < np.inf or unobserved <= 0:
            raise lists_error(
                f"the strata cannot sum to {total:,.0f}", f"give at least {self.detected:,}, the people who were seen"
            )
        scale = (total - self.detected) / unobserved
        is_bounded = np.isfinite(self.unseen_again)
        scaled = np.where(is_bounded, np.where(is_bounded, self.unseen_again, 0.0) * scale, np.inf)
        interval80, interval95 = _compute_total_intervals(self.seen_again, scaled)
        return replace(
            self,
            estimate=float(total),
            interval80=interval80,
            interval95=interval95,
            unseen=self.unseen * scale,
            unseen_again=scaled,
        )


def with_covariates(
    table: pl.DataFrame,
    lists: Sequence[str],
    covariates: Mapping[str, Sequence[str]],
    *,
    model: Literal["bic", "first_order"] | Sequence[Sequence[str]] = "bic",
    count: str = "count",
    bootstrap: int = BOOTSTRAP,
    seed: int = 1,
) -> Strata:
    """Estimate the population size in each stratum, with covariates that only some lists record.

    Parameters
    ----------
    table : polars.DataFrame
        One 0/1 column for each list; one column for each covariate, null (or empty, or NA) if unknown; a column of
        counts of people. Without the column of counts each row is a person.
    lists : sequence of str
        Two columns or more.
    covariates : mapping of str to sequence of str
        The lists that record each covariate. It may be unknown for people on these lists too.
    model : "bic", "first_order" or sequence of sequences of str
        "bic": interactions selected forwards and backwards by BIC. "first_order": all interactions of two variables
        that the lists can identify. Or the named interactions; with one of three variables, those of two are added.
    count : str, default "count"
        The column of counts.
    bootstrap : int, default 500
        Resamples of the people by group, each refitted; 0 for no intervals.
    seed : int, default 1
        Seed of the resamples.

    Returns
    -------
    Strata
        People by stratum. `no_estimate` has the reason if the model has no estimate (then `unseen` and `estimate` are
        NaN), the unobserved number is not identified, or fewer than 20 people are on two lists or more.

    Raises
    ------
    BadLists
        If a column is missing, a list has values other than 0 and 1, a count is not a number of people, people are on
        no list, a covariate is known for people on lists that do not record it, there are too many cells, or a model
        has unknown names.

    References
    ----------
    .. [1] Zwane and van der Heijden 2007, "Analysing capture-recapture data when some variables of heterogeneous
       catchability are not collected or asked in all registrations", Statistics in Medicine 26(5).
    .. [2] van der Heijden, Smith, Cruyff and Bakker 2018, "An overview of population size estimation where linking
       registers results in incomplete covariates", Journal of Official Statistics 34(1).
    .. [3] Cruyff, van Dijk and van der Heijden 2017, "The challenge of counting victims of human trafficking: Not on
       the
       record", Chance 30(3) (model search).

    Examples
    --------
    Two registers, each with a covariate of its own (van der Heijden and others 2018, table 1: 33,770 people).

    >>> import polars as pl
    >>> columns = {
    ...     "A": [1, 1, 1, 1, 1, 1, 0, 0],
    ...     "B": [1, 1, 1, 1, 0, 0, 1, 1],
    ...     "X1": ["0", "0", "1", "1", "0", "1", None, None],
    ...     "X2": ["0", "1", "0", "1", None, None, "0", "1"],
    ...     "count": [259, 539, 110, 177, 13898, 12356, 91, 164],
    ... }
    >>> model = [["A", "X2"], ["B", "X1"], ["X1", "X2"]]
    >>> recorded = {"X1": ["A"], "X2": ["B"]}
    >>> strata = with_covariates(pl.DataFrame(columns), ["A", "B"], recorded, model=model, bootstrap=0)
    >>> strata.detected, round(strata.estimate)
    (27594, 33770)
    """
    check_setting("the number of resamples", bootstrap, 0, integer=True)
    check_setting("the seed", seed, 0, integer=True)
    margins = make_margins(table, lists, covariates, count)
    is_searched = model == "bic"
    if is_searched:
        fit = search_model(margins, margins.counts)
    else:
        fit = fit_model(margins, _parse_model(margins, model), margins.counts)
    resamples = _bootstrap_strata(margins, fit, is_searched, bootstrap, seed) if fit.converged else ([], [])
    seen_again, unseen_again = (np.reshape(values, (-1, margins.strata)) for values in resamples)
    seen, repeated = _count_observed(margins, fit)
    unseen = fit.unseen if fit.converged else np.full(margins.strata, np.nan)
    interval80, interval95 = _compute_total_intervals(seen_again, unseen_again)
    return Strata(
        detected=margins.people,
        estimate=float(margins.people + unseen.sum()),
        interval80=interval80,
        interval95=interval95,
        model=tuple(tuple(margins.names[v] for v in term) for term in fit.model.terms if len(term) > 1),
        log_likelihood=fit.log_likelihood,
        parameters=fit.model.size,
        bic=compute_bic(fit, margins.people),
        replicates=len(seen_again),
        failed=int(np.sum(~np.all(np.isfinite(unseen_again), axis=1))),
        seed=seed,
        no_estimate=_explain_no_estimate(margins, fit, float(repeated.sum())),
        margins=margins,
        seen=seen,
        unseen=unseen,
        repeated=repeated,
        seen_again=seen_again,
        unseen_again=unseen_again,
    )


def _parse_model(margins: Margins, model: str | Sequence[Sequence[str]]) -> tuple[Term, ...]:
    """Return the terms of a given model. Raises BadLists for an unknown name."""
    if model == "first_order":
        return build_first_order_model(margins)
    if isinstance(model, str):
        raise lists_error(f"there is no model {model}", "give bic, first_order, or interactions as lists of names")
    unknown = [name for term in model for name in term if name not in margins.names]
    if unknown:
        raise lists_error(f"there is no list or covariate {unknown[0]}", f"name some of {', '.join(margins.names)}")
    return hierarchical_terms(len(margins.names), [[margins.names.index(name) for name in set(term)] for term in model])


def _count_observed(margins: Margins, fit: CovariateFit) -> tuple[Floats, Floats]:
    """Return the observed people of each stratum (strata,), and those on two lists or more (strata,).

    The numbers are expected values if a covariate is unknown.
    """
    history, stratum = np.divmod(fit.model.seen, margins.strata)
    is_repeated = (history & (history - 1)) != 0
    observed: Floats = np.bincount(stratum, fit.spread, margins.strata).astype(np.float64)
    repeated: Floats = np.bincount(stratum[is_repeated], fit.spread[is_repeated], margins.strata).astype(np.float64)
    return observed, repeated


def _explain_no_estimate(margins: Margins, fit: CovariateFit, repeated: float) -> str | None:
    """Return the reason why there is no estimate, or None."""
    if not fit.converged:
        return "the model has no estimate on these lists"
    if not is_identified(margins, fit):
        return "these lists cannot show how many people are on none: the model has too many interactions"
    if round(repeated) < FEWEST_REPEATED:
        return f"{repeated:.0f} people are on two lists or more, and {FEWEST_REPEATED} are needed"
    return None


def _bootstrap_strata(
    margins: Margins, fit: CovariateFit, is_searched: bool, times: int, seed: int
) -> tuple[list[Floats], list[Floats]]:
    """Return the observed and unobserved people by stratum in each resample.

    Unobserved numbers are infinite if a resample has no estimate.
    """
    rng = np.random.Generator(np.random.PCG64(seed))
    resamples: Whole = rng.multinomial(margins.people, margins.counts / margins.people, times)
    observed, unobserved = [], []
    for counts in resamples:
        refit = search_model(margins, counts, fit) if is_searched else fit_model(margins, fit.model.terms, counts, fit)
        observed.append(_count_observed(margins, refit)[0])
        unobserved.append(refit.unseen if refit.converged else np.full(margins.strata, np.inf))
    return observed, unobserved


def _sum_strata(values: Floats, indicator: Floats) -> Floats:
    """Return sums over strata; infinity times a zero of `indicator` would be NaN and counts as infinite."""
    with np.errstate(invalid="ignore"):
        sums = values @ indicator
    return np.where(np.isnan(sums), np.inf, sums)


def _compute_column_quantiles(resampled: Floats, level: float) -> Floats:
    """Return the quantile of each column; NaN without resamples.

    It does not interpolate, because interpolation fails beside infinity.
    """
    if not len(resampled):
        return np.full(resampled.shape[1], np.nan)
    return np.asarray(np.quantile(resampled, level, axis=0, method="inverted_cdf"), np.float64)


def _compute_total_intervals(observed: Floats, unobserved: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    """Return the 80 % and 95 % intervals of all people."""
    total = (observed + unobserved).sum(axis=1)[:, None]
    lower80, upper80, lower95, upper95 = (
        float(_compute_column_quantiles(total, level)[0]) for level in LEVELS.values()
    )
    return (lower80, upper80), (lower95, upper95)
