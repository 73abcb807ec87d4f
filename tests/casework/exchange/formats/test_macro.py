"""The macro of IOM's workbook hides a second choice; an import says where."""

from __future__ import annotations

from itertools import permutations
from pathlib import Path

from kerege.casework.exchange.formats.macro import hiding_labels
from kerege.vocabulary.labels import htcds_labels
from tests.casework.exchange.formats.test_recognition import read
from tests.casework.exchange.formats.workbooks import iom_workbook


def test_a_country_that_hides_another_is_named_by_its_row(tmp_path: Path) -> None:
    people = [
        {"First Name": "A", "Citizenship": text} for text in ("Nigeria", "Niger", "Nigeria; Kenya", "Guinea-Bissau")
    ]
    (note,) = [note for note in read(iom_workbook(tmp_path / "a.xlsm", people))[0].notes if "macro" in note]
    assert note.startswith("rows 3, 6, column Citizenship")
    assert not any("macro" in note for note in read(iom_workbook(tmp_path / "a.xlsx", people))[0].notes)


def test_every_pair_of_countries_in_which_one_name_holds_the_other_is_known() -> None:
    pairs = [(a, b) for a, b in permutations(htcds_labels("country").values(), 2) if a in b]
    assert len(pairs) == 12
    assert len(hiding_labels("country")) == len({longer for _, longer in pairs})
