"""A transfer changes no past month of an agency; stays and tracks are counted as by hand."""

from __future__ import annotations

from datetime import date
from io import BytesIO
from typing import Any
from unittest.mock import patch

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation
from openpyxl import load_workbook

from kerege.casework.assistance.models.consents import Consent
from kerege.casework.assistance.models.handovers import Handover
from kerege.casework.assistance.models.provision import Service
from kerege.casework.assistance.models.referrals import Referral
from kerege.casework.assistance.models.shelter import Bed, Stay
from kerege.casework.assistance.services import consents, handover_undo, handovers, provision
from kerege.casework.cases.models.case import Case
from kerege.casework.desk import queries as desk
from kerege.casework.desk.statistics import monthly
from kerege.core.authorization import Actor
from tests.casework.desk.statistics.test_statistics import MONTH, Make, at

pytestmark = [pytest.mark.django_db, pytest.mark.db, pytest.mark.usefixtures("in_english")]


def test_a_service_in_an_inaccessible_case_is_listed_without_the_reference(
    make_case: Make, make_agency: Make, make_actor: Make
) -> None:
    from kerege.casework.desk.statistics import drilldown

    home, strange = make_agency(), make_case(make_agency("elsewhere", "ngo"))
    row = Service.objects.create(
        case=strange,
        kind="shelter",
        provider=home,
        status="ongoing",
        started_on=MONTH.first,
        created_at=timezone.now(),
        created_by="x",
    )
    [entry] = drilldown.list_items(make_actor("caseworker"), [row], MONTH)
    assert (entry.url, strange.reference in entry.reference) == ("", False)


class Sides:
    """Two agencies between which a case is transferred, with monthly figures of each on page and sheet."""

    def __init__(self, make_agency: Make, make_actor: Make, make_case: Make, sign_in: Make, make_user: Make) -> None:
        self.iom, self.centre = make_agency("iom", "international_organisation"), make_agency()
        self.third = make_agency("third", "ngo")
        self.sender = make_actor("supervisor", agency=self.iom)
        self.receiver = make_actor("supervisor", agency=self.centre)
        self.case = make_case(self.iom, on=date(2025, 10, 2))
        self.readers = {
            agency: sign_in(make_user("caseworker", agency=agency), Client()) for agency in (self.iom, self.centre)
        }
        self.serve(self.sender, provider=self.third)
        self.sent = Referral.objects.create(
            case=self.case,
            from_agency=self.iom,
            to_agency=self.third,
            legal_basis="x",
            services=["shelter"],
            due_on=MONTH.last,
            sent_at=at(date(2025, 10, 9)),
            sent_by="x",
            status="accepted",
        )
        consent = Consent(case=self.case, purpose="handover", recipient=self.centre, given=True, on=MONTH.first)
        consents.record_consent(self.sender, consent)

    def serve(self, actor: Actor, **values: Any) -> None:
        values = {"kind": "legal_aid", "payer": "iom", "started_on": date(2025, 10, 5)} | values
        provision.add_services(actor, [Service(case=Case.objects.get(pk=self.case.pk), **values)])

    def hand_over(self) -> Handover:
        offer = handovers.offer(self.sender, [Case.objects.get(pk=self.case.pk)], self.centre)
        return handovers.accept(self.receiver, offer.handovers.get())

    def counts(self, month: monthly.CalendarMonth = MONTH) -> dict[str, Any]:
        return {agency.code: self._counts(agency, month) for agency in self.readers}

    def _counts(self, agency: Any, month: monthly.CalendarMonth) -> Any:
        with patch("kerege.core.pages.reauthentication.is_fresh", return_value=True):
            responses = [
                self.readers[agency].get(reverse(f"desk:{page}"), {"month": month.code})
                for page in ("month", "month-sheet")
            ]
        sheet = load_workbook(BytesIO(responses[1].content)).active.iter_rows(values_only=True)
        return [(s.key, s.figures, s.total) for s in responses[0].context["sections"]], list(sheet)

    def totals(self, agency: Any, month: monthly.CalendarMonth = MONTH) -> dict[str, int]:
        return {section.key: section.total for section in monthly.list_tables(agency.pk, month)}


