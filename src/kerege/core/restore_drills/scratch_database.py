"""Scratch database of a drill on PostgreSQL, which `KEREGE_DRILL_DATABASE_URL` names."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg

from kerege.base.errors import Refused

MARK = "scratch database of kerege backup --drill"
TABLES = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
COMMENT = "SELECT obj_description('public'::regnamespace, 'pg_namespace')"


@contextmanager
def scratch_database(url: str) -> Iterator[None]:
    """Empty the database before and after the block; raise Refused if it holds other tables."""
    _empty(url)
    try:
        yield
    finally:
        _empty(url)


def _empty(url: str) -> None:
    try:
        with psycopg.connect(url, autocommit=False) as connection:
            tables, comment = (connection.execute(query).fetchone() for query in (TABLES, COMMENT))
            if tables != (0,) and comment != (MARK,):
                raise Refused("the database of KEREGE_DRILL_DATABASE_URL holds other tables: name an empty one")
            connection.execute("DROP SCHEMA public CASCADE")
            connection.execute("CREATE SCHEMA public")
            connection.execute(f"COMMENT ON SCHEMA public IS '{MARK}'")
    except psycopg.Error as error:
        name = type(error).__name__
        raise Refused(f"the database of KEREGE_DRILL_DATABASE_URL cannot be used ({name}): its user owns it") from None
