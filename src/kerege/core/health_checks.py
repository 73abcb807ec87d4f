"""Health checks of keys, the task queue and the restore drill."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone
from django_tasks_db.models import DBTaskResult

from kerege.base import renewal, signing, tls
from kerege.base.errors import BadInput, Refused
from kerege.base.message_text import listed
from kerege.base.registry import Entry
from kerege.core import key_commands, key_inventory, production, restore_drills, server_certificate
from kerege.core.accounts import message_queue
from kerege.core.health import Check, health_checks
from kerege.core.jobs.requests import run
from kerege.core.security import signing_key
from kerege.vocabulary import confirmations, corrections, profile
from kerege.vocabulary.confirmations import digest_of
from kerege.vocabulary.pack import active_pack, store
from kerege.vocabulary.pack.signature import check_signature


def queued_work() -> Check:
    """Warn while queue rows hold an old task path: the next version does not run them."""
    waiting = DBTaskResult.objects.filter(status="READY")
    if old := waiting.exclude(task_path=run.module_path).count():
        words = f"{old} rows were written by an older version: run kerege worker before the next upgrade"
        return Check("queued work", "warn", words)
    return Check("queued work", "ok", f"{waiting.count()} waiting")


def corrected_facts() -> Check:
    """Warn while a correction of the installation does not fit the profile, and so is left out."""
    rows = corrections.read_home()
    facts = {fact.path: fact.fact for fact in profile.read_profile(active_pack()).facts()}
    if left_out := corrections.list_invalid(facts, rows):
        return Check("corrected facts", "warn", f"left out: {', '.join(left_out)}; correct them again on the page")
    return Check("corrected facts", "ok", f"{len(rows)} corrections")


OLDEST = timedelta(days=2)  # a newest backup that is older is reported


def restore_drill() -> Check:
    """Check that the newest backup is recent, and that the last drill restored one."""
    name = "restore drill"
    if not settings.BACKUPS:
        return Check(name, "warn", "no backup is tried: set KEREGE_BACKUPS to the folder of the backups")
    newest = restore_drills.newest_backup(Path(settings.BACKUPS))
    if newest is None:
        return Check(name, "fail", f"there is no backup in {settings.BACKUPS}: run kerege backup")
    report, now = restore_drills.read_report(), timezone.now()
    if report is None:
        return Check(name, "warn", "none yet: the worker does it, kerege backup --drill does it now")
    began = timezone.localtime(report.began_at).isoformat(timespec="minutes")
    if report.ended and not report.ok:
        return Check(name, "fail", f"{report.backup} could not be restored on {began}: {report.reason}")
    if not report.ended and now - report.began_at > timedelta(minutes=settings.DRILL_MINUTES):
        return Check(name, "warn", f"the drill of {began} did not end: read the log of the worker")
    if now - report.began_at > 2 * timedelta(days=settings.DRILL_DAYS):
        return Check(name, "warn", f"the last one was on {began}: does the worker run?")
    if now.timestamp() - newest.stat().st_mtime > OLDEST.total_seconds():
        return Check(name, "warn", f"the newest backup, {newest.name}, is older than {OLDEST.days} days")
    return Check(name, "ok", f"{report.backup} on {began}" if report.ended else f"runs since {began}")


def signer() -> Check:
    """Check that the command that holds the signing key signs, and that its signature fits its public key."""
    name = "signer"
    try:
        key_id, key = signing_key.current()
        signing.sign(b"kerege doctor", key)
    except (BadInput, Refused) as refusal:
        return Check(name, "fail", str(refusal))
    if signing_key.is_external(key_id):
        return Check(name, "ok", f"{key_id}, which this machine's key ring does not hold")
    return Check(name, "warn", f"{key_id} is in the key ring of this machine: set KEREGE_SIGNER")


def key_age() -> Check:
    """Warn about keys that are due for their yearly rotation, and about rotations that did not end."""
    name, purposes = "key age", key_inventory.list_purposes()
    if due := key_inventory.list_due(purposes):
        return Check(name, "warn", f"older than a year: {', '.join(due)}; run kerege keys rotate --purpose NAME")
    if unfinished := [purpose.name for purpose in purposes if key_commands.is_unfinished(purpose.name)]:
        return Check(name, "warn", f"a rotation did not end: {', '.join(unfinished)}; run it again")
    return Check(name, "ok", "no key is due")


def open_risks() -> Check:
    """Name the risks that the operator accepts, and those that stop `kerege serve` outside of a trial."""
    name, risks = "production", production.list_risks()
    if undecided := [risk for risk in risks if risk not in settings.ACCEPTED_RISKS]:
        return Check(name, "warn", f"kerege serve will refuse outside of a trial: {', '.join(undecided)}")
    if risks:
        return Check(name, "warn", f"accepted: {', '.join(risks)}")
    return Check(name, "ok", "no risk is open")


LAST_WEEKS = timedelta(days=21)  # a certificate that ends sooner is reported


def certificate() -> Check:
    """Check the certificate that browsers get: its names, its authority and its end."""
    name = "certificate"
    cert, key = settings.TLS_CERT, settings.TLS_KEY
    if cert and key:
        hosts = [host for host in settings.ALLOWED_HOSTS if not tls.is_loopback(host)] or ["localhost"]
        states = {host: server_certificate.check_files(Path(cert), Path(key), host) for host in hosts}
    elif not (states := server_certificate.check_proxy()):
        return Check(name, "warn", "not checked: set KEREGE_TLS_CERT and KEREGE_TLS_KEY, or KEREGE_SITE_URL")
    if faults := [f"{host}: {state.fault}" for host, state in states.items() if state.fault]:
        return Check(name, "warn", f"browsers refuse it: {'; '.join(faults)}")
    ends = min(state.ends for state in states.values() if state.ends)
    if ends - timezone.now() < LAST_WEEKS:
        return Check(name, "warn", f"ends on {ends:%Y-%m-%d}: renew it")
    return Check(name, "ok", f"{', '.join(states)}, until {ends:%Y-%m-%d}")


health_checks.add(Entry("production", open_risks, order=25), Entry("certificate", certificate, order=31))


def messages() -> Check:
    """Warn about messages to users that are late or were given up."""
    name, waiting = "messages", message_queue.read_waiting(timezone.now())
    if waiting.since:
        since = timezone.localtime(waiting.since).isoformat(timespec="minutes")
        words = f"{waiting.late} wait since {since}: does the worker run, with KEREGE_EMAIL_URL, and the server answer?"
        return Check(name, "warn", words)
    if waiting.given_up:
        return Check(name, "warn", f"{waiting.given_up} did not leave in the last {message_queue.KEPT.days} days")
    return Check(name, "ok", "none is late")


def packages() -> Check:
    """Warn when the packages of this release are older than the policy allows."""
    name, renewed = "packages", renewal.RENEWED
    if renewal.is_due(timezone.localdate()):
        return Check(name, "warn", f"last renewed on {renewed}: install a newer release")
    return Check(name, "ok", f"renewed on {renewed}")


def country_pack() -> Check:
    """Name the pack in use; check that an installed one is as its publisher signed it."""
    name, pack = "pack", active_pack()
    words = f"{pack.identifier} {pack.version}, {pack.origin}"
    if pack.origin == "built in":
        return Check(name, "ok", words)
    words += f", sha256:{pack.manifest_hash[:16]}"
    if pack.origin == "folder":
        return Check(name, "warn", f"{words}: KEREGE_PACK is for writing a pack, install it for use")
    row = store.last_installation(pack.country) if pack.origin == "installed" else None
    if row is None:
        return Check(name, "ok", words)
    if row.publisher == store.UNSIGNED:
        return Check(name, "warn", f"{words}: nobody signed it")
    try:
        check_signature(pack, store.folder_of(pack), store.publishers())
    except (BadInput, Refused) as problem:
        return Check(name, "fail", f"{words}: {problem}")
    return Check(name, "ok", f"{words}, signed by {row.publisher}")


def lawyers() -> Check:
    """List the confirmations that an upgrade dropped, because the pack states another value now."""
    facts = {fact.path: fact.fact for fact in profile.active().facts()}
    rows = confirmations.read_home().values()
    dropped = [row.path for row in rows if row.path not in facts or row.digest != digest_of(facts[row.path])]
    if dropped:
        return Check("confirmations", "warn", f"the pack states another value now: {listed(dropped)}; confirm it again")
    return Check("confirmations", "ok", f"{len(rows)} facts")


health_checks.add(Entry("pack", country_pack, order=12), Entry("confirmations", lawyers, order=13))
health_checks.add(Entry("packages", packages, order=48))
health_checks.add(Entry("messages", messages, order=46))
health_checks.add(Entry("key age", key_age, order=32))
health_checks.add(Entry("signer", signer, order=34))
health_checks.add(Entry("corrected facts", corrected_facts, order=49))
health_checks.add(Entry("queued work", queued_work), Entry("restore drill", restore_drill, order=47))
