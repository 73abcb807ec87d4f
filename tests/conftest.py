"""Common ground of all tests: a home of their own, no network, users with a second factor."""

from __future__ import annotations

import fcntl
import gc
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).resolve().parents[1]
HOME = Path(tempfile.mkdtemp(prefix="kerege-test-"))
os.environ["KEREGE_HOME"] = str(HOME)
os.environ.pop("KEREGE_DEMO", None)

from django.conf import settings  # noqa: E402
from django.core.cache import cache  # noqa: E402
from django.test import TransactionTestCase  # noqa: E402

from kerege.core.authorization import session_scope  # noqa: E402


def _adapt(config: Any) -> None:
    """The settings of production, except what needs TLS, this machine's folders or much time."""
    config.HOME = HOME
    config.STORAGES["default"]["OPTIONS"]["location"] = HOME / "uploads"
    config.SECURE_SSL_REDIRECT = False
    config.ALLOWED_HOSTS = [*config.ALLOWED_HOSTS, "testserver"]
    config.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    database = config.DATABASES["default"]
    if database["ENGINE"].endswith("sqlite3"):
        # a file, as in life: threads meet real locks
        database.setdefault("TEST", {})["NAME"] = str(HOME / "test.sqlite3")


# two processes share the files, and the last one should keep nobody waiting: these come first
LONG = (
    "test_operations.py", "test_canary_pages.py", "test_load.py", "test_access_matrix.py", "test_queries.py",
    "test_audit.py", "test_attack_oracle.py", "test_linking.py", "test_produce.py", "test_estimate.py",
    "test_every_page.py", "test_pages.py", "test_foreign_worker.py", "test_records_release.py", "test_release.py",
    "test_caseload.py", "test_no_police.py", "test_silent_referral.py", "test_child.py", "test_persons.py",
    "test_typing.py",
)  # fmt: skip


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Asked for the tests of one mark, pytest does not load the files that never speak of it."""
    mark = str(config.option.markexpr).split(" ")[0]
    if mark in {"db", "journey"} and collection_path.name.startswith("test_"):
        return f"mark.{mark}" not in collection_path.read_text(encoding="utf-8") or None
    return None


# while everything is loaded nothing of it is thrown away
gc.disable()


def pytest_collection_finish() -> None:
    """What is loaded stays: looking through it again and again for garbage takes a sixth of the time of the tests."""
    gc.freeze()
    gc.set_threshold(10_000, 10, 10)
    gc.enable()


def _with_room(call: Callable[..., Any], *args: Any) -> Any:
    return call(*args)


# CPython keeps the frames of calls in pieces of 16 KB, and a call at the end of one fetches the next from the system
# and gives it back: as deep as pages are below pytest, that took a tenth of the time. One frame that asks for much
# makes a piece with room for all calls below it.
_with_room.__code__ = _with_room.__code__.replace(co_stacksize=40_000)


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_protocol(item: pytest.Item, nextitem: pytest.Item | None) -> object:
    """A test as always, with room for its calls."""
    runner: Any = item.config.pluginmanager.get_plugin("runner")
    return _with_room(runner.pytest_runtest_protocol, item, nextitem)


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Long files first."""
    places = {name: place for place, name in enumerate(LONG)}
    items.sort(key=lambda item: places.get(item.path.name, len(LONG)))


_adapt(settings)
# outside of pages and acts a test is the operator, as at the command line
session_scope.open_process()


def pytest_sessionfinish() -> None:
    shutil.rmtree(HOME, ignore_errors=True)


@pytest.fixture(autouse=True, scope="session")
def _no_network() -> Iterator[None]:
    """Nothing may reach another machine."""
    connect = socket.socket.connect

    def guarded(self: socket.socket, address: Any) -> None:
        host = address[0] if isinstance(address, tuple) else "localhost"
        if host not in {"localhost", "127.0.0.1", "::1"}:
            raise OSError(f"a test tried to reach {host}")
        return connect(self, address)

    socket.socket.connect = guarded  # type: ignore[method-assign]
    yield
    socket.socket.connect = connect  # type: ignore[method-assign]


@pytest.fixture(autouse=True, scope="session")
def _emptying_may_touch_the_audit() -> Iterator[None]:
    """Tests that commit empty the database afterwards; only there the audit's triggers step aside."""
    from django.db import connection

    from kerege.core.audit import triggers

    teardown = TransactionTestCase._fixture_teardown

    def without_triggers(self: TransactionTestCase) -> None:
        triggers.remove(connection)
        try:
            teardown(self)
        finally:
            triggers.install(connection)

    TransactionTestCase._fixture_teardown = without_triggers  # type: ignore[method-assign]
    yield
    TransactionTestCase._fixture_teardown = teardown  # type: ignore[method-assign]


@pytest.fixture(autouse=True)
def _forget_attempts() -> None:
    """Counted attempts of one test must not lock the next one out, nor its audit roots speak of another's chain."""
    cache.clear()
    for kept in ("roots.jsonl", "checked.json"):
        (HOME / "audit" / kept).unlink(missing_ok=True)


@pytest.fixture
def make_agency(db: None) -> Callable[..., Any]:
    """Make an agency by its code."""
    from kerege.core.accounts.models import Agency

    def make(code: str = "centre", kind: str = "crisis_centre") -> Agency:
        names = {f"name_{language}": f"{code} {language}" for language in ("kk", "ru", "en")}
        return Agency.objects.get_or_create(code=code, defaults=names | {"kind": kind, "region": "35"})[0]

    return make


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
    from kerege.core.accounts.actors import actor_for

    return lambda *roles, agency=None: actor_for(make_user(*roles, agency=agency), agency)


def just_now(client: Any, user: Any, ago: float = 0) -> None:
    """Let the session say that the user signed in `ago` seconds ago, as the sign-in page would."""
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": time.time() - ago}]
    session["account_authentication_methods_user"] = str(user.pk)
    session.save()


@pytest.fixture
def sign_in(client: Any) -> Callable[..., Any]:
    """Sign a user in, second factor done; returns the client, that of the test or another one."""
    from tests import second_factor

    def enter(user: Any, browser: Any = client) -> Any:
        second_factor.activate(user)
        browser.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
        just_now(browser, user)
        return browser

    return enter


def made_once(tmp_path_factory: pytest.TempPathFactory, name: str, make: Callable[[Path], None]) -> Path:
    """A folder that the first process to ask for it makes, for the whole run; nobody changes it."""
    shared = tmp_path_factory.getbasetemp()
    if "PYTEST_XDIST_WORKER" in os.environ:
        shared = shared.parent
    folder = shared / name
    with (shared / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not folder.exists():
            making = shared / f"{name}.making"
            making.mkdir()
            make(making)
            making.rename(folder)
    return folder


def run(home: Path, *command: str) -> None:
    """Run Python on the register of a demo in a folder."""
    environment = {key: value for key, value in os.environ.items() if key != "DATABASE_URL"}
    environment |= {"KEREGE_HOME": str(home), "KEREGE_DEMO": "1"}
    subprocess.run([sys.executable, *command], cwd=ROOT, env=environment, check=True)


@pytest.fixture(scope="session")
def empty_home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A register with every table and nothing in it; each server starts from a copy."""
    return made_once(
        tmp_path_factory, "empty", lambda home: run(home, "-c", "from kerege.cli import main; main(['migrate'])")
    )


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """Chromium, started once for the whole session: it cannot be driven twice in one process."""
    from tests.web import browser as driver

    if driver.chromium() is None:
        pytest.skip("no Chromium on this machine")
    with driver.launched() as started:
        yield started
