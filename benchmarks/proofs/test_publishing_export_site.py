"""Two exports of one moment are equal byte for byte, by two processes with different hash seeds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.publishing import made
from tests.publishing.export_site.conftest import BASE, LEFT_OUT
from tests.publishing.export_site.test_build import unequal_files

EXPORT = "from kerege.cli import main; import sys; main(sys.argv[1:])"


def export(home: Path, out: Path, seed: str) -> None:
    """Export the site in a process of its own."""
    environment = os.environ | {"KEREGE_HOME": str(home), "KEREGE_DEMO": "1", "PYTHONHASHSEED": seed}
    words = ["site", str(out), "--at", "2026-07-30T10:00+05:00", "--base", BASE]
    subprocess.run([sys.executable, "-c", EXPORT, *words], env=environment, check=True)


def test_two_exports_of_one_moment_are_equal(tmp_path: Path) -> None:
    home = tmp_path / "home"
    subprocess.run(
        [sys.executable, "-c", EXPORT, "migrate"],
        env=os.environ | {"KEREGE_HOME": str(home), "KEREGE_DEMO": "1"},
        check=True,
    )
    made.make(home, leave_out=LEFT_OUT, estimate=made.estimated())
    made.make(home, name="annual-2024", period="2024", leave_out=LEFT_OUT)
    for seed in ("1", "2"):
        export(home, tmp_path / seed, seed)
    one, two = (tmp_path / seed for seed in ("1", "2"))
    assert unequal_files(one, two) == []
