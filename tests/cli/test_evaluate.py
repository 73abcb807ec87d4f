"""`kerege evaluate`: utility and risk as text, JSON and page; one sentence for an error."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from kerege.evidence import synthesis
from tests.cli.test_table import run
from tests.evidence.synthesis.evaluation.attacks.test_attacks import people

Out = pytest.CaptureFixture[str]
ROWS = 600


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path, Path]:
    """Write the original, a synthetic file and a control."""
    paths = tuple(tmp_path / f"{name}.csv" for name in ("original", "synthetic", "control"))
    for seed, path in enumerate(paths):
        people(ROWS, seed).write_csv(path)
    return paths[0], paths[1], paths[2]


def faults(capfd: Out) -> list[str]:
    out, err = capfd.readouterr()
    assert not out
    return [line for line in err.splitlines() if line.startswith("error: ")]


def certified(synthetic: Path, **claims: Any) -> None:
    certificate = {"epsilon": 4.0, "delta": 1e-9, "unit": "one victim", "holds": True} | claims
    path = synthetic.with_name(synthetic.name + ".certificate.json")
    path.write_text(json.dumps({"guarantee": certificate, "advice": "too <few>"}))


def test_the_text_output_has_all_tables(files: tuple[Path, Path, Path], capfd: Out) -> None:
    assert run("evaluate", *files[:2], "--control", files[2]) == 0
    out, err = capfd.readouterr()
    assert "for internal use only" in err
    for words in (
        "single values",
        "pairs",
        "triples",
        "1,000+",
        "Singling out by 4 values of a record",
        "95% interval",
    ):
        assert words in out
    assert max(map(len, out.splitlines())) <= 80


def test_several_values_in_a_column_of_single_ones_are_refused(tmp_path: Path, capfd: Out) -> None:
    for name, value in (("original", "a"), ("synthetic", "a;b")):
        (tmp_path / f"{name}.csv").write_text(f"x,y\n{value},1\nb,2\n", encoding="utf-8")
    assert run("evaluate", tmp_path / "original.csv", tmp_path / "synthetic.csv", "--no-privacy") == 2
    (fault,) = faults(capfd)
    assert "holds several values in a row, separated by ;" in fault


def test_one_json_object(files: tuple[Path, Path, Path], capfd: Out) -> None:
    assert run("evaluate", *files[:2], "--control", files[2], "--order", 2, "--json") == 0
    result = json.loads(capfd.readouterr().out)
    assert [length_row["length"] for length_row in result["quality"]["lengths"]] == [1, 2]
    assert result["original"]["file"] == "original.csv"
    assert (result["privacy"]["rows"], result["privacy"]["controls"], result["privacy"]["refitted"]) == (
        ROWS,
        ROWS,
        False,
    )
    assert [attack["columns"] for attack in result["privacy"]["singling_out"]] == [1, 4, 9]
    assert {"risk", "level", "sentence", "value", "low", "high"} <= result["verdicts"][0].keys()
    assert "NaN" not in json.dumps(result)
    assert "Infinity" not in json.dumps(result)


def test_the_same_seed_gives_the_same_result(files: tuple[Path, Path, Path], capfd: Out) -> None:
    privacy = []
    for seed in (1, 1, 2):
        assert run("evaluate", *files[:2], "--control", files[2], "--seed", seed, "--json") == 0
        privacy.append(json.loads(capfd.readouterr().out)["privacy"])
    assert privacy[0] == privacy[1]
    assert privacy[0] != privacy[2]


def test_the_page_loads_nothing_from_elsewhere(files: tuple[Path, Path, Path], tmp_path: Path, capfd: Out) -> None:
    certified(files[1])
    page = tmp_path / "new" / "page.html"
    assert run("evaluate", *files[:2], "--control", files[2], "--html", page) == 0
    text = page.read_text(encoding="utf-8")
    assert not re.search(r"<script|<link|@import|https?://|url\(|src=|\$[a-z]", text)
    assert text.count("<svg") == text.count("aria-label=") - 5 == 3 * 4 + 4  # five tables are labelled too
    assert text.count('class="badge not-tried"') == 2  # no value of one record, and no years
    for words in (
        "For internal use only",
        "ε = 4",
        "one victim",
        "54.6 times",
        "How to read this",
        "No attack contradicts the claim of 4",
    ):
        assert words in text
    assert len(text) < 80_000
    assert page.stat().st_mode & 0o077 == 0  # it is about real people: nobody else reads it


@pytest.mark.parametrize(
    ("lang", "says"),
    [
        ("ru", ("Что узнаёт нарушитель", "54,6 раза", "не опровергнуто")),
        ("kk", ("Бұзушы не біледі", "54,6 есе", "теріске шықпады")),
    ],
)
def test_the_page_is_in_the_chosen_language(
    files: tuple[Path, Path, Path], tmp_path: Path, lang: str, says: tuple[str, ...]
) -> None:
    certified(files[1])
    page = tmp_path / "page.html"
    assert run("evaluate", *files[:2], "--control", files[2], "--html", page, "--lang", lang) == 0
    text = page.read_text(encoding="utf-8")
    assert f'<html lang="{lang}">' in text
    assert [words for words in says if words not in text] == []
    assert [words for words in ("people", "records", "risk", "Error", "data") if f">{words}" in text] == []


def test_an_unknown_language_is_refused_before_the_work(
    files: tuple[Path, Path, Path], tmp_path: Path, capfd: Out
) -> None:
    assert run("evaluate", *files[:2], "--html", tmp_path / "page.html", "--lang", "de") == 2
    assert "there is no page in 'de'" in capfd.readouterr().err
    assert not (tmp_path / "page.html").exists()


def test_names_of_files_and_columns_are_escaped(tmp_path: Path) -> None:
    path = tmp_path / "<b>$name.csv"
    people(80, 1).rename({"c0": "<script>"}).write_csv(path)
    assert run("evaluate", path, path, "--no-privacy", "--html", tmp_path / "page.html") == 0
    text = (tmp_path / "page.html").read_text()
    assert "&lt;b&gt;$name.csv" in text
    assert "<b>$" not in text
    assert "<script" not in text


def test_copies_of_the_original_are_reported(files: tuple[Path, Path, Path], tmp_path: Path, capfd: Out) -> None:
    rows = people(3_000, 1)
    for path, frame in zip(files, (rows, rows, people(3_000, 2)), strict=True):
        frame.write_csv(path)
    certified(files[1], epsilon=1.0)
    assert run("evaluate", *files[:2], "--control", files[2], "--html", tmp_path / "page.html") == 0
    out = capfd.readouterr().out
    assert re.search(r"Singling out by a whole record +high risk", out)
    assert "That contradicts the claim of 1: do not publish." in " ".join(out.split())
    assert "high one" in (tmp_path / "page.html").read_text()


def test_a_file_whose_noise_can_be_repeated_is_not_private(files: tuple[Path, Path, Path], tmp_path: Path) -> None:
    certified(files[1], holds=False)
    assert run("evaluate", *files[:2], "--no-privacy", "--html", tmp_path / "page.html") == 0
    assert "do not publish it" in (tmp_path / "page.html").read_text()


def test_without_a_control_the_records_are_generated_again(
    files: tuple[Path, Path, Path], capfd: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[Any] = []

    def refit(frame: pl.DataFrame, claims: dict[str, Any], seed: int) -> pl.DataFrame:
        asked.append((frame.height, claims["guarantee"]["epsilon"], seed))
        return people(500, 9).with_columns(pl.all().replace({"": None}))

    monkeypatch.setattr(synthesis, "refit", refit)
    certified(files[1])
    assert run("evaluate", *files[:2], "--json", "--seed", 5) == 0
    result = json.loads(capfd.readouterr().out)
    assert asked == [(480, 4.0, 5)]
    assert (result["privacy"]["rows"], result["privacy"]["controls"], result["privacy"]["refitted"]) == (480, 120, True)


def test_without_control_and_certificate_the_risks_are_not_measured(
    files: tuple[Path, Path, Path], tmp_path: Path, capfd: Out
) -> None:
    assert run("evaluate", *files[:2], "--json", "--html", tmp_path / "page.html") == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["privacy"] is None
    assert "privacy was not measured: there is neither --control nor a certificate" in err
    assert "not run" in (tmp_path / "page.html").read_text()


def test_columns_with_several_values_are_compared(tmp_path: Path, capfd: Out) -> None:
    original, synthetic = tmp_path / "a.csv", tmp_path / "b.csv"
    original.write_text("a,b\n" + "x;y,1\n" * 30 + "y;x,2\n" * 30)
    synthetic.write_text("a,b\n" + "y;x,1\n" * 30 + "x;y,2\n" * 30)
    assert run("evaluate", original, synthetic, "--multi", "a", "--order", 1, "--json", "--no-privacy") == 0
    [length] = json.loads(capfd.readouterr().out)["quality"]["lengths"]
    assert (length["errors"]["combinations"], length["errors"]["mean"]) == (4, 0)


def test_a_table_without_values_has_a_page(tmp_path: Path, capfd: Out) -> None:
    path, other = tmp_path / "a.csv", tmp_path / "b.csv"
    path.write_text("a,b\n" + '"",""\n' * 60)
    other.write_text("a,b\n" + '"",""\n' * 61)
    assert run("evaluate", path, path, "--control", other, "--html", tmp_path / "page.html") == 0
    assert "no combination to compare" in (tmp_path / "page.html").read_text()


# ---- what is wrong is one clear sentence, and nothing is written


def test_other_columns_are_refused(files: tuple[Path, Path, Path], tmp_path: Path, capfd: Out) -> None:
    people(50, 1).rename({"c0": "x", "c1": "y"}).write_csv(files[1])
    assert run("evaluate", *files[:2], "--html", tmp_path / "page.html") == 2
    assert faults(capfd) == [
        f"error: {files[1]}: lacks c0, c1, give files with the same columns",
        f"error: {files[1]}: has beyond the original's columns x, y, give files with the same columns",
    ]
    assert not (tmp_path / "page.html").exists()


def test_chosen_columns_are_compared_with_a_certificate(files: tuple[Path, Path, Path], capfd: Out) -> None:
    people(ROWS, 1).drop("c0", "c1").write_csv(files[1])
    assert run("evaluate", *files[:2], "--control", files[2]) == 2
    assert faults(capfd) == [f"error: {files[1]}: lacks c0, c1, give files with the same columns"]
    certified(files[1])
    assert run("evaluate", *files[:2], "--control", files[2], "--json") == 0
    assert json.loads(capfd.readouterr().out)["quality"]["columns"] == [f"c{number}" for number in range(2, 9)]


def test_columns_in_another_order_are_the_same(files: tuple[Path, Path, Path], capfd: Out) -> None:
    frame = people(ROWS, 0)
    frame.select(reversed(frame.columns)).write_csv(files[1])
    assert run("evaluate", *files[:2], "--control", files[2], "--json") == 0
    result = json.loads(capfd.readouterr().out)
    assert all(length_row["errors"]["mean"] == 0 for length_row in result["quality"]["lengths"])


@pytest.mark.parametrize("place", [0, 1, 2])
@pytest.mark.parametrize("content", [None, "", "a,b\n"])
def test_a_missing_or_empty_file_is_refused(
    files: tuple[Path, Path, Path], capfd: Out, place: int, content: str | None
) -> None:
    files[place].unlink()
    if content is not None:
        files[place].write_text(content)
    assert run("evaluate", *files[:2], "--control", files[2]) == 2
    [fault] = faults(capfd)
    assert fault.startswith(f"error: {files[place]}: ")


def test_a_parquet_file_without_rows_is_refused(files: tuple[Path, Path, Path], tmp_path: Path, capfd: Out) -> None:
    from kerege.evidence.data.snapshot import write

    path = tmp_path / "empty.parquet"
    write(path, "victims", [], as_of="2025-01-01", invented=True, key=bytes(32))
    assert run("evaluate", path, path) == 2
    assert "holds no rows" in faults(capfd)[0]


@pytest.mark.parametrize("order", [0, -1])
def test_an_order_below_one_is_refused(files: tuple[Path, Path, Path], capfd: Out, order: int) -> None:
    assert run("evaluate", *files[:2], "--order", order) == 2
    assert faults(capfd) == [f"error: there are no combinations of {order} values, give --order 1, 2, 3 or more"]


def test_the_original_is_no_control(files: tuple[Path, Path, Path], capfd: Out) -> None:
    assert run("evaluate", *files[:2], "--control", files[0]) == 2
    assert "is the original file itself" in faults(capfd)[0]


def test_the_page_is_not_written_over_an_input(files: tuple[Path, Path, Path], capfd: Out) -> None:
    before = files[1].read_bytes()
    assert run("evaluate", *files[:2], "--no-privacy", "--html", files[1]) == 2
    assert "would overwrite an input" in faults(capfd)[0]
    assert files[1].read_bytes() == before


def test_an_unwritable_page_is_refused_before_the_work(files: tuple[Path, Path, Path], capfd: Out) -> None:
    assert run("evaluate", *files[:2], "--no-privacy", "--html", "/proc/page.html") == 2
    assert faults(capfd)[0] == "error: /proc/page.html: cannot be written there, name another file or folder"


def test_a_malformed_certificate_is_refused(files: tuple[Path, Path, Path], capfd: Out) -> None:
    files[1].with_name("synthetic.csv.certificate.json").write_text("[1]")
    assert run("evaluate", *files[:2]) == 2
    assert "is not a certificate" in faults(capfd)[0]


def test_too_few_rows_for_a_control_are_refused(
    files: tuple[Path, Path, Path], capfd: Out, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(synthesis, "refit", lambda frame, claims, seed: frame)
    people(40, 1).write_csv(files[0])
    certified(files[1])
    assert run("evaluate", *files[:2]) == 2
    assert "so none can be held back" in faults(capfd)[0]


def test_the_command_does_not_load_django(files: tuple[Path, Path, Path]) -> None:
    import subprocess
    import sys

    code = "import sys; from kerege.cli import main; main(sys.argv[1:]); assert 'django' not in sys.modules"
    command = [sys.executable, "-c", code, "evaluate", *map(str, files[:2]), "--control", str(files[2])]
    assert subprocess.run(command, capture_output=True, check=False).returncode == 0
