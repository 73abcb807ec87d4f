"""Compares a record with the committed one: every character where it was written, numbers loosely on other machines."""

from __future__ import annotations

import difflib
import hashlib
import json
import platform
import re
from importlib.metadata import version
from pathlib import Path

EXPECTED = Path(__file__).parent / "expected"
ENVIRONMENT = EXPECTED / "environment.json"
LIBRARIES = ("numpy", "scipy", "numba", "polars", "pyarrow", "highspy", "opendp")
FLOAT = re.compile(r"-?\d+\.\d{6,}(?:e[+-]?\d+)?")
HASH = re.compile(r"\b[0-9a-f]{64}\b|\b[0-9a-f]{32}\b")
LINES = 40  # of a difference that a failing test shows


def environment() -> dict[str, str]:
    """Return what the last digits of a calculation depend on: libraries and processor."""
    info = Path("/proc/cpuinfo")
    names = ("model name", "flags", "Features")
    lines = info.read_text().splitlines() if info.exists() else []
    told = sorted({line for line in lines if line.startswith(names)})
    found = {name: version(name) for name in LIBRARIES}
    return found | {"machine": platform.machine(), "cpu": hashlib.sha256("\n".join(told).encode()).hexdigest()[:12]}


def is_same_environment() -> bool:
    """Whether the records were written on such a machine with such libraries."""
    return bool(json.loads(ENVIRONMENT.read_text()) == environment())


def loosely(text: str) -> str:
    """Return the text with long decimals cut to 6 significant digits and without hashes, which cover such decimals."""
    return HASH.sub("HASH", FLOAT.sub(lambda found: f"{float(found[0]):.6g}", text))


def difference(name: str, found: str, *, exact: bool) -> str:
    """Return where a record differs from the committed one, "" where it does not."""
    path = EXPECTED / f"{name}.txt"
    wanted = path.read_text(encoding="utf-8") if path.exists() else ""
    if not exact:
        wanted, found = loosely(wanted), loosely(found)
    if found == wanted:
        return ""
    changes = difflib.unified_diff(_lines(wanted), _lines(found), "committed", "now", n=1, lineterm="")
    lines = [line[:200] for line in changes]
    rest = [f"... and {len(lines) - LINES} more lines"] if len(lines) > LINES else []
    return "\n".join([f"{path.name} differs", *lines[:LINES], *rest])


def _lines(text: str) -> list[str]:
    """Lines for a reader: those of JSON are split at their commas."""
    return [part for line in text.splitlines() for part in (line.split(", ") if len(line) > 200 else [line])]


def write(name: str, found: str) -> None:
    """Commit a record."""
    (EXPECTED / f"{name}.txt").write_text(found, encoding="utf-8")


def write_environment() -> None:
    """Say where the records were written."""
    ENVIRONMENT.write_text(json.dumps(environment(), indent=1) + "\n")
