"""Row-level security of every table, asked in plain SQL by sessions that the program did not prepare."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from django.apps import apps
from django.db import connection
from django.db.models import Model

from kerege.coordination.measures.models import PlanPublication
from kerege.core.authorization.session_scope import CLOSED, SessionScope
from kerege.core.row_security import policies
from kerege.core.row_security.postgresql.base import SET_SCOPE
from tests.safety.canaries import words
from tests.safety.rows import add_rows
from tests.safety.world import Things, furnish

# Tables without a row about a person or a crime, and why.
FREE = {
    "accounts_": "users, agencies, roles and limits of attempts",
    "account_": "users",
    "auth_": "users",
    "audit_audithead": "a number and a hash; every session appends to the chain",
    "awareness_campaign": "campaigns",
    "cases_referencecounter": "a number",
    "cases_retentionapproval": "kinds of data whose term has ended, and their number",
    "desk_target": "numbers that a programme aims at",
    "django_": "program data; a queued task names ids",
    "jobs_": "times of jobs",
    "mfa_": "users",
    "publishing_": "releases, which are public, and their staff",
    "systems_systemtoken": "a digest; it is looked up before the agency is known",
    "systems_webhook": "an address of another system",
    "usersessions_": "users",
    "vault_sentform": "the id of a form that was saved",
}
MODELS = [model for model in apps.get_models(include_auto_created=True) if model._meta.managed]
GUARDED = {policy.table: policy.model for policy in policies.table_policies()}

Keys = dict[str, set[str]]


@pytest.mark.parametrize("table", sorted({model._meta.db_table for model in MODELS}))
def test_every_table_is_guarded_or_holds_nobody(table: str) -> None:
    assert (table in GUARDED) != any(table.startswith(start) for start in FREE), table


def test_no_reason_is_left_over() -> None:
    tables = {model._meta.db_table for model in MODELS}
    assert [start for start in FREE if not any(table.startswith(start) for table in tables)] == []


def key_of(model: type[Model]) -> str:
    """Return the SQL of a row's key as text."""
    return " || ' ' || ".join(f'"{field.column}"::text' for field in model._meta.pk_fields)


def visible(scope: SessionScope | None) -> Keys:
    """Return the keys of the rows that a raw session sees in each guarded table.

    A scope of None leaves the settings of the session unset.
    """
    with connection.connection.cursor() as cursor:
        if scope is None:
            for name in ("agency", "user", "whole"):
                cursor.execute(f'RESET kerege."{name}"')
        else:
            cursor.execute(SET_SCOPE, [*scope, "0"])
        keys = {}
        for table, model in GUARDED.items():
            cursor.execute(f'SELECT {key_of(model)} FROM "{table}"')
            keys[table] = {row[0] for row in cursor.fetchall()}
        cursor.execute(SET_SCOPE, [*CLOSED, "0"])
    connection._passed_scope = None
    return keys


def everything() -> Keys:
    return visible(SessionScope(whole="*"))


def published_summaries() -> set[str]:
    """Return the keys of the summaries of plans that the public reads."""
    return set(map(str, PlanPublication.objects.filter(state="published").values_list("pk", flat=True)))


def session_of(things: Things) -> SessionScope:
    return SessionScope(str(things.agency.pk), str(UUID(str(things.user.pk))))


@pytest.mark.db
@pytest.mark.django_db
def test_a_raw_session_sees_no_row_of_another_agency(make_agency: Callable[..., Any]) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no row-level security")
    third, agency, other = make_agency("third", "hotline"), make_agency(), make_agency("other", "ngo")
    own = furnish(agency, third, words())
    before = everything()
    others = furnish(other, third, words())
    add_rows(others, third)
    of_other = {table: keys - before[table] for table, keys in everything().items()}
    assert [table for table, keys in of_other.items() if not keys] == []

    public = {"measures_planpublication": published_summaries()}
    assert {table: keys for table, keys in visible(None).items() if keys} == public
    assert {table: keys for table, keys in visible(CLOSED).items() if keys} == public
    seen = {table: keys - public.get(table, set()) for table, keys in visible(session_of(own)).items()}
    assert {table: keys & of_other[table] for table, keys in seen.items() if keys & of_other[table]} == {}
    hidden_from_its_own = {"audit_auditevent", "audit_auditsubject"}
    seen = visible(session_of(others))
    unseen = {table for table, keys in of_other.items() if not keys & seen[table]}
    assert unseen == hidden_from_its_own
