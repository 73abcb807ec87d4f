"""Releases of files without a date: a period does not say whether they count everybody or one period."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.snapshot import Snapshot, read
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release import build as gate
from kerege.evidence.release.manifest import Manifest
from kerege.evidence.release.spec import parse
from kerege.evidence.release.stated_time import with_stated_time
from kerege.evidence.sdc.disclosure.intruder import examine

KEY = b"k" * 32
MEN = {"2025-H1": 200, "2025-H2": 203}
TITLES = {"2025-H1": "First", "2025-H2": "Second"}


def source(folder: Path, period: str) -> Snapshot:
    """Return a CSV of women and men; that of the second half-year has three more men."""
    path = folder / f"{period}.csv"
    path.write_text("sex\n" + "female\n" * 200 + "male\n" * MEN[period])
    return read(path)


def spec(period: str, method: str = "suppress", **more: Any) -> dict[str, Any]:
    table = {"name": "sex", "of": "records", "by": ["sex"], "method": method}
    return {"title": TITLES.get(period, "Year"), "period": period, "table": [table]} | more


def build(folder: Path, period: str, method: str = "suppress", **more: Any) -> Manifest:
    return gate.build(
        [source(folder, period)],
        spec(period, method, **more),
        folder / f"{period}-{method}",
        key=KEY,
        ledger=Ledger(folder / "ledger"),
        created="2026-01-01T00:00:00Z",
    )


def test_a_period_alone_lets_nobody_find_people_who_were_added(tmp_path: Path) -> None:
    assert build(tmp_path, "2025-H1").cumulative is None
    with pytest.raises(gate.Disclosed, match="added between 2025-07-01 and 2025-12-31"):
        build(tmp_path, "2025-H2", "none")
    assert build(tmp_path, "2025-H2").tables[0].cells.suppressed
    report = examine(tmp_path / "2025-H2-suppress", [tmp_path / "2025-H1-suppress"])
    assert report.safe
    note, _ = report.notes
    assert note.startswith("nothing says whether the tables of First, Second count everybody up to their date or")


@pytest.mark.parametrize(("is_cumulative", "is_safe"), [(False, True), (True, False)])
def test_the_specification_says_what_a_file_counts_and_the_manifest_states_it(
    tmp_path: Path, is_cumulative: bool, is_safe: bool
) -> None:
    assert build(tmp_path, "2025-H1", cumulative=is_cumulative).cumulative is is_cumulative
    if not is_safe:
        with pytest.raises(gate.Disclosed, match="added between"):
            build(tmp_path, "2025-H2", "none", cumulative=is_cumulative)
        return
    build(tmp_path, "2025-H2", "none", cumulative=is_cumulative)
    assert examine(tmp_path / "2025-H2-none", [tmp_path / "2025-H1-suppress"]).safe


def test_a_dated_snapshot_counts_everybody_up_to_its_date(tmp_path: Path) -> None:
    rows = source(tmp_path, "2025-H1")
    dated = Snapshot(rows.frame, "victims", "2025-12-31", False, "", path="victims.parquet")
    with pytest.raises(BadInput, match=r"victims\.parquet: counts everybody up to 2025-12-31"):
        with_stated_time([dated], parse(spec("2025", cumulative=False)))
    given = with_stated_time([dated, rows], parse(spec("2025", cumulative=True)))
    assert [(item.period, item.is_cumulative) for item in given] == [("", None), ("2025", True)]


@pytest.mark.parametrize("value", ["yes", 1, []])
def test_a_statement_that_is_no_truth_value_is_refused(value: object) -> None:
    with pytest.raises(BadInput, match="`cumulative` is neither true nor false"):
        parse(spec("2025", cumulative=value))


def test_a_period_between_two_dates_of_a_register_gives_the_rest(tmp_path: Path) -> None:
    """200 people up to 2024, 90 in the first half of 2025, 293 up to its end: 3 came in the second half."""
    folders = []
    for period, count in (("2024", 200), ("2025-H1", 90), ("2025", 293)):
        folders.append(tmp_path / period)
        folders[-1].mkdir()
        (folders[-1] / f"people {period}.csv").write_text(f"count\n{count}\n")
    *earlier, new = folders
    (finding,) = examine(new, earlier).disclosures
    assert (finding.lower, finding.upper) == (3, 3)
