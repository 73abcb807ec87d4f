"""Pages of the right to stay: computed days, marks of unconfirmed facts, words that blame nobody."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from kerege.casework.assistance.models.shelter import Bed
from kerege.casework.assistance.services import shelter
from kerege.casework.rights.models.legal_stay import StayRight
from tests.casework.cases.pages import day_inputs
from tests.casework.conftest import CANARY, identity
from tests.core.uploads import samples

pytestmark = pytest.mark.django_db


@pytest.fixture
def case(make_case: Any) -> Any:
    return make_case(person=identity(citizenships=["UZ"]), on=timezone.localdate())


def test_the_pages_lead_from_the_entry_to_the_permit(case: Any, make_user: Any, sign_in: Any, make_agency: Any) -> None:
    client, today = sign_in(make_user("caseworker")), timezone.localdate()
    page = f"/en/work/cases/{case.pk}/legal-stay/"
    assert "The day of entry is not known." in client.get(page).content.decode()
    entry = day_inputs("entered_on", today - timedelta(days=5)) | {"source": "told"}
    assert client.post(f"{page}entry/", entry).status_code == 302
    assert client.post(f"{page}right/", {"ground": "visa_free", "source": "told"}).status_code == 302
    text = client.get(page).content.decode()
    assert "The right to stay ends on" in text
    assert "not confirmed by a lawyer" in text
    listed = client.get("/en/work/legal-stay/").content.decode()
    assert case.reference in listed
    assert CANARY not in listed
    # an application is the person's own decision
    step = {"kind": "application"} | day_inputs("done_on", today)
    refused = client.post(f"{page}step/", step)
    assert "Only the person decides on the application." in refused.content.decode()
    assert client.post(f"{page}step/", step | {"decided": "on"}).status_code == 302
    permit = {"kind": "permit"} | day_inputs("done_on", today) | day_inputs("permit_until", today + timedelta(days=180))
    assert client.post(f"{page}step/", permit).status_code == 302
    assert StayRight.objects.filter(case=case, ground="trp_victim").count() == 1


def test_the_overview_warns_of_the_end_and_of_the_notice_of_the_host(
    case: Any, make_user: Any, sign_in: Any, operator: Any, make_agency: Any
) -> None:
    client, today = sign_in(make_user("caseworker")), timezone.localdate()
    bed = Bed.objects.create(agency=make_agency(), room="1", number="1", kind="women")
    shelter.begin_stay(operator, case, bed, today)
    text = client.get(f"/en/work/cases/{case.pk}/").content.decode()
    assert "The right to stay is not known" in text
    assert "Notice of the host: by" in text


@pytest.mark.parametrize(("language", "words"), [("en", "illegal"), ("ru", "нелегал|незаконн"), ("kk", "заңсыз")])
def test_no_page_calls_a_person_illegal(language: str, words: str, case: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    addresses = [f"cases/{case.pk}/legal-stay/{part}" for part in ("", "right/", "entry/", "step/", "letter/")]
    for address in [*addresses, "legal-stay/", f"cases/{case.pk}/?tab=assistance"]:
        text = client.get(f"/{language}/work/{address}").content.decode()
        assert not re.search(words, text, re.IGNORECASE), address


def test_the_letter_names_the_person_for_the_owner_only(
    case: Any, make_user: Any, sign_in: Any, make_agency: Any
) -> None:
    address = f"/en/work/cases/{case.pk}/legal-stay/letter/"
    assert CANARY in sign_in(make_user("caseworker")).get(address).content.decode()
    stranger = sign_in(make_user("caseworker", agency=make_agency("other", "ngo")))
    assert stranger.get(address).status_code == 404


def test_the_document_of_a_step_is_a_cleaned_file_of_the_case(case: Any, make_user: Any, sign_in: Any) -> None:
    client, today = sign_in(make_user("caseworker")), timezone.localdate()
    page = f"/en/work/cases/{case.pk}/legal-stay/"
    assert 'enctype="multipart/form-data"' in client.get(f"{page}step/").content.decode()
    step = {"kind": "insurance"} | day_inputs("done_on", today)
    for name, content in (("a.exe", b"MZ" + bytes(200)), ("empty.pdf", b"")):
        refused = client.post(f"{page}step/", step | {"file": SimpleUploadedFile(name, content)})
        assert "govuk-error-summary" in refused.content.decode()
    assert not case.stay_steps.exists()
    photo = SimpleUploadedFile("паспорт.jpg", samples.photograph())
    assert client.post(f"{page}step/", step | {"file": photo}).status_code == 302
    row = case.stay_steps.get().file
    assert (row.case, row.dated_on) == (case, today)
    address = f"/en/work/files/{row.pk}/"
    assert address in client.get(page).content.decode()
    opened = client.get(address).content
    assert opened.startswith(b"\xff\xd8")
    assert b"Exif" not in opened  # the place and the camera are gone
    client.post(f"/en/work/files/{row.pk}/remove/", {"reason": "wrong_file"})
    row.refresh_from_db()
    assert (address in client.get(page).content.decode()) == (row.removed_at is None)


def test_a_step_needs_no_document(case: Any, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("caseworker"))
    step = {"kind": "fingerprints"} | day_inputs("done_on", timezone.localdate())
    assert client.post(f"/en/work/cases/{case.pk}/legal-stay/step/", step).status_code == 302
    assert case.stay_steps.get().file is None
