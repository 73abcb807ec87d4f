"""Page, CSV, ODS, JSON and SDMX of an indicator say the same to readers that know no writer."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from django.test import Client

from kerege.publishing.site.files.sdmx_files import time_period
from tests.publishing import made
from tests.publishing.site.files.page_table import WITHHELD, PageTable
from tests.publishing.site.files.readers import Read, read_csv, read_json, read_ods, read_sdmx_message

pytestmark = pytest.mark.django_db
SDMX = {"exact": "AF", "rounded": "EF", "noise": "EF", "estimated": "EF", "withheld": "QC"}


def get(path: str) -> bytes:
    """Return the content of a public address."""
    answer = Client(HTTP_HOST="localhost").get(path, secure=True)
    assert answer.status_code == 200, path
    return b"".join(answer)


@pytest.mark.parametrize("indicator_id", ["helped-by-year", "origin", "payers", "hidden-figure"])
def test_every_format_says_the_same_as_the_page(indicator_id: str, house: Path) -> None:
    made.make(house, estimate=made.estimated())
    assert compare(indicator_id) >= 2


def compare(indicator_id: str) -> int:
    """Compare the formats of an indicator, and return the number of its values."""
    address = f"/en/f/{indicator_id}"
    content = get(f"{address}.csv")
    names = [name.removesuffix("_code") for name in content.decode("utf-8-sig").split("\r\n")[0].split(",")]
    dimensions = [name for name in dict.fromkeys(names) if names.count(name) == 2]
    table = read_csv(content, dimensions)
    assert read_json(get(f"/api/v1/indicators/{indicator_id}.json"), dimensions) == table
    rows = read_ods(get(f"{address}.ods"))[3:]
    at = 1 + len(dimensions)
    cells = [[None if isinstance(cell, str) else cell for cell in row[at : at + 3]] for row in rows]
    assert cells == [[value.value, value.lower, value.upper] for value in table.values()]
    observed = {
        (time_period(period)[1], *(code.replace(">", "-") for code in codes)): replace(value, status=SDMX[value.status])
        for (period, *codes), value in table.items()
        if value.status != "absent"
    }
    assert read_sdmx_message(get(f"{address}.sdmx.csv"), dimensions) == observed
    shown = sorted(PageTable(get(f"{address}/").decode()).values.values(), key=str)
    assert shown == sorted(map(numbers_of, table.values()), key=str)
    return len(table)


def numbers_of(value: Read) -> tuple[float | str, ...]:
    """Return the numbers that the page shows of a value: a count, both ends of an estimate, or the word."""
    if value.status == "withheld":
        return (WITHHELD,)
    shown = [value.lower, value.upper] if value.status == "estimated" else [value.value]
    return tuple(number for number in shown if number is not None)
