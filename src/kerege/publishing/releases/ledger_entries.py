"""Comparison of the ledger with this home and with the releases that the database has."""

from __future__ import annotations

from kerege.base.errors import BadInput, Refused
from kerege.base.files import home
from kerege.evidence.ledger.home_ledger import HomeLedger
from kerege.publishing.gate import error_messages
from kerege.publishing.releases.models import Release


def list_faults() -> list[str]:
    """Return one English sentence for each entry that the home or the database names and the ledger lacks."""
    ledger = HomeLedger(home())
    try:
        faults, entries = ledger.faults(), ledger.entries()
    except BadInput as error:
        return [f"the ledger is broken: {error}"]
    except Refused as error:
        return [str(error)]
    signed = Release.objects.exclude(ledger_entry="").order_by("pk")
    # by its manifest too: a release of given-up entries was entered again
    present = {entry.hash for entry in entries} | {entry.manifest for entry in entries}
    todo = "restore it from the newest backup, and publish nothing before that"
    missing = [row.directory for row in signed if present.isdisjoint({row.ledger_entry, row.manifest_sha256})]
    return faults + [
        f"the ledger {ledger.path} is an older copy: it lacks the entry of the release {directory}; {todo}"
        for directory in missing
    ]


def require_all() -> None:
    """Raise Refused, in the active language, for a ledger that takes no charge."""
    if list_faults():
        raise Refused(" ".join(error_messages.lost_ledger()))
