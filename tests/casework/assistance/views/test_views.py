"""Pages of assistance: each form saves what it shows, with few queries and no identity in titles."""

from __future__ import annotations

import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import translation

from kerege.casework.assistance.models.plans import Plan
from kerege.casework.assistance.models.provision import Service, ServiceDelivery
from kerege.casework.assistance.models.returns import FollowUp, Return
from kerege.casework.assistance.services import plans, provision, shelter, transfer_requests
from kerege.casework.cases.services import decisions
from kerege.casework.cases.services.inputs import DecisionDraft
from kerege.core.audit.models import AuditEvent
from tests.casework.cases.pages import day_inputs
from tests.casework.conftest import CANARY, identity
from tests.django_fixtures import just_now

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 10)
PHONE = "+7 701 555 01 02"


def at(name: str, day: date = DAY) -> dict[str, str]:
    """Return a day as three form inputs, the first day of the tests unless another one is given."""
    return day_inputs(name, day)


@pytest.fixture
def case(make_case: Any) -> Any:
    identity_data = identity(
        phones=[PHONE], languages=["uz"], contact_rules={"never_say": "shelter", "channels": ["call"]}
    )
    return make_case(person=identity_data)


def to(name: str, *args: Any) -> str:
    with translation.override("en"):
        return reverse(f"assistance:{name}", args=args)


def test_the_number_appears_only_after_the_rules_are_read_and_is_audited(
    case: Any, make_user: Any, sign_in: Any
) -> None:
    client, address = sign_in(make_user("caseworker")), to("contact", case.pk)
    first = client.get(address).content.decode()
    assert "shelter" in first
    assert PHONE not in first
    assert PHONE not in client.post(address, {}).content.decode()
    assert not AuditEvent.objects.filter(action="contacts.reveal").exists()
    assert PHONE in client.post(address, {"read": "on"}).content.decode()
    assert AuditEvent.objects.filter(action="contacts.reveal", target=f"case:{case.pk}").count() == 1
    typed = {"read": "on", "log": "1", "channel": "call", "result": "reached", "note": "тыныш"} | at("on")
    assert client.post(address, typed).status_code == 302
    assert list(case.contacts.values_list("result", flat=True)) == ["reached"]


def test_revealing_the_number_needs_reauthentication_and_logging_a_contact_does_not(
    case: Any, make_user: Any, sign_in: Any
) -> None:
    user, address = make_user("caseworker", password="кереге-шаңырақ-уық"), to("contact", case.pk)
    client = sign_in(user)
    just_now(client, user, ago=301)
    typed = {"read": "on", "log": "1", "channel": "call", "result": "reached", "note": "тыныш"} | at("on")
    for form in ({"read": "on"}, typed | {"channel": "nonsense"}):
        page = client.post(address, form).content.decode()
        assert "Confirm that it is you" in page
        assert PHONE not in page
    assert not AuditEvent.objects.filter(action="contacts.reveal").exists()
    assert client.post(address, typed).status_code == 302
    confirmed = {"read": "on", "step_up": "1", "step_up_secret": "кереге-шаңырақ-уық"}
    assert PHONE in client.post(address, confirmed).content.decode()


def test_saving_contact_rules_keeps_other_identity_data(case: Any, make_user: Any, sign_in: Any) -> None:
    from kerege.casework.vault.services.identities import newest

    client = sign_in(make_user("caseworker"))
    answer = client.post(to("contact-rules", case.pk), {"channels": ["messenger"], "times": "after six"})
    assert answer.status_code == 302, answer.context["form"].errors
    identity_data = newest(case.record)
    assert identity_data["contact_rules"] == {"channels": ["messenger"], "times": "after six"}
    assert identity_data["phones"] == [PHONE]
    assert identity_data["names"][0]["family"] == CANARY


