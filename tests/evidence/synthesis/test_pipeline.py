"""The pipeline: a result or a clear sentence, one charge, reproducible output, and no true count."""

from __future__ import annotations

import csv
import hashlib
import io
import json
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.data import snapshot as snapshots
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.dp.gaussian_noise import discrete_gaussian, repeatable
from kerege.evidence.dp.zcdp import epsilon_to_rho
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis import Request, expected_error, refit, synthesize
from kerege.evidence.synthesis.generation.synthesiser import made
from kerege.evidence.synthesis.measurement import public_schema
from kerege.evidence.synthesis.measurement.noisy_counts import Noisy
from kerege.evidence.synthesis.measurement.public_schema import DISCOVERED, Column, Schema
from kerege.evidence.synthesis.pipeline import request_of

RECORDS, TABLE, CERTIFICATE = "records.csv", "records.parquet", "records.certificate.json"
AB: Schema = (Column("a", ("x", "y", "z")), Column("b", ("p", "q")))


@pytest.fixture(autouse=True)
def _in_this_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """Run the fit in this process for speed; test_synthesiser.py runs it in a separate process."""
    module = import_module(synthesize.__module__)

    def here(
        noisy: Noisy,
        charge: float,
        seed: int,
        progress: Callable[[float], None] = lambda share: None,
        before: Any = None,
    ) -> Any:
        return made(noisy, charge, seed, progress, before)

    monkeypatch.setattr(module, "fitted", here)


def rows(n: int = 600, seed: int = 1) -> pl.DataFrame:
    rng = np.random.default_rng(seed)
    a, b = rng.choice(["x", "y", "z"], n, p=[0.6, 0.3, 0.1]).tolist(), rng.choice(["p", "q"], n).tolist()
    return pl.DataFrame(
        {"a": a, "b": [None if n % 7 == 0 else value for n, value in enumerate(b)]}, schema=texts("a", "b")
    )


def foreign(frame: pl.DataFrame, multi: frozenset[str] = frozenset(), path: str = "people.csv") -> Snapshot:
    digest = hashlib.sha256(frame.write_json().encode()).hexdigest()
    return Snapshot(frame, "records", "", False, digest, multi, "" if frame.is_empty() else path)


def made_of(
    frame: pl.DataFrame,
    folder: Path,
    listed: Schema = (),
    seed: int = 1,
    multi: frozenset[str] = frozenset(),
    **asked: Any,
) -> dict[str, Any]:
    """Make records with repeatable noise; return their certificate."""
    return synthesize(
        foreign(frame, multi),
        Request(**asked),
        Ledger(folder / "ledger"),
        folder / "out",
        listed=listed,
        noise=repeatable(seed),
    )


def texts(*names: str) -> dict[str, type[pl.String]]:
    return dict.fromkeys(names, pl.String)


# -- a result ---------------------------------------------------------------------------------------------------------


BIG = [f"v{number}" for number in range(5_000)]
TABLES = {
    "nobody": (pl.DataFrame(schema=texts("a", "b")), AB),
    "nobody and no list": (pl.DataFrame(schema=texts("a", "b")), ()),
    "one person": (pl.DataFrame({"a": ["x"], "b": ["p"]}), AB),
    "one person and no list": (pl.DataFrame({"a": ["x"], "b": ["p"]}), ()),
    "one column": (rows().select("a"), AB[:1]),
    "one column and no list": (rows().select("a"), ()),
    "nothing reported": (pl.DataFrame({"a": [None] * 300, "b": [None] * 300}, schema=texts("a", "b")), AB),
    "nothing reported and no list": (pl.DataFrame({"a": [None] * 300, "b": [None] * 300}, schema=texts("a", "b")), ()),
    "many values": (rows().with_columns(a=pl.Series(BIG[:600])), (Column("a", tuple(BIG)), AB[1])),
    "many values and no list": (rows().with_columns(a=pl.Series(BIG[:600])), ()),
    "one value": (pl.DataFrame({"a": ["x"] * 300, "b": ["p"] * 300}), (Column("a", ("x",)), Column("b", ("p",)))),
}


