#!/usr/bin/env python3
"""Write the bill of materials (CycloneDX 1.6) and the list of licences of a release.

    scripts/release_inventory.py [FOLDER]

FOLDER is `dist` by default. The packages are those of requirements/run.txt, with every digest that the installer
accepts. Their licences are as the installed packages state them. Front-end files come from the folder of vendored
files, with the digests that its manifest records.
"""

from __future__ import annotations

import json
import re
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentType
from cyclonedx.output import make_outputter
from cyclonedx.schema import OutputFormat, SchemaVersion
from packageurl import PackageURL

from kerege import __version__

ROOT = Path(__file__).resolve().parents[1]
LOCK = ROOT / "requirements/run.txt"
VENDORED = ROOT / "src/kerege/web/static/vendor"
PIN = re.compile(r"^(?P<name>[A-Za-z0-9_.-]+)==(?P<version>[^\s;\\]+)(?:\s*;\s*(?P<marker>[^\\]+))?")
HASH = re.compile(r"--hash=sha256:([0-9a-f]{64})")
FOLDER = re.compile(r"(?P<name>.+)-(?P<version>\d[\w.]*)$")
# first words of the licence files of vendored packages
LICENCE_FILES = {
    "The MIT License": "MIT",
    "Zero-Clause BSD": "0BSD",
    "Copyright 2022 The Noto Project": "OFL-1.1",
    "Copyright 2013-2019 Michael Bostock": "ISC",
}
NOT_INSTALLED = "not installed on this platform"


@dataclass(frozen=True)
class Package:
    """A package of the release: its kind as in a package URL, name, version, licence and SHA-256 digests."""

    kind: str
    name: str
    version: str
    licence: str
    digests: tuple[str, ...]


def locked_packages() -> list[Package]:
    """Return the Python packages of the lock file.

    A package for another platform is not installed here, so its licence is unknown here.
    """
    packages: list[tuple[str, str, list[str]]] = []
    for line in LOCK.read_text(encoding="utf-8").splitlines():
        if pin := PIN.match(line):
            packages.append((pin["name"], pin["version"], []))
        if digest := HASH.search(line):
            packages[-1][2].append(digest[1])
    return [
        Package("pypi", name, version, stated_licence(name, version), tuple(digests))
        for name, version, digests in packages
    ]


def stated_licence(name: str, version: str) -> str:
    """Return the licence that an installed package states: an SPDX expression, else its own words."""
    try:
        stated = metadata.metadata(name)
    except metadata.PackageNotFoundError:
        return NOT_INSTALLED
    if stated["Version"] != version:
        return NOT_INSTALLED
    if expression := stated.get("License-Expression"):
        return str(expression)
    line = str(stated.get("License") or "").strip()
    if line and "\n" not in line and len(line) <= 40 and not line.startswith("Copyright"):
        return line
    names = [text.rpartition(" :: ")[2] for text in stated.get_all("Classifier") or [] if text.startswith("License")]
    return " or ".join(dict.fromkeys(names)) or line.splitlines()[0]


def vendored_packages() -> list[Package]:
    """Return the front-end packages of the folder of vendored files."""
    manifest: dict[str, str] = json.loads((VENDORED / "CHECKSUMS.json").read_text(encoding="utf-8"))
    packages = []
    for folder in sorted({path.split("/")[0] for path in manifest}):
        parts = FOLDER.fullmatch(folder)
        if parts is None:
            raise ValueError(f"{folder}: the folder of a vendored package is NAME-VERSION")
        text = (VENDORED / folder / "LICENSE").read_text(encoding="utf-8")
        licence = next(name for start, name in LICENCE_FILES.items() if text.startswith(start))
        digests = tuple(digest for path, digest in manifest.items() if path.startswith(f"{folder}/"))
        packages.append(Package("npm", parts["name"], parts["version"], licence, digests))
    return packages


def bill_of_materials(packages: list[Package]) -> str:
    """Return the CycloneDX document of the release as JSON."""
    licences = LicenseFactory()
    bom = Bom()
    kerege = bom.metadata.component = Component(
        name="kerege",
        version=__version__,
        type=ComponentType.APPLICATION,
        licenses=[licences.make_from_string("Apache-2.0")],
    )
    for package in packages:
        stated = [] if package.licence == NOT_INSTALLED else [licences.make_from_string(package.licence)]
        component = Component(
            name=package.name,
            version=package.version,
            type=ComponentType.LIBRARY,
            bom_ref=f"{package.kind}:{package.name}@{package.version}",
            purl=PackageURL(package.kind, None, package.name, package.version),
            hashes=[HashType(alg=HashAlgorithm.SHA_256, content=digest) for digest in package.digests],
            licenses=stated,
        )
        bom.components.add(component)
    bom.register_dependency(kerege, bom.components)
    return make_outputter(bom, OutputFormat.JSON, SchemaVersion.V1_6).output_as_string(indent=2)


def licence_list(packages: list[Package]) -> str:
    """Return the list of packages and licences as Markdown."""
    lines = [f"# Licences of Kerege {__version__}", "", "Kerege itself: Apache-2.0.", ""]
    lines += ["| package | version | licence |", "|---|---|---|"]
    lines += [f"| {package.name} | {package.version} | {package.licence} |" for package in packages]
    return "\n".join([*lines, ""])


def main(argv: list[str]) -> int:
    """Write both files; return 0."""
    folder = Path(argv[0]) if argv else ROOT / "dist"
    folder.mkdir(parents=True, exist_ok=True)
    packages = [*locked_packages(), *vendored_packages()]
    bill, licences = folder / f"kerege-{__version__}.cdx.json", folder / f"kerege-{__version__}-licences.md"
    bill.write_text(bill_of_materials(packages), encoding="utf-8")
    licences.write_text(licence_list(packages), encoding="utf-8")
    print(f"{len(packages)} packages: {bill}, {licences}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
