"""Which columns must be looked at together: a tree of groups, such that what fits within each group fits in all.

Counts of groups that agree where neighbours of the tree overlap always belong to one register (people can be matched
one by one within each overlap), so that the audit of the groups is as exact as one over all columns at once.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

Scope = frozenset[int]


def cliques(scopes: Iterable[Scope]) -> list[Scope]:
    """The groups: every scope lies in one, and they form a tree."""
    scopes = [scope for scope in scopes if scope]
    near: dict[int, set[int]] = {node: set() for scope in scopes for node in scope}
    for scope in scopes:
        for a, b in combinations(scope, 2):
            near[a].add(b)
            near[b].add(a)
    found: list[Scope] = []
    while near:
        node = min(near, key=lambda n: (_missing(near, n), len(near[n]), n))
        found.append(frozenset({node} | near[node]))
        for a, b in combinations(near[node], 2):
            near[a].add(b)
            near[b].add(a)
        for other in near.pop(node):
            near[other].discard(node)
    return largest(found)


def largest(scopes: Iterable[Scope]) -> list[Scope]:
    """The scopes that lie in no other one."""
    scopes = list(dict.fromkeys(scopes))
    return [scope for scope in scopes if not any(scope < other for other in scopes)] or [frozenset()]


def overlapping(groups: list[Scope]) -> list[tuple[int, int]]:
    """All pairs of groups: what two of them share is counted alike, whatever it is."""
    return list(combinations(range(len(groups)), 2))


def _missing(near: dict[int, set[int]], node: int) -> int:
    return sum(1 for a, b in combinations(near[node], 2) if b not in near[a])


def tree(groups: list[Scope]) -> list[tuple[int, int]]:
    """Neighbours: a spanning tree whose overlaps are as large as can be."""
    home = list(range(len(groups)))
    edges = []
    for a, b in sorted(combinations(range(len(groups)), 2), key=lambda e: -len(groups[e[0]] & groups[e[1]])):
        if home[a] != home[b]:
            edges.append((a, b))
            home = [home[a] if each == home[b] else each for each in home]
    return edges
