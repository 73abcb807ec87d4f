"""Readers of what manifests and daily roots state about the ledger. They check no signature."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Literal

from kerege.base.errors import BadInput, Fault
from kerege.base.file_model import OpenModel
from kerege.evidence.ledger.entry import EnteredSnapshot, LedgerState
from kerege.evidence.ledger.verification import Statement

MANIFEST = "manifest.json"
ROOTS = ".jsonl"  # suffix of a file of daily roots


class StatedLedger(OpenModel):
    """The parts of a manifest that a comparison with the ledger needs. Other keys are not read."""

    format: Literal["kerege-release/1"]
    created: str
    snapshots: list[EnteredSnapshot] = []
    ledger: LedgerState | None = None


class RootLine(OpenModel):
    """A daily root: its time and the state of the ledger. `kerege audit verify` checks the rest."""

    at: str
    ledger: LedgerState | None = None


def read_readable(paths: Sequence[Path]) -> tuple[list[Statement], list[BadInput]]:
    """Return the statements of manifests and daily roots, and the error of each file that cannot be read.

    Of a file of daily roots, the lines before the first one that cannot be read count.
    """
    statements: list[Statement] = []
    errors: list[BadInput] = []
    for path in paths:
        try:
            for statement in _read(path):
                statements.append(statement)
        except BadInput as error:
            errors.append(error)
    return statements, errors


def read_statements(paths: Sequence[Path]) -> list[Statement]:
    """Return the statements of manifests, release folders and files of daily roots.

    Raise BadInput for a file that is none of them.
    """
    return [statement for path in paths for statement in _read(path)]


def _read(path: Path) -> Iterator[Statement]:
    if path.suffix == ROOTS:
        yield from _read_roots(path)
    else:
        yield _read_manifest(path / MANIFEST if path.is_dir() else path)


def _read_bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        todo = "give a manifest, the folder of a release, or roots.jsonl"
        raise BadInput(Fault("cannot be read", todo, file=str(path))) from None


def _read_manifest(path: Path) -> Statement:
    content = _read_bytes(path)
    try:
        manifest = StatedLedger.model_validate(json.loads(content))
    except ValueError:  # also pydantic's
        raise BadInput(
            Fault("is not a manifest of a release", "give that of a signed release", file=str(path))
        ) from None
    digest = hashlib.sha256(content).hexdigest()
    return Statement(str(path), manifest.created, manifest.ledger, digest, manifest.snapshots)


def _read_roots(path: Path) -> Iterator[Statement]:
    for number, line in enumerate(_read_bytes(path).splitlines(), start=1):
        if line.strip():
            try:
                root = RootLine.model_validate(json.loads(line))
            except ValueError:  # also pydantic's
                todo = "run kerege audit verify, and restore the file from the backup"
                raise BadInput(Fault("is not a daily root", todo, file=str(path), row=number)) from None
            yield Statement(f"line {number} of {path}", root.at, root.ledger)
