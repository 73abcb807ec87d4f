"""Fit of records in a separate process that receives noisy counts and earlier records only.

The process prints its progress, one number from 0 to 1 per line.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from kerege.base.errors import Refused
from kerege.base.processors import processor_count
from kerege.evidence.synthesis.generation.records import CodedRecords
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy

START = f"from {__name__} import main; main()"
INHERITED_VARIABLES = ("PATH", "PYTHONPATH", "LANG", "HOME", "NUMBA_CACHE_DIR", "COVERAGE_PROCESS_START", "SYSTEMROOT")
TASKS = "tasks.json"
NOBODY = CodedRecords(np.empty(0, np.int32), np.zeros(1, np.int64))  # no records: the counts look like noise on zeros
Progress = Callable[[float], None]


class FitTask(NamedTuple):
    """The inputs of one fit, as `synthesiser.fit_records` takes them.

    With `repeat` the records get a repetition of themselves (`repeated_fit`).
    """

    noisy: Noisy
    charge: float
    seed: int
    before: CodedRecords | None = None
    repeat: bool = False


def fit_in_process(
    noisy: Noisy,
    charge: float,
    seed: int,
    progress: Progress = lambda share: None,
    before: CodedRecords | None = None,
    *,
    repeat: bool = False,
) -> CodedRecords:
    """Return records fitted by another process in an empty folder. Raise Refused if the process fails."""
    return fit_together([FitTask(noisy, charge, seed, before, repeat)], progress)[0]


def fit_together(fits: Sequence[FitTask], progress: Progress = lambda share: None) -> list[CodedRecords]:
    """Return the records of several fits, made in one process: starting a process takes seconds."""
    if not fits:
        return []
    with tempfile.TemporaryDirectory(prefix="kerege-") as inside:
        folder = Path(inside)
        tasks = [_write_task(fit, str(number), folder) for number, fit in enumerate(fits)]
        (folder / TASKS).write_text(json.dumps(tasks))
        environment = {name: os.environ[name] for name in INHERITED_VARIABLES if name in os.environ}
        with (
            (folder / "faults").open("w") as faults,
            subprocess.Popen(
                [sys.executable, "-c", START],
                cwd=folder,
                env=environment,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=faults,
                text=True,
            ) as process,
        ):
            for line in process.stdout or ():
                progress(float(line))
        if process.returncode:
            raise Refused("the records could not be made from the noisy counts: try again with more memory free")
        return [CodedRecords.load(folder / task["out"]) for task in tasks]


def _write_task(fit: FitTask, name: str, folder: Path) -> dict[str, Any]:
    """Write the inputs of one fit to a folder and return the task: file names, charge and seed."""
    task: dict[str, Any] = {"noisy": f"{name}.noisy.npz", "out": f"{name}.records.npz"}
    task |= {"charge": fit.charge, "seed": fit.seed, "repeat": fit.repeat}
    fit.noisy.save(folder / task["noisy"])
    if fit.before is not None:
        task["before"] = f"{name}.before.npz"
        fit.before.save(folder / task["before"])
    return task


def main() -> None:
    """Run the tasks of the current folder: read the noisy counts and write the records."""
    from kerege.evidence.synthesis.generation import repeated_fit  # imported late: only this process compiles it

    tasks = json.loads(Path(TASKS).read_text())
    shares = [0.0] * len(tasks)

    def make(number: int) -> None:
        def report_progress(share: float) -> None:
            shares[number] = share
            print(f"{sum(shares) / len(shares):.3f}\n", end="", flush=True)  # one write call: threads share the output

        task = tasks[number]
        before = CodedRecords.load(Path(task["before"])) if "before" in task else None
        noisy = Noisy.load(Path(task["noisy"]))
        records = repeated_fit.fit_and_repeat(
            noisy, task["charge"], task["seed"], report_progress, before, repeat=task["repeat"]
        )
        records.save(Path(task["out"]))

    with ThreadPoolExecutor(processor_count()) as pool:
        list(pool.map(make, range(len(tasks))))
