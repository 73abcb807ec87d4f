"""No response reveals another agency's record.

Every page, form, search, export and API call is asked in two states of the register. The states differ only in records
of an agency that shares nothing: records of a person whom the own agency knows too, and of a person whom it does not
know. Status, headers, bytes, statements and audit events must be equal, except where `ENTITLED` says who may see more.

Without `make thorough`, a part of the pages is asked by one role in one language, and a part of the forms is sent.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from itertools import product
from typing import Any
from uuid import UUID

import pytest
from django.db import transaction
from django.test import Client
from django.utils import timezone

from kerege.casework.cases.models.case import ReferenceCounter
from kerege.casework.cases.queries import cases as case_queries
from kerege.casework.cases.queries import document_lookup
from kerege.casework.cases.queries.document_lookup import LookupResult
from kerege.casework.cases.services import registration
from kerege.casework.cases.services.inputs import Registration
from kerege.casework.persons import jobs
from kerege.casework.persons.models import MatchCandidate
from kerege.casework.vault.queries import identities as vault
from kerege.core import audit
from kerege.core.accounts.models import Role
from kerege.core.authorization import Actor, session_scope
from kerege.core.integrations import services as integrations
from kerege.core.integrations.scopes import SCOPES
from tests.casework.cases.pages import empty
from tests.casework.conftest import identity
from tests.core.urlconf import Page
from tests.django_fixtures import get_agency
from tests.safety.canaries import FAMILY, GIVEN, LATIN, PHONE, TYPED, words
from tests.safety.entitlements import ENTITLED, NATIONAL_ROLES, OF_NO_AGENCY
from tests.safety.filling import forms_of
from tests.safety.test_access_matrix import POST_ONLY, granted
from tests.safety.two_registers import STATE, Asked, Restart, Seen, changed_lines, holding_still, see, start_counters
from tests.safety.world import DAY, OPERATOR, Things, address, furnish, parameters, staff_pages

THOROUGH = bool(os.environ.get("KEREGE_THOROUGH"))
# every page in every role and language: 8 minutes on SQLite, 25 on PostgreSQL
pytestmark = [pytest.mark.django_db, *([pytest.mark.timeout(3600)] if THOROUGH else [])]
LANGUAGES = ("en", "kk", "ru") if THOROUGH else ("en",)
SYSTEM = "system"
# a person whom only the other agency knows; the name is written in four ways, and no search may depend on it
STRANGER_DOCUMENT = "N44556677"
STRANGER = identity(
    "Сәрсенбаева",
    "Гүлнар",
    birth_date="1991-04-02",
    documents=[{"kind": "passport", "number": STRANGER_DOCUMENT, "country": "KZ", "verified": True}],
    phones=["+7 701 222 33 44"],
)
NAMESAKES = 5
# their forms are always sent
AT_RISK = {"assistance:handover", "cases:erasure-ask", "persons:merge", "persons:review", "persons:undo"}
SPELLINGS = (
    "Сәрсенбаева Гүлнар",
    "Сарсенбаева",
    "Sarsenbayeva Gulnar",
    "гульнар",
    "+77012223344",
    FAMILY,
    LATIN,
    PHONE,
)


@dataclass(frozen=True)
class World:
    """The own agency's rows and its browsers by role; `system` holds a token."""

    own: Things
    browsers: Mapping[str, Client]
    restart: Restart

    def see_all(self, requests: Iterable[Asked]) -> dict[Asked, Seen]:
        """Send every request from the present state."""
        return {asked: see(asked, self.browsers[asked.who], self.restart) for asked in requests}


