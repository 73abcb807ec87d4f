"""The fit in a separate process: its tasks, its progress, and its failure."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from kerege.base.errors import Refused
from kerege.evidence.synthesis.generation import isolated_fit, repeated_fit
from kerege.evidence.synthesis.generation.isolated_fit import NOBODY, FitTask, fit_together
from kerege.evidence.synthesis.generation.records import CodedRecords
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy, NoisyLevel

COUNTS = Noisy(
    np.zeros(1, np.int32),
    3,
    np.array([0, 5]),
    1.0,
    (NoisyLevel(np.zeros((1, 1), np.int32), np.array([320]), 64.0, 2.0),),
)


def test_without_tasks_no_process_is_started(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated_fit.subprocess, "Popen", None)
    assert fit_together([]) == []


def test_a_process_that_fails_is_refused_without_its_output(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(isolated_fit, "START", "raise SystemExit('a secret path')")
    with pytest.raises(Refused) as refused:
        fit_together([FitTask(COUNTS, 0.85, 1)])
    assert str(refused.value) == (
        "the records could not be made from the noisy counts: try again with more memory free"
    )


def test_progress_is_reported_while_the_process_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    """The process of this test writes the records itself, without the engine."""
    script = (
        "import json, numpy as np\n"
        "for share in (0.25, 1):\n    print(share)\n"
        "for task in json.load(open('tasks.json')):\n"
        "    np.savez(open(task['out'], 'wb'), values=np.array([task['seed']]), start=np.array([0, 1]), apart=[])\n"
    )
    monkeypatch.setattr(isolated_fit, "START", script)
    shares: list[float] = []
    records = fit_together([FitTask(COUNTS, 0.85, 7), FitTask(COUNTS, 0.85, 8)], shares.append)
    assert shares == [0.25, 1.0]
    assert [made.values.tolist() for made in records] == [[7], [8]]  # in the order of the tasks


@pytest.mark.parametrize("before", [None, NOBODY])
def test_a_task_names_its_files_and_holds_charge_and_seed(tmp_path: Path, before: CodedRecords | None) -> None:
    task = isolated_fit._write_task(FitTask(COUNTS, 0.3, 5, before), "4", tmp_path)
    assert (task["charge"], task["seed"], task["out"]) == (0.3, 5, "4.records.npz")
    assert ("before" in task) is (before is not None)
    assert Noisy.load(tmp_path / task["noisy"]).people == COUNTS.people
    assert not (tmp_path / task["out"]).exists()


def test_the_process_runs_every_task_and_reports_their_mean_progress(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given: dict[int, Any] = {}

    def made(noisy: Noisy, charge: float, seed: int, progress: Any, before: CodedRecords | None) -> CodedRecords:
        given[seed] = (noisy.people, charge, None if before is None else before.people)
        progress(1.0)
        return CodedRecords(np.array([seed], np.int32), np.array([0, 1]))

    monkeypatch.setattr(repeated_fit, "fit_records", made)
    monkeypatch.chdir(tmp_path)
    fits = [FitTask(COUNTS, 0.3, 5), FitTask(COUNTS, 0.4, 6, NOBODY)]
    tasks = [isolated_fit._write_task(fit, str(number), tmp_path) for number, fit in enumerate(fits)]
    (tmp_path / isolated_fit.TASKS).write_text(json.dumps(tasks))
    output = io.StringIO()
    monkeypatch.setattr(sys, "stdout", output)
    isolated_fit.main()
    assert given == {5: (5, 0.3, None), 6: (5, 0.4, 0)}
    assert [CodedRecords.load(tmp_path / task["out"]).values.tolist() for task in tasks] == [[5], [6]]
    assert sorted(map(float, output.getvalue().split())) == [0.5, 1.0]
