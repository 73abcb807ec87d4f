"""No page asks the database more often because it has more to show."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

import pytest
from django.db import IntegrityError, connection, models, reset_queries, transaction
from django.test.utils import CaptureQueriesContext

from kerege.casework.assistance.models.provision import Interruption, ServiceDelivery
from kerege.casework.assistance.services import contact, provision, referrals
from kerege.casework.cases import page_layout
from kerege.casework.cases.services import shares
from kerege.core.accounts.models import Agency, Role
from tests.safety.test_access_matrix import POST_ONLY
from tests.safety.world import DAY, OPERATOR, SUBJECT, Things, Words, address, furnish, parameters, staff_pages

pytestmark = pytest.mark.django_db


def asked(browser: Any, things: Things, before: dict[str, int] | None = None) -> dict[str, int]:
    """Count the queries of each list: the pages that are about no single thing."""
    lists = [page for page in staff_pages() if not parameters(page)]
    return {page.name: fewest(browser, address(page, things), (before or {}).get(page.name))[1] for page in lists}


def test_no_list_asks_more_when_it_has_more_rows(make_agency: Callable[..., Any], make_user: Any, sign_in: Any) -> None:
    centre, third = make_agency(), make_agency("third", "hotline")
    things = furnish(centre, third, Words({}))
    browser = sign_in(make_user(*Role.values))
    few = asked(browser, things)
    for _more in range(2):
        furnish(centre, third, Words({}))
    many = asked(browser, things, few)
    assert Agency.objects.count() == 2
    assert {name: (few[name], many[name]) for name in few if many[name] > few[name]} == {}


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


def asked_about(
    browser: Any, things: dict[str, Things], before: dict[tuple[str, str], int] | None = None
) -> dict[tuple[str, str], int]:
    """Count the queries of each page about one thing, every tab of a case for itself."""
    queries = {}
    for page in staff_pages():
        if not parameters(page) or page.name in POST_ONLY:
            continue
        addresses = [f"?tab={code}" for code in page_layout.TABS] if page.name == "cases:case" else [""]
        for whose, tab in ((whose, tab) for whose in things for tab in addresses):
            if whose != "sent" or SUBJECT.get(page.name) == "referral":
                where = page.name + tab, whose
                answer, asked = fewest(browser, address(page, things[whose]) + tab, (before or {}).get(where))
                if answer.status_code == 200:
                    queries[where] = asked
    return queries


def fewest(browser: Any, where: str, before: int | None = None) -> tuple[Any, int]:
    """Return the answer of a page and its queries.

    It leaves out queries for occasional writes, such as a sign of life.

    Where it was asked `before`, it is asked again only if that took fewer.
    """
    counts: list[int] = []
    while len(counts) < 2 and not (before is not None and counts and counts[0] <= before):
        reset_queries()  # the log holds so many and no more
        with CaptureQueriesContext(connection) as caught:
            answer = browser.get(where)
        counts.append(len(caught))
    return answer, min(counts)


def test_no_page_about_one_thing_asks_more_when_more_belongs_to_it(
    make_agency: Callable[..., Any], make_user: Any, sign_in: Any
) -> None:
    things = things_of_two_kinds(make_agency(), make_agency("third", "hotline"), make_agency("sharing", "ngo"))
    browser = sign_in(make_user(*Role.values))
    multiply(things)
    few = asked_about(browser, things)
    multiply(things)
    case = things["own"].case
    for related in ("consents", "notes", "services", "referrals", "tasks", "documents", "assessments", "decisions"):
        assert getattr(case, related).count() >= 4, related
    many = asked_about(browser, things, few)
    assert len(few) > 80
    assert {where: (few[where], many[where]) for where in few if many[where] > few[where]} == {}
