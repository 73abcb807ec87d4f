"""A release keeps the labels of its codes and columns, whatever its rows hold."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.base.errors import Refused
from kerege.evidence.release.labels import collect_labels, read_labels
from kerege.evidence.release.release_folder import sign, verify
from kerege.evidence.release.spec import parse
from kerege.vocabulary import codes, languages, snapshot_columns
from tests.evidence.release.test_build import ALL, KEY, build, snapshot, spec

PERIODS = ("year", "quarter", "half")


def tables(of: str, *columns: str, where: dict[str, str] | None = None) -> dict[str, object]:
    """Return a specification with one table by these columns."""
    entry = {"name": "t", "of": of, "by": list(columns), "where": where or {}}
    return {"title": "T", "period": "2025", "table": [entry]}


def test_a_release_holds_its_labels_in_every_public_language_as_a_signed_file(tmp_path: Path) -> None:
    build(snapshot(tmp_path), ALL, tmp_path / "out")
    manifest = verify(tmp_path / "out")
    labels = read_labels(tmp_path / "out", manifest)
    assert labels is not None
    assert labels.lists["sex"]["female"] == {lang: codes.label("sex", "female", lang) for lang in languages.offered()}
    assert labels.columns["victims"]["sex"]["ru"] == snapshot_columns.column("victims", "sex").title("ru")
    changed = (tmp_path / "out" / "labels.json").read_text().replace('"Female"', '"Fewale"')
    (tmp_path / "out" / "labels.json").write_text(changed)
    with pytest.raises(Refused, match=r"labels\.json is missing or differs from what was signed"):
        verify(tmp_path / "out")
    with pytest.raises(Refused, match=r"labels\.json of out differs from what was signed"):
        read_labels(tmp_path / "out", manifest)  # changed after the release was verified
    (tmp_path / "out" / "labels.json").unlink()
    with pytest.raises(Refused, match=r"labels\.json is missing"):
        verify(tmp_path / "out")


def test_a_release_of_a_version_that_kept_no_labels_still_verifies(tmp_path: Path) -> None:
    build(snapshot(tmp_path), ALL, tmp_path / "new")
    tree = json.loads((tmp_path / "new" / "manifest.json").read_bytes())
    del tree["labels"]
    (tmp_path / "new" / "labels.json").unlink()
    (tmp_path / "old").mkdir()
    sign(tmp_path / "new", tmp_path / "old", json.dumps(tree).encode(), KEY)
    manifest = verify(tmp_path / "old")
    assert read_labels(tmp_path / "old", manifest) is None


def test_a_file_of_labels_that_the_manifest_does_not_name_is_refused(tmp_path: Path) -> None:
    build(snapshot(tmp_path), ALL, tmp_path / "new")
    tree = json.loads((tmp_path / "new" / "manifest.json").read_bytes())
    del tree["labels"]
    (tmp_path / "old").mkdir()
    sign(tmp_path / "new", tmp_path / "old", json.dumps(tree).encode(), KEY)
    with pytest.raises(Refused, match=r"labels\.json is not in the manifest"):
        verify(tmp_path / "old")


def test_the_labels_say_nothing_of_the_rows(tmp_path: Path) -> None:
    files = []
    for name, groups in {"a": {("iom", "female"): 90}, "b": {("iom", "male"): 40, ("state", "female"): 50}}.items():
        (tmp_path / name).mkdir()
        build(snapshot(tmp_path / name, groups), ALL, tmp_path / name / "out")
        files.append((tmp_path / name / "out" / "labels.json").read_bytes())
    assert files[0] == files[1]


@pytest.mark.parametrize("unit", snapshot_columns.units())
def test_every_code_that_a_table_by_a_column_can_hold_has_its_label(unit: str) -> None:
    for column in snapshot_columns.columns(unit):
        kept = collect_labels(parse(tables(unit, column.name)))
        assert kept.units[unit]["en"] == snapshot_columns.unit(unit).titles["en"]
        assert kept.columns[unit][column.name]["kk"] == column.title("kk")
        for part in [name for name in column.list.split(":") if name not in PERIODS]:
            expected = {code: codes.label(part, code, "ru") for code in codes.code_list(part).codes}
            assert {code: texts["ru"] for code, texts in kept.lists[part].items()} == expected
        assert set(kept.lists["answer"]) >= set(codes.ANSWER_STATES)


def test_a_coarser_table_of_the_same_column_has_its_labels() -> None:
    assert {"age_band", "age_group"} <= collect_labels(parse(tables("victims", "age_band"))).lists.keys()
    assert {"country", "world_region"} <= collect_labels(parse(tables("victims", "origin"))).lists.keys()


def test_columns_of_filters_and_records_are_kept_and_unknown_ones_are_left_out() -> None:
    kept = collect_labels(parse(tables("victims", "sex", where={"exploitation": "labour"})))
    assert set(kept.columns["victims"]) == {"sex", "exploitation"}
    foreign = collect_labels(parse(tables("rows", "colour")))
    assert (foreign.units, foreign.columns, set(foreign.lists)) == ({}, {}, {"answer"})
    records = {"name": "people", "of": "victims", "columns": ["year", "origin"], "epsilon": 1}
    kept = collect_labels(parse(spec("R", ("sex", ["sex"], {}, "suppress"), microdata=[records])))
    assert set(kept.columns["victims"]) == {"sex", "year", "origin"}
