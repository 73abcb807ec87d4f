"""Hierarchical log-linear models of lists.

A model is a tuple of bitmasks, one for each interaction of lists. It is closed downwards: with a set of lists it has
every subset, so always the empty set (the intercept) and each single list. Terms are sorted by size, then by value.
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
    """Return the pairs of lists as bitmasks, in the order 12, 13, ..., 1t, 23, ..."""
    return np.array([(1 << i) | (1 << j) for i, j in combinations(range(lists), 2)], np.int64)


def close_model(lists: int, interactions: Iterable[int] = ()) -> Model:
    """Return the smallest hierarchical model of this number of lists that has the given interactions.

    Parameters
    ----------
    lists : int
        Number of lists.
    interactions : iterable of int
        Interactions as bitmasks: bit j is list j. Empty for independence.

    Returns
    -------
    tuple of int
        All subsets of these interactions, the empty set and the single lists, by size, then by value.

    Examples
    --------
    >>> close_model(3, [0b011])  # lists A and B
    (0, 1, 2, 4, 3)
    """
    terms = {0, *(1 << j for j in range(lists))}
    for interaction in interactions:
        subset = interaction
        while subset:
            terms.add(subset)
            subset = (subset - 1) & interaction
    return tuple(sorted(terms, key=lambda term: (term.bit_count(), term)))


def validate_model(lists: int, model: Iterable[int]) -> Model:
    """Return the smallest hierarchical model with these terms. Raises BadLists for an invalid bitmask."""
    if isinstance(model, str):
        raise lists_error("the model is a text", "give bitmasks of lists that interact, such as close_model(4, [0b11])")
    terms = tuple(model)
    for term in terms:
        check_setting("a term of the model", term, 0, (1 << lists) - 1, integer=True)
    return close_model(lists, terms)


def list_generators(model: Model) -> tuple[int, ...]:
    """Return the generators of a model: its largest interactions, without single lists.

    Parameters
    ----------
    model : tuple of int
        A model closed downwards, as `close_model` returns it.

    Returns
    -------
    tuple of int
        Interactions as bitmasks.

    Examples
    --------
    >>> list_generators(close_model(4, [0b0111, 0b1100]))
    (12, 7)
    """
    return tuple(
        term
        for term in model
        if term.bit_count() > 1 and not any(term != larger and term & larger == term for larger in model)
    )


def model_name(model: Model, names: Sequence[str]) -> str:
    """Return the notation of a model by its generators, such as `A:B, C:D`.

    Parameters
    ----------
    model : tuple of int
        A model closed downwards, as `close_model` returns it.
    names : sequence of str
        One name for each list.

    Returns
    -------
    str
        The largest interactions; `independence` if there are none.

    Examples
    --------
    >>> model_name(close_model(4, [0b0011, 0b1100]), "ABCD")
    'A:B, C:D'
    """
    interactions = [":".join(names[j] for j in range(len(names)) if (term >> j) & 1) for term in list_generators(model)]
    return ", ".join(interactions) if interactions else "independence"


def model_key(model: Model) -> int:
    """Return a model as one integer for look-ups: bit S is set for each term S."""
    return sum(1 << term for term in model)


def from_pairs(lists: int, chosen: int) -> Model:
    """Return the model of chosen pairs: bit k of `chosen` is pair k of `pairs_of`."""
    return close_model(lists, (int(pair) for k, pair in enumerate(pairs_of(lists)) if (chosen >> k) & 1))


def all_models(lists: int, order: int | None = None) -> Iterator[Model]:
    """Yield every hierarchical model of some lists.

    Parameters
    ----------
    lists : int
        Number of lists (t).
    order : int, optional
        Largest number of lists in an interaction. Default: t - 1.

    Yields
    ------
    tuple of int
        8 models for three lists, 113 for four, 6,893 for five (1,024 of them of order 2); 32,768 of order 2 for six.

    Examples
    --------
    >>> len(list(all_models(3))), len(list(all_models(4)))
    (8, 113)
    """
    limit = lists - 1 if order is None else order
    yield from _extend_model(lists, limit, 2, close_model(lists), frozenset(close_model(lists)))


def _extend_model(lists: int, limit: int, size: int, model: Model, terms: frozenset[int]) -> Iterator[Model]:
    """Yield the extensions of a model by terms of `size` lists and more; its smaller terms are fixed."""
    candidates = [sum(1 << j for j in members) for members in combinations(range(lists), size)]
    allowed = [term for term in candidates if all(term & ~(1 << j) in terms for j in range(lists) if (term >> j) & 1)]
    if size > limit or not allowed:
        yield model
        return
    for choice in range(1 << len(allowed)):
        added = [term for k, term in enumerate(allowed) if (choice >> k) & 1]
        if added and size < limit:
            yield from _extend_model(lists, limit, size + 1, model + tuple(sorted(added)), terms | set(added))
        else:
            yield model + tuple(sorted(added))


def list_neighbours(model: Model, lists: int, order: int | None = None) -> list[Model]:
    """Return the models with one term more, or with one generator less.

    Parameters
    ----------
    model : tuple of int
        A model closed downwards, as `close_model` returns it.
    lists : int
        Number of lists (t).
    order : int, optional
        Largest number of lists in an interaction. Default: t - 1.

    Returns
    -------
    list of tuple of int
        Models closed downwards, the larger ones first.

    Examples
    --------
    >>> len(list_neighbours(close_model(3), 3))  # one of 3 pairs more
    3
    >>> len(list_neighbours(close_model(3, [0b011]), 3))  # one of 2 pairs more, or one less
    3
    """
    limit = lists - 1 if order is None else order
    terms = set(model)
    larger = [
        close_model(lists, (*model, term))
        for term in range(1, 1 << lists)
        if 2 <= term.bit_count() <= limit
        and term not in terms
        and all(term & ~(1 << j) in terms for j in range(lists) if (term >> j) & 1)
    ]
    smaller = [tuple(t for t in model if t != term) for term in list_generators(model)]
    return larger + smaller
