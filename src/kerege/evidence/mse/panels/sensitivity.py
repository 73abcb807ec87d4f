"""How far an estimate rests on what cannot be tested, and on which lists there are."""

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
    """The estimate with other lists.

    what: `without A` or `A + B as one list`. people: seen on those lists. estimate: seen or not, NaN with a reason in
    `why_not`. model: the one chosen.
    """

    what: str
    lists: int
    people: int
    estimate: float
    model: str
    why_not: str = ""


def dark_figures(people: int, estimate: float, odds_ratios: Sequence[float] = ODDS_RATIOS) -> dict[float, float]:
    """People, seen or not, if the interaction of all lists at once were so many times what an estimate has in it.

    Parameters
    ----------
    people : int
        Those seen.
    estimate : float
        People, seen or not, with a factor of 1; not fewer than were seen.
    odds_ratios : sequence of float
        Factors exp(delta) of the interaction of all lists at once, above 0; at 2 the dark figure doubles.

    Returns
    -------
    dict of float to float
        People by factor.

    Raises
    ------
    BadLists
        For a factor that is not above 0, or an estimate below the people seen.

    Notes
    -----
    No data tell it: m_0 = exp(delta) * prod_odd m_w / prod_even m_w, so that a factor multiplies the dark figure.
    exp(delta) is not the tie of two lists. With three, it is the odds ratio of two lists among people who are not on
    the third, over that among people who are on it; with more, such ratios of ratios. Where two lists depend on each
    other and the model leaves that out, the dark figure moves by another factor, and it may fall. Log-linear models of
    fewer lists have delta = 0; in latent classes it follows from the classes. (Aleshin-Guendel, Sadinle and Wakefield
    2024, "The central role of the identifying assumption in population size estimation", Biometrics 80.)
    """
    if any(not 0 < ratio < math.inf for ratio in odds_ratios):
        raise lists_error("an odds ratio is not above 0", "give ratios such as 0.5, 1 and 2")
    if not estimate >= people:
        raise lists_error(
            f"an estimate of {estimate:,.0f} where {people:,} people were seen", "give people, seen or not"
        )
    return {ratio: people + ratio * (estimate - people) for ratio in odds_ratios}


def without(lists: Lists, name: str) -> Lists:
    """The table without one list; people on it alone are gone.

    Parameters
    ----------
    lists : Lists
        Four or more.
    name : str
        Of the list to leave out.

    Returns
    -------
    Lists

    Raises
    ------
    BadLists
        Where there is no such list, or fewer than three are left.
    """
    gone = _place(lists, name)
    below, above = (1 << gone) - 1, ~((2 << gone) - 1)
    histories = [(w & below) | ((w & above) >> 1) for w in lists.histories.tolist()]
    return _table(lists, histories, [other for other in lists.names if other != name])


def merged(lists: Lists, one: str, other: str) -> Lists:
    """The table with two lists as one, called `one+other` and in the place of the first.

    Parameters
    ----------
    lists : Lists
        Four or more.
    one, other : str
        Their names.

    Returns
    -------
    Lists

    Raises
    ------
    BadLists
        Where there are no two such lists, or fewer than three are left.
    """
    a, b = sorted((_place(lists, one), _place(lists, other)))
    if a == b:
        raise lists_error("a list cannot be joined with itself", "name two lists")
    names = [f"{lists.names[a]}+{lists.names[b]}" if j == a else name for j, name in enumerate(lists.names) if j != b]
    histories = []
    for w in lists.histories.tolist():
        joined = w | (((w >> b) & 1) << a)
        histories.append((joined & ((1 << b) - 1)) | ((joined >> (b + 1)) << b))
    return _table(lists, histories, names)


def leave_one_out(lists: Lists, method: str = "stepwise", **options: Any) -> list[Variant]:
    """The estimate without each of the lists in turn.

    Parameters
    ----------
    lists : Lists
        Four to ten for an estimate; of three every variant says why there is none.
    method : {"stepwise", "independence", "bic", "downhill"}
    **options
        `threshold`, `order` and `ntop`, as for `bootstrap`.

    Returns
    -------
    list of Variant
        One a list.

    Raises
    ------
    BadLists
        For a method or an option that there is not.
    """
    check_options(method, **options)
    return [_variant(f"without {name}", lists, without, (name,), method, options) for name in lists.names]


def merge_pairs(lists: Lists, method: str = "stepwise", **options: Any) -> list[Variant]:
    """The estimate with every two lists as one.

    Parameters
    ----------
    lists, method, **options
        As for `leave_one_out`.

    Returns
    -------
    list of Variant
        One a pair, in the order 12, 13, ..., 1t, 23, ...

    Raises
    ------
    BadLists
        For a method or an option that there is not.
    """
    check_options(method, **options)
    return [
        _variant(f"{one} + {other} as one list", lists, merged, (one, other), method, options)
        for one, other in combinations(lists.names, 2)
    ]


def _variant(
    what: str,
    lists: Lists,
    change: Callable[..., Lists],
    names: tuple[str, ...],
    method: str,
    options: dict[str, Any],
) -> Variant:
    """A variant, or why there is none."""
    try:
        changed = change(lists, *names)
        estimate, model = point(changed, method, **options)
    except ValueError as error:
        return Variant(what, lists.number - 1, 0, math.nan, "", str(error))
    return Variant(what, changed.number, changed.people, estimate, model)


def point(
    lists: Lists,
    method: str = "stepwise",
    *,
    threshold: float = THRESHOLD,
    order: int | None = None,
    ntop: int | None = TOP,
) -> tuple[float, str]:
    """The estimate of a method and the model it chose, without a bootstrap.

    Parameters
    ----------
    lists, method, threshold, order, ntop
        As for `bootstrap`.

    Returns
    -------
    estimate : float
        People, seen or not; inf or NaN where there is none.
    model : str
        Such as `A:B, C:D`.

    Raises
    ------
    BadLists
        For lists or options that allow no estimate.
    """
    work, names = make_estimator(lists, method, threshold=threshold, order=order, ntop=ntop)
    estimates, keys = work(lists.counts[None])
    return float(estimates[0]), names(int(keys[0]))


def _place(lists: Lists, name: str) -> int:
    if name not in lists.names:
        raise lists_error(f"no list is called {name}", f"choose one of {', '.join(lists.names)}")
    return lists.names.index(name)


def _table(lists: Lists, histories: list[int], names: list[str]) -> Lists:
    """Equal histories added up, people on no list left out."""
    people: dict[int, int] = {}
    for w, n in zip(histories, lists.counts.tolist(), strict=True):
        if w:
            people[w] = people.get(w, 0) + n
    return Lists(list(people), list(people.values()), names)
