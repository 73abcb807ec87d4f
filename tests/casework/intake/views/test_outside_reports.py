"""Initial reports without an account: the right agency, no record to read, limits, and paper."""

from __future__ import annotations

import gzip
import re
from datetime import date
from io import BytesIO
from typing import Any

import pytest
from django.contrib.staticfiles import finders
from django.test import Client
from pypdf import PdfReader

from kerege.casework.intake.models import OutsideReport, Signal
from kerege.casework.intake.paper_form import to_pdf
from kerege.casework.intake.services.outside_reports import find_receiver, list_sender_kinds
from kerege.casework.vault.services.identities import open_text
from kerege.core.accounts import attempts
from kerege.core.accounts.models import Agency
from kerege.core.audit.models import AuditEvent
from kerege.vocabulary import codes
from kerege.vocabulary.profile import active
from tests.casework.cases.pages import day_inputs

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("in_english")]
PAGE, SECRET = "/en/initial-report/", "a girl locked in the sauna on Abay street"
REPORT = {
    "sender_kind": "education",
    "name": "School 5",
    "contact": "+7 701 000 00 00",
    "region": "19",
    "receiver": "internal_affairs",
    "urgency": "high",
    "suspected_form": "",
    "people": "2",
    "language": "",
    "narrative": SECRET,
}


@pytest.fixture
def agencies(make_agency: Any, make_user: Any) -> dict[str, Agency]:
    """Return police and a centre in two regions, each with a user who reads signals."""
    made = {}
    for code, kind, region in (
        ("police-19", "internal_affairs", "19"),
        ("centre-19", "crisis_centre", "19"),
        ("police-35", "internal_affairs", "35"),
        ("ngo-19", "ngo", "19"),
    ):
        made[code] = make_agency(code, kind)
        Agency.objects.filter(pk=made[code].pk).update(region=region)
        make_user("supervisor", agency=made[code])
    return made


def token(page: str) -> str:
    return re.search(r'name="token" value="([^"]+)"', page)[1]  # type: ignore[index]


def send(browser: Client, form: str = "", **changes: str) -> Any:
    form = form or token(browser.get(PAGE).content.decode())
    return browser.post(PAGE, REPORT | {"token": form} | changes)


def test_a_report_arrives_at_the_police_or_the_centre_of_the_region(agencies: dict[str, Agency]) -> None:
    for receiver, code in (("internal_affairs", "police-19"), ("crisis_centre", "centre-19")):
        page = send(Client(), receiver=receiver).content.decode()
        [reference] = re.findall(r"S-\w{4}-\w{4}", page)
        signal = Signal.objects.get(reference=reference)
        assert (signal.to_agency.code, signal.channel, signal.urgency, signal.people) == (code, "web_form", "high", 2)
        assert open_text(signal.narrative) == SECRET
        assert (signal.outside.sender_kind, signal.outside.way) == ("education", "form")
        assert open_text(signal.outside.sender) == {"name": "School 5", "contact": "+7 701 000 00 00"}
        assert SECRET not in page


@pytest.mark.parametrize(
    ("region", "kind", "closed", "expected"),
    [
        ("19", "crisis_centre", [], "centre-19"),
        ("35", "crisis_centre", [], "police-35"),  # no centre there: the police of the region before a far centre
        ("75", "crisis_centre", [], "centre-19"),  # nobody there: the wished kind elsewhere
        ("19", "internal_affairs", ["police-19"], "centre-19"),
        ("19", "ngo", [], "police-19"),  # no kind of the profile: the first of the profile
        ("19", "", ["police-19", "centre-19", "police-35"], None),  # an NGO is no receiver of the profile
    ],
)
def test_the_receiver_is_the_nearest_agency_that_can_read_the_report(
    region: str, kind: str, closed: list[str], expected: str | None, agencies: dict[str, Agency]
) -> None:
    Agency.objects.filter(code__in=closed).update(active=False)
    receiver = find_receiver(region, kind)
    assert (receiver.code if receiver else None) == expected


def test_an_agency_without_a_reader_receives_nothing(agencies: dict[str, Agency]) -> None:
    for assignment in agencies["police-19"].assignments.all():
        assignment.user.is_active = False
        assignment.user.save()
    receiver = find_receiver("19", "internal_affairs")
    assert receiver is not None
    assert receiver.code == "centre-19"


def test_the_same_form_sent_twice_is_one_signal_with_one_code(agencies: dict[str, Agency]) -> None:
    browser = Client()
    form = token(browser.get(PAGE).content.decode())
    first, second = (send(browser, form).content.decode() for _turn in range(2))
    assert re.findall(r"S-\w{4}-\w{4}", first) == re.findall(r"S-\w{4}-\w{4}", second)
    assert Signal.objects.count() == OutsideReport.objects.count() == 1


def test_no_record_can_be_read_from_the_page(agencies: dict[str, Agency]) -> None:
    """The code, the token and any other input show nothing but the empty form."""
    browser = Client()
    form = token(browser.get(PAGE).content.decode())
    reference = re.search(r"S-\w{4}-\w{4}", send(browser, form).content.decode())[0]  # type: ignore[index]
    for query in ({"token": form}, {"code": reference}, {"reference": reference}, {"q": reference}):
        page = browser.get(PAGE, query).content.decode()
        assert "<output>" not in page
        assert "School 5" not in page
        assert SECRET not in page
    for path in ("/en/work/signals/", f"/en/work/signals/{Signal.objects.get().pk}/"):
        assert browser.get(path).status_code == 302
    assert browser.get(PAGE)["Cache-Control"] == "no-store"
    event = AuditEvent.objects.get(action="signals.report_from_outside")
    assert "School" not in str(event.details)


