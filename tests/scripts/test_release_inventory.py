"""The bill of materials and the licences of a release."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

from scripts import release_inventory
from scripts.release_inventory import LOCK, NOT_INSTALLED, VENDORED, Package


@pytest.fixture(scope="module")
def packages() -> list[Package]:
    return [*release_inventory.locked_packages(), *release_inventory.vendored_packages()]


def test_every_locked_package_and_every_digest_is_listed(packages: list[Package]) -> None:
    lock = LOCK.read_text(encoding="utf-8")
    python = [package for package in packages if package.kind == "pypi"]
    assert len(python) == len(re.findall(r"^\S+==", lock, re.MULTILINE))
    assert sum(len(package.digests) for package in python) == lock.count("--hash=sha256:")
    assert all(f"{package.name}=={package.version}" in lock for package in python)


def test_every_vendored_folder_is_listed_with_its_files(packages: list[Package]) -> None:
    vendored = {f"{package.name}-{package.version}": package for package in packages if package.kind == "npm"}
    assert set(vendored) == {path.name for path in VENDORED.iterdir() if path.is_dir()}
    files = json.loads((VENDORED / "CHECKSUMS.json").read_text(encoding="utf-8"))
    assert sum(len(package.digests) for package in vendored.values()) == len(files)


def test_every_package_of_this_platform_states_a_licence(packages: list[Package]) -> None:
    foreign = {package.name for package in packages if package.licence == NOT_INSTALLED}
    markers = {
        line.split("==")[0] for line in LOCK.read_text(encoding="utf-8").splitlines() if "==" in line and ";" in line
    }
    assert foreign <= markers
    assert all(package.licence.strip() for package in packages)


def test_the_bill_fits_the_schema_of_cyclonedx(packages: list[Package]) -> None:
    bill = release_inventory.bill_of_materials(packages)
    assert JsonStrictValidator(SchemaVersion.V1_6).validate_str(bill) is None
    assert len(json.loads(bill)["components"]) == len(packages)


def test_both_files_are_written(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert release_inventory.main([str(tmp_path / "out")]) == 0
    assert len(list((tmp_path / "out").iterdir())) == 2
    assert "| django | " in next((tmp_path / "out").glob("*-licences.md")).read_text(encoding="utf-8")
