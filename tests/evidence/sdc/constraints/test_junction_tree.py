"""Groups of columns form a junction tree, for any tables."""

from __future__ import annotations

from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.constraints.junction_tree import all_pairs, cliques, maximal_scopes, spanning_tree

Scope = frozenset[int]
SCOPES = st.lists(st.frozensets(st.integers(0, 7), max_size=4), max_size=9)


def is_connected(nodes: set[int], edges: list[tuple[int, int]]) -> bool:
    """Return whether the nodes are one piece by the edges between them."""
    reached = {min(nodes)}
    for _ in nodes:
        reached |= {b for pair in edges for a, b in (pair, pair[::-1]) if a in reached and b in nodes}
    return reached == nodes


@settings(deadline=None)
@given(SCOPES)
def test_every_table_lies_within_one_group(scopes: list[Scope]) -> None:
    groups = cliques(scopes)
    assert all(any(scope <= group for group in groups) for scope in scopes)


@settings(deadline=None)
@given(SCOPES)
def test_no_group_lies_within_another(scopes: list[Scope]) -> None:
    for groups in (cliques(scopes), maximal_scopes(scopes)):
        assert not any(group <= other for group in groups for other in groups if group is not other)


@settings(deadline=None)
@given(SCOPES)
def test_the_groups_of_each_column_are_neighbours_in_the_tree(scopes: list[Scope]) -> None:
    """Without this running intersection property, groups that agree may belong to no register."""
    groups = cliques(scopes)
    edges = spanning_tree(groups)
    assert len(edges) == len(groups) - 1
    for column in frozenset().union(*groups):
        assert is_connected({number for number, group in enumerate(groups) if column in group}, edges)


def test_a_cycle_of_tables_gets_a_chord() -> None:
    groups = cliques([frozenset(pair) for pair in ((0, 1), (1, 2), (2, 3), (0, 3))])
    assert sorted(map(len, groups)) == [3, 3]


def test_a_chain_of_tables_needs_no_larger_group() -> None:
    chain = [frozenset({0, 1}), frozenset({1, 2}), frozenset({2, 3})]
    assert sorted(map(sorted, cliques(chain))) == [[0, 1], [1, 2], [2, 3]]


def test_all_pairs_are_compared() -> None:
    assert all_pairs([frozenset({0}), frozenset({1}), frozenset({0, 1})]) == [(0, 1), (0, 2), (1, 2)]
