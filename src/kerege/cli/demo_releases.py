"""The second process of the demo's build.

It generates the programme, then builds the releases in parallel.

It imports no model before Django is set up and runs no query, so that it can work while the first
process fills the register within one transaction.
"""

from __future__ import annotations

import gc
from multiprocessing.connection import Connection

from kerege.cli.load_django import setup

BUILT = "built"


def work(first: Connection) -> None:
    """Send the generated programme, build the releases, send `BUILT`, then draw the charts.

    A release is built from each year's snapshots.

    For each year the first process sends `(year, paths)`, oldest first. The charts come last, because nobody waits for
    them.
    """
    setup(demo=True)
    gc.disable()  # the process is short, and its objects live to its end
    from django.utils import timezone

    from kerege.demo import generate, world

    first.send(generate.build(timezone.localdate()))
    # imported after the first message, because the first process waits for it and these imports take seconds
    from kerege.base import files
    from kerege.demo import release

    planted = generate.planted().victims
    for _ in world.RELEASE_YEARS:
        year, paths = first.recv()
        release.build_year(year, paths, files.home(), planted)
    first.send(BUILT)
    release.draw_charts(files.home())
