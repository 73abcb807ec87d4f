"""Search of the audit log.

It has filters, an export after reauthentication, and a record of the auditor's own reads.
"""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any
from unittest.mock import ANY

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from kerege.core import audit
from kerege.core.audit import search
from kerege.core.audit.models import AuditEvent
from kerege.core.audit.search import AuditFilter
from kerege.core.authorization import Actor, Denied
from kerege.core.jobs.scheduler import run_due
from tests.core.audit.test_audit import tamper
from tests.django_fixtures import just_now

pytestmark = [pytest.mark.django_db, pytest.mark.db]
PAGE, FILE = "/en/work/audit/", "/en/work/audit/export/"


@pytest.fixture
def events(make_actor: Any) -> Actor:
    """Record events of different kinds; return the actor of some of them."""
    actor = make_actor("caseworker")
    audit.record(actor, "vault.reveal", "identityrecord:7", groups=["birth"])
    audit.record(actor, "cases.view", "case:7")
    audit.record(Actor.system("night"), "vault.erase", "person:9")
    audit.refuse(actor, Denied("cases.view", "case:8"))
    return actor


def found(**filters: Any) -> list[str]:
    """Return actions and targets of the matching events, newest first."""
    return [f"{row.action} {row.target}" for row in search.find(AuditFilter(**filters))]


def test_the_search_filters_by_actor_action_target_and_outcome(events: Actor) -> None:
    name = events.label.partition(":")[2]
    assert len(found(actor=name)) == 3
    assert found(actor="night") == ["vault.erase person:9"]
    assert found(action="vault.reveal") == ["vault.reveal identityrecord:7"]
    assert found(action="vault") == ["vault.erase person:9", "vault.reveal identityrecord:7"]
    assert found(target="7") == ["cases.view case:7", "vault.reveal identityrecord:7"]
    assert found(target="case:8") == ["cases.view case:8"]
    assert found(refused=True) == ["cases.view case:8"]
    assert found(actor=name, refused=True, action="vault") == []


def test_days_begin_and_end_at_local_midnight(events: Actor) -> None:
    today = timezone.localdate()
    assert len(found(first=today, last=today)) == 4
    assert found(last=today - timedelta(days=1)) == []
    assert found(first=today + timedelta(days=1)) == []
    assert len(found(first=date(2020, 1, 1))) == 4


def test_pages_follow_one_another_without_a_gap(make_user: Any, sign_in: Any) -> None:
    for number in range(120):
        audit.record(Actor.system("many"), "test.act", f"thing:{number}")
    client, seen, where = sign_in(make_user("auditor")), [], f"{PAGE}?action=test.act"
    for _page in range(3):
        answer = client.get(where)
        seen += [row.target for row, *_rest in answer.context["rows"]]
        where = f"{PAGE}?action=test.act&before={answer.context['older']}"
    assert seen == [f"thing:{number}" for number in reversed(range(120))]


def test_only_auditors_read_the_log_and_reading_is_recorded(events: Actor, make_user: Any, sign_in: Any) -> None:
    for role in ("caseworker", "administrator", "coordinator"):
        assert sign_in(make_user(role)).get(PAGE).status_code == 403
    page = sign_in(make_user("auditor")).get(f"{PAGE}?action=vault").content.decode()
    assert "vault.erase" in page
    assert "cases.view" not in page.split("<table")[1]
    looked = AuditEvent.objects.get(action="audit.read", outcome="done")
    assert looked.details == {"looked_for": {"action": "vault"}, "acted_as": ["auditor"], "client": ANY}


def test_an_export_needs_reauthentication_and_is_recorded(events: Actor, make_user: Any, sign_in: Any) -> None:
    user = make_user("auditor")
    client = sign_in(user)
    just_now(client, user, ago=301)
    assert "Confirm that it is you" in client.get(f"{FILE}?refused=on").content.decode()
    just_now(client, user)
    answer = client.get(f"{FILE}?refused=on")
    rows = list(csv.DictReader(io.StringIO(answer.content.decode())))
    assert [(row["action"], row["target"], row["outcome"]) for row in rows] == [("cases.view", "case:8", "refused")]
    event = AuditEvent.objects.get(action="audit.export")
    assert event.details == {"rows": 1, "looked_for": {"refused": "True"}, "acted_as": ["auditor"], "client": ANY}


def test_an_exported_cell_is_no_formula(events: Actor) -> None:
    audit.record(Actor("=cmd|x", roles=frozenset()), "test.act")
    assert [line[2] for line in search.csv_rows(search.find(AuditFilter(action="test.act")))][1] == "'=cmd|x"


def test_the_number_of_queries_does_not_depend_on_the_number_of_events(make_user: Any, sign_in: Any) -> None:
    client = sign_in(make_user("auditor"))
    client.get(PAGE)
    counts = []
    for _turn in range(2):
        with CaptureQueriesContext(connection) as queries:
            client.get(PAGE)
        counts.append(len(queries))
        for number in range(30):
            audit.record(Actor.system("many"), "test.act", f"thing:{number}")
    assert counts[0] == counts[1]


def test_the_page_shows_the_daily_verification_and_warns_of_a_broken_chain(
    events: Actor, make_user: Any, sign_in: Any
) -> None:
    client = sign_in(make_user("auditor"))
    assert "has not been checked yet" in client.get(PAGE).content.decode()
    run_due(timezone.now())
    assert "unbroken" in client.get(PAGE).content.decode()
    tamper("UPDATE audit_auditevent SET actor = 'somebody' WHERE seq = 2")
    result = search.check(timezone.now())
    assert (result.ok, result.first_broken) == (False, 2)
    assert "broken at event 2" in client.get(PAGE).content.decode()
