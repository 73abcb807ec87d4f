"""No name of a person leaves the system.

Checked are logs, addresses, titles, error pages, cookies, headers and rows.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Iterator
from itertools import product
from typing import Any

import pytest
import structlog
from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from kerege.casework.cases import identity_mapping
from kerege.coordination.commissions.models import AgendaItem, Commission, Meeting, Resolution, ResolutionBody
from kerege.coordination.measures.models import (
    BodyName,
    Measure,
    MeasureChange,
    MeasurePlan,
    MeasureReport,
    PlanPublication,
)
from kerege.coordination.risk.models import RiskFactor, RiskJudgement, RiskRound
from kerege.core import audit
from kerege.core.accounts.models import Agency, Role
from kerege.core.audit.models import AuditEvent
from tests.core.urlconf import Page, pages
from tests.safety.canaries import FAMILY, TYPED, words
from tests.safety.filling import Form, forms_of
from tests.safety.test_access_matrix import NAMING, granted
from tests.safety.watch import Watch, watching
from tests.safety.world import Things, address, staff_pages
from tests.web.dates import wrong_dates

pytestmark = pytest.mark.django_db
LANGUAGES = ("kk", "ru", "en")
# they end the session, or name staff and registers, who are not victims
LEAVE_OUT = ("/account/", "/work/crimes/")
# texts about acts, bodies and regions are stored as written; their forms refuse references and numbers of documents
AS_WRITTEN = (
    *(Commission, Meeting, AgendaItem, Resolution, ResolutionBody),
    *(MeasurePlan, Measure, MeasureReport, MeasureChange, PlanPublication, BodyName),
    *(RiskRound, RiskFactor, RiskJudgement),
)


@pytest.fixture
def named(make_case: Callable[..., Any]) -> None:
    """Name the person of a case of the centre by canaries."""
    make_case(person=words().identity)


@pytest.fixture
def client() -> Client:
    """Return a browser that shows a broken page instead of failing the test."""
    return Client(raise_request_exception=False)


def test_reading_every_page_in_every_language_gives_nobody_away(
    world: dict[str, Things | None], make_user: Any, sign_in: Any, monkeypatch: Any
) -> None:
    dates: list[tuple[str, str, list[str]]] = []
    with watching(monkeypatch) as watch:
        for role in Role.values:
            browser = sign_in(make_user(role), Client(raise_request_exception=False))
            for page, whose, language in readings(role):
                answer = browser.get(address(page, world[whose], language))
                assert answer.status_code != 500, page.name
                if answer["Content-Type"].startswith("text/html"):
                    dates.append((page.name, language, wrong_dates(answer.content.decode(), language)))
                watch.response(f"{role} {language} {page.name}", answer, may_name=role in NAMING and whose == "own")
        watch.database()
    assert watch.records
    # checked here, since a second reading of all pages takes half a minute: each date is in the format of its language
    assert [(name, language, wrong) for name, language, wrong in dates if wrong] == []


def readings(role: str) -> Iterator[tuple[Page, str, str]]:
    """Return what the role is the first to open, in the languages that the access matrix leaves out.

    Without `make thorough`, a page of staff is opened in one of them. Pages for everybody are also asked about another
    agency's things.
    """
    staff = {page.name for page in staff_pages()}
    own_pages = [page for page in pages() if not page.of_library and page.action != "token"]
    for number, page in enumerate(own_pages):
        readers = [reader for reader in Role.values if page.action == "public" or granted(reader, page)]
        if role in readers[:1]:
            of_staff = page.name in staff
            others = [language for language in LANGUAGES if language != "ru"]
            chosen = others if os.environ.get("KEREGE_THOROUGH") else [others[number % len(others)]]
            yield from ((page, "own", language) for language in (chosen if of_staff else LANGUAGES))
            if "pk" in page.pattern and not of_staff:
                yield page, "other", "ru"


# the forms of a first responder are all among those of a caseworker
WRITERS = ("caseworker", "supervisor", "identifying_officer", "coordinator", "secretary")


def fills_in(role: str, page: Page) -> bool:
    """Return whether a page is for this role, and for no writer before it.

    One of them fills in a form.
    """
    return granted(role, page) and not any(granted(before, page) for before in WRITERS[: WRITERS.index(role)])


def manners_of(form: Form, manners: tuple[str, ...]) -> list[str]:
    """Return the manners in which to fill in a form. Only a form with a version can be stale."""
    return [manner for manner in manners if manner != "stale" or "version" in form.kinds]


@pytest.mark.parametrize(
    ("role", "manners"),
    [("caseworker", ("invalid", "stale", "valid")), ("caseworker", ("hostile",)), *product(WRITERS[1:], [("valid",)])],
    ids=lambda value: value if isinstance(value, str) else "-".join(value),
)
def test_filling_in_every_form_gives_nobody_away(
    role: str,
    manners: tuple[str, ...],
    world: dict[str, Things | None],
    make_user: Any,
    sign_in: Any,
    monkeypatch: Any,
    client: Client,
) -> None:
    browser, posted = sign_in(make_user(role)), set()
    with watching(monkeypatch) as watch:
        watch.may_store = {model._meta.db_table: TYPED for model in AS_WRITTEN}
        for page in (page for page in staff_pages() if fills_in(role, page)):
            here = address(page, world["own"])
            shown = browser.get(here)
            assert shown.status_code != 500, page.name
            for form in forms_of(shown.content.decode(errors="replace")):
                where = form.action or here
                if any(part in where for part in LEAVE_OUT) or where in posted:
                    continue
                posted.add(where)
                for manner in manners_of(form, manners):
                    # one opened form is sent in several manners: all that the last one did not write is undone
                    with transaction.atomic():
                        answer = browser.post(where, form.filled(manner, TYPED))
                        transaction.set_rollback(manner != manners[-1])
                    assert answer.status_code in {200, 302, 404, 409}, (where, answer.status_code)
                    watch.response(f"{role} POST {page.name} {manner}", answer)
        watch.database()
    assert posted


def searched(browser: Client, what: str = FAMILY) -> Any:
    """Search for a text as typed."""
    return browser.post("/en/work/search/", {"text": what})


def test_a_broken_page_says_nothing_of_what_broke_it(
    named: None, make_user: Any, sign_in: Any, monkeypatch: Any, client: Client
) -> None:
    browser = sign_in(make_user("caseworker"))

    def broken(identity: Any) -> str:
        raise ValueError(f"cannot read {identity}")

    monkeypatch.setattr(identity_mapping, "birth_year", broken)
    with watching(monkeypatch) as watch:
        watch.arguments_count = False
        for answer in (browser.get("/kk/work/cases/"), searched(browser)):
            assert answer.status_code == 500
            watch.response("broken page", answer)
        watch.database()


def test_a_forged_form_is_refused_without_repeating_it(
    named: None, make_user: Any, monkeypatch: Any, sign_in: Any, client: Client
) -> None:
    sign_in(make_user("caseworker"))
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    with watching(monkeypatch) as watch:
        for language in LANGUAGES:
            answer = strict.post(f"/{language}/work/search/", {"text": FAMILY})
            assert answer.status_code == 403
            watch.response("forged", answer)
        watch.database()
    assert AuditEvent.objects.filter(action="pages.forged", outcome="refused").count() == len(LANGUAGES)
    assert Client(enforce_csrf_checks=True).post("/en/work/search/", {"text": FAMILY}).status_code == 403
    assert AuditEvent.objects.filter(action="pages.forged").count() == len(LANGUAGES), "a stranger fills no log"


def test_what_is_refused_is_not_repeated(world: Any, make_user: Any, sign_in: Any, monkeypatch: Any) -> None:
    worker, publisher = (sign_in(make_user(role), Client()) for role in ("caseworker", "publisher"))
    typed = {"text": FAMILY, "family": FAMILY}
    ask: dict[int, Callable[[str], Any]] = {
        400: lambda lang: worker.post(f"/{lang}/work/search/", typed, headers={"host": "elsewhere.example"}),
        403: lambda lang: publisher.post(f"/{lang}/work/search/", typed),
        404: lambda lang: worker.post(address_of_other(world, lang), typed),
        405: lambda lang: worker.post(f"/{lang}/work/cases/", typed),
    }
    with watching(monkeypatch) as watch:
        for status, language in product(ask, LANGUAGES):
            answer = ask[status](language)
            assert answer.status_code == status
            watch.response(str(status), answer)
        watch.database()


def address_of_other(world: dict[str, Things | None], language: str) -> str:
    """Return the address of the form that changes a person of another agency."""
    page = next(page for page in staff_pages() if page.name == "cases:edit-identity")
    return address(page, world["other"], language)


def test_a_name_that_somebody_typed_into_an_address_stays_out_of_the_log(
    make_user: Any, sign_in: Any, monkeypatch: Any, client: Client
) -> None:
    browser = sign_in(make_user("caseworker"))
    with watching(monkeypatch) as watch:
        watch.arguments_count = False
        for place in (
            f"/en/work/{FAMILY}/",
            f"/en/work/cases/?status={FAMILY}",
            f"/{FAMILY}",
            f"/en/work/cases/{FAMILY}",
        ):
            browser.get(place)
        watch.database()


def showing(monkeypatch: Any, leak: Callable[[str], Any]) -> None:
    """Send every name that a page shows through the leak too."""
    before = identity_mapping.display

    def display(identity: Any) -> str:
        name = before(identity)
        leak(name)
        return name

    monkeypatch.setattr(identity_mapping, "display", display)


def leak_into_log(monkeypatch: Any) -> None:
    showing(monkeypatch, lambda name: logging.getLogger("kerege").debug("shows %s", name))


def leak_into_structured_log(monkeypatch: Any) -> None:
    showing(monkeypatch, structlog.get_logger("kerege").info)


def leak_into_audit(monkeypatch: Any) -> None:
    showing(monkeypatch, lambda name: audit.note(shown=name))


def leak_into_row_that_changes(monkeypatch: Any) -> None:
    def write(name: str) -> None:
        for text in (name, "Centre"):
            Agency.objects.update(names={"en": text})

    showing(monkeypatch, write)


def leak_into_title(monkeypatch: Any) -> None:
    before = Watch.response

    def with_title(self: Watch, where: str, answer: Any, **options: Any) -> None:
        answer.content = answer.content.replace(b"<title>", f"<title>{FAMILY} ".encode())
        before(self, where, answer, **options)

    monkeypatch.setattr(Watch, "response", with_title)


def leak_into_header(monkeypatch: Any) -> None:
    before = Watch.response

    def with_header(self: Watch, where: str, answer: Any, **options: Any) -> None:
        answer["Location"] = f"{reverse('cases:list')}?name={FAMILY.encode().hex()}"
        before(self, where, answer, **options)

    monkeypatch.setattr(Watch, "response", with_header)


@pytest.mark.parametrize(
    "leak",
    [
        leak_into_log,
        leak_into_structured_log,
        leak_into_audit,
        leak_into_row_that_changes,
        leak_into_title,
        leak_into_header,
    ],
)
def test_a_leak_that_is_built_in_is_found(
    leak: Callable[[Any], None], named: None, make_user: Any, sign_in: Any, monkeypatch: Any, client: Client
) -> None:
    """These tests would be worth nothing if they could not fail."""
    browser = sign_in(make_user("caseworker"))
    leak(monkeypatch)
    with pytest.raises(AssertionError, match=FAMILY), watching(monkeypatch) as watch:
        watch.response("list", browser.get("/en/work/cases/"))
        watch.database()


def test_sessions_and_tasks_live_where_the_watch_looks() -> None:
    assert settings.SESSION_ENGINE == "django.contrib.sessions.backends.db"
    assert settings.TASKS["default"]["BACKEND"] == "django_tasks_db.DatabaseBackend"
