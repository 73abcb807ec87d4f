"""A k-anonymous file against the ledger: made once, and refused a second time for the people of a register."""

from __future__ import annotations

import json
import shutil
import tempfile
from pathlib import Path
from typing import Any

from kerege import __version__
from kerege.evidence.ledger import Ledger, digest, now
from kerege.evidence.snapshot import Snapshot
from kerege.evidence.synthesis.anonymous import WARNING, anonymous
from kerege.evidence.synthesis.certificate import FORMAT, code_hash
from kerege.evidence.synthesis.produce import CERTIFICATE, RECORDS, is_foreign, of_persons, written
from kerege.evidence.tables import check_columns
from kerege.standard.faults import Refused

METHOD = "k-anonymous"
UNIT = "one record: somebody of whom two speak counts as two of the k"
NEIGHBOURS = "none: there is no noise and no epsilon; what is told depends on no group of fewer than k records by itself"
NOT_COVERED = (
    "Whatever else is published of the same people: no number says what it tells together with this file.",
    "A guess of all records: the file follows from them and the seed without chance, so whoever guesses every record "
    "can see whether the guess is right.",
    "Choices made by looking at the records: of columns, k, order or seed, and whether to publish.",
)


def produce(
    snapshot: Snapshot,
    columns: tuple[str, ...],
    k: int,
    order: int,
    seed: int,
    ledger: Ledger,
    folder: Path,
) -> dict[str, Any]:
    """Write records that tell nothing of fewer than `k` people, and their certificate, which is returned.

    The same request gives the file that the ledger keeps. Raises BadInput, and Refused when another k-anonymous file
    of this file, or of this unit of a register, was made before: the two together would single people out.
    """
    names = list(columns) or snapshot.columns
    check_columns(snapshot, names, {})
    of_persons(snapshot)
    asked = {"k": k, "order": order, "columns": names, "seed": seed}
    key = digest({METHOD: asked, "snapshots": [snapshot.sha256]})
    with ledger.locked(), tempfile.TemporaryDirectory(prefix="kerege-") as inside:
        part = Path(inside)
        if ledger.stored(key) is None:
            _only_once(snapshot, ledger)
            found = anonymous(snapshot.frame.select(names), k, order, multi=snapshot.multi & set(names), seed=seed)
            facts = {
                "format": FORMAT, "version": __version__, "request": asked, "seed": seed,
                "guarantee": {"kind": METHOD, "k": k, "order": order, "warning": WARNING, "notes": list(found.notes),
                              "unit": UNIT, "neighbours": NEIGHBOURS, "not_covered": list(NOT_COVERED)},
                "columns": [{"name": name, "multi": name in snapshot.multi} for name in names],
                "figures": found.as_dict(), "worth": True, "advice": "", "hashes": {"code": code_hash()},
            }  # fmt: skip
            written(found.frame, facts, part)
            ledger.append(key, part, _entry(snapshot, asked))
        stored = ledger.output(key)
        folder.mkdir(parents=True, exist_ok=True)
        for name in (f"{RECORDS}.csv", f"{RECORDS}.parquet", CERTIFICATE):
            shutil.copyfile(stored / name, folder / name)
    told: dict[str, Any] = json.loads((folder / CERTIFICATE).read_text(encoding="utf-8"))
    return told


def _only_once(snapshot: Snapshot, ledger: Ledger) -> None:
    kind, own = ("sha256", snapshot.sha256) if is_foreign(snapshot) else ("unit", snapshot.unit)
    for entry in ledger.entries():
        if METHOD in entry.get("methods", []) and own in {each[kind] for each in entry["snapshots"]}:
            what = "this file" if is_foreign(snapshot) else snapshot.unit
            raise Refused(
                f"a k-anonymous file of {what} was made before (entry {entry['seq']} of the ledger): two of them "
                "together can single people out; take --epsilon instead"
            )


def _entry(snapshot: Snapshot, asked: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": "microdata", "at": now(), "period": "", "methods": [METHOD], "tables": [],
        "snapshots": [{"unit": snapshot.unit, "sha256": snapshot.sha256, "as_of": snapshot.as_of}],
        "params": asked, "rho": 0, "delta": 0,
    }  # fmt: skip
