"""Pieces of time: names and intervals, for registers that grow or shrink."""

from __future__ import annotations

import pytest

from kerege.evidence.sdc.published_tables.time_line import TimeLine, TimeSpan

STARTS, ENDS = ("..", "2024-01-01", "2025-01-01"), ("2023-12-31", "2024-12-31", "2025-12-31")
GROWING = TimeLine(STARTS, ENDS)
SHRINKING = TimeLine(("2025", "2024", "2023"), ("..", "2025", "2024"), is_shrinking=True)


def test_a_piece_is_named_by_its_ends() -> None:
    assert GROWING.pieces == ("../2023-12-31", "2024-01-01/2024-12-31", "2025-01-01/2025-12-31")
    assert GROWING.column == "entered"


def test_several_pieces_reach_from_the_first_start_to_the_last_end() -> None:
    assert GROWING.label(0, 1) == "../2024-12-31"
    assert GROWING.label(1, 2) == "2024-01-01/2025-12-31"


def test_the_first_piece_of_a_shrinking_register_is_the_latest() -> None:
    assert SHRINKING.pieces == ("2025/..", "2024/2025", "2023/2024")
    assert SHRINKING.label(0, 2) == "2023/.."
    assert SHRINKING.column == "left"


@pytest.mark.parametrize("size", range(1, 6))
def test_the_intervals_are_all_runs_of_pieces_but_the_whole_line_the_shortest_first(size: int) -> None:
    line = TimeLine(tuple("s" * size), tuple("e" * size))
    intervals = list(line.intervals())
    runs = {(first, last) for first in range(size) for last in range(first, size)} - {(0, size - 1)}
    assert set(intervals) == runs
    assert len(intervals) == len(runs)
    assert intervals == sorted(intervals, key=lambda ends: (ends[1] - ends[0], ends[0]))


@pytest.mark.parametrize(("first", "last", "expected"), [(0, 2, True), (0, 1, False), (1, 2, False), (1, 1, False)])
def test_a_span_counts_everybody_if_it_has_all_pieces(first: int, last: int, expected: bool) -> None:
    assert TimeSpan(GROWING, first, last).is_everybody == expected
