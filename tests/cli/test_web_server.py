"""Several server processes on one PostgreSQL: each user gets their own page under concurrent requests."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from urllib.parse import urlsplit

import psycopg
import pytest
from django.db import connection
from psycopg.sql import SQL, Identifier

pytestmark = [pytest.mark.db, pytest.mark.django_db(transaction=True)]
COMMAND = [sys.executable, "-c", "from kerege.cli import main; main()"]
WORKERS = 8
# users with one session each, printed to stdout for the test
PEOPLE = f"""
import django; django.setup()
from django.conf import settings
from django.test import Client
from tests import second_factor
from kerege.core.accounts.models import Agency, User
agency = Agency.objects.create(code="centre", kind="ngo", names={{"kk": "x", "ru": "x", "en": "x"}})
for number in range({WORKERS}):
    user = User.objects.create_user(f"u{{number}}", None, full_name=f"Worker {{number}} of many", language="en")
    user.assignments.create(agency=agency, role="caseworker")
    second_factor.activate(user)
    client = Client()
    client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[-1])
    print(client.cookies[settings.SESSION_COOKIE_NAME].value)
"""


@pytest.fixture
def served(tmp_path: Path) -> Iterator[tuple[int, list[str]]]:
    """Yield the port of two server processes on a database of their own, and the users' sessions."""
    if connection.vendor != "postgresql":
        pytest.skip("SQLite has no connections to share")
    copy_database("served")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path="/served").geturl()
    variables = {"DATABASE_URL": url, "KEREGE_HOME": str(tmp_path), "KEREGE_HTTPS": "0"}
    environment = os.environ | variables | {"DJANGO_SETTINGS_MODULE": "kerege.config.settings"}
    subprocess.run([*COMMAND, "migrate"], env=environment, check=True, capture_output=True)
    process = subprocess.run(
        [sys.executable, "-c", PEOPLE], env=environment, check=True, capture_output=True, text=True
    )
    serve = [*COMMAND, "serve", "--port", str(port), "--workers", "2"]
    with subprocess.Popen(serve, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as server:
        try:
            _wait(port)
            yield port, process.stdout.split()
        finally:
            server.terminate()
            server.wait(timeout=30)


def copy_database(name: str) -> None:
    """Copy the empty register of this test, where every migration has run, to another database."""
    source = connection.settings_dict["NAME"]
    connection.close()
    connection.close_pool()  # PostgreSQL copies no database with an open connection
    with psycopg.connect(os.environ["DATABASE_URL"], autocommit=True) as server:
        server.execute(SQL("DROP DATABASE IF EXISTS {}").format(Identifier(name)))
        server.execute(SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(source)))


def _wait(port: int) -> None:
    for _ in range(120):
        try:
            urllib.request.urlopen(f"http://127.0.0.1:{port}/en/account/login/", timeout=5).close()
            return
        except OSError:
            time.sleep(0.5)
    pytest.fail("the server does not answer")


def test_every_user_gets_their_own_page(served: tuple[int, list[str]]) -> None:
    port, sessions = served

    def ask(number: int) -> list[str]:
        """Return the responses, out of fifteen, that are not a page of this user."""
        request = urllib.request.Request(
            f"http://127.0.0.1:{port}/en/work/", headers={"Cookie": f"kerege={sessions[number]}"}
        )
        faults = []
        for _ in range(15):
            try:
                page = urllib.request.urlopen(request, timeout=60).read().decode()
            except OSError as error:
                faults.append(str(error))
                continue
            if f"Worker {number} of many" not in page:
                faults.append("another's page")
        return faults

    with ThreadPoolExecutor(WORKERS) as pool:
        assert [fault for worker_faults in pool.map(ask, range(WORKERS)) for fault in worker_faults] == []
