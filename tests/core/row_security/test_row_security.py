"""Row-level security as a database session meets it that bypasses the program's rules."""

from __future__ import annotations

import subprocess
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from kerege.base.steady_clock import CLOCK
from kerege.casework.cases.models.case import Case, Share
from kerege.casework.cases.services import assignment, shares
from kerege.casework.vault.models.identities import IdentityRecord, IdentityVersion
from kerege.casework.vault.queries import identities as vault
from kerege.core import audit, health
from kerege.core.accounts.models import Agency
from kerege.core.authorization import Actor, session_scope
from kerege.core.row_security import policies
from kerege.core.row_security.postgresql.base import least_difference
from tests.casework.conftest import make_case, operator

__all__ = ["make_case", "operator"]
on_postgresql = pytest.mark.skipif("connection.vendor != 'postgresql'", reason="SQLite has no row-level security")
pytestmark = [pytest.mark.db, on_postgresql]
TABLES = sorted(policy.table for policy in policies.table_policies())


@pytest.fixture
def two(make_case: Callable[..., Any], make_agency: Callable[..., Any], operator: Actor) -> dict[str, Any]:
    """Return a case of the centre with all its related rows, and a case of another agency."""
    cases = {}
    for code in ("centre", "other"):
        case = make_case(make_agency(code), exploitations=[{"main_form": "begging"}], route="hotline")
        assignment.add_note(operator, case, "text")
        cases[code] = case
    return cases


def raw(statement: str, *scope: Any) -> list[Any]:
    """Return the rows of a query as the program's database user sees them with these scope settings."""
    with connection.cursor() as cursor:
        for name, value in zip(("agency", "user", "whole"), (*scope, "", "", ""), strict=False):
            cursor.cursor.execute("SELECT set_config(%s, %s, false)", [f"kerege.{name}", str(value)])
        cursor.cursor.execute(statement)
        rows = list(cursor.cursor.fetchall())
    connection._passed_scope = None  # type: ignore[attr-defined]
    return rows


def count(table: str, *scope: Any) -> int:
    """Return how many rows of a table such a session sees."""
    return int(raw(f"SELECT count(*) FROM {table}", *scope)[0][0])


def own_half(table: str) -> int:
    """Return how many rows each of the two agencies may see: half of them, but none of the audit log."""
    return 0 if table.startswith("audit_") else count(table, "", "", "*") // 2


@pytest.mark.django_db
def test_a_cached_plan_returns_only_the_rows_of_the_scope(two: Any) -> None:
    """The plan of a matching query is cached once a session, yet each scope sees only its own rows."""
    tokens = [row[0] for row in raw("SELECT DISTINCT token FROM vault_indexentry", "", "", "*")]
    records = [case.record_id for case in two.values()]
    postings = "SELECT DISTINCT record_id FROM kerege_postings(ARRAY[{}]::bytea[], 61)".format(
        ", ".join(f"'\\x{bytes(token).hex()}'" for token in tokens)
    )
    newest = "SELECT record_id FROM kerege_newest(ARRAY[{}]::uuid[])".format(", ".join(f"'{pk}'" for pk in records))
    for question in (postings, newest):
        for _plan in range(7):
            assert {row[0] for row in raw(question, "", "", "*")} == set(records)
        for case in two.values():
            assert {row[0] for row in raw(question, case.agency_id)} == {case.record_id}
        assert raw(question) == []


@pytest.mark.django_db
def test_an_agency_sees_only_its_own_rows(two: Any, make_agency: Any) -> None:
    centre = make_agency("centre").pk
    assert raw("SELECT id FROM cases_case", centre) == [(two["centre"].pk,)]
    assert raw("SELECT id FROM vault_identityrecord", centre) == [(two["centre"].record_id,)]
    for table in TABLES:
        assert count(table, centre) == own_half(table), table
        assert count(table, make_agency("third").pk) == 0, table


@pytest.mark.django_db
def test_row_security_holds_where_a_parallel_plan_is_cheapest(two: Any, make_agency: Any) -> None:
    centre = make_agency("centre").pk
    with connection.cursor() as cursor:
        # makes the planner choose a parallel plan, as for a large table
        for setting in ("parallel_setup_cost", "parallel_tuple_cost", "min_parallel_table_scan_size"):
            cursor.execute(f"SET LOCAL {setting} = 0")
    assert {table: count(table, centre) for table in TABLES} == {table: own_half(table) for table in TABLES}


