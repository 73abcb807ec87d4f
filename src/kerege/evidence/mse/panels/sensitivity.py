"""Sensitivity analysis: untestable assumptions, and the effect of each list on the estimate."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from itertools import combinations
from typing import Any, NamedTuple

from kerege.evidence.mse.lists import Lists, lists_error
from kerege.evidence.mse.loglinear.bootstrap import TOP, check_options, make_estimator
from kerege.evidence.mse.loglinear.stepwise_selection import THRESHOLD

ODDS_RATIOS = (0.5, 1.0, 2.0)


class Variant(NamedTuple):
    """Estimate from changed lists.

    what: the change, `without A` or `A + B as one list`. people: observed people on these lists. estimate: observed and
    unobserved people; NaN if `why_not` has the reason. model: the chosen model.
    """

    what: str
    lists: int
    people: int
    estimate: float
    model: str
    why_not: str = ""


def estimates_by_odds_ratio(
    people: int, estimate: float, odds_ratios: Sequence[float] = ODDS_RATIOS
) -> dict[float, float]:
    """Return the population size for given factors of the interaction of all lists.

    Parameters
    ----------
    people : int
        Observed people.
    estimate : float
        Estimate with a factor of 1, observed and unobserved people; at least `people`.
    odds_ratios : sequence of float
        Factors exp(delta) of the interaction of all lists, above 0. With 2 the unobserved number doubles.

    Returns
    -------
    dict of float to float
        People, observed and unobserved, by factor.

    Raises
    ------
    BadLists
        If a factor is not above 0, or the estimate is below the observed people.

    Notes
    -----
    The data do not identify this interaction: m_0 = exp(delta) * prod_odd m_w / prod_even m_w, so a factor multiplies
    the unobserved number. exp(delta) is not the association of two lists. With three lists it is the odds ratio of two
    lists among people who are not on the third, over the odds ratio among people who are on it; with more lists it is a
    ratio of such ratios. If a model omits the dependence of two lists, the unobserved number changes by another factor,
    and may fall. Log-linear models without the highest interaction have delta = 0; in latent class models it follows
    from the classes.

    References
    ----------
    .. [1] Aleshin-Guendel, Sadinle and Wakefield 2024, "The central role of the identifying assumption in population
       size estimation", Biometrics 80.

    Examples
    --------
    >>> estimates_by_odds_ratio(people=626, estimate=731.0, odds_ratios=(1.0, 2.0))
    {1.0: 731.0, 2.0: 836.0}
    """
    if any(not 0 < ratio < math.inf for ratio in odds_ratios):
        raise lists_error("an odds ratio is not above 0", "give ratios such as 0.5, 1 and 2")
    if not estimate >= people:
        raise lists_error(
            f"the estimate is {estimate:,.0f}, but {people:,} people were seen",
            "give all people, seen or not",
        )
    return {ratio: people + ratio * (estimate - people) for ratio in odds_ratios}


def without_list(lists: Lists, name: str) -> Lists:
    """Return the lists without one of them; people on this list alone are removed.

    Parameters
    ----------
    lists : Lists
        Four lists or more.
    name : str
        Name of the list to leave out.

    Returns
    -------
    Lists
        The remaining lists.

    Raises
    ------
    BadLists
        If there is no such list, or fewer than three remain.

    Examples
    --------
    >>> lists = Lists([1, 2, 4, 8, 15], [40, 30, 20, 10, 5])
    >>> without_list(lists, "D").people  # 10 people were on list D alone
    95
    """
    position = _find_list(lists, name)
    below, above = (1 << position) - 1, ~((2 << position) - 1)
    histories = [(w & below) | ((w & above) >> 1) for w in lists.histories.tolist()]
    return _make_lists(lists, histories, [n for n in lists.names if n != name])


def merge_two_lists(lists: Lists, first: str, second: str) -> Lists:
    """Return the lists with two of them merged into one.

    The merged list is named `first+second` and has the position of the first.

    Parameters
    ----------
    lists : Lists
        Four lists or more.
    first, second : str
        Names of the two lists.

    Returns
    -------
    Lists
        The lists with the merged one.

    Raises
    ------
    BadLists
        If there are no two such lists, or fewer than three remain.

    Examples
    --------
    >>> merged = merge_two_lists(Lists([1, 2, 4, 8, 15], [40, 30, 20, 10, 5]), "A", "B")
    >>> merged.names, merged.people
    (('A+B', 'C', 'D'), 105)
    """
    a, b = sorted((_find_list(lists, first), _find_list(lists, second)))
    if a == b:
        raise lists_error("a list cannot be joined with itself", "name two lists")
    names = [f"{lists.names[a]}+{lists.names[b]}" if j == a else name for j, name in enumerate(lists.names) if j != b]
    histories = []
    for w in lists.histories.tolist():
        joined = w | (((w >> b) & 1) << a)
        histories.append((joined & ((1 << b) - 1)) | ((joined >> (b + 1)) << b))
    return _make_lists(lists, histories, names)


def leave_one_out(lists: Lists, method: str = "stepwise", **options: Any) -> list[Variant]:
    """Return the estimate without each of the lists in turn.

    Parameters
    ----------
    lists : Lists
        Four to ten lists. With three, each variant has the reason why there is no estimate.
    method : {"stepwise", "independence", "bic", "downhill"}
        As for `bootstrap`.
    **options
        `threshold`, `order` and `ntop`, as for `bootstrap`.

    Returns
    -------
    list of Variant
        One variant for each list.

    Raises
    ------
    BadLists
        If the method or an option is invalid.

    Examples
    --------
    >>> histories = [1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15]  # killings in Kosovo, Ball and others 2002
    >>> counts = [1131, 845, 936, 306, 177, 228, 106, 217, 31, 123, 181, 18, 42, 32, 27]
    >>> variants = leave_one_out(Lists(histories, counts, ["EXH", "ABA", "OSCE", "HRW"]), "independence")
    >>> [(variant.what, variant.lists) for variant in variants][:1]
    [('without EXH', 3)]
    """
    check_options(method, **options)
    return [
        _make_variant(f"without {name}", lists, change=without_list, names=(name,), method=method, options=options)
        for name in lists.names
    ]


def merge_pairs(lists: Lists, method: str = "stepwise", **options: Any) -> list[Variant]:
    """Return the estimate with each two lists merged into one.

    Parameters
    ----------
    lists, method, **options
        As for `leave_one_out`.

    Returns
    -------
    list of Variant
        One variant for each pair, in the order 12, 13, ..., 1t, 23, ...

    Raises
    ------
    BadLists
        If the method or an option is invalid.

    Examples
    --------
    >>> histories = [1, 2, 4, 8, 3, 5, 9, 6, 10, 12, 7, 11, 13, 14, 15]  # killings in Kosovo, Ball and others 2002
    >>> counts = [1131, 845, 936, 306, 177, 228, 106, 217, 31, 123, 181, 18, 42, 32, 27]
    >>> variants = merge_pairs(Lists(histories, counts, ["EXH", "ABA", "OSCE", "HRW"]), "independence")
    >>> len(variants), variants[0].what
    (6, 'EXH + ABA as one list')
    """
    check_options(method, **options)
    return [
        _make_variant(
            f"{first} + {second} as one list",
            lists,
            change=merge_two_lists,
            names=(first, second),
            method=method,
            options=options,
        )
        for first, second in combinations(lists.names, 2)
    ]


def _make_variant(
    what: str,
    lists: Lists,
    change: Callable[..., Lists],
    names: tuple[str, ...],
    method: str,
    options: dict[str, Any],
) -> Variant:
    """Return a variant with its estimate, or with the reason why there is none."""
    try:
        changed = change(lists, *names)
        estimate, model = estimate_point(changed, method, **options)
    except ValueError as error:
        return Variant(what=what, lists=lists.number - 1, people=0, estimate=math.nan, model="", why_not=str(error))
    return Variant(what, changed.number, changed.people, estimate, model)


def estimate_point(
    lists: Lists,
    method: str = "stepwise",
    *,
    threshold: float = THRESHOLD,
    order: int | None = None,
    ntop: int | None = TOP,
) -> tuple[float, str]:
    """Return the estimate of a method and its chosen model, without a bootstrap.

    Parameters
    ----------
    lists, method, threshold, order, ntop
        As for `bootstrap`.

    Returns
    -------
    estimate : float
        People, observed and unobserved; inf or NaN if there is no estimate.
    model : str
        Notation of the model, such as `A:B, C:D`.

    Raises
    ------
    BadLists
        If the lists or options allow no estimate.

    Examples
    --------
    >>> lists = Lists([1, 2, 3, 4, 5, 6, 7], [60, 49, 4, 247, 112, 142, 12])  # spina bifida, Madigan and York 1997
    >>> estimate, model = estimate_point(lists, "independence")
    >>> round(estimate), model
    (764, 'independence')
    """
    estimate_tables, name_model = make_estimator(lists, method, threshold=threshold, order=order, ntop=ntop)
    estimates, keys = estimate_tables(lists.counts[None])
    return float(estimates[0]), name_model(int(keys[0]))


def _find_list(lists: Lists, name: str) -> int:
    """Return the position of a list. Raises BadLists if there is no such list."""
    if name not in lists.names:
        raise lists_error(f"no list is called {name}", f"choose one of {', '.join(lists.names)}")
    return lists.names.index(name)


def _make_lists(lists: Lists, histories: list[int], names: list[str]) -> Lists:
    """Return lists with equal histories added up, without people on no list."""
    people: dict[int, int] = {}
    for w, n in zip(histories, lists.counts.tolist(), strict=True):
        if w:
            people[w] = people.get(w, 0) + n
    return Lists(list(people), list(people.values()), names)
