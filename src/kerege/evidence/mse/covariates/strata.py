"""The undetected by sex, age, form or anything else that some lists record: one fit of lists and covariates together.

Zwane and van der Heijden 2007, "Analysing capture-recapture data when some variables of heterogeneous catchability are
not collected or asked in all registrations", Statistics in Medicine 26(5); van der Heijden, Smith, Cruyff and Bakker
2018, "An overview of population size estimation where linking registers results in incomplete covariates", Journal of
Official Statistics 34(1). Whether a covariate is known may depend on the lists and on what else is known of a person,
not on its value. One fit, not one for each stratum: the strata sum to the total, and small ones lean on the others.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Literal

import numpy as np
import polars as pl
from numpy.typing import NDArray

from kerege.evidence.mse.covariates.fit import Fit, Term, fitted, hierarchical, identified
from kerege.evidence.mse.covariates.margins import Margins, Whole, margins_of
from kerege.evidence.mse.covariates.model_search import bic, first_order, searched
from kerege.evidence.mse.lists import check_setting, lists_error

BOOTSTRAP = 500
FEWEST_REPEATED = 20  # people on two lists or more, below which nothing is estimated
SMALL, SMALL_REPEATED = 20, 5  # people seen in a stratum, and those on two lists or more, below which it is small
LEVELS = {"lower80": 0.1, "upper80": 0.9, "lower95": 0.025, "upper95": 0.975}
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Strata:
    """People seen and unseen in every stratum, one level of every covariate.

    `estimate` and its percentile intervals are of all people; `table` has a row a stratum, and `by` sums over
    covariates. `model` are the interactions by name. Replicates are refitted, and the model chosen anew where BIC chose
    it; the `failed` ones, in which there is no estimate, count as unbounded. `no_estimate` says why none should be
    given.
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
    seen: Floats = field(repr=False)  # (strata,) expected where a covariate is not known
    unseen: Floats = field(repr=False)  # (strata,)
    repeated: Floats = field(repr=False)  # (strata,) expected people on two lists or more
    seen_again: Floats = field(repr=False)  # (replicates, strata)
    unseen_again: Floats = field(repr=False)  # (replicates, strata)

    @cached_property
    def table(self) -> pl.DataFrame:
        """A row a stratum; columns as in `by`."""
        return self.by(*self.margins.covariates)

    def by(self, *covariates: str) -> pl.DataFrame:
        """People by some of the covariates: a row a combination of their levels, in all of them one row without names.

        Columns: the covariates; `detected`, expected where a covariate is not known; `unseen`; `estimate`, their sum;
        `lower80`, `upper80`, `lower95`, `upper95`; `small`, whether fewer than 20 were seen or fewer than 5 on two
        lists or more. `detected`, `unseen` and `estimate` sum to those of all people. Raises BadLists for a name that
        is no covariate.
        """
        margins = self.margins
        unknown = [name for name in covariates if name not in margins.covariates]
        if unknown:
            raise lists_error(f"there is no covariate {unknown[0]}", f"name some of {', '.join(margins.covariates)}")
        places = [margins.covariates.index(name) for name in covariates]
        sizes = [len(margins.levels[v]) for v in places]
        code = np.zeros(margins.strata, np.int64)
        for v, size in zip(places, sizes, strict=True):
            code = code * size + margins.values[len(margins.lists) + v, : margins.strata]
        into = np.eye(int(np.prod(sizes, dtype=np.int64)))[code]
        combinations = list(np.ndindex(*sizes))
        columns: dict[str, object] = {
            margins.covariates[v]: [margins.levels[v][levels[k]] for levels in combinations]
            for k, v in enumerate(places)
        }
        seen, unseen, repeated = self.seen @ into, self.unseen @ into, self.repeated @ into
        columns |= {"detected": seen, "unseen": unseen, "estimate": seen + unseen}
        again = _summed(self.seen_again + self.unseen_again, into)
        columns |= {name: _quantile(again, level) for name, level in LEVELS.items()}
        columns["small"] = (seen < SMALL) | (repeated < SMALL_REPEATED)
        return pl.DataFrame(columns)

    def benchmarked(self, total: float) -> Strata:
        """The same strata with their unseen people scaled so that all sum to a total from elsewhere.

        Intervals of strata keep their relative width; the uncertainty of the total itself is not in them. Raises
        BadLists for a total below the people seen, or where nobody is unseen.
        """
        unseen = float(self.unseen.sum())
        if not self.detected <= total < np.inf or unseen <= 0:
            raise lists_error(f"the strata cannot sum to {total:,.0f}", f"{self.detected:,} people were seen")
        scale = (total - self.detected) / unseen
        bounded = np.isfinite(self.unseen_again)
        again = np.where(bounded, np.where(bounded, self.unseen_again, 0.0) * scale, np.inf)
        interval80, interval95 = _intervals(self.seen_again, again)
        return replace(
            self,
            estimate=float(total),
            interval80=interval80,
            interval95=interval95,
            unseen=self.unseen * scale,
            unseen_again=again,
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
    """Estimate how many people there are in every stratum, with covariates that only some lists record.

    Parameters
    ----------
    table : polars.DataFrame
        One 0/1 column a list; one column a covariate, null (or empty, or NA) where it is not known; `count` people, or
        without this column one row a person.
    lists : sequence of str
        Two or more columns.
    covariates : mapping of str to sequence of str
        On which of the lists each covariate is recorded. People on these may lack it as well.
    model : "bic", "first_order" or sequence of sequences of str
        Interactions chosen forwards and backwards by BIC, all of two variables, or those that are named; with one of
        three variables come those of two.
    count : str
        The column of counts.
    bootstrap, seed : int
        Resamples of the people by what is known of them, each refitted, and what they are drawn from; 0 for none.

    Returns
    -------
    Strata
        With `no_estimate` where the model has no estimate (then `unseen` and `estimate` are NaN), nothing tells of the
        unseen, or fewer than 20 people are on two lists or more.

    Raises
    ------
    BadLists
        A ValueError: columns that are not there; lists other than 0/1; counts that are no numbers of people; people on
        no list; a covariate known of people on lists that do not record it; too many cells; unknown names in a model.

    Notes
    -----
    Zwane and van der Heijden 2007, Statistics in Medicine 26(5); van der Heijden et al. 2018, Journal of Official
    Statistics 34(1); the search is that of Cruyff, van Dijk and van der Heijden 2017, Chance 30(3).

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
    margins = margins_of(table, lists, covariates, count)
    search = model == "bic"
    if search:
        fit = searched(margins, margins.counts)
    else:
        fit = fitted(margins, _terms(margins, model), margins.counts)
    again = _bootstrapped(margins, fit, search, bootstrap, seed) if fit.converged else ([], [])
    seen_again, unseen_again = (np.reshape(part, (-1, margins.strata)) for part in again)
    seen, repeated = _seen(margins, fit)
    unseen = fit.unseen if fit.converged else np.full(margins.strata, np.nan)
    interval80, interval95 = _intervals(seen_again, unseen_again)
    return Strata(
        detected=margins.people, estimate=float(margins.people + unseen.sum()),
        interval80=interval80, interval95=interval95,
        model=tuple(tuple(margins.names[v] for v in term) for term in fit.model.terms if len(term) > 1),
        log_likelihood=fit.log_likelihood, parameters=fit.model.size, bic=bic(fit, margins.people),
        replicates=len(seen_again), failed=int(np.sum(~np.all(np.isfinite(unseen_again), axis=1))), seed=seed,
        no_estimate=_reason(margins, fit, float(repeated.sum())), margins=margins, seen=seen, unseen=unseen,
        repeated=repeated, seen_again=seen_again, unseen_again=unseen_again,
    )  # fmt: skip


def _terms(margins: Margins, model: str | Sequence[Sequence[str]]) -> tuple[Term, ...]:
    if model == "first_order":
        return first_order(margins)
    if isinstance(model, str):
        raise lists_error(f"no model {model}", "give bic, first_order, or interactions as lists of names")
    unknown = [name for term in model for name in term if name not in margins.names]
    if unknown:
        raise lists_error(f"there is no list or covariate {unknown[0]}", f"name some of {', '.join(margins.names)}")
    return hierarchical(len(margins.names), [[margins.names.index(name) for name in set(term)] for term in model])


def _seen(margins: Margins, fit: Fit) -> tuple[Floats, Floats]:
    """People seen in every stratum (strata,), expected where a covariate is not known, and those on several lists."""
    history, stratum = np.divmod(fit.model.seen, margins.strata)
    several = (history & (history - 1)) != 0
    seen: Floats = np.bincount(stratum, fit.spread, margins.strata).astype(np.float64)
    repeated: Floats = np.bincount(stratum[several], fit.spread[several], margins.strata).astype(np.float64)
    return seen, repeated


def _reason(margins: Margins, fit: Fit, repeated: float) -> str | None:
    if not fit.converged:
        return "the model has no estimate on these lists"
    if not identified(margins, fit):
        return "nothing in these lists tells how many people are on none: the model has too many interactions"
    if round(repeated) < FEWEST_REPEATED:
        return f"{repeated:.0f} people are on two lists or more, and {FEWEST_REPEATED} are needed"
    return None


def _bootstrapped(margins: Margins, fit: Fit, search: bool, times: int, seed: int) -> tuple[list[Floats], list[Floats]]:
    """People seen and unseen by stratum in every resample; infinitely many unseen where there is no estimate."""
    random = np.random.Generator(np.random.PCG64(seed))
    drawn: Whole = random.multinomial(margins.people, margins.counts / margins.people, times)
    seen, unseen = [], []
    for counts in drawn:
        found = searched(margins, counts, fit) if search else fitted(margins, fit.model.terms, counts, fit)
        seen.append(_seen(margins, found)[0])
        unseen.append(found.unseen if found.converged else np.full(margins.strata, np.inf))
    return seen, unseen


def _summed(values: Floats, into: Floats) -> Floats:
    """Sums over strata; infinity times the zeros of `into` would be no number."""
    with np.errstate(invalid="ignore"):
        sums = values @ into
    return np.where(np.isnan(sums), np.inf, sums)


def _quantile(again: Floats, level: float) -> Floats:
    """Of every column; NaN without resamples. No interpolation: it fails beside infinity."""
    if not len(again):
        return np.full(again.shape[1], np.nan)
    return np.asarray(np.quantile(again, level, axis=0, method="inverted_cdf"), np.float64)


def _intervals(seen: Floats, unseen: Floats) -> tuple[tuple[float, float], tuple[float, float]]:
    """Of all people, 80 % and 95 %."""
    total = (seen + unseen).sum(axis=1)[:, None]
    lower80, upper80, lower95, upper95 = (float(_quantile(total, level)[0]) for level in LEVELS.values())
    return (lower80, upper80), (lower95, upper95)
