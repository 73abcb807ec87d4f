"""Answer of every staff page to every role.

Each page is asked about own rows, shared rows, another agency's rows, and a row that does not exist. No answer gives a
name away.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from itertools import groupby, product
from typing import Any

import pytest
from django.test import Client
from django.urls import path

from kerege.core.accounts.models import Agency, Role
from kerege.core.authorization import rules as registry
from tests.core import urlconf
from tests.core.urlconf import Page
from tests.safety.watch import watching
from tests.safety.world import MODULES, Things, address, parameters, staff_pages

pytestmark = pytest.mark.django_db


def list_names(name: str) -> set[str]:
    """Return what the topics say of their pages under a name."""
    return set().union(*(getattr(module, name, ()) for module in MODULES))


BY_SHARE, POST_ONLY, READ_ONLY = list_names("BY_SHARE"), list_names("POST_ONLY"), list_names("READ_ONLY")
NARROWER, EVERYWHERE = list_names("NARROWER"), list_names("EVERYWHERE")
CASEWORK = {"caseworker", "supervisor", "identifying_officer"}
# pages that an administrator above an agency may open or confirm
ABOVE = {("administrator", name) for name in ("accounts:edit-agency", "accounts:close-agency", "systems:confirm")}
MOVE = "accounts:move-agency"  # of an agency below another one: by the administrators above it alone
ABOVE |= {("administrator", MOVE)}
NAMING = {*CASEWORK, "coordinator"}  # roles that read names
NOT_THERE, NOT_ALLOWED, NO_SUCH_METHOD = 404, 403, 405
OPEN = {200, 302}


def granted(role: str, page: Page) -> bool:
    """Return whether the declared rules allow the role the action of the page on any row."""
    return any(role in {str(held) for held in grant.roles} for grant in registry.rules.get(page.action).grants)


def refused(role: str) -> dict[str, Page]:
    """Return one page for each action that the declared rules refuse the role."""
    return {page.action: page for page in staff_pages() if not granted(role, page)}


def first_to_open(page: Page) -> str:
    """Return the first role that may open the page."""
    return next(role for role in Role.values if granted(role, page))


def expected(role: str, page: Page, whose: str, everywhere: set[tuple[str, str]] = EVERYWHERE) -> set[int]:
    """Return the answer of a page to a GET."""
    if not granted(role, page):
        return {NOT_ALLOWED}
    if page.name in POST_ONLY:
        return {NO_SUCH_METHOD}
    if not parameters(page) or (whose == "own" and (role, page.name) not in NARROWER):
        return OPEN
    if whose == "shared" and (page.name in BY_SHARE or (role, page.name) in BY_SHARE):
        return OPEN
    return OPEN if whose != "none" and (role, page.name) in everywhere else {NOT_THERE}


def test_a_role_opens_what_the_rules_declare_and_no_answer_gives_a_name_away(
    world: dict[str, Things | None], make_user: Any, sign_in: Any, monkeypatch: Any
) -> None:
    openings = [(role, page, whose) for role in Role.values for page, whose in list_openings(role, world)]
    asked = check_openings(openings, world, lambda role: sign_in(make_user(role), Client()), monkeypatch)
    assert asked == POST_ONLY


def check_openings(
    openings: Iterable[tuple[str, Page, str]],
    world: dict[str, Things | None],
    enter: Callable[[str], Client],
    monkeypatch: Any,
    everywhere: set[tuple[str, str]] = EVERYWHERE,
) -> set[str]:
    """Ask for pages as roles about rows of agencies; compare the answers with the rules. Watch for names.

    Return the pages that take no GET.
    """
    wrong, post_only = [], set()
    with watching(monkeypatch) as watch:
        for role, requests in groupby(openings, key=lambda opening: opening[0]):
            client = enter(role)
            for _role, page, whose in requests:
                answer = client.get(address(page, world[whose], "ru"))
                if answer.status_code not in expected(role, page, whose, everywhere):
                    wrong.append((role, page.name, whose, answer.status_code))
                if answer.status_code == NO_SUCH_METHOD:
                    post_only.add(page.name)
                may_name = role in NAMING and whose in {"own", "shared"}
                watch.response(f"{role} {whose} {page.name}", answer, may_name=may_name)
        watch.database()
    assert watch.records
    assert wrong == []
    return post_only


@pytest.mark.parametrize("whose", ["child", "parent"])
def test_an_administrator_above_or_below_opens_only_their_own_agency(
    whose: str, world: dict[str, Things | None], make_user: Any, sign_in: Any, monkeypatch: Any
) -> None:
    seen = join_agencies(world, whose)
    listed = list_openings("administrator", seen)
    hidden = (MOVE, "own", "child")
    openings = [("administrator", page, row) for page, row in listed if (page.name, row, whose) != hidden]
    everywhere = EVERYWHERE | ABOVE if whose == "parent" else EVERYWHERE
    check_openings(openings, seen, lambda role: enter_agency(seen, role, make_user, sign_in), monkeypatch, everywhere)


@pytest.mark.parametrize("whose", ["child", "parent"])
def test_an_administrator_above_or_below_changes_nothing_of_the_other_agency(
    whose: str, world: dict[str, Things | None], make_user: Any, sign_in: Any
) -> None:
    seen = join_agencies(world, whose)
    client = enter_agency(seen, "administrator", make_user, sign_in)
    allowed = {name for _, name in ABOVE} if whose == "parent" else set()
    pages = [page for page in staff_pages() if parameters(page) and granted("administrator", page)]
    pages = [page for page in pages if page.name not in allowed]
    assert pages
    for page in pages:
        assert client.post(address(page, seen["other"]), FORGED).status_code == NOT_THERE, page.name


# fields of the forms of an administrator: a role, a link, an address, the end of the roles
FORGED = {"roles": ["coordinator"], "reason": "x", "link": "1", "address": "1", "email": "x@example.org", "remove": "1"}


def join_agencies(world: dict[str, Things | None], whose: str) -> dict[str, Things | None]:
    """Put the own agency below the closed one; return the world as an administrator of one sees it."""
    child, parent = world["own"], world["other"]
    assert child is not None
    assert parent is not None
    Agency.objects.filter(pk=child.agency.pk).update(parent=parent.agency)
    own, other = (child, parent) if whose == "child" else (parent, child)
    return {"own": own, "other": other, "none": None}


def enter_agency(world: dict[str, Things | None], role: str, make_user: Any, sign_in: Any) -> Client:
    """Return the browser of a user with a role in the own agency of a world."""
    own = world["own"]
    assert own is not None
    browser: Client = sign_in(make_user(role, agency=own.agency), Client())
    return browser


def list_openings(role: str, world: Iterable[str]) -> Iterator[tuple[Page, str]]:
    """Yield the requests of a role: all that it may do, about everything.

    Of what the rules refuse it, one page of each app is asked. A missing row is asked for by the first role of a page,
    and a page that only changes something is asked once. The proof in `benchmarks/proofs` leaves nothing out.
    """
    of_apps = {action.partition(".")[0]: page for action, page in refused(role).items()}
    yield from ((page, "own") for page in of_apps.values())
    for page in (page for page in staff_pages() if granted(role, page)):
        several = parameters(page) and page.name not in POST_ONLY
        for whose in world if several else ["own"]:
            if whose != "none" or role == first_to_open(page):
                yield page, whose


def list_all_openings(role: str, world: Iterable[str]) -> Iterator[tuple[Page, str]]:
    """Yield every request of a role: of what the rules refuse it, one page of each action."""
    yield from ((page, "own") for page in refused(role).values())
    for page in (page for page in staff_pages() if granted(role, page)):
        yield from ((page, whose) for whose in (world if parameters(page) else ["own"]))


def test_what_only_changes_something_changes_nothing_of_another_agency(
    world: dict[str, Things | None], make_user: Any, sign_in: Any
) -> None:
    wrong = []
    for role in (role for role in Role.values if role != "auditor"):
        client = sign_in(make_user(role), Client())
        pages = [page for page in staff_pages() if parameters(page) and granted(role, page)]
        changing = [page for page in pages if page.name not in {*BY_SHARE, *READ_ONLY}]
        for page, whose in product(changing, ["shared", "other"] if role in CASEWORK else ["other"]):
            if (role, page.name) in EVERYWHERE or (whose == "shared" and (role, page.name) in BY_SHARE):
                continue
            status = client.post(address(page, world[whose])).status_code
            if status != NOT_THERE:
                wrong.append((role, page.name, whose, status))
    assert wrong == []


def test_a_stranger_is_led_to_the_sign_in_from_every_page(own: Things) -> None:
    for page in staff_pages():
        for send in (Client().get, Client().post):
            answer = send(address(page, own))
            assert answer.status_code == 302, page.name
            assert answer["Location"].startswith("/en/account/login/?next=%2Fen%2F"), page.name


def test_whoever_has_no_role_opens_nothing(own: Things, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user())
    for page, send in product(staff_pages(), (client.get, client.post)):
        assert send(address(page, own)).status_code == NOT_ALLOWED, page.name


def test_without_a_second_factor_no_page_opens(own: Things, make_user: Any, client: Any) -> None:
    client.force_login(make_user(*Role.values), backend="allauth.account.auth_backends.AuthenticationBackend")
    for page in staff_pages():
        if page.name not in {"accounts:agency", "account_set_password"}:  # both are pages of the account itself
            assert client.get(address(page, own))["Location"].startswith("/en/account/2fa/"), page.name


def test_an_administrator_sees_no_case(own: Things, make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("administrator"))
    for page in (page for page in staff_pages() if granted("administrator", page)):
        assert own.case.reference not in client.get(address(page, own)).content.decode(), page.name


def test_a_view_that_declares_nothing_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    """The check of every view would be worth nothing if it could not fail."""
    undeclared = path("forgotten/", lambda request: None, name="forgotten")  # type: ignore[arg-type, return-value]
    monkeypatch.setattr(urlconf, "get_resolver", lambda: type("resolver", (), {"url_patterns": [undeclared]}))
    assert [(page.name, page.action) for page in urlconf.pages()] == [("forgotten", "")]
