"""Reference pages match the data."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
PAGES = runpy.run_path(str(ROOT / "scripts" / "vocabulary_pages.py"))["pages"]()


@pytest.mark.parametrize("name", PAGES)
def test_reference_pages_match_the_data(name: str) -> None:
    written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert written == PAGES[name], "run scripts/vocabulary_pages.py"
