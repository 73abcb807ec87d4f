"""A register in a home folder of its own, a process that writes to it, and a check of what is left."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

KEREGE = "import sys; from kerege.cli import main; main(sys.argv[1:])"
ADMIN = (
    *("createadmin", "--agency-code", "mlsp", "--agency-kind", "social_protection", "--agency-name", "kk=Министрлік"),
    *("--agency-name", "ru=Министерство", "--agency-name", "en=Ministry", "--username", "aigul"),
    *("--full-name", "Aigul"),
)
# stores one person after the other, each in an audited act; prints the id after the commit: the write is acknowledged
WRITER = """
import sys
from kerege.cli.load_django import setup; setup()
from django.db import DatabaseError, connection
from kerege.casework.vault.services import identities
from kerege.core import audit
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor
if "--unsynced" in sys.argv:
    options = connection.settings_dict["OPTIONS"]
    options["init_command"] = options["init_command"].replace("synchronous=FULL", "synchronous=NORMAL")
    connection.close()
agency, actor, refused = Agency.objects.get(), Actor.system("attack"), 0
while refused < 20:
    try:
        with audit.act(actor, "vault.write"):
            values = {"names": [{"kind": "main", "given": "Aru", "family": "Canary"}]}
            ((record, _key),) = identities.store_records(actor, [(agency, values, "")])
    except (DatabaseError, OSError) as error:
        refused += 1
        print("refused", type(error).__name__, flush=True)
    else:
        print("stored", record.pk, flush=True)
"""
CHECK = """
import json
from kerege.cli.load_django import setup; setup()
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.services import identities
from kerege.core import audit, health
from kerege.core.audit.models import AuditEvent
health.require_healthy()
ids = []
for record in IdentityRecord.objects.all():
    assert identities.newest(record)["names"][0]["family"] == "Canary"
    ids.append(str(record.pk))
verification = audit.verify()
events = AuditEvent.objects.filter(action="vault.write", outcome="done").count()
print(json.dumps({"ids": ids, "unbroken": verification.ok, "reason": verification.reason, "events": events}))
"""


@dataclass
class Register:
    """A register: its home folder, and the address of its database if that is not in the home."""

    home: Path
    database: str = ""
    acknowledged: list[str] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)

    def environment(self, **more: str) -> dict[str, str]:
        """Return the environment of a command on this register."""
        clean = {name: value for name, value in os.environ.items() if not name.startswith(("KEREGE_", "DATABASE"))}
        database = {"DATABASE_URL": self.database} if self.database else {}
        return clean | database | {"KEREGE_HOME": str(self.home), "KEREGE_BACKUP_PASSPHRASE": "seven sheep"} | more

    def run(self, code: str, *args: str) -> subprocess.CompletedProcess[str]:
        """Run code in a process of its own until it ends."""
        command = [sys.executable, "-c", code, *args]
        return subprocess.run(command, env=self.environment(), capture_output=True, text=True, timeout=300, check=False)

    def kerege(self, *args: str) -> subprocess.CompletedProcess[str]:
        """Run a command of Kerege."""
        return self.run(KEREGE, *args)

    def build(self) -> None:
        """Make the tables and an agency."""
        for args in (("migrate",), ADMIN):
            done = self.kerege(*args)
            assert done.returncode == 0, done.stderr

    def write(
        self, until: Callable[[Register], bool], *args: str, limit: Callable[[], None] | None = None, **env: str
    ) -> None:
        """Write until the process ends, or until a condition holds; then kill it with SIGKILL."""
        process = subprocess.Popen(
            [sys.executable, "-c", WRITER, *args],
            env=self.environment(**env),
            stdout=subprocess.PIPE,
            text=True,
            preexec_fn=limit,
        )
        assert process.stdout is not None
        try:
            for line in process.stdout:
                self._note(line)
                if until(self):
                    break
        finally:
            process.kill()
            for line in process.stdout:  # acknowledged before it was killed
                self._note(line)
            process.wait()

    def _note(self, line: str) -> None:
        kind, _, rest = line.strip().partition(" ")
        (self.acknowledged if kind == "stored" else self.refusals).append(rest)

    def check(self) -> set[str]:
        """Verify chain, keys and every identity; return the acknowledged records that are lost."""
        done = self.run(CHECK)
        assert done.returncode == 0, done.stderr[-2000:]
        state = json.loads(done.stdout)
        assert state["unbroken"], state["reason"]
        assert state["events"] == len(state["ids"]), "a record without its audit event, or the reverse"
        return set(self.acknowledged) - set(state["ids"])


def after(seconds: float) -> Callable[[Register], bool]:
    """Return a condition that holds some seconds after the first write."""
    begun: list[float] = []

    def is_over(register: Register) -> bool:
        begun.append(time.monotonic())
        return time.monotonic() - begun[0] > seconds

    return is_over


def report(text: str) -> None:
    """Print what an attack did."""
    print(f"\n  {text}", flush=True)
