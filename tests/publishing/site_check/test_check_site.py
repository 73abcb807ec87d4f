"""The check of a site without a network finds each planted fault, and none in a site as exported."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from kerege.publishing.site_check.check_site import check_site
from kerege.publishing.site_check.weight_check import limit_of
from tests.publishing.export_site.conftest import site

__all__ = ["site"]
pytestmark = pytest.mark.django_db  # the exported site is made from a database
PAGE = "en/f/sex/index.html"
Change = Callable[[str], str]


def plant(site: Path, copied: Path, name: str, change: Change) -> dict[str, list[str]]:
    """Return the faults of a copy of a site in which one file is changed."""
    shutil.copytree(site, copied)
    path = copied / name
    text = path.read_text(encoding="utf-8")
    assert change(text) != text
    path.write_text(change(text), encoding="utf-8")
    return check_site(copied).faults


def put(words: str) -> Change:
    """Return a change that puts words at the end of the main part of a page."""
    return lambda text: text.replace("</main>", f"{words}</main>")


def test_a_site_as_exported_has_no_fault_and_a_note_about_410(site: Path) -> None:
    report = check_site(site)
    assert {name: faults for name, faults in report.faults.items() if faults} == {}
    assert report.pages > 15
    assert "a host that cannot send 410 shows the reasons with status 200 and noindex" in report.notes[0]


@pytest.mark.parametrize(
    ("check", "name", "change", "fault"),
    [
        ("links", PAGE, put('<a href="/en/nothing/">x</a>'), "leads to /en/nothing/, which does not exist"),
        ("links", PAGE, put('<a href="/en/#nothing">x</a>'), "the page has no such anchor"),
        ("links", PAGE, put('<img src="https://example.org/x.png" alt="">'), "loads or names https://example.org"),
        ("translations", PAGE, lambda text: text.replace('rel="alternate"', ""), "which does not lead back"),
        ("languages", PAGE.replace("en/", "ru/", 1), put("<p>the number of people who were helped</p>"), "in English"),
        (
            "languages",
            PAGE.replace("en/", "ru/", 1),
            put('<b title="the number of people who were helped"></b>'),
            "in English",
        ),
        ("languages", PAGE, lambda text: text.replace('<html lang="en"', '<html lang="ru"'), "its language is ru"),
        ("policy", PAGE, put('<form action="/"></form>'), "holds a form"),
        ("policy", PAGE, put('<p style="color:red">x</p>'), "a style or script inside the page"),
        (
            "policy",
            PAGE,
            lambda text: text.replace("Content-Security-Policy", "x"),
            "states no content security policy",
        ),
        ("weights", PAGE, put("".join(f"{n * n * 7919:x}" for n in range(70_000))), "kB on a first visit"),
        ("figures and claims", PAGE, lambda text: re.sub(r'value="980"', 'value="981"', text), "981"),
        ("figures and claims", "en/law/index.html", lambda text: text.replace("Article 18.", "Article 94."), "94 in"),
        ("releases", "en/r/annual-2025/tables/sex.csv", lambda text: text + "x,1,ok\n", "differs from what was"),
        ("signature", "site.json", lambda text: text.replace("2026-07-30", "2026-07-31"), "signature does not fit"),
    ],
    ids=lambda value: value if isinstance(value, str) and " " not in value and "/" not in value else "",
)
def test_each_planted_fault_is_found(
    site: Path, tmp_path: Path, check: str, name: str, change: Change, fault: str
) -> None:
    faults = plant(site, tmp_path / "copy", name, change)
    assert any(fault in sentence for sentence in faults[check]), faults[check]


@pytest.mark.parametrize(
    ("address", "limit"),
    [
        ("en/", 110),
        ("kk/report/2025/", 110),
        ("kk/report/2025/help/", 150),
        ("ru/f/helped-by-year/", 90),
        ("ru/f/", 150),
        ("en/help/", 20),
        ("en/help/uz/", 20),
        ("embed/helped-by-year/", 25),
    ],
)
def test_each_kind_of_page_has_its_limit_of_weight(address: str, limit: int) -> None:
    assert limit_of(address) == limit
