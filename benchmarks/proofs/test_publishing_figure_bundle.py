"""Validators of others read the files of every figure: frictionless, csvw and LibreOffice.

README.md says how to have them run; without them the proofs are skipped.
"""

from __future__ import annotations

import csv
import io
import os
import shutil
import subprocess
import zipfile
from pathlib import Path

import pytest

from kerege.publishing.site.site_state import current_state
from tests.conftest import empty_home
from tests.publishing import made
from tests.publishing.conftest import house
from tests.publishing.site.files.test_figure_bundle import get

__all__ = ["empty_home", "house"]
pytestmark = pytest.mark.django_db
PYTHON, OFFICE = os.environ.get("KEREGE_VALIDATORS", ""), shutil.which("soffice")
VALIDATE = """
import glob, sys
from csvw import CSVW
from frictionless import validate
for name in sys.argv[1:]:
    report = validate(glob.glob(f"{name}/*.datapackage.json")[0])
    table = CSVW(glob.glob(f"{name}/*.csv-metadata.json")[0], validate=True)
    print(name, report.valid, table.is_valid)
"""
EVERY_SHEET = "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,-1"


@pytest.fixture
def figures(house: Path) -> dict[str, bytes]:
    """Return the archive of every figure of a release, in one of the three languages."""
    made.make(house, estimate=made.estimated(), changes={"origin": {("TJ",): (30, "perturbed")}})
    archives = {}
    for place, (indicator, _) in enumerate(current_state().views_with_values()):
        archives[indicator.id] = get(f"/{('kk', 'ru', 'en')[place % 3]}/f/{indicator.id}.zip")
    assert len(archives) >= 15
    return archives


@pytest.mark.skipif(not PYTHON, reason="KEREGE_VALIDATORS names no Python with frictionless and csvw: see README.md")
def test_csvw_and_data_packages_pass_and_a_changed_value_does_not(figures: dict[str, bytes], tmp_path: Path) -> None:
    for content in figures.values():
        zipfile.ZipFile(io.BytesIO(content)).extractall(tmp_path)
    assert validate(tmp_path, [*figures]) == dict.fromkeys(figures, ("True", "True"))
    broken = tmp_path / "origin/origin.csv"
    broken.write_text(broken.read_text(encoding="utf-8-sig").replace(",944,", ",many,"), encoding="utf-8-sig")
    assert validate(tmp_path, ["origin"]) == {"origin": ("False", "False")}


def validate(folder: Path, names: list[str]) -> dict[str, tuple[str, str]]:
    """Return the answers of frictionless and of csvw for the folders of figures."""
    command = [PYTHON, "-c", VALIDATE, *names]
    lines = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True).stdout.splitlines()
    return {name: (package, table) for name, package, table in map(str.split, lines)}


@pytest.mark.skipif(OFFICE is None, reason="LibreOffice is not installed: see README.md")
def test_libreoffice_reads_every_spreadsheet_as_the_csv_says(figures: dict[str, bytes], tmp_path: Path) -> None:
    for name, content in figures.items():
        archive = zipfile.ZipFile(io.BytesIO(content))
        (tmp_path / f"{name}.ods").write_bytes(archive.read(f"{name}/{name}.ods"))
    files = [str(tmp_path / f"{name}.ods") for name in figures]
    profile = f"-env:UserInstallation=file://{tmp_path}/profile"
    command = [str(OFFICE), "--headless", profile, "--convert-to", EVERY_SHEET, "--outdir", str(tmp_path), *files]
    subprocess.run(command, check=True, capture_output=True)
    for name, content in figures.items():
        text = zipfile.ZipFile(io.BytesIO(content)).read(f"{name}/{name}.csv").decode("utf-8-sig")
        lines = list(csv.DictReader(io.StringIO(text)))
        dimensions = [key.removesuffix("_code") for key in lines[0] if key.endswith("_code")]
        [sheet] = [path for path in tmp_path.glob("*_1.csv") if path.name.rpartition("-")[0] == name]
        rows = list(csv.reader(sheet.open(encoding="utf-8")))[3:]
        at = 1 + len(dimensions)
        assert [row[:at] for row in rows] == [[line["period"], *(line[key] for key in dimensions)] for line in lines]
        for row, line in zip(rows, lines, strict=True):
            for cell, key in zip(row[at : at + 3], ("value", "lower", "upper"), strict=True):
                assert cell == line[key] or (not line[key] and not cell[:1].isdigit()), (name, row, line)
