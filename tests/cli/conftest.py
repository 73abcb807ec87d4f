"""Two files of invented persons."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.cli.link_driver import OTHERS, PEOPLE


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "a.csv").write_text(PEOPLE, "utf-8")
    (tmp_path / "b.csv").write_text(OTHERS, "utf-8")
    return tmp_path
