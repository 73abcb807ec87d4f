"""Hierarchical log-linear models over lists: which sets of lists are tied together.

A model is a tuple of bitmasks, closed downwards: with a set of lists it holds every part of it, always the empty set
(the intercept) and every single list; sorted by size, then by value.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from kerege.evidence.mse.lists import check_setting, lists_error

Model = tuple[int, ...]


@lru_cache
def pairs_of(lists: int) -> NDArray[np.int64]:
    """Pairs of lists as bitmasks, in the order 12, 13, ..., 1t, 23, ..."""
    return np.array([(1 << i) | (1 << j) for i, j in combinations(range(lists), 2)], np.int64)


def closed(lists: int, ties: Iterable[int] = ()) -> Model:
    """The smallest model over so many lists that ties together the given sets of lists.

    Parameters
    ----------
    lists : int
        How many there are.
    ties : iterable of int
        Sets of lists, as bitmasks: bit j is list j. None for independence.

    Returns
    -------
    tuple of int
        Every part of these sets, the empty set and the single lists, by size, then by value.
    """
    terms = {0, *(1 << j for j in range(lists))}
    for tie in ties:
        part = tie
        while part:
            terms.add(part)
            part = (part - 1) & tie
    return tuple(sorted(terms, key=lambda term: (term.bit_count(), term)))


def checked_model(lists: int, model: Iterable[int]) -> Model:
    """The smallest model with these terms; raises BadLists for what are no bitmasks of so many lists."""
    if isinstance(model, str):
        raise lists_error(
            "the model is a text", "give bitmasks of lists that are tied together, such as closed(4, [0b11])"
        )
    terms = tuple(model)
    for term in terms:
        check_setting("a term of the model", term, 0, (1 << lists) - 1, integer=True)
    return closed(lists, terms)


def tied(model: Model) -> tuple[int, ...]:
    """The largest sets a model ties together: those in no larger one, singles left out."""
    return tuple(
        term
        for term in model
        if term.bit_count() > 1 and not any(term != more and term & more == term for more in model)
    )


def model_name(model: Model, names: Sequence[str]) -> str:
    """A model in words, such as `A:B, C:D`.

    Parameters
    ----------
    model : tuple of int
        Closed downwards, as `closed` makes it.
    names : sequence of str
        One for each list.

    Returns
    -------
    str
        The largest sets of lists that it ties together; `independence` where there are none.
    """
    ties = [":".join(names[j] for j in range(len(names)) if (term >> j) & 1) for term in tied(model)]
    return ", ".join(ties) if ties else "independence"


def bits_of(model: Model) -> int:
    """A model as one number, to look it up by: bit S is set for every term S."""
    return sum(1 << term for term in model)


def from_pairs(lists: int, chosen: int) -> Model:
    """The model of chosen pairs: bit k of `chosen` is pair k of `pairs_of`."""
    return closed(lists, (int(pair) for k, pair in enumerate(pairs_of(lists)) if (chosen >> k) & 1))


def all_models(lists: int, order: int | None = None) -> Iterator[Model]:
    """Every hierarchical model of some lists, a model after all of its parts of one order.

    Parameters
    ----------
    lists : int
        How many there are (t).
    order : int, optional
        Most lists that a term ties together, t - 1 if not given.

    Returns
    -------
    iterator of tuple of int
        8 models for three lists, 113 for four, 6,893 for five (1,024 of order 2); 32,768 of order 2 for six.
    """
    limit = lists - 1 if order is None else order
    yield from _grown(lists, limit, 2, closed(lists), frozenset(closed(lists)))


def _grown(lists: int, limit: int, size: int, model: Model, terms: frozenset[int]) -> Iterator[Model]:
    """Models that go on from one whose terms of fewer than `size` lists are settled."""
    whole = [sum(1 << j for j in group) for group in combinations(range(lists), size)]
    allowed = [term for term in whole if all(term & ~(1 << j) in terms for j in range(lists) if (term >> j) & 1)]
    if size > limit or not allowed:
        yield model
        return
    for number in range(1 << len(allowed)):
        added = [term for k, term in enumerate(allowed) if (number >> k) & 1]
        if added and size < limit:
            yield from _grown(lists, limit, size + 1, model + tuple(sorted(added)), terms | set(added))
        else:
            yield model + tuple(sorted(added))


def neighbours(model: Model, lists: int, order: int | None = None) -> list[Model]:
    """Models with one term more or one of the largest terms less."""
    limit = lists - 1 if order is None else order
    terms = set(model)
    more = [
        closed(lists, (*model, term))
        for term in range(1, 1 << lists)
        if 2 <= term.bit_count() <= limit
        and term not in terms
        and all(term & ~(1 << j) in terms for j in range(lists) if (term >> j) & 1)
    ]
    fewer = [tuple(other for other in model if other != term) for term in tied(model)]
    return more + fewer
