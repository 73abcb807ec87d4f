"""The gate: nothing is signed that gives people away together with what is public, and a crash loses nothing."""

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
from kerege.evidence.sdc.constraints.feasible_bounds import Survey
from tests.evidence import outsider
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
    """Victims by programme and sex."""
    places = ("astana", "almaty_city")
    rows = [
        {"programme": p, "sex": s, "region": places[n % 2]} for (p, s), count in groups.items() for n in range(count)
    ]
    path = folder / f"victims-{as_of}.parquet"
    write(path, "victims", rows, as_of=as_of, invented=True, key=KEY)
    return read(path)


def spec(title: str, *tables: tuple[str, list[str], dict[str, Any], str], **more: Any) -> dict[str, Any]:
    """A specification of tables: name, columns, filter, method."""
    entries = [
        {"name": name, "of": "victims", "by": by, "where": where, "method": method}
        for name, by, where, method in tables
    ]
    return {"title": title, "period": "2025", "table": entries} | more


def build(source: Snapshot, wanted: dict[str, Any], out: Path, **more: Any) -> Manifest:
    return gate.build([source], wanted, out, key=KEY, created="2026-01-01T00:00:00Z", **more)


def learned(*folders: Path) -> dict[outsider.Place, set[outsider.Ends]]:
    """What another solver makes of releases."""
    return outsider.disclosed(list(folders), T)[0]


ALL = spec("All", ("sex", ["sex"], {}, "suppress"))
PART = [("part", ["sex"], {"programme": ["iom", "state"]})]


def test_a_release_that_is_safe_alone_is_protected_against_an_earlier_one(tmp_path: Path) -> None:
    source, ledger = snapshot(tmp_path), Ledger(tmp_path / "ledger")
    build(source, ALL, tmp_path / "one", ledger=ledger)
    wanted = spec("Part", *[(*each, "suppress") for each in PART])
    build(source, wanted, tmp_path / "alone")
    build(source, wanted, tmp_path / "two", ledger=ledger)
    alone, two = (cells_from_csv((tmp_path / name / "tables/part.csv").read_text()) for name in ("alone", "two"))
    assert {cell.status for cell in alone.values()} == {"ok"}
    assert "suppressed" in {cell.status for cell in two.values()}
    assert not learned(tmp_path / "one", tmp_path / "two")
    nested = outsider.nested([tmp_path / "one", tmp_path / "alone"], T)
    assert any(low < T for low, _ in nested) == (outsider.nested([tmp_path / "one", tmp_path / "two"], T) != nested)


def test_what_cannot_be_changed_is_refused_with_what_would_stop_it(tmp_path: Path) -> None:
    source, ledger = snapshot(tmp_path), Ledger(tmp_path / "ledger")
    build(source, ALL, tmp_path / "one", ledger=ledger)
    wanted = spec("Part", *[(*each, "none") for each in PART])
    with pytest.raises(gate.Disclosed) as caught:
        build(source, wanted, tmp_path / "two", ledger=ledger)
    assert not (tmp_path / "two").exists()
    assert len(ledger.entries()) == 1
    (found,) = [each for each in caught.value.report.disclosures if each.cell.get("sex") == "female"]
    assert (found.kind, found.lower, found.upper, found.table) == ("difference", 4, 4, "part")
    assert "Suppress" in str(caught.value)
    assert "sex=female" in str(caught.value)
    variant = gate.safe_variant(wanted, caught.value.report)
    build(source, variant, tmp_path / "two", ledger=ledger)
    assert not learned(tmp_path / "one", tmp_path / "two")


def test_a_variant_of_what_was_suppressed_already_leaves_tables_out(tmp_path: Path) -> None:
    report = report_of(("sex", False), ("region", True))
    wanted = spec("x", ("sex", ["sex"], {}, "suppress"), ("region", ["region"], {}, "suppress"))
    assert [each["name"] for each in gate.safe_variant(wanted, report)["table"]] == ["region"]
    with pytest.raises(Refused, match="no table would remain"):
        gate.safe_variant(ALL, report)


@pytest.mark.parametrize("article", [True, False])
def test_a_folder_of_somebody_else_counts_too(tmp_path: Path, article: bool) -> None:
    source = snapshot(tmp_path)
    press = tmp_path / "press"
    press.mkdir()
    (press / "news.csv").write_text("sex,count\n_T,934\nfemale,494\nmale,440\n")
    if article:  # somebody looked up whom it counts
        told = {"unit": "victims", "as_of": "2025-12-31"}
        entry = {"name": "news", "file": "news.csv", "of": "victims"}
        (press / "manifest.json").write_text(json.dumps({"snapshots": [told], "tables": [entry]}))
    build(source, spec("Part", *[(*each, "suppress") for each in PART]), tmp_path / "out", prior=[press])
    shown = cells_from_csv((tmp_path / "out/tables/part.csv").read_text())
    assert ("suppressed" in {cell.status for cell in shown.values()}) == article


def test_what_the_press_told_can_no_longer_be_protected_and_stops_nothing_else(tmp_path: Path) -> None:
    groups = {("iom", "female"): 400, ("iom", "male"): 300, ("iom", "transgender"): 3}
    press = tmp_path / "press"
    press.mkdir()
    (press / "news.csv").write_text("Sex,count\nTotal,703\nFemale,400\nMale,300\nTransgender,3\n")
    wanted = spec("Region", ("sex", ["sex"], {}, "suppress"), ("region", ["region"], {}, "suppress"))
    manifest = build(snapshot(tmp_path, groups), wanted, tmp_path / "out", prior=[press])
    assert manifest.attack is not None
    assert manifest.attack.safe is False
    assert manifest.attack.already_public >= 1


