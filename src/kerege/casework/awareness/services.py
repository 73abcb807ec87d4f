"""Every write of campaigns and hotline contacts."""

from __future__ import annotations

from collections.abc import Sequence

from kerege.casework.awareness.models import Campaign, HotlineContact
from kerege.casework.cases.services import check_codes
from kerege.casework.vault.services import BATCH
from kerege.core import access, audit
from kerege.core.access import Actor


def record_campaigns(actor: Actor, campaigns: Sequence[Campaign]) -> list[Campaign]:
    """Record campaigns (unsaved rows)."""
    with audit.act(actor, "campaigns.record") as event:
        for agency in {campaign.agency for campaign in campaigns}:
            access.require(actor, "campaigns.record", agency)
        for campaign in campaigns:
            check_codes(campaign)
        event.note(campaigns=len(campaigns))
        return Campaign.objects.bulk_create(campaigns, batch_size=BATCH)


def record_contacts(actor: Actor, contacts: Sequence[HotlineContact]) -> list[HotlineContact]:
    """Record hotline contacts (unsaved rows)."""
    with audit.act(actor, "contacts.record") as event:
        for agency in {contact.agency for contact in contacts}:
            access.require(actor, "contacts.record", agency)
        for contact in contacts:
            check_codes(contact)
        event.note(contacts=len(contacts))
        return HotlineContact.objects.bulk_create(contacts, batch_size=BATCH)
