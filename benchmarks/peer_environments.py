"""Environments of the comparable tools of other authors, each with packages of its own."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path


def environment(home: Path, *packages: str, python: str = "", without: Iterable[str] = ()) -> Path:
    """Return a Python that has some packages, in an environment of its own; make it when it is not there.

    `python` is the version that they need, by default that of this process. `without` are packages that they ask for
    and that are not installed.
    """
    interpreter, done, overrides = home / "bin" / "python", home / "whole", home / "without.txt"
    if not done.exists():
        uv = str(Path(sys.executable).with_name("uv"))
        subprocess.run([uv, "venv", "--quiet", "--clear", "--python", python or sys.executable, str(home)], check=True)
        overrides.write_text("".join(f"{name}; sys_platform == 'none'\n" for name in without), encoding="utf-8")
        install = [uv, "pip", "install", "--quiet", "--python", str(interpreter), "--overrides", str(overrides)]
        subprocess.run([*install, *packages], check=True)
        done.touch()
    return interpreter
