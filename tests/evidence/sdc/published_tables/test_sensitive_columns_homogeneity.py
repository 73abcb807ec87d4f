"""Groups whose members share a value are disclosures in the files of other publishers too."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kerege.evidence.sdc.published_tables.sensitive_columns import MOST_VALUES
from kerege.vocabulary import codes
from tests.cli.test_table import run

Out = pytest.CaptureFixture[str]
BY_FORM = "area,form,count\nA,labour,40\nA,sexual,0\nB,labour,30\nB,sexual,20\n"
TWIN = BY_FORM.replace("A,labour,40", "A,labour,30").replace("A,sexual,0", "A,sexual,10")
AREAS = ["A", "B", *[f"Area {number}" for number in range(MOST_VALUES)]]


def attack(capfd: Out, folder: Path, *options: str) -> dict[str, Any]:
    """Return the report of `kerege attack`."""
    run("attack", folder, "--json", *options)
    return dict(json.loads(capfd.readouterr().out))


def write_files(folder: Path, files: Mapping[str, str]) -> Path:
    """Write the files of a folder."""
    folder.mkdir(exist_ok=True)
    for name, text in files.items():
        (folder / name).write_text(text, encoding="utf-8")
    return folder


def shared(report: Mapping[str, Any]) -> list[dict[str, str]]:
    """Return the groups that are disclosures because their members share a value."""
    return [finding["cell"] for finding in report["disclosures"] if finding["kind"] == "group"]


def test_a_group_that_shares_a_value_is_a_disclosure(tmp_path: Path, capfd: Out) -> None:
    folder = write_files(tmp_path / "new", {"form.csv": BY_FORM})
    report = attack(capfd, folder)
    assert not report["safe"]
    assert {"area": "A", "form": "labour"} in shared(report)
    assert any("can mean that the combination is impossible" in note for note in report["notes"])
    assert attack(capfd, write_files(tmp_path / "twin", {"form.csv": TWIN}))["safe"]


def test_the_user_can_say_that_a_column_is_not_sensitive(tmp_path: Path, capfd: Out) -> None:
    folder = write_files(tmp_path / "new", {"form.csv": BY_FORM})
    report = attack(capfd, folder, "--not-sensitive", "form", "--not-sensitive", "area")
    assert report["safe"]
    start = "not treated as sensitive: area (as you stated), form (as you stated);"
    assert any(note.startswith(start) for note in report["notes"])


def test_a_usual_column_can_be_named_in_another_language(tmp_path: Path, capfd: Out) -> None:
    table = "Регион,Пол,Число\nСевер,мужчины,40\nСевер,женщины,0\nЮг,мужчины,30\nЮг,женщины,20\n"
    folder = write_files(tmp_path / "new", {"sex.csv": table})
    assert {"Регион": "Север", "Пол": "мужчины"} in shared(attack(capfd, folder))
    assert attack(capfd, folder, "--not-sensitive", "sex", "--not-sensitive", "region")["safe"]


def test_a_column_that_no_table_has_gives_a_note(tmp_path: Path, capfd: Out) -> None:
    folder = write_files(tmp_path / "new", {"form.csv": BY_FORM})
    assert run("attack", folder, "--not-sensitive", "shape") == 1
    assert "note: --not-sensitive: no table has the column shape" in capfd.readouterr().out


def test_a_column_with_many_values_is_named_in_the_report(tmp_path: Path, capfd: Out) -> None:
    rows = "".join(f"{area},{form},{20 + n}\n" for n, area in enumerate(AREAS) for form in ("labour", "sexual"))
    report = attack(capfd, write_files(tmp_path / "new", {"form.csv": "area,form,count\n" + rows}))
    assert report["safe"]
    assert [
        note for note in report["notes"] if note.startswith(f"not treated as sensitive: area ({len(AREAS)} values)")
    ]


@pytest.mark.parametrize(("labour_in_a", "is_shared"), [(40, True), (25, False)])
def test_two_tables_together_can_show_that_a_group_shares_a_value(
    tmp_path: Path, capfd: Out, labour_in_a: int, is_shared: bool
) -> None:
    labour = labour_in_a + 30
    tables: list[dict[str, Any]] = [{"name": name, "file": f"{name}.csv"} for name in ("area", "labour", "forms")]
    tables[1]["where"] = {"form": ["labour"]}
    files = {
        "area.csv": "area,count\nA,40\nB,50\nTotal,90\n",
        "labour.csv": f"area,count\nA,{labour_in_a}\nB,30\nTotal,{labour}\n",
        "forms.csv": f"form,count\nlabour,{labour}\nsexual,{90 - labour}\n",
        "manifest.json": json.dumps({"tables": tables}),
    }
    report = attack(capfd, write_files(tmp_path / "new", files))
    assert ({"area": "A", "form": "labour"} in shared(report)) is is_shared
    assert report["safe"] is not is_shared


def test_a_manifest_decides_about_its_tables(tmp_path: Path, capfd: Out) -> None:
    manifest = {"tables": [{"name": "form", "file": "form.csv"}], "policy": {"sensitive": []}}
    folder = write_files(tmp_path / "new", {"form.csv": BY_FORM, "manifest.json": json.dumps(manifest)})
    assert attack(capfd, folder)["safe"]
    manifest["policy"] = {"sensitive": ["form"]}
    folder = write_files(tmp_path / "new", {"manifest.json": json.dumps(manifest)})
    assert shared(attack(capfd, folder)) == [{"area": "A", "form": "labour"}]


def test_a_figure_that_is_not_published_leaves_the_value_open(tmp_path: Path, capfd: Out) -> None:
    hidden = BY_FORM.replace("A,labour,40", "A,labour,x").replace("A,sexual,0", "A,sexual,x") + "Total,labour,x\n"
    report = attack(capfd, write_files(tmp_path / "new", {"form.csv": hidden}))
    assert {"area": "A", "form": "labour"} not in shared(report)


def test_few_values_divide_attributes_from_places() -> None:
    sizes = {name: len(codes.code_list(name).codes) for name in codes.names()}
    attributes = ("exploitation_form", "means", "means_of_control", "vulnerability", "service", "need_domain", "gender")
    assert max(sizes[name] for name in attributes) == MOST_VALUES
    assert min(sizes[name] for name in ("region", "country", "world_region")) > MOST_VALUES
