"""The environment is made with the fastest Python of the machine."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from scripts import fastest_python


def stand_in(folder: Path, name: str, prints: str, code: int = 0) -> str:
    """Return the path of a program that answers the probe in this way."""
    path = folder / name
    path.write_text(f"#!/bin/sh\necho {prints}\nexit {code}\n")
    path.chmod(0o755)
    return str(path)


@pytest.mark.parametrize(("first", "second", "chosen"), [("0.60", "0.40", "second"), ("0.45", "0.40", "first")])
def test_the_python_on_the_path_is_taken_unless_another_is_clearly_faster(
    tmp_path: Path, first: str, second: str, chosen: str
) -> None:
    pythons = [stand_in(tmp_path, "first", first), stand_in(tmp_path, "second", second)]
    assert fastest_python.choose(pythons) == str(tmp_path / chosen)


def test_a_python_that_fails_the_probe_is_not_taken(tmp_path: Path) -> None:
    """It is too old, or has no venv or no pip."""
    broken = stand_in(tmp_path, "broken", "0.01", code=1)
    assert fastest_python.choose([broken]) is None
    assert fastest_python.choose([broken, stand_in(tmp_path, "whole", "0.50")]) == str(tmp_path / "whole")


def test_this_python_can_be_measured() -> None:
    assert fastest_python.measure(sys.executable)
