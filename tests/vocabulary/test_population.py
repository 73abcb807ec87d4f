"""Populations for rates: cited sources; a file is read completely or not at all."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.vocabulary import codes, population
from kerege.vocabulary.code_files import read_pack_csv
from kerege.vocabulary.population import Population

HEADER = "year,sex,age_group,persons,source\n"


def test_every_bundled_population_is_mid_year_and_has_a_source() -> None:
    for row in read_pack_csv("population.csv"):
        assert date.fromisoformat(row["day"]) == date(int(row["year"]), 7, 1)
        assert row["url"].startswith("https://")
        assert row["source"]
        assert row["confirmed"] in {"yes", "no"}
        assert row["sex"] in population.SEXES
        assert row["age_group"] in population.AGES
        assert row["country"] in codes.code_list("country").codes


def test_the_sexes_of_a_year_add_up_to_its_total() -> None:
    sums: dict[int, dict[str, int]] = defaultdict(dict)
    for (_, year, sex, age), population_figure in population.bundled_populations().items():
        if age == "_T":
            sums[year][sex] = population_figure.persons
    both = [sexes for sexes in sums.values() if {"female", "male"} <= set(sexes)]
    assert both
    assert all(sexes["female"] + sexes["male"] == sexes["_T"] for sexes in both)


def test_an_unconfirmed_figure_is_marked() -> None:
    assert Population(1_000, "A", False).with_source == "1,000 persons, A (unconfirmed)"
    assert Population(1_000, "A", True).with_source == "1,000 persons, A"
    assert not any(figure.confirmed for figure in population.bundled_populations().values())


def test_the_profile_applies_if_confirmed_or_if_nothing_is_bundled() -> None:
    key = ("KZ", 2025, "_T", "_T")
    rough, sure = Population(20_000_000, "rounded", False), Population(20_400_000, "the office", True)
    assert population.populations_of("KZ", rough, 2025)[key] == population.bundled_populations()[key]
    assert population.populations_of("KZ", sure, 2025)[key] == sure
    assert population.populations_of("UZ", rough, 2025) == {("UZ", 2025, "_T", "_T"): rough}
    assert population.populations_of("KZ", rough, 2019)["KZ", 2019, "_T", "_T"] == rough


def test_a_file_of_the_office_is_read(tmp_path: Path) -> None:
    path = tmp_path / "population.csv"
    path.write_text(HEADER + "2025,female,child,3400000,Statistics office\n", encoding="utf-8-sig")
    assert population.read(path, "KZ") == {
        ("KZ", 2025, "female", "child"): Population(3_400_000, "Statistics office", True)
    }


@pytest.mark.parametrize(
    ("line", "column"),
    [
        ("25,_T,_T,1,s", "year"),
        ("２０２５,_T,_T,1,s", "year"),
        ("2025,women,_T,1,s", "sex"),
        ("2025,_T,adults,1,s", "age_group"),
        ("2025,_T,_T,0,s", "persons"),
        ("2025,_T,_T,-5,s", "persons"),
        ("2025,_T,_T,1.5,s", "persons"),
        ("2025,_T,_T,1, ", "source"),
        ("2025,_T", "persons"),
    ],
)
def test_a_wrong_row_is_reported_with_its_column(tmp_path: Path, line: str, column: str) -> None:
    path = tmp_path / "population.csv"
    path.write_text(HEADER + "2025,_T,_T,20,s\n" + line + "\n")
    with pytest.raises(BadInput) as bad:
        population.read(path, "KZ")
    assert bad.value.faults[0].row == 3
    assert column in {fault.column for fault in bad.value.faults}


@pytest.mark.parametrize("content", [b"year,sex\n2025,_T\n", b"\xff\xfe\x00", None])
def test_an_invalid_file_is_refused_in_one_sentence(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "population.csv"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(BadInput) as bad:
        population.read(path, "KZ")
    assert len(bad.value.faults) == 1
