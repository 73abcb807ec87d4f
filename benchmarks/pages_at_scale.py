"""Time of the daily pages and exports with very many cases.

Run: python benchmarks/pages_at_scale.py [RECORDS].

Builds a register of its own, one agency with all the cases, and prints one table; every page is asked for as a
signed-in user would, and rendered whole. SQLite in a folder that is removed afterwards, or the empty database of
DATABASE_URL:
scripts/with_postgres python benchmarks/pages_at_scale.py
"""

from __future__ import annotations

import csv
import math
import os
import random
import statistics
import sys
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from import_htcds import record, timed

from tests import second_factor

COMMAND = [sys.executable, "-c", "from kerege.cli import main; main()"]
RARE = {"prs_FirstName": "Қарлығаш", "prs_MiddleName": "Өтебайқызы", "prs_SecondName": "Жұмаділова"}
TIMES = 20
CARRIED = 40


def write_file(path: Path, records: int) -> None:
    """Write the file to import: the persons of the import benchmark, and one with a unique name."""
    chance = random.Random(1)
    with path.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, list(record(0, random.Random(0))))
        writer.writeheader()
        writer.writerow(record(0, chance) | RARE)
        writer.writerows(record(number, chance) for number in range(1, records))


def build(folder: Path, records: int) -> None:
    """Migrate the database and import the file."""
    path = folder / "records.csv"
    write_file(path, records)
    timed(sys.executable, "-m", "django", "migrate", "--skip-checks", "--settings", "kerege.config.settings")
    seconds, processor, memory = timed(*COMMAND, "import", str(path))
    print(f"import of {records} records: {seconds:.0f} s, {processor:.0f} s CPU, {memory:.0f} MB")


def staff(*roles: str, carried: int = 0) -> Any:
    """Return a client signed in with roles in the agency, as a user with some of its cases."""
    from django.conf import settings
    from django.test import Client

    from kerege.casework.cases.models.case import Case
    from kerege.core.accounts.models import User

    agency = Case.objects.select_related("agency")[0].agency
    user = User.objects.create_user("-".join(roles), None, full_name="Bench", language="en")
    for role in roles:
        user.assignments.create(agency=agency, role=role)
    hers = list(Case.objects.filter(status="open").values_list("pk", flat=True)[:carried])
    Case.objects.filter(pk__in=hers).update(caseworker=user)
    second_factor.activate(user)
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def pages(client: Any) -> dict[str, Callable[[], Any]]:
    """Return the measured requests by name."""
    from django.utils import timezone

    from kerege.casework.cases.models.case import Case

    case = Case.objects.order_by("pk")[0].pk
    work, today = "/en/work/", timezone.localdate()

    def search(text: str) -> Callable[[], Any]:
        return lambda: client.post(f"{work}search/", {"text": text})

    def register(**fields: str) -> Callable[[], Any]:
        day = {f"registered_on_{part}": str(getattr(today, part)) for part in ("day", "month", "year")}
        return lambda: client.post(f"{work}register/", fields | day)

    return {
        "home, caseworker": lambda: client.get(work),
        "case list": lambda: client.get(f"{work}cases/"),
        "case list, status": lambda: client.get(f"{work}cases/?status=open"),
        "case list, form and year": lambda: client.get(f"{work}cases/?exploitation_form=forced_labour&year=2024"),
        "case list, mine": lambda: client.get(f"{work}cases/?mine=on"),
        "case list, page 1000": lambda: client.get(f"{work}cases/?page=1000"),
        "search, common given name": search("Марат"),
        "search, common full name": search("Karimov Marat"),
        "search, rare name": search("Karlygash Zhumadilova"),
        "search, nobody": search("Wilhelmina"),
        "search, document": search("000000000017"),
        "search, reference": search("KZ-2024-00017"),
        "case page": lambda: client.get(f"{work}cases/{case}/"),
        "case page, history": lambda: client.get(f"{work}cases/{case}/?tab=history"),
        "register, common name": register(family="Каримов", given="Марат"),
        "register, rare name": register(family="Жумадилова", given="Карлыгаш"),
    }


def count(queries: list[str], execute: Callable[..., Any], sql: str, *rest: Any) -> Any:
    """Record a query before it runs."""
    queries.append(sql)
    return execute(sql, *rest)


def measure(name: str, ask: Callable[[], Any], times: int = TIMES) -> None:
    """Run a request several times and print a line."""
    from django.db import connection

    from kerege.core.accounts.models import AttemptCounter

    # searches and look-ups are limited: the limit is not what is measured
    AttemptCounter.objects.all().delete()

    queries: list[str] = []
    with connection.execute_wrapper(partial(count, queries)):
        answer = ask()
    seconds, processor = [], time.process_time()
    for _ in range(times):
        begun = time.perf_counter()
        ask()
        seconds.append(time.perf_counter() - begun)
    used = (time.process_time() - processor) / times
    middle, slow = statistics.median(seconds), sorted(seconds)[math.ceil(times * 0.95) - 1]
    kilobytes = len(answer.content) / 1000
    figures = f"{middle * 1000:>8.0f}{slow * 1000:>8.0f}{used * 1000:>8.0f}{len(queries):>9}{kilobytes:>7.0f}"
    print(f"{name:<28}{answer.status_code:>7}{figures}", flush=True)


def measure_pages() -> None:
    """Print the table of the pages."""
    import django
    from django.conf import settings

    django.setup()
    settings.SECURE_SSL_REDIRECT = False
    settings.ALLOWED_HOSTS = ["testserver"]
    from kerege.core.authorization import session_scope

    with session_scope.bypass_row_security("the benchmark makes its users and chooses a case"):
        client, supervisor = staff("caseworker", carried=CARRIED), staff("supervisor", "coordinator")
        officer, requests = staff("identifying_officer"), pages(client)
    print(f"{'page':<28}{'status':>7}{'median':>8}{'p95':>8}{'CPU':>8}{'queries':>9}{'kB':>7}   (milliseconds)")
    for name, ask in requests.items():
        measure(name, ask)
    measure("home, supervisor", lambda: supervisor.get("/en/work/"))
    measure("home, identifying officer", lambda: officer.get("/en/work/"))
    measure("figures", lambda: supervisor.get("/en/work/figures/"), times=2)


def measure_exports(folder: Path) -> None:
    """Print the table of the exports."""
    print(f"{'export':<28}{'seconds':>9}{'CPU':>8}{'peak MB':>9}")
    for name, arguments in (
        ("snapshot victims", ["snapshot", str(folder / "victims.parquet"), "--of", "victims"]),
        ("export htcds", ["export", "htcds", "--out", str(folder / "out")]),
    ):
        seconds, processor, memory = timed(*COMMAND, *arguments)
        print(f"{name:<28}{seconds:>9.1f}{processor:>8.1f}{memory:>9.0f}")


def main(records: int) -> None:
    """Build the register and print the tables."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ["KEREGE_HOME"] = folder
        os.environ["DJANGO_SETTINGS_MODULE"] = "kerege.config.settings"
        build(Path(folder), records)
        measure_pages()
        measure_exports(Path(folder))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 100_000)
