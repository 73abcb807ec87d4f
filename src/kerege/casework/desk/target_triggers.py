"""Triggers of the database that refuse to change or delete a target."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

TABLE, WORDS = "desk_target", "a target is never changed or deleted"
FUNCTION = f"""
CREATE OR REPLACE FUNCTION desk_keep_target() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{WORDS}' USING ERRCODE = 'check_violation'; END $$
"""
MOMENTS = {f"{TABLE}_no_update": "BEFORE UPDATE", f"{TABLE}_no_delete": "BEFORE DELETE"}


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers of this database vendor."""
    body = f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            body = "FOR EACH ROW EXECUTE FUNCTION desk_keep_target()"
            cursor.execute(FUNCTION)
        for name, moment in MOMENTS.items():
            cursor.execute(f"CREATE TRIGGER {name} {moment} ON {TABLE} {body}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers."""
    of = f" ON {TABLE}" if connection.vendor == "postgresql" else ""
    with connection.cursor() as cursor:
        for name in MOMENTS:
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{of}")