@pytest.fixture
def sides(make_agency: Make, make_actor: Make, make_case: Make, sign_in: Make, make_user: Make) -> Sides:
    return Sides(make_agency, make_actor, make_case, sign_in, make_user)


def test_a_transfer_and_its_undo_change_no_past_month_of_either_agency(sides: Sides, make_case: Make) -> None:
    record = sides.case.record
    make_case(sides.iom, on=date(2025, 10, 3), record=record)
    before = sides.counts()
    totals = sides.totals(sides.iom)
    assert [totals[key] for key in ("sex", "running", "service", "sent")] == [2, 2, 1, 1]
    handover = sides.hand_over()
    assert set(Case.objects.values_list("agency", flat=True)) == {sides.centre.pk}
    assert Referral.objects.get().from_agency == sides.centre
    assert sides.counts() == before
    handover_undo.undo(sides.receiver, handover)
    assert sides.counts() == before


def test_a_case_that_ended_before_its_transfer_counts_at_the_first_agency(sides: Sides) -> None:
    Case.objects.filter(pk=sides.case.pk).update(
        status="ended", ended_on=date(2025, 10, 20), closure_reason="completed"
    )
    before = sides.counts()
    assert (sides.totals(sides.iom)["ended"], sides.totals(sides.centre)["ended"]) == (1, 0)
    sides.hand_over()
    assert sides.counts() == before


def test_the_month_of_a_transfer_counts_for_the_new_owner(sides: Sides) -> None:
    sides.hand_over()
    this = monthly.CalendarMonth(timezone.localdate().replace(day=1))
    assert (sides.totals(sides.iom, this)["running"], sides.totals(sides.centre, this)["running"]) == (0, 1)


def test_a_later_entry_of_the_new_owner_changes_no_figure_of_the_old_owner(sides: Sides) -> None:
    before = sides.counts()
    sides.hand_over()
    sides.serve(sides.receiver, provider=sides.centre, payer="state")
    assert sides.counts()["iom"] == before["iom"]
    assert (sides.totals(sides.iom)["service"], sides.totals(sides.centre)["service"]) == (1, 1)


def test_transferred_cases_are_listed_without_a_link(sides: Sides) -> None:
    sides.hand_over()
    for key in ("running", "sent"):
        response = sides.readers[sides.iom].get(reverse("desk:month-cases"), {"month": MONTH.code, "of": key})
        assert response.context["page"].paginator.count == 1
        assert [entry.url for entry in response.context["entries"]] == [""]
        assert sides.case.reference not in response.content.decode()


def test_a_stay_counts_the_nights_of_the_month_only(make_case: Make, make_agency: Make) -> None:
    home = make_agency()
    for number, (first, left_on) in enumerate(
        [
            (date(2025, 9, 20), date(2025, 10, 3)),
            (date(2025, 10, 30), None),
            (date(2025, 10, 5), date(2025, 10, 5)),
            (date(2025, 8, 1), date(2025, 10, 1)),
        ]
    ):
        bed = Bed.objects.create(agency=home, room="1", number=str(number))
        Stay.objects.create(case=make_case(), agency=home, bed=bed, arrived_on=first, bed_since=first, left_on=left_on)
    nights = monthly.list_tables(home.pk, MONTH)[-1]
    assert nights.total == 2 + 2 + 0


def test_the_coordinator_sees_both_tracks_and_no_sum(
    make_case: Make, make_user: Make, make_actor: Make, sign_in: Make, operator: Any
) -> None:
    both, police = make_case(), make_case()
    Case.objects.filter(pk=both.pk).update(social_status="identified", police_status="identified")
    Case.objects.filter(pk=police.pk).update(social_status="presumed", police_status="identified")
    pipeline = desk.pipeline(make_actor("coordinator"))
    assert pipeline.tracks == {"social": (1, 1), "police": (0, 2)}
    with translation.override("en"):
        page = sign_in(make_user("coordinator")).get("/en/work/").content.decode()
    assert "Track: Police" in page
    assert "Track: Social protection" in page
    assert "either track" not in page
