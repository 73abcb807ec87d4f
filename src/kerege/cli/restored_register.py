"""Process of a drill whose home is the scratch folder: it restores a backup there and checks it.

It reads one JSON object from standard input and writes one line of JSON: facts, or why the backup was refused. Django
is set up before this module is imported; the keys are in the scratch folder already.
"""

from __future__ import annotations

import json
import os
import resource
import sys
from pathlib import Path

from django.core.management import call_command

from kerege.base import files
from kerege.base.errors import BadInput, Refused
from kerege.config import parent_watch
from kerege.core import audit, backup, health
from kerege.core.audit.models import AuditHead
from kerege.core.backup import database_copy
from kerege.core.restore_drills.checks import restore_checks
from kerege.core.restore_drills.report import RestoredFacts
from kerege.core.security import key_events
from kerege.core.security.keyring import keyring

MEMORY = 2 * 1024**3  # bytes of private memory; archives are read in chunks of 1 MB


def main() -> None:
    """Restore, check, and write the result."""
    resource.setrlimit(resource.RLIMIT_DATA, (MEMORY, MEMORY))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    request = json.load(sys.stdin)
    os.environ[parent_watch.VARIABLE] = str(request["main"])
    parent_watch.end_with_parent()
    try:
        facts = restore_and_check(Path(request["archive"]), files.home())
        kilobytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        answer = {"facts": facts.model_dump(), "megabytes": round(kilobytes / 1024, 1)}
    except (BadInput, Refused) as refusal:
        answer = {"refused": str(refusal)}
    except Exception as error:  # its message may hold data
        answer = {"refused": f"the restored register cannot be read ({type(error).__name__})"}
    print(json.dumps(answer), flush=True)


def restore_and_check(archive: Path, home: Path) -> RestoredFacts:
    """Restore a backup into this home, apply the migrations that it lacks, and check it."""
    unpacked = home / ".restore"
    contents = backup.unpack(archive, unpacked, lambda key_id: keyring().get("backup", key_id))
    database_copy.restore(unpacked / "database", contents.database)
    (unpacked / "database").unlink()
    backup.move_in(unpacked, home)
    rows = database_copy.count_rows()
    differing = [table for table, count in contents.rows.items() if rows.get(table) != count]
    head = AuditHead.objects.filter(pk=1).first() or AuditHead()
    pending = health.pending()
    if pending:
        call_command("migrate", verbosity=0, interactive=False)
    opened, reason = check_content()
    return RestoredFacts(
        created=contents.created,
        seq=head.seq,
        hash=head.hash,
        migrations=len(pending),
        rows=sum(rows.values()),
        differing=sorted(differing),
        opened=opened,
        reason=reason,
    )


def check_content() -> tuple[dict[str, int], str]:
    """Check keys, audit chain and samples; return the number of opened values by kind, and the faults."""
    if missing := key_events.missing():
        return {}, f"keys are missing: {', '.join(missing)}"
    chain = audit.verify()
    if not chain.ok:
        return {}, chain.fault
    opened: dict[str, int] = {}
    for check in restore_checks.all():
        try:
            opened[check.name] = check.value()
        except Exception as error:  # whatever does not open; its message may hold data
            return opened, f"{check.name}: a value cannot be decrypted ({type(error).__name__})"
    return opened, ""