@pytest.fixture
def register(own: Things, make_user: Any, sign_in: Any, monkeypatch: Any) -> Iterator[World]:
    """Return the register without the other agency's records, its clock and random bytes held still."""
    get_agency("closed", "ngo")
    browsers = {role: sign_in(make_user(role), Client()) for role in Role.values}
    administrator = Actor("t", agency_id=own.agency.pk, roles=frozenset({"administrator"}))
    row, token = integrations.issue(administrator, own.agency, "Register", list(SCOPES), 30)
    integrations.confirm(Actor.system("tests"), row)
    browsers[SYSTEM] = Client(headers={"authorization": f"Bearer {token}", "idempotency-key": "k"})
    run_jobs()
    with holding_still(monkeypatch) as restart:
        yield World(own, browsers, restart)


def run_jobs() -> None:
    """Match the records that wait, then the whole register, as the worker does."""
    jobs.match_queued()
    jobs.match_register(timezone.now())


@contextmanager
def state(world: World, build: Callable[[], Any] = lambda: None) -> Iterator[Any]:
    """Build a state of the register and run its jobs; yield what was built, and undo all at the end."""
    with transaction.atomic():
        start_counters(STATE)
        world.restart("state")
        built = build()
        run_jobs()
        yield built
        transaction.set_rollback(True)


def add_other_agency() -> Things:
    """Add records of an agency that shares nothing: the own agency's person, namesakes, a stranger."""
    closed = get_agency("closed", "ngo")
    things = furnish(closed, get_agency("third", "hotline"), words())
    # so many bearers of the name of the own agency's persons that a weight which counts them would show it
    for number in range(NAMESAKES):
        namesake = words().identity | {"birth_date": f"19{50 + number}-01-02"}
        registration.register(OPERATOR, Registration(closed, namesake, DAY))
    things.more["stranger"] = registration.register(OPERATOR, Registration(closed, STRANGER, DAY))
    return things


def compare(
    world: World, ask_own: Callable[[], dict[Asked, Seen]], other_requests: Callable[[Things], list[Asked]]
) -> dict[Asked, list[str]]:
    """Return the requests whose answers differ between the two states, with the parts that differ.

    `ask_own` is called in the first state, `other_requests` with the other agency's rows.
    """
    with state(world):
        without = ask_own()
    with state(world, add_other_agency) as other:
        requests = [*without, *other_requests(other)]
        beside = world.see_all(requests)
    # the first request to a page may do what later ones do not: it is asked again in the first state
    again = [asked for asked in requests if asked not in without or without[asked] != beside[asked]]
    with state(world):
        without |= world.see_all(again)
    different = [asked for asked in again if without[asked] != beside[asked]]
    for asked in different:
        print(asked, *changed_lines(without[asked], beside[asked]), sep="\n  ")
    return {asked: without[asked].differences(beside[asked]) for asked in different}


def get(where: str) -> Callable[[Client], Any]:
    """Return a request for a page and for those to which it leads."""
    return lambda browser: browser.get(where, follow=True)


def post(where: str, data: Mapping[str, Any]) -> Callable[[Client], Any]:
    """Return a request that sends a form and opens the page to which the answer leads."""
    return lambda browser: browser.post(where, data, follow=True)


def askers(page: Page) -> list[str]:
    """Return the roles that ask for a page.

    All that may open it; without `make thorough` one of them, by the page's name, of an agency rather than national.
    """
    roles = [str(role) for role in Role.values if granted(role, page)]
    of_agency = [role for role in roles if role not in NATIONAL_ROLES] or roles
    return roles if THOROUGH else [of_agency[len(page.name) % len(of_agency)]]


def sample(requests: Iterable[Asked], every: int) -> list[Asked]:
    """Return all requests; without `make thorough` those of the pages at risk, and one of `every` others."""
    return [
        asked
        for number, asked in enumerate(requests)
        if THOROUGH or number % every == 0 or asked.name.split()[0] in AT_RISK
    ]


def readings(world: World) -> Iterator[Asked]:
    """Yield requests for every page about the own agency's rows."""
    for page in (page for page in staff_pages() if page.name not in POST_ONLY):
        for role, language in product(askers(page), LANGUAGES):
            yield Asked(role, f"{page.name} {language}", get(address(page, world.own, language)))


