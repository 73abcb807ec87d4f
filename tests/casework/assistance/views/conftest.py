"""A case with a consent, and the clinic that it names."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.services import consents, needs, provision
from tests.casework.assistance.views.referral_driver import DAY, PHONE
from tests.casework.conftest import identity


@pytest.fixture
def clinic(make_agency: Any) -> Any:
    """Return an agency that offers legal aid and medical care."""
    agency = make_agency("clinic", "ngo")
    agency.services = ["legal_aid", "medical_care"]
    agency.save()
    return agency


@pytest.fixture
def case_with_consent(make_case: Any, make_agency: Any, operator: Any, clinic: Any) -> Any:
    """Return a case that needs legal aid, with a consent to share identity and needs with the clinic."""
    centre = make_agency()
    identity_data = identity(phones=[PHONE], birth_date="1990-05-01")
    case = make_case(centre, identity_data, exploitations=[{"main_form": "begging"}], risk_level="high")
    service = Service(case=case, kind="legal_aid", status="requested", requested_on=DAY)
    provision.add_services(operator, [service])
    consent = Consent(
        case=case, purpose="sharing_with_agency", recipient=clinic, given=True, on=DAY, categories=["identity", "needs"]
    )
    consents.record_consent(operator, consent)
    needs.assess(operator, case, DAY, {"housing": 3, "mental_health": 4}, "high")
    case.refresh_from_db()
    return case
