"""The state of the clock is the answer of the kernel, and unknown without one."""

from __future__ import annotations

import pytest

from kerege.base import clock_sync


def test_the_kernel_is_asked() -> None:
    assert clock_sync.is_synchronised() in {True, False, None}


@pytest.mark.parametrize(("state", "answer"), [(0, True), (1, True), (5, False), (-1, None)])
def test_only_the_state_of_an_error_is_unsynchronised(state: int, answer: bool | None) -> None:
    assert clock_sync._read_state(state) is answer


def test_another_kernel_says_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.platform", "darwin")
    assert clock_sync.is_synchronised() is None


def test_the_largest_error_is_read_from_the_kernels_answer() -> None:
    """The fields follow the manual page adjtimex(2): maxerror is in microseconds."""
    content = clock_sync.MAXERROR.pack(0, 11, 22, 6_500_000, 44).ljust(clock_sync.BUFFER, b"\0")
    assert clock_sync._read_error(0, content) == 6.5
    assert clock_sync._read_error(clock_sync.UNSYNCHRONISED, content) is None
