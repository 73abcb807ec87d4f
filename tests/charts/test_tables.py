"""Table and CSV of a chart."""

from __future__ import annotations

import csv
import dataclasses
from io import StringIO

from kerege.charts import Value, csv_of, table_of
from tests.charts.given_charts import IOM, STATE, by_year, simple


def test_table_and_csv_hold_the_same_numbers_as_the_chart() -> None:
    rows = table_of(by_year())
    assert [row[1] for row in rows[1:18]] == [str(count) for count in IOM]
    assert [row[2] for row in rows[18:]] == [str(count) for count in STATE]
    read = [row for row in csv.DictReader(StringIO(csv_of(by_year()))) if row["status"] == "exact"]
    assert [int(row["value"]) for row in read] == [*IOM, *STATE]
    assert all(row["lower"] == row["upper"] == row["value"] for row in read)


def test_withheld_is_a_word_and_absent_a_dash_in_each_language() -> None:
    chart = simple("columns", {"2024": Value.withheld(9), "2025": Value.absent()})
    words = {
        lang: [row[1] for row in table_of(dataclasses.replace(chart, lang=lang))[1:]] for lang in ("kk", "ru", "en")
    }
    assert words == {"kk": ["жасырылған", "–"], "ru": ["скрыто", "–"], "en": ["withheld", "–"]}


def test_thousands_are_grouped_by_language() -> None:
    chart = simple("columns", {"2025": 1891})
    texts = {lang: table_of(dataclasses.replace(chart, lang=lang))[1][1] for lang in ("kk", "ru", "en")}
    assert texts == {"kk": "1\u00a0891", "ru": "1\u00a0891", "en": "1,891"}


def test_a_withheld_value_has_limits_and_no_number_in_csv() -> None:
    row = next(csv.DictReader(StringIO(csv_of(simple("columns", {"2025": Value.withheld(9)})))))
    assert [row[name] for name in ("value", "lower", "upper", "status")] == ["", "0", "9", "withheld"]


def test_a_label_that_a_spreadsheet_would_run_is_guarded_in_csv() -> None:
    assert next(csv.DictReader(StringIO(csv_of(simple("columns", {"=1+1": 1})))))["period"] == "'=1+1"
