#!/usr/bin/env python3
"""Build wheel and sdist and check their files.

Each must hold every file of the package and both translation catalogues.

`scripts/check_distribution.py [FOLDER]` leaves the two files in FOLDER, else in a temporary one. The sdist is unpacked
and built again, as an installer does with it. Exit code 1 when a file is missing.
"""

from __future__ import annotations

import subprocess
import sys
import tarfile
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
CATALOGUES = {f"kerege/web/locale/{language}/LC_MESSAGES/django.mo" for language in ("kk", "ru")}


def build(source: Path, target: str, folder: Path) -> Path:
    """Build a distribution ("wheel" or "sdist") from a source tree; return its path."""
    folder.mkdir(parents=True, exist_ok=True)
    command = [sys.executable, "-m", "hatchling", "build", "--target", target, "--directory", str(folder)]
    subprocess.run(command, cwd=source, check=True, stdout=subprocess.DEVNULL)
    [made] = folder.glob({"wheel": "*.whl", "sdist": "*.tar.gz"}[target])
    return made


def wanted() -> set[str]:
    """Return the files of the package under version control and the catalogues made from them."""
    listed = subprocess.run(["git", "ls-files", "src/kerege"], cwd=ROOT, check=True, capture_output=True, text=True)
    return {path.removeprefix("src/") for path in listed.stdout.splitlines()} | CATALOGUES


def missing(wheel: Path) -> list[str]:
    """Return the files that a wheel lacks; an empty catalogue is a missing one."""
    with zipfile.ZipFile(wheel) as archive:
        held = {item.filename for item in archive.infolist() if item.file_size or item.filename not in CATALOGUES}
    return sorted(wanted() - held)


def unpacked(sdist: Path, folder: Path) -> Path:
    """Unpack an sdist; return the folder of its sources."""
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return folder / sdist.name.removesuffix(".tar.gz")


def check(folder: Path) -> dict[str, list[str]]:
    """Build everything into a folder; return what each wheel lacks."""
    wheel, sdist = build(ROOT, "wheel", folder), build(ROOT, "sdist", folder)
    with tempfile.TemporaryDirectory() as empty:
        again = build(unpacked(sdist, Path(empty)), "wheel", Path(empty) / "dist")
        return {"wheel": missing(wheel), "wheel of the sdist": missing(again)}


def main(argv: list[str]) -> int:
    """Check; print what is missing; return the exit code."""
    with tempfile.TemporaryDirectory() as empty:
        missing = check(Path(argv[0]) if argv else Path(empty))
    for name, files in missing.items():
        print(f"{name}: {f'{len(files)} files missing' if files else 'complete'}")
        for file in files[:10]:
            print(f"  {file}")
    return 1 if any(missing.values()) else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
