"""Groups of columns (cliques) that must be examined together, joined in a junction tree.

Counts of groups that agree on the overlap of neighbours in the tree always belong to one register: people can be
matched one by one within each overlap. The audit of the groups is therefore as exact as one over all columns.
"""

from __future__ import annotations

from collections.abc import Iterable
from itertools import combinations

Scope = frozenset[int]


def cliques(scopes: Iterable[Scope]) -> list[Scope]:
    """Return the groups: every scope lies within one group, and the groups form a junction tree."""
    scopes = [scope for scope in scopes if scope]
    neighbours: dict[int, set[int]] = {node: set() for scope in scopes for node in scope}
    for scope in scopes:
        for a, b in combinations(scope, 2):
            neighbours[a].add(b)
            neighbours[b].add(a)
    groups: list[Scope] = []
    while neighbours:
        node = min(neighbours, key=lambda n: (_missing(neighbours, n), len(neighbours[n]), n))
        groups.append(frozenset({node} | neighbours[node]))
        for a, b in combinations(neighbours[node], 2):
            neighbours[a].add(b)
            neighbours[b].add(a)
        for neighbour in neighbours.pop(node):
            neighbours[neighbour].discard(node)
    return maximal_scopes(groups)


def maximal_scopes(scopes: Iterable[Scope]) -> list[Scope]:
    """Return the scopes that are contained in no other one."""
    scopes = list(dict.fromkeys(scopes))
    return [scope for scope in scopes if not any(scope < larger for larger in scopes)] or [frozenset()]


def all_pairs(groups: list[Scope]) -> list[tuple[int, int]]:
    """Return all pairs of groups: every two groups count the people of their overlap alike."""
    return list(combinations(range(len(groups)), 2))


def _missing(neighbours: dict[int, set[int]], node: int) -> int:
    """Return how many edges the elimination of a node would add."""
    return sum(1 for a, b in combinations(neighbours[node], 2) if b not in neighbours[a])


def spanning_tree(groups: list[Scope]) -> list[tuple[int, int]]:
    """Return the edges of a spanning tree with the largest overlaps of neighbours."""
    component = list(range(len(groups)))
    edges = []
    for a, b in sorted(combinations(range(len(groups)), 2), key=lambda e: -len(groups[e[0]] & groups[e[1]])):
        if component[a] != component[b]:
            edges.append((a, b))
            component = [component[a] if label == component[b] else label for label in component]
    return edges
