"""A k-anonymous file against the ledger: made once, and refused a second time for the same people."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from kerege import __version__
from kerege.base.errors import Refused
from kerege.base.message_text import shown
from kerege.evidence.counting.frequency_table import check_columns
from kerege.evidence.data.content_hash import rows_hash
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.ledger import Ledger, digest, now
from kerege.evidence.synthesis.certificate import FORMAT, code_hash
from kerege.evidence.synthesis.cohorts.budget_series import check_name
from kerege.evidence.synthesis.k_anonymity.assemble import WARNING, k_anonymous
from kerege.evidence.synthesis.pipeline import is_foreign, of_persons, placed, written

METHOD = "k-anonymous"
UNIT = "one record: somebody of whom two speak counts as two of the k"
NEIGHBOURS = (
    "none: there is no noise and no epsilon; what is told depends on no group of fewer than k records by itself"
)
NOT_COVERED = (
    "Whatever else is published of the same people: no number says what it tells together with this file.",
    "A guess of all records: the file follows from them and the seed, so whoever guesses each sees that it is right.",
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
    *,
    name: str = "",
) -> dict[str, Any]:
    """Write records that tell nothing of fewer than `k` people, and their certificate, which is returned.

    The same request gives the file that the ledger keeps. Raises BadInput, and Refused when another k-anonymous file
    of this unit of a register was made before: the two together would single people out. Files that no register froze
    are of the same people unless these have a `name`: nobody can see in two files that they are not.
    """
    names = list(columns) or snapshot.columns
    check_columns(snapshot, names, {})
    of_persons(snapshot)
    check_name(snapshot, name)
    asked = {"k": k, "order": order, "columns": names, "seed": seed}
    rows = snapshot.frame.select(names)
    which = rows_hash(rows) if is_foreign(snapshot) else snapshot.sha256
    same = asked | {"columns": sorted(names)} if is_foreign(snapshot) else asked
    key = digest({METHOD: same, "snapshots": [which], **({"series": name} if name else {})})
    with ledger.locked():
        stored = ledger.stored(key)
        if stored is None:
            _only_once(snapshot, name, ledger)
    if stored is None:
        stored = _made(snapshot, rows, asked, key, name, ledger)
    return placed(stored, folder)


def _made(snapshot: Snapshot, rows: pl.DataFrame, asked: dict[str, Any], key: str, name: str, ledger: Ledger) -> Path:
    """Make the file and enter it, unless another was entered meanwhile; nobody waits for the ledger until then."""
    names = asked["columns"]
    found = k_anonymous(rows, asked["k"], asked["order"], multi=snapshot.multi & set(names), seed=asked["seed"])
    facts = {
        "format": FORMAT, "version": __version__, "request": asked, "seed": asked["seed"],
        "guarantee": {"kind": METHOD, "k": asked["k"], "order": asked["order"], "warning": WARNING,
                      "notes": list(found.notes), "unit": UNIT, "neighbours": NEIGHBOURS,
                      "not_covered": list(NOT_COVERED)},
        "columns": [{"name": each, "multi": each in snapshot.multi} for each in names],
        "figures": found.as_dict(), "worth": True, "advice": "", "hashes": {"code": code_hash()},
    }  # fmt: skip
    with tempfile.TemporaryDirectory(prefix="kerege-") as inside:
        written(found.frame, facts, Path(inside))
        with ledger.locked():
            if ledger.stored(key) is None:
                _only_once(snapshot, name, ledger)
                ledger.append(key, Path(inside), _entry(snapshot, asked, name))
            return ledger.output(key)


def _only_once(snapshot: Snapshot, name: str, ledger: Ledger) -> None:
    for entry in ledger.entries():
        whose = {(each["unit"], entry.get("series", "")) for each in entry.get("snapshots", [])}
        if METHOD in entry.get("methods", []) and (snapshot.unit, name) in whose:
            what, todo = snapshot.unit, "take --epsilon instead"
            if is_foreign(snapshot):
                what = f"the people called {shown(name)}" if name else "a file whose people have no name"
                todo += ", or, if this file is of other people, give them a name of their own with --series"
            raise Refused(
                f"a k-anonymous file of {what} was made before (entry {entry['seq']} of the ledger): two of them "
                f"together can single people out; {todo}"
            )


def _entry(snapshot: Snapshot, asked: dict[str, Any], name: str) -> dict[str, Any]:
    return {
        "kind": "microdata",
        "at": now(),
        "period": "",
        "methods": [METHOD],
        "tables": [],
        "snapshots": [{"unit": snapshot.unit, "sha256": snapshot.sha256, "as_of": snapshot.as_of}],
        "params": asked,
        "rho": 0,
        "delta": 0,
        **({"series": name} if name else {}),
    }
