"""Health checks: conditions that must hold before the system serves, and warnings for the operator."""

from __future__ import annotations

import stat
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Literal

from django.conf import settings
from django.db import DatabaseError, connection
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone

from kerege.base import clock_sync, files, key_seal
from kerege.base.errors import Refused
from kerege.base.registry import Entry, Registry
from kerege.core.accounts import breached_passwords as breached_password_list
from kerege.core.accounts import forbidden_roles, role_rules, role_triggers
from kerege.core.accounts.models import FORBIDDEN_DAYS, Installation
from kerege.core.audit import clock, forwarding, log_delivery, search, triggers
from kerege.core.audit.models import AuditEvent, AuditHead
from kerege.core.row_security import policies
from kerege.core.security import key_events, keyring
from kerege.core.uploads import clamav

State = Literal["ok", "warn", "fail"]


@dataclass(frozen=True)
class Check:
    """Result of one health check: its name, its state, and the finding with its remedy."""

    name: str
    state: State
    words: str


def database() -> Check:
    """Check that the database answers and that no migration is pending."""
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
    """Return the names of migrations that the database lacks; raise Refused after a half-applied squash."""
    executor = MigrationExecutor(connection)
    if executor.loader.replacements.keys() - executor.loader.graph.nodes.keys():
        # Django silently skips an app of which only some of the replaced migrations ran
        raise Refused("a development version migrated this database in part: create the register again")
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [f"{migration.app_label}.{migration.name}" for migration, _ in plan]


def key_ring() -> Check:
    """Check that the key ring holds every key that the database names.

    Only the owner may be able to read the key files.
    """
    lost = key_events.missing()
    if lost:
        return Check("keys", "fail", f"missing: {', '.join(lost)}; restore the key file of the backup")
    open_files = [
        path.name for path in keyring.keyring().folder.glob("*.key") if stat.S_IMODE(path.stat().st_mode) & 0o077
    ]
    if open_files:
        return Check("keys", "fail", f"others can read {', '.join(open_files)}: chmod 600")
    clear = keyring.keyring().clear_files()
    if clear and key_seal.key_command():
        return Check("keys", "fail", f"{len(clear)} key files are in clear: run kerege keys seal")
    return Check("keys", "ok", f"{keyring.keyring().folder}, {'in clear' if clear else 'sealed'}")


def audit_guards() -> Check:
    """Check that the triggers of the audit log exist and that the head names the last event."""
    lost = triggers.missing(connection)
    if lost:
        return Check("audit", "fail", f"triggers are missing: {', '.join(lost)}")
    last = AuditEvent.objects.order_by("-seq").first()
    head = AuditHead.objects.filter(pk=1).first()
    if last and (head is None or (head.seq, head.hash) != (last.seq, last.hash)):
        return Check("audit", "fail", "the head of the chain names another last event: run kerege audit verify")
    return Check("audit", "ok", f"{last.seq if last else 0} events; the whole chain: kerege audit verify")


def row_level_security() -> Check:
    """Check that row-level security is built as declared and that the database user cannot bypass it."""
    name = "row security"
    if connection.vendor != "postgresql":
        return Check(name, "ok", "SQLite has no row-level security: only the access rules apply")
    if lost := policies.missing(connection):
        return Check(name, "fail", f"row-level security is not as declared on {', '.join(lost)}: run kerege migrate")
    if policies.is_bypassed(connection):
        return Check(name, "fail", "row-level security does not apply to this database user: use an ordinary one")
    guarded = f"row-level security on {len(policies.table_policies())} tables"
    if policies.is_owner(connection):
        return Check(
            name,
            "warn",
            f"{guarded}, but the program owns them and could remove it: use two users (KEREGE_MIGRATE_URL)",
        )
    return Check(name, "ok", guarded)


def home() -> Check:
    """Check that the home folder can be written."""
    try:
        files.home().mkdir(parents=True, exist_ok=True)
        with files.atomic_file(files.home() / ".doctor"):
            pass
        (files.home() / ".doctor").unlink()
    except OSError as error:
        return Check("home", "fail", f"cannot write to {files.home()} ({type(error).__name__})")
    return Check("home", "ok", str(files.home()))


def register() -> Check:
    """Warn when the register holds invented people."""
    if Installation.is_demo():
        return Check("register", "warn", "invented people: never enter real ones here")
    return Check("register", "ok", "a production register")


def transport() -> Check:
    """Warn when TLS is not required."""
    if settings.HTTPS:
        return Check("transport", "ok", "cookies and redirects require TLS")
    return Check("transport", "warn", "TLS is not required: for this machine only")


def demo_flag() -> Check:
    """Check that sign-in without a password is off on a production register."""
    if settings.DEMO and not Installation.is_demo():
        return Check("demo", "fail", "KEREGE_DEMO is set on a register that is not a demo: unset it")
    return Check("demo", "ok", "on, for this machine only" if settings.DEMO else "off")


def scanner() -> Check:
    """Check that the configured virus scanner answers: without it no file can be stored."""
    if not settings.CLAMD:
        return Check("virus scanner", "warn", "none: set KEREGE_CLAMD to host:port or the path of clamd's socket")
    if not clamav.answers():
        return Check("virus scanner", "warn", f"{settings.CLAMD} does not answer: no file can be stored")
    return Check("virus scanner", "ok", settings.CLAMD)


