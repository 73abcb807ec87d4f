"""Timeline of a case: events are stored in codes and shown in the reader's language."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.translation import gettext as _

from kerege.base.registry import Entry, Registry
from kerege.casework.cases.models.case import Case, Event
from kerege.casework.cases.queries.cases import list_events
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor
from kerege.web.templatetags.kerege import code


@dataclass(frozen=True)
class TimelineLine:
    """A timeline event as the page shows it."""

    on: date
    title: str
    text: str
    by: str
    tone: str = ""


@dataclass(frozen=True)
class Directory:
    """Names of agencies by id and of users by audit label."""

    agencies: dict[str, str]
    workers: dict[str, str]

    def worker(self, label: str) -> str:
        """Return the name of the user behind an audit label; '' for the command line."""
        return self.workers.get(label, "" if label.startswith("cli:") else label.partition(":")[2])


def list_lines(actor: Actor, case: Case, limit: int = 200) -> list[TimelineLine]:
    """Return the newest timeline lines of a case that the actor may read."""
    events = list_events(actor, case, limit)
    labels = {label for event in events for label in (event.created_by, event.detail.get("worker")) if label}
    names = directory(labels, [event.detail["to"] for event in events if event.detail.get("to")])
    return [format_line(event, names) for event in events]


def directory(labels: Iterable[str], agency_ids: Iterable[str] = ()) -> Directory:
    """Read the names behind audit labels and agency ids with two queries."""
    names = {label.partition(":")[2] for label in labels if label.startswith("user:")}
    workers = User.objects.filter(username__in=names).values_list("username", "full_name")
    agencies = Agency.objects.filter(pk__in=set(agency_ids))
    return Directory(
        {str(agency.pk): agency.name for agency in agencies}, {f"user:{username}": name for username, name in workers}
    )


def format_line(event: Event, known: Directory) -> TimelineLine:
    """Return a timeline event in words."""
    entry = timeline_lines.get(event.kind)
    title, text = (entry.value if entry else _unknown_event)(event.detail, known)
    elsewhere = event.agency if event.agency_id != event.case.agency_id else None
    authors = [known.worker(event.created_by), elsewhere.name if elsewhere else ""]
    return TimelineLine(event.on, title, text, ", ".join(filter(None, authors)), _tone(event))


def _tone(event: Event) -> str:
    if event.kind == "decision":
        return "decision"
    return "urgent" if event.kind == "assessment" and event.detail.get("risk") == "high" else ""


Words = tuple[str, str]
Writer = Callable[[dict[str, Any], "Directory"], Words]


# writer of each kind of event; an app adds its own kinds in its `timeline_lines.py`
timeline_lines: Registry[Entry[Writer]] = Registry("lines of a timeline")


def _registered(detail: dict[str, Any], known: Directory) -> Words:
    return _("Registered"), code(detail.get("route", ""), "signal_channel")


def _decision(detail: dict[str, Any], known: Directory) -> Words:
    title = _("Decision, %(track)s: %(status)s") % {
        "track": code(detail["track"], "decision_track"),
        "status": code(detail["status"], "victim_status"),
    }
    return title, code(detail.get("kind", ""), "decision_kind")


def _status(detail: dict[str, Any], known: Directory) -> Words:
    title = _("The case is now: %(status)s") % {"status": code(detail["status"], "case_status")}
    return title, code(detail.get("reason", ""), "closure_reason")


def _identity(detail: dict[str, Any], known: Directory) -> Words:
    return _("Details of the person changed"), ""


def _completed(detail: dict[str, Any], known: Directory) -> Words:
    return _("Details added from another system"), ""


def _exploitation(detail: dict[str, Any], known: Directory) -> Words:
    return _("Exploitation recorded"), ""


def _note(detail: dict[str, Any], known: Directory) -> Words:
    return _("Note written"), ""


def _task_done(detail: dict[str, Any], known: Directory) -> Words:
    return _("Done: %(task)s") % {"task": code(detail.get("task", ""), "task_kind")}, ""


def _task_reopened(detail: dict[str, Any], known: Directory) -> Words:
    return _("Task open again: %(task)s") % {"task": code(detail.get("task", ""), "task_kind")}, ""


def _assigned(detail: dict[str, Any], known: Directory) -> Words:
    worker = detail.get("worker", "")
    if not worker:
        return _("The case has no caseworker now"), ""
    return _("The case is now assigned to %(worker)s") % {"worker": known.worker(worker)}, ""


def _reopened(detail: dict[str, Any], known: Directory) -> Words:
    return _("The case was reopened"), code(detail.get("reason", ""), "reopening_reason")


def _share_ended(detail: dict[str, Any], known: Directory) -> Words:
    return _("%(agency)s no longer sees the case") % {"agency": known.agencies.get(detail.get("to", ""), "?")}, ""


def _approval_asked(detail: dict[str, Any], known: Directory) -> Words:
    return _("Approval asked for: %(what)s") % {"what": code(detail.get("approval", ""), "approval_kind")}, ""


def _approval(detail: dict[str, Any], known: Directory) -> Words:
    what = code(detail.get("approval", ""), "approval_kind")
    return f"{what}: {code(detail.get('outcome', ''), 'approval_outcome')}", ""


def _service(detail: dict[str, Any], known: Directory) -> Words:
    title = _("Service: %(service)s") % {"service": code(detail["service"], "service")}
    return title, code(detail.get("status", ""), "service_status")


def _consent(detail: dict[str, Any], known: Directory) -> Words:
    title = _("Consent given") if detail.get("given") else _("Consent refused")
    return title, code(detail.get("purpose", ""), "consent_purpose")


def _consent_withdrawn(detail: dict[str, Any], known: Directory) -> Words:
    return _("Consent withdrawn"), code(detail.get("purpose", ""), "consent_purpose")


def _assessment(detail: dict[str, Any], known: Directory) -> Words:
    return _("Needs and risk assessed"), code(detail.get("risk", ""), "risk_level")


def _referral(detail: dict[str, Any], known: Directory) -> Words:
    title = _("Referred to %(agency)s") % {"agency": known.agencies.get(detail.get("to", ""), "?")}
    return title, code(detail.get("services", []), "service")


def _referral_answer(detail: dict[str, Any], known: Directory) -> Words:
    title = _("Referral: %(status)s") % {"status": code(detail["status"], "referral_status")}
    reasons = "referral_withdrawal" if detail["status"] == "withdrawn" else "decline_reason"
    return title, code(detail.get("reason", ""), reasons)


def _screening(detail: dict[str, Any], known: Directory) -> Words:
    return _("Screened: %(status)s") % {"status": code(detail.get("status", ""), "victim_status")}, ""


def _emergency(detail: dict[str, Any], known: Directory) -> Words:
    return _("Opened in an emergency"), code(detail.get("what", ""), "emergency_kind")


def _unknown_event(detail: dict[str, Any], known: Directory) -> Words:
    return _("Entry"), ""


# writers of the events of cases, and of some events of assistance and intake
LINES: dict[str, Writer] = {
    "registered": _registered,
    "decision": _decision,
    "status": _status,
    "identity": _identity,
    "completed": _completed,
    "exploitation": _exploitation,
    "note": _note,
    "task_done": _task_done,
    "task_reopened": _task_reopened,
    "assigned": _assigned,
    "reopened": _reopened,
    "share_ended": _share_ended,
    "approval_asked": _approval_asked,
    "approval": _approval,
    "service": _service,
    "consent": _consent,
    "consent_withdrawn": _consent_withdrawn,
    "assessment": _assessment,
    "referral": _referral,
    "referral_answer": _referral_answer,
    "screening": _screening,
    "emergency": _emergency,
}
timeline_lines.add(*(Entry(kind, write) for kind, write in LINES.items()))
