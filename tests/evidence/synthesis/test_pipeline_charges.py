"""The same request is one charge and the same file."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import Refused
from kerege.evidence.data import snapshot as snapshots
from kerege.evidence.dp.gaussian_noise import discrete_gaussian, repeatable
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import Request, synthesize
from kerege.evidence.synthesis.generation.synthesiser import fit_records
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from tests.evidence.synthesis.invented_requests import (
    AB,
    CERTIFICATE,
    RECORDS,
    TABLE,
    asked,
    content,
    foreign,
    rows,
)

pytestmark = pytest.mark.usefixtures("fit_in_this_process")


def test_the_same_request_is_the_same_file_and_another_seed_costs_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    first = asked(tmp_path, "one", Request(seed=1))
    second = asked(tmp_path, "two", Request(seed=1, period="2025"))
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert set(content(tmp_path / "one")) == {RECORDS, TABLE, CERTIFICATE, "records.counts.csv"}
    assert first == second
    third = asked(tmp_path, "three", Request(seed=2))
    assert content(tmp_path / "three")[RECORDS] != content(tmp_path / "one")[RECORDS]
    assert (third["seed"], third["guarantee"], third["people"]) == (2, first["guarantee"], first["people"])
    assert content(tmp_path / "three") == (asked(tmp_path, "four", Request(seed=2)), content(tmp_path / "four"))[1]
    assert [entry.rho for entry in ledger.entries()] == [first["guarantee"]["rho"], 0, 0]  # and two sets of records
    assert first["guarantee"]["rho"] <= epsilon_to_rho(4.0)
    asked(tmp_path, "five", Request(seed=1, epsilon=2.0, period="2025"))
    assert ledger.periods() == ["2025", "files"]
    assert ledger.composed() == pytest.approx(epsilon_to_rho(4.0) + epsilon_to_rho(2.0), rel=1e-6)


def test_stored_records_stay_the_same_after_the_code_changes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    certificate, module = asked(tmp_path, "one", Request()), import_module(synthesize.__module__)
    kept = content(tmp_path / "one")

    def other(noisy: Noisy, charge: Any, seed: int, *_: Any, **options: Any) -> Any:
        return fit_records(noisy, charge, seed + 1)

    monkeypatch.setattr(module, "fit_in_process", other)
    monkeypatch.setattr(module.certificates, "code_hash", lambda: "a" * 64)
    monkeypatch.setattr(module.certificates, "__version__", "9.9")
    asked(tmp_path, "two", Request())
    assert content(tmp_path / "two") == kept
    later = asked(tmp_path, "three", Request(seed=5))  # of the same counts, by the code of now
    assert (later["hashes"]["code"], later["version"]) == ("a" * 64, "9.9")
    assert (
        later["hashes"]["code_that_measured"]
        == certificate["hashes"]["code"]
        == certificate["hashes"]["code_that_measured"]
    )


def test_the_ledger_is_free_while_records_are_made(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the ledger were locked, the reader would wait for ever: the lock is per file, not per process."""
    ledger = Ledger(tmp_path / "ledger")

    def reads(noisy: Noisy, charge: Any, seed: int, *_: Any, **options: Any) -> Any:
        with ledger.locked():
            assert ledger.entries()
        return fit_records(noisy, charge, seed)

    monkeypatch.setattr(import_module(synthesize.__module__), "fit_in_process", reads)
    asked(tmp_path, "one", Request())


