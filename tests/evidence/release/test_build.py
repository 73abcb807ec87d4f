"""The release gate signs nothing that discloses people with public data.

A crash loses nothing.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from kerege.base.errors import Refused
from kerege.evidence.counting.frequency_table import cells_from_csv
from kerege.evidence.data.snapshot import Snapshot, read, write
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release import build as gate
from kerege.evidence.release.manifest import Manifest
from kerege.evidence.sdc.bounds.feasible_bounds import BlockSearch, Survey
from tests.evidence import outsider, outsider_sheets
from tests.evidence.reports import report_of

KEY = b"k" * 32
GROUPS = {
    ("iom", "female"): 400,
    ("iom", "male"): 300,
    ("state", "female"): 90,
    ("state", "male"): 80,
    ("ngo", "female"): 4,
    ("ngo", "male"): 60,
}
T = 10


def snapshot(folder: Path, groups: Mapping[tuple[str, str], int] = GROUPS, *, as_of: str = "2025-12-31") -> Snapshot:
    """Write a snapshot of victims by programme and sex."""
    places = ("astana", "almaty_city")
    rows = [
        {"programme": p, "sex": s, "region": places[n % 2]} for (p, s), count in groups.items() for n in range(count)
    ]
    path = folder / f"victims-{as_of}.parquet"
    write(path, "victims", rows, as_of=as_of, invented=True, key=KEY)
    return read(path)


def spec(title: str, *tables: tuple[str, list[str], dict[str, Any], str], **more: Any) -> dict[str, Any]:
    """Return a specification of tables: name, columns, filter, method."""
    entries = [
        {"name": name, "of": "victims", "by": by, "where": where, "method": method}
        for name, by, where, method in tables
    ]
    return {"title": title, "period": "2025", "table": entries} | more


def build(source: Snapshot, request: dict[str, Any], out: Path, **more: Any) -> Manifest:
    return gate.build([source], request, out, key=KEY, created="2026-01-01T00:00:00Z", **more)


def learned(*folders: Path) -> dict[outsider.Place, set[outsider_sheets.Ends]]:
    """Return the disclosures that an independent solver finds in releases."""
    return outsider.disclosed(outsider_sheets.load_all(folders), T)[0]


ALL = spec("All", ("sex", ["sex"], {}, "suppress"))
PART = [("part", ["sex"], {"programme": ["iom", "state"]})]


def test_a_release_is_protected_against_an_earlier_one(tmp_path: Path) -> None:
    source, ledger = snapshot(tmp_path), Ledger(tmp_path / "ledger")
    build(source, ALL, tmp_path / "one", ledger=ledger)
    request = spec("Part", *[(*table, "suppress") for table in PART])
    build(source, request, tmp_path / "alone")
    build(source, request, tmp_path / "two", ledger=ledger)
    alone, two = (cells_from_csv((tmp_path / name / "tables/part.csv").read_text()) for name in ("alone", "two"))
    assert {cell.status for cell in alone.values()} == {"ok"}
    assert "suppressed" in {cell.status for cell in two.values()}
    assert not learned(tmp_path / "one", tmp_path / "two")
    nested, nested_safely = (
        outsider.nested(outsider_sheets.load_all([tmp_path / "one", tmp_path / name]), T) for name in ("alone", "two")
    )
    assert any(low < T for low, _ in nested) == (nested_safely != nested)


def test_an_unsafe_release_is_refused_with_its_remedy(tmp_path: Path) -> None:
    source, ledger = snapshot(tmp_path), Ledger(tmp_path / "ledger")
    build(source, ALL, tmp_path / "one", ledger=ledger)
    request = spec("Part", *[(*item, "none") for item in PART])
    with pytest.raises(gate.Disclosed) as caught:
        build(source, request, tmp_path / "two", ledger=ledger)
    assert not (tmp_path / "two").exists()
    assert len(ledger.entries()) == 1
    (disclosure,) = [item for item in caught.value.report.disclosures if item.cell.get("sex") == "female"]
    assert (disclosure.kind, disclosure.lower, disclosure.upper, disclosure.table) == ("difference", 4, 4, "part")
    assert "Suppress" in str(caught.value)
    assert "Sex: Female" in str(caught.value)
    variant = gate.safe_variant(request, caught.value.report)
    build(source, variant, tmp_path / "two", ledger=ledger)
    assert not learned(tmp_path / "one", tmp_path / "two")


def test_the_safe_variant_leaves_out_suppressed_tables(tmp_path: Path) -> None:
    report = report_of(("sex", False), ("region", True))
    request = spec("x", ("sex", ["sex"], {}, "suppress"), ("region", ["region"], {}, "suppress"))
    assert [table["name"] for table in gate.safe_variant(request, report)["table"]] == ["region"]
    with pytest.raises(Refused, match="no table would remain"):
        gate.safe_variant(ALL, report)


@pytest.mark.parametrize("article", [True, False])
def test_an_external_folder_with_a_manifest_counts_as_public(tmp_path: Path, article: bool) -> None:
    source = snapshot(tmp_path)
    press = tmp_path / "press"
    press.mkdir()
    (press / "news.csv").write_text("sex,count\n_T,934\nfemale,494\nmale,440\n")
    if article:  # with a manifest that says whom the table counts
        snapshot_facts = {"unit": "victims", "as_of": "2025-12-31"}
        entry = {"name": "news", "file": "news.csv", "of": "victims"}
        (press / "manifest.json").write_text(json.dumps({"snapshots": [snapshot_facts], "tables": [entry]}))
    build(source, spec("Part", *[(*table, "suppress") for table in PART]), tmp_path / "out", prior=[press])
    shown = cells_from_csv((tmp_path / "out/tables/part.csv").read_text())
    assert ("suppressed" in {cell.status for cell in shown.values()}) == article


def test_figures_already_in_the_press_do_not_stop_a_release(tmp_path: Path) -> None:
    groups = {("iom", "female"): 400, ("iom", "male"): 300, ("iom", "transgender"): 3}
    press = tmp_path / "press"
    press.mkdir()
    (press / "news.csv").write_text("Sex,count\nTotal,703\nFemale,400\nMale,300\nTransgender,3\n")
    request = spec("Region", ("sex", ["sex"], {}, "suppress"), ("region", ["region"], {}, "suppress"))
    manifest = build(snapshot(tmp_path, groups), request, tmp_path / "out", prior=[press])
    assert manifest.attack is not None
    assert manifest.attack.safe is False
    assert manifest.attack.already_public >= 1


def test_a_change_of_few_people_between_years_is_a_disclosure(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    by_programme = ("programme", ["programme"], {}, "suppress")
    old = GROUPS | {("ngo", "female"): 40}
    build(snapshot(tmp_path, old, as_of="2024-12-31"), spec("One", by_programme), tmp_path / "one", ledger=ledger)
    later = snapshot(tmp_path, old | {("iom", "female"): 404, ("state", "male"): 180})
    with pytest.raises(gate.Disclosed, match=r"added between 2025-01-01 and 2025-12-31\. These are 4 people"):
        build(later, spec("Later", (*by_programme[:3], "none")), tmp_path / "two", ledger=ledger)
    build(later, spec("Later", by_programme), tmp_path / "two", ledger=ledger)
    assert not outsider.entered(outsider_sheets.load_all([tmp_path / "one", tmp_path / "two"]), T)
    assert cells_from_csv((tmp_path / "two/tables/programme.csv").read_text())["iom",].status == "suppressed"


# ---- drafts


def draft(folder: Path, source: Snapshot, request: dict[str, Any], **more: Any) -> Path:
    gate.prepare([source], request, folder / "draft", **more)
    return folder / "draft"


@pytest.mark.parametrize("name", ["tables/sex.csv", "tables/more.csv"])
def test_a_draft_with_a_changed_file_is_refused(tmp_path: Path, name: str) -> None:
    made = draft(tmp_path, snapshot(tmp_path), ALL)
    (made / name).write_text("sex,count,status\n_T,930,ok\n")
    with pytest.raises(Refused, match=r"is missing or differs|is not in the manifest"):
        gate.publish(made, tmp_path / "out", key=KEY)
    assert not (tmp_path / "out").exists()


def test_a_draft_with_a_changed_report_is_attacked_again(tmp_path: Path) -> None:
    made = draft(tmp_path, snapshot(tmp_path), spec("x", ("sex", ["programme", "sex"], {}, "none")))
    tree = json.loads((made / "draft.json").read_text())
    assert tree["attack"]["disclosures"]
    tree["attack"] = tree["attack"] | {"safe": True, "disclosures": []}
    (made / "draft.json").write_text(json.dumps(tree))
    with pytest.raises(gate.Disclosed):
        gate.publish(made, tmp_path / "out", key=KEY)


def test_releases_since_the_draft_are_included(tmp_path: Path) -> None:
    source, ledger = snapshot(tmp_path), Ledger(tmp_path / "ledger")
    made = draft(tmp_path, source, spec("Part", *[(*table, "none") for table in PART]), ledger=ledger)
    assert json.loads((made / "draft.json").read_text())["attack"]["safe"]
    build(source, ALL, tmp_path / "one", ledger=ledger)
    with pytest.raises(gate.Disclosed):
        gate.publish(made, tmp_path / "two", key=KEY, ledger=ledger)
    assert not (tmp_path / "two").exists()
    assert len(ledger.entries()) == 1


# ---- repeated requests and crashes


def test_a_repeated_request_returns_the_published_release(tmp_path: Path) -> None:
    source, ledger = snapshot(tmp_path), Ledger(tmp_path / "ledger")
    first = build(source, ALL, tmp_path / "one", ledger=ledger)
    again = gate.build([source], ALL, tmp_path / "two", key=KEY, ledger=ledger)
    assert again == first
    assert files(tmp_path / "one") == files(tmp_path / "two")
    assert len(ledger.entries()) == 1


def test_another_release_is_not_replaced(tmp_path: Path) -> None:
    source, ledger = snapshot(tmp_path), Ledger(tmp_path / "ledger")
    build(source, ALL, tmp_path / "out", ledger=ledger)
    with pytest.raises(Refused, match="holds another release"):
        build(source, spec("Other", ("region", ["region"], {}, "suppress")), tmp_path / "out", ledger=ledger)
    assert len(ledger.entries()) == 1


def files(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


CRASH = """
import os, sys
from pathlib import Path
from kerege.evidence.release import build as gate
from kerege.evidence.sdc.bounds.feasible_bounds import Survey
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.data.snapshot import read
from tests.evidence.release.test_build import ALL, KEY

