"""CPU time of a nightly rematch of a register in which a share of the records is new or changed.

Run: scripts/with_postgres python benchmarks/linkage_rematch.py [RECORDS] [NEW]
The register of `linkage_register.py` is filled, and the counts of the index are stored for every record, as earlier
nights would have done. Their pairs are not stored: no night scored them. Then NEW records come, half of them again the
persons of old ones, and the nightly job runs: the queue, then the rematch. A second night without a change follows. The
time is that of this process and of the process of the database.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
from importlib import import_module
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

RECORDS = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
NEW = int(sys.argv[2]) if len(sys.argv) > 2 else 200
PART = 20_000


def cpu_seconds() -> float:
    """Return the CPU time of this process and of its database process."""
    from django.db import connection

    total = time.process_time()
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_backend_pid()")
            fields = Path(f"/proc/{cursor.fetchone()[0]}/stat").read_text().rsplit(")", 1)[1].split()
        total += (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")
    return total


def store(agency: Any, draw: random.Random, count: int) -> None:
    """Store records of one agency, as a registration does."""
    from benchmarks.linkage_register import person
    from kerege.casework.vault.services import identities
    from kerege.core.authorization import Actor

    for start in range(0, count, PART):
        drafts = [(agency, person(draw), "") for _ in range(min(PART, count - start))]
        identities.store_records(Actor.system("bench"), drafts)


def remember() -> None:
    """Store the counts of the index for all records, as after nights that took every record."""
    from kerege.casework.persons.services import rematch
    from kerege.core.authorization import session_scope

    most, rematch.MOST_A_NIGHT = rematch.MOST_A_NIGHT, RECORDS
    with session_scope.bypass_row_security("benchmark"):
        changes = rematch._find_changes()
        for batch in rematch.batches(iter(changes.record_ids)):
            rematch._store_bases(changes, batch)
    rematch.MOST_A_NIGHT = most


def night(what: str) -> None:
    """Run the nightly job, and print its time."""
    from kerege.casework.persons.services.match_run import match_due
    from kerege.casework.persons.services.rematch import rematch_changed
    from kerege.core.authorization import Actor

    for name, run in (("queue", match_due), ("rematch", rematch_changed)):
        before = cpu_seconds()
        counts = run(Actor.system("bench"))
        print(f"{what}, {name}: {counts.records:,} records, {cpu_seconds() - before:.1f} s of CPU", flush=True)


def main() -> None:
    """Fill the register, and measure two nights."""
    os.environ["KEREGE_HOME"] = tempfile.mkdtemp()
    from kerege.cli.load_django import setup

    setup()
    from django.core.cache import cache
    from django.core.management import call_command
    from django.db import connection

    from kerege.casework.persons.models import MatchDue
    from kerege.core.accounts.models import Agency
    from kerege.core.authorization import session_scope
    from kerege.core.database.bulk_insert import analyse

    import_module("kerege.config.wsgi")
    call_command("migrate", verbosity=0)
    session_scope.open_process()
    agency, other = (
        Agency.objects.create(code=code, kind="ngo", names=dict.fromkeys(("kk", "ru", "en"), code)) for code in "ab"
    )
    store(agency, random.Random(1), RECORDS // 2)
    store(other, random.Random(3), RECORDS - RECORDS // 2)
    MatchDue.objects.all().delete()
    analyse()
    remember()
    print(f"{connection.vendor}, {RECORDS:,} records at two agencies, {NEW} new", flush=True)
    store(other, random.Random(1), NEW // 2)
    store(other, random.Random(2), NEW - NEW // 2)
    cache.clear()
    night("night with new records")
    night("night without a change")


if __name__ == "__main__":
    main()
