"""Public pages make sense to a listener, and are printed whole.

Chromium gives the accessibility tree, which a screen reader speaks, and prints the pages. The fast tests of tests/journeys run axe, which does not say that two
links of one name lead to two places, that a heading is skipped, or that a page is cut in print.
"""

from __future__ import annotations

import io
import re
import shutil
from collections import defaultdict
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page
from pypdf import PdfReader

from tests.conftest import browser, empty_home
from tests.journeys.test_every_page import SWEEPS
from tests.publishing import made
from tests.web import browser as driver

__all__ = ["browser", "empty_home"]
LANGUAGES = tuple(SWEEPS)
INDICATORS = ("f/helped-by-year/", "f/origin/", "f/hidden-figure/", "f/corridors/", "f/payers/", "f/sex/annual-2025/")
REPORT = ("report/2025/", "report/2025/help/", "report/2025/all/", "report/2025/press/", "report/2025/article/")
PAGES = (
    *("", "f/", "t/people/", "p/", "c/", "r/", "r/annual-2025/", "r/calendar/", "method/", "privacy/"),
    *("glossary/", "corrections/", "data/", "help/", "law/", "f/origin/by/UZ/", *INDICATORS, *REPORT),
)
NAMED = {"link", "button", "radio", "checkbox", "image", "table", "region", "navigation", "complementary", "figure"}
LANDMARKS = {"navigation", "complementary", "region", "main", "banner", "contentinfo"}
# returns the elements that reach beyond the right edge of the sheet, or whose own box cuts off their content
CUT = """() => [...document.querySelectorAll("main *")].filter(item => {
    const style = getComputedStyle(item), box = item.getBoundingClientRect();
    if (!item.getClientRects().length || style.position === "absolute" || item.closest("svg svg")) return false;
    const hidden = item.scrollWidth > item.clientWidth + 1 && style.overflowX !== "visible" && item.clientWidth > 0;
    return hidden || (box.right > document.documentElement.clientWidth + 1 && !item.closest("svg"));
}).map(item => item.outerHTML.slice(0, 120))"""
SOURCE = {"kk": "Дереккөз", "ru": "Источник", "en": "Source"}
SHEET = 703  # pixels of an A4 sheet between margins of 12 mm


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory, empty_home: Path) -> Iterator[str]:
    """Yield the address of a server with one release and its estimate."""
    home = Path(shutil.copytree(empty_home, tmp_path_factory.mktemp("public") / "home"))
    made.make(home, estimate=made.estimated())
    with driver.served(home) as address:
        yield address


def read_aloud(page: Page) -> list[dict[str, Any]]:
    """Return the parts that a screen reader speaks, in its order: role, name and properties."""
    nodes = page.context.new_cdp_session(page).send("Accessibility.getFullAXTree")["nodes"]
    by_id = {node["nodeId"]: node for node in nodes}
    return [
        {
            "role": node["role"]["value"],
            "name": str((node.get("name") or {}).get("value", "")).strip(),
            **{item["name"]: item["value"].get("value") for item in node.get("properties", [])},
        }
        for node in in_order(nodes[0], by_id)
        if not node.get("ignored")
    ]


def in_order(node: dict[str, Any], by_id: dict[str, dict[str, Any]]) -> Iterator[dict[str, Any]]:
    """Yield a node and those below it, each before the next."""
    yield node
    for child in node.get("childIds", []):
        if child in by_id:
            yield from in_order(by_id[child], by_id)


