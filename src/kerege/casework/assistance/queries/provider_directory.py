"""Directory of agencies for a referral: services, region, capacity."""

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
    """An agency with the requested services that it offers, its region and its waiting referrals."""

    agency: Agency
    offers: list[str]
    near: bool
    waiting: int

    @property
    def words(self) -> str:
        """Return name, region and offered services as one line."""
        place = code(self.agency.region, "region")
        return " · ".join(filter(None, (self.agency.name, place, ", ".join(code(s, "service") for s in self.offers))))


def rank_agencies(services: Collection[str], region: str, excluded: Collection[object] = ()) -> list[SuitableAgency]:
    """Return active agencies except `excluded`, the most suitable first.

    Sort keys: most requested services, accepts referrals, same region, fewest waiting referrals, name.
    """
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
    """Return the ids of the agencies along a chain of earlier referrals."""
    agency_ids: set[object] = set()
    while referral is not None and referral.to_agency_id not in agency_ids:
        agency_ids.add(referral.to_agency_id)
        referral = referral.previous
    return agency_ids
