"""Time to verify a chain of a million events, and to read a person's access history.

An event names 2 to 5 persons.

Run: python benchmarks/audit_trail.py [EVENTS]
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
import uuid
from datetime import date, timedelta
from typing import Any

EVENTS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
PERSONS, PART = 200_000, 50_000


def fill(record: Any, case: Any) -> None:
    """Write events like those of pages and acts; every 5000th reads the measured person."""
    from django.db import connection
    from django.utils import timezone

    from kerege.core.audit import triggers
    from kerege.core.audit.canonical_json import event_hash
    from kerege.core.audit.models import AuditEvent, AuditHead, AuditSubject

    draw = random.Random(1)
    people = [uuid.UUID(int=draw.getrandbits(128)) for _ in range(PERSONS)]
    triggers.remove(connection)
    began = timezone.now() - timedelta(days=700)
    head = AuditHead.objects.get(pk=1)
    first, prev = head.seq + 1, head.hash
    for start in range(first, first + EVENTS, PART):
        events, subjects = [], []
        for seq in range(start, min(start + PART, first + EVENTS)):
            named = set(draw.sample(people, draw.randint(1, 4))) | ({record} if seq % 5000 == 0 else set())
            details = {"identities": [str(pk) for pk in named]}
            action, target = ("cases.view", "") if seq % 9 else ("cases.add_note", f"case:{uuid.UUID(int=seq)}")
            at = began + timedelta(seconds=60 * (seq - first))
            fields = {"actor": f"user:u{seq % 300}", "agency": str(case.agency_id), "action": action, "target": target}
            fields |= {"outcome": "done"}
            own = event_hash(prev, seq, at, tuple(fields.values()), details)
            events.append(AuditEvent(seq=seq, at=at, **fields, details=details, prev_hash=prev, hash=own))
            prev = own
            subjects += [AuditSubject(subject=pk, seq=seq) for pk in named]
        AuditEvent.objects.bulk_create(events, batch_size=2000)
        AuditSubject.objects.bulk_create(subjects, batch_size=5000)
    AuditHead.objects.filter(pk=1).update(seq=first + EVENTS - 1, hash=prev)


def main() -> None:
    """Fill the log, measure, and print."""
    os.environ["KEREGE_HOME"] = tempfile.mkdtemp()
    from kerege.cli.load_django import setup

    setup()
    from django.core.management import call_command

    from kerege.casework.cases.queries import access_history
    from kerege.casework.cases.services import registration
    from kerege.casework.cases.services.inputs import Registration
    from kerege.core import audit
    from kerege.core.accounts.models import Agency
    from kerege.core.audit.models import AuditSubject
    from kerege.core.authorization import Actor

    call_command("migrate", verbosity=0)
    agency = Agency.objects.create(code="centre", kind="crisis_centre", names={"kk": "x", "ru": "x", "en": "x"})
    case = registration.register(Actor.system("bench"), Registration(agency, {"names": []}, date.today()))
    begun = time.perf_counter()
    fill(case.record_id, case)
    filled = time.perf_counter() - begun
    times = []
    for _round in range(5):
        begun = time.perf_counter()
        access_history.list_accesses(case)
        times.append(time.perf_counter() - begun)
    begun = time.perf_counter()
    result = audit.verify()
    walked = time.perf_counter() - begun
    print(f"{'events':>12} {'subject rows':>14} {'fill s':>8} {'history ms':>11} {'chain':>7} {'verify s':>9}")
    rows = AuditSubject.objects.count()
    state = "whole" if result.ok else f"broken at {result.first_broken}"
    print(f"{EVENTS:>12,} {rows:>14,} {filled:>8.0f} {1000 * sorted(times)[2]:>11.1f} {state:>7} {walked:>9.1f}")


if __name__ == "__main__":
    main()
