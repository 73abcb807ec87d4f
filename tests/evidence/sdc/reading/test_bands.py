"""Bands of ages in any wording are cut into common pieces, within a table and between tables."""

from __future__ import annotations

import math
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kerege.evidence.sdc.constraints.domains import REST, families
from kerege.evidence.sdc.disclosure.intruder import examine
from kerege.evidence.sdc.reading.bands import NumberBand, parse_band, pieces
from tests.evidence.sdc.disclosure.planted_releases import one, publish
from tests.evidence.sdc.disclosure.test_intruder_planted import about
from tests.evidence.sdc.reading.typed_tables import read_sheets

INF = math.inf


@pytest.mark.parametrize(
    ("text", "low", "high"),
    [
        ("15-17", 15, 17),
        ("0–4", 0, 4),
        ("15 to 17", 15, 17),
        ("15-17 years", 15, 17),
        ("15–17 лет", 15, 17),
        ("15-17 жас", 15, 17),
        ("Y15-24", 15, 24),
        ("aged 15-17", 15, 17),
        ("25+", 25, INF),
        ("Y_GE65", 65, INF),
        ("65 and over", 65, INF),
        ("65 years and older", 65, INF),
        ("65 лет и старше", 65, INF),
        ("65 жас және одан үлкен", 65, INF),
        (">64", 65, INF),
        ("старше 64", 65, INF),
        ("<18", 0, 17),
        ("under 18", 0, 17),
        ("до 18 лет", 0, 17),
        ("младше 18", 0, 17),
        ("Y_LT15", 0, 14),
        ("18 жасқа дейін", 0, 17),
        ("aged under 18", 0, 17),
        ("aged 18 and over", 18, INF),
        ("under age 20", 0, 19),
        ("less than 18 years", 0, 17),
        ("18 years or more", 18, INF),
        ("over 17", 18, INF),
        ("85 & over", 85, INF),
        ("17 and under", 0, 17),
        ("between 15 and 17", 15, 17),
        ("5 to under 10", 5, 9),
        ("Children (0-17)", 0, 17),
        ("18+ (adults)", 18, INF),
        ("дети до 18 лет", 0, 17),
        ("не старше 17 лет", 0, 17),
        ("80 лет и более", 80, INF),
        ("18 жастан жоғары", 18, INF),
        ("15-тен 17-ге дейін", 15, 17),
        ("17", 17, 17),
        ("17 years", 17, 17),
        ("51_plus", 51, INF),
        ("9_17", 9, 17),
        ("2020-2024", 2020, 2024),
    ],
)
def test_a_band_is_read_in_any_wording(text: str, low: float, high: float) -> None:
    assert parse_band(text) == NumberBand(low, high)


@pytest.mark.parametrize(
    "text", ["", "_T", "female", "17-15", "A10", "Almaty", "total", "not stated", "1.5", "-5", "1 2", "Boys 0-17"]
)
def test_another_label_is_no_band(text: str) -> None:
    assert parse_band(text) is None


def test_bands_are_cut_at_all_their_ends() -> None:
    bands = [NumberBand(15, 17), NumberBand(18, 24), NumberBand(15, 24), NumberBand(25, INF), NumberBand(0, 17)]
    cut = [NumberBand(0, 14), NumberBand(15, 17), NumberBand(18, 24), NumberBand(25, INF)]
    assert pieces(bands) == cut


def test_columns_of_overlapping_bands_are_one_family() -> None:
    named = {"age": {"<15", "15-24", "25+"}, "age_group": {"<18", "18+", "unknown"}}
    (family,) = families(None, named, {name: name for name in named})
    assert set(family.atoms) == {
        ("<15", "<18"),
        ("15-24", "<18"),
        ("15-24", "18+"),
        ("25+", "18+"),
        (REST, REST),
        (REST, "unknown"),
        ("<15", "unknown"),
        ("15-24", "unknown"),
        ("25+", "unknown"),
    }


def test_rows_that_break_a_tie_are_not_tied() -> None:
    named = {"age": {"<15", "15+"}, "age_group": {"<18", "18+"}}
    lists = {name: name for name in named}
    kept = pl.DataFrame({"age": ["<15", "15+", "15+"], "age_group": ["<18", "<18", "18+"]})
    assert len(families(kept, named, lists)) == 1
    broken = pl.DataFrame({"age": ["<15", "15+"], "age_group": ["18+", "18+"]})
    assert len(families(broken, named, lists)) == 2


