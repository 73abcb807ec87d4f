"""Fifty people at work on one small server.

Run: scripts/with_postgres python benchmarks/load.py [PERSONS] [SECONDS]

Builds a register on PostgreSQL (by default 200,000 persons with 500,000 cases in 40 agencies), serves it with two
processes behind row-level security, and lets 50 people work in it with five to ten seconds of thought between two
pages, for five minutes. People, server and database share this machine. Prints one table in milliseconds with the
times that the project promises beside it; no time is asserted, but a page that failed makes the command fail.

KEEP_IN=FOLDER keeps the register in a folder: the next time nothing is built, and the tables are a little larger.
"""

from __future__ import annotations

import csv
import json
import os
import platform
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from contextlib import AbstractContextManager, nullcontext
from math import ceil
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

from load_users import register

from tests import second_factor

BIN = Path(sys.executable).parent
COMMAND = [sys.executable, "-c", "from kerege.cli import main; main()"]
PEOPLE, PORT = 50, 8123
ROLES = ["caseworker"] * 7 + ["supervisor"] + ["identifying_officer"] + ["caseworker"] * 4 + ["supervisor"]
# the last of them: an authority that decides on cases of others, and the coordinators of the programme
OFFICE = ["identifying_officer"] * 4 + ["coordinator"] * 3
# what the project promises for the 95th percentile, by the first word of a line
PROMISED = {"list": 400, "search": 400, "case": 300, "save": 400}


def run(*arguments: str) -> None:
    """Run a command of kerege."""
    subprocess.run([*COMMAND, *arguments], check=True, stdout=subprocess.DEVNULL)


def use_row_security() -> None:
    """Set the environment for row-level security.

    Migrations run as the table owner, and the program as a user under row-level security.
    """
    owner = os.environ["DATABASE_URL"]
    parts = urlsplit(owner)
    program = parts._replace(netloc=f"kerege_app@{parts.hostname}:{parts.port}")
    import psycopg

    with psycopg.connect(owner, autocommit=True) as connection:
        if not connection.execute("SELECT 1 FROM pg_roles WHERE rolname = 'kerege_app'").fetchone():
            connection.execute("CREATE ROLE kerege_app LOGIN")
    os.environ |= {"KEREGE_MIGRATE_URL": owner, "DATABASE_URL": urlunsplit(program)}


def vacuum_analyse() -> None:
    """Do what autovacuum does within minutes of an import."""
    import psycopg

    with psycopg.connect(os.environ["KEREGE_MIGRATE_URL"], autocommit=True) as connection:
        connection.execute("VACUUM ANALYZE")


def prepare(folder: Path, persons: int) -> None:
    """Build a register with daily work unless it exists."""
    import django

    built = folder / "persons"
    if built.exists():
        run("migrate")
    else:
        register.build(run, folder, persons)
    django.setup()
    if not built.exists():
        vacuum_analyse()
        register.fill()
        built.write_text(str(persons))
    vacuum_analyse()