def audit_forwarding() -> Check:
    """Check that audit events leave this machine, and that none waits for long."""
    name, target = "audit forwarding", settings.AUDIT_FORWARD
    if not target:
        return Check(name, "warn", "events stay on this machine: set KEREGE_AUDIT_FORWARD")
    state = forwarding.read_state(target)
    if state.since and timezone.now() - state.since > forwarding.LATE:
        since = timezone.localtime(state.since).isoformat(timespec="minutes")
        return Check(name, "warn", f"{state.waiting} events wait since {since}; the last one sent is {state.sent}")
    spool = log_delivery.read_state()
    if spool.is_full:
        return Check(
            name, "fail", "too many log lines wait, and new ones are lost: check that the background worker runs"
        )
    if spool.since and timezone.now() - spool.since > forwarding.LATE:
        since = timezone.localtime(spool.since).isoformat(timespec="minutes")
        return Check(name, "warn", f"{spool.size} bytes of log lines wait since {since}: does the worker run?")
    return Check(name, "ok", f"up to event {state.sent}, and the log lines")


def clocks() -> Check:
    """Compare this machine's clock with the newest event and the database; report earlier steps back."""
    name, state = "clock", clock.read_state()
    if state.behind_log > clock.FURTHEST:
        return Check(name, "fail", f"{state.behind_log.days} days behind the newest audit event: set the clock")
    if state.behind_log > clock.TOLERANCE:
        seconds = int(state.behind_log.total_seconds())
        return Check(name, "warn", f"{seconds} seconds behind the newest audit event: it was set back; set it right")
    if abs(state.before_database) > clock.TOLERANCE:
        seconds = int(state.before_database.total_seconds())
        return Check(name, "warn", f"{seconds:+} seconds from the clock of the database: use one time server for both")
    checked = search.last_check()
    if checked and checked[1].clock_steps:
        steps = checked[1]
        words = f"time ran backwards {steps.clock_steps} times in the audit log, last before event {steps.last_step}"
        return Check(name, "warn", words)
    synchronised = clock_sync.is_synchronised()
    if synchronised is False:
        return Check(name, "warn", "no time service synchronises it: start chronyd or systemd-timesyncd")
    if synchronised is None:
        return Check(name, "warn", "the kernel does not say whether a time service synchronises it")
    return Check(name, "ok", "synchronised, not behind the audit log and the database")


def breached_passwords() -> Check:
    """Check that the list of breached passwords is readable and in order."""
    name, path = "breached passwords", breached_password_list.list_path()
    if path is None:
        return Check(name, "warn", "no list: set KEREGE_BREACHED_PASSWORDS to a file of SHA-1 digests in order")
    try:
        in_order = breached_password_list.seems_in_order(path)
    except OSError:
        return Check(name, "fail", f"{path} cannot be read: no password can be set")
    if not in_order:
        return Check(name, "fail", f"{path} is not a list of SHA-1 digests in ascending order")
    return Check(name, "ok", str(path))


def vocabulary() -> Check:
    """Check that code lists, crosswalks and profile are consistent."""
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


def roles() -> Check:
    """Warn about users who hold a role against the rules; check the trigger that refuses such a role."""
    if lost := role_triggers.missing(connection):
        return Check("roles", "fail", f"triggers are missing: {', '.join(lost)}; run kerege migrate")
    if late := [row for row in forbidden_roles.list_forbidden() if forbidden_roles.ends_on(row) < timezone.localdate()]:
        names = ", ".join(f"{row.role} of {row.user.username}" for row in late[:10])
        return Check(
            "roles",
            "fail",
            f"held against the rules for more than {FORBIDDEN_DAYS} days: {names}; does the worker run?",
        )
    lines = role_rules.violations()
    if lines:
        return Check("roles", "warn", f"held against the rules: {'; '.join(lines[:10])}; all: kerege roles check")
    return Check("roles", "ok", "every role follows the rules of the country profile")


# the order matters: later checks need what the earlier ones check
NEEDED: tuple[Callable[[], Check], ...] = (home, database, key_ring, audit_guards, row_level_security, demo_flag)
# warnings for the operator; each app adds its own in its `health_checks.py`
health_checks: Registry[Entry[Callable[[], Check]]] = Registry("health checks")
health_checks.add(
    Entry("vocabulary", vocabulary, order=10),
    Entry("terms", legal_terms, order=15),
    Entry("roles", roles, order=18),
    Entry("register", register, order=20),
    Entry("transport", transport, order=30),
)
health_checks.add(
    Entry("clock", clocks, order=33),
    Entry("audit forwarding", audit_forwarding, order=35),
    Entry("virus scanner", scanner, order=40),
    Entry("breached passwords", breached_passwords, order=45),
)


def checks() -> Iterator[Check]:
    """Yield the result of every check; stop after the database check when it fails."""
    for check in (*NEEDED, *(entry.value for entry in health_checks.all())):
        result = check()
        yield result
        if check is database and result.state == "fail":
            return


def require_healthy() -> None:
    """Raise Refused when a check fails that must hold before the system serves."""
    for check in NEEDED:
        result = check()
        if result.state == "fail":
            raise Refused(f"{result.name}: {result.words}")
