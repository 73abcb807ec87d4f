"""The wheel and the sdist: complete, with the translation catalogues, which git ignores."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tests.conftest import ROOT

CHECK = [sys.executable, str(ROOT / "scripts" / "check_distribution.py")]
COMPILE = ROOT / "scripts" / "compile_messages.py"


def test_a_wheel_of_the_tree_and_of_the_sdist_is_complete(tmp_path: Path) -> None:
    answer = subprocess.run([*CHECK, str(tmp_path)], capture_output=True, text=True)
    assert answer.stdout.splitlines() == ["wheel: complete", "wheel of the sdist: complete"], answer.stderr
    assert answer.returncode == 0
    assert sorted(path.suffix for path in tmp_path.iterdir()) == [".gz", ".whl"]


def test_a_build_without_catalogues_is_refused(tmp_path: Path) -> None:
    script = tmp_path / "scripts" / "compile_messages.py"
    script.parent.mkdir()
    script.write_bytes(COMPILE.read_bytes())
    answer = subprocess.run([sys.executable, str(script)], capture_output=True, text=True)
    assert answer.returncode != 0
    assert "no translation catalogue" in answer.stderr
