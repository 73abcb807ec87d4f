"""One exported site for all tests: a public release, a withdrawn one, and one under embargo."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kerege.core.accounts.models import User
from kerege.publishing.export_site.build import export
from kerege.publishing.releases.models import Release
from tests.conftest import made_once
from tests.publishing import made

KEPT = {"sex", "state_assisted_by_year", "crimes_by_half"}
LEFT_OUT = tuple(made.tables().keys() - KEPT)
MOMENT = datetime(2026, 7, 30, 5, tzinfo=UTC)
EMBARGO = datetime(2026, 7, 30, 6, tzinfo=UTC)
BASE = "https://stat.example.kz"
LANGUAGES = ("en", "ru")
COMING = {"sex": {("male",): (770, "perturbed")}}


def make_releases(home: Path) -> None:
    """Write a release of 2023 to withdraw, a public one of 2025, and one of 2026 under embargo."""
    made.make(home, name="annual-2023", period="2023", leave_out=LEFT_OUT, changes={"sex": {("male",): (981, "ok")}})
    made.make(home, leave_out=LEFT_OUT)
    coming = made.make(home, name="annual-2026", period="2026", leave_out=LEFT_OUT, changes=COMING)
    manifest = json.loads((coming / "manifest.json").read_text())
    made.sign(coming, manifest | {"embargo": EMBARGO.isoformat()})


def withdraw(name: str) -> Release:
    """Save the row of a release that was published and withdrawn."""
    person = User.objects.create(username=f"preparer of {name}")
    return Release.objects.create(
        title="Release of 2023",
        period="2023",
        directory=name,
        manifest_sha256="0" * 64,
        state="withdrawn",
        prepared_by=person,
        published_at=datetime(2024, 7, 30, tzinfo=UTC),
        withdrawn_at=timezone.now(),
        withdrawn_reason={"en": "A table was wrong.", "ru": "Ошибка в таблице.", "kk": "Кесте қате."},
    )


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Path:
    """Return the folder of an exported site, made once for all processes; tests do not change it."""
    with django_db_blocker.unblock():
        return made_once(tmp_path_factory, "exported-site", _export) / "out"


def _export(folder: Path) -> None:
    make_releases(folder / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEREGE_HOME", str(folder / "home"))
        row = withdraw("annual-2023")
        try:
            export(folder / "out", MOMENT, BASE, LANGUAGES)
        finally:
            row.delete()
            row.prepared_by.delete()
