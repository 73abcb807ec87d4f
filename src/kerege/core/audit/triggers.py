"""Database triggers that refuse to change, delete or truncate the audit log, for every database user."""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

EVENT, HEAD, SUBJECT = "audit_auditevent", "audit_audithead", "audit_auditsubject"
WORDS = "the audit is append-only"

REFUSE = f"BEGIN SELECT RAISE(ABORT, '{WORDS}'); END"
SQLITE = {
    f"{EVENT}_no_update": f"BEFORE UPDATE ON {EVENT} {REFUSE}",
    f"{EVENT}_no_delete": f"BEFORE DELETE ON {EVENT} {REFUSE}",
    # INSERT OR REPLACE deletes without a delete trigger
    f"{EVENT}_no_replace": f"BEFORE INSERT ON {EVENT} WHEN NEW.seq <= (SELECT max(seq) FROM {EVENT}) {REFUSE}",  # noqa: S608  # nosec B608
    f"{HEAD}_only_forward": f"BEFORE UPDATE ON {HEAD} WHEN NEW.seq <> OLD.seq + 1 OR NEW.id <> OLD.id {REFUSE}",
    f"{HEAD}_no_delete": f"BEFORE DELETE ON {HEAD} {REFUSE}",
    f"{HEAD}_no_replace": f"BEFORE INSERT ON {HEAD} WHEN EXISTS (SELECT 1 FROM {HEAD}) {REFUSE}",  # noqa: S608  # nosec B608
    # a row is written with its event, never later; all columns form the key, so a replaced row is the same row
    f"{SUBJECT}_in_time": f"BEFORE INSERT ON {SUBJECT} WHEN NEW.seq <> (SELECT max(seq) FROM {EVENT}) {REFUSE}",  # noqa: S608  # nosec B608
    f"{SUBJECT}_no_update": f"BEFORE UPDATE ON {SUBJECT} {REFUSE}",
    f"{SUBJECT}_no_delete": f"BEFORE DELETE ON {SUBJECT} {REFUSE}",
}
FUNCTION = f"""
CREATE OR REPLACE FUNCTION audit_refuse() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION '{WORDS}'; END $$
"""
IN_TIME = f"""
CREATE OR REPLACE FUNCTION audit_in_time() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN
-- The head still names the event before. The events themselves are hidden from most sessions by row security.
IF NEW.seq IS DISTINCT FROM (SELECT seq + 1 FROM {HEAD} WHERE id = 1) THEN RAISE EXCEPTION '{WORDS}'; END IF;
RETURN NEW;
END $$
"""  # noqa: S608  # nosec B608
POSTGRESQL = {
    f"{EVENT}_no_change": f"BEFORE UPDATE OR DELETE ON {EVENT} FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    f"{EVENT}_no_truncate": f"BEFORE TRUNCATE ON {EVENT} FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    f"{HEAD}_only_forward": (
        f"BEFORE UPDATE ON {HEAD} FOR EACH ROW WHEN (NEW.seq <> OLD.seq + 1 OR NEW.id <> OLD.id) "
        "EXECUTE FUNCTION audit_refuse()"
    ),
    f"{HEAD}_no_delete": f"BEFORE DELETE ON {HEAD} FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    f"{HEAD}_no_truncate": f"BEFORE TRUNCATE ON {HEAD} FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
    f"{SUBJECT}_in_time": f"BEFORE INSERT ON {SUBJECT} FOR EACH ROW EXECUTE FUNCTION audit_in_time()",
    f"{SUBJECT}_no_change": f"BEFORE UPDATE OR DELETE ON {SUBJECT} FOR EACH ROW EXECUTE FUNCTION audit_refuse()",
    f"{SUBJECT}_no_truncate": f"BEFORE TRUNCATE ON {SUBJECT} FOR EACH STATEMENT EXECUTE FUNCTION audit_refuse()",
}


def install(connection: BaseDatabaseWrapper) -> None:
    """Create the triggers of this database vendor."""
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute(FUNCTION)
            cursor.execute(IN_TIME)
        for name, body in _triggers(connection).items():
            cursor.execute(f"CREATE TRIGGER {name} {body}")


def remove(connection: BaseDatabaseWrapper) -> None:
    """Drop the triggers, only to reverse the migration or to empty a test database."""
    with connection.cursor() as cursor:
        for name in _triggers(connection):
            table = next(table for table in (EVENT, HEAD, SUBJECT) if name.startswith(table))
            of = f" ON {table}" if connection.vendor == "postgresql" else ""
            cursor.execute(f"DROP TRIGGER IF EXISTS {name}{of}")


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
    return sorted(set(_triggers(connection)) - present)


def _triggers(connection: BaseDatabaseWrapper) -> dict[str, str]:
    return POSTGRESQL if connection.vendor == "postgresql" else SQLITE
