"""No page of a release with changed tables states something false.

Values are swapped, tied, withheld, rounded, left out, reversed. The oracle reads pages and signed CSV only.
"""

from __future__ import annotations

import random
import re
from pathlib import Path

import pytest
from django.test import Client

from kerege.publishing.site.indicators import THEMES, list_counted
from tests.conftest import empty_home
from tests.publishing import made, mutations
from tests.publishing.conftest import house
from tests.publishing.oracle import Signed, false_claims, read
from tests.publishing.site.test_report_views import LANGUAGES

__all__ = ["empty_home", "house"]
pytestmark = pytest.mark.django_db
CHANGES = ("swap", "tie", "withhold_top", "round_all", "drop", "reverse")
INDICATORS = [indicator.id for indicator in list_counted()]


def make_changed(home: Path, change: str) -> dict[str, Signed]:
    """Make a release whose every table was changed, and return its tables as the oracle reads them."""
    out = made.make(home, estimate=made.estimated())
    signed = {"detected": Signed(b"count,status\n1343,ok\n")}
    for name, (_, by, _, cells) in made.tables().items():
        changed = mutations.mutate(cells, change, random.Random(f"{change} {name}"))
        made.replace_table(out, name, by, changed)
        signed[name] = Signed((out / f"tables/{name}.csv").read_bytes(), several="service_kinds" in by)
    return signed


def pages(lang: str) -> list[str]:
    """Return the addresses of pages with sentences about tables."""
    figures = [f"f/{name}/{pin}" for name in INDICATORS for pin in ("", "annual-2025/")]
    chapters = [f"report/2025/{part}" for part in ("", "press/", "all/")]
    return [f"/{lang}/{path}" for path in ("", "f/", *(f"t/{theme}/" for theme in THEMES), *figures, *chapters)]


@pytest.mark.parametrize(("change", "lang"), zip(CHANGES, LANGUAGES * 2, strict=True))
def test_no_page_of_a_changed_release_states_something_false(change: str, lang: str, house: Path) -> None:
    signed, sentences = make_changed(house, change), 0
    for path in pages(lang):
        answer = Client(HTTP_HOST="localhost").get(path, secure=True)
        assert answer.status_code in {200, 404}, path
        text = answer.content.decode()
        counted = re.sub(r'<(\w+)[^>]*data-claim="(?:estimate|withheld_some)".*?</\1>', "", text, flags=re.DOTALL)
        sentences += len(read(counted))
        assert false_claims(counted, signed) == [], path
    print(f"{change} {lang}: {sentences} sentences")
    assert sentences > 60
