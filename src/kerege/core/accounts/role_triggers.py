"""Triggers of the database that refuse a role which the kind of the agency may not hold.

They read `RolePermission`, a copy of the rules of the country profile. They protect against a program that gives a role
without asking `role_rules`.

SQLite rebuilds a table that a migration alters. It refuses this while a trigger names the table, and a rebuilt table
has lost its triggers. So the triggers are dropped before migrations of this app and installed after every `migrate`.
"""

from __future__ import annotations

from collections.abc import Sequence

from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations import Migration

TABLE, WORDS = "accounts_roleassignment", "the role does not belong to this kind of agency"
# the names are constants of this module, no input
IS_FORBIDDEN = """EXISTS (SELECT 1 FROM accounts_rolepermission WHERE role = NEW.role)
AND NOT EXISTS (
    SELECT 1 FROM accounts_rolepermission AS permission JOIN accounts_agency AS agency ON agency.id = NEW.agency_id
    WHERE permission.role = NEW.role
    AND (permission.agency_kind = agency.kind OR (permission.agency_kind = '' AND agency.national))
)"""
MOMENTS = {f"{TABLE}_permitted": "BEFORE INSERT", f"{TABLE}_stays_permitted": "BEFORE UPDATE OF role, agency_id"}
FUNCTION = f"""
CREATE OR REPLACE FUNCTION accounts_check_role() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
IF {IS_FORBIDDEN} THEN RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'check_violation'; END IF;
RETURN NEW;
END $$
"""


def drop_before(using: str, plan: Sequence[tuple[Migration, bool]], **kwargs: object) -> None:
    """Drop the triggers before migrations of this app."""
    if any(migration.app_label == "accounts" for migration, _is_backward in plan):
        connection = connections[using]
        if TABLE in connection.introspection.table_names():  # a new database has none
            remove(connection)


def install_after(using: str, **kwargs: object) -> None:
    """Install the triggers that the database lacks after a migration."""
    connection = connections[using]
    # an earlier version of the schema has no table of permissions
    if "accounts_rolepermission" in connection.introspection.table_names() and missing(connection):
        remove(connection)
        install(connection)


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers of this database vendor."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
        for name, moment in MOMENTS.items():
            body = f"WHEN {IS_FORBIDDEN} BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
            if connection.vendor == "postgresql":
                body = "FOR EACH ROW EXECUTE FUNCTION accounts_check_role()"
            cursor.execute(f"CREATE TRIGGER {name} {moment} ON {TABLE} {body}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers."""
    with connection.cursor() as cursor:
        for name in MOMENTS:
            cursor.execute(
                f"DROP TRIGGER IF EXISTS {name}{f' ON {TABLE}' if connection.vendor == 'postgresql' else ''}"
            )


def missing(connection: BaseDatabaseWrapper) -> list[str]:
    """Return the names of triggers that the database lacks."""
    catalogue = (
        "SELECT tgname FROM pg_trigger WHERE NOT tgisinternal AND tgenabled <> 'D'"
        if connection.vendor == "postgresql"
        else "SELECT name FROM sqlite_master WHERE type = 'trigger'"
    )
    with connection.cursor() as cursor:
        cursor.execute(catalogue)
        present = {row[0] for row in cursor.fetchall()}
    return sorted(set(MOMENTS) - present)
