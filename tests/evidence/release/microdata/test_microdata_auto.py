"""Noisy counts choose the columns of records in a release, or give noisy counts without records."""

from __future__ import annotations

import csv
import json
import random
import runpy
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput
from kerege.evidence.data.snapshot import Snapshot, read, write
from kerege.evidence.dp.gaussian_noise import repeatable
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release import build as gate
from kerege.evidence.release.manifest import Manifest
from kerege.evidence.release.microdata.build import check, compute_needed_loss
from kerege.evidence.release.spec.microdata import parse
from kerege.evidence.synthesis import synthesize
from kerege.evidence.synthesis.generation.repeated_fit import fit_and_repeat
from kerege.evidence.synthesis.presets import LOOK

KEY = b"k" * 32
ASKED = ["citizenship", "sex", "age_band", "act"]
CHOSEN = {"name": "people", "of": "victims", "columns": ASKED, "epsilon": 2.0, "auto": True}


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the records in this process, for speed, with the same noise in each run."""
    monkeypatch.setattr(import_module(synthesize.__module__), "fit_in_process", fit_and_repeat)
    monkeypatch.setattr(import_module(synthesize.__module__), "discrete_gaussian", repeatable(1))


def register(folder: Path, people: int) -> Snapshot:
    """Return people of two sexes, three bands of age and one act; 200 citizenships are public."""
    chance = random.Random(1)
    rows: list[dict[str, Any]] = [
        {"sex": chance.choice(["female", "male"]), "age_band": chance.choice(["18_25", "26_30", "31_40"])}
        | {
            "citizenship": chance.choice(["KAZ", "UZB"]),
            "act": [chance.choice(["recruitment", "harbouring"])],
            "services": None,
        }
        for _ in range(people)
    ]
    write(folder / "victims.parquet", "victims", rows, as_of="2025-12-31", invented=True, key=KEY)
    return read(folder / "victims.parquet")


def release(folder: Path, people: int, out: str, **changes: Any) -> Manifest:
    tables = [{"name": "sex", "of": "victims", "by": ["sex"]}]
    spec = {"title": "T", "period": "2025", "table": tables, "microdata": [CHOSEN | changes]}
    return gate.build([register(folder, people)], spec, folder / out, key=KEY, ledger=Ledger(folder / "ledger"))


def certificate(folder: Path, out: str) -> dict[str, Any]:
    return dict(json.loads((folder / out / "microdata/people.certificate.json").read_text()))


def test_the_manifest_states_the_chosen_columns_and_those_that_were_asked_for(tmp_path: Path) -> None:
    [entry] = release(tmp_path, 700, "out").microdata
    choice = certificate(tmp_path, "out")["choice"]
    assert (entry.columns, entry.asked_columns) == (choice["columns"], ASKED)
    assert choice["left_out"] == [name for name in ASKED if name not in entry.columns]
    assert entry.has_records
    records = (tmp_path / "out/microdata/people.csv").read_text().splitlines()
    assert records[0] == ",".join(entry.columns)
    assert len(records) == entry.rows + 1
    gate.verify(tmp_path / "out")


def test_the_look_is_charged_with_the_release_and_once(tmp_path: Path) -> None:
    [entry] = release(tmp_path, 700, "out").microdata
    steps = certificate(tmp_path, "out")["guarantee"]["steps"]
    assert sum(step["rho"] for step in steps if step.get("first_look")) == pytest.approx(LOOK * entry.rho)
    ledger = Ledger(tmp_path / "ledger")
    assert [line.rho for line in ledger.entries() if line.kind == "microdata"] == [pytest.approx(entry.rho)]
    asked_spec = [parse(CHOSEN)]
    assert compute_needed_loss(asked_spec, {"victims": register(tmp_path, 700)}, ledger, "2025") == 0
    plain = [record_spec.model_copy(update={"auto": False}) for record_spec in asked_spec]
    assert compute_needed_loss(plain, {"victims": register(tmp_path, 700)}, ledger, "2025") > 0


def test_so_few_people_that_records_would_be_noise_have_noisy_counts_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    [entry] = release(tmp_path, 60, "out", epsilon=0.5).microdata
    folder = tmp_path / "out/microdata"
    kinds = ("counts.csv", "certificate.json", "dictionary.csv", "example.py")
    assert {path.name for path in folder.iterdir()} == {f"people.{kind}" for kind in kinds}
    assert (entry.has_records, entry.rows, entry.worth) == (False, 0, False)
    gate.verify(tmp_path / "out")
    with (folder / "people.dictionary.csv").open(encoding="utf-8", newline="") as file:
        described = {row["column"] for row in csv.DictReader(file)}
    counted = {line.split(",")[0] for line in (folder / "people.counts.csv").read_text().splitlines()[1:]}
    assert described == counted <= set(entry.columns)
    runpy.run_path(str(folder / "people.example.py"))
    assert "noisy counts, epsilon 0.5 at delta" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("changes", "says"),
    [
        ({"auto": "yes"}, "microdata people: `auto` is neither true nor false"),
        ({"cohorts": "citizenship"}, "microdata people: `auto` would choose other columns for each cohort"),
    ],
)
def test_a_choice_that_cannot_be_is_one_sentence_and_no_charge(
    tmp_path: Path, changes: dict[str, Any], says: str
) -> None:
    with pytest.raises(BadInput, match=says) as refused:
        release(tmp_path, 60, "out", **changes)
    assert len(refused.value.faults) == 1
    assert not Ledger(tmp_path / "ledger").entries()


def test_columns_of_an_external_file_need_public_values(tmp_path: Path) -> None:
    rows = Snapshot.from_frame(pl.DataFrame({"sex": ["f", "m"] * 9, "form": ["x", "y", "z"] * 6}))
    asked_spec = parse({"name": "people", "of": "records", "epsilon": 2.0, "auto": True})
    [fault] = check([asked_spec], {"records": rows})
    assert str(fault).startswith("microdata people: `auto` needs public values for each column")
    assert "those of sex, form" in str(fault)
    assert check([asked_spec.model_copy(update={"auto": False})], {"records": rows}) == []
