"""Row-level security as text: statements, scopes of actors, and what a connection passes."""

from __future__ import annotations

import hashlib
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest
from django.db.models import Model
from django.utils import timezone

from kerege.base import steady_clock
from kerege.core.accounts.models import Agency, User
from kerege.core.authorization import Actor, Grant, Rule, everything, nothing, own_agency, session_scope
from kerege.core.authorization import rules as registry
from kerege.core.authorization.session_scope import CLOSED, OPEN, SessionScope
from kerege.core.row_security import policies
from kerege.core.row_security.policies import Policies, TablePolicy
from kerege.core.row_security.postgresql.base import SET_SCOPE, DatabaseWrapper
from tests.registries import with_only

AGENCY, USER = UUID(int=1), UUID(int=2)
FUNCTION = "CREATE OR REPLACE FUNCTION kerege_test() ..."


@pytest.fixture(autouse=True)
def _two_tables(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let two sets of policies guard agencies and users, and rules grant all their rows to some roles."""
    with_only(
        monkeypatch,
        policies.policies,
        Policies("second", (TablePolicy(User, "is_own(id)", "may_write(id)"),), order=20),
        Policies("first", (TablePolicy(Agency, "is_own(id)"),), (FUNCTION,), order=10),
    )
    with_only(
        monkeypatch,
        registry.rules,
        Rule("t.all_users", User, [Grant({"auditor"}, everything), Grant({"caseworker"}, nothing)]),
        Rule("t.all_agencies", Agency, [Grant({"auditor", "analyst"}, everything)]),
        Rule("t.own_agency", Agency, [Grant({"supervisor"}, own_agency("pk"))]),
        Rule("t.nothing", None, [Grant({"publisher", "minister"}, everything)]),
        Rule("t.no_agency", Agency, [Grant({"publisher"}, nothing)]),
    )


def table(model: type[Model]) -> str:
    return model._meta.db_table


# -- scopes ------------------------------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("roles", "whole"),
    [
        ({"auditor"}, f"{Agency._meta.db_table},{User._meta.db_table}"),
        ({"analyst"}, Agency._meta.db_table),
        ({"caseworker"}, ""),
        ({"supervisor"}, ""),
        ({"publisher"}, ""),
        ({"supervisor", "analyst"}, Agency._meta.db_table),
    ],
)
def test_a_scope_names_the_tables_of_which_a_rule_grants_all_rows(roles: set[str], whole: str) -> None:
    actor = Actor("user:x", USER, AGENCY, frozenset(roles))
    assert policies.of(actor) == SessionScope(str(AGENCY), str(USER), whole)


@pytest.mark.parametrize(
    ("actor", "scope"),
    [
        (Actor("x", USER, AGENCY, frozenset()), CLOSED),
        (Actor("x", USER, None, frozenset({"caseworker"})), CLOSED),
        (Actor("x", USER, AGENCY, frozenset({"minister"})), CLOSED),  # no rule grants rows
        (Actor("x", None, AGENCY, frozenset({"caseworker"})), SessionScope(str(AGENCY), "", "")),
        (Actor("x", USER, AGENCY, frozenset({"caseworker", "operator"})), OPEN),
        (Actor.system("x"), OPEN),
    ],
)
def test_a_scope_needs_an_agency_and_a_role_with_rows(actor: Actor, scope: SessionScope) -> None:
    assert policies.of(actor) == scope
    with policies.acting(actor):
        assert session_scope.current() == scope


def test_an_open_scope_opens_every_table_and_a_closed_one_none() -> None:
    assert (OPEN.agency, OPEN.user, OPEN.whole) == ("", "", "*")
    assert CLOSED == ("", "", "")


def test_a_scope_ends_with_an_error_too() -> None:
    outside = session_scope.current()
    with pytest.raises(ZeroDivisionError), session_scope.use_scope(CLOSED):
        raise ZeroDivisionError
    assert session_scope.current() == outside


def test_the_operator_opens_the_scope_of_the_process_outside_of_acts_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(session_scope, "_outside", CLOSED)
    assert session_scope.current() == CLOSED
    session_scope.open_process()
    assert session_scope.current() == OPEN
    with session_scope.closed():
        assert session_scope.current() == CLOSED


def conditions(name: str, rows: str, writes: str) -> str:
    """Return the conditions of a policy on visible and on written rows."""
    is_open = f"(SELECT kerege_whole('{name}'))"
    return f"USING ({is_open} OR {rows}) WITH CHECK ({is_open} OR {writes})"


# -- statements --------------------------------------------------------------------------------------------------------
def test_a_policy_is_forced_on_the_owner_and_replaced_by_its_newest_form() -> None:
    """USING holds for reads, WITH CHECK for writes; an open table passes both."""
    agency, user = table(Agency), table(User)
    statements = policies.statements()
    assert statements[: len(policies.BASE)] == list(policies.BASE)
    assert statements[len(policies.BASE) :] == [
        FUNCTION,
        *(
            statement
            for name, rows, writes in ((agency, "is_own(id)", "is_own(id)"), (user, "is_own(id)", "may_write(id)"))
            for statement in (
                f"ALTER TABLE {name} ENABLE ROW LEVEL SECURITY",
                f"ALTER TABLE {name} FORCE ROW LEVEL SECURITY",
                f"DROP POLICY IF EXISTS kerege_wall ON {name}",
                f"CREATE POLICY kerege_wall ON {name} {conditions(name, rows, writes)}",
            )
        ),
    ]


def test_a_helper_reads_all_tables_and_restores_the_scope_of_its_caller() -> None:
    text = policies.helper("kerege_x(wanted uuid)", "boolean", "SELECT true")
    opening, answer, closing = (
        text.index("set_config('kerege.whole', '*', false)"),
        text.index("answer := (SELECT true)"),
        text.index("set_config('kerege.whole', before, false)"),
    )
    assert text.index("before text := coalesce(current_setting('kerege.whole', true), '')") < opening < answer < closing
    assert "PARALLEL UNSAFE" in text
    assert "RETURNS boolean" in text


def test_a_planned_query_is_planned_once_for_all_parameters() -> None:
    text = policies.planned_once("kerege_x(wanted uuid)", "TABLE (id uuid)", "SELECT wanted")
    assert "SET plan_cache_mode = force_generic_plan" in text
    assert "RETURN QUERY SELECT wanted;" in text


# -- a connection that records -----------------------------------------------------------------------------------------
class Recorder:
    """A connection to PostgreSQL that keeps the statements, and answers a query with the rows of a test."""

    vendor = "postgresql"

    def __init__(self, *rows: tuple[Any, ...]) -> None:
        self.rows, self.statements = list(rows), list[str]()
        self.parameters: list[Any] = []
        self.ops = self

    def quote_name(self, name: str) -> str:
        return f'"{name}"'

    @contextmanager
    def cursor(self) -> Any:
        yield self

    def execute(self, statement: str, parameters: Any = None) -> None:
        self.statements.append(statement)
        self.parameters.append(parameters)

    def fetchall(self) -> list[tuple[Any, ...]]:
        return self.rows

    def fetchone(self) -> tuple[Any, ...]:
        return self.rows[0]


def digest() -> str:
    return hashlib.sha256("\n".join(policies.statements()).encode()).hexdigest()[:32]


def recorder(*names: str) -> Any:
    return Recorder(*((name,) for name in names))


def test_a_table_whose_policy_is_absent_is_missing_and_others_are_not() -> None:
    agency, user = table(Agency), table(User)
    assert policies.missing(recorder()) == sorted([agency, user])
    assert policies.missing(recorder(agency)) == [user]
    assert policies.missing(recorder(agency, user, "other")) == []
    connection = recorder()
    policies.missing(connection)
    assert connection.parameters == [["kerege_wall", digest()]]
    assert "c.relrowsecurity AND c.relforcerowsecurity" in connection.statements[0]


def test_policies_are_built_and_stamped_only_when_one_is_missing() -> None:
    agency, user = table(Agency), table(User)
    complete = recorder(agency, user)
    policies.build(complete)
    assert len(complete.statements) == 1, "the look for what is missing"
    lacking = recorder(agency)
    policies.build(lacking)
    assert lacking.statements[1:] == [
        *policies.statements(),
        *(f"COMMENT ON POLICY kerege_wall ON {name} IS '{digest()}'" for name in (agency, user)),
    ]


def test_another_condition_another_order_and_another_function_change_the_digest(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    digests = {digest()}
    for changed in (
        (Policies("a", (TablePolicy(Agency, "is_own(id)"), TablePolicy(User, "other(id)"))),),
        (Policies("a", (TablePolicy(User, "other(id)"), TablePolicy(Agency, "is_own(id)"))),),
        (Policies("a", (TablePolicy(User, "other(id)"), TablePolicy(Agency, "is_own(id)")), (FUNCTION,)),),
    ):
        with_only(monkeypatch, policies.policies, *changed)
        digests.add(digest())
        assert policies._digest() == digest()
    assert len(digests) == 4


def test_the_database_user_of_the_program_changes_rows_and_no_audit_event() -> None:
    connection = recorder()
    policies.admit(connection, "program")
    assert connection.statements[-1] == 'REVOKE UPDATE, DELETE ON audit_auditevent, audit_auditsubject FROM "program"'
    assert connection.statements[:-1] == [
        'GRANT USAGE ON SCHEMA public TO "program"',
        'GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO "program"',
        'GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO "program"',
    ]


@pytest.mark.parametrize("is_bypassed", [True, False])
def test_a_database_user_who_bypasses_the_policies_is_reported(is_bypassed: bool) -> None:
    connection: Any = Recorder((is_bypassed,))
    assert policies.is_bypassed(connection) is is_bypassed
    assert "rolsuper OR rolbypassrls" in connection.statements[0]


def test_sqlite_has_no_policies_to_build_or_to_miss() -> None:
    connection = recorder()
    connection.vendor = "sqlite"
    policies.build(connection)
    assert policies.missing(connection) == []
    assert not policies.is_bypassed(connection)
    assert connection.statements == []


# -- the scope of a session --------------------------------------------------------------------------------------------
class Server(Recorder):
    """A recorder that answers with the time of the machine."""

    def fetchone(self) -> tuple[Any, ...]:
        return (timezone.now(),)


class Session(DatabaseWrapper):
    """A connection that passes scopes to a recorder instead of a database."""

    def __init__(self) -> None:
        self._passed_scope, self._passed_at, self._is_rolling_back = None, 0.0, False
        self._behind = timedelta()
        self.connection = Server()

    def run(self, statement: str = "SELECT 1") -> list[Any]:
        """Run a statement, and return the scopes that were passed before it."""
        before = len(self.connection.parameters)
        assert self._pass_scope(lambda sql, *_: sql, statement, None, False, {}) == statement
        assert set(self.connection.statements[before:]) <= {SET_SCOPE}
        return [SessionScope(*parameters[:3]) for parameters in self.connection.parameters[before:]]


def test_a_session_passes_its_scope_before_the_first_statement_and_after_each_change() -> None:
    session, own = Session(), SessionScope("a", "u", "")
    with session_scope.use_scope(own):
        assert session.run() == [own]
        assert session.run() == []
        with session_scope.bypass_row_security("test"):
            assert session.run() == [OPEN]
        assert session.run() == [own]
    with session_scope.closed():
        assert session.run() == [CLOSED]


def test_a_session_passes_the_time_of_the_programs_clock_again_after_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    """The clock of the server may be set back at any time."""
    session, state = Session(), {"ticks": 100.0}
    monkeypatch.setattr(steady_clock, "elapsed", lambda: state["ticks"])
    monkeypatch.setattr(steady_clock.CLOCK, "now", lambda machine: machine + timedelta(hours=1))
    monkeypatch.setattr(timezone, "now", lambda: datetime(2026, 11, 25, tzinfo=UTC))
    with session_scope.closed():
        assert session.run() == [CLOSED, CLOSED]
        assert [passed[3] for passed in session.connection.parameters] == ["0.000000 seconds", "3600.000000 seconds"]
        state["ticks"] += 0.9
        assert session.run() == []
        state["ticks"] += 0.2
        assert session.run() == [CLOSED]


def test_after_a_rollback_a_session_passes_its_scope_again(monkeypatch: pytest.MonkeyPatch) -> None:
    session, seen = Session(), []
    parent = DatabaseWrapper.__mro__[1]
    rolled_back: list[Any] = []
    monkeypatch.setattr(parent, "_rollback", lambda self: rolled_back.append(self))
    # the statement that rolls back reaches a failed transaction, which accepts no other one before it
    monkeypatch.setattr(parent, "_savepoint_rollback", lambda self, _sid: seen.append(self.run("ROLLBACK")))
    with session_scope.closed():
        session.run()
        session._rollback()
        assert rolled_back == [session]
        assert session.run() == [CLOSED]
        with session_scope.bypass_row_security("test"):
            session._savepoint_rollback("s1")
        assert seen == [[]]
        assert session.run() == [CLOSED]


def test_a_new_connection_of_a_pool_counts_as_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    session = Session()
    monkeypatch.setattr(DatabaseWrapper.__mro__[1], "get_new_connection", lambda _self, _params: "connection")
    with session_scope.closed():
        session.run()
        assert session.get_new_connection({}) == "connection"
        assert session.run() == [CLOSED]


def test_a_new_wrapper_knows_no_scope_and_passes_one_before_each_statement() -> None:
    wrapper = DatabaseWrapper({"NAME": "x", "OPTIONS": {}})
    assert (wrapper._passed_scope, wrapper._is_rolling_back) == (None, False)
    assert wrapper._pass_scope in wrapper.execute_wrappers
    assert wrapper.settings_dict["NAME"] == "x"
