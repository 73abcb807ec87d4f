"""What has been published and spent so far: one hash-chained file, and the outputs beside it by request."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

from kerege.standard import files
from kerege.standard.faults import Refused
from kerege.standard.files import atomic_dir

START = "0" * 64


class Ledger:
    """The ledger of one folder; every entry holds the hash of the one before it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.path = folder / "ledger.jsonl"

    def locked(self) -> AbstractContextManager[None]:
        """Nobody else reads or writes the ledger meanwhile."""
        return files.locked(self.folder)

    def entries(self) -> list[dict[str, Any]]:
        """All entries, oldest first; raises Refused when the chain is broken."""
        if not self.path.exists():
            return []
        entries, previous = [], START
        for number, line in enumerate(self.path.read_text(encoding="utf-8").splitlines(), 1):
            entry = _entry(line)
            if entry is None or entry.get("prev") != previous or entry.get("hash") != _hash(entry):
                raise Refused(f"the ledger is broken at line {number}: restore it from the backup")
            previous = entry["hash"]
            entries.append(entry)
        return entries

    def stored(self, request: str) -> Path | None:
        """The output of the same request, if it was made before."""
        known = any(entry["request"] == request for entry in self.entries())
        output = self.folder / "outputs" / request
        return output if known and output.is_dir() else None

    def append(self, request: str, output: Path, about: dict[str, Any]) -> dict[str, Any]:
        """Keep a copy of the output and add an entry; call it inside `locked`."""
        entries = self.entries()
        with atomic_dir(self.folder / "outputs" / request) as part:
            shutil.copytree(output, part, dirs_exist_ok=True)
        entry = {
            "seq": len(entries) + 1,
            "request": request,
            **about,
            "prev": entries[-1]["hash"] if entries else START,
        }
        entry["hash"] = _hash(entry)
        with open(self.path, "a", encoding="utf-8") as file:
            file.write(json.dumps(entry, sort_keys=True, ensure_ascii=False) + "\n")
            file.flush()
            os.fsync(file.fileno())
        return entry


def _entry(line: str) -> dict[str, Any] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    return entry if isinstance(entry, dict) else None


def _hash(entry: dict[str, Any]) -> str:
    content = {name: value for name, value in entry.items() if name != "hash"}
    return digest(content)


def digest(value: Any) -> str:
    """SHA-256 of a value in canonical JSON."""
    text = json.dumps(value, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()
