"""Releases with a noisy table beside a suppressed one of the same people, through the release gate."""

from __future__ import annotations

import json
from pathlib import Path

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release import build as gate
from tests.evidence import made_microdata

KEY = b"k" * 32
ROWS = Snapshot.from_frame(pl.DataFrame({"sex": ["female"] * 4 + ["male"] * 60, "year": ["2024", "2025"] * 32}))


def spec(rho: float, **more: object) -> dict[str, object]:
    noisy = {"name": "noisy", "of": "records", "by": ["sex"], "method": "dp", "params": {"rho": rho}}
    return {"title": "T", "period": "2025", "table": [{"name": "sex", "of": "records", "by": ["sex"]}, noisy]} | more


def test_noise_that_hides_no_small_group_is_refused_before_it_is_charged(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    with pytest.raises(BadInput, match=r"standard deviation of 1\.\d people does not hide a figure under 10") as caught:
        gate.build([ROWS], spec(0.5), tmp_path / "out", key=KEY, ledger=ledger)
    assert not ledger.entries()
    [fault] = caught.value.faults
    most = float(fault.todo.removeprefix("take a rho of at most ").partition(",")[0])
    with pytest.raises(BadInput, match="does not hide"):
        gate.prepare([ROWS], spec(most + 0.002), tmp_path / "above", ledger=ledger)
    assert not ledger.entries()
    draft = gate.prepare([ROWS], spec(most), tmp_path / "at", ledger=ledger)
    assert draft.attack is not None
    assert all(finding.kind == "noise" for finding in draft.attack.disclosures)


def test_a_release_is_assessed_again_with_its_records(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Records of nearly no noise, beside a table that suppresses the sexes, are refused at publishing."""
    made_microdata.install(monkeypatch)
    monkeypatch.setattr(
        made_microdata, "expected_error", lambda *_: [{"length": n, "error": 0.2, "supported": 1} for n in (1, 2, 3)]
    )
    people = {"name": "people", "of": "records", "columns": ["sex", "year"], "epsilon": 4.0}
    tables = [{"name": "sex", "of": "records", "by": ["sex"]}]
    request = {"title": "T", "period": "2025", "table": tables, "microdata": [people]}
    draft = gate.prepare([ROWS], request, tmp_path / "draft", ledger=Ledger(tmp_path / "ledger"))
    stored = json.loads((tmp_path / "draft" / gate.DRAFT).read_text())
    assert draft.attack is not None
    assert any("records people" in note for note in draft.attack.notes)
    assert stored["attack"]["notes"] == draft.attack.notes
