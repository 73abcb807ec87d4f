"""Links between a crime and a victim's case. They do not reveal which cases exist."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from django.utils import timezone
from django.utils.translation import gettext_noop

from kerege.base.errors import BadInput, Fault
from kerege.casework.cases.events import collect_police_consents
from kerege.casework.cases.models.case import Case
from kerege.casework.cases.services.shares import running_shares
from kerege.casework.justice.models import CaseLink, Crime
from kerege.core import audit, authorization
from kerege.core.accounts.models import Agency
from kerege.core.answers import collect_answers
from kerege.core.authorization import Actor, session_scope

CONSENT, LEGAL = "consent", "legal"


@dataclass(frozen=True)
class LinkBasis:
    """The basis of a link: a consent or a share, with its id."""

    kind: str
    id: UUID | None


def link_case(actor: Actor, crime: Crime, reference: str) -> CaseLink:
    """Link a crime to the case with this reference, which the helping agency gave to the officer.

    Raises the same BadInput for an unknown reference and for a case without a basis.
    """
    with audit.act(actor, "crimes.link", target=f"crime:{crime.id}") as event:
        authorization.require(actor, "crimes.change", crime)
        with session_scope.bypass_row_security(
            "the system checks consent; a refusal and an unknown person give the same answer"
        ):
            case = Case.objects.filter(reference=reference.strip().upper()).first()
            basis = find_basis(case, crime.agency) if case else None
            if case is None or basis is None:
                raise BadInput(
                    Fault(
                        gettext_noop("this reference cannot be linked"),
                        gettext_noop(
                            "ask the agency that helps the person for the reference and for the person's consent"
                        ),
                    )
                )
            values = {"basis": basis.kind, "basis_id": basis.id, "linked_at": timezone.now(), "linked_by": actor.label}
            link, _ = CaseLink.objects.get_or_create(crime=crime, case=case, defaults=values)
        event.note(case=str(case.id), basis=basis.kind)
    return link


def find_basis(case: Case, agency: Agency) -> LinkBasis | None:
    """Return the basis on which this agency may know of the case, else None.

    The basis is the person's consent to share with the police, or a running share.
    """
    for consent_id in collect_answers(collect_police_consents, Case, case=case, agency=agency):
        if consent_id is not None:
            return LinkBasis(CONSENT, consent_id)
    share = running_shares().filter(case=case, agency=agency).first()
    return LinkBasis(share.basis, share.basis_id) if share else None


def list_links(crime: Crime) -> list[tuple[str, CaseLink]]:
    """Return (reference, link) of each linked case; the reference is '' once its basis has ended."""
    with session_scope.bypass_row_security(
        "a justice officer reads the given case reference and nothing else of the case"
    ):
        rows = list(crime.case_links.select_related("case").order_by("linked_at", "pk"))
        return [(row.case.reference if find_basis(row.case, crime.agency) else "", row) for row in rows]


def unlink_case(actor: Actor, link: CaseLink) -> None:
    """Remove a link that was a mistake, or whose consent was withdrawn."""
    with audit.act(actor, "crimes.unlink", target=f"crime:{link.crime_id}") as event:
        authorization.require(actor, "crimes.change", link.crime)
        event.note(case=str(link.case_id))
        link.delete()
