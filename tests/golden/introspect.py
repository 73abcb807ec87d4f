"""Description of the system from Django.

It covers the database, migrations, addresses, rights, jobs and keys of the session.

The driver imports this module after `kerege migrate` has loaded Django. The imports of `kerege` below are all that the
golden tests make besides the command line; a codemod rewrites them.
"""

from __future__ import annotations

import ast
import hashlib
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

from django.apps import apps
from django.conf import settings
from django.contrib.auth.models import Permission
from django.core.exceptions import EmptyResultSet
from django.db import connection, models
from django.db.migrations.loader import MigrationLoader
from django.test import Client
from django.urls import URLResolver, get_resolver

import kerege
from kerege.core.accounts.actors import AGENCY_KEY
from kerege.core.accounts.demo_sign_in import SESSION_KEY
from kerege.core.authorization import Actor, scope
from kerege.core.authorization.rules import rules
from kerege.core.jobs.registry import jobs
from kerege.core.jobs.requests import queued_work, run
from kerege.core.pages.middleware import SEEN_AT, SIGNED_IN_AT

ACTION = re.compile(r"[a-z][a-z0-9_]+\.[a-z][a-z0-9_]+")
# a file without such a literal writes no action: to parse all files takes seconds
QUOTED_ACTION = re.compile(rf"""["']{ACTION.pattern}["']""")
# calls whose first texts name an audit action
WRITERS = {"Rule", "Denied", "act", "record", "page", "require", "scope", "find", "allows"}
COOKIES = ("SESSION_COOKIE_NAME", "CSRF_COOKIE_NAME", "LANGUAGE_COOKIE_NAME", "SESSION_ENGINE", "SESSION_COOKIE_AGE")


def short(text: str) -> str:
    """Return the first 12 digits of the SHA-256 of a text."""
    return hashlib.sha256(text.encode()).hexdigest()[:12]


def urls() -> Iterator[str]:
    """Yield each address with its name, in the order in which they are tried."""
    yield from _urls(get_resolver(), "", "")


