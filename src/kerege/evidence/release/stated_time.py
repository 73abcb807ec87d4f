"""The time of files without a reference date, as the specification of a release states it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from kerege.base.errors import BadInput, Fault
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.release.spec import ReleaseSpec


def with_stated_time(snapshots: Sequence[Snapshot], spec: ReleaseSpec) -> list[Snapshot]:
    """Return the snapshots, those without a date with the time that the specification states.

    Raise BadInput if the specification says of a dated snapshot that it counts one period: its date says that it counts
    everybody up to it.
    """
    dated = next((snapshot for snapshot in snapshots if snapshot.as_of), None)
    if dated is not None and spec.cumulative is False:
        what = f"counts everybody up to {dated.as_of}, and the specification says cumulative = false"
        raise BadInput(Fault(what, "take the key out of the specification", file=dated.path))
    return [
        snapshot if snapshot.as_of else replace(snapshot, period=spec.period, is_cumulative=spec.cumulative)
        for snapshot in snapshots
    ]
