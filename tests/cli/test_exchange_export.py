"""`kerege export`: a complete folder, or one sentence."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kerege.publishing.exports import export_folder
from kerege.vocabulary.ctdc import VARIABLES
from tests.casework.exchange.records import FULL, bring_in, read_csv
from tests.cli.test_exchange_import import run
from tests.publishing import made, made_exports

pytestmark = pytest.mark.django_db
FROM_RELEASES = ("ctdc", "glotip", "sdg", "sdmx")


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a home folder without releases."""
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


def test_records_have_no_identity_by_default(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring_in(tmp_path, FULL)
    assert run("export", "htcds", "--out", tmp_path / "out", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["rows"], result["cases"], result["with_identity"]) == (1, 1, False)
    (row,) = read_csv(tmp_path / "out" / "htcds.csv")
    assert row["prs_Id"].startswith("kerege-")
    assert "prs_FirstName" not in row


def test_records_with_identity_come_with_a_warning(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bring_in(tmp_path, FULL)
    assert run("export", "htcds", "--with-identity", "--out", tmp_path / "out") == 0
    assert "this file names people" in capsys.readouterr().err
    assert read_csv(tmp_path / "out" / "htcds.csv")[0]["prs_FirstName"] == FULL["prs_FirstName"]


def test_ctdc_rows_of_persons_need_an_option_and_have_a_warning(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bring_in(tmp_path, FULL)
    assert run("export", "ctdc", "--records", "--out", tmp_path / "out") == 0
    header = (tmp_path / "out" / "ctdc.csv").read_text().splitlines()[0]
    assert header.split(",") == list(VARIABLES)
    assert "never for publication" in capsys.readouterr().err


def test_ctdc_without_a_release_gives_no_row_of_the_register(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    bring_in(tmp_path, FULL)
    assert run("export", "ctdc", "--out", tmp_path / "out") == 1
    assert "there is no release" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_an_agency_that_does_not_exist_is_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("export", "htcds", "--agency", "nowhere", "--out", tmp_path / "out") == 2
    assert "no agency has the code nowhere" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("format_", FROM_RELEASES)
def test_without_a_release_nothing_is_written(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], format_: str
) -> None:
    assert run("export", format_, "--out", tmp_path / "out") == 1
    assert capsys.readouterr().err == (
        "refused: there is no release; build one with `kerege release` into the releases folder\n"
    )
    made_exports.make(home)
    assert run("export", format_, "--year", "2019", "--out", tmp_path / "out") == 1
    assert "there is no release of 2019" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("format_", FROM_RELEASES)
def test_the_newest_year_is_the_default_and_in_the_json(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], format_: str
) -> None:
    made.make(home, name="annual-2024", period="2024")
    made_exports.make(home)
    assert run("export", format_, "--out", tmp_path / "out", "--json") == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["year"], result["out"]) == (2025, str(tmp_path / "out"))
    about = json.loads((tmp_path / "out" / export_folder.ABOUT).read_text())
    assert (about["kind"], about["year"]) == (format_, 2025)
    assert all((tmp_path / "out" / name).is_file() for name in about["files"])
    assert run("export", format_, "--year", "2024", "--out", tmp_path / "out") == 0
    assert json.loads((tmp_path / "out" / export_folder.ABOUT).read_text())["year"] == 2024


@pytest.mark.parametrize("format_", FROM_RELEASES)
def test_a_folder_that_is_no_export_is_not_replaced(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str], format_: str
) -> None:
    made_exports.make(home)
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine" / "thesis.txt").write_text("years of work")
    assert run("export", format_, "--out", tmp_path / "mine") == 2
    assert capsys.readouterr().err.count("error: ") == 1
    assert [path.name for path in (tmp_path / "mine").iterdir()] == ["thesis.txt"]


@pytest.mark.parametrize(("format_", "module"), [("sdg", "sdg"), ("glotip", "glotip_files"), ("ctdc", "ctdc")])
def test_a_failed_export_leaves_nothing(
    tmp_path: Path, home: Path, monkeypatch: pytest.MonkeyPatch, format_: str, module: str
) -> None:
    made_exports.make(home)

    def breaks(*_: object) -> None:
        raise OSError("no space left")

    monkeypatch.setattr(f"kerege.publishing.exports.{module}.write_csv", breaks)
    assert run("export", format_, "--out", tmp_path / "out") == 1
    assert not (tmp_path / "out").exists()
    assert not list(tmp_path.glob(".part-*"))


def test_a_release_that_was_changed_is_not_exported(tmp_path: Path, home: Path) -> None:
    path = made_exports.make(home) / "tables" / "sex_age.csv"
    path.write_text(path.read_text().replace("94", "95"))
    assert run("export", "sdg", "--out", tmp_path / "out") == 1
    assert not (tmp_path / "out").exists()


def test_populations_of_the_statistics_office_give_rates(
    tmp_path: Path, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    made_exports.make(home)
    file = tmp_path / "population.csv"
    file.write_text("year,sex,age_group,persons,source\n2025,male,child,3500000,Statistics office\n")
    assert run("export", "sdg", "--population", file, "--out", tmp_path / "out") == 0
    (row,) = [
        row
        for row in read_csv(tmp_path / "out" / "sdg_16_2_2.csv")
        if (row["SeriesCode"], row["[Sex]"], row["[Age]"]) == ("VC_HTF_DETVR", "MALE", "<18Y")
    ]
    assert (row["Value"], row["TimePeriod"]) == ("0.31429", "2025")  # 11 of 3.5 million
    file.write_text("year,sex,age_group,persons,source\n2025,boys,child,3500000,Statistics office\n")
    assert run("export", "sdg", "--population", file, "--out", tmp_path / "none") == 2
    assert "row 2, column sex" in capsys.readouterr().err
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("htcds3",), "there is no format 'htcds3', use htcds, ctdc, glotip, sdg, sdmx"),
        (("sdg", "--agency", "x"), "sdg takes no --agency, leave it out; it is for htcds"),
        (("glotip", "--population", "x.csv"), "glotip takes no --population, leave it out; it is for sdg, sdmx"),
        (("ctdc", "--with-identity"), "ctdc takes no --with-identity, leave it out; it is for htcds"),
        (("htcds", "--year", "2025"), "htcds takes no --year, leave it out; it is for ctdc, glotip, sdg, sdmx"),
        (("sdmx", "--records"), "sdmx takes no --records, leave it out; it is for ctdc"),
        (("ctdc", "--records", "--year", "2025"), "--records exports the register, not the releases of a year"),
    ],
)
def test_options_that_do_not_belong_together_are_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], words: str
) -> None:
    assert run("export", *arguments, "--out", tmp_path / "out") == 2
    assert words in capsys.readouterr().err
    assert not (tmp_path / "out").exists()
