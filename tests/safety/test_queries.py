"""No page asks the database more often because it has more to show.

The same requests check the headers and the forms of the pages, as a user with every role sees them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from itertools import product
from typing import Any, TypeVar

import pytest
from django.db import IntegrityError, connection, models, transaction

from kerege.casework.assistance.models.provision import Interruption, ServiceDelivery
from kerege.casework.assistance.services import contact, provision, referrals
from kerege.casework.cases import page_layout
from kerege.casework.cases.services import shares
from kerege.core.accounts.models import Agency, Role
from tests.safety.headers import Forms
from tests.safety.test_access_matrix import POST_ONLY
from tests.safety.world import DAY, OPERATOR, SUBJECT, Things, Words, address, furnish, parameters, staff_pages

pytestmark = pytest.mark.django_db
Where = TypeVar("Where", str, tuple[str, str])
See = Callable[[Where, Any], None]


@dataclass
class Counter:
    """An execute wrapper of a connection that counts statements."""

    statements: int = 0

    def __call__(self, execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        """Count a statement, then execute it."""
        self.statements += 1
        return execute(sql, params, many, context)


def ask(browser: Any, places: dict[Where, str], see: See[Where] | None = None) -> dict[Where, int]:
    """Return the number of queries of every page that answers 200; `see` gets the answers of all pages."""
    counts = {}
    for where, place in places.items():
        counter = Counter()
        with connection.execute_wrapper(counter):
            answer = browser.get(place)
        if see is not None:
            see(where, answer)
        if answer.status_code == 200:
            counts[where] = counter.statements
    return counts


def pages_that_ask_more(
    browser: Any, places: dict[Where, str], grow: Callable[[], None], see: See[Where] | None = None
) -> tuple[int, dict[Where, tuple[int, int]]]:
    """Return the number of pages, and those that ask more after `grow`: queries before and after.

    The first request to a page may write what later ones do not, such as a sign of life. Therefore the pages are asked
    for with more rows first and with few rows second. A page that asked more is asked for again with few and with more
    rows; a page that asked less is asked for again with few rows.
    """
    with transaction.atomic():
        grow()
        many = ask(browser, places, see)
        transaction.set_rollback(True)
    few = ask(browser, places)
    assert few.keys() == many.keys()
    unequal = {where: places[where] for where in few if few[where] != many[where]}
    few |= {where: min(asked, few[where]) for where, asked in ask(browser, unequal).items()}
    grow()
    suspects = {where: places[where] for where in many if many[where] > few[where]}
    for _again in range(2):
        many |= {where: min(asked, many[where]) for where, asked in ask(browser, suspects).items()}
    return len(few), {where: (few[where], many[where]) for where in few if many[where] > few[where]}


def test_no_list_asks_more_when_it_has_more_rows(make_agency: Callable[..., Any], make_user: Any, sign_in: Any) -> None:
    centre, third = make_agency(), make_agency("third", "hotline")
    things = furnish(centre, third, Words({}))
    browser = sign_in(make_user(*Role.values))
    lists = {page.name: address(page, things) for page in staff_pages() if not parameters(page)}

    def grow() -> None:
        for _more in range(2):
            furnish(centre, third, Words({}))

    forms = Forms()
    count, more = pages_that_ask_more(browser, lists, grow, forms.see)
    assert count > 40
    assert more == {}
    assert Agency.objects.count() == 2
    assert {"cases:register", "intake:new-signal"} <= forms.kept
    assert forms.unkept == set()


def things_of_two_kinds(centre: Agency, third: Agency, sharing: Agency) -> dict[str, Things]:
    """Return the things of the agency, with a referral that it sent, and those another agency shares."""
    own, shared = furnish(centre, third, Words({}, note="x")), furnish(sharing, third, Words({}, note="x"))
    shares.share(OPERATOR, shared.case, centre, "legal", categories=list(shares.grantable(centre)))
    for things in (own, shared):
        contact.log_contact(OPERATOR, things.case, DAY, "call", "reached", "x")
        provision.deliver(OPERATOR, things.service, ServiceDelivery(on=DAY, kind="session"), "x")
        Interruption.objects.create(service=things.service, began_on=DAY, ended_on=DAY)
    draft = referrals.ReferralDraft(own.case, sharing, ["legal_aid"], DAY, legal_basis="x", message="x")
    sent = replace(own, more=own.more | {"referral": referrals.refer(OPERATOR, draft)})
    return {"own": own, "sent": sent, "shared": shared}


def multiply(things: dict[str, Things]) -> None:
    """Double all rows that belong to the things, and the rows that belong to those."""
    seen: set[Any] = set()
    for whose in things:
        for row in rows_of(things[whose]):
            _multiply(row, seen)


def _multiply(row: models.Model, seen: set[Any], depth: int = 2) -> None:
    if row in seen or not depth:
        return
    seen.add(row)
    for relation in row._meta.related_objects:
        model: Any = relation.related_model
        if relation.one_to_many and model.__module__.startswith("kerege."):
            for child in list(model.objects.filter(**{relation.field.name: row})):
                _multiply(child, seen, depth - 1)
                copy(child)


def copy(row: models.Model) -> None:
    """Insert a second copy of the row if a second one can exist."""
    for field in row._meta.concrete_fields:
        if field.unique:
            setattr(row, field.attname, field.get_default())
    row._state.adding = True
    try:
        with transaction.atomic():
            row.save(force_insert=True)
    except IntegrityError:
        return


def rows_of(things: Things) -> Iterator[models.Model]:
    """Yield an agency's rows without the agency itself."""
    named = vars(things) | things.more
    yield from (row for row in named.values() if isinstance(row, models.Model) and not isinstance(row, Agency))


def places_about(things: dict[str, Things]) -> dict[tuple[str, str], str]:
    """Return the addresses of the pages about one thing, every tab of a case for itself."""
    places = {}
    for page in staff_pages():
        if not parameters(page) or page.name in POST_ONLY:
            continue
        tabs = [f"?tab={code}" for code in page_layout.TABS] if page.name == "cases:case" else [""]
        for whose, tab in product(things, tabs):
            if whose != "sent" or SUBJECT.get(page.name) == "referral":
                places[page.name + tab, whose] = address(page, things[whose]) + tab
    return places


def test_no_page_about_one_thing_asks_more_when_more_belongs_to_it(
    make_agency: Callable[..., Any], make_user: Any, sign_in: Any
) -> None:
    things = things_of_two_kinds(make_agency(), make_agency("third", "hotline"), make_agency("sharing", "ngo"))
    browser, case, forms = sign_in(make_user(*Role.values)), things["own"].case, Forms()
    multiply(things)

    def grow() -> None:
        multiply(things)
        for related in ("consents", "notes", "services", "referrals", "tasks", "documents", "assessments", "decisions"):
            assert getattr(case, related).count() >= 4, related

    count, more = pages_that_ask_more(
        browser, places_about(things), grow, lambda where, answer: forms.see(where[0], answer)
    )
    assert count > 80
    assert more == {}
    assert "cases:note" in forms.kept
    assert forms.unkept == set()
