"""Hierarchies of tau-ARGUS and TOML files split a column with levels into columns of one family."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.sdc.constraints.domains import REST, families
from kerege.evidence.sdc.reading.hierarchies import (
    code_path,
    is_within,
    parse_hrc,
    parse_toml,
    read_hierarchies,
    with_path,
)
from kerege.evidence.sdc.reading.options import ReadingOptions
from tests.evidence.sdc.reading.typed_tables import cells, read_sheets

HRC = "Noord\n@Groningen\n@Friesland\nZuid\n@Brabant\n@@Breda\n@@Tilburg\n@Limburg\n"
PARENTS = {
    "Groningen": "Noord",
    "Friesland": "Noord",
    "Brabant": "Zuid",
    "Breda": "Brabant",
    "Tilburg": "Brabant",
    "Limburg": "Zuid",
}
TABLE = "area,count\nTotal,100\nNoord,40\nZuid,60\nGroningen,30\nFriesland,x\nBrabant,50\nLimburg,x\n"


def test_a_file_of_tau_argus() -> None:
    assert parse_hrc(HRC, "area.hrc") == PARENTS


def test_a_toml_file() -> None:
    text = '[area]\nNoord = ["Groningen", "Friesland"]\nZuid = ["Brabant", "Limburg"]\nBrabant = ["Breda", "Tilburg"]\n'
    assert parse_toml(text, "levels.toml") == {"area": PARENTS}


@pytest.mark.parametrize(
    ("text", "words"),
    [("@A\n", "row 1: is deeper"), ("A\n@@B\n", "row 2: is deeper"), ("A\n@B\nA\n", "row 3: names A again")],
)
def test_a_broken_file_of_tau_argus_gives_one_fault(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse_hrc(text, "area.hrc")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[area", "is not TOML"),
        ('area = ["a"]', "holds no lists of codes"),
        ('[area]\na = "b"', "holds no lists of codes"),
        ('[area]\na = ["b"]\nc = ["b"]', "names b again"),
        ('[area]\na = ["b"]\nb = ["a"]', "is its own parent"),
    ],
)
def test_a_broken_toml_file_gives_one_fault(text: str, words: str) -> None:
    with pytest.raises(BadInput, match=words):
        parse_toml(text, "levels.toml")


def test_a_file_names_its_column(tmp_path: Path) -> None:
    path = tmp_path / "area.hrc"
    path.write_text(HRC, encoding="utf-8")
    assert read_hierarchies(str(path)) == {"area": PARENTS}
    assert read_hierarchies(f"region={path}") == {"region": PARENTS}
    with pytest.raises(BadInput, match="cannot be read"):
        read_hierarchies(str(tmp_path / "none.hrc"))


def test_levels_of_one_column_are_sheets_of_one_family(tmp_path: Path) -> None:
    (tmp_path / "t.csv").write_text(TABLE, encoding="utf-8")
    fine, wide = read_sheets(tmp_path, ReadingOptions(hierarchies={"area": PARENTS}))
    assert fine.axes == (("_T", "Noord › Groningen", "Noord › Friesland", "Zuid › Brabant", "Zuid › Limburg"),)
    assert (wide.by, wide.axes) == (("area [level 2]",), (("_T", "Noord", "Zuid"),))
    assert cells(wide)["Zuid",] == (60, 60)
    assert not {"area"} & fine.multi
    named = {sheet.by[0]: set(sheet.axes[0][1:]) for sheet in (fine, wide)}
    (family,) = families(None, named, {name: name for name in named})
    assert ("Noord › Groningen", "Noord") in family.atoms
    assert (REST, "Noord") in family.atoms
    assert ("Noord › Groningen", "Zuid") not in family.atoms
    assert (REST, REST) in family.atoms


def test_every_combination_of_levels_is_a_sheet(tmp_path: Path) -> None:
    text = "area,age,count\n" + "".join(
        f"{area},{age},10\n" for area in ("A", "B", "A1", "A2") for age in ("15-17", "18-24", "15-24", "25+")
    )
    (tmp_path / "t.csv").write_text(text, encoding="utf-8")
    sheets = read_sheets(tmp_path, ReadingOptions(hierarchies={"area": {"A1": "A", "A2": "A"}}))
    assert [sheet.by for sheet in sheets] == [
        ("area", "age"),
        ("area", "age [bands 2]"),
        ("area [level 2]", "age"),
        ("area [level 2]", "age [bands 2]"),
    ]
    assert sheets[1].axes == (("_T", "B", "A › A1", "A › A2"), ("_T", "15-24", "25+"))


TOWNS = {"Groningen": "North", "Ten Boer": "Groningen", "Breda": "South"}


def test_the_path_of_a_code_begins_with_its_highest_parent() -> None:
    assert code_path("Ten Boer", TOWNS) == ["North", "Groningen", "Ten Boer"]
    assert with_path("Ten Boer", TOWNS) == "North › Groningen › Ten Boer"
    assert with_path("North", TOWNS) == "North"


def test_a_circle_of_codes_ends() -> None:
    assert len(code_path("a", {"a": "b", "b": "a"})) > 3


def test_a_code_lies_within_the_codes_of_its_path() -> None:
    path = with_path("Ten Boer", TOWNS)
    assert [is_within(path, with_path(code, TOWNS)) for code in ("North", "Groningen", "Ten Boer", "South")] == [
        *(True, True, True, False)
    ]
    assert not is_within("North", path)
    assert not is_within("Northern", "North")


def test_a_line_may_go_back_to_any_level() -> None:
    assert parse_hrc("A\n@a\n@@x\n\n@b\nB\n@c\n", "t.hrc") == {"a": "A", "x": "a", "b": "A", "c": "B"}


def test_a_toml_file_names_its_columns_whatever_the_argument(tmp_path: Path) -> None:
    (tmp_path / "t.toml").write_text("[region]\nNorth = ['Groningen']\n")
    assert read_hierarchies(f"x={tmp_path / 't.toml'}") == {"region": {"Groningen": "North"}}


def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"no\.hrc: cannot be read, give a \.hrc or a TOML file in UTF-8"):
        read_hierarchies(str(tmp_path / "no.hrc"))
    (tmp_path / "bad.hrc").write_bytes(b"\xff\xfe")
    with pytest.raises(BadInput, match="cannot be read"):
        read_hierarchies(str(tmp_path / "bad.hrc"))
