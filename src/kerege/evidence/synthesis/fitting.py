"""Making records in a process of its own: it is given the file of the noisy counts, and nothing else.

It prints how far it is, a number from 0 to 1 a line.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

import numpy as np

from kerege.evidence.synthesis.noisy import Noisy
from kerege.evidence.synthesis.records import Records, made
from kerege.standard.faults import Refused

START = f"import sys; from {__name__} import main; main(*sys.argv[1:])"
HANDED = ("PATH", "PYTHONPATH", "LANG", "HOME", "NUMBA_CACHE_DIR", "COVERAGE_PROCESS_START", "SYSTEMROOT")


def fitted(noisy: Noisy, charge: float, seed: int, progress: Callable[[float], None] = lambda share: None) -> Records:
    """Records made from noisy counts by another process in an empty folder. Raises Refused when it fails."""
    with tempfile.TemporaryDirectory(prefix="kerege-") as folder:
        given, found = Path(folder) / "noisy.npz", Path(folder) / "records.npz"
        noisy.save(given)
        command = [sys.executable, "-c", START, given.name, found.name, repr(charge), str(seed)]
        environment = {name: os.environ[name] for name in HANDED if name in os.environ}
        with Path(folder, "faults").open("w") as faults, subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=faults,
            text=True,
        ) as process:  # fmt: skip
            for line in process.stdout or ():
                progress(float(line))
        if process.returncode:
            raise Refused("the records could not be made from the noisy counts: try again with more memory free")
        with np.load(found, allow_pickle=False) as file:
            return Records(file["values"], file["start"])


def main(noisy: str, out: str, charge: str, seed: str) -> None:
    """What the process does: read the noisy counts, write the records."""
    found = made(Noisy.load(Path(noisy)), float(charge), int(seed), lambda share: print(f"{share:.3f}", flush=True))
    np.savez(out, values=found.values, start=found.start)
