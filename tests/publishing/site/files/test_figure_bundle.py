"""Chart, table, CSV, ODS, JSON and SDMX of an indicator say the same to readers that know no writer."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from kerege.publishing.site.files.sdmx_files import time_period
from kerege.publishing.site.indicators import find_indicator
from tests.publishing import made
from tests.publishing.site.files.chart_marks import ChartMark, ChartMarks, faults_of_lengths
from tests.publishing.site.files.page_table import WITHHELD, PageTable
from tests.publishing.site.files.readers import Key, Read, read_csv, read_json, read_ods, read_sdmx_message

pytestmark = pytest.mark.django_db
SDMX = {"exact": "AF", "rounded": "EF", "noise": "EF", "estimated": "EF", "withheld": "QC"}
LENGTHS = {"columns", "bars", "stacked"}  # kinds of charts whose marks are as long as their numbers
SHORT = {"flow"}  # kinds of charts that show the largest values only


def get(path: str) -> bytes:
    """Return the content of a public address."""
    answer = Client(HTTP_HOST="localhost").get(path, secure=True)
    assert answer.status_code == 200, path
    return b"".join(answer)


@pytest.mark.parametrize(
    ("indicator_id", "lang"),
    [("helped-by-year", "en"), ("origin", "ru"), ("payers", "kk"), ("hidden-figure", "en"), ("corridors", "en")],
)
def test_every_format_says_the_same_as_the_page(indicator_id: str, lang: str, house: Path) -> None:
    made.make(house, estimate=made.estimated(), changes={"origin": {("TJ",): (30, "perturbed")}})
    assert compare(indicator_id, lang) >= 2


def compare(indicator_id: str, lang: str = "en") -> int:
    """Compare the formats of an indicator, and return the number of its values."""
    address = f"/{lang}/f/{indicator_id}"
    content = get(f"{address}.csv")
    lines = list(csv.DictReader(io.StringIO(content.decode("utf-8-sig"))))
    dimensions = [name.removesuffix("_code") for name in lines[0] if name.endswith("_code")]
    table = read_csv(content, dimensions)
    assert read_json(get(f"/api/v1/indicators/{indicator_id}.json"), dimensions) == table
    compare_spreadsheet(get(f"{address}.ods"), lines, dimensions, table)
    observed = {
        (time_period(period)[1], *(code.replace(">", "-") for code in codes)): replace(value, status=SDMX[value.status])
        for (period, *codes), value in table.items()
        if value.status != "absent"
    }
    for suffix in ("csv", "xml"):
        assert read_sdmx_message(get(f"{address}.sdmx.{suffix}"), dimensions) == observed
    page = get(f"{address}/").decode()
    shown = PageTable(page).values
    assert shown == {anchor_of(key, shown): numbers_of(value) for key, value in table.items()}
    compare_chart(indicator_id, page, shown, get(f"{address}.svg").decode() if "data-reader" in page else "")
    return len(table)


def compare_spreadsheet(
    content: bytes, lines: list[dict[str, str]], dimensions: list[str], table: dict[Key, Read]
) -> None:
    """Compare the last sheet with the CSV: labels and numbers of each row."""
    rows, at = read_ods(content)[3:], 1 + len(dimensions)
    assert [row[:at] for row in rows] == [[line["period"], *(line[name] for name in dimensions)] for line in lines]
    cells = [[None if isinstance(cell, str) else cell for cell in row[at : at + 3]] for row in rows]
    assert cells == [[value.value, value.lower, value.upper] for value in table.values()]


def compare_chart(indicator_id: str, page: str, shown: dict[str, tuple[float | str, ...]], picture: str) -> None:
    """Compare both drawings of the page and the saved picture with the table of the page."""
    indicator = find_indicator(indicator_id)
    assert indicator
    kind, drawn = indicator.chart, page.partition('<div class="chart" data-reader>')[2]
    if not drawn:
        return
    drawings = [*(drawn.partition(f'<div class="{name}">')[2] for name in ("wide", "narrow")), picture]
    wide, narrow, saved = (without_joined(ChartMarks(drawing).marks) for drawing in drawings)
    assert wide
    for marks in (wide, narrow, saved):
        assert {key: mark.numbers for key, mark in marks.items()} == {key: shown.get(key, ()) for key in marks}
        if kind in LENGTHS:
            assert faults_of_lengths(marks) == []
    if kind not in SHORT:
        assert missing_in(wide, shown) == missing_in(saved, shown) == set()


def without_joined(marks: dict[str, ChartMark]) -> dict[str, ChartMark]:
    """Return the marks without those that join the withheld parts of a column."""
    return {key: mark for key, mark in marks.items() if not key.endswith("-_W")}


def missing_in(marks: dict[str, ChartMark], shown: dict[str, tuple[float | str, ...]]) -> set[str]:
    """Return the numbers that are not drawn; totals and zeros have no mark, withheld ones share a line."""
    numbers = {key for key, value in shown.items() if value not in {(), (0,), (WITHHELD,)}}
    totals = {key for key in numbers if "-total-" in key or key.endswith("-total")} if len(numbers) > 1 else set()
    return numbers - totals - marks.keys()


def anchor_of(key: Key, anchors: dict[str, tuple[float | str, ...]]) -> str:
    """Return the anchor of a row of the CSV, which names mark and series, or one of them and a period."""
    period, *codes = ("total" if code == "_T" else code.replace(">", "-") for code in key)
    if len(codes) == 2:
        return f"v-{codes[0]}-{codes[1]}"
    [anchor] = {
        *(anchor for anchor in anchors if anchor.startswith(f"v-{codes[0]}-")),
        *(f"v-{mark}-{codes[0]}" for mark in (period, "total") if f"v-{mark}-{codes[0]}" in anchors),
    }
    return anchor


def numbers_of(value: Read) -> tuple[float | str, ...]:
    """Return the numbers that the page shows of a value: a count, both ends of an estimate, or the word."""
    if value.status == "withheld":
        return (WITHHELD,)
    shown = [value.lower, value.upper] if value.status == "estimated" else [value.value]
    return tuple(number for number in shown if number is not None)