@pytest.mark.django_db
def test_a_shared_case_is_visible_while_it_is_shared(two: Any, make_agency: Any, operator: Actor) -> None:
    centre, other = make_agency("centre"), two["other"]
    shares.share(operator, other, centre, "legal")
    assert {row[0] for row in raw("SELECT id FROM cases_case", centre.pk)} == {two["centre"].pk, other.pk}
    assert count("vault_identityversion", centre.pk) == 2
    assert count("cases_note", centre.pk) == 2
    assert count("cases_share", centre.pk) == 1
    assert count("cases_share", make_agency("third").pk) == 0
    Share.objects.update(to_at=timezone.now())
    assert raw("SELECT id FROM cases_case", centre.pk) == [(two["centre"].pk,)]
    assert count("vault_identityversion", centre.pk) == 1


@pytest.mark.django_db
def test_a_share_that_has_ended_stays_ended_when_the_clock_of_the_server_is_behind(
    two: Any, make_agency: Any, operator: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    centre, real = make_agency("centre"), CLOCK.now
    shares.share(operator, two["other"], centre, "legal")
    Share.objects.update(to_at=timezone.now() + timedelta(hours=1))
    assert count("cases_case", centre.pk) == 2
    monkeypatch.setattr(CLOCK, "now", lambda machine=None: real(machine) + timedelta(hours=2))
    Agency.objects.exists()  # any statement of the program passes its time
    assert count("cases_case", centre.pk) == 1


@pytest.mark.django_db
def test_a_share_that_has_not_begun_opens_nothing(two: Any, make_agency: Any, operator: Actor) -> None:
    centre = make_agency("centre")
    shares.share(operator, two["other"], centre, "legal")
    Share.objects.update(from_at=timezone.now() + timedelta(hours=1))
    assert count("cases_case", centre.pk) == 1


@pytest.mark.django_db
def test_rows_of_another_agency_cannot_be_changed_deleted_or_inserted(two: Any, make_agency: Any) -> None:
    centre, other = make_agency("centre").pk, two["other"]
    assert raw("UPDATE cases_case SET risk_level = 'high' WHERE true RETURNING id", centre) == [(two["centre"].pk,)]
    assert raw("DELETE FROM cases_note WHERE true RETURNING case_id", centre) == [(two["centre"].pk,)]
    into = "INSERT INTO cases_share (id, case_id, agency_id, basis, from_at, categories)"
    for attempt in (
        f"UPDATE cases_case SET agency_id = '{other.agency_id}' WHERE true RETURNING id",
        f"{into} SELECT 990, '{other.pk}', '{make_agency('third').pk}', 'legal', now(), '[]' RETURNING id",
    ):
        with pytest.raises(psycopg.Error, match="row-level security"), transaction.atomic():
            raw(attempt, centre)


@pytest.mark.django_db
def test_a_coordinator_counts_cases_and_reads_no_identity(two: Any, make_actor: Any) -> None:
    with policies.acting(make_actor("coordinator", agency=Agency.objects.get(code="other"))):
        assert Case.objects.count() == 2
        assert IdentityVersion.objects.count() == 1


# tables without a person that a publisher reads whole: contacts, the plan of measures, the risk assessment
OF_A_PUBLISHER = (
    "awareness_hotlinecontact,measures_measure,measures_measurebody,measures_measurechange,measures_measureplan,"
    "measures_measurereport,measures_planpublication,risk_riskfactor,risk_riskjudgement,risk_riskround,risk_riskvalue"
)


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("role", "whole"), [("administrator", ""), ("publisher", OF_A_PUBLISHER), ("first_responder", "")]
)
def test_a_role_without_rights_to_cases_opens_no_other_agency(role: str, whole: str, two: Any, make_actor: Any) -> None:
    assert policies.of(make_actor(role)).whole == whole