def _urls(resolver: Any, prefix: str, space: str) -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = prefix + _route(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _urls(pattern, route, space + (f"{pattern.namespace}:" if pattern.namespace else ""))
        else:
            yield f"{route}  {space}{pattern.name or '-'}"


def _route(pattern: Any) -> str:
    return "<language>/" if hasattr(pattern, "language_prefix") else str(pattern)


def schema() -> Iterator[str]:
    """Yield each table with columns, keys, indexes, constraints and triggers, and a hash of its SQL."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT type, name, tbl_name, sql FROM sqlite_master ORDER BY tbl_name, type DESC, name")
        for kind, name, table, sql in cursor.fetchall():
            if kind == "table":
                yield f"{name}  {short(sql)}"
                yield from _columns(cursor, table)
                yield from _constraints(cursor, table)
            elif sql:
                yield f"  {kind} {name} {short(sql)}"


def _columns(cursor: Any, table: str) -> Iterator[str]:
    cursor.execute(f'PRAGMA table_info("{table}")')
    for _, name, kind, full, default, key in cursor.fetchall():
        marks = [mark for mark, there in (("not null", full), ("key", key), (f"default {default}", default)) if there]
        yield f"  {' '.join([name, kind, *marks])}"


def _constraints(cursor: Any, table: str) -> Iterator[str]:
    """Yield constraints with their columns; leave out the numbered names that the database gives."""
    lines = []
    for name, constraint in connection.introspection.get_constraints(cursor, table).items():
        marks = [mark for mark in ("primary_key", "unique", "check", "index") if constraint[mark]]
        to = f"-> {'.'.join(constraint['foreign_key'])}" if constraint["foreign_key"] else ""
        known = "" if name.startswith(("__", "sqlite_autoindex")) else name
        lines.append("  " + " ".join(filter(None, [*marks, known, f"({', '.join(constraint['columns'] or [])})", to])))
    return iter(sorted(lines))


def models_() -> Iterator[str]:
    """Yield each model with its table and the values of fields that have choices."""
    for model in sorted(apps.get_models(include_auto_created=True), key=lambda model: model._meta.label):
        yield f"{model._meta.label} {model._meta.db_table}"
        for field in model._meta.local_fields:
            if field.choices:
                yield f"  {field.name} in {_values(field)}"


def _values(field: models.Field[Any, Any]) -> str:
    values = [str(value) for value, _ in field.flatchoices]
    return ", ".join(values) if len(values) <= 20 else f"{len(values)} values {short(chr(10).join(values))}"


def migrations() -> Iterator[str]:
    """Yield each migration with what it replaces and what it runs after."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    for (app, name), migration in sorted(loader.disk_migrations.items()):
        yield f"{app}.{name}"
        for what in ("replaces", "dependencies"):
            yield from (f"  {what} {'.'.join(map(str, item))}" for item in getattr(migration, what))


def rights() -> Iterator[str]:
    """Yield each rule with the roles that it grants, and for each role a hash of the SQL of the rows."""
    for action, rule in sorted((rule.action, rule) for rule in rules.all()):
        yield f"{action} {rule.model._meta.label if rule.model else '-'}"
        for role in sorted({str(role) for grant in rule.grants for role in grant.roles}):
            yield f"  {role}{_rows(action, rule.model, role)}"


def _rows(action: str, model: Any, role: str) -> str:
    if model is None:
        return ""
    actor = Actor("golden", UUID(int=1), UUID(int=2), frozenset({role}))
    try:
        return f" {short(str(scope(actor, model, action=action).query))}"
    except EmptyResultSet:  # in an empty register
        return " nothing"


def names() -> Iterator[str]:
    """Yield names that are stored in rows, sessions and queues: jobs, tasks, keys, cookies, permissions."""
    yield from (f"job {job.name} {job.period}" for job in sorted(jobs.all(), key=lambda job: job.name))
    yield from (f"task {work.name}" for work in sorted(queued_work.all(), key=lambda work: work.name))
    yield f"path of queued tasks {run.module_path}"
    for key in (AGENCY_KEY, SESSION_KEY, SEEN_AT, SIGNED_IN_AT):
        yield f"session key {key}"
    yield from (f"{name} {getattr(settings, name)}" for name in COOKIES)
    for app, model, code in Permission.objects.values_list(
        "content_type__app_label", "content_type__model", "codename"
    ).order_by("content_type__app_label", "codename"):
        yield f"permission {app}.{model} {code}"


def actions() -> Iterator[str]:
    """Yield every audit action: of the rules, and literals in calls that write an event or refusal."""
    literals = set[str]()
    for path in Path(str(kerege.__file__)).parent.rglob("*.py"):
        text = path.read_text(encoding="utf-8")
        for node in ast.walk(ast.parse(text)) if QUOTED_ACTION.search(text) else ():
            if isinstance(node, ast.Call) and getattr(node.func, "attr", getattr(node.func, "id", "")) in WRITERS:
                values = [argument.value for argument in node.args if isinstance(argument, ast.Constant)]
                literals.update(value for value in values if isinstance(value, str) and ACTION.fullmatch(value))
    yield from sorted(literals)


def interface() -> Iterator[str]:
    """Yield what the interface for other systems offers, with the names that clients generate code from."""
    answer = Client(SERVER_NAME="localhost").get("/api/v1/openapi.json", secure=True)
    # the name of status 422 since Python 3.13
    description = json.loads(answer.content.replace(b"Unprocessable Content", b"Unprocessable Entity"))
    for path, methods in description["paths"].items():
        for method, what in methods.items():
            yield f"{method} {path} {what['operationId']} {short(json.dumps(what, sort_keys=True))}"
    for name, what in description["components"]["schemas"].items():
        yield f"{name} {short(json.dumps(what, sort_keys=True))}"


def audit() -> Iterator[str]:
    """Yield the chain of the audit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT seq, at, actor, action, target, outcome, details, hash FROM audit_auditevent ORDER BY seq"
        )
        yield from (" | ".join(map(str, row)) for row in cursor.fetchall())


def home(folder: Path) -> Iterator[str]:
    """Yield files and folders of a home with their permissions, without the random part of key names."""
    for path in sorted(folder.rglob("*")):
        name = re.sub(r"-[0-9a-f]{6}\.key$", "-RANDOM.key", str(path.relative_to(folder)))
        yield f"{name}{'/' if path.is_dir() else ''} {path.stat().st_mode & 0o777:03o}"


def everything(folder: Path) -> dict[str, str]:
    """Return every description by its name."""
    descriptions = {
        "urls": urls(),
        "schema": schema(),
        "models": models_(),
        "migrations": migrations(),
        "rights": rights(),
        "names": names(),
        "actions": actions(),
        "interface": interface(),
        "home": home(folder),
    }
    return {name: "\n".join(lines) + "\n" for name, lines in descriptions.items()}
