"""A reading that nothing proves is examined too: its disclosure counts, its safe twin is safe.

All figures are invented.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.evidence.sdc.disclosure.assessment import assess_disclosure
from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.reading.options import PossibleParts

SUBTOTALS = {
    "one block": "area,count\nNorth,100\nGroningen,{}\nFriesland,c\n",
    "below": "area,count\nGroningen,{}\nFriesland,c\nNorth,100\n",
    "two blocks": "area,count\nNorth,100\nGroningen,{}\nFriesland,c\nSouth,300\nBrabant,170\nLimburg,130\n",
    "a value beside": "area,count\nNorth,100\nGroningen,{}\nFriesland,c\nSouth,30\nBrabant,17\nLimburg,13\nCity,50\n",
    "columns": "area,Men,Women\nNorth,100,200\nGroningen,{},120\nFriesland,c,80\nSouth,90,60\nA,50,40\nB,40,20\n",
}
STEPS = {
    "columns": "Region,Detected,Assisted\nNorth,100,{}\nSouth,200,150\n",
    "rows": "stage,count\nDetected,100\nAssisted,{}\n",
    "of people": "Region,Victims,Assisted,Returned\nNorth,140,100,{}\nSouth,200,150,100\n",
    "justice": "Область,Подозреваемые,Осуждено\nСевер,100,{}\nЮг,200,150\n",
}


def is_safe(folder: Path, text: str) -> bool:
    (folder / "t.csv").write_text(text, encoding="utf-8")
    report = assess_disclosure(Publication.read(folder))
    return report.safe


@pytest.mark.parametrize("layout", SUBTOTALS)
def test_subtotals_without_a_total_or_a_mark_are_examined(tmp_path: Path, layout: str) -> None:
    assert [is_safe(tmp_path, SUBTOTALS[layout].format(figure)) for figure in (91, 90)] == [False, True]


@pytest.mark.parametrize("layout", STEPS)
def test_steps_are_examined_as_parts_of_earlier_ones(tmp_path: Path, layout: str) -> None:
    assert [is_safe(tmp_path, STEPS[layout].format(figure)) for figure in (91, 90)] == [False, True]


def test_the_report_says_that_both_readings_were_examined(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(STEPS["columns"].format(60), encoding="utf-8")
    publication = Publication.read(tmp_path)
    reading = PossibleParts("column", (("Assisted", "Detected"),), is_open=True)
    assert publication.possible_readings == [reading]
    assert "Assisted can be parts of Detected, or groups beside them" in reading.note
    assert reading.note in assess_disclosure(publication).notes


def test_steps_beside_a_table_of_the_same_people_contradict_nothing(tmp_path: Path) -> None:
    (tmp_path / "sex.csv").write_text("sex,count\nmale,120\nfemale,180\n", encoding="utf-8")
    for assisted, expected in ((91, False), (90, True)):
        assert is_safe(tmp_path, f"Region,Detected,Assisted\nNorth,100,{assisted}\nSouth,200,150\n") is expected


@pytest.mark.parametrize(
    "text",
    [
        "region,count\nAstana,99\nAkmola,50\nAlmaty,c\nAtyrau,40\n",  # regions of one list
        "unit,count\nCentre A,99\nCentre B,50\nCentre C,c\nCentre D,40\n",
        "Region,Men,Women\nNorth,100,97\nSouth,200,150\n",
        "Region,Victims,Suspects\nNorth,100,97\nSouth,200,150\n",
        "Region,Victims,Cases opened\nNorth,100,97\nSouth,200,150\n",
        "kind of service,count\nShelter,100\nLegal assistance,97\n",
        "area,count\nNorth,100\nGroningen,91\nFriesland,c\nSouth,300\nBrabant,170\n",  # no whole for two of them
        "area,count\nNorth,100\nGroningen,91\nFriesland,20\n",
    ],
)
def test_groups_of_one_kind_are_no_parts_of_each_other(tmp_path: Path, text: str) -> None:
    assert is_safe(tmp_path, text)