def test_two_tables_with_other_bands_have_columns_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("age,count\nTotal,100\n15-17,30\n18-24,30\n25+,40\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("age,count\nTotal,100\n15-24,60\n25+,40\n", encoding="utf-8")
    (tmp_path / "c.csv").write_text("age,count\nTotal,100\n18-24,30\n25+,40\n", encoding="utf-8")
    assert [sheet.by for sheet in read_sheets(tmp_path)] == [("age",), ("age [bands 2]",), ("age",)]


def test_overlapping_bands_disclose_their_difference(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("age,count\nTotal,200\n15-24,64\n25+,136\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("age,count\nTotal,200\n<18,x\n18-24,60\n25+,136\n", encoding="utf-8")
    report = examine(tmp_path)
    assert ("<18", 4, 4) in {
        (finding.cell.get("age [bands 2]"), finding.lower, finding.upper) for finding in report.disclosures
    }


def test_a_twin_with_one_person_more_is_safe(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("age,count\nTotal,200\n15-24,70\n25+,130\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("age,count\nTotal,200\n<18,x\n18-24,60\n25+,130\n", encoding="utf-8")
    assert examine(tmp_path).safe


def test_bands_of_an_article_disclose_a_band_of_a_release(tmp_path: Path) -> None:
    bands = {"_T": 220, "0_8": 90, "9_17": "", "18_25": ""}
    (tmp_path / "press").mkdir()
    article = "Возраст,Количество\nВсего,220\n0–17 лет,94\n18 лет и старше,126\n"
    (tmp_path / "press" / "news.csv").write_text(article, encoding="utf-8")
    report = publish(tmp_path, one("ages", "age_band", bands), prior=[tmp_path / "press"])
    assert about(report, age_band="9_17") == [("interval", 4, 4)]


@pytest.mark.parametrize(
    ("text", "band"),
    [
        *(("≤17", (0, 17)), ("up to 17", (0, 17)), ("17 or younger", (0, 17)), ("17 and under", (0, 17))),
        *(
            ("от 18", (18, INF)),
            ("с 18", (18, INF)),
            ("≥18", (18, INF)),
            ("over 17", (18, INF)),
            ("18 plus", (18, INF)),
        ),
        *(("18 лет и старше.", (18, INF)), ("Y5", (5, 5)), ("age 5", (5, 5)), ("0", (0, 0)), ("17 - 17", (17, 17))),
        *(("under 0", (0, -1)), ("  15  -  17  ", (15, 17)), ("15 до 17", (15, 17))),
    ],
)
def test_each_wording_says_whether_its_number_is_inside(text: str, band: tuple[float, float]) -> None:
    assert parse_band(text) == NumberBand(*band)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)).map(sorted), max_size=5), st.booleans())
def test_pieces_split_the_numbers_exactly_where_a_band_begins_or_ends(spans: list[list[int]], is_open: bool) -> None:
    """Each number of a band is in one piece, and a band holds a piece that has one of its numbers."""
    bands = [NumberBand(low, high) for low, high in spans] + [NumberBand(9, INF)] * is_open
    cut = pieces(bands)
    for number in range(14):
        holders = [piece for piece in cut if piece.low <= number <= piece.high]
        assert len(holders) == any(band.low <= number <= band.high for band in bands)
        for band in bands if holders else []:
            assert band.contains(holders[0]) == (band.low <= number <= band.high)
    assert len(cut) <= 2 * len(set(bands))


@settings(deadline=None)
@given(*[st.tuples(st.integers(0, 6), st.integers(0, 6)).map(sorted)] * 2)
def test_bands_contain_and_overlap_as_their_numbers_do(first: list[int], second: list[int]) -> None:
    one_band, other = NumberBand(*first), NumberBand(*second)
    numbers, others = set(range(first[0], first[1] + 1)), set(range(second[0], second[1] + 1))
    assert one_band.contains(other) == (others <= numbers)
    assert one_band.overlaps(other) == bool(others & numbers)
