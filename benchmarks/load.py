"""Fifty people at work on one small server: scripts/with_postgres python benchmarks/load.py [PERSONS] [SECONDS]

Builds a register on PostgreSQL (by default 200,000 persons with 500,000 cases in 40 agencies), serves it with two
processes behind row-level security, and lets 50 people work in it with five to ten seconds of thought between two
pages, for three minutes. People, server and database share this machine. Prints one table in milliseconds with the
times that the project promises beside it; nothing is asserted.
"""

from __future__ import annotations

import csv
import json
import os
import random
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from import_htcds import record

BIN = Path(sys.executable).parent
COMMAND = [sys.executable, "-c", "from kerege.cli import main; main()"]
AGENCIES, PEOPLE, PORT = 40, 50, 8123
CASES_A_PERSON = 2.5
FILE = 100_000  # cases in one file to import
ROLES = ["caseworker"] * 7 + ["supervisor"] * 2 + ["identifying_officer"]
CARRIED = 40
# what the project promises for the 95th percentile; None: no promise
PROMISED = {"list": 400, "search": 400, "case": 300, "save": 400, "home": 600}
PERSON = ("prs_", "org_")


def row(case: int, persons: int) -> dict[str, str]:
    """A case of a person; what is a person's own is the same on all her cases."""
    person = case % persons
    own = {name: value for name, value in record(person, random.Random(person)).items() if name.startswith(PERSON)}
    told = record(case, random.Random(-case - 1)) | own
    agency = person % AGENCIES + 1
    return told | {"org_Name": f"Centre {agency:02d}", "org_Kind": "crisis_centre", "cas_Id": f"c{case}"}


def build(folder: Path, persons: int) -> None:
    """Import the register file by file, each with persons of its own."""
    run("migrate")
    each = round(FILE / CASES_A_PERSON)
    for number, first in enumerate(range(0, persons, each)):
        here, begun = min(each, persons - first), time.perf_counter()
        path = folder / f"{number}.csv"
        with path.open("w", encoding="utf-8", newline="") as stream:
            writer = csv.DictWriter(stream, list(row(0, 1)))
            writer.writeheader()
            for case in range(round(here * CASES_A_PERSON)):
                told = row(case, here)
                told |= {"prs_Id": f"p{first + case % here}", "cas_Id": f"c{number}-{case}"}
                writer.writerow(told | {"prs_IdentityNumber": f"{first + case % here:012d}"})
        run("import", str(path))
        path.unlink()
        print(f"{first + here:>9,} persons, {time.perf_counter() - begun:.0f} s", flush=True)


def run(*arguments: str) -> None:
    """One command of kerege."""
    subprocess.run([*COMMAND, *arguments], check=True, stdout=subprocess.DEVNULL)


def behind_the_wall() -> None:
    """Migrations run as the owner of the tables, the program as a role of its own that the wall binds."""
    owner = os.environ["DATABASE_URL"]
    parts = urlsplit(owner)
    program = parts._replace(netloc=f"kerege_app@{parts.hostname}:{parts.port}")
    import psycopg

    with psycopg.connect(owner, autocommit=True) as connection:
        connection.execute("CREATE ROLE kerege_app LOGIN")
    os.environ |= {"KEREGE_MIGRATE_URL": owner, "DATABASE_URL": urlunsplit(program)}


def people(folder: Path) -> Path:
    """Users with sessions; a file tells who they are, what they carry, and their cookies."""
    import django

    django.setup()
    from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
    from django.conf import settings
    from django.test import Client

    from kerege.casework.cases.models import Case
    from kerege.core.access import Actor, wall
    from kerege.core.accounts.models import Agency, User

    told = []
    agencies = list(Agency.objects.filter(kind="crisis_centre").order_by("code"))
    with wall.acting(Actor.system("benchmark")):
        for number in range(PEOPLE):
            role, agency = ROLES[number % len(ROLES)], agencies[number % len(agencies)]
            user = User.objects.create_user(f"u{number}", None, full_name=f"Worker {number}", language="en")
            user.assignments.create(agency=agency, role=role)
            TOTP.activate(user, generate_totp_secret())
            open_cases = Case.objects.filter(agency=agency, status="open").order_by("pk")
            hers = list(open_cases[number // AGENCIES * CARRIED :][:CARRIED].values_list("pk", flat=True))
            if role == "caseworker":
                Case.objects.filter(pk__in=hers).update(caseworker=user)
            client = Client()
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
            cookie = client.cookies[settings.SESSION_COOKIE_NAME].value
            told.append({"role": role, "session": cookie, "cases": [str(pk) for pk in hers]})
    path = folder / "people.json"
    path.write_text(json.dumps(told))
    return path


def serve(folder: Path) -> subprocess.Popen[bytes]:
    """The server, when it answers."""
    log = (folder / "server.log").open("wb")
    server = subprocess.Popen([*COMMAND, "serve", "--port", str(PORT), "--workers", "2"], stdout=log, stderr=log)
    for _ in range(120):
        time.sleep(0.5)
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{PORT}/en/account/login/", timeout=5).close()
        except OSError:
            continue
        return server
    server.kill()
    sys.exit((folder / "server.log").read_text())


def work(folder: Path, who: Path, seconds: int) -> list[dict[str, Any]]:
    """Let them work; returns a line a kind of page."""
    command = [
        str(BIN / "locust"), "-f", str(Path(__file__).parent / "load_users" / "locustfile.py"), "--headless",
        "--users", str(PEOPLE), "--spawn-rate", "2", "--run-time", f"{seconds}s", "--host", f"http://127.0.0.1:{PORT}",
        "--csv", str(folder / "out"), "--only-summary", "--reset-stats", "--exit-code-on-error", "0",
    ]  # fmt: skip
    subprocess.run(command, check=True, env=os.environ | {"LOAD_PEOPLE": str(who)}, capture_output=True)
    for kind in ("failures", "exceptions"):
        print(*(folder / f"out_{kind}.csv").read_text().splitlines()[1:], sep="\n", end="")
    with (folder / "out_stats.csv").open() as stream:
        return list(csv.DictReader(stream))


def main(persons: int, seconds: int) -> None:
    """Build, serve, work, print."""
    if "DATABASE_URL" not in os.environ:
        sys.exit("run it with scripts/with_postgres")
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        os.environ |= {"KEREGE_HOME": place, "KEREGE_HTTPS": "0", "DJANGO_SETTINGS_MODULE": "kerege.config.settings"}
        behind_the_wall()
        build(folder, persons)
        server = serve(folder) if (who := people(folder)) else None
        try:
            lines = work(folder, who, seconds)
        finally:
            if server:
                server.terminate()
    print(f"{'page':<24}{'requests':>9}{'failed':>8}{'median':>8}{'p95':>8}{'promised p95':>14}")
    for line in lines:
        promise = PROMISED.get(line["Name"].split(":")[0])
        told = f"{line['Request Count']:>9}{line['Failure Count']:>8}{line['50%']:>8}{line['95%']:>8}"
        print(f"{line['Name']:<24}{told}{f'< {promise}' if promise else '':>14}")


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    main(*(numbers + [200_000, 180][len(numbers) :]))
