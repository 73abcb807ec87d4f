"""One of everything at one agency, served for the sweep of every page.

Start it by `python -m tests.journeys.everything PORT`.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path

from tests.web.server import make_users, serve

PAGES = "pages.json"


def seed(home: Path) -> None:
    """Furnish the agency of the demo's users, and write down every address.

    The caseworker holds every role.
    """
    from kerege.core.accounts.models import Agency, Role, User
    from kerege.core.authorization import session_scope
    from tests.safety.canaries import words
    from tests.safety.world import MODULES, address, furnish, staff_pages

    session_scope.open_process()
    centre = Agency.objects.get(code="karaganda")
    hotline = Agency.objects.create(
        code="hotline", kind="hotline", names={"kk": "Жедел желі", "ru": "Горячая линия", "en": "Hotline"}
    )
    things = furnish(centre, hotline, words())
    worker = User.objects.get(username="caseworker")
    for role in Role:
        worker.assignments.get_or_create(agency=centre, role=role)
    closed = set().union(*(getattr(module, "POST_ONLY", ()) for module in MODULES))
    opened = [page for page in staff_pages() if page.name not in closed]
    addresses = {page.name: address(page, things, "en").removeprefix("/en/") for page in opened}
    tabs = ("person", "identification", "assistance", "sharing", "files", "history")
    addresses |= {f"case {tab}": f"{addresses['cases:case']}?tab={tab}" for tab in tabs}
    (home / PAGES).write_text(json.dumps(addresses))


def main(port: int) -> None:
    """Furnish the agency, then serve."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kerege.config.settings")
    import django

    django.setup()
    make_users()
    seed(Path(os.environ["KEREGE_HOME"]))
    serve(port)


if __name__ == "__main__":
    main(int(sys.argv[1]))
