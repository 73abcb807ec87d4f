"""The certificate of a release lists other publications, which its epsilon does not cover."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from kerege.evidence.data.snapshot import Snapshot, read, write
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release import build as gate
from kerege.evidence.synthesis.k_anonymity import single_use
from tests.evidence import made_microdata
from tests.evidence.certificates import epsilon_of

KEY = b"k" * 32
TABLES = [
    {"name": "sex", "of": "victims", "by": ["sex"]},
    {"name": "year", "of": "victims", "by": ["year"], "method": "cellkey"},
    {"name": "noised", "of": "victims", "by": ["sex"], "method": "dp", "params": {"rho": 0.01}},
]
RECORDS = {"name": "people", "of": "victims", "columns": ["sex", "year"], "epsilon": 1.0}
Build = Callable[..., dict[str, Any]]


@pytest.fixture
def source(tmp_path: Path) -> Snapshot:
    rows = [{"sex": "female" if n % 3 else "male", "year": str(2023 + n % 2)} for n in range(300)]
    write(tmp_path / "victims.parquet", "victims", rows, as_of="2025-12-31", invented=True, key=KEY)
    return read(tmp_path / "victims.parquet")


@pytest.fixture
def build(tmp_path: Path, source: Snapshot, monkeypatch: pytest.MonkeyPatch) -> Build:
    """Return a function that builds a release and returns the statement in its first certificate."""
    made_microdata.install(monkeypatch)

    def release(out: str, tables: list[dict[str, Any]], *sets: dict[str, Any], prior: tuple[Path, ...] = ()) -> Any:
        spec = {"title": f"Release {out}", "period": "2025", "table": tables, "microdata": list(sets)}
        gate.build(
            [source],
            spec,
            tmp_path / out,
            key=KEY,
            ledger=Ledger(tmp_path / "ledger"),
            prior=prior,
            created=f"2026-01-0{len(out)}T00:00:00Z",
        )
        path = tmp_path / out / "microdata/people.certificate.json"
        return json.loads(path.read_text(encoding="utf-8"))["beside"] if sets else None

    return release


def test_the_statement_lists_the_release_and_the_composed_loss(build: Build, tmp_path: Path) -> None:
    more = RECORDS | {"name": "more", "columns": ["sex"]}
    statement = build("a", TABLES, RECORDS, more)
    assert statement["this_release"] == {
        "tables": [{"of": "victims", "method": method, "tables": 1} for method in ("cellkey", "dp", "suppress")],
        "records": 2,
        "estimates": 0,
    }
    assert statement["earlier"] == {
        "releases": 0,
        "tables": [],
        "records": 0,
        "estimates": 0,
        "folders_without_manifest": 0,
    }
    rho = sum(entry.rho for entry in Ledger(tmp_path / "ledger").entries())
    for loss in statement["composed"].values():
        assert loss["rho"] == pytest.approx(rho)
        assert loss["epsilon"] == pytest.approx(epsilon_of(rho, 1e-9), rel=1e-5)
    words = " ".join(statement["words"])
    assert (
        "1 table perturbed by cell keys, 1 table with differentially private noise, 1 table with small counts" in words
    )
    assert "1 other set of synthetic records" in words
    assert "The epsilon of this certificate covers none of it." in words
    assert "no number bounds the two together" in words
    assert "The risk of longer combinations is not known." in words
    assert f"rho {rho:.4g}, which is epsilon {epsilon_of(rho, 1e-9):.4g} at delta 1e-09" in words
    assert "k-anonymous" not in words
    assert statement["as_of"] == "2026-01-01T00:00:00Z"


def test_the_statement_lists_earlier_publications_of_any_method(build: Build, source: Snapshot, tmp_path: Path) -> None:
    build("a", TABLES[:1])
    single_use.produce(source, ("sex",), 10, 1, 0, Ledger(tmp_path / "ledger"), tmp_path / "once")
    article = tmp_path / "article"
    article.mkdir()
    (article / "t.csv").write_text("sex,count\n_T,300\n")
    statement = build("bb", TABLES[:1], RECORDS, prior=(article,))
    assert statement["earlier"]["releases"] == statement["earlier"]["folders_without_manifest"] == 1
    assert statement["earlier"]["tables"] == [{"of": "victims", "method": "suppress", "tables": 1}]
    assert statement["k_anonymous_files"] == 1
    words = " ".join(statement["words"])
    assert "1 k-anonymous file of people of this ledger was made before. No epsilon holds" in words
    assert "1 folder of tables whose method nobody states" in words


def test_a_release_with_noise_only_has_no_warning(build: Build) -> None:
    words = " ".join(build("a", TABLES[2:], RECORDS)["words"])
    assert "no number bounds" not in words
    assert "also holds 1 table with differentially private noise." in words
