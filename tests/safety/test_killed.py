"""A process killed at the worst moment leaves nothing half written, and the next run succeeds."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from kerege.evidence.data.snapshot import write
from tests.casework.exchange.records import FULL, write_csv

# runs command lines one after the other; at the named function the process kills itself, without any clean-up
DRIVER = """
import importlib, os, signal, sys
from kerege.cli import main
module, name = sys.argv[1].split(":") if sys.argv[1] else ("", "")
for line in sys.argv[2:]:
    if line.startswith(("import", "migrate")):
        from kerege.cli.load_django import setup
        setup()
    if module and line.startswith(("import", "release")):
        place = importlib.import_module(module)
        assert hasattr(place, name)
        setattr(place, name, lambda *a, **k: os.kill(os.getpid(), signal.SIGKILL))
    try:
        main(line.split("|"))
    except SystemExit as end:
        if end.code:
            raise
"""
KILLED = -9
SPEC = 'title = "Report"\nperiod = "2025"\n[[table]]\nname = "sex"\nof = "victims"\nby = ["sex"]\n'


def drive(home: Path, kill_at: str, *lines: str) -> subprocess.CompletedProcess[str]:
    """Run command lines in a process of their own, in a home folder of their own."""
    environment = {name: value for name, value in os.environ.items() if not name.startswith(("KEREGE_", "DATABASE"))}
    command = [sys.executable, "-c", DRIVER, kill_at, *lines]
    environment |= {"KEREGE_HOME": str(home)}
    return subprocess.run(command, env=environment, capture_output=True, text=True, timeout=60, check=False)


def test_an_import_killed_before_its_end_wrote_nothing_and_the_chain_holds(tmp_path: Path) -> None:
    rows = [FULL | {"prs_Id": f"p{number}", "cas_Id": f"c{number}"} for number in range(200)]
    source, home = write_csv(tmp_path / "records.csv", rows), tmp_path / "home"
    # everything is inserted, the event of the batch is being written, nothing is committed
    first = drive(home, "kerege.core.audit.hash_chain:append", "migrate", f"import|{source}")
    assert first.returncode == KILLED, first.stderr
    out = tmp_path / "out"
    second = drive(
        home, "", "audit|verify", f"export|htcds|--out|{out}", f"import|{source}", "audit|verify", f"import|{source}"
    )
    assert second.returncode == 0, second.stderr
    assert "0 rows written" in second.stdout
    assert "200 new" in second.stdout
    assert "nothing changes" in second.stdout


def test_a_release_killed_before_its_end_is_not_there(tmp_path: Path) -> None:
    rows = [{"sex": sex} for sex in ("female", "male") for _ in range(40)]
    snapshot, spec, out = tmp_path / "victims.parquet", tmp_path / "spec.toml", tmp_path / "out"
    write(snapshot, "victims", rows, as_of="2025-12-31", invented=True, key=b"k" * 32)
    spec.write_text(SPEC, encoding="utf-8")
    line = f"release|{snapshot}|--spec|{spec}|--out|{out}"
    assert drive(tmp_path / "home", "kerege.base.ed25519:sign", line).returncode == KILLED
    assert not out.exists()
    again = drive(tmp_path / "home", "", line, f"verify|{out}")
    assert again.returncode == 0, again.stderr
