"""CSV, ODS, JSON and SDMX of an indicator say the same, read back by readers that know no writer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from kerege.publishing.site.files import api_indicator, ods, people_csv, sdmx_files
from kerege.publishing.site.files.figure_file import FigureFile
from tests.publishing.site.files.hand_made import COUNTED, ESTIMATED, HOSTILE_FIGURE
from tests.publishing.site.files.readers import Read, read_csv, read_json, read_ods, read_sdmx_message

SDMX = {"exact": "AF", "rounded": "EF", "noise": "EF", "estimated": "EF", "withheld": "QC"}
PERIODS = {"2025-H1": "2025-S1", "2025-H2": "2025-S2", "2021/2025": "2021-01-01/P5Y"}


@pytest.mark.parametrize("figure", [COUNTED, ESTIMATED, HOSTILE_FIGURE], ids=["counted", "estimated", "hostile"])
def test_every_format_says_the_same_of_every_value(figure: FigureFile) -> None:
    names = [dimension.code for dimension in figure.dimensions]
    expected = {
        (line.period, *line.codes): Read(line.value, line.lower, line.upper, line.status) for line in figure.lines
    }
    assert read_csv(people_csv.write(figure), names) == expected
    languages = {lang: replace(figure, lang=lang) for lang in ("kk", "ru", "en")}
    assert read_json(api_indicator.write(languages), names) == expected
    observed = {
        (PERIODS.get(period, period), *codes): replace(read, status=SDMX[read.status])
        for (period, *codes), read in expected.items()
        if read.status != "absent"
    }
    for suffix in ("csv", "xml"):
        assert read_sdmx_message(sdmx_files.write(figure, suffix), names) == observed
    rows = read_ods(ods.write(figure))[3:]
    assert [row[0] for row in rows] == [line.period for line in figure.lines]
    for row, read in zip(rows, expected.values(), strict=True):
        cells = [None if isinstance(cell, str) else cell for cell in row[2:5]]
        assert cells == [read.value, read.lower, read.upper]


def test_a_withheld_value_is_a_word_in_the_spreadsheet_and_has_no_number_anywhere() -> None:
    [row] = [row for row in read_ods(ods.write(COUNTED)) if row[0] == "2025" and row[1] == "IOM"]
    assert row[2:6] == ["withheld"] * 4
    [read] = [read for read in read_csv(people_csv.write(COUNTED), ["payer"]).values() if read.status == "withheld"]
    assert read == Read(None, None, None, "withheld")