@pytest.mark.parametrize("name", TABLES)
def test_there_are_records_of_any_table(name: str, tmp_path: Path) -> None:
    frame, listed = TABLES[name]
    certificate = made_of(frame, tmp_path, listed)
    synthetic = pl.read_parquet(tmp_path / "out" / TABLE)
    assert synthetic.columns == frame.columns
    assert synthetic.height == certificate["rows"] == certificate["people"]
    assert set(synthetic.dtypes) == {pl.String}
    public = public_schema.parsed(certificate["schema"])
    for column in public:
        assert set(synthetic[column.name].drop_nulls()) <= set(column.values)
    assert certificate["guarantee"]["epsilon_of_rho"] <= 4.0
    assert snapshots.read(tmp_path / "out" / RECORDS).frame.equals(synthetic) or not synthetic.height


@pytest.mark.parametrize("name", ["nobody", "one person", "nothing reported", "many values"])
def test_records_that_are_mostly_noise_are_not_worth_publishing(name: str, tmp_path: Path) -> None:
    certificate = made_of(*TABLES[name][:1], tmp_path, TABLES[name][1])
    assert not certificate["worth"]
    assert "publish a few noised tables" in certificate["advice"]


def test_one_column_of_noise_is_not_worth_publishing(tmp_path: Path) -> None:
    certificate = made_of(pl.DataFrame({"a": ["x"] * 4}), tmp_path, AB[:1], epsilon=0.5)
    assert not certificate["worth"]


