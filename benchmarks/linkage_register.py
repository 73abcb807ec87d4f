"""Time to find and score the candidate pairs of one new record in a register of a million records.

Run: python benchmarks/linkage_register.py [RECORDS] [ASKED]
On PostgreSQL: scripts/with_postgres python benchmarks/linkage_register.py
Records have names of the demo programme in several spellings, a birth date and sometimes a document; identities are
sealed as always, and every key is in the blind index.
"""

from __future__ import annotations

import os
import random
import sys
import tempfile
import time
import uuid
from importlib import import_module
from typing import Any

RECORDS = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
ASKED = int(sys.argv[2]) if len(sys.argv) > 2 else 2000
PART = 20_000
SYLLABLES = (
    "ай",
    "бек",
    "дар",
    "ер",
    "жан",
    "қай",
    "мар",
    "нұр",
    "сәу",
    "тал",
    "гүл",
    "асқ",
    "ол",
    "ирин",
    "шах",
    "бол",
)
ENDINGS = ("ов", "ев", "баев", "қызы", "ин", "енко", "бекова", "ова", "алиева", "нова")


def person(draw: random.Random) -> Any:
    """Return one agency's identity.

    A name (of 40,000 family and 4,000 given names), a birth date, a document.
    """
    family = "".join(draw.choices(SYLLABLES, k=draw.choice((2, 3)))) + draw.choice(ENDINGS)
    given = "".join(draw.choices(SYLLABLES, k=draw.choice((2, 3))))
    born = f"{draw.randint(1955, 2012)}-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}"
    details = {
        "names": [{"kind": "main", "family": family.capitalize(), "given": given.capitalize()}],
        "birth_date": born if draw.random() < 0.7 else born[:4],
        "gender": draw.choice(("feminine", "masculine")),
    }
    if draw.random() < 0.15:
        details["documents"] = [{"kind": "passport", "number": f"N{draw.randint(10**7, 10**8 - 1)}"}]
    return details


def fill() -> None:
    """Store records as registration does, in batches."""
    from kerege.casework.vault.events import identity_stored
    from kerege.casework.vault.services import identities
    from kerege.core.accounts.models import Agency
    from kerege.core.authorization import Actor
    from kerege.core.database.bulk_insert import analyse

    identity_stored.receivers.clear()  # no record waits to be matched here
    agency = Agency.objects.create(code="a", kind="ngo", names={"kk": "a", "ru": "a", "en": "a"})
    draw, actor = random.Random(1), Actor.system("bench")
    for start in range(0, RECORDS, PART):
        identities.store_records(actor, [(agency, person(draw), "") for _ in range(min(PART, RECORDS - start))])
        print(f"\r{start + PART:,} records", end="", file=sys.stderr)
    analyse()
    print(file=sys.stderr)


def main() -> None:
    """Fill the register, measure, and print."""
    os.environ["KEREGE_HOME"] = tempfile.mkdtemp()
    from kerege.cli.load_django import setup

    setup()
    from django.core.management import call_command
    from django.db import connection

    from kerege.casework.vault.identity import blocking_keys
    from kerege.casework.vault.queries.candidate_search import scored, sharing, size
    from kerege.core.authorization import session_scope

    import_module("kerege.config.wsgi")  # what a web process does once before it serves
    call_command("migrate", verbosity=0)
    session_scope.open_process()
    began = time.perf_counter()
    fill()
    filled = time.perf_counter() - began
    size()
    draw = random.Random(2)
    # half of those asked about are known, under the same draw of names; half come for the first time
    known, again = random.Random(1), []
    for _ in range(ASKED):
        again.append(person(known))
        again.append(person(draw))
    took: dict[str, list[float]] = {"candidates": [], "candidates and scores": [], "  of it this process": []}
    counts = []
    for details in again[: ASKED // 10]:  # warm
        scored(details)
    for details in again:
        one = time.perf_counter()
        list(sharing(blocking_keys(details)))
        two = time.perf_counter()
        busy = time.process_time()
        counts.append(len(scored(details, without={uuid.uuid4()})))
        took["candidates"].append(two - one)
        took["candidates and scores"].append(time.perf_counter() - two)
        # without waiting for the database, or for a processor that others use
        took["  of it this process"].append(time.process_time() - busy)
    print(
        f"{connection.vendor}, {RECORDS:,} records, {len(again):,} asked; filled in {filled:.0f} s; "
        f"weighed {sum(counts) / len(counts):.1f} each, at most {max(counts)}"
    )
    for name, values in took.items():
        values.sort()
        median, p99 = (values[int(len(values) * share)] * 1000 for share in (0.5, 0.99))
        print(f"{name:24} median {median:7.2f} ms   p99 {p99:7.2f} ms")


if __name__ == "__main__":
    main()
