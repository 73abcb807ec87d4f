"""Folder of an export: written completely or not at all, with the releases it was written from."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import kerege
from kerege.base.errors import BadInput, Fault
from kerege.base.files import atomic_dir
from kerege.publishing.exports.coverage import INVENTED, LANG
from kerege.publishing.storage.year_releases import YearReleases
from kerege.vocabulary.pack import active_pack

ABOUT, README = "export.json", "README.txt"
FORMAT = "kerege-export/1"


@contextmanager
def open_export(out: Path, year_releases: YearReleases, kind: str, text: str, **more: Any) -> Iterator[Path]:
    """Yield an empty folder that becomes `out` when the block succeeds; add README.txt and export.json.

    Raises BadInput when `out` exists and is not an earlier export.
    """
    check(out)
    with atomic_dir(out) as directory:
        yield directory
        (directory / README).write_text(_readme(year_releases, text), encoding="utf-8")
        (directory / ABOUT).write_text(
            json.dumps(describe_export(year_releases, kind, directory) | more, ensure_ascii=False, indent=1) + "\n"
        )


def check(out: Path) -> None:
    """Raise BadInput when `out` exists and is not an empty folder or an earlier export."""
    if out.is_dir() and not (any(out.iterdir()) and not (out / ABOUT).is_file()):
        return
    if out.exists():
        raise BadInput(Fault("exists and is not an export", "name a new folder", file=str(out)))


def describe_export(year_releases: YearReleases, kind: str, directory: Path) -> dict[str, Any]:
    """Return the contents of export.json: year, releases with their hashes, and the files."""
    files = sorted(str(path.relative_to(directory)) for path in directory.rglob("*") if path.is_file())
    releases = [
        {"directory": release.path.name, "manifest_sha256": release.digest} for release in year_releases.releases
    ]
    return {
        "format": FORMAT,
        "kind": kind,
        "year": year_releases.year,
        "invented": year_releases.invented,
        "releases": releases,
        "code_version": kerege.__version__,
        "pack": dict(active_pack().stamp),
        "files": [name for name in files if name != ABOUT],
    }


def write_csv(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write rows as CSV in UTF-8; a column that a row lacks stays empty."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, columns, restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)


def _readme(year_releases: YearReleases, text: str) -> str:
    lines = [text.strip(), ""]
    if year_releases.invented:
        lines += [INVENTED, ""]
    lines.append("Written from these releases and from nothing else:")
    lines += [
        f"- {release.path.name}: {release.title[LANG]}, manifest sha256 {release.digest}"
        for release in year_releases.releases
    ]
    return "\n".join(lines) + "\n"
