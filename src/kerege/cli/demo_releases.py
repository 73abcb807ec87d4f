"""The second process of the demo's build.

It generates the programme, then builds and records the releases. The demo is served meanwhile.

Until the register is filled it imports no model before Django is set up and runs no query, so that it can work while
the first process fills the register within one transaction.
"""

from __future__ import annotations

import contextlib
import gc
import sys
from multiprocessing.connection import Connection
from multiprocessing.synchronize import Event

from kerege.base import files
from kerege.cli.load_django import setup
from kerege.demo.programme.world import RELEASE_YEARS


def work(first: Connection, is_filled: Event, *, generates: bool) -> None:
    """Build the releases from each year's snapshots and record them.

    With `generates`, send the generated programme first. For each year the first process sends `(year, paths)`, oldest
    first; it sets `is_filled` when the register is committed.
    """
    setup(demo=True)
    gc.disable()  # the process is short, and its objects live to its end
    with contextlib.suppress(KeyboardInterrupt):  # the first process was interrupted; the next start builds the rest
        if generates:
            _send_programme(first)
        _build(first, is_filled)


def _send_programme(first: Connection) -> None:
    from django.utils import timezone

    from kerege.demo.programme import generate

    first.send(generate.build(timezone.localdate()))


def _build(first: Connection, is_filled: Event) -> None:
    # imported after the first message, because the first process waits for it and these imports take seconds
    from kerege.demo import release
    from kerege.demo.programme import another_country, generate

    # the records of another country are a part of those generated, so their number is known for Kazakhstan alone
    planted = None if another_country.is_another() else generate.planted().victims
    snapshots = {}
    for _ in RELEASE_YEARS:
        year, paths = first.recv()
        release.build_year(year, paths, files.home(), planted)
        snapshots[year] = paths
        print(f"the release of {year} is published", file=sys.stderr, flush=True)
        if is_filled.is_set():
            release.record(snapshots, files.home(), planted)
    is_filled.wait()
    release.record(snapshots, files.home(), planted)
    release.request_article_table(snapshots[max(snapshots)])
