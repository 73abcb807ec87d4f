"""Public releases: which folders must verify, and which columns their tables may use."""

from __future__ import annotations

import json
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import polars as pl
import pytest

from kerege.base.errors import BadInput, Refused
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.release import public_releases
from kerege.evidence.release.manifest import hash_content
from kerege.evidence.release.public_releases import check_columns, find_public_folders, release_hash


def snapshot(unit: str = "victims", sha256: str = "a", as_of: str = "2025-12-31") -> Snapshot:
    frame = pl.DataFrame({"sex": ["male"], "year": ["2025"]})
    return Snapshot(frame, unit, as_of, True, sha256, path=f"{unit}.parquet")


def publication(of: str = "victims", by: tuple[str, ...] = ("sex",), **more: Any) -> Any:
    sheet = {
        "name": "old",
        "of": of,
        "by": by,
        "where": {},
        "stated": True,
        "release": "annual-2024",
        "as_of": "2025-12-31",
    }
    return SimpleNamespace(sheets=[SimpleNamespace(**sheet | more)])


@pytest.mark.parametrize(
    ("earlier", "is_refused"),
    [
        (publication(), False),
        (publication(by=("sex", "age")), True),
        (publication(where={"age": ["1"]}), True),
        (publication(by=("age",), stated=False), False),  # nobody states whom it counts
        (publication("services", by=("age",)), False),
    ],
)
def test_an_earlier_table_of_the_unit_has_the_columns_of_the_snapshot(earlier: Any, is_refused: bool) -> None:
    if not is_refused:
        check_columns([earlier], [snapshot()])
        return
    with pytest.raises(BadInput) as refused:
        check_columns([earlier], [snapshot()])
    assert str(refused.value) == (
        "annual-2024: its table old uses the column age, which the snapshot of victims does not have, "
        "give earlier releases of the same data"
    )


# -- folders ---------------------------------------------------------------------------------------------------------


def folder(path: Path, manifest: Any = None, *, signed: bool = False) -> Path:
    path.mkdir(parents=True)
    if manifest is not None:
        (path / "manifest.json").write_text(json.dumps(manifest))
    if signed:
        (path / "manifest.sig").write_text("x")
    return path


@pytest.mark.parametrize(
    ("manifest", "signed", "expected"),
    [
        ({"format": "kerege-release/1"}, False, True),
        ({"format": "kerege-release/9"}, False, True),
        ({"format": "other/1"}, False, False),
        ({"tables": []}, False, False),
        ({"tables": []}, True, True),
        (None, False, False),
        (None, True, True),
    ],
)
def test_a_folder_is_a_release_by_its_format_or_its_signature(
    tmp_path: Path, manifest: Any, signed: bool, expected: bool
) -> None:
    assert public_releases._is_release(folder(tmp_path / "f", manifest, signed=signed)) is expected


def test_a_folder_that_claims_to_be_a_release_must_verify(tmp_path: Path) -> None:
    plain = folder(tmp_path / "plain", {"tables": []})
    assert find_public_folders([plain], None) == [plain]
    with pytest.raises((BadInput, Refused)):
        find_public_folders([folder(tmp_path / "forged", {"format": "kerege-release/1"}, signed=True)], None)


def test_a_release_is_known_by_the_hash_of_its_manifest_and_other_folders_by_their_path(tmp_path: Path) -> None:
    released = folder(tmp_path / "released", {"tables": []})
    assert release_hash(released) == hash_content((released / "manifest.json").read_bytes())
    assert release_hash(folder(tmp_path / "tables")) == str(tmp_path / "tables")
