"""Build of the demo: releases in a second process; nothing stays if the register cannot be filled."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest

from kerege.cli import demo_build
from kerege.core.accounts.models import Installation

UNPICKLE = "import pickle, sys; pickle.loads(bytes.fromhex(sys.argv[1]))"


class Process:
    """Stub of the second process."""

    def __init__(self) -> None:
        self.calls: list[str] = []

    def terminate(self) -> None:
        self.calls.append("terminate")

    def join(self) -> None:
        self.calls.append("join")


@pytest.mark.django_db(transaction=True)
def test_a_failed_load_ends_the_second_process_and_leaves_no_demo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    process = Process()

    def load(progress: Any, counted: Any) -> None:
        counted()
        raise RuntimeError("the disk is full")

    def start(self: Any) -> None:
        self.process = process

    monkeypatch.setattr("kerege.demo.load.load", load)
    monkeypatch.setattr(demo_build._Beside, "start", start)
    with pytest.raises(RuntimeError, match="the disk is full"):
        demo_build._fill()
    assert process.calls == ["terminate", "join"]
    assert not Installation.objects.exists()


def test_the_second_process_can_start_without_django() -> None:
    import pickle

    work = pickle.dumps(demo_build.demo_releases.build).hex()
    answer = subprocess.run([sys.executable, "-c", UNPICKLE, work], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
