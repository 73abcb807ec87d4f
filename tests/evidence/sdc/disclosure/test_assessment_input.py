"""Broken, hostile, huge and contradictory folders: one fault, or a report on the readable part."""

from __future__ import annotations

import json
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from kerege.base.errors import BadInput
from kerege.evidence.sdc.disclosure.assessment import assess_disclosure
from kerege.evidence.sdc.disclosure.intruder import examine
from kerege.evidence.sdc.published_tables.publication import Publication
from tests.evidence.made_folders import table, write
from tests.evidence.sdc.disclosure.planted_releases import one, publish, total
from tests.evidence.sdc.disclosure.test_intruder_planted import about, learned, two_way_table

GOOD = "sex,count,status\n_T,100,ok\nfemale,60,ok\nmale,40,ok\n"


def folder(root: Path, text: str | bytes = GOOD, manifest: Any = None) -> Path:
    """Write a folder with one table `t.csv` and, if given, a manifest."""
    path = root / "folder"
    path.mkdir()
    (path / "t.csv").write_bytes(text.encode() if isinstance(text, str) else text)
    if manifest is not None:
        (path / "manifest.json").write_text(manifest if isinstance(manifest, str) else json.dumps(manifest))
    return path


def entry(**more: Any) -> dict[str, Any]:
    return {"tables": [{"name": "t", "file": "t.csv", "of": "victims", "by": ["sex"], "where": {}} | more]}


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "no column called count"),
        ("sex,age\nfemale,3\n", "no column called count"),
        ("sex,sex,count\na,b,20\n", "names a column twice"),
        ("sex,count,status\nfemale,60\n", "row 2: has 2 cells, not 3"),
        ("sex,count,status\nfemale,60,ok\nfemale,60,ok\n", "row 3: is in the table twice"),
        ("sex,count\nTotal,60\n_T,60\n", "row 3: is in the table twice"),
        ("sex,count,status\nfemale,-4,ok\n", "'-4' is not a count"),
        ("sex,count\nfemale,-4\n", "'-4' is not a count"),
        ("sex,count\nfemale,−4\n", "'−4' is not a count"),
        ("sex,count\nfemale,12.5\n", "'12.5' is not a count"),
        ("sex,count\nfemale,1e3\n", "'1e3' is not a count"),
        ("sex,count\nfemale,inf\n", "'inf' is not a count"),
        ("sex,count,status\nfemale,many,ok\n", "'many' is not a count"),
        ("sex,count,status\nfemale,,perturbed\n", "'' is not a count"),
        ("sex,count\nfemale,1000000000000000\n", "is not a count"),
        ("sex,count\nfemale,99999999999999999999999999\n", "is not a count"),
        (b"sex,count\n\xff\xfe,20\n", "is not UTF-8"),
        ('sex,count\n"' + "x" * 200_000 + '",20\n', "is not a CSV file"),
    ],
)
def test_a_broken_table_gives_one_fault(tmp_path: Path, text: str | bytes, words: str) -> None:
    with pytest.raises(BadInput) as caught:
        examine(folder(tmp_path, text))
    assert words in str(caught.value)
    assert "t.csv" in str(caught.value)


@pytest.mark.parametrize(
    ("manifest", "words"),
    [
        ("{", "is not JSON"),
        ("[" * 100_000, "is not JSON"),
        ("[]", "is not a manifest"),
        ({"tables": "t"}, "is not a manifest"),
        ({"tables": [1]}, "is not a manifest"),
        (entry(file="../folder/t.csv") | {}, ""),
        (entry(file="../other.csv"), "names ../other.csv, which is not there"),
        (entry(file="/etc/hostname"), "which is not there"),
        (entry(file="x" * 5000), "which is not there"),
        (entry(file="t\0.csv"), "which is not there"),
        (entry(file="missing.csv"), "which is not there"),
        (entry(where=["sex"]), "an invalid filter"),
        (entry(where={"sex": None}), "an invalid filter"),
        (entry(where={"sex": []}), "an invalid filter"),
        (entry(where={"sex": [{"a": 1}]}), "an invalid filter"),
    ],
)
def test_a_broken_manifest_gives_one_fault(tmp_path: Path, manifest: Any, words: str) -> None:
    path = folder(tmp_path, manifest=manifest)
    if not words:  # a path through the parent folder that ends inside the folder
        assert examine(path).safe
        return
    with pytest.raises(BadInput) as caught:
        examine(path)
    assert words in str(caught.value)