def people(folder: Path) -> Path:
    """Create sessions of fifty users; write their names, caseloads and cookies to a file."""
    from allauth.mfa.models import Authenticator
    from django.conf import settings
    from django.test import Client

    from kerege.core.accounts.models import Agency, User
    from kerege.core.authorization import Actor
    from kerege.core.row_security import policies

    sessions, persons = [], int((folder / "persons").read_text())
    centres = list(Agency.objects.filter(kind="crisis_centre").order_by("code"))
    office = Agency.objects.get(code="committee")
    roles = [ROLES[number % len(ROLES)] for number in range(PEOPLE - len(OFFICE))] + OFFICE
    with policies.acting(Actor.system("benchmark")):
        for number, role in enumerate(roles):
            place = number % len(centres)
            agency = office if number >= PEOPLE - len(OFFICE) else centres[place]
            if role == "coordinator":
                user, made = User.objects.get_or_create(username=f"coordinator-{number}", defaults={"language": "en"})
                if made:
                    user.assignments.create(agency=agency, role=role)
            else:
                users = User.objects.filter(assignments__agency=agency, assignments__role=role).order_by("username")
                user = users[number // len(centres) if agency is not office else number % len(users)]
            if not Authenticator.objects.filter(user=user).exists():
                second_factor.activate(user)
            client = Client()
            client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
            sessions.append(
                {
                    "role": role,
                    "session": client.cookies[settings.SESSION_COOKIE_NAME].value,
                    "cases": [str(pk) for pk in within_reach(user, agency, role)],
                    # of a person of the user's agency, and of any agency
                    "numbers": [f"{place + len(centres) * 7:012d}", f"{number * persons // PEOPLE:012d}"],
                }
            )
    path = folder / "people.json"
    path.write_text(json.dumps(sessions))
    return path


def within_reach(user: Any, agency: Any, role: str) -> list[Any]:
    """Return the cases that a user opens: their own, or some that they may see."""
    from kerege.casework.cases.models.case import Case
    from kerege.core import authorization
    from kerege.core.accounts.actors import actor_for

    if role == "coordinator":
        return []
    actor = actor_for(user, agency)
    rows = authorization.scope(actor, Case, action="cases.view").filter(status="open").exclude(caseworker=None)
    own = {"caseworker": {"caseworker": user}, "supervisor": {"agency": agency}}
    hers = rows.filter(**own.get(role, {}))
    return list(hers.order_by("pk").values_list("pk", flat=True)[: register.CARRIED])


def serve(folder: Path) -> subprocess.Popen[bytes]:
    """Start the server and wait until it answers."""
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
    """Run the users; return Locust's figures by kind of page. The ramp-up does not count."""
    command = [
        str(BIN / "locust"), "-f", str(Path(__file__).parent / "load_users" / "locustfile.py"), "--headless",
        "--users", str(PEOPLE), "--spawn-rate", "2", "--run-time", f"{seconds}s", "--host", f"http://127.0.0.1:{PORT}",
        "--csv", str(folder / "out"), "--only-summary", "--reset-stats", "--exit-code-on-error", "0", "--json",
    ]  # fmt: skip
    with (folder / "locust.log").open("w") as log:
        settings = {"LOAD_PEOPLE": str(who)}
        done = subprocess.run(command, check=True, env=os.environ | settings, stdout=subprocess.PIPE, stderr=log)
    for kind in ("failures", "exceptions"):
        with (folder / f"out_{kind}.csv").open() as stream:
            print(*(",".join(line) for line in list(csv.reader(stream))[1:]), sep="\n", end="")
    lines: list[dict[str, Any]] = json.loads(done.stdout)
    return sorted(lines, key=lambda line: line["name"])


def percentile(times: Counter[float], share: float) -> float:
    """Return the time within which a share of the requests was answered."""
    rank, seen = ceil(sum(times.values()) * share), 0
    for value in sorted(times):
        seen += times[value]
        if seen >= rank:
            return value
    return 0


def table(lines: list[dict[str, Any]]) -> int:
    """Print a line for each page and for each target; return how many requests failed."""
    every: dict[str, list[dict[str, Any]]] = {}
    for line in lines:
        every.setdefault(line["name"], []).append(line)
        if (kind := line["name"].split(":")[0]) in PROMISED:
            every.setdefault(f"{kind} (all)", []).append(line)
    print(f"{'page':<26}{'requests':>9}{'failed':>8}{'median':>8}{'p95':>8}{'promised p95':>14}")
    for name, parts in every.items():
        times: Counter[float] = Counter()
        for part in parts:
            times.update({float(value): n for value, n in part["response_times"].items()})
        failed = sum(part["num_failures"] for part in parts)
        promise = PROMISED.get(name.split(" ")[0].rstrip(":"))
        figures = f"{sum(times.values()):>9}{failed:>8}{percentile(times, 0.5):>8.0f}{percentile(times, 0.95):>8.0f}"
        print(f"{name:<26}{figures}{f'< {promise}' if promise else '':>14}")
    return sum(line["num_failures"] for line in lines)


def main(persons: int, seconds: int) -> int:
    """Build the register, serve it, run the users and print."""
    if "DATABASE_URL" not in os.environ:
        sys.exit("run it with scripts/with_postgres")
    kept = os.environ.get("KEEP_IN")
    place: AbstractContextManager[str] = nullcontext(kept) if kept else tempfile.TemporaryDirectory()
    with place as folder:
        home = Path(folder) / "home"
        home.mkdir(exist_ok=True)
        os.environ |= {"KEREGE_HOME": str(home), "KEREGE_HTTPS": "0"}
        os.environ |= {"DJANGO_SETTINGS_MODULE": "kerege.config.settings"}
        use_row_security()
        prepare(home, persons)
        who = people(home)
        print(f"Python {platform.python_version()}, {os.cpu_count()} processors, load before {os.getloadavg()[0]:.1f}")
        server = serve(home)
        try:
            lines = work(home, who, seconds)
        finally:
            server.terminate()
            server.wait()
    return 1 if table(lines) else 0


if __name__ == "__main__":
    numbers = [int(text) for text in sys.argv[1:]]
    sys.exit(main(*(numbers + [200_000, 300][len(numbers) :])))