def die(*args, **more):
    os._exit(9)

root, where = Path(sys.argv[1]), sys.argv[2]
if where == "before the entry":
    Ledger._write_line = die
elif where == "before the head":
    Ledger._write_head = lambda self, entries: die() if self.path.exists() else None
else:
    append = Ledger.append
    Ledger.append = lambda *args: (append(*args), die())
source = read(next(root.glob("*.parquet")))
gate.build([source], ALL, root / "out", key=KEY, created="2026-01-01T00:00:00Z", ledger=Ledger(root / "ledger"))
"""


@pytest.mark.parametrize("where", ["before the entry", "before the head", "before the folder"])
def test_a_crash_loses_nothing(tmp_path: Path, where: str) -> None:
    source, ledger = snapshot(tmp_path), Ledger(tmp_path / "ledger")
    paths = os.pathsep.join(sys.path)
    died = subprocess.run(
        [sys.executable, "-c", CRASH, str(tmp_path), where],
        env=os.environ | {"PYTHONPATH": paths},
        check=False,
        capture_output=True,
    )
    assert died.returncode == 9, died.stderr.decode()
    assert not (tmp_path / "out").exists()
    entries = len(ledger.entries())
    assert entries == (where != "before the entry")
    manifest = build(source, ALL, tmp_path / "out", ledger=ledger)
    assert gate.verify(tmp_path / "out") == manifest
    assert len(ledger.entries()) == 1
    assert build(source, ALL, tmp_path / "again", ledger=ledger) == manifest


def test_a_changed_prior_release_is_refused(tmp_path: Path) -> None:
    source = snapshot(tmp_path)
    build(source, ALL, tmp_path / "one")
    (tmp_path / "one/tables/sex.csv").write_text("sex,count,status\n_T,934,ok\n")
    with pytest.raises(Refused, match="differs from what was signed"):
        build(source, spec("Part", ("region", ["region"], {}, "suppress")), tmp_path / "two", prior=[tmp_path / "one"])
    assert not (tmp_path / "two").exists()


# ---- undecided figures


def test_undecided_figures_are_not_signed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    source, ledger = snapshot(tmp_path), Ledger(tmp_path / "ledger")
    # two programmes with fewer than ten women are suppressed, and the time limit leaves them undecided
    made = gate.prepare(
        [source], spec("All", ("both", ["programme", "sex"], {}, "suppress")), tmp_path / "draft", ledger=ledger
    )
    assert made.attack is not None
    assert made.attack.undecided == 0
    monkeypatch.setattr(Survey, "_is_safe", lambda self, target, must_be_wide: None)
    monkeypatch.setattr(Survey, "widen", lambda self, asked: None)
    monkeypatch.setattr(BlockSearch, "witness", lambda self, cost, most=None: self.point)  # groups widen cells too
    with pytest.raises(Refused, match="could not be examined"):
        gate.publish(tmp_path / "draft", tmp_path / "out", key=KEY, ledger=ledger)
    assert not (tmp_path / "out").exists()
    assert ledger.entries() == []


def test_an_undecided_external_table_does_not_stop_a_release(tmp_path: Path) -> None:
    source = snapshot(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "odd.csv").write_text("sex,count\nfemale,60\nmale,47\ntransgender,40\ntotal,100\n")
    attack = build(source, ALL, tmp_path / "one", prior=[other]).attack
    assert attack is not None
    assert attack.safe


def test_a_safe_variant_without_advice_is_refused() -> None:
    undecided = report_of(undecided=3)
    with pytest.raises(Refused, match="proposes no change"):
        gate.safe_variant(ALL, undecided)
