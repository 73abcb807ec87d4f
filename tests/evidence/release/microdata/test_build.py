"""Synthetic records in a release: specified, charged once, and signed with their companion files."""

from __future__ import annotations

import csv
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.data.snapshot import Snapshot, read, write
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.release import build as gate
from kerege.evidence.release.manifest import Manifest
from kerege.evidence.release.microdata.build import PARTS
from kerege.evidence.release.spec import parse
from kerege.evidence.sdc.disclosure.intruder import examine
from tests.evidence import made_microdata
from tests.evidence.made_microdata import UNLISTED

KEY = b"k" * 32
SEX = {"name": "sex", "of": "victims", "by": ["sex"]}
WANTED = {"name": "people", "of": "victims", "columns": ["sex", "means"], "epsilon": 1.0}


@pytest.fixture(autouse=True)
def engine(monkeypatch: pytest.MonkeyPatch) -> None:
    """Install the stand-in of the synthesis engine."""
    made_microdata.install(monkeypatch)


@pytest.fixture
def source(tmp_path: Path) -> Snapshot:
    """Return victims by sex and means of control; some have two means, some have none."""
    means = (["debt_bondage"], ["debt_bondage", "threats"], None)
    rows = [{"sex": "female" if n % 3 else "male", "means": means[n % 3], "programme": "iom"} for n in range(300)]
    path = tmp_path / "victims.parquet"
    write(path, "victims", rows, as_of="2025-12-31", invented=True, key=KEY)
    return read(path)


@pytest.fixture
def ledger(tmp_path: Path) -> Ledger:
    return Ledger(tmp_path / "ledger")


def spec(*sets: dict[str, Any], tables: list[dict[str, Any]] | None = None) -> dict[str, Any]:
    return {"title": "T", "period": "2025", "table": tables or [SEX], "microdata": list(sets)}


def build(source: Snapshot, request: dict[str, Any], out: Path, ledger: Ledger) -> Manifest:
    return gate.build([source], request, out, key=KEY, created="2026-01-01T00:00:00Z", ledger=ledger)


