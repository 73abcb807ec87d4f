"""CSV for people."""

from __future__ import annotations

import csv
import io

from kerege.publishing.site.files import ods, people_csv
from tests.publishing.site.files.hand_made import COUNTED, HOSTILE_FIGURE
from tests.publishing.site.files.readers import read_ods, read_sheets


def test_the_csv_has_its_header_first_behind_a_byte_order_mark() -> None:
    content = people_csv.write(COUNTED)
    assert content.startswith(
        b"\xef\xbb\xbfperiod,payer_code,payer,value,lower,upper,status,status_words,unit,indicator,"
    )


def test_a_spreadsheet_runs_no_title() -> None:
    for row in csv.reader(io.StringIO(people_csv.write(HOSTILE_FIGURE).decode("utf-8-sig"))):
        assert not any(cell.startswith(("=", "+", "@")) for cell in row)
    assert {type(cell) for row in read_ods(ods.write(HOSTILE_FIGURE)) for cell in row} == {str, float}
    formula = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}formula"
    assert not [cell for cell in read_sheets(ods.write(HOSTILE_FIGURE)).iter() if cell.get(formula)]
