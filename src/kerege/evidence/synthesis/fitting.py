"""Making records in a process of its own: it is given the file of the noisy counts, and nothing else but records that
were made of such counts before.

It prints how far it is, a number from 0 to 1 a line.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Callable
from pathlib import Path

from kerege.evidence.synthesis.noisy import Noisy
from kerege.evidence.synthesis.records import Records, made
from kerege.standard.faults import Refused

START = f"import sys; from {__name__} import main; main(*sys.argv[1:])"
HANDED = ("PATH", "PYTHONPATH", "LANG", "HOME", "NUMBA_CACHE_DIR", "COVERAGE_PROCESS_START", "SYSTEMROOT")


def fitted(
    noisy: Noisy,
    charge: float,
    seed: int,
    progress: Callable[[float], None] = lambda share: None,
    before: Records | None = None,
) -> Records:
    """Records made from noisy counts by another process in an empty folder. Raises Refused when it fails."""
    with tempfile.TemporaryDirectory(prefix="kerege-") as folder:
        given, found, start = Path(folder) / "noisy.npz", Path(folder) / "records.npz", Path(folder) / "before.npz"
        noisy.save(given)
        command = [sys.executable, "-c", START, given.name, found.name, repr(charge), str(seed)]
        if before is not None:
            before.save(start)
            command.append(start.name)
        environment = {name: os.environ[name] for name in HANDED if name in os.environ}
        with Path(folder, "faults").open("w") as faults, subprocess.Popen(
            command, cwd=folder, env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=faults,
            text=True,
        ) as process:  # fmt: skip
            for line in process.stdout or ():
                progress(float(line))
        if process.returncode:
            raise Refused("the records could not be made from the noisy counts: try again with more memory free")
        return Records.load(found)


def main(noisy: str, out: str, charge: str, seed: str, before: str = "") -> None:
    """What the process does: read the noisy counts, write the records."""
    start = Records.load(Path(before)) if before else None
    made(
        Noisy.load(Path(noisy)), float(charge), int(seed), lambda share: print(f"{share:.3f}", flush=True), start
    ).save(Path(out))  # fmt: skip
