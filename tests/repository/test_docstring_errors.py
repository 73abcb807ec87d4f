"""Docstrings name exceptions that exist: a reader who catches them by these names is not misled."""

from __future__ import annotations

import builtins
import re
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "kerege"
DEFINED = re.compile(r"^\s*class (\w+)|^from [\w.]+ import (?:\(([^)]*)\)|(.*))", re.MULTILINE)
NAMED = re.compile(r"\b[Rr]aises? ([A-Z]\w+)")


def test_every_exception_that_a_docstring_names_exists() -> None:
    sources = {path: path.read_text(encoding="utf-8") for path in sorted(SOURCE.rglob("*.py"))}
    definitions = (part for text in sources.values() for groups in DEFINED.findall(text) for part in groups)
    names = set(dir(builtins)) | {name for part in definitions for name in re.findall(r"\w+", part)}
    named = {(path.name, name) for path, text in sources.items() for name in NAMED.findall(text)}
    assert len(named) > 100
    assert {(file, name) for file, name in named if name not in names} == set()
