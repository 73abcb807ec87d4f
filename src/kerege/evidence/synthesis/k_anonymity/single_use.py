"""K-anonymous files in the ledger: made once, and refused a second time for the same people."""

from __future__ import annotations

import tempfile
from pathlib import Path
from typing import Any

import polars as pl

from kerege import __version__
from kerege.base.errors import Refused
from kerege.base.message_text import shown
from kerege.evidence.counting.row_filter import check_columns
from kerege.evidence.data.content_hash import hash_rows
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.ledger.entry import EnteredSnapshot, EntryContents, digest, now
from kerege.evidence.ledger.ledger import Ledger
from kerege.evidence.synthesis.certificate import FORMAT, code_hash
from kerege.evidence.synthesis.cohorts.budget_series import check_name
from kerege.evidence.synthesis.k_anonymity.assemble import WARNING, k_anonymous
from kerege.evidence.synthesis.pipeline import is_foreign
from kerege.evidence.synthesis.record_files import copy_records, write_records
from kerege.evidence.synthesis.snapshot_checks import check_person_rows

METHOD = "k-anonymous"
UNIT = "one record: a person with two records counts as two of the k"
NEIGHBOURS = (
    "none: there is no noise and no epsilon; what is revealed depends on no group of fewer than k records by itself"
)
NOT_COVERED = (
    "Whatever else is published of the same people: no number says what it reveals together with this file.",
    "A guess of all records: the file follows from them and the seed, so a reader sees whether a guess is right.",
    "Choices made after reading the records: of columns, k, order or seed, and whether to publish.",
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
    """Write k-anonymous records to a folder with their certificate, which is returned.

    A repeated request returns the file that the ledger stores. Raise BadInput for parameters that are not valid. Raise
    Refused if another k-anonymous file of this unit of a register was made before: two files together can single out
    individuals. External files are assumed to hold the same people unless they have different names (`name`).
    """
    names = list(columns) or snapshot.columns
    check_columns(snapshot, names, {})
    check_person_rows(snapshot)
    check_name(snapshot, name)
    parameters = {"k": k, "order": order, "columns": names, "seed": seed}
    rows = snapshot.frame.select(names)
    rows_digest = hash_rows(rows) if is_foreign(snapshot) else snapshot.sha256
    key_parameters = parameters | {"columns": sorted(names)} if is_foreign(snapshot) else parameters
    request_key = digest({METHOD: key_parameters, "snapshots": [rows_digest], **({"series": name} if name else {})})
    with ledger.locked():
        stored = ledger.stored(request_key)
        if stored is None:
            _check_first_use(snapshot, name, ledger)
    if stored is None:
        stored = _make_file(snapshot, rows, parameters=parameters, request_key=request_key, name=name, ledger=ledger)
    return copy_records(stored, folder)


def _make_file(
    snapshot: Snapshot, rows: pl.DataFrame, parameters: dict[str, Any], request_key: str, name: str, ledger: Ledger
) -> Path:
    """Make the file and enter it in the ledger, unless another process entered one meanwhile.

    The ledger is locked only for the entry, not while the file is made.
    """
    names = parameters["columns"]
    anonymous = k_anonymous(
        rows, parameters["k"], parameters["order"], multi=snapshot.multi & set(names), seed=parameters["seed"]
    )
    facts = {
        "format": FORMAT,
        "version": __version__,
        "request": parameters,
        "seed": parameters["seed"],
        "guarantee": {
            "kind": METHOD,
            "k": parameters["k"],
            "order": parameters["order"],
            "warning": WARNING,
            "notes": list(anonymous.notes),
            "unit": UNIT,
            "neighbours": NEIGHBOURS,
            "not_covered": list(NOT_COVERED),
        },
        "columns": [{"name": column, "multi": column in snapshot.multi} for column in names],
        "figures": anonymous.as_dict(),
        "worth": True,
        "advice": "",
        "hashes": {"code": code_hash()},
    }
    with tempfile.TemporaryDirectory(prefix="kerege-") as temporary:
        write_records(anonymous.frame, facts, Path(temporary))
        with ledger.locked():
            if ledger.stored(request_key) is None:
                _check_first_use(snapshot, name, ledger)
                ledger.append(request_key, Path(temporary), _build_ledger_entry(snapshot, parameters, name))
            return ledger.output(request_key)


def _check_first_use(snapshot: Snapshot, name: str, ledger: Ledger) -> None:
    for entry in ledger.entries():
        units = {(entered.unit, entry.series) for entered in entry.snapshots}
        if METHOD in entry.methods and (snapshot.unit, name) in units:
            what, todo = snapshot.unit, "take --epsilon instead"
            if is_foreign(snapshot):
                what = f"the people called {shown(name)}" if name else "a file whose people have no name"
                todo += ", or, if this file is of other people, give them a name of their own with --series"
            raise Refused(
                f"a k-anonymous file of {what} was made before (entry {entry.seq} of the ledger): two of them "
                f"together can single out individuals; {todo}"
            )


def _build_ledger_entry(snapshot: Snapshot, parameters: dict[str, Any], name: str) -> EntryContents:
    about = EntryContents(
        kind="microdata",
        at=now(),
        period="",
        methods=[METHOD],
        tables=[],
        snapshots=[EnteredSnapshot.of(snapshot)],
        params=parameters,
        rho=0,
        delta=0,
    )
    return about.merged(EntryContents(series=name)) if name else about
