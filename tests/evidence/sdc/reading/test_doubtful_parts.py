"""Parts after `of which` of which one can be a part of the part before it."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.reading.options import ReadingOptions


def notes(folder: Path, text: str) -> list[str]:
    """Return the notes of the report on a CSV file."""
    (folder / "t.csv").write_text(text, encoding="utf-8")
    return assess_files(folder, [], 10, ReadingOptions()).notes


@pytest.mark.parametrize(
    ("whole", "part"), [("children", "girls"), ("foreign nationals", "foreign women"), ("иностранцев", "иностранок")]
)
def test_a_part_that_can_be_within_the_part_before_it_is_undecided(tmp_path: Path, whole: str, part: str) -> None:
    """120 and 116: 4 people are in the first and not in the second, if the second is a part of it."""
    which = "из них" if part > "z" else "of which"
    for number, expected in ((116, True), (90, False), (130, False)):
        text = f"item,count\nTotal,300\n{which} {whole},120\n{which} {part},{number}\n"
        refusals = [note for note in notes(tmp_path, text) if f"undecided: column {part}, which can be a part" in note]
        assert bool(refusals) is expected, number


def test_the_indent_of_a_part_says_of_what_it_is_a_part(tmp_path: Path) -> None:
    text = "item,count\nTotal,300\n  of which minors,80\n    of which girls,{}\n  of which men,100\n"
    for girls, is_safe in ((76, False), (70, True)):
        (tmp_path / "t.csv").write_text(text.format(girls))
        assert assess_files(tmp_path, [], 10, ReadingOptions()).safe is is_safe
