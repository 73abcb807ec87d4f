"""Page of the details of an agency."""

from __future__ import annotations

from typing import Any

import pytest

from kerege.core.accounts.models import Agency

pytestmark = pytest.mark.django_db
NAMES = {f"name_{language}": f"New {language}" for language in ("kk", "ru", "en")}


@pytest.fixture
def admin(sign_in: Any, make_user: Any) -> Any:
    return sign_in(make_user("administrator"))


def test_an_administrator_changes_the_details_of_their_agency(admin: Any) -> None:
    agency = Agency.objects.get(code="centre")
    page = f"/en/account/agencies/{agency.pk}/"
    assert page in admin.get("/en/account/agencies/").content.decode()
    assert 'value="centre en"' in admin.get(page).content.decode()
    listed = admin.post(page, NAMES | {"region": "19", "languages": ["kk"]}, follow=True).content.decode()
    assert "The details of the agency are changed." in listed
    assert "no second administrator" in listed
    agency.refresh_from_db()
    assert (agency.names["ru"], agency.region, agency.languages, agency.kind) == (
        "New ru",
        "19",
        ["kk"],
        "crisis_centre",
    )


def test_a_name_is_required(admin: Any) -> None:
    agency = Agency.objects.get(code="centre")
    answer = admin.post(f"/en/account/agencies/{agency.pk}/", NAMES | {"name_kk": ""})
    assert answer.status_code == 200
    agency.refresh_from_db()
    assert agency.names["en"] == "centre en"
