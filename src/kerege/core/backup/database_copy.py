"""Dump of the database while it is in use, and its restoration."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path

from django.db import connection, transaction

from kerege.base.errors import BadInput, Fault, Refused

# options of the connection that the programs of PostgreSQL need too: TLS, and where the password is
PASSED = ("host", "hostaddr", "service", "sslmode", "sslrootcert", "sslcert", "sslkey", "passfile")


@dataclass(frozen=True)
class DatabaseDump:
    """A dump: the vendor of the database, and the number of rows of each table in it."""

    vendor: str
    rows: dict[str, int]


def dump(out: Path) -> DatabaseDump:
    """Write a consistent copy of the database to `out`, and count its rows."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(out)) as copy:
            connection.connection.backup(copy)
            rows = {table: copy.execute(f'SELECT count(*) FROM "{table}"').fetchone()[0] for table in _tables()}  # noqa: S608  # nosec B608
        return DatabaseDump(connection.vendor, rows)
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            cursor.execute("SELECT pg_export_snapshot()")
            snapshot = cursor.fetchone()[0]
        # the session scope opens all tables, so that row security does not hide rows from the dump; the snapshot makes
        # the rows that are counted those that are copied
        options = ("--format=custom", "--no-owner", "--enable-row-security", f"--snapshot={snapshot}")
        _run("pg_dump", *options, f"--file={out}", _dsn())
        return DatabaseDump(connection.vendor, count_rows())


def count_rows() -> dict[str, int]:
    """Return the number of rows of every table of the database."""
    with connection.cursor() as cursor:
        rows = {}
        for table in _tables():
            cursor.execute(f"SELECT count(*) FROM {connection.ops.quote_name(table)}")  # noqa: S608  # nosec B608
            rows[table] = int(cursor.fetchone()[0])
    return rows


def _tables() -> list[str]:
    """Return the names of all tables, sorted."""
    return sorted(connection.introspection.table_names())


def restore(source: Path, vendor: str) -> None:
    """Restore a copy into the empty database of the settings; raise Refused or BadInput."""
    if vendor != connection.vendor:
        raise BadInput(
            Fault(
                f"the backup is of {vendor}, this database is {connection.vendor}",
                f"set DATABASE_URL to a database of {vendor}",
            )
        )
    if vendor == "sqlite":
        shutil.copyfile(source, Path(str(connection.settings_dict["NAME"])))
        return
    if connection.introspection.table_names():
        raise Refused("the database is not empty: name an empty one in DATABASE_URL")
    _run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={_dsn()}", str(source))


def _dsn() -> str:
    """Return the connection string without the password, which is passed in the environment."""
    parts = {"host": "HOST", "port": "PORT", "user": "USER", "dbname": "NAME"}
    values = {name: connection.settings_dict.get(key) for name, key in parts.items()}
    options = connection.settings_dict.get("OPTIONS", {})
    values |= {name: options[name] for name in PASSED if options.get(name)}
    return " ".join(f"{name}='{value}'" for name, value in values.items() if value)


def _run(*command: str) -> None:
    password = str(connection.settings_dict.get("PASSWORD") or "")
    more = {"PGPASSWORD": password, "PGOPTIONS": "-c kerege.whole=*"}
    try:
        subprocess.run(command, check=True, capture_output=True, env=os.environ | more)
    except FileNotFoundError:
        raise Refused(f"{command[0]} is not installed: install the PostgreSQL client") from None
    except subprocess.CalledProcessError as error:
        raise Refused(f"{command[0]} failed with exit code {error.returncode}") from None