def test_a_lone_surrogate_in_a_manifest_can_be_reported(tmp_path: Path) -> None:
    manifest = entry(name="\ud800", where={"year": ["\ud800"]}) | {"title": "\ud800", "period": "\ud800", "\ud800": 1}
    report = examine(folder(tmp_path, GOOD.replace("40,ok", "4,ok"), manifest))
    (disclosure,) = report.disclosures
    assert (disclosure.release, disclosure.table, disclosure.where) == ("?", "?", {"year": ["?"]})
    assert json.dumps(report.tree, ensure_ascii=False).encode()


def test_a_file_outside_the_folder_is_not_read(tmp_path: Path) -> None:
    (tmp_path / "secret.csv").write_text(GOOD)
    path = folder(tmp_path, manifest=entry(file="link.csv"))
    (path / "link.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(BadInput):
        examine(path)


@pytest.mark.parametrize("missing", [True, False])
def test_an_empty_folder_is_refused(tmp_path: Path, missing: bool) -> None:
    path = tmp_path / "nothing"
    if not missing:
        path.mkdir()
    with pytest.raises(BadInput, match="holds no table"):
        examine(path)
    with pytest.raises(BadInput, match="holds no table"):
        examine(folder(tmp_path), [path])


def test_a_table_without_rows_is_safe(tmp_path: Path) -> None:
    assert examine(folder(tmp_path, "sex,count,status\n")).safe


def test_more_than_a_million_cells_are_refused(tmp_path: Path) -> None:
    lines = "".join(f"a{n},b{n},20\n" for n in range(1100))
    with pytest.raises(BadInput, match="more than a million cells"):
        examine(folder(tmp_path, "a,b,count\n" + lines))


def test_a_large_table_without_hidden_cells_is_safe(tmp_path: Path) -> None:
    lines = "".join(f"a{n},{n % 7 + 10}\n" for n in range(20_000))
    report = examine(folder(tmp_path, "a,count\n" + lines))
    assert report.safe
    assert report.examined.cells == 20_000


def test_large_numbers_are_exact(tmp_path: Path) -> None:
    most = 10**12
    report = publish(tmp_path, one("t", "x", {"_T": most, "a": most - 57, "b": "", "c": 50}))
    assert learned(report) == {("interval", 7, 7)}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=6,
)
TOP = ("title", "period", "snapshots", "policy", "tables", "attack", "format")
KEYS = ("name", "of", "by", "where", "params", "multi", "file", "cells", "method")


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    top=st.dictionaries(st.sampled_from(TOP), JSON, max_size=3),
    more=st.dictionaries(st.sampled_from(KEYS), JSON, max_size=4),
    params=st.dictionaries(st.sampled_from(("half_width", "D", "coarsened:sex", "small_categories")), JSON, max_size=2),
)
def test_no_manifest_crashes_the_assessment(tmp_path: Path, top: Any, more: Any, params: Any) -> None:
    path = tmp_path / "fuzzed"
    path.mkdir(exist_ok=True)
    (path / "t.csv").write_text(GOOD.replace("40,ok", "40,perturbed"))
    manifest = entry(**({"params": params} | more)) | top
    (path / "manifest.json").write_text(json.dumps(manifest))
    with suppress(BadInput):
        json.dumps(examine(path, [path]).tree)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    text=st.text(st.sampled_from('_TUfx,;"\n 019.-<%\0é'), max_size=60),
    header=st.sampled_from(["sex,count,status\n", "count\n", "a,b,n\n", ""]),
)
def test_no_table_crashes_the_assessment(tmp_path: Path, text: str, header: str) -> None:
    path = tmp_path / "fuzzed"
    path.mkdir(exist_ok=True)
    (path / "t.csv").write_text(header + text, encoding="utf-8")
    with suppress(BadInput):
        json.dumps(examine(path).tree)


# ---- tables that contradict one another


