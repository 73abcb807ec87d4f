"""Roles that may see that another agency has a record, by request and reason."""

from __future__ import annotations

from dataclasses import dataclass

from tests.safety.two_registers import Asked

OF_NO_AGENCY = "releases:"


@dataclass(frozen=True)
class Entitlement:
    """Requests in which roles may see that another agency has a record, and the reason."""

    roles: frozenset[str]
    requests: tuple[str, ...]
    reason: str

    def covers(self, asked: Asked) -> bool:
        """Return whether a request is one of these; a request is named by its page and what is asked about."""
        names = tuple(name if name.endswith(":") else f"{name} " for name in self.requests)
        return asked.who in self.roles and f"{asked.name} ".startswith(names)


NATIONAL_ROLES = frozenset({"coordinator", "analyst", "publisher", "minister", "auditor"})
# every other difference is a fault
ENTITLED = (
    Entitlement(
        frozenset({"caseworker", "supervisor", "identifying_officer"}),
        ("cases:search document",),
        "an exact document number answers: known, ask the coordinator. 20 an hour, each is an event (DESIGN.md 3)",
    ),
    Entitlement(
        frozenset({"caseworker", "supervisor", "identifying_officer"}),
        ("cases:emergency-open",),
        "an exact number opens the case in an emergency; agency and auditor are notified, 5 an hour",
    ),
    Entitlement(
        frozenset({"justice_officer", "coordinator", "analyst"}),
        ("justice:figures",),
        "national counts of crimes by source, which are published; no single crime (rule crimes.count)",
    ),
    Entitlement(
        frozenset({"coordinator"}),
        (
            "assistance:silent",
            "assistance:transfer-queue",
            "cases:erasure",
            "cases:erasure-receipt",
            "cases:erasures",
            "desk:home",
            "desk:quality",
            "persons:answered",
            "persons:ask-again",
            "persons:queue",
            "persons:review",
        ),
        "the coordinator of the programme decides pairs, transfers, silent referrals and erasures of all agencies",
    ),
    Entitlement(
        NATIONAL_ROLES,
        (
            "accounts:start",
            "awareness:list",
            "awareness:read",
            "desk:coordinator-board",
            "desk:home",
            "desk:ministry-board",
            "desk:process",
            "desk:quality",
            "exchange:figures",
            "intake:statuses",
            "persons:quality",
            OF_NO_AGENCY,
        ),
        "counts over all agencies without a person; campaigns and releases of the programme (FIELD.md D1)",
    ),
    Entitlement(
        frozenset({"auditor"}),
        ("audit:export", "audit:trail", "cases:emergencies", "cases:emergency", "cases:erasure-receipt"),
        "the auditor reads the audit log of all agencies and judges every emergency; it holds ids and no names",
    ),
)
