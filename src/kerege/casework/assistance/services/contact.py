"""Safe contact: contact rules, revealing the contact details, and the log of attempts."""

from __future__ import annotations

from datetime import date
from typing import cast

from django.utils import timezone

from kerege.casework.assistance.models.contact import Contact
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.cases.services.registration import change_identity
from kerege.casework.cases.services.timeline_events import add_timeline_event
from kerege.casework.vault.identity import ContactRules, Identity
from kerege.casework.vault.queries import identities as vault
from kerege.casework.vault.services.identities import save_text
from kerege.core import audit, authorization
from kerege.core.authorization import Actor


def set_contact_rules(actor: Actor, case: Case, rules: ContactRules) -> None:
    """Replace the safe contact rules; all other identity data stay."""
    with audit.act(actor, "contacts.set_rules", target=f"case:{case.id}"):
        authorization.require(actor, "cases.change", case)
        identity = Identity(**vault.read(actor, case.record))
        identity["contact_rules"] = cast(ContactRules, {name: value for name, value in rules.items() if value})
        change_identity(actor, case, identity)


def reveal_contact(actor: Actor, case: Case) -> Identity:
    """Return the contact details, after the user has read the rules. The audit log records the reveal."""
    with audit.act(actor, "contacts.reveal", target=f"case:{case.id}", reads=True):
        authorization.require(actor, "cases.change", case)
        return vault.read(actor, case.record)


def log_contact(actor: Actor, case: Case, on: date, channel: str, result: str, note: str = "") -> Contact:
    """Record an attempt to reach the person."""
    with audit.act(actor, "contacts.log", target=f"case:{case.id}"):
        authorization.require(actor, "cases.change", case)
        row = Contact(case=case, on=on, channel=channel, result=result)
        row.agency_id, row.created_by = actor.agency_id or case.agency_id, actor.label
        row.created_at = timezone.now()
        check_codes(row)
        row.note = save_text(case.record.data_key, note) if note else None
        row.save()
        add_timeline_event(actor, case, on, "contact", channel=channel, result=result)
    return row
