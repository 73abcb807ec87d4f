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


YEARS = "form,2024,2025\nlabour,60,65\nsexual,40,45\n"
ONE_YEAR = "form,count\nlabour,65\nsexual,45\n"


def test_a_table_of_one_year_beside_years_is_told_to_state_its_year(tmp_path: Path) -> None:
    (tmp_path / "years.csv").write_text(YEARS, encoding="utf-8")
    (tmp_path / "one.csv").write_text(ONE_YEAR, encoding="utf-8")
    report = assess_files(tmp_path, [], 10, ReadingOptions())
    assert report.undecided
    text = "If table one counts one period, write it into a new first column of that table."
    assert any(text in note for note in report.notes)
    assert not any("--multi year" in note for note in report.notes)


def test_a_table_that_states_its_year_agrees_with_the_column_of_that_year(tmp_path: Path) -> None:
    (tmp_path / "years.csv").write_text(YEARS, encoding="utf-8")
    rows = "year,form,count\n2025,labour,65\n2025,sexual,45\n"
    (tmp_path / "one.csv").write_text(rows, encoding="utf-8")
    report = assess_files(tmp_path, [], 10, ReadingOptions(is_cumulative=False))
    assert not report.undecided
    assert report.safe
