"""A table whose title names some people is tied to the table of all.

All figures are invented.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.evidence.sdc.disclosure.assessment import assess_disclosure
from kerege.evidence.sdc.published_tables.publication import Publication

ALL = "Region,count\nNorth,100\nSouth,200\n"


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        *(("total", "men"), ("all victims", "victims_women"), ("всего", "мужчины"), ("барлығы", "әйелдер")),
        *(("total", "children"), ("всего", "дети"), ("total", "under 18"), ("total", "labour"), ("all", "boys")),
    ],
)
def test_the_others_are_a_group(tmp_path: Path, whole: str, part: str) -> None:
    (tmp_path / f"{whole}.csv").write_text(ALL, encoding="utf-8")
    for north, is_safe in ((91, False), (90, True)):
        (tmp_path / f"{part}.csv").write_text(f"Region,count\nNorth,{north}\nSouth,120\n", encoding="utf-8")
        report = assess_disclosure(Publication.read(tmp_path))
        assert report.safe is is_safe
        assert any("Its title says whom it counts" in note for note in report.notes)


@pytest.mark.parametrize(
    ("titles", "text"),
    [
        (("total", "men and women"), "Region,count\nNorth,91\nSouth,120\n"),
        (("total", "men"), "sex,count\nmale,91\nfemale,120\n"),
        (("total", "minor"), "несовершеннолетний,count\nда,91\nнет,120\n"),
        (("total", "minors_by_region"), "minors,count\nNorth,91\nSouth,120\n"),
        (("total", "2024"), "Region,count\nNorth,91\nSouth,120\n"),
        (("north", "labour"), "Region,count\nNorth,91\nSouth,120\n"),
        (("total", "labour"), "Region,count\nNorth,91\nSouth,201\n"),
    ],
)
def test_other_titles_are_no_filters(tmp_path: Path, titles: tuple[str, str], text: str) -> None:
    for title, content in zip(titles, (ALL, text), strict=True):
        (tmp_path / f"{title}.csv").write_text(content, encoding="utf-8")
    assert all(not sheet.where for sheet in Publication.read(tmp_path).sheets)


def test_a_sex_in_a_title_has_the_label_of_the_other_tables(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("Пол,количество\nмужской,150\nженский,150\n", encoding="utf-8")
    (tmp_path / "men.csv").write_text(ALL, encoding="utf-8")
    assert Publication.read(tmp_path).sheets[1].where == {"Пол": ["мужской"]}


@pytest.mark.parametrize(
    ("whole", "part"),
    [
        *(("victims", "victims_labour"), ("victims", "foreign_victims"), ("detected", "assisted")),
        *(("Kazakhstan", "akmola"), ("national", "akmola"), ("Республика Казахстан", "акмола")),
    ],
)
def test_names_of_a_country_of_a_step_and_with_fewer_words_are_wholes(tmp_path: Path, whole: str, part: str) -> None:
    (tmp_path / f"{whole}.csv").write_text(ALL, encoding="utf-8")
    for north, is_safe in ((91, False), (90, True)):
        (tmp_path / f"{part}.csv").write_text(f"Region,count\nNorth,{north}\nSouth,120\n", encoding="utf-8")
        assert assess_disclosure(Publication.read(tmp_path)).safe is is_safe


def test_a_title_above_a_block_of_a_sheet_is_a_filter(tmp_path: Path) -> None:
    for north, is_safe in ((91, False), (90, True)):
        text = (
            f"All victims,,\nRegion,2024,2025\nNorth,100,150\nSouth,200,260\n,,\nOf them women,,\nRegion,2024,2025\n"
            f"North,{north},90\nSouth,120,140\n"
        )
        (tmp_path / "t.csv").write_text(text, encoding="utf-8")
        assert assess_disclosure(Publication.read(tmp_path)).safe is is_safe
