"""Golden records whose commands take many seconds: the comparison of tests/golden/test_evidence.py."""

from __future__ import annotations

from pathlib import Path

from tests.golden import record
from tests.golden import test_evidence as fast
from tests.golden.scenarios import SLOW


def test_output_is_the_committed_one(tmp_path: Path) -> None:
    for name, text in record.record(tmp_path, SLOW).items():
        fast.check_record(name, text)