def charged(ledger: Ledger) -> list[float]:
    return [entry.rho for entry in ledger.entries() if entry.kind == "microdata"]


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"name": ""}, "microdata 1 has no name"),
        ({"name": "../x"}, "microdata 1 has a name that is not a safe file name"),
        ({"of": 3}, "microdata people: `of` is missing"),
        ({"columns": "sex"}, "microdata people: `columns` is not a list of columns"),
        ({"columns": ["sex", "sex"]}, "microdata people: a column is named twice"),
        *(
            ({"epsilon": value}, "microdata people: epsilon is not a number from 0.001 to 100")
            for value in (0, 101, True, "4", float("nan"))
        ),
        *(
            ({"delta": value}, "microdata people: delta is not a number from 1e-30 to 0.0001")
            for value in (1, 0.01, "x")
        ),
        ({"preset": "wild"}, "microdata people: there is no preset wild"),
        ({"preset": ["careful"]}, "microdata people: there is no preset ['careful']"),
        ({"title": {"en": "People"}}, "microdata people: the title lacks a language"),
        ({"rows": 5}, "microdata people: unknown key rows"),
        ({"through": "2024"}, "microdata people: `through` applies to cohorts only"),
        ({"revise": ["2024"]}, "microdata people: `revise` applies to cohorts only"),
        *(({"cohorts": value}, "microdata people: `cohorts` is not a column") for value in ("", 3, ["year"])),
        ({"cohorts": "year", "columns": ["year"]}, "microdata people: there is no column besides the cohorts"),
        *(
            ({"cohorts": "year", "through": value}, "microdata people: `through` is not a value")
            for value in (2024, "")
        ),
        *(
            ({"cohorts": "year", "revise": value}, "microdata people: `revise` is not a list of cohorts")
            for value in ("2024", [2024], ["2024", "2024"])
        ),
    ],
)
def test_a_fault_of_requested_records_is_one_sentence(change: dict[str, Any], says: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(spec(WANTED | change))
    [fault] = caught.value.faults
    assert str(fault).startswith(f"spec: {says}")


def test_a_few_sets_of_records_and_no_name_twice() -> None:
    for sets, says in (
        ([WANTED, WANTED], "two sets of records are called people"),
        ([WANTED] * 4, "has 4 sets of synthetic records, take at most 3"),
    ):
        with pytest.raises(BadInput, match=says):
            parse(spec(*sets))
    with pytest.raises(BadInput, match="is not a list of tables"):
        parse(spec() | {"microdata": {"name": "people"}})


def test_no_two_sets_of_a_release_have_one_title() -> None:
    """Readers identify a set by its title."""
    second = WANTED | {"name": "more", "columns": ["sex"]}
    assert {record_set.title["en"] for record_set in parse(spec(WANTED, second)).microdata} == {"people", "more"}
    for title in ("people", {"kk": "people", "ru": "Люди", "en": "People"}):
        with pytest.raises(BadInput, match="microdata more: has the title of people"):
            parse(spec(WANTED, second | {"title": title}))


def test_the_default_is_the_balanced_preset_with_every_column() -> None:
    [record_set] = parse(spec({"name": "people", "of": "victims", "epsilon": 4})).microdata
    assert (record_set.columns, record_set.delta, record_set.preset, record_set.title["ru"]) == (
        [],
        None,
        "balanced",
        "people",
    )
    assert parse(spec()).microdata == []


def test_a_release_holds_records_with_their_companion_files(tmp_path: Path, source: Snapshot, ledger: Ledger) -> None:
    manifest = build(source, spec(WANTED), tmp_path / "out", ledger)
    [entry] = manifest.microdata
    assert [file.file for file in entry.files] == [f"microdata/people.{suffix}" for suffix in PARTS]
    assert {path.name for path in (tmp_path / "out/microdata").iterdir()} == {f"people.{suffix}" for suffix in PARTS}
    assert (entry.method, entry.columns, entry.multi) == ("dp", ["sex", "means"], ["means"])
    assert manifest.privacy.rho == pytest.approx(entry.rho)
    assert manifest.privacy.delta == pytest.approx(1e-9 + UNLISTED)
    assert gate.verify(tmp_path / "out") == manifest


@pytest.mark.parametrize("suffix", PARTS)
def test_a_changed_file_of_records_is_detected(tmp_path: Path, source: Snapshot, ledger: Ledger, suffix: str) -> None:
    build(source, spec(WANTED), tmp_path / "out", ledger)
    path = tmp_path / f"out/microdata/people.{suffix}"
    path.write_bytes(path.read_bytes() + b"\n")
    with pytest.raises(Refused, match=f"microdata/people.{suffix} is missing or differs"):
        gate.verify(tmp_path / "out")


def test_repeated_requests_for_records_are_charged_once(tmp_path: Path, source: Snapshot, ledger: Ledger) -> None:
    first = build(source, spec(WANTED), tmp_path / "one", ledger)
    assert len(charged(ledger)) == 1
    build(source, spec(WANTED), tmp_path / "same", ledger)
    other = build(source, spec(WANTED) | {"title": "Another"}, tmp_path / "two", ledger)
    assert len(charged(ledger)) == 1
    assert ledger.spent("2025") == pytest.approx(first.privacy.rho)
    one, two = ({file.file: file.sha256 for file in made.microdata[0].files} for made in (first, other))
    certificate_path = "microdata/people.certificate.json"  # it lists other publications, which have changed since
    assert one.pop(certificate_path) != two.pop(certificate_path)
    assert one == two


def test_an_exceeded_budget_draws_and_writes_nothing(tmp_path: Path, source: Snapshot, ledger: Ledger) -> None:
    noised = SEX | {"method": "dp", "params": {"rho": 0.01}}
    with ledger.locked():
        ledger.set_budget("2025", 0.02, "test")
    with pytest.raises(Refused, match="the privacy budget of 2025"):
        build(source, spec(WANTED, tables=[noised]), tmp_path / "out", ledger)
    assert not (tmp_path / "out").exists()
    assert ledger.spent("2025") == 0


def test_refused_tables_have_no_records(tmp_path: Path, source: Snapshot, ledger: Ledger) -> None:
    few = [{"sex": "transgender"}] * 3 + [{"sex": "female"}] * 90 + [{"sex": "male"}] * 120
    path = tmp_path / "few.parquet"
    write(path, "victims", few, as_of="2025-12-31", invented=True, key=KEY)
    request = spec(WANTED, tables=[SEX | {"method": "none"}])
    with pytest.raises(gate.Disclosed):
        build(read(path), request, tmp_path / "out", ledger)
    draft = gate.prepare([read(path)], request, tmp_path / "draft", ledger=ledger)
    assert draft.pending == ["people"]
    assert not draft.microdata
    assert not ledger.entries()


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"of": "suspects"}, "microdata people: there is no snapshot of suspects"),
        ({"columns": ["sex", "name"]}, "column name: microdata people: there is no such column"),
    ],
)
def test_missing_columns_are_reported_before_noise_is_drawn(
    tmp_path: Path, source: Snapshot, ledger: Ledger, change: dict[str, Any], says: str
) -> None:
    noised = SEX | {"method": "dp", "params": {"rho": 0.01}}
    with pytest.raises(BadInput, match=says):
        build(source, spec(WANTED | change, tables=[noised]), tmp_path / "out", ledger)
    assert not ledger.entries()