def test_a_year_later_few_people_make_the_difference(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    by_programme = ("programme", ["programme"], {}, "suppress")
    old = GROUPS | {("ngo", "female"): 40}
    build(snapshot(tmp_path, old, as_of="2024-12-31"), spec("One", by_programme), tmp_path / "one", ledger=ledger)
    later = snapshot(tmp_path, old | {("iom", "female"): 404, ("state", "male"): 180})
    with pytest.raises(gate.Disclosed, match="came or went between two releases are 4"):
        build(later, spec("Two", (*by_programme[:3], "none")), tmp_path / "two", ledger=ledger)
    build(later, spec("Two", by_programme), tmp_path / "two", ledger=ledger)
    assert not outsider.revisions([tmp_path / "one", tmp_path / "two"], T)
    assert cells_from_csv((tmp_path / "two/tables/programme.csv").read_text())["iom",].status == "suppressed"


# ---- drafts


def draft(folder: Path, source: Snapshot, wanted: dict[str, Any], **more: Any) -> Path:
    gate.prepare([source], wanted, folder / "draft", **more)
    return folder / "draft"


@pytest.mark.parametrize("name", ["tables/sex.csv", "tables/more.csv"])
def test_a_draft_with_a_changed_file_is_refused(tmp_path: Path, name: str) -> None:
    made = draft(tmp_path, snapshot(tmp_path), ALL)
    (made / name).write_text("sex,count,status\n_T,930,ok\n")
    with pytest.raises(Refused, match=r"is missing or differs|is not in the manifest"):
        gate.publish(made, tmp_path / "out", key=KEY)
    assert not (tmp_path / "out").exists()


def test_a_draft_whose_report_was_changed_is_attacked_all_the_same(tmp_path: Path) -> None:
    made = draft(tmp_path, snapshot(tmp_path), spec("x", ("sex", ["programme", "sex"], {}, "none")))
    tree = json.loads((made / "draft.json").read_text())
    assert tree["attack"]["disclosures"]
    tree["attack"] = tree["attack"] | {"safe": True, "disclosures": []}
    (made / "draft.json").write_text(json.dumps(tree))
    with pytest.raises(gate.Disclosed):
        gate.publish(made, tmp_path / "out", key=KEY)


def test_what_became_public_since_is_looked_at(tmp_path: Path) -> None:
    source, ledger = snapshot(tmp_path), Ledger(tmp_path / "ledger")
    made = draft(tmp_path, source, spec("Part", *[(*each, "none") for each in PART]), ledger=ledger)
    assert json.loads((made / "draft.json").read_text())["attack"]["safe"]
    build(source, ALL, tmp_path / "one", ledger=ledger)
    with pytest.raises(gate.Disclosed):
        gate.publish(made, tmp_path / "two", key=KEY, ledger=ledger)
    assert not (tmp_path / "two").exists()
    assert len(ledger.entries()) == 1


# ---- the same again, and crashes


def test_the_second_call_returns_what_was_published(tmp_path: Path) -> None:
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
from kerege.evidence.sdc.constraints.feasible_bounds import Survey
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.data.snapshot import read
from tests.evidence.release.test_gate import ALL, KEY

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
def test_a_crash_half_way_loses_nothing(tmp_path: Path, where: str) -> None:
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


def test_priors_that_are_wrong_are_refused(tmp_path: Path) -> None:
    source = snapshot(tmp_path)
    build(source, ALL, tmp_path / "one")
    (tmp_path / "one/tables/sex.csv").write_text("sex,count,status\n_T,934,ok\n")
    with pytest.raises(Refused, match="differs from what was signed"):
        build(source, spec("Part", ("region", ["region"], {}, "suppress")), tmp_path / "two", prior=[tmp_path / "one"])
    assert not (tmp_path / "two").exists()


# ---- what could not be decided


def test_figures_that_could_not_be_examined_in_time_are_not_signed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    source, ledger = snapshot(tmp_path), Ledger(tmp_path / "ledger")
    # two programmes of fewer than ten women stay hidden, and no time is left to look at them
    made = gate.prepare(
        [source], spec("All", ("both", ["programme", "sex"], {}, "suppress")), tmp_path / "draft", ledger=ledger
    )
    assert made.attack is not None
    assert made.attack.undecided == 0
    monkeypatch.setattr(Survey, "_is_narrow", lambda self, target: None)
    monkeypatch.setattr(Survey, "widen", lambda self, asked: None)
    with pytest.raises(Refused, match="could not be examined"):
        gate.publish(tmp_path / "draft", tmp_path / "out", key=KEY, ledger=ledger)
    assert not (tmp_path / "out").exists()
    assert ledger.entries() == []


def test_what_others_published_and_nobody_can_decide_closes_no_gate(tmp_path: Path) -> None:
    source = snapshot(tmp_path)
    other = tmp_path / "other"
    other.mkdir()
    (other / "odd.csv").write_text("sex,count\nfemale,60\nmale,47\ntransgender,40\ntotal,100\n")
    attack = build(source, ALL, tmp_path / "one", prior=[other]).attack
    assert attack is not None
    assert attack.safe


def test_the_safe_variant_of_what_nothing_is_advised_for_is_refused() -> None:
    undecided = report_of(undecided=3)
    with pytest.raises(Refused, match="advises no change"):
        gate.safe_variant(ALL, undecided)
