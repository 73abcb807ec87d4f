"""Links between crimes and cases: only with a consent or by law, without revealing what exists."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.needs import Assessment
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.services import consents as consent_services
from kerege.casework.assistance.services import provision
from kerege.casework.cases.models.case import Case, Note, Task
from kerege.casework.cases.services import shares
from kerege.casework.cases.services.legal_holds import held
from kerege.casework.justice import case_links, services
from kerege.casework.justice.models import CaseLink, Crime
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.core import authorization
from kerege.core.authorization import Denied

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DAY = date(2025, 3, 10)


@pytest.fixture
def police(make_agency: Any) -> Any:
    return make_agency("police", "internal_affairs")


@pytest.fixture
def officer(make_actor: Any, police: Any) -> Any:
    return make_actor("justice_officer", agency=police)


@pytest.fixture
def crime(officer: Any, police: Any) -> Crime:
    row = Crime(agency=police, source="mia", register_number="25-99317", offence="kz128", registered_on=DAY)
    return services.record_crimes(officer, [row])[0]


def add_consent(operator: Any, case: Case, police: Any, **changes: Any) -> Consent:
    values = {
        "purpose": "sharing_with_police",
        "recipient": police,
        "given": True,
        "on": DAY,
        "categories": [],
    } | changes
    return consent_services.record_consent(operator, Consent(case=case, **values))


def try_link(officer: Any, crime: Crime, reference: str) -> str:
    """Return the answer that the officer sees: `linked`, or the error."""
    try:
        case_links.link_case(officer, crime, reference)
    except BadInput as fault:
        return str(fault)
    return "linked"


def test_the_persons_consent_allows_a_link(
    officer: Any, crime: Crime, make_case: Any, operator: Any, police: Any
) -> None:
    case = make_case()
    consent = add_consent(operator, case, police)
    assert try_link(officer, crime, f" {case.reference.lower()} ") == "linked"
    [(reference, link)] = case_links.list_links(crime)
    assert (reference, link.basis, link.basis_id) == (case.reference, "consent", consent.pk)


@pytest.mark.parametrize(
    "consent_values",
    [
        None,
        {"given": False},
        {"withdrawn_on": DAY},
        {"until": DAY},
        {"purpose": "sharing_with_agency"},
        {"recipient": "other"},
    ],
)
def test_an_unknown_reference_and_one_without_consent_give_the_same_answer(
    consent_values: dict[str, Any] | None,
    officer: Any,
    crime: Crime,
    make_case: Any,
    operator: Any,
    police: Any,
    make_agency: Any,
) -> None:
    case = make_case()
    if consent_values is not None:
        if consent_values.get("recipient"):
            consent_values = {"recipient": make_agency("other", "internal_affairs")}
        add_consent(operator, case, police, **consent_values)
    assert try_link(officer, crime, case.reference) == try_link(officer, crime, "KZ-2025-99999") != "linked"
    assert not CaseLink.objects.exists()


def test_the_newest_answer_counts(officer: Any, crime: Crime, make_case: Any, operator: Any, police: Any) -> None:
    case = make_case()
    add_consent(operator, case, police)
    add_consent(operator, case, None, given=False, on=DAY + timedelta(days=1))
    assert try_link(officer, crime, case.reference) != "linked"


def test_a_share_by_law_allows_a_link(officer: Any, crime: Crime, make_case: Any, operator: Any, police: Any) -> None:
    case = make_case()
    shares.share(operator, case, police, "legal", categories=["exploitation"])
    assert try_link(officer, crime, case.reference) == "linked"


def test_a_withdrawal_hides_the_reference(
    officer: Any, crime: Crime, make_case: Any, operator: Any, police: Any
) -> None:
    case = make_case()
    consent = add_consent(operator, case, police)
    case_links.link_case(officer, crime, case.reference)
    consent_services.withdraw_consent(operator, consent, timezone.localdate())
    assert [reference for reference, _ in case_links.list_links(crime)] == [""]


def test_only_justice_officers_link_a_case(
    crime: Crime, make_case: Any, operator: Any, police: Any, make_actor: Any
) -> None:
    case = make_case()
    add_consent(operator, case, police)
    for role in ("caseworker", "supervisor", "coordinator", "identifying_officer"):
        with pytest.raises(Denied):
            case_links.link_case(make_actor(role, agency=police), crime, case.reference)


def test_open_proceedings_put_a_legal_hold_on_the_case(
    officer: Any, crime: Crime, make_case: Any, operator: Any, police: Any
) -> None:
    case, other_case = make_case(), make_case()
    add_consent(operator, case, police)
    case_links.link_case(officer, crime, case.reference)
    assert held([case.pk, other_case.pk]) == {case.pk}
    services.move_crime(officer, crime, "convicted", DAY)
    assert held([case.pk, other_case.pk]) == set()


def test_the_police_see_no_services_health_data_or_person(
    officer: Any, crime: Crime, make_case: Any, operator: Any, police: Any, make_user: Any, sign_in: Any
) -> None:
    case = make_case()
    add_consent(operator, case, police)
    provision.add_services(
        operator, [Service(case=case, kind="medical_care", provider=case.agency, payer="state", started_on=DAY)]
    )
    case_links.link_case(officer, crime, case.reference)
    for action in ("cases.view", "services.view", "vault.read", "tasks.view", "referrals.answer", "handovers.view"):
        model = authorization.model_of(action)
        assert model is not None
        assert not authorization.scope(officer, model, action=action).exists(), action
    assert not any(
        "justice_officer" in grant.roles
        for action, rule in access_rules().items()
        for grant in rule.grants
        if rule.model in {Case, Service, Assessment, IdentityRecord, Note, Task}
    )
    page = sign_in(make_user("justice_officer", agency=police)).get(f"/en/work/crimes/{crime.pk}/").content.decode()
    assert case.reference in page
    assert "Medical" not in page
    assert f"/work/cases/{case.pk}" not in page


def access_rules() -> Any:
    """Return the declared rules by action."""
    from kerege.core.authorization.rules import rules

    return {rule.action: rule for rule in rules.all()}