def hidden_readings(other: Things) -> Iterator[Asked]:
    """Yield requests for every page about the other agency's rows, which are absent in the first state."""
    for page in (page for page in staff_pages() if parameters(page) and not page.name.startswith(OF_NO_AGENCY)):
        for role in askers(page):
            send = post(address(page, other), {}) if page.name in POST_ONLY else get(address(page, other))
            yield Asked(role, f"{page.name} other", send)


def writings(world: World, answers: Mapping[Asked, Seen]) -> Iterator[Asked]:
    """Yield every form of the pages that answered, filled in."""
    places = {page.name: address(page, world.own) for page in staff_pages()}
    sent: set[tuple[str, str]] = set()
    for asked, seen in answers.items():
        page = asked.name.split()[0]
        for form in forms_of(seen.body.decode(errors="replace")):
            where = form.action or places[page]
            if "/account/" not in where and (asked.who, where) not in sent:
                sent.add((asked.who, where))
                yield Asked(asked.who, f"{page} form {where}", post(where, form.filled("valid", TYPED)))


def searches(world: World, other: Things) -> Iterator[Asked]:
    """Yield what a user can look up of persons and records that only the other agency knows."""
    birth = {"birth_day": "2", "birth_month": "4", "birth_year": "1991"}
    paper = {"document_kind": "passport", "document_number": STRANGER_DOCUMENT, "document_country": "KZ"}
    named = empty(family="Сарсенбаева", given="Гульнара", **birth, **paper)
    references = [
        other.named("stranger").reference,
        other.case.reference,
        other.signal.reference,
        other.named("sent").reference,
    ]
    for role in ("caseworker", "supervisor", "identifying_officer") if THOROUGH else ("caseworker",):
        for text in (*SPELLINGS, *references):
            yield Asked(role, f"cases:search {text}", post("/en/work/search/", {"text": text}))
        yield Asked(role, "cases:search document", post("/en/work/search/", {"text": STRANGER_DOCUMENT}))
    yield Asked("caseworker", "cases:register stranger", post("/en/work/register/", named))
    known = empty(family=FAMILY, given=GIVEN, birth_day="17", birth_month="5", birth_year="1996")
    yield Asked("caseworker", "cases:register known", post("/en/work/register/", known))
    yield Asked(
        "caseworker", "intake:look-up", post("/en/work/signals/look-up/", {"reference": other.signal.reference})
    )
    for key, text in (("reference", references[0]), ("document", STRANGER_DOCUMENT), ("name", SPELLINGS[0])):
        form = {"key": key, "text": text, "birth_year": "1991", "urgency": "normal"}
        yield Asked("supervisor", f"assistance:request-transfer {key}", post("/en/work/transfers/new/", form))
    for number in (references[0], STRANGER_DOCUMENT):
        form = {"number": number, "kind": "medical", "reason": "x"}
        yield Asked("caseworker", f"cases:emergency-open {number}", post("/en/work/emergency/", form))
    find_twin = post(f"/en/work/cases/{world.own.case.pk}/same/", {"number": references[1]})
    yield Asked("caseworker", "persons:find-twin reference", find_twin)


