"""The page of a person's rights: each kind is recorded, corrected and shown to the own agency."""

from __future__ import annotations

from typing import Any

import pytest
from django.utils import timezone

from kerege.casework.rights.case_panels import build_stay_badge
from kerege.casework.rights.models.legal_aid import Penalised
from kerege.casework.rights.models.legal_stay import StayRight
from kerege.casework.rights.services import legal_aid, legal_stay
from kerege.casework.vault.services.identities import open_text
from tests.casework.cases.pages import day_inputs
from tests.casework.conftest import identity
from tests.safety.filling import forms_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(make_case: Any) -> Any:
    return make_case(person=identity(birth_date="2014-05"))


def test_a_charge_is_recorded_and_corrected(case: Any, make_user: Any, sign_in: Any) -> None:
    client, page = sign_in(make_user("caseworker")), f"/en/work/cases/{case.pk}/rights/"
    values = {"act": "migration", "outcome": "open", "account": "Паспорт тартып алынды"} | day_inputs(
        "since_on", case.registered_on
    )
    assert client.post(f"{page}penalised/", values).status_code == 302
    assert "A charge against the person is open" in client.get(page).content.decode()
    row = Penalised.objects.select_related("account__data_key").get(case=case)
    assert open_text(row.account) == "Паспорт тартып алынды"
    ended = values | {"outcome": "discontinued"} | day_inputs("outcome_on", case.registered_on)
    assert client.post(f"{page}penalised/{row.pk}/", ended).status_code == 302
    row.refresh_from_db()
    assert row.outcome == "discontinued"


def test_an_identifying_officer_of_the_agency_is_not_shown_a_charge_or_the_right_to_stay(
    make_case: Any, make_agency: Any, make_actor: Any, make_user: Any, sign_in: Any
) -> None:
    agency = make_agency()
    actor, officer = (make_actor(role, agency=agency) for role in ("caseworker", "identifying_officer"))
    case, today = make_case(person=identity(citizenships=["UZ"])), timezone.localdate()
    legal_aid.save_penalised(actor, case, Penalised(act="migration", since_on=today), {"account": ""})
    legal_stay.save_right(actor, case, StayRight(ground="visa", until=today, source="seen"))
    assert build_stay_badge(actor, case)
    assert build_stay_badge(officer, case) is None
    for role, is_shown in (("caseworker", True), ("identifying_officer", False)):
        page = sign_in(make_user(role, username=role)).get(f"/en/work/cases/{case.pk}/").content.decode()
        assert case.reference in page
        assert ("A charge against the person is open" in page) is is_shown, role
        assert ("The right to stay ends on" in page) is is_shown, role


@pytest.mark.parametrize("is_of_own_case", [False, True])
def test_a_record_of_another_case_is_neither_listed_opened_nor_changed(
    case: Any, make_case: Any, make_agency: Any, make_actor: Any, make_user: Any, sign_in: Any, is_of_own_case: bool
) -> None:
    """Attack: an address with a case of the user and a record of another case."""
    agency = make_agency() if is_of_own_case else make_agency("elsewhere", "ngo")
    other, worker, today = make_case(agency), make_actor("caseworker", agency=agency), timezone.localdate()
    blame = Penalised(act="migration", since_on=today, outcome="open")
    legal_aid.save_penalised(worker, other, blame, {"account": ""})
    client = sign_in(make_user("caseworker", username="attacker"))
    sent = {"act": "theft", "outcome": "no_case", "account": "x"} | day_inputs("since_on", today)
    pages = [f"/en/work/cases/{case.pk}/rights/penalised/{blame.pk}/"]
    pages += [] if is_of_own_case else [f"/en/work/cases/{other.pk}/rights/penalised/{blame.pk}/"]
    for page in pages:
        assert (client.get(page).status_code, client.post(page, sent).status_code) == (404, 404)
    assert Penalised.objects.values_list("act", "outcome").get() == ("migration", "open")
    assert (other.reference in client.get("/en/work/legal-aid/").content.decode()) is is_of_own_case


def test_a_child_has_the_parts_about_a_guardian(case: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    text = client.get(f"/en/work/cases/{case.pk}/rights/").content.decode()
    assert "Nobody is recorded who speaks for the child" in text
    assert "Best interests of the child" in text
    assert "Nobody is recorded who speaks for the child" in client.get(f"/en/work/cases/{case.pk}/").content.decode()


def test_the_questions_are_asked_in_the_language_of_the_page(make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("supervisor"))
    assert "Осында өзіңізді қауіпсіз сезіндіңіз бе?" in client.get("/kk/work/questions/sheet/").content.decode()
    page = client.get("/ru/work/questions/").content.decode()
    assert "Чувствовали ли Вы себя здесь в безопасности?" in page
    [form] = [form for form in forms_of(page) if "moment" in form.kinds]
    assert {"safe", "informed", "decided", "helped", "respected"} <= set(form.kinds)
    assert client.post("/ru/work/questions/", {"moment": "closing", "safe": "fully"}).status_code == 302
