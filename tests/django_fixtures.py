"""The pytest plugin of the tests that need Django.

It provides settings, users with a second factor, and a clean audit log.

`tests/conftest.py` loads this module if the command line asks for such tests.
"""

from __future__ import annotations

import logging
import os
import shutil
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import django
import pytest
from django.apps import apps
from django.conf import settings
from django.core.cache import cache
from django.db import connection, connections, transaction
from django.db.models.signals import post_migrate
from django.utils import translation

from kerege.base.log_spool import DECISIONS
from scripts.run_tests import needs_django
from tests.conftest import HOME, made_once, migrate


def _set_up() -> None:
    """Set Django up with the settings of production, except for what needs TLS or much time."""
    os.environ["DJANGO_SETTINGS_MODULE"] = "kerege.config.settings"
    settings.SECURE_SSL_REDIRECT = False
    settings.ALLOWED_HOSTS = [*settings.ALLOWED_HOSTS, "testserver"]
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    database = settings.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # Threads wait for the locks of a database file as in production; a database in memory has no such locks.
        database.setdefault("TEST", {})["NAME"] = str(HOME / "test.sqlite3")
    django.setup()
    # tests of the log of decisions switch it on: elsewhere pytest would keep thousands of lines
    logging.getLogger(DECISIONS).setLevel(logging.WARNING)


_set_up()

from whitenoise.middleware import WhiteNoiseMiddleware  # noqa: E402

from kerege.base.steady_clock import CLOCK  # noqa: E402
from kerege.core.accounts.actors import actor_for  # noqa: E402
from kerege.core.audit import clock, triggers  # noqa: E402
from kerege.core.authorization import session_scope  # noqa: E402  needs the set-up

# Outside of pages and audited acts, a test has the rights of the operator at the command line.
session_scope.open_process()


def _list_static_files_once() -> None:
    """Share the list of static files among all browsers: each would list them anew at its first page."""
    read = WhiteNoiseMiddleware.add_files_from_finders
    files: dict[str, Any] = {}

    def add_files(middleware: WhiteNoiseMiddleware) -> None:
        if not files:
            read(middleware)
            files.update(middleware.files)
        middleware.files.update(files)

    WhiteNoiseMiddleware.add_files_from_finders = add_files


_list_static_files_once()


def _install_triggers(using: str, **_: Any) -> None:
    """Install the audit's triggers again after Django has emptied the database."""
    if triggers.missing(connections[using]):
        triggers.install(connections[using])


post_migrate.connect(_install_triggers, sender=apps.get_app_config("audit"))


@pytest.fixture(scope="session")
def django_db_keepdb(
    django_db_modify_db_settings: None, django_db_blocker: Any, request: Any, tmp_path_factory: Any
) -> bool:
    """Copy the database that the first process of the run migrated, so that pytest-django keeps it.

    Each process has a database of its own, and the migrations take 11 s of processor time.
    """
    name = connection.creation._get_test_db_name()
    if connection.vendor == "sqlite":
        shutil.copy(request.getfixturevalue("empty_home") / "kerege.sqlite3", name)
        return True
    address, _, database = os.environ["DATABASE_URL"].rpartition("/")
    template = f"{database}_template"

    def migrate_template(home: Path) -> None:
        _create_database(template, "template0")
        migrate(home, DATABASE_URL=f"{address}/{template}")

    with django_db_blocker.unblock():
        made_once(tmp_path_factory, "migrated", migrate_template)
        _create_database(name, template)
    return True


def _create_database(name: str, template: str) -> None:
    """Create a database of PostgreSQL as a copy of another one."""
    with connection._nodb_cursor() as cursor:
        cursor.execute(f'CREATE DATABASE "{name}" TEMPLATE "{template}"')


@pytest.fixture
def in_english() -> Iterator[None]:
    """Activate English; a test may choose another language."""
    with translation.override("en"):
        yield


@pytest.fixture(autouse=True)
def _remove_triggers(request: pytest.FixtureRequest) -> Iterator[None]:
    """Remove the audit's triggers before Django empties the database of a test that commits."""
    marker = request.node.get_closest_marker("django_db")
    commits = marker is not None and marker.kwargs.get("transaction", False)
    if commits:
        request.getfixturevalue("transactional_db")  # pytest ends this fixture first, then empties the database
    yield
    if commits:
        triggers.remove(connection)


@pytest.fixture(autouse=True)
def _forget(request: pytest.FixtureRequest) -> None:
    """Forget counted sign-in attempts and published audit roots.

    They would lock out or mislead the next test.
    """
    if needs_django(request.path):
        cache.clear()
        CLOCK.reset()
        clock._started["done"] = True  # `tests/core/audit/test_clock.py` starts it
        for kept in ("roots.jsonl", "checked.json"):
            (HOME / "audit" / kept).unlink(missing_ok=True)


@pytest.fixture(autouse=True)
def _refusals_without_limit(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ask for what is refused as often as a test likes; only `test_attempts.py` is about that limit."""
    if needs_django(request.path) and request.path.name != "test_attempts.py":
        from kerege.core.accounts import attempts

        monkeypatch.setitem(attempts.LIMITS, "refusal", attempts.Limit(free=10**6, first=1, longest=1))


@pytest.fixture(scope="module")
def module_rows(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """Keep the rows that module fixtures write until the last test of the module.

    Every test of the module that runs later sees these rows. The changes of each test are still rolled back.
    """
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def get_agency(code: str = "centre", kind: str = "crisis_centre") -> Any:
    """Return the agency with a code; make it if there is none."""
    from kerege.core.accounts.models import Agency

    names = {language: f"{code} {language}" for language in ("kk", "ru", "en")}
    return Agency.objects.get_or_create(code=code, defaults={"names": names, "kind": kind, "region": "35"})[0]


@pytest.fixture
def make_agency(db: None) -> Callable[..., Any]:
    """Make an agency by its code."""
    return get_agency


@pytest.fixture
def make_user(make_agency: Callable[..., Any]) -> Callable[..., Any]:
    """Make a user with roles in an agency."""
    from kerege.core.accounts.models import User

    def make(*roles: str, agency: Any = None, username: str = "", password: str | None = None) -> User:
        number = User.objects.count() + 1
        user = User.objects.create_user(
            username or f"user{number}", password, full_name=f"User {number}", language="en"
        )
        for role in roles:
            user.assignments.create(agency=agency or make_agency(), role=role)
        return user

    return make


@pytest.fixture
def make_actor(make_user: Callable[..., Any]) -> Callable[..., Any]:
    """Make the actor of a new user with roles in an agency."""
    return lambda *roles, agency=None: actor_for(make_user(*roles, agency=agency), agency)


def just_now(client: Any, user: Any, ago: float = 0) -> None:
    """Write into the session that the user signed in `ago` seconds ago, as the sign-in page does."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - ago}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


@pytest.fixture
def sign_in(client: Any) -> Callable[..., Any]:
    """Sign a user in with a second factor. Return the test's client, or the client that is given."""
    from tests import second_factor

    def enter(user: Any, browser: Any = client) -> Any:
        second_factor.activate(user)
        browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        just_now(browser, user)
        return browser

    return enter
