"""Row-level security: PostgreSQL returns only the rows of the session scope.

This holds even when the program's query is wrong.

Apps add `Policies` in their `policies.py`, next to their authorization rules. Before a statement runs, the connection
passes the scope to the database: the actor's agency and user (`kerege.agency`, `kerege.user`), the tables of which the
actor may read all rows (`kerege.whole`), and by how much the clock of the server is behind that of the program
(`kerege.behind`). Without an actor, no row of a guarded table is visible.

The policies protect against faults of the program. They do not protect against a person who has the program's database
password: that person can set any scope. SQLite has no row-level security.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from kerege.base.registry import DEFAULT_ORDER, Registry
from kerege.core.authorization.actor import OPERATOR, Actor
from kerege.core.authorization.session_scope import CLOSED, OPEN, SessionScope, use_scope

POLICY = "kerege_wall"
ANYBODY, NOBODY = "true", "false"  # conditions of all rows and of none


@dataclass(frozen=True)
class TablePolicy:
    """Row security of one table: an SQL condition on visible rows.

    `writes` replaces it for new and changed rows.
    """

    model: type[Model]
    rows: str
    writes: str = ""

    @property
    def table(self) -> str:
        """Return the name of the database table."""
        return self.model._meta.db_table


@dataclass(frozen=True)
class Policies:
    """The guarded tables of an app, and the SQL functions that their policies call."""

    name: str
    tables: tuple[TablePolicy, ...]
    functions: tuple[str, ...] = ()
    # policies are built in this order and stored with its digest: another order rebuilds them
    order: int = DEFAULT_ORDER


# each app adds its policies in its `policies.py`
policies: Registry[Policies] = Registry("sets of policies")


# functions with which the policies read the session scope
BASE = (
    """CREATE OR REPLACE FUNCTION kerege_agency() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT NULLIF(current_setting('kerege.agency', true), '')::uuid $$""",
    """CREATE OR REPLACE FUNCTION kerege_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT NULLIF(current_setting('kerege.user', true), '')::uuid $$""",
    """CREATE OR REPLACE FUNCTION kerege_whole(wanted text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT string_to_array(current_setting('kerege.whole', true), ',') && ARRAY['*', wanted] $$""",
    # a session that passes no difference of clocks, such as that of psql, has the clock of the server
    """CREATE OR REPLACE FUNCTION kerege_now() RETURNS timestamptz LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT clock_timestamp() + coalesce(NULLIF(current_setting('kerege.behind', true), ''), '0')::interval $$""",
)


def helper(name: str, returns: str, question: str) -> str:
    """Return the SQL of a function that reads other tables without row security.

    Without it, policies could recurse.

    `question` is an SQL expression with the parameter `wanted`, a uuid. The function changes `kerege.whole` itself,
    because a table owner without further rights cannot declare it with SET. It is PARALLEL UNSAFE: PostgreSQL cannot
    change a setting in a parallel query, so queries of a large register would fail.
    """
    return f"""CREATE OR REPLACE FUNCTION {name} RETURNS {returns} LANGUAGE plpgsql STABLE PARALLEL UNSAFE AS $$
    DECLARE
        before text := coalesce(current_setting('kerege.whole', true), '');
        answer {returns};
    BEGIN
        PERFORM set_config('kerege.whole', '*', false);
        answer := ({question});
        PERFORM set_config('kerege.whole', before, false);
        RETURN answer;
    END $$"""


def planned_once(name: str, returns: str, question: str) -> str:
    """Return the SQL of a function that runs one query; each session plans it once, for all parameters."""
    return f"""CREATE OR REPLACE FUNCTION {name} RETURNS {returns} LANGUAGE plpgsql STABLE PARALLEL UNSAFE
    SET plan_cache_mode = force_generic_plan AS $$
    #variable_conflict use_column
    BEGIN
        RETURN QUERY {question};
    END $$"""


def child_of(parent: type[Model], column: str) -> str:
    """Return the SQL condition on rows whose `column` refers to a visible row of `parent`."""
    return f"EXISTS (SELECT 1 FROM {parent._meta.db_table} parent WHERE parent.id = {column})"  # noqa: S608  # nosec B608


def acting(actor: Actor) -> AbstractContextManager[None]:
    """Return a context manager that sets the session scope of an actor."""
    return use_scope(of(actor))


def of(actor: Actor) -> SessionScope:
    """Return the session scope of an actor.

    It holds the agency, the user, and the tables of which a rule grants them all rows. An actor of whom no rule speaks
    about rows, such as a minister, has a closed scope.
    """
    if OPERATOR in actor.roles:
        return OPEN
    granted = list(_granted_models(actor.roles))
    if not actor.agency_id or not granted:
        return CLOSED
    guarded = {policy.model: policy.table for policy in table_policies()}
    whole = {guarded[model] for model, has_all_rows in granted if has_all_rows and model in guarded}
    return SessionScope(str(actor.agency_id), str(actor.user_id or ""), ",".join(sorted(whole)))


def _granted_models(roles: frozenset[str]) -> Iterator[tuple[type[Model], bool]]:
    """Yield the model of each rule that grants one of the roles rows, and whether it grants all rows."""
    # imported late: the rules import the models, which import the actors
    from kerege.core.authorization.rules import everything, rules

    for rule in rules.all():
        for grant in rule.grants:
            if rule.model is not None and roles & {str(role) for role in grant.roles}:
                yield rule.model, grant.within is everything


def table_policies() -> tuple[TablePolicy, ...]:
    """Return the policies of all tables that the apps declare."""
    return tuple(policy for entry in policies.all() for policy in entry.tables)


def statements() -> list[str]:
    """Return the SQL statements that build the policies; running them again changes nothing."""
    result = [*BASE, *(text for entry in policies.all() for text in entry.functions)]
    for policy in table_policies():
        is_open = f"(SELECT kerege_whole('{policy.table}'))"
        rows, writes = f"{is_open} OR {policy.rows}", f"{is_open} OR {policy.writes or policy.rows}"
        result += [
            f"ALTER TABLE {policy.table} ENABLE ROW LEVEL SECURITY",
            # FORCE binds the table owner too: with one database user the program is the owner
            f"ALTER TABLE {policy.table} FORCE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS {POLICY} ON {policy.table}",
            f"CREATE POLICY {POLICY} ON {policy.table} USING ({rows}) WITH CHECK ({writes})",
        ]
    return result


def build(connection: BaseDatabaseWrapper) -> None:
    """Build the policies on PostgreSQL when one is missing or differs from its declaration."""
    if connection.vendor != "postgresql" or not missing(connection):
        return
    with connection.cursor() as cursor:
        for statement in statements():
            cursor.execute(statement)
        for policy in table_policies():
            cursor.execute(f"COMMENT ON POLICY {POLICY} ON {policy.table} IS '{_digest()}'")


def admit(connection: BaseDatabaseWrapper, user: str) -> None:
    """Grant the program's database user access to the rows of all tables, but no changes of audit events."""
    name = connection.ops.quote_name(user)
    with connection.cursor() as cursor:
        for statement in (
            f"GRANT USAGE ON SCHEMA public TO {name}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
            f"REVOKE UPDATE, DELETE ON audit_auditevent, audit_auditsubject FROM {name}",
        ):
            cursor.execute(statement)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the guarded tables whose policy is absent, off or not as declared; none on SQLite."""
    if connection.vendor != "postgresql":
        return []
    query = """SELECT c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        WHERE p.polname = %s AND c.relrowsecurity AND c.relforcerowsecurity
        AND obj_description(p.oid, 'pg_policy') = %s"""
    with connection.cursor() as cursor:
        cursor.execute(query, [POLICY, _digest()])
        built = {row[0] for row in cursor.fetchall()}
    return sorted({policy.table for policy in table_policies()} - built)


def is_bypassed(connection: BaseDatabaseWrapper) -> bool:
    """Return whether the database user of this connection bypasses row-level security."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def is_owner(connection: BaseDatabaseWrapper) -> bool:
    """Return whether the database user owns guarded tables, and so can remove their policies."""
    if connection.vendor != "postgresql":
        return False
    query = """SELECT EXISTS (SELECT 1 FROM pg_class c JOIN pg_policy p ON p.polrelid = c.oid
        WHERE p.polname = %s AND pg_has_role(current_user, c.relowner, 'MEMBER'))"""
    with connection.cursor() as cursor:
        cursor.execute(query, [POLICY])
        return bool(cursor.fetchone()[0])


def _digest() -> str:
    return hashlib.sha256("\n".join(statements()).encode()).hexdigest()[:32]
