"""The page of the library: its examples run in their order and print what the page shows."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from kerege.evidence import synthesis

PAGE = Path(__file__).parents[3] / "docs" / "libraries" / "synthesis.md"
EXAMPLES = re.findall(
    r"^```python\n(.*?)^```\n(?:\n```text\n(.*?)^```)?", PAGE.read_text(encoding="utf-8"), re.M | re.S
)


def test_every_example_prints_what_the_page_shows(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(tmp_path)
    known: dict[str, object] = {}
    printed = []
    for code, _ in EXAMPLES:
        exec(compile(code, PAGE.name, "exec"), known)
        printed.append(capsys.readouterr().out)
    assert printed == [shown for _, shown in EXAMPLES]
    assert (tmp_path / "errors.svg").read_text(encoding="utf-8").startswith("<svg")


def test_the_page_has_examples_and_imports_only_public_names() -> None:
    code = "".join(code for code, _ in EXAMPLES)
    imported = re.findall(r"from kerege\.evidence\.synthesis import (.+)", code)
    assert len(imported) >= 3
    assert {name for line in imported for name in line.split(", ")} <= set(synthesis.__all__)
