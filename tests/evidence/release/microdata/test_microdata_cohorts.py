"""Cohorts in a release.

They are measured once, stored, revised on request, and described in the companion files.
"""

from __future__ import annotations

import csv
import json
import random
import subprocess
import sys
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.data.snapshot import Snapshot, read, write
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release import build as gate
from kerege.evidence.release.manifest import Manifest
from kerege.evidence.synthesis import refit
from kerege.evidence.synthesis.cohorts import cohort_releases
from kerege.evidence.synthesis.evaluation.evaluate import evaluate
from kerege.evidence.synthesis.generation.repeated_fit import fit_and_repeat
from kerege.evidence.synthesis.pipeline import compute_loss
from tests.evidence.budgets import raise_budget
from tests.evidence.certificates import problems
from tests.evidence.synthesis.cohorts.release_series import here

KEY = b"k" * 32
SEX = {"name": "sex", "of": "victims", "by": ["sex"]}
YEARLY = {
    "name": "people",
    "of": "victims",
    "columns": ["sex", "means"],
    "epsilon": 2.0,
    "cohorts": "year",
    "through": "1991",
}


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make the records in this process, for speed."""
    monkeypatch.setattr(cohort_releases, "fit_together", here)
    for module in ("pipeline", "evaluation.refit"):
        monkeypatch.setattr(import_module(f"kerege.evidence.synthesis.{module}"), "fit_in_process", fit_and_repeat)


class House:
    """A register with yearly releases."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.ledger = folder, Ledger(folder / "ledger")

    def register(self, *, seed: int = 1, last: int = 1992) -> Snapshot:
        """Return a snapshot of 400 people a year from 1990; the seed determines the people."""
        chance = random.Random(seed)
        rows = [
            {
                "year": str(year),
                "sex": chance.choice(["female", "female", "male"]),
                "means": chance.choice([["force"], ["force", "fraud"], None]),
            }
            for year in range(1990, last + 1)
            for _ in range(400)
        ]
        path = self.folder / f"victims-{seed}-{last}.parquet"
        write(path, "victims", rows, as_of="1993-12-31", invented=True, key=KEY)
        return read(path)

    def release(self, source: Snapshot, out: str, *sets: dict[str, Any], period: str = "2025") -> Manifest:
        spec = {"title": f"Release {out}", "period": period, "table": [SEX], "microdata": list(sets)}
        return gate.build([source], spec, self.folder / out, key=KEY, ledger=self.ledger)

    def lines(self, out: str, year: str) -> list[str]:
        with (self.folder / out / "microdata/people.csv").open(encoding="utf-8", newline="") as file:
            return [json.dumps(row) for row in csv.DictReader(file) if row["year"] == year]


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


def test_a_release_of_cohorts_with_its_companion_files(house: House) -> None:
    source = house.register()
    manifest = house.release(source, "out", YEARLY)
    [entry] = manifest.microdata
    assert (entry.cohorts, entry.through, entry.columns) == ("year", "1991", ["year", "sex", "means"])
    assert gate.verify(house.folder / "out") == manifest
    folder = house.folder / "out/microdata"
    certificate = json.loads((folder / "people.certificate.json").read_text(encoding="utf-8"))
    assert [cohort["value"] for cohort in certificate["cohorts"]] == ["1990", "1991", "_U"]
    assert list(problems(certificate, folder, "people")) == []
    for composed in certificate["beside"]["composed"].values():  # what is set aside for revisions is promised away too
        assert composed["rho"] == pytest.approx(certificate["guarantee"]["rho"], rel=1e-6)
    assert house.lines("out", "1991")
    assert not house.lines("out", "1992"), "it is not over"
    with (folder / "people.dictionary.csv").open(encoding="utf-8") as file:
        assert "Жыл" in {row["column_kk"] for row in csv.DictReader(file)}
    example = subprocess.run(
        [sys.executable, "-I", str(folder / "people.example.py")], capture_output=True, text=True, check=False
    )
    assert example.returncode == 0, example.stderr
    assert "year 1990: " in example.stdout


def test_a_new_year_changes_no_other_cohort_and_costs_its_people_nothing(house: House) -> None:
    house.release(house.register(), "one", YEARLY)
    spent = house.ledger.composed()
    other = house.register(seed=2)  # late corrections: they are not looked at
    manifest = house.release(other, "second", YEARLY | {"through": "1992"}, period="2026")
    assert house.lines("second", "1990") == house.lines("one", "1990")
    assert house.lines("second", "1992")
    assert house.ledger.composed() == pytest.approx(spent)
    assert manifest.privacy.rho == pytest.approx(compute_loss(_request(house)), rel=1e-6)
    house.release(other, "third", YEARLY | {"through": "1992", "revise": ["1990"]}, period="2026")
    assert house.lines("third", "1990") != house.lines("one", "1990")
    assert house.lines("third", "1991") == house.lines("one", "1991")
    assert spent < house.ledger.composed() <= compute_loss(_request(house))


def _request(house: House) -> Any:
    from kerege.evidence.release.spec.microdata import parse

    return parse(YEARLY).request("2025")


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"cohorts": "means"}, "microdata people: has several values per record"),
        ({"cohorts": "date"}, "microdata people: there is no such column"),
        ({"through": "2090"}, "microdata people: `through` 2090 is none of its public values"),
        ({"through": "1991", "revise": ["1992"]}, "microdata people: `revise` 1992 is not a cohort of this file"),
        ({"revise": ["1990"]}, "`revise` 1990: it was not made before"),
    ],
)
def test_invalid_cohorts_are_reported_before_noise_is_drawn(house: House, change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput) as caught:
        house.release(house.register(), "out", YEARLY | change)
    assert says in str(caught.value)
    assert "--" not in str(caught.value), "an option of the command is not a key of a specification"
    assert not house.ledger.entries()


def test_a_last_closed_cohort_is_required(house: House) -> None:
    record_set = {name: value for name, value in YEARLY.items() if name != "through"}
    with pytest.raises(BadInput, match="name the last one that is closed with `through`"):
        house.release(house.register(), "out", record_set)


def test_a_new_cohort_has_the_budget_of_its_own_people(house: House) -> None:
    """With budget for one cohort, a second cohort is allowed.

    A set of all people is refused in advance.
    """
    for period in ("2025", "all"):
        raise_budget(house.ledger, period, compute_loss(_request(house)) * 1.01)
    noised = SEX | {"name": "noised", "method": "dp", "params": {"rho": 0.001}}
    house.release(house.register(), "one", YEARLY)
    house.release(house.register(), "second", YEARLY | {"through": "1992"})
    entries = len(house.ledger.entries())
    whole = {name: value for name, value in YEARLY.items() if name not in ("cohorts", "through")}
    spec = {"title": "T", "period": "2025", "table": [noised], "microdata": [whole]}
    with pytest.raises(Refused, match="the privacy budget of"):
        gate.build([house.register()], spec, house.folder / "third", key=KEY, ledger=house.ledger)
    assert len(house.ledger.entries()) == entries


def test_an_evaluation_uses_only_the_cohorts_of_the_file(house: House) -> None:
    source = house.register()
    house.release(source, "out", YEARLY)
    records = house.folder / "out/microdata/people.csv"
    evaluation = evaluate(source, read(records, multi=["means"]), order=2, refit=refit)
    assert evaluation.as_dict()["original"]["rows"] == 800
    assert evaluation.privacy is not None
    assert evaluation.quality.lengths[0].missing == 0, (
        "combinations of a year that is not included do not count as missing"
    )
