"""Values that sum to more people than another table counts are undecided."""

from __future__ import annotations

from pathlib import Path

from kerege.cli.attack_files import assess_files
from kerege.evidence.sdc.reading.options import ReadingOptions

FORMS = "form,count\nlabour,60\nsexual,55\nbegging,40\n"


def test_an_undeclared_column_of_several_values_is_undecided_until_it_is_named(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FORMS, encoding="utf-8")
    for sexes in ("sex,count\nfemale,60\nmale,40\n", "sex,count\nfemale,60\nmale,40\nTotal,100\n"):
        (tmp_path / "b.csv").write_text(sexes, encoding="utf-8")
        report = assess_files(tmp_path, [], 10, ReadingOptions())
        assert report.undecided
        text = (
            "its values sum to 155, but table b counts 100. If one person can have several of them, say --multi form."
        )
        assert any(note.endswith(text) for note in report.notes)
        assert assess_files(tmp_path, [], 10, ReadingOptions(multi=frozenset({"form"}))).safe


def test_the_sentence_names_the_column_that_exceeds_its_own_total(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text(FORMS + "Total,100\n", encoding="utf-8")
    report = assess_files(tmp_path, [], 10, ReadingOptions())
    assert report.undecided
    assert any("If one person can have several of them, say --multi form." in note for note in report.notes)
