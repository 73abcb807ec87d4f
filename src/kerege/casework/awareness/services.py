"""Write operations of campaigns and hotline contacts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.awareness.models import Campaign, HotlineContact
from kerege.casework.cases.services.code_checks import check_codes
from kerege.casework.vault.services.identities import BATCH
from kerege.core import audit, authorization
from kerege.core.authorization import Actor


def record_campaigns(actor: Actor, campaigns: Sequence[Campaign]) -> list[Campaign]:
    """Record campaigns (unsaved rows)."""
    with audit.act(actor, "campaigns.record") as event:
        for agency in {campaign.agency for campaign in campaigns}:
            authorization.require(actor, "campaigns.record", agency)
        for campaign in campaigns:
            _check_campaign(campaign)
        event.note(campaigns=len(campaigns))
        return Campaign.objects.bulk_create(campaigns, batch_size=BATCH)


def change_campaign(actor: Actor, campaign: Campaign, values: dict[str, Any]) -> Campaign:
    """Change the plan or the results of a campaign."""
    with audit.act(actor, "campaigns.change", target=f"campaign:{campaign.id}"):
        authorization.require(actor, "campaigns.change", campaign)
        row = Campaign.objects.select_for_update().get(pk=campaign.pk)
        for name, value in values.items():
            setattr(row, name, value)
        _check_campaign(row)
        row.save()
    return row


def remove_campaign(actor: Actor, campaign: Campaign) -> None:
    """Remove a campaign that has not begun. Raises BadInput for one that has, because it is counted."""
    with audit.act(actor, "campaigns.remove", target=f"campaign:{campaign.id}"):
        authorization.require(actor, "campaigns.change", campaign)
        row = Campaign.objects.select_for_update().get(pk=campaign.pk)
        if row.starts_on <= timezone.localdate():
            what = gettext_noop("this campaign has begun")
            raise BadInput(Fault(what, gettext_noop("end it today instead of removing it")))
        row.delete()


def record_contacts(actor: Actor, contacts: Sequence[HotlineContact]) -> list[HotlineContact]:
    """Record hotline contacts (unsaved rows)."""
    with audit.act(actor, "contacts.record") as event:
        for agency in {contact.agency for contact in contacts}:
            authorization.require(actor, "contacts.record", agency)
        for contact in contacts:
            check_codes(contact)
        event.note(contacts=len(contacts))
        return HotlineContact.objects.bulk_create(contacts, batch_size=BATCH)


def _check_campaign(campaign: Campaign) -> None:
    check_codes(campaign)
    if campaign.ends_on and campaign.ends_on < campaign.starts_on:
        raise BadInput(
            Fault(gettext_noop("the last day is before the first"), gettext_noop("correct one of the two days"))
        )
    if unused_channels := set(campaign.reach_by_channel) - set(campaign.channels):
        problem = gettext_noop("a reach is given for a channel that the campaign does not use")
        raise BadInput(
            Fault(problem, gettext_noop("tick the channel, or leave its reach empty"), column=min(unused_channels))
        )
    if campaign.reach_by_channel:
        campaign.reach = sum(campaign.reach_by_channel.values())
