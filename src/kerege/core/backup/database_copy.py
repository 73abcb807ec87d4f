"""Dump of the database while it is in use, and its restoration."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
from contextlib import closing
from pathlib import Path

from django.db import connection

from kerege.base.errors import BadInput, Fault, Refused


def dump(out: Path) -> str:
    """Write a consistent copy of the database to `out`; return the vendor."""
    if connection.vendor == "sqlite":
        connection.ensure_connection()
        with closing(sqlite3.connect(out)) as copy:
            connection.connection.backup(copy)
    else:
        # the session scope opens all tables, so that row security does not hide rows from the dump
        _run("pg_dump", "--format=custom", "--no-owner", "--enable-row-security", f"--file={out}", _dsn())
    return connection.vendor


def restore(source: Path, vendor: str) -> None:
    """Restore a copy into the empty database of the settings; raise Refused or BadInput."""
    if vendor != connection.vendor:
        raise BadInput(Fault(f"the backup is of {vendor}, this database is {connection.vendor}", "set DATABASE_URL"))
    if vendor == "sqlite":
        shutil.copyfile(source, Path(str(connection.settings_dict["NAME"])))
        return
    if connection.introspection.table_names():
        raise Refused("the database is not empty")
    _run("pg_restore", "--exit-on-error", "--no-owner", f"--dbname={_dsn()}", str(source))


def _dsn() -> str:
    """Return the connection string without the password, which is passed in the environment."""
    parts = {"host": "HOST", "port": "PORT", "user": "USER", "dbname": "NAME"}
    values = {name: connection.settings_dict.get(key) for name, key in parts.items()}
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
