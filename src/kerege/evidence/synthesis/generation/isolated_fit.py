"""Making records in a process of its own: it is given files of noisy counts, and nothing else but records that were
made of such counts before.

It prints how far it is, a number from 0 to 1 a line.
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
from kerege.evidence.synthesis.generation.records import Records
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy

START = f"from {__name__} import main; main()"
HANDED = ("PATH", "PYTHONPATH", "LANG", "HOME", "NUMBA_CACHE_DIR", "COVERAGE_PROCESS_START", "SYSTEMROOT")
TASKS = "tasks.json"
NOBODY = Records(np.empty(0, np.int32), np.zeros(1, np.int64))  # of counts that only noise stands behind
Progress = Callable[[float], None]


class Fit(NamedTuple):
    """What records are made from, as `synthesiser.made` takes it."""

    noisy: Noisy
    charge: float
    seed: int
    before: Records | None = None


def fitted(
    noisy: Noisy, charge: float, seed: int, progress: Progress = lambda share: None, before: Records | None = None
) -> Records:
    """Records made from noisy counts by another process in an empty folder. Raises Refused when it fails."""
    return fitted_together([Fit(noisy, charge, seed, before)], progress)[0]


def fitted_together(fits: Sequence[Fit], progress: Progress = lambda share: None) -> list[Records]:
    """The same of several files of counts, side by side in one process: starting one takes seconds."""
    if not fits:
        return []
    with tempfile.TemporaryDirectory(prefix="kerege-") as inside:
        folder = Path(inside)
        tasks = [_given(fit, str(number), folder) for number, fit in enumerate(fits)]
        (folder / TASKS).write_text(json.dumps(tasks))
        environment = {name: os.environ[name] for name in HANDED if name in os.environ}
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
        return [Records.load(folder / task["out"]) for task in tasks]


def _given(fit: Fit, name: str, folder: Path) -> dict[str, Any]:
    """Write what one task is made from into a folder, and name it."""
    task: dict[str, Any] = {"noisy": f"{name}.noisy.npz", "out": f"{name}.records.npz"}
    task |= {"charge": fit.charge, "seed": fit.seed}
    fit.noisy.save(folder / task["noisy"])
    if fit.before is not None:
        task["before"] = f"{name}.before.npz"
        fit.before.save(folder / task["before"])
    return task


def main() -> None:
    """What the process does: read the noisy counts beside it, write the records."""
    from kerege.evidence.synthesis.generation.synthesiser import made  # compiled: for this process alone

    tasks = json.loads(Path(TASKS).read_text())
    shares = [0.0] * len(tasks)

    def make(number: int) -> None:
        def told(share: float) -> None:
            shares[number] = share
            print(f"{sum(shares) / len(shares):.3f}\n", end="", flush=True)  # a line in one piece

        task = tasks[number]
        before = Records.load(Path(task["before"])) if "before" in task else None
        found = made(Noisy.load(Path(task["noisy"])), task["charge"], task["seed"], told, before)
        found.save(Path(task["out"]))

    with ThreadPoolExecutor(os.cpu_count()) as pool:
        list(pool.map(make, range(len(tasks))))
