"""Scratch folders with plain data in the home folder: locked while used, removed afterwards.

A process that is killed loses its lock, so the next `remove_leftovers` removes its folder.
"""

from __future__ import annotations

import fcntl
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

DRILL, BACKUP, RESTORE = PREFIXES = (".drill-", ".backup-", ".restore-")
LOCK = "drill.lock"


@contextmanager
def scratch_folder(home: Path, prefix: str) -> Iterator[tuple[Path, int]]:
    """Yield a scratch folder in the home folder, and the handle of its lock for a child process."""
    folder = Path(tempfile.mkdtemp(dir=home, prefix=prefix))
    handle = os.open(folder / LOCK, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield folder, handle
    finally:
        # a link to the keys is removed, the keys are not
        shutil.rmtree(folder, ignore_errors=True)
        os.close(handle)


def remove_leftovers(home: Path) -> int:
    """Remove the scratch folders that no process uses; return their number."""
    folders = [folder for prefix in PREFIXES for folder in sorted(home.glob(f"{prefix}*"))]
    return sum(map(_remove_unused, folders))


def is_in_use(home: Path, prefix: str) -> bool:
    """Return whether a process uses a scratch folder of this kind now."""
    return any(not _is_free(folder) for folder in home.glob(f"{prefix}*"))


def _remove_unused(folder: Path) -> bool:
    if not _is_free(folder):
        return False
    shutil.rmtree(folder, ignore_errors=True)
    return True


def _is_free(folder: Path) -> bool:
    with suppress(FileNotFoundError):
        handle = os.open(folder / LOCK, os.O_RDWR)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        finally:
            os.close(handle)
    return True