def test_two_hundred_columns(tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    wide = {f"c{n}": ["1" if is_reported else None for is_reported in rng.random(300) < 0.03] for n in range(200)}
    listed = tuple(Column(name, ("0", "1")) for name in wide)
    frame = pl.DataFrame(wide, schema=texts(*wide))
    certificate = made_of(frame, tmp_path, listed, order=2)
    assert len(certificate["columns"]) == 200
    assert certificate["guarantee"]["steps"][1]["clip"] < 20  # not drawn up by 190 lengths that nobody has
    with pytest.raises(BadInput, match="201 columns are more than 200"):
        made_of(frame.with_columns(more=pl.lit("1")), tmp_path, listed)


def test_values_that_nobody_listed_are_not_reported(tmp_path: Path) -> None:
    frame = pl.concat(
        [rows(), pl.DataFrame({"a": ["Aigerim"] * 50 + ["x"] * 50, "b": ["p"] * 50 + ["+77011234567"] * 50})]
    )
    made_of(frame, tmp_path, AB)
    whole = b"".join(path.read_bytes() for path in (tmp_path / "out").iterdir())
    assert b"Aigerim" not in whole
    assert b"+7701" not in whole
    kept, lost = public_schema.kept(frame, AB)
    assert lost == {"a": 50, "b": 50}
    assert kept.height == frame.height


def test_multi_valued_columns_stay_lists(tmp_path: Path) -> None:
    frame = pl.DataFrame({"m": [["u", "w"], ["u"], None, ["v", "u", "other"]] * 200, "a": ["x", "y", "x", None] * 200})
    listed = (Column("m", ("u", "v", "w"), True), AB[0])
    certificate = made_of(frame, tmp_path, listed, multi=frozenset({"m"}))
    synthetic = pl.read_parquet(tmp_path / "out" / TABLE)
    assert synthetic.schema == {"m": pl.List(pl.String), "a": pl.String}
    again = snapshots.read(tmp_path / "out" / RECORDS, multi=["m"]).frame
    lists = pl.col("m").list.sort()
    assert again.with_columns(lists).equals(synthetic.with_columns(lists))
    assert abs(synthetic["m"].drop_nulls().explode().to_list().count("u") - 600) < 60
    assert certificate["guarantee"]["steps"][1]["cells"] == 6


def test_a_spreadsheet_runs_none_of_the_values_and_they_are_read_as_they_are(tmp_path: Path) -> None:
    hostile = ["=cmd|' /C calc'!A0", "@SUM(1)", "+x", "\tx", "'=1", "-99"]
    frame = pl.DataFrame({"=a": hostile * 100, "m": [["=u", "v"], ["-w"], None] * 200})
    listed = (Column("=a", tuple(hostile)), Column("m", ("=u", "-w", "v"), True))
    made_of(frame, tmp_path, listed, multi=frozenset({"m"}))
    text = (tmp_path / "out" / RECORDS).read_text()
    cells = {cell for row in csv.reader(io.StringIO(text)) for cell in row}
    assert {"'=a", "'@SUM(1)", "-99", "''=1"} <= cells
    assert not [cell for cell in cells if cell[:1] in {"=", "+", "@", "\t"}]
    synthetic = pl.read_parquet(tmp_path / "out" / TABLE)
    assert set(synthetic["=a"].drop_nulls()) == set(hostile)
    again = snapshots.read(tmp_path / "out" / RECORDS, multi=["m"]).frame
    lists = pl.col("m").list.sort()
    assert again.with_columns(lists).equals(synthetic.with_columns(lists))


# -- a sentence -------------------------------------------------------------------------------------------------------


ASKED: list[tuple[dict[str, Any], str]] = [
    *[({"epsilon": value}, "epsilon is no number") for value in (0, -1, 1e9, float("nan"), float("inf"), 1e-9)],
    *[({"delta": value}, "delta is no number") for value in (1, 0, -1e-9, float("nan"), 0.01)],
    ({"preset": "bold"}, "no preset bold"),
    *[({"seed": value}, "seed is no whole number") for value in (-1, 2**31)],
    *[({"order": value}, "not measured") for value in (0, 4)],
    ({"columns": ("a", "nothing")}, "no such column"),
    ({"columns": ("a", "a")}, "named twice"),
]


@pytest.mark.parametrize(("asked", "words"), ASKED)
def test_an_invalid_request_is_refused_and_nothing_is_written(
    asked: dict[str, Any], words: str, tmp_path: Path
) -> None:
    for noise in (None, repeatable(1)):
        with pytest.raises(BadInput, match=words):
            synthesize(
                foreign(rows()), Request(**asked), Ledger(tmp_path / "l"), tmp_path / "out", listed=AB, noise=noise
            )
    assert not (tmp_path / "out").exists()
    assert not Ledger(tmp_path / "l").entries()


def test_several_values_without_a_list_are_refused(tmp_path: Path) -> None:
    frame = pl.DataFrame({"m": [["u"], ["v"]]})
    with pytest.raises(BadInput, match="nobody listed"):
        made_of(frame, tmp_path, multi=frozenset({"m"}))
    with pytest.raises(BadInput, match="no known source"):
        public_schema.parsed({"columns": {"m": {"values": [], "multi": True, "source": DISCOVERED}}})


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a =", "is not TOML"),
        ("a = 1", "names no columns"),
        ("[columns]", "names no columns"),
        ("more = 1\n[columns.a]\nvalues = ['x']", "names no columns"),
        ("columns.a = 1", "is not described"),
        ("[columns.a]", "either values or a code list"),
        ("[columns.a]\nvalues = ['x']\nlist = 'sex'", "either values"),
        ("[columns.a]\nlist = 'nothing'", "does not exist"),
        ("[columns.a]\nlist = [1]", "does not exist"),
        ("[columns.a]\nvalues = []", "names no values"),
        ("[columns.a]\nvalues = ['x', 'x']", "a value twice"),
        ("[columns.a]\nvalues = []\nsource = 'discovered under delta'", "names no values"),
        ("[columns.a]\nvalues = [1]", "no list of texts"),
        ("[columns.a]\nvalues = ['']", "no list of texts"),
        ("[columns.a]\nvalues = 'x'", "no list of texts"),
        ("[columns.a]\nvalues = ['_T', 'x']", "are kept for"),
        ("[columns.a]\nvalues = ['x']\nmulti = 3", "either values"),
        ("[columns.a]\nvalues = ['x']\nmore = 1", "is not"),
        ("[columns.a]\nvalues = ['x;y']\nmulti = true", "separates values"),
    ],
)
def test_each_fault_of_a_schema_file_has_its_sentence(text: str, words: str, tmp_path: Path) -> None:
    path = tmp_path / "schema.toml"
    path.write_text(text)
    with pytest.raises(BadInput, match=words) as error:
        public_schema.read(path)
    assert "\n" not in str(error.value)


