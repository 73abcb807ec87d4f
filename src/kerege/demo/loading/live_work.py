"""Loading of the live work of the day of the demo."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone

from kerege.casework.assistance.services import needs as need_services
from kerege.casework.cases.models.case import Case, Share, Task
from kerege.casework.cases.services import bulk_updates, shares, tasks
from kerege.casework.intake.models import Signal
from kerege.casework.intake.services import signals
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor
from kerege.demo.loading import identification as load_identification
from kerege.demo.loading.referrals import DECIDING, load_sharing
from kerege.demo.programme import world
from kerege.demo.programme.staff import OFFICE


def load_live(
    actor: Actor, live: world.Live, cases: dict[str, Case], agencies: dict[str, Agency], users: dict[str, User]
) -> None:
    """Store tasks, notes, needs, screenings, consents, shares, referrals and signals."""
    for key, agency in live.shares:
        shares.share(actor, cases[key], agencies[agency], Share.Basis.LEGAL, categories=DECIDING)
    for key, on, needs, risk in live.needs:
        need_services.assess(actor, cases[key], on, needs, risk)
    load_identification.load_screenings(actor, live.screenings, cases)
    bulk_updates.add_notes(actor, [(cases[key], text) for key, text in live.notes])
    tasks.add_tasks(actor, [task(row, cases, agencies, users) for row in live.tasks])
    load_sharing(actor, live, cases, agencies, timezone.localdate())
    load_signals(actor, live.signals, cases, agencies)
    case_keys = [key for key, agency in live.shares if agency == OFFICE]
    load_identification.load_decisions(actor, case_keys, cases, agencies, timezone.localdate())


def task(row: world.DemoTask, cases: dict[str, Case], agencies: dict[str, Agency], users: dict[str, User]) -> Task:
    """Return an unsaved task."""
    return Task(
        agency=agencies[row.agency],
        case=cases.get(row.case),
        assignee=users[row.assignee],
        kind=row.kind,
        due_on=row.due_on,
    )


def load_signals(
    actor: Actor, rows: list[world.DemoSignal], cases: dict[str, Case], agencies: dict[str, Agency]
) -> None:
    """Store the signals and bring each one to its state."""
    drafts = [signal(row, number, agencies) for number, row in enumerate(rows)]
    for row, sent in zip(rows, signals.send_signals(actor, drafts), strict=True):
        if row.state == "seen":
            see(actor, sent)
        elif row.state != "new":
            signals.close_signal(actor, sent, cases.get(row.state))


def see(actor: Actor, signal: Signal) -> None:
    """Mark a signal as seen by the agency that received it."""
    receiver = Actor(actor.label, agency_id=signal.to_agency_id, roles=actor.roles)
    signals.mark_seen(receiver, signal)


def signal(row: world.DemoSignal, number: int, agencies: dict[str, Agency]) -> signals.SignalDraft:
    """Return the draft of a signal."""
    return signals.SignalDraft(
        from_agency=agencies[row.from_agency],
        to_agency=agencies[row.to_agency],
        channel=row.channel,
        received_at=moment(row.received_on, 7 + number % 3, 7 * number % 60),
        caller=row.caller,
        anonymous=row.caller == "public",
        urgency=row.urgency,
        region=row.region,
        language=row.language,
        suspected_form=row.suspected_form,
        people=row.people,
        narrative=row.narrative,
    )


def moment(on: date, hour: int, minute: int) -> datetime:
    """Return a time of a day in the register's time zone, never in the future."""
    return min(timezone.now(), timezone.make_aware(datetime.combine(on, time(hour, minute))))
