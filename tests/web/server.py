"""Test server for browser tests: its own home folder, invented users, the addresses of `gallery`.

Run `python -m tests.web.server PORT` with KEREGE_HOME set to a migrated register. It prints `ready` when it listens.
"""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping
from socketserver import ThreadingMixIn
from types import MappingProxyType
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server
from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

PASSWORD = "a long invented password"
# path: work that the process does for a test, beside the pages; the answer is JSON
Acts = Mapping[str, Callable[[], object]]
NO_ACTS: Acts = MappingProxyType({})


class Server(ThreadingMixIn, WSGIServer):
    """WSGI server with one thread per request."""

    daemon_threads = True


class Quiet(WSGIRequestHandler):
    """Request handler without an access log that buffers a whole response before sending it."""

    wbufsize = -1

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it
        """Log nothing."""


def prepare() -> None:
    """Set up Django with one invented user per role."""
    import django
    from django.conf import settings

    django.setup()
    settings.ROOT_URLCONF = "tests.web.gallery"
    make_users()


def make_users() -> None:
    """Create a demo register with one user for every role, all in one agency."""
    from kerege.core.accounts.models import Agency, Installation, Role, RoleAssignment, User

    Installation.objects.create(demo=True)
    agency = Agency.objects.create(
        code="karaganda",
        kind="crisis_centre",
        names={
            "kk": "Қарағанды дағдарыс орталығы",
            "ru": "Кризисный центр Караганды",
            "en": "Crisis centre of Karaganda",
        },
    )
    for role in Role:
        user = User.objects.create_user(role.replace("_", "-"), PASSWORD, full_name="Дана Ахметова")
        RoleAssignment.objects.create(user=user, agency=agency, role=role)


def add_acts(application: WSGIApplication, acts: Acts) -> WSGIApplication:
    """Return the application with the acts at their paths.

    An act in a process of its own would take seconds to start.
    """

    def answer(environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        act = acts.get(environ["PATH_INFO"])
        if act is None:
            return application(environ, start_response)
        from django.db import connections

        try:
            result = act()
        finally:
            connections.close_all()  # those of this thread
        start_response("200 OK", [("Content-Type", "application/json")])
        return [json.dumps(result).encode()]

    return answer


def serve(port: int, acts: Acts = NO_ACTS) -> None:
    """Serve until killed. Browsers cache static files as in production, unlike in a demo."""
    from django.conf import settings

    settings.WHITENOISE_MAX_AGE = 3600
    from kerege.config.wsgi import application  # reads the settings

    answer = add_acts(application, acts)
    with make_server("127.0.0.1", port, answer, server_class=Server, handler_class=Quiet) as server:
        print("ready", flush=True)
        server.serve_forever()


def main(port: int) -> None:
    """Prepare the register, then serve."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kerege.config.settings")
    prepare()
    serve(port)


if __name__ == "__main__":
    main(int(sys.argv[1]))
