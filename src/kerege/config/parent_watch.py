"""End of a server process whose main process has ended, for example after `kill -9`."""

from __future__ import annotations

import os
import threading

VARIABLE = "SERVER_MAIN_PID"  # the main process, set before it starts server processes
PAUSE = 1.0  # seconds


def announce() -> None:
    """Record the id of this process as the parent of the processes that it starts."""
    os.environ[VARIABLE] = str(os.getpid())


def end_with_parent() -> None:
    """Watch the main process from a thread, if this process was started by one, and end with it."""
    main = os.environ.get(VARIABLE, "")
    if main.isdigit() and os.getppid() == int(main):
        threading.Thread(target=_watch, args=(int(main),), daemon=True).start()


def _watch(main: int) -> None:
    while os.getppid() == main:
        threading.Event().wait(PAUSE)
    os._exit(1)
