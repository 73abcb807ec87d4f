"""Static assets: local, reviewed by checksum, never inline."""

from __future__ import annotations

import hashlib
import json
import re
from pathlib import Path

import pytest
from django.test import Client

ROOT = Path(__file__).resolve().parents[2]
SOURCE = ROOT / "src" / "kerege"
VENDORED = [SOURCE / "web/static/vendor", ROOT / "tests/web/vendor"]
STATIC = SOURCE / "web" / "static"
TEMPLATES = sorted(SOURCE.rglob("templates/**/*.html"))
OWN_ASSETS = sorted(path for path in STATIC.rglob("*") if path.suffix in {".css", ".js"} and "vendor" not in path.parts)
OWN_SCRIPTS = sorted(path for path in SOURCE.rglob("static/**/*.js") if "vendor" not in path.parts)
# External addresses that a page loads or sends to without the user. A link may lead elsewhere; the quick exit must.
FOREIGN = re.compile(
    r"""(?:\b(?:src|srcset|action|data)|<link[^>]*\bhref)\s*=\s*["']?(?:https?:)?//|url\(\s*["']?(?:https?:)?//|@import""",
    re.I,
)
INLINE = re.compile(
    r"""<style|\sstyle\s*=|\son[a-z]+\s*=|javascript:|<script(?![^>]*\b(?:src=|type="application/(?:ld\+)?json"))""",
    re.I,
)
# A date or time with a format of its own; pages use the filters `day`, `date_time` and `clock`.
OWN_DATE_FORMAT = re.compile(r"\|\s*(?:date|time)\s*(?::|\||[%}])|\{%\s*now\b|_DATE(?:TIME)?_FORMAT|strftime")
# The same in Python and JavaScript. Formats of ISO 8601 are for machines.
OWN_PYTHON_FORMAT = re.compile(r"%d\.%m|%d/%m|%B|[: ]%H:%M|\bdate_format\(|toLocale\w*\((?:\[\])?[,)]")
DATES = "web/partial_dates.py"


@pytest.mark.parametrize("base", VENDORED, ids=["pages", "tests"])
def test_vendored_files_match_their_reviewed_checksums(base: Path) -> None:
    files = [path for path in base.rglob("*") if path.is_file() and path.name != "CHECKSUMS.json"]
    checksums = {path.relative_to(base).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest() for path in files}
    assert checksums == json.loads((base / "CHECKSUMS.json").read_text())


def test_every_vendored_package_has_its_licence() -> None:
    packages = [folder for base in VENDORED for folder in base.iterdir() if folder.is_dir()]
    assert len(packages) >= 6
    assert not [folder.name for folder in packages if not (folder / "LICENSE").is_file()]


def test_no_template_style_or_script_names_another_host() -> None:
    vendored = sorted(STATIC.rglob("vendor/**/*.css"))
    faults = [str(path) for path in [*TEMPLATES, *OWN_ASSETS, *vendored] if FOREIGN.search(path.read_text("utf-8"))]
    assert not faults


def test_every_whole_page_names_its_icon() -> None:
    """A browser asks for /favicon.ico when a page names none."""
    whole = [path for path in TEMPLATES if "<html" in path.read_text("utf-8")]
    assert len(whole) >= 9
    assert not [str(path) for path in whole if 'rel="icon"' not in path.read_text("utf-8")]


def test_the_server_has_the_icon_that_browsers_ask_for_beside_a_file(client: Client) -> None:
    answer = client.get("/favicon.ico")
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content).startswith(b"\0\0\1\0")


def test_no_template_has_a_date_format_of_its_own() -> None:
    faults = {str(path): OWN_DATE_FORMAT.findall(path.read_text("utf-8")) for path in TEMPLATES}
    assert not {path: matches for path, matches in faults.items() if matches}


def test_only_one_module_writes_dates_for_readers() -> None:
    paths = [path for path in SOURCE.rglob("*.py") if not {"formats", "migrations"} & set(path.parts)]
    texts = {path.relative_to(SOURCE).as_posix(): path.read_text("utf-8") for path in [*paths, *OWN_ASSETS]}
    faults = {name: OWN_PYTHON_FORMAT.findall(text) for name, text in texts.items() if name != DATES}
    assert OWN_PYTHON_FORMAT.search(texts[DATES])
    assert not {name: matches for name, matches in faults.items() if matches}


def test_no_template_holds_inline_style_or_script() -> None:
    faults = {str(path): INLINE.findall(path.read_text("utf-8")) for path in TEMPLATES}
    assert not {path: matches for path, matches in faults.items() if matches}


def test_our_scripts_write_no_html_and_run_no_text() -> None:
    forbidden = re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|Object\.assign|__proto__"
    )
    scripts = [path for path in OWN_SCRIPTS if forbidden.search(path.read_text("utf-8"))]
    assert OWN_SCRIPTS
    assert not scripts


def test_crown_and_transport_font_are_not_shipped() -> None:
    styles = "".join(path.read_text("utf-8") for path in STATIC.rglob("vendor/**/*.css"))
    assert "GDS Transport" not in styles
    assert not re.findall(r"url\([^)]*(?:crest|crown|logo)", styles)
    assert not [path for path in STATIC.rglob("*") if re.search("crest|crown|opengraph|transport", path.name, re.I)]


def test_every_referenced_asset_exists() -> None:
    for path in [*OWN_ASSETS, *STATIC.rglob("vendor/**/*.css")]:
        for name in re.findall(r"""url\(["']?([^"')]+)["']?\)""", path.read_text("utf-8")):
            assert name.startswith("data:") or (path.parent / name).resolve().is_file(), f"{path.name}: {name}"
    for path in TEMPLATES:
        for name in re.findall(r"""{% static ['"](kerege|vendor)(/[^'"]+)['"]""", path.read_text("utf-8")):
            assert (STATIC / "".join(name)).is_file(), f"{path}: {name}"


def test_every_letter_of_the_three_languages_has_a_font_file() -> None:
    style = (STATIC / "kerege/kerege.css").read_text("utf-8")
    ranges = re.findall(r"U\+([0-9A-F]{4})(?:-([0-9A-F]{4}))?", style)
    covered = [(int(first, 16), int(last or first, 16)) for first, last in ranges]
    letters = "AZaz АЯая ЁёІі ӘәҒғҚқҢңӨөҰұҮүҺһ ЎўҲҳ ҶҷӢӣӮӯ ʻ№«»–— ₸".replace(" ", "")
    assert not [letter for letter in letters if not any(low <= ord(letter) <= high for low, high in covered)]
