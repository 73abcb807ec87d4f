"""Denominators: people by level, sums over joined levels, and files that are refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.mse.by_stratum.population_file import Denominators, read_denominators

ROWS = "sex,age_group,population,source\nf,child,300,census\nf,adult,700,census\nm,child,310,register\nm,adult,650,\n"


def read(folder: Path, text: str, by: list[str] | None = None) -> Denominators:
    file = folder / "population.csv"
    file.write_text(text, encoding="utf-8")
    return read_denominators(file, by or ["sex", "age_group", "form"])


def test_joined_levels_are_added_and_a_covariate_without_a_column_does_not_divide(tmp_path: Path) -> None:
    denominators = read(tmp_path, ROWS)
    assert denominators.columns == ("sex", "age_group")
    assert denominators.of({"sex": ["f"], "age_group": ["adult", "child"], "form": ["labour"]}) == 1000
    assert denominators.of({"sex": ["f", "m"], "age_group": ["adult", "child"], "form": ["labour"]}) == 1960
    assert denominators.sources == ("census", "register")


def test_a_level_that_the_file_lacks_has_no_denominator(tmp_path: Path) -> None:
    assert read(tmp_path, ROWS).of({"sex": ["f", "_U"], "age_group": ["child"], "form": ["x"]}) is None
    assert Denominators().of({"sex": ["f"]}) is None


def test_separators_and_the_name_persons_are_read(tmp_path: Path) -> None:
    assert read(tmp_path, "sex;persons\nf;300\nm;310\n").of({"sex": ["f", "m"]}) == 610


def test_other_encodings_are_read_if_they_are_named(tmp_path: Path) -> None:
    file = tmp_path / "population.csv"
    file.write_bytes("форма;persons\nтруд;300\n".encode("cp1251"))
    assert read_denominators(file, ["форма"], "cp1251").of({"форма": ["труд"]}) == 300
    with pytest.raises(BadInput, match="--encoding"):
        read_denominators(file, ["форма"])


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("sex,count\nf,3\n", "has no column of people"),
        ("population\n3\n", "has no column of a covariate"),
        ("sex,region,population\nf,a,3\n", "is not a covariate of --by"),
        ("sex,population\nf,3\nf,4\n", "has the levels of an earlier row"),
        ("sex,population\nf,0\n", "is not a whole number of people above 0"),
        ("sex,population\nf,1.5\n", "is not a whole number of people above 0"),
        ("sex,population\nf,\n", "is not a whole number of people above 0"),
        ("sex,population\nf\n", "is not a whole number of people above 0"),
        ("sex,population\n", "has no rows"),
        ("sex,population\nf,3,4\n", "has more cells than the header"),
        (f"sex,population\n{'f' * 200_000},3\n", "is not CSV"),
    ],
)
def test_other_files_are_refused(tmp_path: Path, text: str, fault: str) -> None:
    with pytest.raises(BadInput) as refused:
        read(tmp_path, text)
    assert fault in [problem.what for problem in refused.value.faults]


def test_a_file_that_does_not_exist_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read_denominators(tmp_path / "none.csv", ["sex"])
