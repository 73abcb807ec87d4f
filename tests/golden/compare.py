"""Comparison of a record with the committed one.

On the environment of the committed record every character must agree; elsewhere numbers agree to 6 digits.
"""

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
    """Return the versions and the processor on which the last digits of a calculation depend."""
    info = Path("/proc/cpuinfo")
    names = ("model name", "flags", "Features")
    lines = info.read_text().splitlines() if info.exists() else []
    processor = sorted({line for line in lines if line.startswith(names)})
    versions = {name: version(name) for name in LIBRARIES}
    digest = hashlib.sha256("\n".join(processor).encode()).hexdigest()
    return versions | {"machine": platform.machine(), "cpu": digest[:12]}


def is_same_environment() -> bool:
    """Check whether this machine and its libraries wrote the committed records."""
    return bool(json.loads(ENVIRONMENT.read_text()) == environment())


def loosely(text: str) -> str:
    """Return the text with 6 significant digits of each long decimal and without hashes over them."""
    return HASH.sub("HASH", FLOAT.sub(lambda match: f"{float(match[0]):.6g}", text))


def difference(name: str, record: str, *, exact: bool) -> str:
    """Return where a record differs from the committed one, "" where it does not."""
    path = EXPECTED / f"{name}.txt"
    committed = path.read_text(encoding="utf-8") if path.exists() else ""
    if not exact:
        committed, record = loosely(committed), loosely(record)
    if record == committed:
        return ""
    changes = difflib.unified_diff(_lines(committed), _lines(record), "committed", "now", n=1, lineterm="")
    lines = [line[:200] for line in changes]
    rest = [f"... and {len(lines) - LINES} more lines"] if len(lines) > LINES else []
    return "\n".join([f"{path.name} differs", *lines[:LINES], *rest])


def _lines(text: str) -> list[str]:
    """Return lines for a reader; a long line of JSON is split at its commas."""
    return [part for line in text.splitlines() for part in (line.split(", ") if len(line) > 200 else [line])]


def write(name: str, record: str) -> None:
    """Commit a record."""
    (EXPECTED / f"{name}.txt").write_text(record, encoding="utf-8")


def write_environment() -> None:
    """Write the environment of the committed records."""
    ENVIRONMENT.write_text(json.dumps(environment(), indent=1) + "\n")
