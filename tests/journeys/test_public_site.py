"""Pages of the public site in a browser: light, accessible, narrow, complete without script."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.journeys.test_every_page import SWEEPS, sample
from tests.publishing import made
from tests.web import browser as driver

pytestmark = pytest.mark.journey
FIGURES = ("helped-by-year", "origin", "corridors", "payers", "crimes-by-half-year", "hidden-figure")
PAGES = (
    *("", "f/helped-by-year/", "t/people/", "f/", "f/corridors/", "p/", "method/", "f/hidden-figure/"),
    *("r/annual-2025/", "f/origin/by/KZ/", "f/sex/annual-2025/", "glossary/"),
    *("embed/origin/", "report/2025/all/"),
)
HEAVIEST, FIGURE, HOME = 150_000, 90_000, 110_000  # bytes of a first visit
SEEN_FIRST = 800  # pixels of a telephone
BOTTOM = """[...document.querySelectorAll(".chart svg")].filter(svg => svg.getClientRects().length)
    .map(svg => svg.getBoundingClientRect().bottom)[0] ?? 0"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Iterator[str]:
    """Yield the address of a server with one release."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("public") / "home"))
    made.make(home, estimate=made.estimated())
    with driver.served(home) as address:
        yield address


def faults(page: Page, address: str, limit: int) -> list[str]:
    """Return what is wrong with a page: too heavy, too wide, inaccessible as chart or as table."""
    weight = driver.weight(page, address)
    lines = [*driver.axe(page), *([f"{weight} bytes"] if weight > limit else [])]
    if page.locator("#view-table").count():
        page.locator("label[for=view-table]").click()
        lines += driver.axe(page)
    wide = driver.overflow(page)
    return lines + ([f"{wide} px too wide"] if wide else [])


@pytest.mark.parametrize("language", SWEEPS)
def test_every_kind_of_page_is_light_accessible_and_asks_nobody_else(
    browser: Browser, site: str, language: str
) -> None:
    wrong: dict[str, list[str]] = {}
    for path in sample(PAGES, language):
        context = driver.visit(browser, sweeps=True, viewport={"width": SWEEPS[language], "height": 800})
        page = context.new_page()
        seen = driver.watch(page)
        limit = HOME if not path else FIGURE if path.startswith("f/") else HEAVIEST
        wrong[path] = [*faults(page, f"{site}/{language}/{path}", limit), *seen]
        assert not context.cookies()
        context.close()
    assert not any(wrong.values()), driver.report(wrong)


@pytest.mark.parametrize("language", SWEEPS)
def test_the_whole_chart_is_in_the_first_screen_of_a_telephone(browser: Browser, site: str, language: str) -> None:
    context = driver.visit(browser, viewport={"width": 360, "height": SEEN_FIRST})
    page = context.new_page()
    bottoms = {}
    for name in sample(FIGURES, language):
        page.goto(f"{site}/{language}/f/{name}/")
        bottoms[name] = page.evaluate(BOTTOM)
    context.close()
    assert all(0 < bottom <= SEEN_FIRST for bottom in bottoms.values()), bottoms


def test_keys_change_the_view_read_the_marks_and_a_link_opens_its_number(browser: Browser, site: str) -> None:
    context = driver.visit(browser)
    page = context.new_page()
    page.goto(f"{site}/en/f/helped-by-year/")
    page.locator("[data-reader]").focus()
    page.keyboard.press("End")
    expect(page.locator(".reading")).to_have_text("Paid by the state, 2025: 171")
    page.keyboard.press("ArrowLeft")
    expect(page.locator(".reading")).to_have_text("Paid by the state, 2024: 247")
    page.locator("#view-chart").focus()
    page.keyboard.press("ArrowRight")
    expect(page.locator("#v-2025-state")).to_be_visible()
    expect(page.locator(".chart")).to_be_hidden()
    context.close()


def test_without_script_the_table_opens_and_a_link_shows_its_number(browser: Browser, site: str) -> None:
    context = driver.visit(browser, java_script_enabled=False)
    page = context.new_page()
    page.goto(f"{site}/kk/f/helped-by-year/#v-2025-state")
    expect(page.locator("#v-2025-state")).to_be_visible()
    page.goto(f"{site}/kk/f/origin/")
    expect(page.locator("#v-KZ-iom")).to_be_hidden()
    page.locator("label[for=view-table]").click()
    expect(page.locator("#v-KZ-iom")).to_be_visible()
    context.close()
