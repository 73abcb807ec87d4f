"""The second wall: PostgreSQL itself shows a session only what its actor may reach, whatever the program asks for.

Rooms add `Policies` in their `policies.py`, next to the rules of the first wall. Before a statement runs, the
connection tells the database who acts (`kerege.agency`, `kerege.user`) and which tables she may read as a whole
(`kerege.whole`). Nobody acting sees nothing. Whoever has the program's own database password can tell the database
anything: this wall stands behind faults of the program, not behind its keys. SQLite has no such wall.
"""

from __future__ import annotations

import hashlib
from contextlib import AbstractContextManager
from dataclasses import dataclass

from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.models import Model

from kerege.base.registry import DEFAULT_ORDER, Registry
from kerege.core.authorization.actor import OPERATOR, Actor
from kerege.core.authorization.session_scope import OPEN, Reach, reach

POLICY = "kerege_wall"


@dataclass(frozen=True)
class Guard:
    """The rows of a table that the database shows: SQL over its columns. `writes` may say otherwise for new rows."""

    model: type[Model]
    rows: str
    writes: str = ""

    @property
    def table(self) -> str:
        """The table."""
        return self.model._meta.db_table


@dataclass(frozen=True)
class Policies:
    """The guarded tables of a room, and the functions that their policies call."""

    name: str
    guards: tuple[Guard, ...]
    functions: tuple[str, ...] = ()
    # the policies are built in this order, and its digest is stored with them: another order builds them anew
    order: int = DEFAULT_ORDER


# each room adds its policies in its `policies.py`
policies: Registry[Policies] = Registry("sets of policies")


# what the database asks about the session; functions that look at other tables look at them whole
BASE = (
    """CREATE OR REPLACE FUNCTION kerege_agency() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT NULLIF(current_setting('kerege.agency', true), '')::uuid $$""",
    """CREATE OR REPLACE FUNCTION kerege_user() RETURNS uuid LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT NULLIF(current_setting('kerege.user', true), '')::uuid $$""",
    """CREATE OR REPLACE FUNCTION kerege_whole(wanted text) RETURNS boolean LANGUAGE sql STABLE PARALLEL SAFE AS
    $$ SELECT string_to_array(current_setting('kerege.whole', true), ',') && ARRAY['*', wanted] $$""",
)


def helper(name: str, returns: str, question: str) -> str:
    """A function with which a policy looks at other tables as a whole; without it two policies would ask each other.

    `question` is SQL with `wanted`, a uuid. (An owner of tables without further rights cannot declare this with SET.)
    Parallel work is off wherever it is asked: settings cannot change during it, and a large register fails without.
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
    """A function that asks one question, whose plan each session makes once, whatever it is asked with."""
    return f"""CREATE OR REPLACE FUNCTION {name} RETURNS {returns} LANGUAGE plpgsql STABLE PARALLEL UNSAFE
    SET plan_cache_mode = force_generic_plan AS $$
    #variable_conflict use_column
    BEGIN
        RETURN QUERY {question};
    END $$"""


def acting(actor: Actor) -> AbstractContextManager[None]:
    """A context in which this actor acts."""
    return reach(of(actor))


def of(actor: Actor) -> Reach:
    """How far an actor reaches: her agency, what is lent to it, and the tables that a rule opens to her as a whole."""
    if OPERATOR in actor.roles:
        return OPEN
    agency = str(actor.agency_id) if actor.agency_id and actor.roles else ""
    return Reach(agency, str(actor.user_id or "") if agency else "", ",".join(sorted(_whole(actor.roles))))


def _whole(roles: frozenset[str]) -> set[str]:
    # the rules know the models, which know the actors
    from kerege.core.authorization.rules import everything, rules

    guarded = {guard.model: guard.table for guard in guards()}
    return {
        guarded[rule.model]
        for rule in rules.all()
        if rule.model in guarded
        for grant in rule.grants
        if grant.within is everything and roles & {str(role) for role in grant.roles}
    }


def guards() -> tuple[Guard, ...]:
    """Every guarded table, as the rooms declare it."""
    return tuple(guard for room in policies.all() for guard in room.guards)


def statements() -> list[str]:
    """The wall in SQL, the same however often it is built."""
    found = [*BASE, *(text for room in policies.all() for text in room.functions)]
    for guard in guards():
        whole = f"(SELECT kerege_whole('{guard.table}'))"
        rows, writes = f"{whole} OR {guard.rows}", f"{whole} OR {guard.writes or guard.rows}"
        found += [
            f"ALTER TABLE {guard.table} ENABLE ROW LEVEL SECURITY",
            # the owner of the tables too: with one database user the program is the owner
            f"ALTER TABLE {guard.table} FORCE ROW LEVEL SECURITY",
            f"DROP POLICY IF EXISTS {POLICY} ON {guard.table}",
            f"CREATE POLICY {POLICY} ON {guard.table} USING ({rows}) WITH CHECK ({writes})",
        ]
    return found


def build(connection: BaseDatabaseWrapper) -> None:
    """Build the wall, or build it anew when it is declared otherwise than it stands; nothing on SQLite."""
    if connection.vendor != "postgresql" or not missing(connection):
        return
    with connection.cursor() as cursor:
        for statement in statements():
            cursor.execute(statement)
        for guard in guards():
            cursor.execute(f"COMMENT ON POLICY {POLICY} ON {guard.table} IS '{_digest()}'")


def admit(connection: BaseDatabaseWrapper, user: str) -> None:
    """Let the program's own database user work on the tables, which are another's: rows only, never old events."""
    name = connection.ops.quote_name(user)
    with connection.cursor() as cursor:
        for statement in (
            f"GRANT USAGE ON SCHEMA public TO {name}",
            f"GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {name}",
            f"GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {name}",
            f"REVOKE UPDATE, DELETE ON audit_auditevent FROM {name}",
        ):
            cursor.execute(statement)


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Guarded tables whose wall is absent, switched off or not the one that is declared."""
    if connection.vendor != "postgresql":
        return []
    standing = """SELECT c.relname FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid
        WHERE p.polname = %s AND c.relrowsecurity AND c.relforcerowsecurity
        AND obj_description(p.oid, 'pg_policy') = %s"""
    with connection.cursor() as cursor:
        cursor.execute(standing, [POLICY, _digest()])
        found = {row[0] for row in cursor.fetchall()}
    return sorted({guard.table for guard in guards()} - found)


def is_bypassed(connection: BaseDatabaseWrapper) -> bool:
    """Whether the database user of this connection is one that no wall stops."""
    if connection.vendor != "postgresql":
        return False
    with connection.cursor() as cursor:
        cursor.execute("SELECT rolsuper OR rolbypassrls FROM pg_roles WHERE rolname = current_user")
        return bool(cursor.fetchone()[0])


def _digest() -> str:
    return hashlib.sha256("\n".join(statements()).encode()).hexdigest()[:32]
