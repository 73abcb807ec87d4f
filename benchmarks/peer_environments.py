"""Environments of the comparable tools of other authors, each with packages of its own."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path


def environment(home: Path, *packages: str) -> Path:
    """Return a Python that has some packages, in an environment of its own; make it when it is not there."""
    python, done = home / "bin" / "python", home / "whole"
    if not done.exists():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", sys.executable, str(home)], check=True)
        subprocess.run([uv, "pip", "install", "--quiet", "--python", str(python), *packages], check=True)
        done.touch()
    return python
