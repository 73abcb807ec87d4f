"""Transfer requests: the coordinator passes them on, the person decides, a refusal reveals nothing."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.handovers import TransferRequest
from kerege.casework.assistance.queries.handovers import list_own_requests
from kerege.casework.assistance.services import consents, handovers, transfer_requests
from kerege.casework.cases.models.case import Case, Task
from kerege.core.accounts.actors import agency_of
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Denied
from tests.casework.assistance.page_driver import read_form_values
from tests.casework.conftest import CANARY, identity

pytestmark = [pytest.mark.django_db, pytest.mark.db]
DAY = date(2025, 3, 10)
PASSPORT = {"kind": "passport", "number": "N 0123-4567", "country": "KZ"}


@pytest.fixture
def owner(make_agency: Any) -> Any:
    return make_agency("owner", "ngo")


@pytest.fixture
def case(make_case: Any, owner: Any) -> Case:
    row: Case = make_case(owner, identity(documents=[PASSPORT]))
    return row


@pytest.fixture
def requester(make_actor: Any, make_agency: Any) -> Any:
    return make_actor("caseworker", agency=make_agency())


@pytest.fixture
def coordinator(make_actor: Any, make_agency: Any) -> Any:
    return make_actor("coordinator", agency=make_agency("mlsp", "social_protection"))


def ask(requester: Any, key: str, text: str, year: str = "") -> TransferRequest:
    return transfer_requests.request_transfer(requester, agency_of(requester), key, text, year)


@pytest.mark.parametrize(
    ("key", "text", "year"),
    [("document", "n01234567", ""), ("name", f"Айгуль {CANARY}", "1996"), ("reference", " kz-2025-00001 ", "")],
)
def test_a_request_finds_its_case(key: str, text: str, year: str, requester: Any, case: Case) -> None:
    assert ask(requester, key, text, year).case == case


@pytest.mark.parametrize(
    ("key", "text", "year"),
    [
        ("document", "N0123456", ""),
        ("document", "", ""),
        ("name", f"Айгуль {CANARY}", "1997"),
        ("name", f"Айгуль {CANARY}", ""),
        ("name", "Somebody Else", "1996"),
        ("reference", "KZ-2025-00002", ""),
    ],
)
def test_a_request_without_an_exact_match_finds_no_case(
    key: str, text: str, year: str, requester: Any, case: Case
) -> None:
    assert ask(requester, key, text, year).case is None


def test_a_request_never_matches_a_case_of_the_asking_agency(make_actor: Any, owner: Any, case: Case) -> None:
    assert ask(make_actor("caseworker", agency=owner), "reference", case.reference).case is None


def test_the_search_page_opens_a_request_with_the_searched_number(
    case: Case, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    make_agency()
    browser = sign_in(make_user("caseworker"))
    search_page = browser.post("/en/work/search/", {"text": "n 0123 4567"}).content.decode()
    opened = browser.post("/en/work/transfers/new/", read_form_values(search_page, "step"))
    assert opened.status_code == 200
    assert not TransferRequest.objects.exists()  # the opened form sends nothing
    page = opened.content.decode()
    form = read_form_values(page, "urgency")
    assert (form["key"], form["text"]) == (["document"], ["n 0123 4567"])
    for html in (search_page, page):
        assert not [url for url in re.findall(r'(?:href|action)="([^"]*)"', html) if "0123" in url]
    assert "0123" not in page[page.index("<title>") : page.index("</title>")]
    # the same form in another language
    russian = browser.post("/ru/work/transfers/new/", read_form_values(page, "step")).content.decode()
    assert read_form_values(russian, "urgency")["text"] == ["n 0123 4567"]
    assert browser.post("/en/work/transfers/new/", form).status_code == 302
    row = TransferRequest.objects.get()
    assert (row.case, row.key) == (case, "document")
    assert "0123" not in str([*TransferRequest.objects.values(), *AuditEvent.objects.values()])


@pytest.mark.parametrize("words", ["N0123456", CANARY])
def test_a_search_without_a_known_number_offers_no_request(
    words: str, case: Case, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    make_agency()
    page = sign_in(make_user("caseworker")).post("/en/work/search/", {"text": words}).content.decode()
    assert 'name="step"' not in page


def test_typed_text_is_not_stored(requester: Any, case: Case) -> None:
    ask(requester, "name", f"Айгуль {CANARY}", "1996")
    rows = [*TransferRequest.objects.values(), *AuditEvent.objects.values()]
    assert not any(CANARY in str(row) for row in rows)


def test_a_refusal_and_no_match_look_the_same_to_the_asking_agency(
    requester: Any, case: Case, coordinator: Any, make_actor: Any, owner: Any, make_user: Any, sign_in: Any
) -> None:
    matched, unmatched = ask(requester, "reference", case.reference), ask(requester, "reference", "KZ-2025-55555")
    browser = sign_in(make_user("caseworker"))

    def states() -> set[str]:
        page = browser.get("/en/work/transfers/new/").content.decode()
        return set(re.findall(r'data-label="State"[^>]*>(.*?)</td>', page, re.S))

    assert len(states()) == 1
    transfer_requests.pass_on(coordinator, matched)
    assert len(states()) == 1
    transfer_requests.end_request(make_actor("supervisor", agency=owner), matched, "person_refused", "transfers.answer")
    transfer_requests.end_request(coordinator, unmatched, "no_match", "transfers.pass_on")
    assert len(states()) == 1
    assert {row.status for row in list_own_requests(requester)} == {"ended"}


def test_a_request_passed_on_gives_the_owner_a_task(requester: Any, case: Case, coordinator: Any, owner: Any) -> None:
    row = transfer_requests.pass_on(coordinator, ask(requester, "reference", case.reference))
    assert row.status == "passed_on"
    assert list(Task.objects.values_list("agency", "kind", "case")) == [(owner.pk, "ask_handover", case.pk)]
    with pytest.raises(BadInput):
        transfer_requests.pass_on(coordinator, row)


def test_a_request_without_a_case_is_not_passed_on(requester: Any, coordinator: Any) -> None:
    with pytest.raises(BadInput):
        transfer_requests.pass_on(coordinator, ask(requester, "reference", "KZ-2025-55555"))


def test_only_the_coordinator_and_then_the_owner_end_a_request(
    requester: Any, case: Case, coordinator: Any, make_actor: Any, owner: Any, make_agency: Any
) -> None:
    row, chief = ask(requester, "reference", case.reference), make_actor("supervisor", agency=owner)
    for actor, action in ((requester, "transfers.pass_on"), (chief, "transfers.answer")):
        with pytest.raises(Denied):
            transfer_requests.end_request(actor, row, "other", action)
    transfer_requests.pass_on(coordinator, row)
    stranger = make_actor("supervisor", agency=make_agency("third"))
    with pytest.raises(Denied):
        transfer_requests.end_request(stranger, row, "other", "transfers.answer")
    transfer_requests.end_request(chief, row, "person_refused", "transfers.answer")


def test_an_offer_answers_the_request_and_a_declined_one_ends_it(
    requester: Any, case: Case, coordinator: Any, make_actor: Any, owner: Any
) -> None:
    chief, receiver = make_actor("supervisor", agency=owner), make_actor("supervisor", agency=agency_of(requester))
    row = transfer_requests.pass_on(coordinator, ask(requester, "reference", case.reference))
    consent = Consent(case=case, purpose="handover", recipient=agency_of(requester), given=True, on=DAY, categories=[])
    consents.record_consent(chief, consent)
    offer = handovers.offer(chief, [case], agency_of(requester))
    row.refresh_from_db()
    assert (row.status, row.handover) == ("offered", offer.handovers.get())
    handovers.decline_handovers(receiver, list(offer.handovers.all()), "no_capacity")
    row.refresh_from_db()
    assert row.status == "ended"


def test_the_coordinators_page_names_agencies_and_no_person(
    requester: Any, case: Case, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    row = ask(requester, "document", "N01234567")
    browser = sign_in(make_user("coordinator", agency=make_agency("mlsp", "social_protection")))
    page = browser.get("/en/work/transfers/").content.decode()
    assert "owner en" in page
    for secret in (case.reference, CANARY, "01234567"):
        assert secret not in page
    browser.post("/en/work/transfers/", {"do": "pass_on", "transfer": str(row.pk)})
    row.refresh_from_db()
    assert row.status == "passed_on"