def test_a_schema_file_that_cannot_be_read(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        public_schema.read(tmp_path / "none.toml")
    (tmp_path / "bad.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(BadInput, match="is not TOML"):
        public_schema.read(tmp_path / "bad.toml")


def test_a_schema_file_cannot_open_a_column(tmp_path: Path) -> None:
    """A listed column is closed, whatever its `source` key says."""
    path = tmp_path / "schema.toml"
    path.write_text(f"[columns.a]\nvalues = ['x']\nsource = '{DISCOVERED}'\n[columns.b]\nlist = 'sex'\nmulti = true")
    columns = public_schema.read(path)
    assert [column.open for column in columns] == [False, False]
    assert columns[1].multi
    assert columns[1].values


# -- the ledger -------------------------------------------------------------------------------------------------------


def asked(tmp_path: Path, folder: str, request: Request, frame: pl.DataFrame | None = None) -> dict[str, Any]:
    snapshot = foreign(rows() if frame is None else frame)
    return synthesize(snapshot, request, Ledger(tmp_path / "ledger"), tmp_path / folder, listed=AB)


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_the_same_request_is_the_same_file_and_another_seed_costs_nothing(tmp_path: Path) -> None:
    ledger = Ledger(tmp_path / "ledger")
    first = asked(tmp_path, "one", Request(seed=1))
    second = asked(tmp_path, "two", Request(seed=1, period="2025"))
    assert content(tmp_path / "one") == content(tmp_path / "two")
    assert set(content(tmp_path / "one")) == {RECORDS, TABLE, CERTIFICATE}
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

    def other(noisy: Noisy, charge: Any, seed: int, *_: Any) -> Any:
        return made(noisy, charge, seed + 1)

    monkeypatch.setattr(module, "fitted", other)
    monkeypatch.setattr(module.certificates, "code_hash", lambda: "a" * 64)
    monkeypatch.setattr(module, "__version__", "9.9")
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

    def reads(noisy: Noisy, charge: Any, seed: int, *_: Any) -> Any:
        with ledger.locked():
            assert ledger.entries()
        return made(noisy, charge, seed)

    monkeypatch.setattr(import_module(synthesize.__module__), "fitted", reads)
    asked(tmp_path, "one", Request())


def test_two_equal_requests_at_once_share_one_noise_and_one_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The second request arrives while the first makes records.

    Both make records, and the first stored ones stay.
    """
    module, again = import_module(synthesize.__module__), module_fit()

    def slow(noisy: Noisy, charge: Any, seed: int, *_: Any) -> Any:
        monkeypatch.setattr(module, "fitted", again)
        asked(tmp_path, "second", Request())
        return made(noisy, charge, seed + 1)  # as other code would, to distinguish them

    monkeypatch.setattr(module, "fitted", slow)
    asked(tmp_path, "first", Request())
    assert content(tmp_path / "first") == content(tmp_path / "second")
    assert [entry.rho > 0 for entry in Ledger(tmp_path / "ledger").entries()] == [True, False]


def module_fit() -> Callable[..., Any]:
    return lambda noisy, charge, seed, *_: made(noisy, charge, seed)


# -- external files ---------------------------------------------------------------------------------------------------


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


# -- contents of a certificate ----------------------------------------------------------------------------------------


def without(tree: Any, names: set[str]) -> Any:
    if isinstance(tree, dict):
        return {name: without(value, names) for name, value in tree.items() if name not in names}
    return [without(item, names) for item in tree] if isinstance(tree, list) else tree


def numbers(tree: Any) -> set[float]:
    if isinstance(tree, dict):
        return set().union(*map(numbers, tree.values()), set())
    if isinstance(tree, list):
        return set().union(*map(numbers, tree), set())
    return {tree} if isinstance(tree, int | float) and not isinstance(tree, bool) else set()


def test_a_certificate_contains_only_noisy_facts(tmp_path: Path) -> None:
    """If noise replaces every count, the rows do not matter.

    Tables with entirely different rows give the same certificate and file.
    """
    others = [rows(600, 1), rows(901, 2), rows(1, 3), rows(0)]
    results = []
    for number, frame in enumerate(others):

        def constant(counts: Any, sigma: float) -> Any:
            return np.full_like(counts, 5_000 if sigma > 100 else 300)

        certificate = synthesize(
            foreign(frame), Request(seed=3), Ledger(tmp_path / "l"), tmp_path / str(number), listed=AB, noise=constant
        )
        results.append((certificate, content(tmp_path / str(number))))
    assert all(result == results[0] for result in results[1:])


def test_one_person_more_under_the_same_noise_shows_in_noisy_facts_only(tmp_path: Path) -> None:
    frame = rows(1_234, 1)
    person = pl.DataFrame({"a": ["z"], "b": ["q"]})
    certificates = [made_of(certificate, tmp_path, AB, seed=4) for certificate in (frame, pl.concat([frame, person]))]
    noisy = {"people", "rows", "standing_out", "csv", "parquet", "worth", "advice"}
    assert without(certificates[0], noisy) == without(certificates[1], noisy)
    assert abs(certificates[0]["people"] - certificates[1]["people"]) <= 1
    for certificate in certificates:
        text = json.dumps(certificate)
        assert "people.csv" not in text
        assert foreign(frame).sha256[:12] not in text
        truths = {frame.height, frame["b"].null_count(), *frame["a"].value_counts()["count"], frame.height + 1}
        assert not numbers(certificate) & truths


def test_a_relative_error_is_above_one_where_the_noise_is_larger_than_the_count() -> None:
    for entry in expected_error(20, 1.0, None):
        assert entry["relative"]["10"] > 1
        assert entry["relative"]["10"] == pytest.approx(entry["error"] / 10, rel=0.01)
        assert entry["supported"] == pytest.approx(5 * entry["error"], rel=0.01)


def test_values_of_a_cell_are_in_the_order_of_the_list(tmp_path: Path) -> None:
    listed = (Column("m", ("debt", "threats", "arms"), True),)
    frame = pl.DataFrame({"m": [["arms", "debt"], ["threats", "debt"]] * 400})
    made_of(frame, tmp_path, listed, multi=frozenset({"m"}), epsilon=8.0)
    cells = pl.read_parquet(tmp_path / "out" / "records.parquet")["m"].drop_nulls().to_list()
    assert {tuple(cell) for cell in cells if len(cell) == 2} == {("debt", "arms"), ("debt", "threats")}
    assert all(cell == [value for value in listed[0].values if value in cell] for cell in cells)
    counts = Counter(tuple(cell) for cell in cells)
    assert counts[("debt", "arms")] == pytest.approx(400, abs=30)


def test_the_expected_errors_match_records_that_report_everything(tmp_path: Path) -> None:
    frame = pl.DataFrame({name: ["x", "y"] * 500 for name in "abcd"})
    certificate = made_of(frame, tmp_path, tuple(Column(name, ("x", "y")) for name in "abcd"), epsilon=2.0)
    assert certificate["expected"] == expected_error(4, 2.0, None)


def test_the_number_of_records_is_noisy(tmp_path: Path) -> None:
    row_numbers = {made_of(rows(), tmp_path, AB, seed=seed, order=1)["rows"] for seed in range(12)}
    assert len(row_numbers) > 8


def test_finding_values_takes_half_of_delta(tmp_path: Path) -> None:
    certificate = made_of(rows(3_000), tmp_path)
    claim = certificate["guarantee"]
    assert claim["delta_for_unlisted_values"] == claim["delta"] / 2
    assert claim["rho"] <= epsilon_to_rho(4.0, claim["delta"] / 2)
    assert {column["source"] for column in certificate["columns"]} == {DISCOVERED}
    assert public_schema.parsed(certificate["schema"])[0].values == ("x", "y", "z")


def test_records_are_regenerated_from_other_rows_for_evaluation(tmp_path: Path) -> None:
    """This includes found values: they are public by now."""
    for listed in (AB, ()):
        certificate = made_of(rows(3_000), tmp_path, listed)
        again = refit(rows(3_000, 9), certificate, 1)
        assert again.columns == ["a", "b"]
        assert abs(again.height - 3_000) < 150
        assert set(again["a"].drop_nulls()) == {"x", "y", "z"}


def test_each_parameter_changes_the_digest_of_a_request(tmp_path: Path) -> None:
    snapshot, request = foreign(rows()), Request()
    key = request_of(snapshot, request, AB)
    for change in ({"epsilon": 3.0}, {"delta": 1e-8}, {"preset": "careful"}, {"order": 2}, {"columns": ("a",)}):
        assert request_of(snapshot, replace(request, **change), AB) != key
    assert request_of(snapshot, replace(request, seed=5, period="2025"), AB) == key
    assert request_of(foreign(rows(seed=2)), request, AB) != key
