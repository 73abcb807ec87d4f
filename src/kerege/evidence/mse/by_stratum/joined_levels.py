"""Strata with enough people on two lists: small levels are joined with their neighbours."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import accumulate

Cell = tuple[str, ...]  # one level of each covariate
Joined = tuple[tuple[str, ...], ...]  # the levels of each covariate that are in a stratum


def join_levels(repeated: Mapping[Cell, int], least: int) -> list[Joined]:
    """Return strata in which at least `least` people are on two lists or more.

    Parameters
    ----------
    repeated : mapping of tuple of str to int
        People on two lists or more, by level of each covariate. Every combination that has people is a key.
    least : int
        Fewest people on two lists or more in a stratum.

    Returns
    -------
    list of tuple of tuple of str
        The levels of each covariate in each stratum. Every cell is in exactly one of them. If all cells together have
        too few, there is one stratum.

    Notes
    -----
    The levels of the first covariate are joined first, and within each group those of the next one. So the covariate
    that is named first stays the finest. Levels are in the order of their names. The smallest group joins the smaller
    one of its two neighbours until all are large enough.

    Examples
    --------
    >>> cells = {("female", "child"): 8, ("female", "adult"): 90, ("male", "child"): 25, ("male", "adult"): 40}
    >>> join_levels(cells, 20)
    [(('female',), ('adult', 'child')), (('male',), ('adult',)), (('male',), ('child',))]
    """
    covariates = len(next(iter(repeated), ()))
    levels = [sorted({cell[position] for cell in repeated}) for position in range(covariates)]
    return list(_split(repeated, levels, least))


def _split(repeated: Mapping[Cell, int], levels: Sequence[Sequence[str]], least: int) -> Iterator[Joined]:
    """Yield the strata of cells by the covariates that are left; the cells begin with the first of them."""
    if not levels:
        yield ()
        return
    totals = [sum(people for cell, people in repeated.items() if cell[0] == level) for level in levels[0]]
    for block in _join_neighbours(levels[0], totals, least):
        inside: dict[Cell, int] = {}
        for cell, people in repeated.items():
            if cell[0] in block:
                inside[cell[1:]] = inside.get(cell[1:], 0) + people
        for rest in _split(inside, levels[1:], least):
            yield block, *rest


def _join_neighbours(levels: Sequence[str], totals: Sequence[int], least: int) -> list[tuple[str, ...]]:
    """Return blocks of neighbouring levels with at least `least` people each, or one block."""
    people = list(totals)
    sizes = [1] * len(people)
    while len(people) > 1 and min(people) < least:
        smallest = people.index(min(people))
        sides = [place for place in (smallest - 1, smallest + 1) if 0 <= place < len(people)]
        neighbour = min(sides, key=lambda place: people[place])
        first = min(smallest, neighbour)
        people[first : first + 2] = [people[first] + people[first + 1]]
        sizes[first : first + 2] = [sizes[first] + sizes[first + 1]]
    ends = list(accumulate(sizes))
    return [tuple(levels[end - size : end]) for end, size in zip(ends, sizes, strict=True)]
