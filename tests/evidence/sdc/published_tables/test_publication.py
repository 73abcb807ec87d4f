"""Reading of the files of a publication: the table of a stated unit can have any form."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.sdc.disclosure.intruder import examine
from kerege.evidence.sdc.published_tables.publication import Publication
from kerege.evidence.sdc.reading.options import ReadingOptions


def folder(root: Path, text: str, of: str = "victims", **more: object) -> Path:
    """Write a table with a manifest that a user wrote, and return the folder."""
    root.mkdir(exist_ok=True)
    (root / "sex.csv").write_text(text, encoding="utf-8")
    (root / "manifest.json").write_text(json.dumps({"tables": [{"name": "sex", "file": "sex.csv", "of": of} | more]}))
    return root


def article(total: str) -> str:
    return f"sex,count,status\nmale,981,ok\nfemale,907,ok\ntransgender,,suppressed\n{total},1891,ok\n"


@pytest.mark.parametrize("total", ["_T", "Total", "All persons", "Both sexes", "Оба пола", "Всего", "Барлығы"])
@pytest.mark.parametrize("of", ["victims", ""])
def test_three_people_are_found_from_a_total_of_any_publisher(tmp_path: Path, total: str, of: str) -> None:
    """Read as one more sex beside a stated unit, a total disclosed nothing, and the result was "safe"."""
    report = examine(folder(tmp_path, article(total), of))
    assert [(finding.lower, finding.upper) for finding in report.disclosures] == [(3, 3)]


def test_a_mean_beside_a_stated_unit_is_undecided(tmp_path: Path) -> None:
    report = examine(folder(tmp_path, "sex,mean age,count\nmale,31.5,40\nfemale,29.1,50\n_T,30.2,90\n"))
    assert not report.safe
    assert "undecided: column mean age of table sex" in report.notes


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("sex,count,value\nmale,40,1.5\nfemale,50,2.5\nTotal,90,2\n", "value"),
        ("sex,count,pct_total\nmale,40,71\nfemale,50,12\nTotal,90,83\n", "pct_total"),
        ("sex,count,income\nmale,40,2310\nfemale,50,2455\nTotal,90,2391\n", "income"),
    ],
)
def test_numbers_that_are_not_understood_beside_a_stated_unit_are_undecided(
    tmp_path: Path, text: str, name: str
) -> None:
    report = examine(folder(tmp_path, text))
    assert not report.safe
    assert f"undecided: column {name} of table sex" in report.notes


def test_percentages_beside_a_stated_unit_bound_the_counts(tmp_path: Path) -> None:
    report = examine(folder(tmp_path, "sex,count,percent\nMale,,98.8\nFemale,,1.2\nTotal,241,100.0\n"))
    (finding,) = report.disclosures
    assert (finding.kind, finding.cell, finding.lower, finding.upper) == ("interval", {"sex": "Female"}, 3, 3)
    assert "the table prints 1.2% of 241" in finding.words[1]


def test_a_dash_beside_a_stated_unit_is_zero_or_suppressed_as_the_user_says(tmp_path: Path) -> None:
    path = folder(tmp_path, "sex,count\nMale,20\nFemale,-\nTotal,20\n")
    with pytest.raises(BadInput, match="--dash"):
        Publication.read(path)
    (sheet,) = Publication.read(path, ReadingOptions(dash="zero")).sheets
    assert (sheet.of, sheet.upper[sheet.axes[0].index("Female")]) == ("victims", 0)


@pytest.mark.parametrize("multi", [None, ["means"]])
def test_values_together_beside_a_stated_unit_are_no_category(tmp_path: Path, multi: Sequence[str] | None) -> None:
    path = folder(tmp_path, "means,count\ndebt,20\ndebt;threats,30\nthreats,40\n_T,90\n", multi=multi)
    if multi is None:
        with pytest.raises(BadInput, match="--multi"):
            Publication.read(path)
        return
    (sheet,) = Publication.read(path).sheets
    assert (sheet.of, sheet.by) == ("victims", ("means (values together)",))


def test_the_tables_of_one_unit_in_two_forms_count_the_same_people(tmp_path: Path) -> None:
    """A table with `_T` and one with `Всего` state the same unit: 934 people less 931 are three people."""
    (tmp_path / "own.csv").write_text("sex,count,status\n_T,934,ok\nmale,440,ok\nfemale,494,ok\n")
    (tmp_path / "other.csv").write_text("Пол,count\nВсего,931\nМужской,437\nЖенский,494\n", encoding="utf-8")
    of = {"of": "victims"}
    tables = [{"file": "own.csv"} | of, {"file": "other.csv", "where": {"region": ["almaty_city"]}} | of]
    (tmp_path / "manifest.json").write_text(json.dumps({"tables": tables}))
    report = examine(tmp_path)
    assert ({"region": "another"}, 3) in [(finding.cell, finding.upper) for finding in report.disclosures]


@pytest.mark.parametrize(
    ("stated", "expected"),
    [({}, False), ({"period": "2025"}, False), ({"as_of": "2025-06-30"}, None), ({"cumulative": True}, True)],
)
@pytest.mark.parametrize("total", ["_T", "Total"])
def test_the_choice_of_the_user_holds_where_nothing_says_what_a_table_counts(
    tmp_path: Path, stated: dict[str, object], expected: bool | None, total: str
) -> None:
    path = folder(tmp_path, article(total), **stated)
    (sheet,) = Publication.read(path, ReadingOptions(is_cumulative=False)).sheets
    assert sheet.is_cumulative is expected


def test_a_column_with_its_total_alone_is_no_dimension(tmp_path: Path) -> None:
    """As a complete column without a value it would say that nobody is counted."""
    path = folder(tmp_path, "region,sex,count,status\n_T,_T,70,ok\n_T,male,62,ok\n_T,female,,suppressed\n")
    (sheet,) = Publication.read(path).sheets
    assert (sheet.by, sheet.axes) == (("sex",), (("_T", "male", "female"),))
    report = examine(path)
    assert [(finding.lower, finding.upper) for finding in report.disclosures] == [(8, 8)]


@pytest.mark.parametrize("policy", [None, [], ["sex"]])
def test_a_column_is_sensitive_unless_the_manifest_says_otherwise_and_the_report_says_so(
    tmp_path: Path, policy: list[str] | None
) -> None:
    text = "region,sex,count,status\n_T,_T,90,ok\n_T,male,60,ok\n_T,female,30,ok\n"
    text += "a,_T,60,ok\na,male,60,ok\na,female,0,ok\nb,_T,30,ok\nb,male,0,ok\nb,female,30,ok\n"
    path = folder(tmp_path, text)
    if policy is not None:
        tree = json.loads((path / "manifest.json").read_text())
        (path / "manifest.json").write_text(json.dumps(tree | {"policy": {"sensitive": policy}}))
    report = examine(path)
    assert report.safe is (policy == [])
    left_out = [note for note in report.notes if note.startswith("not treated as sensitive: ")]
    assert len(left_out) == (policy is not None)
    assert ("region (as its manifest states)" in "".join(left_out)) is (policy is not None)