def test_suppressed_zeros_are_taken_as_zeros_and_noted(tmp_path: Path) -> None:
    cells: dict[tuple[str, str], int | str | tuple[int, str]] = {
        ("_T", "_T"): 50,
        ("female", "_T"): 47,
        ("male", "_T"): "",
        ("_T", "north"): 30,
        ("_T", "south"): 20,
        ("female", "north"): 30,
        ("female", "south"): 17,
        ("male", "north"): "",
        ("male", "south"): "",
    }
    report = publish(tmp_path, two_way_table("people", ["sex", "region"], cells))
    assert [note for note in report["notes"] if "at least 0" in note]
    assert about(report, sex="male", region="south") == [("interval", 3, 3)]
    assert not report["undecided"]


def test_a_contradicting_table_is_left_aside(tmp_path: Path) -> None:
    sex = one("sex", "sex", {"_T": 100, "female": 60, "male": 40})
    wrong = one("wrong", "region", {"_T": 101, "r1": 60, "r2": 41})
    region = one("region", "region", {"_T": "", "r1": 60, "r2": ""})
    both = two_way_table(
        "both",
        ["sex", "region"],
        {("female", "r1"): 55, ("female", "r2"): "", ("male", "r1"): "", ("male", "r2"): "", ("_T", "_T"): 100},
    )
    report = publish(tmp_path, sex, wrong, region, both)
    assert [note for note in report["notes"] if note.startswith("undecided: ") and "wrong of " in note]
    assert report["undecided"] == 3
    assert about(report, sex="female", region="r2") == [("interval", 5, 5)]
    assert learned(report) == {("interval", 5, 5)}


def test_a_self_contradicting_table_is_left_aside(tmp_path: Path) -> None:
    wrong = one("wrong", "sex", {"_T": 100, "female": 60, "male": 47, "transgender": 4})
    good = one("good", "region", {"_T": 100, "r1": 95, "r2": ""})
    report = publish(tmp_path, wrong, good)
    assert [note for note in report["notes"] if "wrong" in note and "contradict" in note]
    assert report["undecided"] == 4
    assert learned(report) == {("small", 4, 4), ("interval", 5, 5)}


def test_contradicting_tables_of_two_dates_are_two_populations(tmp_path: Path) -> None:
    old = write(
        tmp_path / "old",
        [one("t", "sex", {"_T": 100, "female": 60, "male": ""})],
        sha="a",
        as_of="2023-12-31",
    )
    new = one("t", "sex", {"_T": 100, "female": "", "male": 20})
    report = publish(tmp_path, new, prior=[old], sha="b", as_of="2024-12-31")
    assert all(note.startswith("not treated as sensitive") for note in report["notes"])
    assert {disclosure["kind"] for disclosure in report["disclosures"]} == set()


def test_two_tables_with_one_name_get_different_names(tmp_path: Path) -> None:
    folder_path = write(tmp_path / "new", [total("t", 4), total("u", 5, where={"sex": ["female"]})])
    tree = json.loads((folder_path / "manifest.json").read_text())
    tree["tables"][1]["name"] = "t"
    (folder_path / "manifest.json").write_text(json.dumps(tree))
    assert {(disclosure.table, disclosure.lower) for disclosure in examine(folder_path).disclosures} >= {
        ("t", 4),
        ("t (2)", 5),
    }


def test_the_count_of_a_suppressed_cell_is_ignored(tmp_path: Path) -> None:
    rows = [["x", "count", "status"], ["_T", "60", "ok"], ["a", "0", "suppressed"], ["b", "0", "suppressed"]]
    assert publish(tmp_path, table("t", rows))["safe"]


def test_publications_in_two_languages_name_one_column(tmp_path: Path) -> None:
    texts = {"ru": "Пол,Число\nВсего,70\nЖенщины,62\n", "kk": "Жынысы,Саны\nБарлығы,70\nӘйелдер,x\nЕрлер,x\n"}
    for name, text in texts.items():
        (tmp_path / f"{name}.csv").write_text(text, encoding="utf-8")
    old, new = (Publication.read(tmp_path / f"{name}.csv") for name in texts)
    assert assess_disclosure(new).safe
    report = assess_disclosure(new, [old])
    assert [(finding.release, finding.upper) for finding in report.disclosures if not finding.already_public]
    assert {(finding.lower, finding.upper) for finding in report.disclosures} == {(8, 8)}
