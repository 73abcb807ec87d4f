"""Record files beside suppressed tables: stated accuracy, and what k-anonymity lets everybody derive."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.sdc.disclosure.intruder import examine
from kerege.evidence.sdc.disclosure.report import AttackReport
from tests.evidence.made_folders import table, write

# 4 women from the north; the table suppresses them
ROWS = [
    ["sex", "region", "count", "status"],
    *[["_T", "_T", "70", "ok"], ["_T", "north", "30", "ok"], ["_T", "south", "40", "ok"]],
    *[["female", "_T", "34", "ok"], ["female", "north", "", "suppressed"], ["female", "south", "", "suppressed"]],
    *[["male", "_T", "36", "ok"], ["male", "north", "", "suppressed"], ["male", "south", "", "suppressed"]],
]
Certificate = dict[str, object]
RECORDS = [("female", "north")] * 4 + [("female", "south")] * 30 + [("male", "north")] * 26 + [("male", "south")] * 10


def noise(*deviations: float) -> Certificate:
    """Return what a certificate states of the noise of combinations of 1, 2, ... values."""
    errors = [{"length": length, "error": 0.8 * sigma} for length, sigma in enumerate(deviations, 1)]
    return {"expected": errors, "guarantee": {"epsilon": 4.0}}


def anonymous(k: int, order: int = 3) -> Certificate:
    return {"guarantee": {"kind": "k-anonymous", "k": k, "order": order}}


def add_records(folder: Path, certificate: Certificate | None, records: list[tuple[str, str]] = RECORDS) -> Path:
    """Add a file of records to a folder of tables, and name it in the manifest if there is one."""
    path = folder / "microdata" / "people.csv"
    path.parent.mkdir(exist_ok=True)
    path.write_text("sex,region\n" + "".join(f"{sex},{region}\n" for sex, region in records))
    if certificate is not None:
        tree = {"format": "kerege-synthetic/1", "columns": [{"name": "sex"}, {"name": "region"}]} | certificate
        path.with_name("people.certificate.json").write_text(json.dumps(tree))
    manifest = folder / "manifest.json"
    if manifest.exists():
        entry = {"name": "people", "of": "victims", "files": [{"file": "microdata/people.csv"}]}
        manifest.write_text(json.dumps(json.loads(manifest.read_text()) | {"microdata": [entry]}))
    return folder


def released(folder: Path, certificate: Certificate | None, records: list[tuple[str, str]] = RECORDS) -> AttackReport:
    return examine(add_records(write(folder, [table("t", ROWS)]), certificate, records))


def test_the_table_alone_is_safe(tmp_path: Path) -> None:
    assert examine(write(tmp_path / "release", [table("t", ROWS)])).safe


@pytest.mark.parametrize(("sigma", "is_safe"), [(0.5, False), (8.0, True)])
def test_noisy_counts_that_are_published_without_records_are_noisy_figures(
    tmp_path: Path, sigma: float, is_safe: bool
) -> None:
    folder = add_records(write(tmp_path / "release", [table("t", ROWS)]), noise(sigma, sigma))
    (folder / "microdata/people.csv").unlink()
    line = "sex,female,region,north,4\n"
    (folder / "microdata/people.counts.csv").write_text(f"column_1,value_1,column_2,value_2,estimate\n{line}")
    assert examine(folder).safe is is_safe


@pytest.mark.parametrize(("sigma", "is_safe"), [(0.5, False), (1.5, False), (8.0, True)])
def test_counts_of_records_are_noisy_figures(tmp_path: Path, sigma: float, is_safe: bool) -> None:
    report = released(tmp_path / "release", noise(sigma, sigma))
    assert report.safe is is_safe
    [note] = [note for note in report.notes if "records people" in note]
    assert "4 unpublished figures were examined together with the counts of the records" in note
    assert "for longer combinations no bound is known" in note
    if sigma == 0.5:
        finding = next(
            finding for finding in report.disclosures if finding.cell == {"sex": "female", "region": "north"}
        )
        assert (finding.kind, finding.lower, finding.upper) == ("noise", 3, 5)
        assert "from 4 (" in finding.words[1]
        assert "table people)" in finding.words[1]


def test_noisy_counts_beside_the_records_are_what_the_intruder_reads(tmp_path: Path) -> None:
    """The records say 12 women of the north; the counts beside them say 4, as is true."""
    few = [("female", "north")] * 12 + RECORDS[4:]
    folder = add_records(write(tmp_path / "release", [table("t", ROWS)]), noise(0.5, 0.5), few)
    rows = ["column_1,value_1,column_2,value_2,count,estimate", "sex,female,region,north,4,4.1"]
    (folder / "microdata" / "people.counts.csv").write_text("\n".join(rows))
    disclosures = examine(folder).disclosures
    finding = next(row for row in disclosures if row.cell == {"sex": "female", "region": "north"})
    assert (finding.kind, finding.lower, finding.upper) == ("noise", 3, 5)


def test_records_whose_accuracy_nobody_states_are_named(tmp_path: Path) -> None:
    report = released(tmp_path / "release", None)
    assert report.safe
    assert any("no certificate states their accuracy" in note for note in report.notes)


def test_combinations_longer_than_the_certificate_states_tell_nothing(tmp_path: Path) -> None:
    assert released(tmp_path / "release", noise(0.5)).safe


def test_a_group_is_counted_once_however_many_tables_show_it(tmp_path: Path) -> None:
    """Sixteen tables with the same cells are one noisy count of each of them, not sixteen."""
    folder = write(tmp_path / "release", [table(f"t{number}", ROWS) for number in range(16)])
    assert examine(add_records(folder, noise(8.0, 8.0))).safe


def test_a_k_anonymous_file_bounds_the_total_and_each_value(tmp_path: Path) -> None:
    """45 records at k = 2 mean 45 or 46 people, and five women among them prove five."""
    rows = [["sex", "count", "status"], ["_T", "", "suppressed"], ["female", "", "suppressed"], ["male", "40", "ok"]]
    wide = table("total", [["count", "status"], ["46", "perturbed"]], params={"D": 5})
    folder = write(tmp_path / "tables", [table("t", rows), wide])
    assert examine(folder).safe, "from 1 to 11"
    report = examine(add_records(folder, anonymous(2), [("female", "north")] * 5 + [("male", "north")] * 40))
    assert ({"sex": "female"}, 5, 6) in [(finding.cell, finding.lower, finding.upper) for finding in report.disclosures]


def test_the_twin_with_one_woman_fewer_is_safe(tmp_path: Path) -> None:
    rows = [["sex", "count", "status"], ["_T", "", "suppressed"], ["female", "", "suppressed"], ["male", "40", "ok"]]
    wide = table("total", [["count", "status"], ["46", "perturbed"]], params={"D": 5})
    for women, is_safe in ((2, True), (3, False)):
        folder = write(tmp_path / str(women), [table("t", rows), wide])
        records = [("female", "north")] * women + [("male", "north")] * 40
        # two women prove 2 to 11, which is ten sizes; three prove 3 to 11, which is nine
        assert examine(add_records(folder, anonymous(20), records)).safe is is_safe


def test_a_folder_without_manifest_has_records_where_a_certificate_stands_beside_them(tmp_path: Path) -> None:
    folder = write(tmp_path / "folder", [table("t", ROWS)], manifest=False)
    assert not examine(add_records(folder, noise(0.5, 0.5))).safe
    (folder / "microdata" / "people.csv").rename(folder / "people.csv")
    with pytest.raises(BadInput):
        examine(folder)
