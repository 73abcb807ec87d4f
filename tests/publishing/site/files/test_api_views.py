"""Every file of the API v1 that the index leads to passes the schema that the site serves beside it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jsonschema
import pytest
from django.utils import timezone

from tests.publishing import made
from tests.publishing.site.files.test_event_views import announced, correct
from tests.publishing.site.files.test_figure_views import REASON, ask, row

pytestmark = pytest.mark.django_db
HOST = "https://localhost"
INDEX = f"{HOST}/api/v1/index.json"


def get(address: str, status: int = 200) -> Any:
    """Return the JSON of an address of the API."""
    answer = ask(address.removeprefix(HOST))
    assert answer.status_code == status, address
    return json.loads(b"".join(answer))


def test_the_schema_accepts_every_file_of_the_api_also_of_a_corrected_and_a_withdrawn_release(house: Path) -> None:
    now = timezone.now()
    made.make(house, name="annual-2023", period="2023", created="2024-07-29T09:00:00Z")
    row("annual-2023", state="withdrawn", published_at=now, withdrawn_at=now, withdrawn_reason=REASON)
    correct(house)
    made.make(house, name="annual-2026", period="2026", created="2026-07-29T09:00:00Z", estimate=made.estimated())
    announced()
    index = get(INDEX)
    schemas = {name: get(address) for name, address in index["schemas"].items()}
    files = {INDEX: "index", index["changes"]: "changes"}
    files |= {link["url"]: "indicator" for link in index["indicators"]}
    files |= {link["url"]: "release" for link in index["releases"]}
    assert {link["state"] for link in index["releases"]} == {"standing", "corrected", "withdrawn"}
    gone = {link["url"] for link in index["releases"] if link["state"] == "withdrawn"}
    for address, name in files.items():
        tree = get(address, 410 if address in gone else 200)
        jsonschema.Draft202012Validator(schemas[name], format_checker=jsonschema.FormatChecker()).validate(tree)
    assert len(files) > 20