def test_a_snapshot_whose_rows_are_not_persons_has_no_records(tmp_path: Path, source: Snapshot, ledger: Ledger) -> None:
    path = tmp_path / "services.parquet"
    write(path, "services", [{"sex": "female"}] * 50, as_of="2025-12-31", invented=True, key=KEY)
    with pytest.raises(BadInput, match="a row of services is not one person"):
        gate.build(
            [source, read(path)],
            spec({"name": "x", "of": "services", "epsilon": 1}),
            tmp_path / "out",
            key=KEY,
            ledger=ledger,
        )


def test_records_of_large_noise_add_a_note_and_no_disclosure(tmp_path: Path, source: Snapshot, ledger: Ledger) -> None:
    build(source, spec(WANTED), tmp_path / "with", ledger)
    gate.build([source], spec(), tmp_path / "without", key=KEY, created="2026-01-01T00:00:00Z")
    one, two = (examine(tmp_path / name, [], 10, label="T") for name in ("with", "without"))
    assert one.model_copy(update={"notes": two.notes}) == two
    [note] = set(one.notes) - set(two.notes)
    assert "no bound is known of what records and tables disclose together" in note


def test_the_dictionary_names_columns_and_values_in_three_languages(
    tmp_path: Path, source: Snapshot, ledger: Ledger
) -> None:
    build(source, spec(WANTED), tmp_path / "out", ledger)
    rows = list(csv.DictReader((tmp_path / "out/microdata/people.dictionary.csv").open(encoding="utf-8")))
    female = next(row for row in rows if row["value"] == "female")
    assert (female["column"], female["several"], female["value_ru"]) == ("sex", "no", "Женский")
    assert all(row["column_kk"] and row["value_kk"] for row in rows)
    assert {row["several"] for row in rows if row["column"] == "means"} == {"yes"}
    assert [row["value"] for row in rows].count("") == 2


def test_the_example_runs_and_prints_a_first_table(tmp_path: Path, source: Snapshot, ledger: Ledger) -> None:
    build(source, spec(WANTED | {"title": 'A "quoted" \\ title'}), tmp_path / "out", ledger)
    done = subprocess.run(
        [sys.executable, "-I", str(tmp_path / "out/microdata/people.example.py")],
        capture_output=True,
        text=True,
        check=False,
        cwd=tmp_path,
    )
    assert done.returncode == 0, done.stderr
    assert "150 synthetic records, epsilon 1 at delta 1e-09" in done.stdout
    assert "Not reported" in done.stdout
    assert "The epsilon of this certificate covers none of it." in done.stdout
