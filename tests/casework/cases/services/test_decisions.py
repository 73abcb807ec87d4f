"""Decisions: the authority determines the track, and a formal identification states its basis."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from kerege.base.errors import BadInput
from kerege.casework.cases.forms.case import DecisionForm
from kerege.casework.cases.models.case import Decision
from kerege.casework.cases.services import decisions, shares
from kerege.casework.cases.services.inputs import DecisionDraft
from kerege.casework.intake.forms.identification import RequestForm
from kerege.casework.intake.services.identification import request_decision
from kerege.core import authorization
from kerege.core.authorization import Actor
from kerege.vocabulary import codes, profile

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DAY = date(2025, 3, 2)
BASIS: dict[str, Any] = {
    "grounds": "по протоколу беседы",
    "standard_of_proof": "reasonable_grounds",
    "documents_used": ["interview"],
}
KINDS = list(codes.code_list("agency_kind").codes)


def draft(case: Any, authority: Any, track: str, kind: str, status: str, **values: Any) -> DecisionDraft:
    return DecisionDraft(case, track, status, DAY, "x", kind, authority, **values)


@pytest.mark.parametrize("kind", KINDS)
def test_an_officer_decides_only_on_the_track_of_their_authority(
    kind: str, make_agency: Any, make_actor: Any, make_case: Any
) -> None:
    country_profile = profile.active()
    agency = make_agency(f"deciding-{kind}", kind)
    officer = make_actor("identifying_officer", agency=agency)
    for track in country_profile.tracks:
        permitted = {
            "formal_identification": country_profile.decides_formally(kind, track),
            "preliminary_identification": track in country_profile.tracks_of(kind),
        }
        for decision, is_permitted in permitted.items():
            status = {"formal_identification": "identified", "preliminary_identification": "presumed"}[decision]
            decision_draft = draft(make_case(agency), agency, track, decision, status, **BASIS)
            if is_permitted:
                decisions.decide(officer, decision_draft)
            else:
                with pytest.raises(BadInput):
                    decisions.decide(officer, decision_draft)


def test_a_preliminary_identification_removes_no_status(make_agency: Any, make_actor: Any, make_case: Any) -> None:
    centre, office = make_agency(), make_agency("office", "social_protection")
    case = make_case(centre)
    shares.share(Actor.system("tests"), case, office, "legal")
    formal = draft(case, office, "social", "formal_identification", "identified", **BASIS)
    decisions.decide(make_actor("identifying_officer", agency=office), formal)
    officer = make_actor("identifying_officer", agency=centre)
    with pytest.raises(BadInput, match="identified on this track already"):
        decisions.decide(officer, draft(case, centre, "social", "preliminary_identification", "presumed"))
    case.refresh_from_db()
    assert case.social_status == "identified"


def test_an_officer_cannot_decide_for_another_agency(make_agency: Any, make_actor: Any, make_case: Any) -> None:
    centre, office = make_agency(), make_agency("office", "social_protection")
    case, officer = make_case(centre), make_actor("identifying_officer", agency=centre)
    with pytest.raises(authorization.Denied):
        decisions.decide(officer, draft(case, office, "social", "formal_identification", "identified", **BASIS))
    assert not Decision.objects.filter(case=case, authority=office).exists()


def test_a_social_office_cannot_decide_on_the_police_track(
    make_agency: Any, make_case: Any, make_user: Any, sign_in: Any
) -> None:
    office = make_agency("office", "social_protection")
    case = make_case(office)
    client = sign_in(make_user("identifying_officer", agency=office))
    address = reverse("cases:decide", args=[case.pk])
    page = client.get(address).content.decode()
    assert 'name="track"' not in page
    day = {f"decided_on_{part}": str(getattr(DAY, part)) for part in ("day", "month", "year")}
    data = day | BASIS | {"kind": "formal_identification", "resulting_status": "identified", "track": "police"}
    client.post(address, data | {"version": str(case.version)})
    assert Decision.objects.get(case=case).track == "social"


def test_a_centre_can_only_identify_preliminarily() -> None:
    form = DecisionForm("crisis_centre")
    assert form.settled == {"track": "social", "kind": "preliminary_identification", "resulting_status": "presumed"}
    assert not form.settled.keys() & form.fields.keys()


def test_each_track_is_requested_only_from_its_authority(
    make_agency: Any, make_case: Any, make_actor: Any, make_user: Any, operator: Any
) -> None:
    case, worker = make_case(), make_actor("caseworker")
    office, police = make_agency("office", "social_protection"), make_agency("police", "internal_affairs")
    for agency in (office, police):
        make_user("identifying_officer", agency=agency)
        shares.share(operator, case, agency, "legal", categories=["identity"])
    for agency, wrong_track in ((office, "police"), (police, "social")):
        with pytest.raises(BadInput):
            request_decision(worker, case, agency, wrong_track)
        form = RequestForm(case, {"authority": str(agency.pk), "track": wrong_track})
        assert "track" not in form.fields
        assert form.is_valid()
        track = form.cleaned_data["track"]
        assert (
            request_decision(worker, case, agency, track).track == {"police": "social", "social": "police"}[wrong_track]
        )


@pytest.mark.parametrize("missing_part", [*BASIS])
def test_a_formal_identification_needs_grounds_standard_of_proof_and_a_document(
    missing_part: str, make_agency: Any, make_actor: Any, make_case: Any
) -> None:
    office = make_agency("office", "social_protection")
    officer, case = make_actor("identifying_officer", agency=office), make_case(office)
    values = BASIS | {
        missing_part: [] if missing_part == "documents_used" else "  " if missing_part == "grounds" else ""
    }
    with pytest.raises(BadInput):
        decisions.decide(officer, draft(case, office, "social", "formal_identification", "identified", **values))
    posted = values | {"kind": "formal_identification", "resulting_status": "identified"}
    form = DecisionForm(
        "social_protection", posted | {f"decided_on_{part}": getattr(DAY, part) for part in ("day", "month", "year")}
    )
    assert list(form.errors) == [missing_part]
    case.refresh_from_db()
    assert case.social_status == "presumed"


def test_a_preliminary_identification_needs_no_basis_and_gives_no_formal_status(
    make_agency: Any, make_actor: Any, make_case: Any
) -> None:
    office = make_agency("office", "social_protection")
    officer, case = make_actor("identifying_officer", agency=office), make_case(office)
    decisions.decide(officer, draft(case, office, "social", "preliminary_identification", "presumed"))
    for kind in ("preliminary_identification", ""):
        with pytest.raises(BadInput):
            decisions.decide(officer, draft(case, office, "social", kind, "identified", **BASIS))


def test_the_operator_records_a_decision_from_elsewhere_without_its_basis(make_case: Any, operator: Any) -> None:
    case = make_case()
    decision_draft = DecisionDraft(
        case, "police", "identified", timezone.localdate(), "x", kind="formal_identification"
    )
    decisions.decide(operator, decision_draft)
    decisions.decide_many(operator, [decision_draft])
    case.refresh_from_db()
    assert case.police_status == "identified"
