"""Test server for browser tests: its own home folder, invented users, the addresses of `gallery`.

Run `python -m tests.web.server PORT` with KEREGE_HOME set to a migrated register. It prints `ready` when it listens.
"""

from __future__ import annotations

import os
import sys
from socketserver import ThreadingMixIn
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

PASSWORD = "a long invented password"


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
        name_kk="Қарағанды дағдарыс орталығы",
        name_ru="Кризисный центр Караганды",
        name_en="Crisis centre of Karaganda",
    )
    for role in Role:
        user = User.objects.create_user(role.replace("_", "-"), PASSWORD, full_name="Дана Ахметова")
        RoleAssignment.objects.create(user=user, agency=agency, role=role)


def serve(port: int) -> None:
    """Serve until killed. Browsers cache static files as in production, unlike in a demo."""
    from django.conf import settings

    settings.WHITENOISE_MAX_AGE = 3600
    from kerege.config.wsgi import application  # reads the settings

    with make_server("127.0.0.1", port, application, server_class=Server, handler_class=Quiet) as server:
        print("ready", flush=True)
        server.serve_forever()


def main(port: int) -> None:
    """Prepare the register, then serve."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kerege.config.settings")
    prepare()
    serve(port)


if __name__ == "__main__":
    main(int(sys.argv[1]))
