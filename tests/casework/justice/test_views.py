"""Pages of a crime: the linked person of a measure, and the message after a breach."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from kerege.casework.justice import case_links, services
from kerege.casework.justice.models import CaseLink, Crime, ProtectionMeasure
from tests.casework.cases.pages import day_inputs
from tests.casework.justice.test_case_links import add_consent

pytestmark = pytest.mark.django_db
DAY = date(2025, 3, 10)


@pytest.fixture
def police(make_agency: Any) -> Any:
    return make_agency("police", "internal_affairs")


@pytest.fixture
def link(operator: Any, make_actor: Any, police: Any, make_case: Any) -> CaseLink:
    officer, case = make_actor("justice_officer", agency=police), make_case()
    row = Crime(agency=police, source="mia", register_number="25-99317", offence="kz128", registered_on=DAY)
    add_consent(operator, case, police)
    return case_links.link_case(officer, services.record_crimes(officer, [row])[0], case.reference)


def test_the_message_after_a_breach_says_whether_an_agency_is_notified(
    link: CaseLink, police: Any, operator: Any, make_user: Any, sign_in: Any
) -> None:
    client = sign_in(make_user("justice_officer", agency=police, username="officer"))
    page = f"/en/work/crimes/{link.crime_id}/protection/"
    assert f'<option value="{link.pk}" selected>{link.case.reference}</option>' in client.get(page).content.decode()
    measure = {"person": "victim", "kind": "escort", "link": link.pk} | day_inputs("starts_on", DAY)
    assert client.post(page, measure).status_code == 302
    row = ProtectionMeasure.objects.get(link=link)
    breach = f"/en/work/protections/{row.pk}/breach/"

    def record() -> str:
        return str(client.post(breach, {"kind": "threat"} | day_inputs("on", DAY), follow=True).content.decode())

    assert "The agency that helps the person is notified." in record()
    assert link.case.reference in client.get(f"/en/work/protections/{row.pk}/").content.decode()
    add_consent(operator, link.case, police, given=False)
    assert "No agency is notified" in record()
    changed = client.get(f"/en/work/protections/{row.pk}/").content.decode()
    assert f'<option value="{link.pk}" selected>The basis of this link has ended.</option>' in changed
    assert link.case.reference not in changed
