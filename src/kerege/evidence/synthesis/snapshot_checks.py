"""Checks of a snapshot before it is measured: a row is a person, and the columns are not too many."""

from __future__ import annotations

from kerege.base.errors import BadInput, Fault
from kerege.base.message_text import shown
from kerege.evidence.data.snapshot import Snapshot
from kerege.evidence.synthesis.measurement.public_schema import Schema
from kerege.vocabulary import snapshot_columns as standard

MOST_COLUMNS = 200


def check_snapshot(snapshot: Snapshot, public: Schema) -> None:
    """Raise BadInput for more than MOST_COLUMNS columns and for a snapshot whose rows are not persons."""
    check_person_rows(snapshot)
    if len(public) > MOST_COLUMNS:
        raise BadInput(
            Fault(
                f"{len(public)} columns are more than {MOST_COLUMNS}",
                "choose the columns that researchers need",
                snapshot.path,
            )
        )


def check_person_rows(snapshot: Snapshot) -> None:
    """Raise BadInput for a snapshot whose rows are not persons."""
    if not standard.a_person_a_row(snapshot.unit):
        raise BadInput(
            Fault(
                f"a row of {shown(snapshot.unit)} is not a person: nobody would be protected",
                "take a snapshot of victims or suspects",
                snapshot.path,
            )
        )
