"""Which agency to ask: by the services it offers, where it is, and whether it has room."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from django.db.models import Count, Q

from kerege.base.collation import sort_key
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.services.referral_steps import WAITING
from kerege.core.accounts.models import Agency
from kerege.web.templatetags.kerege import code, language


@dataclass(frozen=True)
class SuitableAgency:
    """An agency and how well it suits: the services asked for that it offers, its place, its room."""

    agency: Agency
    offers: list[str]
    near: bool
    waiting: int

    @property
    def words(self) -> str:
        """Name, place and offer in one line of a list."""
        place = code(self.agency.region, "region")
        return " · ".join(filter(None, (self.agency.name, place, ", ".join(code(s, "service") for s in self.offers))))


def rank_agencies(services: Collection[str], region: str, excluded: Collection[object] = ()) -> list[SuitableAgency]:
    """Agencies other than those `without`, the best first: most of the services, with room, near, least waiting."""
    waiting = Count("referrals_received", Q(referrals_received__status__in=WAITING))
    rows = Agency.objects.filter(active=True).exclude(pk__in=list(excluded)).annotate(waiting=waiting)
    matches = [
        SuitableAgency(
            row, [s for s in services if s in row.services], bool(region) and row.region == region, row.waiting
        )
        for row in rows
    ]
    return sorted(
        matches,
        key=lambda s: (
            -len(s.offers),
            not s.agency.accepting,
            not s.near,
            s.waiting,
            sort_key(s.agency.name, language()),
        ),
    )


def list_asked_agencies(referral: Referral | None) -> set[object]:
    """Agencies that were asked in vain along a chain of referrals."""
    agency_ids: set[object] = set()
    while referral is not None and referral.to_agency_id not in agency_ids:
        agency_ids.add(referral.to_agency_id)
        referral = referral.previous
    return agency_ids
