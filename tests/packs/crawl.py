"""Open every page in the languages of a pack, in a process of its own.

`KEREGE_PACK=... KEREGE_HOME=... python -m tests.packs.crawl` migrates an empty home, furnishes one agency with one of
everything, opens every page once in each given language, and prints what it saw as JSON.
"""

from __future__ import annotations

import json
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

HTML = re.compile(r"<html ([^>]*)>")
SHOWN = 2000  # characters of a page that fails


def crawl(languages: list[str]) -> dict[str, dict[str, Any]]:
    """Return the status and the start of each page, by language and name of the page."""
    from django.core.management import call_command

    from kerege.core.accounts.models import Agency, Installation, Role, User
    from kerege.core.authorization import session_scope
    from kerege.vocabulary import codes
    from kerege.vocabulary.languages import offered
    from tests.safety.canaries import words
    from tests.safety.world import MODULES, furnish

    call_command("migrate", verbosity=0)
    session_scope.open_process()
    Installation.mark(demo=True)
    region = next(iter(codes.code_list("region").codes))
    centre, hotline = (
        Agency.objects.create(code=code, kind=kind, region=region, names={tag: f"{code} {tag}" for tag in offered()})
        for code, kind in (("centre", "crisis_centre"), ("hotline", "hotline"))
    )
    things = furnish(centre, hotline, words())
    user = User.objects.create_user("caseworker", None, full_name="Worker", language=offered()[0])
    for role in Role:
        user.assignments.create(agency=centre, role=role)
    closed = set().union(*(getattr(module, "POST_ONLY", ()) for module in MODULES))
    return {language: dict(_open_all(user, things, closed, language)) for language in languages}


def _open_all(user: Any, things: Any, closed: set[str], language: str) -> Iterator[tuple[str, dict[str, Any]]]:
    from django.test import Client

    from tests.core.urlconf import pages
    from tests.safety.world import address, parameters

    client = Client(HTTP_HOST="localhost", raise_request_exception=False)
    client.post(f"/{language}/account/demo/", {"role": "caseworker"})
    assert client.get(f"/{language}/work/", follow=True).status_code == 200
    for page in pages():
        if page.of_library or page.name in closed or page.name.endswith("None") or "api" in page.pattern.split("/")[0]:
            continue
        try:
            place = address(page, things if parameters(page) else None, language)
        except (AttributeError, KeyError):  # an address of something that this small world has not
            continue
        answer = client.get(place)
        if answer.streaming or not answer.headers.get("Content-Type", "").startswith("text/html"):
            yield page.name, {"status": answer.status_code}
            continue
        text = answer.content.decode()
        start = HTML.search(text)
        seen = {"status": answer.status_code, "html": start[1] if start else ""}
        yield page.name, seen | ({"text": text[:SHOWN]} if answer.status_code >= 500 else {})


def main() -> None:
    """Print what the crawl saw."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kerege.config.settings")
    import django

    django.setup()
    print(json.dumps(crawl(sys.argv[1:])))


if __name__ == "__main__":
    main()
