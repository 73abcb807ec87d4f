"""Decisions: requested with a clock, reported to the person, reviewed, counted on separate tracks."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone, translation

from kerege.base.errors import BadInput
from kerege.casework.cases.services import decisions, shares
from kerege.casework.cases.services.inputs import DecisionDraft
from kerege.casework.intake.models import DecisionRequest, DecisionReview
from kerege.casework.intake.queries import identification as queries
from kerege.casework.intake.services import identification
from kerege.casework.vault.models.identities import IdentityRecord
from kerege.casework.vault.services.identities import link
from kerege.core import authorization
from kerege.vocabulary import profile
from tests.casework.conftest import CANARY

pytestmark = pytest.mark.django_db
GROUNDS = "Ждёт решения уже давно"
FORMAL: dict[str, Any] = {
    "kind": "formal_identification",
    "grounds": GROUNDS,
    "standard_of_proof": "reasonable_grounds",
    "documents_used": ["interview"],
}


@pytest.fixture
def office(make_agency: Any) -> Any:
    return make_agency("office", "social_protection")


@pytest.fixture
def officer(make_actor: Any, office: Any) -> Any:
    return make_actor("identifying_officer", agency=office)


@pytest.fixture
def worker(make_actor: Any) -> Any:
    return make_actor("caseworker")


def share_with(operator: Any, case: Any, agency: Any, *categories: str) -> None:
    shares.share(operator, case, agency, "legal", categories=categories or ("identity", "exploitation", "needs"))


def decide(actor: Any, case: Any, status: str, track: str = "social", on: date | None = None, **more: Any) -> Any:
    draft = DecisionDraft(case, track, status, on or timezone.localdate(), actor.label, **more)
    return decisions.decide(actor, draft)


@pytest.mark.db
def test_a_request_waits_in_the_queue_of_the_authority_with_its_clock(
    make_case: Any, operator: Any, worker: Any, office: Any, officer: Any
) -> None:
    case = make_case()
    with pytest.raises(BadInput):
        identification.request_decision(worker, case, office, "social")
    share_with(operator, case, office, "identity")
    identification.request_decision(worker, case, office, "social", GROUNDS)
    assert identification.request_decision(worker, case, office, "social").pk == DecisionRequest.objects.get().pk
    [row] = queries.list_waiting_cases(officer, queries.queue(officer))
    assert (row.case, row.since, row.asked) == (case, timezone.localdate(), True)
    assert row.due == profile.active().due("identification_decision", timezone.localdate())
    decide(officer, case, "presumed", kind="preliminary_identification", authority=office)
    assert not list(queries.queue(officer).filter(asked=True))


@pytest.mark.db
def test_a_withdrawn_request_leaves_the_queue(
    make_case: Any, operator: Any, worker: Any, office: Any, officer: Any, make_actor: Any
) -> None:
    case = make_case()
    share_with(operator, case, office, "identity")
    request = identification.request_decision(worker, case, office, "social")
    with pytest.raises(authorization.Denied):
        identification.withdraw_request(make_actor("caseworker", agency=office), request)
    identification.withdraw_request(worker, request)
    assert not queries.queue(officer).exists()


@pytest.mark.db
def test_the_queue_is_sorted_by_risk_and_waiting_time(make_case: Any, operator: Any, office: Any, officer: Any) -> None:
    risk_and_days = {}
    for risk, days in (("low", 90), ("high", 2), ("", 5), ("medium", 3), ("high", 60)):
        case = make_case(on=timezone.localdate() - timedelta(days=days), risk_level=risk)
        share_with(operator, case, office)
        risk_and_days[case] = (risk, days)
    order = [risk_and_days[row] for row in queries.queue(officer)]
    assert order == [("high", 60), ("high", 2), ("medium", 3), ("", 5), ("low", 90)]
    counts = queries.count_queue(officer)
    assert (counts.waiting, counts.overdue, counts.asked) == (5, 2, 0)


@pytest.mark.db
def test_the_queue_reveals_no_unshared_status(make_case: Any, operator: Any, office: Any, officer: Any) -> None:
    hidden = make_case(risk_level="high")
    share_with(operator, hidden, office, "identity")
    assert not queries.queue(officer).exists()
    identification.request_decision(operator, hidden, office, "social")
    visible = make_case(risk_level="medium")
    share_with(operator, visible, office)
    rows = queries.list_waiting_cases(officer, queries.queue(officer))
    assert [row.case.reference for row in rows] == [visible.reference, hidden.reference]
    assert rows[1].case.risk_level == ""


@pytest.mark.db
def test_a_decided_case_leaves_the_queue_until_a_review(
    make_case: Any, operator: Any, worker: Any, office: Any, officer: Any
) -> None:
    case = make_case()
    share_with(operator, case, office)
    first = decide(officer, case, "not_identified", kind="refusal", grounds=GROUNDS, authority=office)
    assert not queries.queue(officer).exists()
    identification.ask_review(worker, first, timezone.localdate(), "person", GROUNDS)
    assert (
        identification.ask_review(worker, first, timezone.localdate(), "person").pk == DecisionReview.objects.get().pk
    )
    [row] = queries.list_waiting_cases(officer, queries.queue(officer))
    assert row.reviewed
    second = decide(officer, case, "identified", authority=office, **FORMAL)
    assert not queries.queue(officer).exists()
    first.refresh_from_db()
    case.refresh_from_db()
    assert (first.resulting_status, second.resulting_status, case.social_status) == (
        "not_identified",
        "identified",
        "identified",
    )


@pytest.mark.db
def test_a_refusal_and_a_loss_of_status_need_grounds_and_a_status(make_case: Any, office: Any, operator: Any) -> None:
    case = make_case()
    for kind, status in (("refusal", "not_identified"), ("loss_of_status", "lost")):
        with pytest.raises(BadInput):
            decide(operator, case, status, kind=kind)
        with pytest.raises(BadInput):
            decide(operator, case, status, kind=kind, grounds="  ")
    with pytest.raises(BadInput):
        decide(operator, case, "lost", "police", kind="loss_of_status", grounds=GROUNDS)
    decide(operator, case, "lost", kind="loss_of_status", grounds=GROUNDS)
    case.refresh_from_db()
    assert (case.social_status, case.police_status) == ("lost", "")


@pytest.mark.db
def test_each_track_changes_alone(make_case: Any, operator: Any) -> None:
    case = make_case()
    decide(operator, case, "identified", "police")
    case.refresh_from_db()
    assert (case.social_status, case.police_status) == ("presumed", "identified")
    decide(operator, case, "not_identified", "social")
    case.refresh_from_db()
    assert (case.social_status, case.police_status) == ("not_identified", "identified")


@pytest.mark.db
def test_a_notification_to_the_person_has_day_manner_and_language(make_case: Any, operator: Any, worker: Any) -> None:
    decision = decide(operator, make_case(), "identified", on=date(2025, 5, 5))
    with pytest.raises(BadInput):
        identification.notify(worker, decision, date(2025, 5, 4), "in_person")
    identification.notify(worker, decision, date(2025, 5, 7), "in_person", "uz", "yes")
    identification.notify(worker, decision, date(2025, 5, 9), "handed_over", "uz")
    decision.refresh_from_db()
    assert decision.notified_on == date(2025, 5, 7)
    assert decision.notifications.count() == 2


@pytest.mark.parametrize("text", ["kk", "ru", "en"])
def test_the_outside_of_the_notice_reveals_nothing(
    text: str, make_case: Any, operator: Any, make_user: Any, sign_in: Any, make_agency: Any
) -> None:
    centre = make_agency()
    decision = decide(operator, make_case(centre), "identified", on=date(2025, 5, 5))
    client = sign_in(make_user("caseworker"))
    page = client.get(reverse("intake:notice", args=[decision.pk]), {"text": text}).content.decode()
    head = page[page.index("<title>") : page.index("</title>")]
    outside = page[page.index("ki-outside") : page.index("</section>", page.index("ki-outside"))]
    inside = page[page.index("</section>", page.index("ki-outside")) :]
    with translation.override(text):
        from kerege.vocabulary import codes

        status = codes.label("status_on_paper", "identified", text)
        casework = codes.label("victim_status", "identified", text)
    assert status in inside
    assert CANARY in inside
    for revealing in (casework, "victim", "жертв", "құрбан", "crimin", "уголовн", "қылмыс", "traffick", "торговл"):
        assert revealing.lower() not in (head + outside + inside[: inside.index("</main>")]).lower(), revealing
    marks = {"kk": "нөмір расталмаған", "ru": "номер не подтверждён", "en": "number not confirmed"}
    assert inside[: inside.index("</main>")].count(f"({marks[text]})") == 1 + len(profile.active().phones)
    for revealing in (status, CANARY, centre.name, "centre", "traffick", "торговл", "саудас", "жертв", "құрбан"):
        assert revealing.lower() not in (head + outside).lower()


@pytest.mark.db
def test_the_two_tracks_are_counted_separately_and_by_person(
    make_case: Any, make_actor: Any, operator: Any, make_agency: Any, make_user: Any, sign_in: Any
) -> None:
    this_year = timezone.localdate().year
    day = date(this_year, 1, 5)
    first_case, second_case = make_case(on=day), make_case(make_agency("elsewhere", "ngo"), on=day)
    decide(operator, first_case, "presumed", on=day)
    decide(operator, first_case, "identified", on=day)
    decide(operator, second_case, "identified", on=day)
    decide(operator, second_case, "identified", "police", on=day)
    person = IdentityRecord.objects.get(pk=first_case.record_id).memberships.get().person
    link(operator, second_case.record, person)
    social, police = queries.count_statuses(make_actor("analyst"), this_year - 1, this_year)
    count_by_status = {status: counts[1] for status, counts in social.rows}
    assert (social.code, social.years) == ("social", [this_year - 1, this_year])
    assert (count_by_status["identified"], count_by_status["presumed"]) == (1, 0)
    assert police.code == "police"
    assert [sum(row) for row in zip(*(counts for _, counts in police.rows), strict=True)] == [0, 1]
    page = sign_in(make_user("coordinator")).get(reverse("intake:statuses")).content.decode()
    assert "kg-total" not in page
    assert page.count("<table") == 2


@pytest.mark.parametrize("language", ["kk", "ru", pytest.param("en", marks=pytest.mark.db)])
def test_pages_of_decisions_work(
    language: str, make_case: Any, operator: Any, make_user: Any, sign_in: Any, make_agency: Any
) -> None:
    centre = make_agency()
    case = make_case(centre)
    decision = decide(operator, case, "not_identified", kind="refusal", grounds=GROUNDS)
    client = sign_in(make_user("caseworker", "identifying_officer", "coordinator"))
    with translation.override(language):
        day = {f"told_on_{part}": str(value) for part, value in zip(("day", "month", "year"), _today(), strict=True)}
        asked_on = {
            f"asked_on_{part}": str(value) for part, value in zip(("day", "month", "year"), _today(), strict=True)
        }
        for name, pk, values in (
            ("request", case.pk, {"authority": str(centre.pk), "message": GROUNDS}),
            ("notify", decision.pk, day | {"manner": "in_person", "language": "uz"}),
            ("review", decision.pk, asked_on | {"asked_by": "person", "why": GROUNDS}),
        ):
            address = reverse(f"intake:{name}", args=[pk])
            assert client.get(address).status_code == 200
            assert client.post(address, values).status_code == 302, name
        for address in (reverse("intake:queue"), reverse("intake:notice", args=[decision.pk])):
            assert client.get(address).status_code == 200
        tab = client.get(reverse("cases:case", args=[case.pk]) + "?tab=identification").content.decode()
    assert GROUNDS in tab
    assert case.events.filter(kind__in=["decision_requested", "notified", "review_asked"]).count() == 3


def _today() -> tuple[int, int, int]:
    today = timezone.localdate()
    return today.day, today.month, today.year


def test_the_queue_needs_as_many_queries_for_any_length(
    make_case: Any, operator: Any, office: Any, make_user: Any, sign_in: Any
) -> None:
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    client = sign_in(make_user("identifying_officer", agency=office))
    query_counts = []
    client.get(reverse("intake:queue"))
    for number in (2, 12):
        for _ in range(number):
            share_with(operator, make_case(), office)
        with CaptureQueriesContext(connection) as queries_run:
            assert client.get(reverse("intake:queue")).status_code == 200
        query_counts.append(len(queries_run))
    assert query_counts[0] == query_counts[1]