def test_needs_appear_as_charts_without_style_and_in_a_table(case: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    typed = {"housing": "4", "work": "0", "risk_level": "high"} | at("on")
    assert client.post(to("assess", case.pk), typed).status_code == 302
    client.post(to("assess", case.pk), {"housing": "1", "risk_level": "low"} | at("on", DAY + timedelta(days=30)))
    assert case.assessments.last().needs == {"housing": 4, "work": 0}
    page = client.get(to("needs", case.pk)).content.decode()
    assert page.count("<svg") >= 3
    assert "style=" not in page
    assert 'aria-label="Housing: 4, 1"' in page
    assert "<table" in page


def test_a_plan_can_be_managed_through_its_pages(case: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    assert client.post(to("add-plan", case.pk), at("starts_on")).status_code == 302
    plan = case.plans.get()
    assert client.post(to("add-goal", case.pk, plan.pk), {"domain": "work", "text": "Жұмыс табу"}).status_code == 302
    goal = plan.goals.get()
    typed = {"kind": "employment", "status": "ongoing", "goal": str(goal.pk), "payer": ""} | at("started_on")
    typed |= {"provider": str(case.agency.pk)}
    assert client.post(to("add-service", case.pk), typed).status_code == 302
    service = case.services.get()
    assert (service.goal, service.payer) == (goal, "state")
    give = {"kind": "session", "units": "2"} | at("on")
    assert client.post(to("deliver", case.pk, service.pk), give).status_code == 302
    answer = {"agreement": "disagreed", "agreement_language": "uz"} | at("agreed_on")
    assert client.post(to("agree", case.pk, plan.pk), answer).status_code == 302
    assert client.post(to("review", case.pk, plan.pk), {"result": "changed"} | at("on")).status_code == 302
    page = client.get(to("plan", case.pk, plan.pk)).content.decode()
    assert "Жұмыс табу" in page
    assert "2 times" in page
    assert client.post(to("end-goal", case.pk, goal.pk), {"outcome": "reached"} | at("on")).status_code == 302
    assert client.post(to("end-plan", case.pk, plan.pk), at("on")).status_code == 302
    plan.refresh_from_db()
    assert plan.ended_on == DAY


def test_a_begun_service_needs_provider_and_payer_and_a_requested_one_does_not(
    case: Any, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    client, ngo = sign_in(make_user("caseworker")), make_agency("helper", "ngo")
    add, typed = to("add-service", case.pk), {"kind": "legal_aid", "status": "ongoing"} | at("started_on")
    answer = client.post(add, typed)
    assert set(answer.context["form"].errors) == {"provider", "payer"}
    assert "Choose who provides it: the service has begun." in answer.content.decode()
    # the profile has no usual payer for this agency; `unknown` is a valid answer
    assert set(client.post(add, typed | {"provider": str(ngo.pk)}).context["form"].errors) == {"payer"}
    assert client.post(add, typed | {"provider": str(ngo.pk), "payer": "unknown"}).status_code == 302
    assert client.post(add, {"kind": "shelter", "status": "requested"} | at("requested_on")).status_code == 302
    assert set(case.services.values_list("kind", "provider", "payer")) == {
        ("legal_aid", ngo.pk, "unknown"),
        ("shelter", None, ""),
    }


@pytest.mark.parametrize("page", ["begin-service", "deliver"])
def test_a_requested_service_asks_for_provider_and_payer_when_it_begins(
    page: str, case: Any, make_user: Any, make_agency: Any, sign_in: Any, operator: Any
) -> None:
    client = sign_in(make_user("caseworker"))
    [service] = provision.add_services(operator, [Service(case=case, kind="legal_aid", status="requested")])
    where, typed = to(page, case.pk, service.pk), {"kind": "session", "units": "1"} | at("on")
    assert set(client.post(where, typed).context["form"].errors) == {"provider", "payer"}
    assert client.post(where, typed | {"provider": str(case.agency.pk)}).status_code == 302
    service.refresh_from_db()
    assert (service.status, service.provider, service.payer) == ("ongoing", case.agency, "state")
    fields = client.get(to("deliver", case.pk, service.pk)).context["form"].fields
    assert not {"provider", "payer"} & set(fields)


def test_an_imported_service_asks_for_provider_and_payer_at_a_delivery(
    case: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    client = sign_in(make_user("caseworker"))
    [service] = provision.add_services(operator, [Service(case=case, kind="legal_aid", started_on=DAY)])
    where = to("deliver", case.pk, service.pk)
    assert {"provider", "payer"} <= set(client.get(where).context["form"].fields)
    typed = {"kind": "session", "units": "1", "provider": str(case.agency.pk), "payer": "iom"} | at("on")
    assert client.post(where, typed).status_code == 302
    service.refresh_from_db()
    assert (service.provider, service.payer, service.deliveries.count()) == (case.agency, "iom", 1)


def test_the_printed_plan_uses_the_persons_language_without_name_or_reason(
    make_case: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    case = make_case(person=identity(languages=["ru"]))
    plan = plans.begin_plan(operator, case, Plan(starts_on=DAY))
    plans.add_goal(operator, plan, "housing", "Найти комнату")
    client = sign_in(make_user("caseworker"))
    page = client.get(to("print-plan", case.pk, plan.pk)).content.decode()
    assert '<html lang="ru"' in page
    assert "Найти комнату" in page
    assert CANARY not in page
    main = re.sub(r"\s+", " ", page)
    for word in ("торговл", "traffick", "саудас", "жертв"):
        assert word not in main.lower(), word
    assert 'lang="kk"' in client.get(to("print-plan", case.pk, plan.pk) + "?in=kk").content.decode()


def test_a_supervisor_adds_beds_without_an_address(case: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("supervisor"))
    assert client.post(to("add-bed"), {"room": "Abay street 5", "number": "1", "kind": "women"}).status_code == 200
    assert client.post(to("add-bed"), {"room": "3a", "number": "1", "kind": "women"}).status_code == 302
    bed = case.agency.beds.get()
    assert client.post(to("arrive", case.pk), {"bed": str(bed.pk)} | at("on")).status_code == 302
    assert case.reference in client.get(to("shelter")).content.decode()
    stay = case.stays.get()
    longest = shelter.longest_end(DAY)
    extended = client.post(to("extend", case.pk, stay.pk), {"reason": "in_hospital"} | at("until", longest))
    assert extended.status_code == 302
    assert client.post(to("leave", case.pk, stay.pk), {"reason": "own_home"} | at("on")).status_code == 302


def test_a_return_can_be_managed_through_its_pages(case: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    typed = {"country": "UZ", "manner": "written"} | at("decided_on")
    assert client.post(to("add-return", case.pk), typed).status_code == 200  # the person's decision is required
    assert client.post(to("add-return", case.pk), typed | {"voluntary": "on"}).status_code == 302
    journey = case.returns.get()
    assert client.post(to("depart", case.pk, journey.pk), at("on")).status_code == 200
    risk = {"risks": ["debt", "stigma"], "risk_level": "medium", "risk_text": "қарыз"} | at("assessed_on")
    assert client.post(to("assess-return", case.pk, journey.pk), risk).status_code == 302
    assert client.post(to("arrange-return", case.pk, journey.pk), at("travels_on")).status_code == 302
    assert client.post(to("depart", case.pk, journey.pk), at("on")).status_code == 302
    assert client.post(to("arrived", case.pk, journey.pk), at("on")).status_code == 302
    first = journey.follow_ups.first()
    done = {"outcome": "safe"} | at("on", DAY + timedelta(days=31))
    assert client.post(to("follow-up", case.pk, first.pk), done).status_code == 302
    assert "қарыз" in client.get(to("journey", case.pk, journey.pk)).content.decode()


def test_a_document_can_be_managed_through_its_page(case: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    typed = {"kind": "passport", "loss": "withheld", "authority": "consulate"} | at("requested_on")
    assert client.post(to("add-document", case.pk), typed).status_code == 302
    row = case.documents.get()
    typed = at("requested_on") | at("applied_on") | at("issued_on") | at("handed_over_on")
    assert client.post(to("document", case.pk, row.pk), typed).status_code == 302
    row.refresh_from_db()
    assert row.stage == "handed_over"


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_assistance_tab_runs_the_same_number_of_queries_for_more_rows(
    language: str, case: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    client = sign_in(make_user("supervisor"))
    plan = plans.begin_plan(operator, case, Plan(starts_on=DAY))

    def queries() -> int:
        address = f"/{language}/work/cases/{case.pk}/?tab=assistance"
        client.get(address)
        with CaptureQueriesContext(
            connection,
        ) as caught:
            assert client.get(address).status_code == 200
        return len(caught)

    def work() -> None:
        goal = plans.add_goal(operator, plan, "work", "x")
        [row] = provision.add_services(
            operator, [Service(case=case, kind="legal_aid", goal=goal, provider=case.agency, started_on=DAY)]
        )
        provision.deliver(operator, row, ServiceDelivery(kind="session", on=DAY))

    work()
    few = queries()
    for _ in range(5):
        work()
    assert queries() == few


def test_an_agency_without_a_share_cannot_open_a_service(
    case: Any, make_user: Any, sign_in: Any, operator: Any, make_agency: Any
) -> None:
    other_agency = make_agency("other")
    provision.add_services(operator, [Service(case=case, kind="medical_care", provider=case.agency, started_on=DAY)])
    [row] = provision.add_services(
        operator, [Service(case=case, kind="legal_aid", provider=other_agency, started_on=DAY)]
    )
    client = sign_in(make_user("caseworker", agency=other_agency))
    assert client.get(to("service", case.pk, row.pk)).status_code == 404  # nothing is shared with this agency


def test_the_shelter_page_runs_the_same_number_of_queries_for_more_stays(
    make_case: Any, make_user: Any, sign_in: Any, operator: Any, make_agency: Any
) -> None:
    client, agency = sign_in(make_user("supervisor")), make_agency()

    def queries(more: range) -> int:
        for number in more:
            bed = shelter.add_bed(operator, agency, "1", str(number), "women")
            shelter.begin_stay(operator, make_case(), bed, DAY)
        with CaptureQueriesContext(connection) as caught:
            assert client.get(to("shelter")).status_code == 200
        return len(caught)

    queries(range(1))
    assert queries(range(1, 2)) == queries(range(2, 6))


def test_a_centre_sees_neither_the_beds_nor_the_stays_of_another(
    case: Any, make_user: Any, sign_in: Any, operator: Any, make_agency: Any
) -> None:
    bed = shelter.add_bed(operator, case.agency, "7", "7", "women")
    shelter.begin_stay(operator, case, bed, DAY)
    client = sign_in(make_user("supervisor", agency=make_agency("other")))
    assert case.reference not in client.get(to("shelter")).content.decode()
    assert client.get(to("change-bed", bed.pk)).status_code == 404
    assert client.post(to("leave", case.pk, case.stays.get().pk), {"reason": "own_wish"} | at("on")).status_code == 404


def test_a_return_proposes_the_country_of_citizenship(make_case: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    for citizenships, chosen in ((["UZ"], "UZ"), (["unknown"], "")):
        case = make_case(person=identity(citizenships=citizenships))
        form = client.get(to("add-return", case.pk)).context["form"]
        assert form["country"].value() == chosen


def test_recorded_contact_rules_never_appear_as_not_recorded(make_case: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    for identity_data, times in (
        ({"contact_rules": {"never_say": "shelter"}}, 1),
        ({"safe_contact": "after six"}, 2),
        ({}, 1),
    ):
        case = make_case(person=identity(**identity_data))
        with translation.override("en"):
            page = client.get(reverse("cases:case", args=[case.pk]) + "?tab=person").content.decode()
        assert page.count(">Safe contact<") == times, identity_data


@pytest.mark.parametrize("rules", [{"never_say": "shelter", "channels": ["call"]}, {}])
def test_contact_rules_appear_on_every_page_before_a_contact(
    rules: dict[str, Any], make_case: Any, make_agency: Any, make_user: Any, sign_in: Any, operator: Any
) -> None:
    case = make_case(person=identity(contact_rules=rules))
    office = case.agency
    plan = plans.begin_plan(operator, case, Plan(starts_on=DAY))
    returned = Return.objects.create(
        case=case, country="UZ", decided_on=DAY, manner="written", risk_level="low", departed_on=DAY, arrived_on=DAY
    )
    follow_up = FollowUp.objects.create(journey=returned, months=1, due_on=DAY + timedelta(days=31))
    decision = decisions.decide(operator, DecisionDraft(case, "social", "presumed", DAY, "x", authority=office))
    request = transfer_requests.request_transfer(operator, make_agency("asker", "ngo"), "reference", case.reference)
    transfer_requests.pass_on(operator, request)
    client = sign_in(make_user("caseworker", "supervisor"))
    with translation.override("en"):
        pages = [
            reverse("intake:notify", args=[decision.pk]),
            to("follow-up", case.pk, follow_up.pk),
            to("agree", case.pk, plan.pk),
            to("add-consent", case.pk),
            to("answer-transfer", request.pk),
        ]
    expected = ("Never say or write:", "shelter") if rules else ("Safe contact is not recorded: ask before you call.",)
    for url in pages:
        page = client.get(url).content.decode()
        for text in expected:
            assert text in page, url
        assert page.index(expected[0]) < page.index('class="govuk-button"'), url
