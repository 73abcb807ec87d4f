"""Evaluation page in a browser: accessible, within the screen width, in light and dark mode."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tests.cli.test_evaluate import certified
from tests.cli.test_table import run
from tests.evidence.synthesis.evaluation.attacks.test_attacks import people
from tests.web import browser as driver


@pytest.mark.journey
@pytest.mark.parametrize(("scheme", "lang"), [("light", "en"), ("dark", "en"), ("light", "ru"), ("light", "kk")])
def test_the_page_can_be_read_by_everyone_at_every_width(browser: Any, tmp_path: Path, scheme: Any, lang: str) -> None:
    names = [tmp_path / f"{name}.csv" for name in ("original", "synthetic", "control")]
    for seed, path in enumerate(names):
        people(600, max(1, seed)).write_csv(path)  # the original is published: all badges are seen
    certified(names[1])
    assert run("evaluate", *names[:2], "--control", names[2], "--html", tmp_path / "page.html", "--lang", lang) == 0
    asked: list[str] = []
    for width in driver.WIDTHS:
        page = browser.new_page(viewport={"width": width, "height": 900}, color_scheme=scheme)
        page.on("request", lambda request: asked.append(request.url))
        page.goto((tmp_path / "page.html").as_uri())
        page.evaluate("document.querySelector('details').open = true")
        assert driver.axe(page) == []
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        outside = """[...document.querySelectorAll('svg text')].filter(text => {
            const box = text.getBoundingClientRect(), sheet = text.ownerSVGElement.getBoundingClientRect();
            return box.left < sheet.left - 2 || box.right > sheet.right + 2; }).map(text => text.textContent)"""
        assert page.evaluate(outside) == []
        page.close()
    assert set(asked) == {(tmp_path / "page.html").as_uri()}
