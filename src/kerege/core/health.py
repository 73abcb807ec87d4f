"""What must hold before the system serves, and what an operator should know."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor

from kerege.base import files
from kerege.base.errors import Refused
from kerege.base.registry import Entry, Registry
from kerege.core.accounts.models import Installation
from kerege.core.audit import triggers
from kerege.core.audit.models import AuditEvent, AuditHead
from kerege.core.row_security import policies
from kerege.core.security import key_events, keyring

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    """One thing looked at: what, how it stands, and what to do about it."""

    name: str
    state: State
    words: str


def database() -> Check:
    """The database answers and is as new as the code."""
    try:
        waiting = len(pending())
    except DatabaseError as error:
        return Check("database", "fail", f"does not answer ({type(error).__name__}): check DATABASE_URL")
    except Refused as refusal:
        return Check("database", "fail", str(refusal))
    if waiting:
        return Check("database", "fail", f"{waiting} migrations are waiting: run kerege migrate")
    return Check("database", "ok", connection.vendor)


def pending() -> list[str]:
    """Names of migrations that the database lacks."""
    executor = MigrationExecutor(connection)
    if executor.loader.replacements.keys() - executor.loader.graph.nodes.keys():
        # Django passes in silence over an application of which some replaced migrations ran and some did not
        raise Refused("an unreleased version left this database half-way: make the register anew")
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def key_ring() -> Check:
    """Every key that the database names is here, and nobody else can read the files."""
    lost = key_events.missing()
    if lost:
        return Check("keys", "fail", f"missing: {', '.join(lost)}; restore the key file of the backup")
    open_files = [
        path.name for path in keyring.keyring().folder.glob("*.key") if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if open_files:
        return Check("keys", "fail", f"others can read {', '.join(open_files)}: chmod 600")
    return Check("keys", "ok", str(keyring.keyring().folder))


def audit_guards() -> Check:
    """The audit's triggers are in place and its head names its last event."""
    lost = triggers.missing(connection)
    if lost:
        return Check("audit", "fail", f"triggers are missing: {', '.join(lost)}")
    last = AuditEvent.objects.order_by("-seq").first()
    head = AuditHead.objects.filter(pk=1).first()
    if last and (head is None or (head.seq, head.hash) != (last.seq, last.hash)):
        return Check("audit", "fail", "the head of the chain names another last event: run kerege audit verify")
    return Check("audit", "ok", f"{last.seq if last else 0} events; the whole chain: kerege audit verify")


def second_wall() -> Check:
    """Row-level security stands around what it should, and the program's database user cannot step over it."""
    if connection.vendor != "postgresql":
        return Check("wall", "ok", "SQLite has no row-level security: the access rules stand alone")
    if lost := policies.missing(connection):
        return Check("wall", "fail", f"row-level security is not as declared on {', '.join(lost)}: run kerege migrate")
    if policies.is_bypassed(connection):
        return Check("wall", "fail", "this database user is not stopped by row-level security: use an ordinary one")
    return Check("wall", "ok", f"row-level security on {len(policies.guards())} tables")


def home() -> Check:
    """State has a place that is ours."""
    try:
        files.home().mkdir(parents=True, exist_ok=True)
        with files.atomic_file(files.home() / ".doctor"):
            pass
        (files.home() / ".doctor").unlink()
    except OSError as error:
        return Check("home", "fail", f"cannot write to {files.home()} ({type(error).__name__})")
    return Check("home", "ok", str(files.home()))


def register() -> Check:
    """Whether the people in it are invented."""
    if Installation.is_demo():
        return Check("register", "warn", "invented people: never enter real ones here")
    return Check("register", "ok", "a production register")


def transport() -> Check:
    """Passwords and names travel encrypted."""
    if settings.HTTPS:
        return Check("transport", "ok", "cookies and redirects require TLS")
    return Check("transport", "warn", "TLS is not required: for this machine only")


def demo_flag() -> Check:
    """The demo's sign-in has no place on a production register."""
    if settings.DEMO and not Installation.is_demo():
        return Check("demo", "fail", "KEREGE_DEMO is set on a register that is no demo: unset it")
    return Check("demo", "ok", "on, for this machine only" if settings.DEMO else "off")


def scanner() -> Check:
    """Where a virus scanner is configured, it answers: without it no file is stored."""
    from kerege.core.uploads import clamav

    if not settings.CLAMD:
        return Check("virus scanner", "warn", "none: set KEREGE_CLAMD to host:port or the path of clamd's socket")
    if not clamav.answers():
        return Check("virus scanner", "warn", f"{settings.CLAMD} does not answer: no file can be stored")
    return Check("virus scanner", "ok", settings.CLAMD)


def vocabulary() -> Check:
    """Code lists, crosswalks and profile fit together."""
    from kerege import vocabulary as standard

    problems = list(standard.validate() or [])
    return (
        Check("vocabulary", "fail", "; ".join(map(str, problems))) if problems else Check("vocabulary", "ok", "valid")
    )


def legal_terms() -> Check:
    """List the legal terms whose Russian and Kazakh wording no native lawyer has confirmed yet."""
    from kerege.vocabulary import terms

    bundled = terms.legal_terms()
    if waiting := terms.unconfirmed(bundled.values()):
        return Check("terms", "warn", f"{len(waiting)} wait for a native lawyer: {', '.join(waiting)}")
    return Check("terms", "ok", f"{len(bundled)} confirmed")


# in this order: what comes later needs what comes before
NEEDED: tuple[Callable[[], Check], ...] = (home, database, key_ring, audit_guards, second_wall, demo_flag)
# what an operator should know; each room adds to it in its `health_checks.py`
health_checks: Registry[Entry[Callable[[], Check]]] = Registry("health checks")
health_checks.add(
    Entry("vocabulary", vocabulary, order=10),
    Entry("terms", legal_terms, order=15),
    Entry("register", register, order=20),
    Entry("transport", transport, order=30),
    Entry("virus scanner", scanner, order=40),
)


def checks() -> Iterator[Check]:
    """Every check; stops after the database when that does not answer."""
    for check in (*NEEDED, *(entry.value for entry in health_checks.all())):
        result = check()
        yield result
        if check is database and result.state == "fail":
            return


def require_healthy() -> None:
    """Raise Refused when the system must not be served as it stands."""
    for check in NEEDED:
        result = check()
        if result.state == "fail":
            raise Refused(f"{result.name}: {result.words}")
