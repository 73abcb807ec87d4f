"""A small world: the things of one agency, and every page that can be asked about it.

Things are a case, a signal, a referral and so on.

What a topic adds (rows, and how its pages are asked about) is in a module of `tests/safety/topics`.
"""

from __future__ import annotations

import re
import uuid
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from pkgutil import iter_modules
from typing import Any

from django.urls import reverse
from django.utils import translation

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.services import consents, provision, referrals
from kerege.casework.cases.models.case import Task
from kerege.casework.cases.services import assignment, decisions, registration, tasks
from kerege.casework.cases.services.inputs import DecisionDraft, Registration
from kerege.casework.intake.services.signals import SignalDraft, send_signal
from kerege.casework.justice.models import Crime
from kerege.casework.justice.services import record_crimes
from kerege.casework.vault.identity import Identity
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor
from kerege.vocabulary import codes
from tests.core.urlconf import Page, pages
from tests.safety import topics

DAY = date(2025, 3, 3)
OPERATOR = Actor.system("tests")
MODULES = [import_module(f"tests.safety.topics.{module.name}") for module in iter_modules(topics.__path__)]
# which of an agency's things the `pk` of an address names; of everything else it is the case
SUBJECT = {page: name for module in MODULES for page, name in getattr(module, "SUBJECT", {}).items()}
PUBLISHED = {
    "reference": "S-2222-2222",
    "year": 2025,
    "figure_id": "assisted",
    "table": "assisted",
    "indicator_id": "helped-by-year",
    "theme_name": "help",
    "region": "KZ-75",
    "code": "KZ",
    "schema_name": "index",
    "rest": "annual-2025/",
    "chapter_id": "help",
    "half_year": "2025-H2",
}


@dataclass
class Words:
    """The free texts of one agency's things."""

    identity: Identity
    note: str = ""
    grounds: str = ""
    narrative: str = ""
    message: str = ""
    supplement: str = ""


@dataclass
class Things:
    """Things of one agency."""

    agency: Agency
    case: Any
    episode: Any
    service: Any
    consent: Any
    task: Any
    signal: Any
    referral: Any
    crime: Any
    user: Any
    more: dict[str, Any] = field(default_factory=dict)

    def named(self, name: str) -> Any:
        """Return the row that an address calls by this name."""
        return self.more[name] if name in self.more else getattr(self, name)


def furnish(agency: Agency, elsewhere: Agency, words: Words) -> Things:
    """Give an agency one of everything; `elsewhere` sends it a signal and a referral."""
    case = _case(agency, words)
    [service] = provision.add_services(
        OPERATOR, [Service(case=case, kind="shelter", status="ongoing", provider=agency, payer="state", started_on=DAY)]
    )
    consent = Consent(case=case, purpose="sharing_with_agency", given=True, on=DAY, categories=[])
    [task] = tasks.add_tasks(OPERATOR, [Task(agency=agency, case=case, kind="follow_up", due_on=DAY)])
    signal = send_signal(OPERATOR, SignalDraft(elsewhere, agency, "hotline", narrative=words.narrative))
    [crime] = record_crimes(OPERATOR, [Crime(agency=agency, source="mia", offence=an_offence(), registered_on=DAY)])
    own = Things(
        agency=agency,
        case=case,
        episode=case.exploitations.get(),
        service=service,
        consent=consents.record_consent(OPERATOR, consent),
        task=task,
        signal=signal,
        referral=_referral(elsewhere, agency, words),
        crime=crime,
        user=_colleague(agency),
    )
    for module in MODULES:
        if hasattr(module, "furnish"):
            own.more |= module.furnish(own, elsewhere, words)
    return own


def an_offence() -> str:
    """Return Kazakhstan's offence of trafficking; in another country the first one of its list."""
    known = codes.code_list("offence").codes
    return "kz128" if "kz128" in known else next(iter(known))


def _case(agency: Agency, words: Words) -> Any:
    supplement = {"account": words.supplement} if words.supplement else {}
    draft = Registration(
        agency, words.identity, DAY, exploitations=[{"main_form": "begging"}], supplement=supplement, route="hotline"
    )
    case = registration.register(OPERATOR, draft)
    if words.note:
        assignment.add_note(OPERATOR, case, words.note)
    decision = DecisionDraft(case, "social", "presumed", DAY, "x", grounds=words.grounds, authority=agency)
    decisions.decide(OPERATOR, decision)
    case.refresh_from_db()
    return case


def _referral(sender: Agency, receiver: Agency, words: Words) -> Any:
    """Send a referral of a case of the sender; the receiver has no other case of the person."""
    case = registration.register(OPERATOR, Registration(sender, words.identity, DAY))
    draft = referrals.ReferralDraft(case, receiver, ["shelter"], DAY, legal_basis="x", message=words.message)
    return referrals.refer(OPERATOR, draft)


def _colleague(agency: Agency) -> User:
    user = User.objects.create_user(
        f"of-{agency.code}-{User.objects.count()}", None, full_name="Colleague", language="en"
    )
    user.assignments.create(agency=agency, role="caseworker")
    return user


def staff_pages() -> list[Page]:
    """Return every page of staff."""
    return [page for page in pages() if page.action not in {"", "public", "token"}]


def parameters(page: Page) -> list[str]:
    """Names of what an address asks for."""
    return re.findall(r"<(?:\w+:)?(\w+)>", page.pattern)


def address(page: Page, things: Things | None = None, language: str = "en") -> str:
    """Return the address of a page about an agency's rows, or without them about a missing row."""
    subject = SUBJECT.get(page.name, "case")
    known = dict(PUBLISHED)
    for name in set(parameters(page)) - set(known):
        nobody = 0 if f"<int:{name}>" in page.pattern else uuid.uuid4()
        known[name] = things.named(subject if name == "pk" else name).pk if things else nobody
    with translation.override(language):
        return reverse(page.name, kwargs={name: known[name] for name in parameters(page)})
