"""The demo's releases, built in a process beside the one that fills the register. Imports no model at the top."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from kerege.cli.load_django import setup


def build(snapshots: Mapping[int, list[Path]]) -> None:
    """Build the releases from the snapshots of each year; entry point of the process."""
    setup(demo=True)
    from kerege.base import files
    from kerege.demo import generate, release

    release.build_missing(snapshots, files.home(), generate.planted().victims)
