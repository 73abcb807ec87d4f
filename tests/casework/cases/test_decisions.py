"""The track follows the kind of authority, and a formal identification says what it rests on."""

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


def draft(case: Any, authority: Any, track: str, kind: str, status: str, **told: Any) -> DecisionDraft:
    return DecisionDraft(case, track, status, DAY, "x", kind, authority, **told)


@pytest.mark.parametrize("kind", KINDS)
def test_an_officer_decides_only_on_the_track_of_her_authority(
    kind: str, make_agency: Any, make_actor: Any, make_case: Any
) -> None:
    country = profile.active()
    agency = make_agency(f"deciding-{kind}", kind)
    officer = make_actor("identifying_officer", agency=agency)
    for track in country.tracks:
        allowed = {
            "formal_identification": country.decides_formally(kind, track),
            "preliminary_identification": track in country.tracks_of(kind),
        }
        for decision, may in allowed.items():
            status = {"formal_identification": "identified", "preliminary_identification": "presumed"}[decision]
            told = draft(make_case(agency), agency, track, decision, status, **BASIS)
            if may:
                decisions.decide(officer, told)
            else:
                with pytest.raises(BadInput):
                    decisions.decide(officer, told)


def test_a_preliminary_word_takes_no_status_away(make_agency: Any, make_actor: Any, make_case: Any) -> None:
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


def test_nobody_decides_in_the_name_of_another_agency(make_agency: Any, make_actor: Any, make_case: Any) -> None:
    centre, office = make_agency(), make_agency("office", "social_protection")
    case, officer = make_case(centre), make_actor("identifying_officer", agency=centre)
    with pytest.raises(authorization.Denied):
        decisions.decide(officer, draft(case, office, "social", "formal_identification", "identified", **BASIS))
    assert not Decision.objects.filter(case=case, authority=office).exists()


def test_the_social_department_records_nothing_on_the_police_track(
    make_agency: Any, make_case: Any, make_user: Any, sign_in: Any
) -> None:
    office = make_agency("office", "social_protection")
    case = make_case(office)
    client = sign_in(make_user("identifying_officer", agency=office))
    address = reverse("cases:decide", args=[case.pk])
    page = client.get(address).content.decode()
    assert 'name="track"' not in page
    day = {f"decided_on_{part}": str(getattr(DAY, part)) for part in ("day", "month", "year")}
    told = day | BASIS | {"kind": "formal_identification", "resulting_status": "identified", "track": "police"}
    client.post(address, told | {"version": str(case.version)})
    assert Decision.objects.get(case=case).track == "social"


def test_a_centre_is_offered_nothing_but_a_preliminary_identification() -> None:
    form = DecisionForm("crisis_centre")
    assert form.settled == {"track": "social", "kind": "preliminary_identification", "resulting_status": "presumed"}
    assert not form.settled.keys() & form.fields.keys()


def test_the_police_track_is_asked_of_the_police_and_of_nobody_else(
    make_agency: Any, make_case: Any, make_actor: Any, make_user: Any, operator: Any
) -> None:
    case, worker = make_case(), make_actor("caseworker")
    office, police = make_agency("office", "social_protection"), make_agency("police", "internal_affairs")
    for agency in (office, police):
        make_user("identifying_officer", agency=agency)
        shares.share(operator, case, agency, "legal", categories=["identity"])
    for agency, wrong in ((office, "police"), (police, "social")):
        with pytest.raises(BadInput):
            request_decision(worker, case, agency, wrong)
        form = RequestForm(case, {"authority": str(agency.pk), "track": wrong})
        assert "track" not in form.fields
        assert form.is_valid()
        right = form.cleaned_data["track"]
        assert request_decision(worker, case, agency, right).track == {"police": "social", "social": "police"}[wrong]


@pytest.mark.parametrize("lacking", [*BASIS])
def test_nobody_is_formally_identified_without_grounds_standard_of_proof_and_a_document(
    lacking: str, make_agency: Any, make_actor: Any, make_case: Any
) -> None:
    office = make_agency("office", "social_protection")
    officer, case = make_actor("identifying_officer", agency=office), make_case(office)
    told = BASIS | {lacking: [] if lacking == "documents_used" else "  " if lacking == "grounds" else ""}
    with pytest.raises(BadInput):
        decisions.decide(officer, draft(case, office, "social", "formal_identification", "identified", **told))
    posted = told | {"kind": "formal_identification", "resulting_status": "identified"}
    form = DecisionForm(
        "social_protection", posted | {f"decided_on_{part}": getattr(DAY, part) for part in ("day", "month", "year")}
    )
    assert list(form.errors) == [lacking]
    case.refresh_from_db()
    assert case.social_status == "presumed"


def test_a_preliminary_identification_asks_for_nothing_and_identifies_nobody_formally(
    make_agency: Any, make_actor: Any, make_case: Any
) -> None:
    office = make_agency("office", "social_protection")
    officer, case = make_actor("identifying_officer", agency=office), make_case(office)
    decisions.decide(officer, draft(case, office, "social", "preliminary_identification", "presumed"))
    for kind in ("preliminary_identification", ""):
        with pytest.raises(BadInput):
            decisions.decide(officer, draft(case, office, "social", kind, "identified", **BASIS))


def test_the_operator_records_what_was_decided_elsewhere_as_it_is_told(make_case: Any, operator: Any) -> None:
    case = make_case()
    told = DecisionDraft(case, "police", "identified", timezone.localdate(), "x", kind="formal_identification")
    decisions.decide(operator, told)
    decisions.decide_many(operator, [told])
    case.refresh_from_db()
    assert case.police_status == "identified"
