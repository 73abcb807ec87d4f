"""Pages of attachments, holds, erasure and the access statement."""

from __future__ import annotations

import re
from datetime import date
from typing import Any
from unittest.mock import ANY

import pytest
from django.conf import settings
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from kerege.casework.cases.models.case import Case
from kerege.casework.cases.models.records import CaseFile, ErasureRequest, RetentionApproval
from kerege.casework.cases.services import assignment, attachments, erasure
from kerege.casework.vault.services import files
from kerege.core import audit
from kerege.core.accounts.actors import actor_for
from kerege.core.audit.models import AuditEvent
from kerege.core.authorization import Actor
from tests import second_factor
from tests.casework.cases.services.test_attachments import draft
from tests.casework.conftest import CANARY, identity
from tests.core.uploads import samples

pytestmark = pytest.mark.django_db
NAME = f"{CANARY}.jpg"


def upload(client: Any, case: Case, data: bytes, name: str = NAME, **more: str) -> Any:
    file = SimpleUploadedFile(name, data, content_type="image/jpeg")
    return client.post(f"/en/work/cases/{case.pk}/files/add/", {"file": file, "kind": "passport", **more})


@pytest.fixture
def worker(make_user: Any, sign_in: Any) -> Any:
    return sign_in(make_user("caseworker"))


def test_a_photograph_loses_its_location_and_downloads_under_a_neutral_name(worker: Any, make_case: Any) -> None:
    case = make_case()
    answer = upload(worker, case, samples.photograph(), note="екінші бет")
    assert answer["Location"] == f"/en/work/cases/{case.pk}/?tab=files"
    page = worker.get(answer["Location"]).content.decode()
    assert NAME in page
    assert "екінші бет" in page
    row = CaseFile.objects.get()
    answer = worker.get(f"/en/work/files/{row.pk}/")
    assert b"canary" not in answer.content
    assert answer.content.startswith(b"\xff\xd8")
    assert answer["Content-Disposition"] == f'attachment; filename="file-{str(row.pk)[:8]}.jpg"'
    assert answer["Content-Type"] == "image/jpeg"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"].startswith("sandbox; default-src 'none'")
    assert "no-store" in answer["Cache-Control"]
    event = AuditEvent.objects.get(action="files.view")
    assert event.details == {
        "file": str(row.pk),
        "identities": [str(case.record_id)],
        "acted_as": ["caseworker"],
        "client": ANY,
    }


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty"),
        (b"<html><script>alert(1)</script>", "Files of this kind are not accepted"),
        (samples.image() + b"\0" * (11 * 1024 * 1024), "The file is too large"),
        (samples.pdf(script=True), "The file holds a macro"),
    ],
)
def test_a_refused_file_shows_the_reason_and_keeps_the_other_fields(
    data: bytes, words: str, worker: Any, make_case: Any
) -> None:
    case, before = make_case(), {path for path in files.folder().rglob("*") if path.is_file()}
    page = upload(worker, case, data, note="ұзақ жазба", dated_on_day="3", dated_on_month="4", dated_on_year="2025")
    text = page.content.decode()
    assert words in text
    assert "ұзақ жазба" in text
    assert 'value="2025"' in text
    assert "selected" in text.split("passport")[1][:40]
    assert not CaseFile.objects.exists()
    assert {path for path in files.folder().rglob("*") if path.is_file()} == before


def test_an_error_in_another_field_asks_to_choose_the_file_again(worker: Any, make_case: Any) -> None:
    page = upload(worker, make_case(), samples.image(), kind="nonsense").content.decode()
    assert "Choose the file again" in page


def test_the_page_states_the_limits_of_a_file(worker: Any, make_case: Any) -> None:
    page = worker.get(f"/en/work/cases/{make_case().pk}/files/add/").content.decode()
    assert "At most 10 MB" in page
    assert 'enctype="multipart/form-data"' in page


def test_no_upload_is_written_to_disk_unencrypted(worker: Any, make_case: Any, monkeypatch: Any) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", lambda *a, **k: 1 / 0)
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *a, **k: 1 / 0)
    data = samples.image("PNG", (900, 900)) + b"\0" * 6_000_000  # more than Django keeps in memory by itself
    assert upload(worker, make_case(), data).status_code == 302


def test_removing_a_file_needs_a_reason_and_gives_a_receipt(worker: Any, make_case: Any) -> None:
    upload(worker, make_case(), samples.image())
    row = CaseFile.objects.get()
    assert "You can restore it for 30 days" in worker.get(f"/en/work/files/{row.pk}/remove/").content.decode()
    assert worker.post(f"/en/work/files/{row.pk}/remove/", {}).status_code == 200
    answer = worker.post(f"/en/work/files/{row.pk}/remove/", {"reason": "duplicate"})
    page = worker.get(answer["Location"]).content.decode()
    assert row.receipt in page
    assert CANARY not in page
    assert worker.get(f"/en/work/files/{row.pk}/")["Location"].endswith("?tab=files")
    assert "unless the law requires it to be retained" in page
    assert "Restore file" in page
    worker.post(f"/en/work/files/{row.pk}/put-back/")
    assert worker.get(f"/en/work/files/{row.pk}/").status_code == 200


@pytest.fixture
def closed_case(make_case: Any) -> Case:
    case = make_case()
    Case.objects.filter(pk=case.pk).update(status="closed", closed_on=date(2025, 6, 1), closure_reason="completed")
    return case


def request_erasure_on_page(worker: Any, case: Case) -> ErasureRequest:
    typed = {"ground": "person_asked", "asked_on_day": "1", "asked_on_month": "6", "asked_on_year": "2025"}
    assert worker.post(f"/en/work/cases/{case.pk}/erasure/", typed).status_code == 302
    return ErasureRequest.objects.get()


