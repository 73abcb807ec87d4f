"""No code imports private names of another package."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


def imported(tree: ast.AST) -> Iterator[str]:
    """Yield each imported module and name as a dotted path."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and not node.level:
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def is_private(name: str) -> bool:
    first, *rest = name.split(".")
    ours = first in {"kerege", "tests", "benchmarks", "__future__"}
    return not ours and any(part == "internal" or part.startswith("_") for part in rest)


@pytest.mark.parametrize("name", ["allauth.mfa.totp.internal.auth.TOTP", "pysdmx.model.__base.Item", "polars._plr.x"])
def test_private_names_are_known(name: str) -> None:
    assert is_private(name)


@pytest.mark.parametrize("folder", ["src", "tests", "benchmarks", "scripts"])
def test_nothing_private_is_imported(folder: str) -> None:
    private_imports = [
        f"{path.relative_to(ROOT)}: {name}"
        for path in (ROOT / folder).rglob("*.py")
        for name in imported(ast.parse(path.read_text("utf-8")))
        if is_private(name)
    ]
    assert private_imports == []
