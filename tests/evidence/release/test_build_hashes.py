"""No published file confirms a guess of the whole input file: none contains a hash of it."""

from __future__ import annotations

import csv
import hashlib
import json
import stat
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.data.snapshot import read
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release import build as gate
from kerege.evidence.synthesis.evaluation.evaluate import evaluate
from kerege.evidence.synthesis.evaluation.report_page import page
from tests.cli.test_table import run
from tests.evidence import made_microdata

KEY = b"k" * 32
SPEC: dict[str, Any] = {
    "title": "T",
    "period": "2025",
    "table": [
        {"name": "sex", "of": "records", "by": ["sex"]},
        {"name": "noised", "of": "records", "by": ["sex"], "method": "dp", "params": {"rho": 0.01}},
    ],
    "microdata": [{"name": "people", "of": "records", "columns": ["sex", "year"], "epsilon": 1.0}],
}


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Write a file that is small enough to be guessed in full."""
    path = tmp_path / "people.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["sex", "year"])
        writer.writerows([("female", "male")[n % 3 == 0], "2024"] for n in range(120))
    return path


def guesses(path: Path, ledger: Ledger) -> Iterator[str]:
    """Yield what a person with the whole file can compute: its hashes, and the ledger's request keys."""
    content = path.read_bytes()
    for name in ("sha256", "sha1", "md5", "blake2b", "sha3_256"):
        yield hashlib.new(name, content).hexdigest()
    for entry in ledger.entries():
        yield entry.request
        yield from (entry.series,) if entry.series else ()


def published(folder: Path) -> str:
    """Return all file names and contents."""
    return "".join(path.name + path.read_bytes().decode("latin-1") for path in folder.rglob("*") if path.is_file())


def test_a_release_contains_no_hash_of_the_rows(tmp_path: Path, rows: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made_microdata.install(monkeypatch)
    ledger = Ledger(tmp_path / "ledger")
    gate.build([read(rows)], SPEC, tmp_path / "out", key=KEY, ledger=ledger)
    text = published(tmp_path / "out")
    assert len(ledger.entries()) == 3
    for guess in guesses(rows, ledger):
        assert guess[:12] not in text, guess
    [entry] = [entry for entry in ledger.entries() if entry.kind == "release"]
    assert entry.snapshots[0].sha256 == read(rows).sha256, "the house knows what it was made from"


def test_an_evaluation_contains_no_hash_of_the_real_rows(rows: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    other.write_bytes(rows.read_bytes() + b"male,2024\n")
    evaluation = evaluate(read(rows), read(other), private=False)
    for text in (json.dumps(evaluation.as_dict()), page(evaluation)):
        assert read(rows).sha256[:12] not in text
        assert read(other).sha256 in text


def test_the_fingerprint_of_a_file_depends_on_the_ledger(tmp_path: Path, rows: Path) -> None:
    """Two releases of one file have the same fingerprint; computing it requires the key of the ledger."""
    plain = {name: value for name, value in SPEC.items() if name != "microdata"}
    names = []
    for home, out, title in (("a", "one", "A"), ("a", "two", "B"), ("b", "three", "A")):
        manifest = gate.build(
            [read(rows)], plain | {"title": title}, tmp_path / out, key=KEY, ledger=Ledger(tmp_path / home)
        )
        names.append(manifest.snapshots[0].fingerprint)
    assert names[0] == names[1] != names[2]
    key = tmp_path / "a/ledger.key"
    assert stat.S_IMODE(key.stat().st_mode) == 0o600
    key.unlink()
    with pytest.raises(Refused, match=r"the key of the ledger, ledger\.key, was lost: restore it from the backup"):
        gate.build([read(rows)], plain | {"title": "C"}, tmp_path / "four", key=KEY, ledger=Ledger(tmp_path / "a"))
    key.write_text("what is not a key")
    with pytest.raises(BadInput, match="is not the key of this ledger"):
        gate.build([read(rows)], plain | {"title": "C"}, tmp_path / "four", key=KEY, ledger=Ledger(tmp_path / "a"))


def test_file_and_ledger_together_verify_the_source_of_a_release(
    tmp_path: Path, rows: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    plain = {name: value for name, value in SPEC.items() if name != "microdata"}
    gate.build([read(rows)], plain, tmp_path / "out", key=KEY, ledger=Ledger(tmp_path / "a"))
    other = tmp_path / "other.csv"
    other.write_bytes(rows.read_bytes() + b"male,2024\n")

    def verify(path: Path, ledger: str) -> int:
        return run("verify", tmp_path / "out", "--snapshot", path, "--ledger", tmp_path / ledger)

    assert verify(rows, "a") == 0
    assert "people.csv: the release was made from this file" in capsys.readouterr().out
    for path, ledger in ((other, "a"), (rows, "none")):
        assert verify(path, ledger) == 1
        assert "according to this ledger, the release was not made from this file" in capsys.readouterr().err
    assert verify(tmp_path / "nothing.csv", "a") == 2
    assert not (tmp_path / "none").exists(), "who looks makes no ledger"