def second_client(user: Any) -> Client:
    """Return a second client, signed in as this user."""
    second_factor.activate(user)
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def test_the_case_of_an_erased_person_opens_and_shows_the_erasure(
    closed_case: Case, make_user: Any, make_agency: Any, operator: Actor, sign_in: Any
) -> None:
    assignment.add_note(operator, closed_case, "жазба")
    attachments.add_file(operator, closed_case, draft())
    worker = sign_in(make_user("supervisor"))
    row = request_erasure_on_page(worker, closed_case)
    assert "waits for the coordinator" in worker.get(f"/en/work/cases/{closed_case.pk}/?tab=person").content.decode()
    coordinator = make_user("coordinator", agency=make_agency("ministry", "social_protection"))
    client = second_client(coordinator)
    assert row.receipt in client.get("/en/work/erasures/").content.decode()
    row_page = client.get(f"/en/work/erasures/{row.pk}/").content.decode()
    assert CANARY not in row_page
    assert closed_case.reference not in row_page
    erasure.approve_erasure(actor_for(coordinator), row)
    receipt = client.get(f"/en/work/erasures/{row.pk}/")
    assert "Personal data were destroyed" in client.get(receipt["Location"]).content.decode()
    for tab in ("overview", "person", "identification", "assistance", "sharing", "files", "history"):
        page = worker.get(f"/en/work/cases/{closed_case.pk}/?tab={tab}")
        assert page.status_code == 200, tab
        assert CANARY not in page.content.decode()
        assert "erased" in page.content.decode(), tab
    assert worker.get("/en/work/cases/").status_code == 200


def test_the_access_statement_shows_agency_role_and_act_in_the_chosen_language(
    make_case: Any, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    case = make_case(person=identity(languages=["ru"]))
    client = sign_in(make_user("supervisor"))
    client.get(f"/kk/work/cases/{case.pk}/")
    client.get(f"/kk/work/cases/{case.pk}/")
    client.post(f"/kk/work/cases/{case.pk}/note/", {"text": "жазба"})
    page = client.get(f"/en/work/cases/{case.pk}/seen/?in=ru").content.decode()
    assert "centre ru" in page
    assert "Открытие данных" in page
    assert "Внесение или изменение записи" in page
    assert "User 1" not in page
    assert CANARY not in page
    assert "<title>Доступ к персональным данным" in page or "Access to personal data" in page


def test_an_event_without_a_role_is_shown_as_staff_not_as_the_operator(
    make_case: Any, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    case, agency = make_case(), make_agency()
    with audit.page(Actor(label="user:gone", agency_id=agency.pk), "cases.view"):
        audit.note(identities=[str(case.record_id)])
    page = sign_in(make_user("supervisor")).get(f"/en/work/cases/{case.pk}/seen/?in=en").content.decode()
    assert "a member of staff of centre en" in page


def test_the_retention_page_shows_counts_by_agency_and_a_coordinator_approves(
    closed_case: Case, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    Case.objects.filter(pk=closed_case.pk).update(registered_on=date(2010, 1, 1), closed_on=date(2015, 6, 1))
    client = sign_in(make_user("coordinator", agency=make_agency("ministry", "social_protection")))
    page = client.get("/en/work/retention/").content.decode()
    assert closed_case.reference not in page  # the page shows counts by agency and no single record
    assert closed_case.agency.name in page
    assert CANARY not in page
    client.post("/en/work/retention/approve/", {"kind": "closed_case"})
    client.post("/en/work/retention/approve/", {"kind": "nonsense"})
    assert RetentionApproval.objects.get().kind == "closed_case"
    assert "approved" in client.get("/en/work/retention/").content.decode()


# -- after an erasure --------------------------------------------------------------------------------------------------
def erase(case: Case, operator: Actor) -> None:
    """Close the case and erase its person."""
    from kerege.casework.cases.services.erasure import erase_after_term
    from kerege.core import audit

    Case.objects.filter(pk=case.pk).update(status="closed", closed_on=date(2025, 1, 1), closure_reason="completed")
    with audit.act(operator, "test"):
        erase_after_term(operator, case.record.memberships.get().person, "somebody")


def test_the_page_of_an_erased_person_offers_no_writing(
    make_user: Any, sign_in: Any, make_case: Any, operator: Actor
) -> None:
    case = make_case()
    case_of_file = attachments.add_file(operator, case, draft())
    erase(case, operator)
    client = sign_in(make_user("supervisor", "identifying_officer"))
    address, pages = f"/en/work/cases/{case.pk}/", [""]
    pages += ["?tab=" + tab for tab in ("person", "identification", "assistance", "sharing", "files", "history")]
    links: set[str] = set()
    for page in pages:
        html = client.get(address + page).content.decode()
        links |= set(re.findall(rf'(?:href|action)="({address}[^"?]+)', html))
    assert links == {f"{address}seen/"}
    assert case_of_file.receipt in client.get(f"{address}?tab=files").content.decode()


@pytest.mark.parametrize("form", ["note", "person", "task", "consent", "plan", "reopen", "hold", "files/add"])
def test_a_form_about_an_erased_person_is_refused_and_returns_its_text(
    make_user: Any, sign_in: Any, make_case: Any, operator: Actor, form: str
) -> None:
    case = make_case()
    erase(case, operator)
    client = sign_in(make_user("supervisor"))
    answer = client.post(f"/en/work/cases/{case.pk}/{form}/", {"text": "a long word of mine", "kind": "x"})
    page = answer.content.decode()
    assert answer.status_code == 409
    assert "This person was erased" in page
    assert "a long word of mine" in page
    assert client.get(f"/en/work/cases/{case.pk}/{form}/").status_code == 409
