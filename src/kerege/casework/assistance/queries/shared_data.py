"""Data that the receiver of a referral sees. The sender's preview uses the same functions."""

from __future__ import annotations

from collections.abc import Callable, Collection
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext as _

from kerege.casework.assistance.models.needs import Assessment
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.queries import referrals
from kerege.casework.assistance.services.referrals import ReferralDraft, get_answer_day
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.shares import grantable, running_shares
from kerege.casework.cases.shared_view import Row, Section, sections
from kerege.casework.vault.identity import Identity
from kerege.casework.vault.services.identities import open_text
from kerege.core.accounts.models import Agency
from kerege.vocabulary import codes
from kerege.web.templatetags.kerege import code, language

HEALTH_DOMAINS = {"health", "mental_health"}
HEALTH_SERVICES = {"medical_care", "psychological_support"}
MOST = 4
DomainFilter = Callable[[str], bool]


@dataclass(frozen=True)
class SharedReferral:
    """A referral as its receiver reads it."""

    from_agency: str
    services: str
    urgency: str
    due_on: date
    basis: str
    message: str
    reference: str  # case reference
    sections: list[Section]


def list_shown_categories(agency: Agency, case: Case, chosen: Collection[str]) -> list[str]:
    """Return the categories that an agency sees when `chosen` are added to its running shares."""
    running = running_shares().filter(case=case, agency=agency).values_list("categories", flat=True)
    categories_shown = {*chosen, *(name for categories in running for name in categories)}
    return [name for name in grantable(agency) if name in categories_shown]


def sort_categories(granted: Collection[str]) -> list[str]:
    """Return the categories in the order of the code list."""
    return [name for name in codes.code_list("data_category").codes if name in granted]


def preview_draft(draft: ReferralDraft, identity: Identity, today: date) -> SharedReferral:
    """Return the referral as the receiver of a draft would see it."""
    return SharedReferral(
        from_agency=draft.case.agency.name,
        services=_join_services(draft.services),
        urgency=code(draft.urgency, "urgency"),
        due_on=draft.due_on or get_answer_day(draft.urgency, today),
        basis=_name_basis(draft.consent is not None, draft.legal_basis),
        message=draft.message,
        reference=draft.case.reference,
        sections=sections(draft.case, identity, list_shown_categories(draft.to_agency, draft.case, draft.categories)),
    )


def read_referral(row: Referral, case: Case, identity: Identity, granted: Collection[str]) -> SharedReferral:
    """Return the referral as its receiver sees it.

    `identity` and `granted` are already limited to the actor's access.
    """
    return SharedReferral(
        from_agency=row.from_agency.name,
        services=_join_services(row.services),
        urgency=code(row.urgency, "urgency"),
        due_on=row.due_on,
        basis=_name_basis(row.consent_id is not None, row.legal_basis),
        message=open_text(row.message) or "",
        reference=case.reference,
        sections=sections(case, identity, granted),
    )


def _name_basis(consent: bool, legal_basis: str) -> str:
    return _("consent of the person") if consent else referrals.get_basis_title(legal_basis, language())


def _join_services(services: Collection[str]) -> str:
    return ", ".join(code(service, "service") for service in services)


def list_needs_rows(case: Case, granted: frozenset[str]) -> list[Row]:
    """Return the newest needs, without domains of categories that are not shared."""
    hidden = (HEALTH_DOMAINS if "health" not in granted else set()) | ({"family"} if "family" not in granted else set())
    return _list_needs(case, lambda domain: domain not in hidden)


def list_health_rows(case: Case, granted: frozenset[str]) -> list[Row]:
    """Return health needs and health services that no other shared category shows; no clinical content."""
    needs = [] if "needs" in granted else _list_needs(case, HEALTH_DOMAINS.__contains__)
    return needs + ([] if "services" in granted else _list_services(case, HEALTH_SERVICES.__contains__))


def list_family_rows(case: Case, granted: frozenset[str]) -> list[Row]:
    """Return the family need unless the category `needs` shows it."""
    return [] if "needs" in granted else _list_needs(case, lambda domain: domain == "family")


def list_service_rows(case: Case, granted: frozenset[str]) -> list[Row]:
    """Return services with their status, never the provider: a shelter's name would reveal the location."""
    hidden = HEALTH_SERVICES if "health" not in granted else set()
    return _list_services(case, lambda kind: kind not in hidden)


def _list_needs(case: Case, is_shown: DomainFilter) -> list[Row]:
    newest = Assessment.objects.filter(case=case).order_by("-on", "-created_at").first()
    needs = newest.needs if newest else {}
    return [
        Row(code(domain, "need_domain"), [_("%(level)d of %(most)d") % {"level": int(level), "most": MOST}])
        for domain, level in needs.items()
        if level and is_shown(domain)
    ]


def _list_services(case: Case, is_shown: DomainFilter) -> list[Row]:
    lines = {
        f"{code(row.kind, 'service')}: {code(row.status, 'service_status')}": None
        for row in case.services.order_by("started_on", "created_at")
        if is_shown(row.kind)
    }
    return [Row(_("Services"), list(lines))]