def list_faults(spoken: list[dict[str, Any]]) -> list[str]:
    """Return the faults for a listener: parts without a name, one name for two places, skipped headings."""
    faults = [f"{item['role']} without a name" for item in spoken if item["role"] in NAMED and not item["name"]]
    levels = [item["level"] for item in spoken if item["role"] == "heading"]
    if levels.count(1) != 1 or levels[0] != 1:
        faults.append(f"headings begin {levels[:3]}, {levels.count(1)} of level 1")
    faults += [f"heading {after} after {level}" for level, after in pairwise(levels) if after > level + 1]
    goals: dict[str, set[str]] = defaultdict(set)
    for item in spoken:
        if item["role"] == "link" and item.get("url"):
            goals[item["name"]].add(str(item["url"]).split("#")[0])
    faults += [f"{name!r} leads to {len(urls)} places" for name, urls in goals.items() if len(urls) > 1]
    landmarks = [(item["role"], item["name"]) for item in spoken if item["role"] in LANDMARKS]
    return faults + [
        f"two {role} of the name {name!r}" for role, name in set(landmarks) if landmarks.count((role, name)) > 1
    ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_page_makes_sense_to_a_listener(browser: Browser, site: str, language: str) -> None:
    page = browser.new_page()
    wrong = {}
    for path in PAGES:
        answer = page.goto(f"{site}/{language}/{path}")
        assert answer is not None
        assert answer.status == 200, path
        wrong[path] = list_faults(read_aloud(page))
    page.close()
    assert not any(wrong.values()), driver.report(wrong)


@pytest.mark.parametrize("language", LANGUAGES)
def test_an_indicator_is_spoken_in_its_order_finding_scope_chart_source(
    browser: Browser, site: str, language: str
) -> None:
    page = browser.new_page()
    page.goto(f"{site}/{language}/f/origin/")
    spoken = read_aloud(page)
    roles = [item["role"] for item in spoken]
    heading, figure = roles.index("heading"), roles.index("figure")
    image = roles.index("image")
    assert heading < figure < image
    title, described = spoken[heading]["name"], spoken[image]["name"]
    assert described.startswith(title)  # the title of the chart is the finding, then comes its shape
    assert 3 <= len(described.removeprefix(title).split()) <= 60
    words = [item["name"] for item in spoken[image:]]
    assert any(name.startswith(SOURCE[language]) for name in words)
    page.close()


def printed(page: Page) -> str:
    """Return the text of the printed page without white space."""
    text = "".join(sheet.extract_text() for sheet in PdfReader(io.BytesIO(page.pdf(format="A4"))).pages)
    return re.sub(r"\s", "", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_printed_page_holds_chart_and_table_uncut(browser: Browser, site: str, language: str) -> None:
    page = browser.new_page(viewport={"width": SHEET, "height": 1000})
    missing: dict[str, list[str]] = {}
    for path in (*INDICATORS, *REPORT[1:3], "r/annual-2025/"):
        page.goto(f"{site}/{language}/{path}")
        page.emulate_media(media="print")
        faults = [f"cut: {part}" for part in page.evaluate(CUT)]
        text = printed(page)
        cells = page.evaluate("[...document.querySelectorAll('main th, main td')].map(cell => cell.textContent)")
        charts = page.locator("main svg[role=img]:visible")
        labels = page.evaluate(
            "[...document.querySelectorAll('main svg text')].filter(item => item.getClientRects().length)"
            ".map(item => [...item.childNodes].map(part => part.textContent))"
        )
        cell_texts = {re.sub(r"\s", "", words) for words in [*cells, *(part for parts in labels for part in parts)]}
        faults += [f"not printed: {words}" for words in sorted(cell_texts) if words not in text]
        faults += [] if cells and charts.count() else ["no table or no chart"]
        missing[path] = faults
        page.emulate_media(media="screen")
    page.close()
    assert not any(missing.values()), driver.report(missing)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_report_as_pdf_is_tagged_as_pdf_ua_1_asks(browser: Browser, site: str, language: str) -> None:
    """Read the tags that PDF/UA-1 asks for; Typst checks more, and no outside validator ran."""
    content = browser.new_context().request.get(f"{site}/{language}/report/2025/report.pdf").body()
    reader = PdfReader(io.BytesIO(content))
    root = reader.root_object
    assert b"pdfuaid:part" in content
    assert root["/Lang"] == language
    assert root["/MarkInfo"]["/Marked"]
    assert root["/ViewerPreferences"]["/DisplayDocTitle"]
    assert all(sheet["/Tabs"] == "/S" for sheet in reader.pages if "/Annots" in sheet)
    parts = list(walk(root["/StructTreeRoot"]))
    kinds = [str(part["/S"]) for part in parts]
    assert all(part.get("/Alt") for part in parts if part["/S"] == "/Figure")
    assert kinds.count("/Table") == kinds.count("/THead") > 10
    levels = [int(kind[2:]) for kind in kinds if re.fullmatch(r"/H\d", kind)]
    assert levels[0] == 1
    assert all(after <= level + 1 for level, after in pairwise(levels))


def walk(node: Any) -> Iterator[Any]:
    """Yield the elements of the structure tree in their order."""
    node = node.get_object()
    if isinstance(node, list):
        for part in node:
            yield from walk(part)
    elif isinstance(node, dict):
        if "/S" in node:
            yield node
        if "/K" in node:
            yield from walk(node["/K"])
