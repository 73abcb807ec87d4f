"""People of a table beside some of them: a planted leak, and a twin that is safe by one person."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.reading.options import PLAIN
from kerege.evidence.sdc.reading.units_of_people import is_some_of, names_people, whole_of

PAIRS = [
    ("Victims", "Children"),
    ("Victims", "Female victims"),
    ("Victims", "Assisted"),
    ("Victims: total", "Victims: children"),
    ("Cases", "Cases with children"),
    ("Число жертв", "детей"),
    ("Құрбандар саны", "әйелдер"),
]


def is_safe(folder: Path, text: str) -> bool:
    """Return whether the command calls a file safe; everything in it was decided."""
    (folder / "t.csv").write_text(text, encoding="utf-8")
    report = assess_files(folder, [], 10, PLAIN)
    assert not report.undecided
    return report.safe


@pytest.mark.parametrize(("whole", "part"), PAIRS)
def test_people_beside_some_of_them(tmp_path: Path, whole: str, part: str) -> None:
    text = f"region,{whole},{part}\nA,50,20\nB,60,{{}}\n"
    assert [is_safe(tmp_path, text.format(figure)) for figure in (51, 50)] == [False, True]


def test_people_beside_all_sexes_with_suppressed_figures(tmp_path: Path) -> None:
    text = "region,Victims,Men,Women\nA,{},40,c\nB,60,30,c\n"
    assert [is_safe(tmp_path, text.format(figure)) for figure in (49, 50)] == [False, True]


@pytest.mark.parametrize("other", ["Suspects", "Accused persons", "Cases"])
def test_other_people_are_not_a_part(tmp_path: Path, other: str) -> None:
    assert is_safe(tmp_path, f"region,Victims,{other}\nA,50,20\nB,60,51\n")


def test_more_than_the_people_are_not_a_part(tmp_path: Path) -> None:
    assert is_safe(tmp_path, "region,Victims,Assisted\nA,50,41\nB,60,71\n")


def test_a_part_that_is_not_published_can_be_all_or_few(tmp_path: Path) -> None:
    assert is_safe(tmp_path, "region,Victims,Children\nA,100,40\nB,60,c\n")


@pytest.mark.parametrize("label", ["Victims", "Number of identified victims", "Число потерпевших", "Адам саны"])
def test_labels_of_people(label: str) -> None:
    assert names_people(label)


@pytest.mark.parametrize("label", ["Female victims", "Number", "Victims of labour exploitation", "Women", ""])
def test_labels_of_other_groups(label: str) -> None:
    assert not names_people(label)


def test_the_whole_is_the_only_label_of_people() -> None:
    assert whole_of(["Children", "Victims"]) == "Victims"
    assert whole_of(["Persons", "Victims", "Women"]) == ""
    assert whole_of(["Victims"]) == ""


def test_a_label_whose_words_all_others_repeat_is_their_whole() -> None:
    assert whole_of(["Female suspects", "Suspects"]) == "Suspects"
    assert whole_of(["Suspects", "Convicted"]) == whole_of(["0-17", "Men"]) == ""


def test_some_of_the_people() -> None:
    assert all(is_some_of(value, "Number of victims") for value in ("Women", "0-17", "Child victims"))
    assert not is_some_of("Assisted", "Number of victims")
