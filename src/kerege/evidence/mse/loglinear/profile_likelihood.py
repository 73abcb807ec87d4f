"""Profile-likelihood intervals of the population size under one log-linear model.

Cormack 1992, "Interval estimation for mark-recapture studies of closed populations", Biometrics 48.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace
from statistics import NormalDist
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import Lists, check_setting, lists_error
from kerege.evidence.mse.loglinear.heterogeneity import NO_ESTIMATE, Design, check_estimate, fit_design, make_design
from kerege.evidence.mse.loglinear.hierarchical_models import Model
from kerege.evidence.mse.loglinear.poisson_regression import fitted_counts

Floats = NDArray[np.float64]
Point = tuple[float, float]  # a place and the value of a function there
FARTHEST = 1e7  # an upper limit above this multiple of the observed people counts as infinite
NEAREST = 0.01  # a lower limit of fewer unobserved people than this is the observed people
EXACT = 1e-8  # relative precision of the limits
MOST_HALVINGS = 200  # steps of the search for a root
ASYMPTOTIC = 10.0  # from here on the asymptotic series of the digamma function is exact
EXACT_FACTORIALS = 100  # up to this number of people Rcapture computes factorials, above it Stirling's formula


class ProfileInterval(NamedTuple):
    """Maximum of the profile likelihood of the population size, and the limits around it.

    All are people, observed and unobserved. The upper limit is infinite if the likelihood never falls far enough.
    """

    estimate: float
    lower: float
    upper: float


def profile_interval(
    lists: Lists,
    model: Model | None = None,
    level: float = 0.95,
    *,
    form: str = "none",
    parameter: float | None = None,
    equal_lists: bool = False,
    likelihood: str = "multinomial",
    stirling: bool = False,
) -> ProfileInterval:
    """Return the profile-likelihood interval of the population size under one log-linear model.

    Parameters
    ----------
    lists : Lists
        Three to ten lists.
    model : tuple of int, optional
        Interactions of lists as bitmasks, as for `fit`. Default: independence.
    level : float, default 0.95
        Level of the interval, between 0 and 1.
    form, parameter, equal_lists
        Heterogeneity of the people, as for `fit_heterogeneity`.
    likelihood : {"multinomial", "poisson"}
        "multinomial": as `closedpCI.t` of the R package Rcapture. "poisson": as `confint` of a Poisson regression in R.
    stirling : bool, default False
        For "multinomial": compute the factorials as Rcapture does, by Stirling's formula above 100 people. The limits
        differ by less than a person in most tables.

    Returns
    -------
    ProfileInterval
        Estimate and limits. The estimate that maximises the multinomial likelihood is a little below that of `fit`,
        which maximises the Poisson likelihood.

    Raises
    ------
    BadLists
        If a setting is invalid, or the model has no estimate on these lists.

    Notes
    -----
    With N people the unobserved cell has N - n. The multinomial profile log-likelihood is

    l(N) = log N! - log (N - n)! + sum of n_w log(m_w / N) over all cells, the unobserved one included,

    where m is the fit of the model to the table with N - n people in the unobserved cell. The Poisson one is the
    largest likelihood of the observed cells with the intercept log (N - n). The limits are where
    2 (max l - l(N)) equals the quantile of chi-squared with one degree of freedom. The interval takes the model as
    known. If the model was chosen on the same lists, the interval is too short.

    References
    ----------
    .. [1] Cormack 1992, "Interval estimation for mark-recapture studies of closed populations", Biometrics 48.
    .. [2] Baillargeon and Rivest 2007, "Rcapture", Journal of Statistical
       Software 19(5): `closedpCI.t`.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> [round(people) for people in profile_interval(lists, (0b011,))]
    [730, 706, 760]
    """
    check_setting("the level", level, 0, 1, exclusive=True)
    design = make_design(lists, form, model, parameter=parameter, equal_lists=equal_lists)
    if likelihood not in ("multinomial", "poisson"):
        raise lists_error(f"there is no likelihood {likelihood!r}", "choose multinomial or poisson")
    curve = _PoissonProfile(lists, design) if likelihood == "poisson" else None
    return profile(lists, design, (level,), curve or _MultinomialProfile(lists, design, stirling=stirling))[0]


def _digamma(value: float) -> float:
    """Return the derivative of log gamma for a number of 1 or more; SciPy would load slowly.

    The recurrence leads to 10 or more, where five terms of the asymptotic series are exact to 1e-13.
    """
    below = 0.0
    while value < ASYMPTOTIC:
        below -= 1 / value
        value += 1
    square = 1 / value**2
    series = square * (1 / 12 - square * (1 / 120 - square * (1 / 252 - square * (1 / 240 - square / 132))))
    return below + math.log(value) - 1 / (2 * value) - series


class _MultinomialProfile:
    """Multinomial profile log-likelihood of the population size, up to a constant."""

    def __init__(self, lists: Lists, design: Design, *, stirling: bool = False) -> None:
        self.people, self.design = lists.people, design
        self.counts = lists.dense[design.cells].astype(float)
        self.stirling = stirling
        self.start: Floats | None = None

    def __call__(self, people: float) -> float:
        """Return the log-likelihood of a number of people."""
        unobserved = people - self.people
        counts, fitted = self._fit(unobserved)
        possible = counts > 0
        cells = float(counts[possible] @ np.log(fitted[possible] / people))
        if self._uses_stirling(people):
            rest = unobserved * math.log(unobserved) - people * math.log(people)
            return cells - rest + unobserved - people - math.log(unobserved / people) / 2
        return cells + math.lgamma(people + 1) - math.lgamma(unobserved + 1)

    def find_maximum(self) -> float:
        """Return the number of people where the derivative is 0. Raises BadLists if there is none."""
        low, high = self.people + NEAREST, 2.0 * self.people
        if self._slope(low) <= 0:
            return float(self.people)
        while self._slope(high) > 0:
            high = self.people + 4 * (high - self.people)
            if high > FARTHEST * self.people:
                raise lists_error(NO_ESTIMATE, "take a simpler model")
        return _find_root(self._slope, low, high, EXACT * self.people)

    def _slope(self, people: float) -> float:
        """Return the derivative of the log-likelihood, by the unobserved cell and the factorials."""
        unobserved = people - self.people
        _, fitted = self._fit(unobserved)
        from_cells = math.log(fitted[-1] / people)
        if self._uses_stirling(people):
            return from_cells + math.log(people / unobserved) + (1 / people - 1 / unobserved) / 2
        return from_cells + _digamma(people + 1) - _digamma(unobserved + 1)

    def _uses_stirling(self, people: float) -> bool:
        return self.stirling and people > EXACT_FACTORIALS and people - self.people > 1

    def _fit(self, unobserved: float) -> tuple[Floats, Floats]:
        """Return the counts with the unobserved cell last, and the fitted counts."""
        counts = np.append(self.counts, unobserved)
        matrix, fitted = fit_design(self.design, counts, self.start)
        if not fitted.converged:
            matrix, fitted = fit_design(self.design, counts)
        self.start = fitted.parameters if fitted.converged else None
        return counts, fitted_counts(matrix, fitted.parameters)


class _PoissonProfile:
    """Poisson profile log-likelihood of the population size, up to a constant."""

    def __init__(self, lists: Lists, design: Design) -> None:
        self.people = lists.people
        self.counts = lists.dense[design.cells].astype(float)
        self.fitted = fit_design(design, self.counts)[1]
        # the intercept is given, so its column is left out
        self.others = replace(design, matrix=design.matrix[:, 1:], etas=design.etas - 1)

    def __call__(self, people: float) -> float:
        """Return the log-likelihood of a number of people, above the observed ones."""
        intercept = math.log(people - self.people)
        return fit_design(self.others, self.counts, intercept=intercept)[1].log_likelihood

    def find_maximum(self) -> float:
        """Return the estimate of `fit`."""
        return self.people + math.exp(self.fitted.parameters[0])


def profile(
    lists: Lists,
    design: Design,
    levels: tuple[float, ...],
    curve: _MultinomialProfile | _PoissonProfile | None = None,
) -> list[ProfileInterval]:
    """Return the interval of each level, of the multinomial likelihood if no curve is given.

    Raises BadLists if the model has no estimate.
    """
    check_estimate(*fit_design(design, lists.dense[design.cells].astype(float)))
    log_likelihood = curve or _MultinomialProfile(lists, design)
    estimate = log_likelihood.find_maximum()
    top = log_likelihood(estimate)
    return [_find_limits(log_likelihood, lists.people, estimate, top, level) for level in levels]


def _find_limits(
    curve: Callable[[float], float], people: int, estimate: float, top: float, level: float
) -> ProfileInterval:
    """Return the interval where the log-likelihood is above the bar of a level."""
    bar = top - NormalDist().inv_cdf(0.5 + level / 2) ** 2 / 2

    def height(number: float) -> float:
        return curve(number) - bar

    return ProfileInterval(estimate, _find_lower(height, people, estimate), _find_upper(height, people, estimate))


def _find_lower(height: Callable[[float], float], people: int, estimate: float) -> float:
    """Return where the likelihood reaches the bar left of the estimate, or the observed people."""
    low = people + NEAREST
    if estimate <= low or height(low) >= 0:
        return float(people)
    return _find_root(height, low, estimate, EXACT * people)


def _find_upper(height: Callable[[float], float], people: int, estimate: float) -> float:
    """Return where the likelihood falls below the bar right of the estimate; infinity if nowhere."""
    distance = max(estimate - people, 1.0)
    while height(estimate + distance) > 0:
        distance *= 2
        if distance > FARTHEST * people:
            return math.inf
    return _find_root(height, estimate, estimate + distance, EXACT * people)


def _find_root(function: Callable[[float], float], low: float, high: float, width: float) -> float:
    """Return the root between two places where a function has different signs, to half a width.

    This is the algorithm of Chandrupatla (1997): inverse quadratic interpolation where the function is smooth enough,
    bisection elsewhere. The import of `scipy.optimize` would take half a second in each run of a single method.
    """
    newest, other = (high, function(high)), (low, function(low))
    share = 0.5
    for _ in range(MOST_HALVINGS):
        place = newest[0] + share * (other[0] - newest[0])
        point = (place, function(place))
        oldest = newest
        if (point[1] > 0) != (newest[1] > 0):
            other, oldest = newest, other
        newest = point
        best = min(newest, other, key=lambda end: abs(end[1]))
        length = abs(other[0] - newest[0])
        if length <= width or best[1] == 0:
            return best[0]
        share = _choose_share(newest, other, oldest)
        share = min(max(share, width / (2 * length)), 1 - width / (2 * length))
    return best[0]


def _choose_share(newest: Point, other: Point, oldest: Point) -> float:
    """Return the share of the way from the newest place to the other side of the root to try next."""
    along = (newest[0] - other[0]) / (oldest[0] - other[0])
    height = (newest[1] - other[1]) / (oldest[1] - other[1])
    if not (height**2 < along and (1 - height) ** 2 < 1 - along):
        return 0.5
    first = newest[1] / (other[1] - newest[1]) * oldest[1] / (other[1] - oldest[1])
    ratio = (oldest[0] - newest[0]) / (other[0] - newest[0])
    return first + ratio * newest[1] / (oldest[1] - newest[1]) * other[1] / (oldest[1] - other[1])
