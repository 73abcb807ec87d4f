"""Files, holds, erasure and the statement of access, as people use them."""

from __future__ import annotations

import re
from datetime import date
from typing import Any

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
from tests.casework.cases.test_attachments import draft
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


def test_a_photograph_is_stored_without_its_place_and_comes_back_neutral(worker: Any, make_case: Any) -> None:
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
    assert event.details == {"file": str(row.pk), "identities": [str(case.record_id)], "acted_as": ["caseworker"]}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "The file is empty"),
        (b"<html><script>alert(1)</script>", "Files of this kind are not accepted"),
        (samples.image() + b"\0" * (11 * 1024 * 1024), "The file is too large"),
        (samples.pdf(script=True), "The file holds a macro"),
    ],
)
def test_a_refused_file_says_why_and_loses_nothing_else_that_was_typed(
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


def test_a_fault_elsewhere_says_that_the_file_must_be_chosen_again(worker: Any, make_case: Any) -> None:
    page = upload(worker, make_case(), samples.image(), kind="nonsense").content.decode()
    assert "Choose the file again" in page


def test_the_limits_are_said_before_a_file_is_chosen(worker: Any, make_case: Any) -> None:
    page = worker.get(f"/en/work/cases/{make_case().pk}/files/add/").content.decode()
    assert "At most 10 MB" in page
    assert 'enctype="multipart/form-data"' in page


def test_no_uploaded_byte_reaches_the_disk_in_clear(worker: Any, make_case: Any, monkeypatch: Any) -> None:
    import tempfile

    monkeypatch.setattr(tempfile, "NamedTemporaryFile", lambda *a, **k: 1 / 0)
    monkeypatch.setattr(tempfile, "TemporaryFile", lambda *a, **k: 1 / 0)
    data = samples.image("PNG", (900, 900)) + b"\0" * 6_000_000  # more than Django keeps in memory by itself
    assert upload(worker, make_case(), data).status_code == 302


def test_removing_asks_first_and_gives_a_receipt(worker: Any, make_case: Any) -> None:
    upload(worker, make_case(), samples.image())
    row = CaseFile.objects.get()
    assert "For 30 days you can put it back" in worker.get(f"/en/work/files/{row.pk}/remove/").content.decode()
    assert worker.post(f"/en/work/files/{row.pk}/remove/", {}).status_code == 200
    answer = worker.post(f"/en/work/files/{row.pk}/remove/", {"reason": "duplicate"})
    page = worker.get(answer["Location"]).content.decode()
    assert row.receipt in page
    assert CANARY not in page
    assert worker.get(f"/en/work/files/{row.pk}/")["Location"].endswith("?tab=files")
    assert "unless the law requires it to be kept" in page
    assert "Put the file back" in page
    worker.post(f"/en/work/files/{row.pk}/put-back/")
    assert worker.get(f"/en/work/files/{row.pk}/").status_code == 200


@pytest.fixture
def over(make_case: Any) -> Case:
    case = make_case()
    Case.objects.filter(pk=case.pk).update(status="closed", closed_on=date(2025, 6, 1), closure_reason="completed")
    return case


def asked(worker: Any, case: Case) -> ErasureRequest:
    typed = {"ground": "person_asked", "asked_on_day": "1", "asked_on_month": "6", "asked_on_year": "2025"}
    assert worker.post(f"/en/work/cases/{case.pk}/erasure/", typed).status_code == 302
    return ErasureRequest.objects.get()


def in_another_browser(user: Any) -> Client:
    """Signed in besides whoever is signed in already."""
    second_factor.activate(user)
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    return client


def test_an_erased_person_s_case_still_opens_and_says_so(
    over: Case, make_user: Any, make_agency: Any, operator: Actor, sign_in: Any
) -> None:
    assignment.add_note(operator, over, "жазба")
    attachments.add_file(operator, over, draft())
    worker = sign_in(make_user("supervisor"))
    row = asked(worker, over)
    assert "waits for the coordinator" in worker.get(f"/en/work/cases/{over.pk}/?tab=person").content.decode()
    other = make_user("coordinator", agency=make_agency("ministry", "social_protection"))
    client = in_another_browser(other)
    assert row.receipt in client.get("/en/work/erasures/").content.decode()
    row_page = client.get(f"/en/work/erasures/{row.pk}/").content.decode()
    assert CANARY not in row_page
    assert over.reference not in row_page
    erasure.approve_erasure(actor_for(other), row)
    receipt = client.get(f"/en/work/erasures/{row.pk}/")
    assert "Personal data were destroyed" in client.get(receipt["Location"]).content.decode()
    for tab in ("overview", "person", "identification", "assistance", "sharing", "files", "history"):
        page = worker.get(f"/en/work/cases/{over.pk}/?tab={tab}")
        assert page.status_code == 200, tab
        assert CANARY not in page.content.decode()
        assert "erased" in page.content.decode(), tab
    assert worker.get("/en/work/cases/").status_code == 200


def test_the_statement_tells_agency_role_and_act_in_her_language(
    make_case: Any, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    case = make_case(told=identity(languages=["ru"]))
    client = sign_in(make_user("supervisor"))
    client.get(f"/kk/work/cases/{case.pk}/")
    client.get(f"/kk/work/cases/{case.pk}/")
    client.post(f"/kk/work/cases/{case.pk}/note/", {"text": "жазба"})
    page = client.get(f"/en/work/cases/{case.pk}/seen/?in=ru").content.decode()
    assert "centre ru" in page
    assert "Открыл(а) данные" in page
    assert "Внёс(ла) или изменил(а) запись" in page
    assert "User 1" not in page
    assert CANARY not in page
    assert "<title>Доступ к личным данным" in page or "Access to personal data" in page


def test_a_look_of_staff_whose_role_nobody_kept_is_not_the_operators(
    make_case: Any, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    case, agency = make_case(), make_agency()
    with audit.page(Actor(label="user:gone", agency_id=agency.pk), "cases.view"):
        audit.note(identities=[str(case.record_id)])
    page = sign_in(make_user("supervisor")).get(f"/en/work/cases/{case.pk}/seen/?in=en").content.decode()
    assert "a member of staff of centre en" in page


def test_the_retention_page_counts_by_agency_names_no_record_and_a_coordinator_approves(
    over: Case, make_user: Any, make_agency: Any, sign_in: Any
) -> None:
    Case.objects.filter(pk=over.pk).update(registered_on=date(2010, 1, 1), closed_on=date(2015, 6, 1))
    client = sign_in(make_user("coordinator", agency=make_agency("ministry", "social_protection")))
    page = client.get("/en/work/retention/").content.decode()
    assert over.reference not in page  # counts of each agency, and no single record
    assert over.agency.name in page
    assert CANARY not in page
    client.post("/en/work/retention/approve/", {"kind": "closed_case"})
    client.post("/en/work/retention/approve/", {"kind": "nonsense"})
    assert RetentionApproval.objects.get().kind == "closed_case"
    assert "approved" in client.get("/en/work/retention/").content.decode()


# -- after an erasure --------------------------------------------------------------------------------------------------
def erase(case: Case, operator: Actor) -> None:
    """The person of this case is erased."""
    from kerege.casework.cases.services.erasure import erase_after_term
    from kerege.core import audit

    Case.objects.filter(pk=case.pk).update(status="closed", closed_on=date(2025, 1, 1), closure_reason="completed")
    with audit.act(operator, "test"):
        erase_after_term(operator, case.record.memberships.get().person, "somebody")


def test_on_a_person_who_was_erased_nothing_is_offered_that_would_write(
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
def test_writing_about_a_person_who_was_erased_says_so_and_gives_the_words_back(
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
