"""A database of version 0.1 with rows is upgraded, on SQLite and on PostgreSQL.

Its recovery codes are those of tests/core/accounts/test_recovery_codes.py.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.core.accounts.test_recovery_codes import OLD, SEED

ROOT = Path(__file__).resolve().parents[2]
DRIVER, PG = ROOT / "benchmarks/proofs/upgrade_driver.py", ROOT / "scripts/with_postgres"
USERS, NO_POSTGRESQL = 300, 77


@pytest.mark.parametrize("start", [[], [str(PG)]], ids=["sqlite", "postgresql"])
def test_the_rows_of_an_older_version_survive_its_upgrade(start: list[str], tmp_path: Path) -> None:
    keep = {name: value for name, value in os.environ.items() if not name.startswith(("KEREGE_", "DATABASE_"))}
    command = [*start, sys.executable, str(DRIVER), str(USERS), SEED, OLD[1]]
    done = subprocess.run(
        command, env=keep | {"KEREGE_HOME": str(tmp_path / "home")}, capture_output=True, text=True, check=False
    )
    if done.returncode == NO_POSTGRESQL:
        pytest.skip("no PostgreSQL here")
    assert done.returncode == 0, done.stderr
    facts = json.loads(done.stdout.splitlines()[-1])
    print(f"{USERS} users: {facts['seconds']:.1f} s")
    assert facts["bound"] == USERS  # second factors open in their rows
    assert facts["codes"] == [9] * (USERS - 1) + [0]  # the first code was used, and the last seed is torn
    assert facts["accepts"] == [True, False]  # a code works before it is hashed, and once
    assert (facts["hashed"], facts["old_hashes"]) == (2, 8)
    assert (facts["unreadable"], facts["torn"]) == (1, False)
    assert (facts["open_approvals"], facts["ended_by"]) == (0, [["upgrade", 0, ""]])
    assert facts["seconds"] < 60  # 47 minutes for 1,000 users when the migration hashed every code