def test_two_equal_requests_at_once_share_one_noise_and_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second request arrives while the first makes records.

    Both make records, and the first stored ones stay.
    """
    module, again = import_module(synthesize.__module__), module_fit()

    def slow(noisy: Noisy, charge: Any, seed: int, *_: Any, **options: Any) -> Any:
        monkeypatch.setattr(module, "fit_in_process", again)
        asked(tmp_path, "second", Request())
        return fit_records(noisy, charge, seed + 1)  # as other code would, to distinguish them

    monkeypatch.setattr(module, "fit_in_process", slow)
    asked(tmp_path, "first", Request())
    assert content(tmp_path / "first") == content(tmp_path / "second")
    assert [entry.rho > 0 for entry in Ledger(tmp_path / "ledger").entries()] == [True, False]


def module_fit() -> Callable[..., Any]:
    return lambda noisy, charge, seed, *_, **options: fit_records(noisy, charge, seed)


def test_a_file_in_another_order_or_format_is_the_same_request(tmp_path: Path) -> None:
    """Otherwise the mean over shuffled files would cancel the noise."""
    frame = rows()
    shuffled = frame.sample(fraction=1, shuffle=True, seed=3).select("b", "a")
    shuffled = shuffled.with_columns(more=pl.lit("not asked for"))
    frame.write_csv(tmp_path / "one.csv")
    shuffled.write_csv(tmp_path / "two.csv")
    shuffled.write_parquet(tmp_path / "three.parquet")
    ledger, contents = Ledger(tmp_path / "ledger"), []
    for name in ("one.csv", "two.csv", "three.parquet"):
        snapshot = snapshots.read(tmp_path / name)
        synthesize(snapshot, Request(("a", "b")), ledger, tmp_path / name.partition(".")[0], listed=AB)
        contents.append(content(tmp_path / name.partition(".")[0]))
    assert contents[0] == contents[1] == contents[2]
    assert [entry.rho > 0 for entry in ledger.entries()] == [True, False]


def test_noise_does_not_average_away_over_files_with_a_row_less(tmp_path: Path) -> None:
    """An intruder who can submit any file learns no more than the budget of one file allows."""
    ledger, paid, refused = Ledger(tmp_path / "ledger"), 0, 0
    for number in range(8):
        try:
            asked(tmp_path, str(number), Request(epsilon=2.0), rows()[number:])
            paid += 1
        except Refused:
            refused += 1
    assert (paid, refused) == (3, 5)
    assert ledger.periods() == ["files"]
    assert ledger.composed() <= epsilon_to_rho(4.0) * (1 + 1e-9)
    asked(tmp_path, "others", Request(epsilon=2.0, period="other people"), rows(seed=5))


def test_hashes_are_those_of_the_files(tmp_path: Path) -> None:
    certificate = asked(tmp_path, "one", Request())
    for kind in ("csv", "parquet"):
        written = (tmp_path / "one" / f"records.{kind}").read_bytes()
        assert certificate["hashes"][kind] == hashlib.sha256(written).hexdigest()
    assert certificate["guarantee"]["holds"]
    assert "OpenDP" in certificate["guarantee"]["noise"]


def test_an_overdrawn_budget_is_refused_with_nothing_written(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    with ledger.locked():
        ledger.set_budget("2025", epsilon_to_rho(2.0), "test")
    with pytest.raises(Refused, match="budget of 2025"):
        asked(tmp_path, "out", Request(period="2025"))
    assert not (tmp_path / "out").exists()
    assert len(ledger.entries()) == 1
    assert not (tmp_path / "ledger" / "outputs").exists()
    asked(tmp_path, "out", Request(period="2025", epsilon=1.9))
    with pytest.raises(Refused, match="budget of 2025"):
        asked(tmp_path, "more", Request(period="2025", epsilon=1.0))
    assert not (tmp_path / "more").exists()


def test_uncharged_noise_is_not_called_private(tmp_path: Path) -> None:
    """This holds for secure noise too: repeated draws without the ledger could be averaged."""
    for number, noise in enumerate((repeatable(1), discrete_gaussian)):
        certificate = synthesize(
            foreign(rows()), Request(), Ledger(tmp_path / "l"), tmp_path / str(number), listed=AB, noise=noise
        )
        assert not certificate["guarantee"]["holds"]
        assert "NOT PRIVATE" in certificate["guarantee"]["warning"]
        assert "NOT PRIVATE" in (tmp_path / str(number) / CERTIFICATE).read_text()
    assert not Ledger(tmp_path / "l").entries()
