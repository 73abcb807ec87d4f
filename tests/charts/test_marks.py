"""Marks: words are cut only where they are wider than their line."""

from __future__ import annotations

from kerege.charts.marks import text_width, wrap_text


def test_a_word_that_fits_its_line_is_never_cut() -> None:
    for word in ("Female", "illicit", "Қызметтер", "Мужской"):
        assert wrap_text(word, 12, text_width(word, 12)) == [word]
    assert len(wrap_text("Female", 12, text_width("Female", 12) / 2)) > 1
