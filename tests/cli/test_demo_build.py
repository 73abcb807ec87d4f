"""The demo's build makes releases beside the register.

Nothing is left of them when the register cannot be filled.
"""

from __future__ import annotations

import multiprocessing
import subprocess
import sys
from multiprocessing.process import BaseProcess
from typing import Any

import pytest

from kerege.base.errors import Refused
from kerege.cli import demo_build, demo_releases
from kerege.core.accounts.models import Installation
from kerege.demo import release
from kerege.demo.programme.world import RELEASE_YEARS

UNPICKLE = "import pickle, sys; pickle.loads(bytes.fromhex(sys.argv[1]))"


@pytest.mark.django_db(transaction=True)
def test_a_register_that_cannot_be_filled_ends_the_second_process_and_is_no_demo(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    started: list[BaseProcess] = []

    def load(**_: Any) -> None:
        started.extend(multiprocessing.active_children())
        raise RuntimeError("the disk is full")

    monkeypatch.setattr("kerege.demo.loading.load.load", load)
    with pytest.raises(RuntimeError, match="the disk is full"), demo_build._second_process() as second:
        demo_build._fill(second)
    assert len(started) == 1
    assert not started[0].is_alive()
    assert not Installation.objects.exists()


def test_a_second_process_that_ends_early_is_one_sentence() -> None:
    with demo_build._second_process() as second:
        second.start()
        assert second.process is not None
        second.process.kill()
        with pytest.raises(Refused, match="start again"):
            second.join()
        with pytest.raises(Refused, match="start again"):
            second.receive()


@pytest.mark.parametrize("filled_after", [2023, 2024, 2025])
def test_a_release_is_recorded_when_it_is_built_and_the_register_is_filled(
    monkeypatch: pytest.MonkeyPatch, filled_after: int
) -> None:
    recorded: list[list[int]] = []
    is_filled, (first, second) = multiprocessing.Event(), multiprocessing.Pipe()

    def build_year(year: int, *_: object) -> None:
        if year == filled_after:
            is_filled.set()

    monkeypatch.setattr(release, "build_year", build_year)
    monkeypatch.setattr(release, "record", lambda snapshots, *_: recorded.append(list(snapshots)))
    monkeypatch.setattr(release, "request_article_table", lambda _: None)
    for year in RELEASE_YEARS:
        first.send((year, []))
    demo_releases._build(second, is_filled)
    assert recorded == [[y for y in RELEASE_YEARS if y <= year] for year in RELEASE_YEARS if year >= filled_after] + [
        list(RELEASE_YEARS)
    ]


def test_the_second_process_finds_its_work_before_django_is_set_up() -> None:
    import pickle

    work = pickle.dumps(demo_releases.work).hex()
    answer = subprocess.run([sys.executable, "-c", UNPICKLE, work], capture_output=True, text=True)
    assert answer.returncode == 0, answer.stderr
