"""What agencies learn when records of two of them are one person: nothing, unless she or the law allows it."""

from __future__ import annotations

from uuid import UUID

from django.db.models import Q
from django.utils import timezone

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.timeline_events import tell
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core.authorization import Actor
from kerege.vocabulary.profile import active

PURPOSE = "sharing_with_agency"


def lawful() -> bool:
    """Whether the profile names a confirmed legal basis on which agencies may be told without consent."""
    return any(basis.confirmed for basis in active().sharing_bases)


def agreed(records: list[UUID], agency: UUID) -> bool:
    """Whether the person, in the last word on any of these records, lets this agency know of her."""
    of_hers = Consent.objects.filter(Q(recipient=agency) | Q(recipient=None), case__record__in=records, purpose=PURPOSE)
    newest = of_hers.order_by("-on", "-created_at").first()
    if newest is None or not newest.given or newest.withdrawn_on is not None:
        return False
    # a later withdrawal anywhere is a later word
    later = of_hers.filter(withdrawn_on__gte=newest.on).exists()
    return not later and (newest.until is None or newest.until >= timezone.localdate())


def may_know(teller: list[UUID], listener: UUID) -> bool:
    """Whether an agency may learn that another one, by these records of its own, knows the person."""
    return lawful() or agreed(teller, listener)


def tell_agencies(actor: Actor, one: IdentityRecord, two: IdentityRecord) -> None:
    """A line in the cases of each side that may know of the other; no line and no notice for one that may not."""
    if one.agency_id == two.agency_id:
        return
    for mine, other in ((one, two), (two, one)):
        if may_know([other.pk], mine.agency_id):
            for case in Case.objects.filter(record=mine.pk, agency=mine.agency_id):
                tell(actor, case, timezone.localdate(), "known_elsewhere", to=str(other.agency_id))