def calls(world: World, other: Things) -> Iterator[Asked]:
    """Yield every call of the API, about own and the other agency's rows."""
    own, case = world.own, world.own.case
    row = {"cas_Id": "c-9", "prs_Id": "p-9", "prs_FirstName": "Гүлнар", "prs_SecondName": "Сәрсенбаева"}
    referral = {"to_agency": "third", "services": ["shelter"], "legal_basis": "x", "categories": []}
    answer, reason = {"state": "accepted"}, {"reason": "other"}
    lists_ = ("agencies", "signals", "signals/inbox", "referrals", "referrals/?box=sent", "records", "records/?limit=1")
    paths = [name if "?" in name else f"{name}/" for name in lists_]
    for things in (own, other):
        paths += [f"signals/{things.named('outgoing').reference}", f"referrals/{things.referral.reference}"]
    for path in paths:
        yield Asked(SYSTEM, f"GET {path}", lambda system, path=path: system.get(f"/api/v1/{path}"))
    bodies: list[tuple[str, dict[str, Any]]] = [
        ("signals/", {"to_agency": "third", "channel": "hotline", "narrative": "x"}),
        ("records/", {"records": [row]}),
        ("records/?dry_run=true", {"records": [row]}),
        ("referrals/", referral | {"case": case.reference}),
        ("referrals/", referral | {"case": other.case.reference}),
    ]
    for things in (own, other):
        bodies += [
            (f"referrals/{things.referral.reference}/answer", answer),
            (f"referrals/{things.named('sent').reference}/withdraw", reason),
        ]
    for path, body in bodies:
        yield Asked(SYSTEM, f"POST {path} {body.get('case', '')}", partial(call, path=path, body=body))


def call(system: Client, path: str, body: dict[str, Any]) -> Any:
    """Send a body to an address of the API."""
    return system.post(f"/api/v1/{path}", json.dumps(body), content_type="application/json")


def list_own_pairs(world: World) -> list[dict[str, Any]]:
    """Return what the machine says of the own agency's pairs, to the last bit."""
    columns = ("pk", "weight", "probability", "parts", "levels", "risks", "state")
    return list(MatchCandidate.objects.filter(agency=world.own.agency).order_by("pk").values(*columns))


def test_no_response_reveals_another_agencys_record(register: World) -> None:
    pairs: list[list[dict[str, Any]]] = []

    def ask_own() -> dict[Asked, Seen]:
        pairs.append(list_own_pairs(register))
        answers = register.see_all(sample(readings(register), 5))
        return answers | register.see_all(sample(writings(register, answers), 20))

    def other_requests(other: Things) -> list[Asked]:
        pairs.append(list_own_pairs(register))
        return [*sample(hidden_readings(other), 9), *searches(register, other), *calls(register, other)]

    differences = compare(register, ask_own, other_requests)
    assert pairs[0]
    assert pairs[0] == pairs[1]
    covered = {asked: [one for one in ENTITLED if one.covers(asked)] for asked in differences}
    assert {str(asked): differences[asked] for asked, reasons in covered.items() if not reasons} == {}
    # the search by document number is always asked: that it differs shows that the comparison sees differences
    assert any(asked.name == "cases:search document" for asked in covered)
    if THOROUGH:
        assert [one for one in ENTITLED if one not in {reason for some in covered.values() for reason in some}] == []


def test_a_leak_that_is_built_in_is_found(register: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The comparison would be worth nothing if it could not fail."""
    by_statement, by_audit, by_answer = SPELLINGS[:3]
    search, look_up = case_queries.search, document_lookup.look_up_document

    def find_everywhere(text: str) -> list[UUID]:
        with session_scope.bypass_row_security("a planted leak reads the records of all agencies"):
            return list(vault.by_name(text))

    def leaking_search(actor: Actor, text: str) -> Any:
        matches = find_everywhere(text)
        if matches and text == by_statement:
            ReferenceCounter.objects.exists()
        if text == by_audit:
            audit.note(matches=len(matches))
        return search(actor, text)

    def leaking_look_up(actor: Actor, text: str) -> LookupResult:
        is_known = text == by_answer and bool(find_everywhere(text))
        return LookupResult.KNOWN if is_known else look_up(actor, text)

    monkeypatch.setattr(case_queries, "search", leaking_search)
    monkeypatch.setattr(document_lookup, "look_up_document", leaking_look_up)
    requests = [Asked("caseworker", text, post("/en/work/search/", {"text": text})) for text in SPELLINGS[:4]]
    differences = compare(register, lambda: register.see_all(requests), lambda other: [])
    assert {asked.name: parts for asked, parts in differences.items()} == {
        by_statement: ["statements"],
        by_audit: ["audit"],
        by_answer: ["headers", "body"],
    }
