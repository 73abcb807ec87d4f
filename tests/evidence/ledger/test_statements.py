"""Manifests and daily roots state the ledger of their time; other files are refused by place."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.ledger.entry import LedgerState
from kerege.evidence.ledger.statements import read_statements

STATE = {"name": "a" * 64, "entries": 4, "hash": "b" * 64}
MANIFEST = {
    "format": "kerege-release/1",
    "created": "2026-03-01T10:00:00Z",
    "snapshots": [{"unit": "victims", "as_of": "2025-12-31", "fingerprint": "f" * 64}],
    "ledger": STATE,
    "tables": [{"name": "a later key"}],
}


def write(path: Path, content: object) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.write_text(json.dumps(content))
    return path


def test_a_manifest_and_the_folder_of_its_release_state_the_same(tmp_path: Path) -> None:
    path = write(tmp_path / "release" / "manifest.json", MANIFEST)
    by_file, by_folder = read_statements([path, path.parent])
    assert by_file == by_folder
    assert (by_file.source, by_file.at, by_file.state) == (
        str(path),
        "2026-03-01T10:00:00Z",
        LedgerState.model_validate(STATE),
    )
    assert by_file.manifest == hashlib.sha256(path.read_bytes()).hexdigest()
    assert [(snapshot.unit, snapshot.as_of) for snapshot in by_file.snapshots] == [("victims", "2025-12-31")]


def test_a_release_without_a_ledger_states_none(tmp_path: Path) -> None:
    without = {name: value for name, value in MANIFEST.items() if name not in ("ledger", "snapshots")}
    (statement,) = read_statements([write(tmp_path / "manifest.json", without)])
    assert statement.state is None
    assert list(statement.snapshots) == []


def test_every_line_of_daily_roots_is_a_statement_by_its_number(tmp_path: Path) -> None:
    path = tmp_path / "roots.jsonl"
    roots = [{"at": "2026-03-01", "ledger": STATE, "root": "x"}, {"at": "2026-03-02"}]
    path.write_text(json.dumps(roots[0]) + "\n\n" + json.dumps(roots[1]) + "\n")
    first, second = read_statements([path])
    assert (first.source, first.at, first.state) == (f"line 1 of {path}", "2026-03-01", LedgerState(**STATE))
    assert (second.source, second.state) == (f"line 3 of {path}", None)
    assert first.manifest == second.manifest == ""  # the ledger has no entry of a daily root


@pytest.mark.parametrize(
    "content",
    [
        "",
        "[]",
        "{",
        json.dumps({"created": "2026"}),
        json.dumps(MANIFEST | {"format": "kerege-release/2"}),
        json.dumps(MANIFEST | {"ledger": STATE | {"entries": "4"}}),
        json.dumps(MANIFEST | {"ledger": STATE | {"hash": "b"}}),
    ],
)
def test_a_file_that_is_no_manifest_is_refused(tmp_path: Path, content: str) -> None:
    path = tmp_path / "manifest.json"
    path.write_text(content)
    with pytest.raises(BadInput) as caught:
        read_statements([path])
    assert str(caught.value) == f"{path}: is not a manifest of a release, give that of a signed release"


@pytest.mark.parametrize("line", ["x", "[]", '{"ledger": null}', '{"at": 5}'])
def test_a_line_that_is_no_daily_root_is_refused_by_its_number(tmp_path: Path, line: str) -> None:
    path = tmp_path / "roots.jsonl"
    path.write_text('{"at": "2026-03-01"}\n' + line + "\n")
    with pytest.raises(BadInput) as caught:
        read_statements([path])
    todo = "run kerege audit verify, and restore the file from the backup"
    assert str(caught.value) == f"{path}: row 2: is not a daily root, {todo}"


@pytest.mark.parametrize("name", ["gone.json", "roots.jsonl", "folder"])
def test_a_file_that_cannot_be_read_is_refused(tmp_path: Path, name: str) -> None:
    (tmp_path / "folder").mkdir()
    with pytest.raises(BadInput, match=r"cannot be read, give a manifest, the folder of a release, or roots\.jsonl"):
        read_statements([tmp_path / name])