@pytest.mark.django_db
@pytest.mark.parametrize("roles", [(), ("minister",)])
def test_an_actor_without_a_role_that_has_rows_sees_none(roles: tuple[str, ...], two: Any, make_actor: Any) -> None:
    with policies.acting(make_actor(*roles, agency=Agency.objects.get(code="other"))):
        assert Case.objects.count() == 0
        assert IdentityRecord.objects.count() == 0


@pytest.mark.django_db
def test_a_query_without_the_rules_returns_no_rows_of_another_agency(two: Any, make_actor: Any) -> None:
    """Such a query is a fault of the program."""
    with audit.page(make_actor("caseworker"), "cases.view"):
        assert list(Case.objects.all()) == [two["centre"]]
        assert not IdentityRecord.objects.filter(pk=two["other"].record_id).exists()


@pytest.mark.django_db
def test_the_search_by_machine_finds_what_the_rules_allow(two: Any, make_actor: Any) -> None:
    actor = make_actor("caseworker")
    with audit.page(actor, "cases.view"):
        assert vault.find(actor, "Канарейкина") == [two["centre"].record_id]


@pytest.mark.django_db
def test_a_rollback_clears_the_passed_scope(two: Any, make_actor: Any) -> None:
    with policies.acting(make_actor("caseworker")):
        with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT no_such_column")
        assert Case.objects.count() == 1
    assert Case.objects.count() == 2
    with session_scope.closed():
        assert Case.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_a_reused_connection_does_not_keep_the_scope(two: Any) -> None:
    assert Case.objects.count() == 2
    connection.close()  # back to the pool, with its scope settings
    with session_scope.closed():
        assert Case.objects.count() == 0


@pytest.mark.django_db
def test_a_missing_policy_is_reported() -> None:
    assert health.row_level_security().state == "warn"  # the user of the tests owns the tables
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE cases_case NO FORCE ROW LEVEL SECURITY")
    assert "cases_case" in health.row_level_security().words
    assert health.row_level_security().state == "fail"
    policies.build(connection)
    assert health.row_level_security().state == "warn"


@pytest.mark.django_db(transaction=True)
def test_a_separate_database_user_can_do_what_the_program_needs(two: Any, make_agency: Any) -> None:
    """One database user owns the tables; the program runs as another one."""
    centre = make_agency("centre").pk
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolcreaterole FROM pg_roles WHERE rolname = current_user")
        if not cursor.fetchone()[0]:
            pytest.skip("this database user may make no other")
        cursor.execute("DROP ROLE IF EXISTS kerege_program")
        cursor.execute("CREATE ROLE kerege_program")
        cursor.execute("GRANT kerege_program TO current_user")
    policies.admit(connection, "kerege_program")
    try:
        with connection.cursor() as cursor:
            cursor.execute("SET ROLE kerege_program")
        assert not policies.is_owner(connection)
        assert health.row_level_security().state == "ok"
        assert count("cases_case") == 0
        assert raw("SELECT id FROM cases_case", centre) == [(two["centre"].pk,)]
        for attempt in (
            "ALTER TABLE cases_case DISABLE ROW LEVEL SECURITY",
            "DROP POLICY kerege_wall ON cases_case",
            "DELETE FROM audit_auditevent",
            "DELETE FROM audit_auditsubject",
            "TRUNCATE cases_case CASCADE",
        ):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                raw(attempt)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")
            cursor.execute("DROP OWNED BY kerege_program")
            cursor.execute("DROP ROLE kerege_program")


@pytest.mark.django_db(transaction=True)
def test_a_backup_holds_every_row(two: Any, tmp_path: Any) -> None:
    from kerege.core.backup import database_copy

    database_copy.dump(tmp_path / "copy")
    rows = subprocess.run(
        ["pg_restore", "--data-only", "--table=cases_case", "-f", "-", str(tmp_path / "copy")],
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    assert all(case.reference in rows for case in two.values())


@pytest.mark.parametrize(
    ("low", "high", "taken"), [(-0.4, 0.0, 0.0), (-0.4, 0.1, 0.0), (3.0, 3.4, 3.0), (-9.4, -9.0, -9.0)]
)
def test_the_time_of_an_answer_is_no_difference_of_clocks(low: float, high: float, taken: float) -> None:
    assert least_difference(timedelta(seconds=low), timedelta(seconds=high)) == timedelta(seconds=taken)