def test_a_forged_or_old_form_stores_nothing_and_keeps_the_words(agencies: dict[str, Agency]) -> None:
    for forged in ("", "x", "abc:def:ghi"):
        page = Client().post(PAGE, REPORT | {"token": forged}).content.decode()
        assert "open for too long" in page
        assert SECRET in page
    assert not Signal.objects.exists()


def test_a_form_needs_the_token_of_its_own_browser(agencies: dict[str, Agency]) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert send(strict).status_code == 403
    assert not Signal.objects.exists()


def test_reports_are_limited_by_network_and_in_all(
    agencies: dict[str, Agency], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(attempts.LIMITS, "report", attempts.WindowLimit(most=2))
    monkeypatch.setitem(attempts.LIMITS, "all_reports", attempts.WindowLimit(most=3))
    statuses = [send(Client(REMOTE_ADDR=address)).status_code for address in ("10.0.0.1",) * 3 + ("10.0.0.2",) * 2]
    assert statuses == [200, 200, 429, 200, 429]
    page = send(Client(REMOTE_ADDR="10.0.0.1")).content.decode()
    assert SECRET in page  # the words are not lost
    assert Signal.objects.count() == 3


@pytest.mark.parametrize(
    "wrong", [{"sender_kind": "hacker"}, {"region": ""}, {"narrative": ""}, {"narrative": "x" * 5001}, {"name": ""}]
)
def test_wrong_input_is_named_beside_its_field_and_stores_nothing(
    wrong: dict[str, str], agencies: dict[str, Agency]
) -> None:
    page = send(Client(), **wrong).content.decode()
    assert 'role="alert"' in page
    assert f'href="#id_{next(iter(wrong))}"' in page
    assert not Signal.objects.exists()


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_page_works_without_a_script_and_is_below_20_kb(language: str) -> None:
    """The page with its style sheets, as the server sends them; the only script makes leaving quicker."""
    page = Client().get(f"/{language}/initial-report/").content
    styles = [str(finders.find(f"{name}.css")) for name in ("publishing/help", "intake/public_report")]
    sent = len(gzip.compress(page)) + sum(len(open(path, "rb").read()) for path in styles)  # noqa: SIM115
    assert sent < 20_000
    text = page.decode()
    assert re.findall(r"<script[^>]*>", text) == [
        text[text.index("<script") : text.index(">", text.index("<script")) + 1]
    ]
    assert "onclick" not in text
    assert "wikipedia.org" in text


def test_the_numbers_are_marked_while_no_lawyer_has_confirmed_them() -> None:
    assert not active().hotline.confirmed
    assert Client().get(PAGE).content.decode().count("number not confirmed") == 2 + len(active().phones)


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
def test_the_paper_form_names_every_field_and_kind_of_sender(language: str, settings: Any) -> None:
    reader = PdfReader(BytesIO(to_pdf(language)))
    text = "".join("".join(page.extract_text() for page in reader.pages).split())
    assert len(reader.pages) <= 2
    assert reader.trailer["/Root"]["/Lang"].startswith(language)
    assert reader.trailer["/Root"]["/MarkInfo"]["/Marked"]
    mark = {"kk": "нөміррасталмаған", "ru": "номернеподтверждён", "en": "numbernotconfirmed"}[language]
    for phone in (active().hotline, active().emergency, *active().phones):
        assert f"{phone.number}({mark})" in text
    for kind in list_sender_kinds():
        assert "".join(codes.label("agency_kind", kind, language).split()) in text, kind


def test_a_worker_enters_a_paper_and_the_receiver_sees_the_sender(
    agencies: dict[str, Agency], sign_in: Any, make_user: Any
) -> None:
    worker = sign_in(make_user("caseworker", agency=agencies["centre-19"]))
    paper = {name: value for name, value in REPORT.items() if name != "receiver"}
    paper |= {"to_agency": str(agencies["police-19"].pk)}
    paper |= day_inputs("received_on", date(2026, 3, 5))
    answer = worker.post("/en/work/signals/paper/", paper, follow=True)
    signal = Signal.objects.get()
    assert signal.reference in answer.content.decode()
    assert (signal.from_agency.code, signal.to_agency.code, signal.outside.way) == ("centre-19", "police-19", "paper")
    assert signal.received_at.date().isoformat() == "2026-03-05"
    # the centre follows the state and reads neither text nor contact
    assert SECRET not in worker.get(f"/en/work/signals/{signal.pk}/sent/").content.decode()
    assert worker.get(f"/en/work/signals/{signal.pk}/").status_code == 404
    reader = sign_in(make_user("identifying_officer", agency=agencies["police-19"]))
    page = reader.get(f"/en/work/signals/{signal.pk}/").content.decode()
    for shown in ("School 5", "+7 701 000 00 00", SECRET, "on paper", "centre-19 en"):
        assert shown in page
