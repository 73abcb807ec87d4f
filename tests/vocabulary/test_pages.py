"""The reference pages say what the data say."""

from __future__ import annotations

import runpy
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent.parent
PAGES = runpy.run_path(str(ROOT / "scripts" / "vocabulary_pages.py"))["pages"]()


@pytest.mark.parametrize("name", PAGES)
def test_reference_pages_are_those_that_the_data_give(name: str) -> None:
    written = (ROOT / "docs" / "reference" / name).read_text(encoding="utf-8")
    assert written == PAGES[name], "run scripts/vocabulary_pages.py"
