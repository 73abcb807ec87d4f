"""`kerege snapshot`: a file of coded rows, or one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.base.files import file_hash
from kerege.casework.persons.queries import quality
from kerege.casework.persons.queries.quality import RecheckRates
from kerege.evidence.data import snapshot
from kerege.evidence.mse.linkage_errors import rates_file
from tests.casework.exchange.records import FULL, bring_in
from tests.cli.test_exchange_import import run

pytestmark = pytest.mark.django_db


def test_victims_are_the_default(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring_in(tmp_path, FULL)
    assert run("snapshot", tmp_path / "v.parquet", "--as-of", "2025-12-31", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["unit"], result["rows"], result["as_of"]) == ("victims", 1, "2025-12-31")
    assert snapshot.read(tmp_path / "v.parquet").unit == "victims"


def test_the_rechecks_of_links_are_beside_the_snapshot_of_victims(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    bring_in(tmp_path, FULL)
    monkeypatch.setattr(quality, "_recheck_rates", lambda: [RecheckRates("machine", "", 120, 3)])
    assert run("snapshot", tmp_path / "v.parquet") == 0
    beside = json.loads((tmp_path / "v.rates.json").read_text())
    assert beside["rechecks"] == {"checked": 120, "false": 3}
    assert beside["table"] == file_hash(tmp_path / "v.parquet")
    assert beside["format"] == rates_file.FORMAT
    assert rates_file.rates_path(tmp_path / "v.parquet") == tmp_path / "v.rates.json"
    assert run("snapshot", tmp_path / "s.parquet", "--of", "services") == 0
    assert not (tmp_path / "s.rates.json").exists()


@pytest.mark.parametrize(
    ("options", "what"),
    [
        (["--of", "ghosts"], "there is no unit 'ghosts'"),
        (["--as-of", "yesterday"], "--as-of is not a day"),
        (["--as-of", "2999-01-01"], "--as-of is in the future"),
    ],
)
def test_invalid_options_are_refused_in_one_sentence(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], options: list[str], what: str
) -> None:
    assert run("snapshot", tmp_path / "v.parquet", *options) == 2
    assert what in capsys.readouterr().err
    assert not (tmp_path / "v.parquet").exists()


def test_a_snapshot_is_a_parquet_file(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("snapshot", tmp_path / "v.csv") == 2
    assert "Parquet" in capsys.readouterr().err
