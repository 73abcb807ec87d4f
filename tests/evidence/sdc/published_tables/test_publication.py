"""Reading of the files of a publication: a stated unit goes with the form of Kerege's own tables."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.sdc.disclosure.intruder import examine
from kerege.evidence.sdc.published_tables.publication import Publication


def folder(root: Path, text: str, of: str = "victims") -> Path:
    """Write a table with a manifest that a user wrote, and return the folder."""
    (root / "sex.csv").write_text(text, encoding="utf-8")
    (root / "manifest.json").write_text(json.dumps({"tables": [{"name": "sex", "file": "sex.csv", "of": of}]}))
    return root


def article(total: str) -> str:
    return f"sex,count,status\nmale,981,ok\nfemale,907,ok\ntransgender,,suppressed\n{total},1891,ok\n"


@pytest.mark.parametrize("total", ["Total", "All persons", "Both sexes", "Оба пола", "Всего", "Барлығы"])
def test_a_total_of_another_publisher_beside_a_stated_unit_is_refused(tmp_path: Path, total: str) -> None:
    """Read as one more sex, it disclosed nothing, and the result was "safe"."""
    with pytest.raises(BadInput, match=rf"{total}.* is a total"):
        Publication.read(folder(tmp_path, article(total)))


@pytest.mark.parametrize("of", ["victims", ""])
def test_three_people_are_found_from_a_total_that_is_read(tmp_path: Path, of: str) -> None:
    assert not examine(folder(tmp_path, article("_T" if of else "Total"), of)).safe


def test_a_mean_beside_a_stated_unit_is_no_dimension(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"mean age.* is no dimension"):
        Publication.read(folder(tmp_path, "sex,mean age,count\nmale,31.5,40\nfemale,29.1,50\n_T,30.2,90\n"))
