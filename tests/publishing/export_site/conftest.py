"""One exported site for all tests: a public, a withdrawn and a coming release, and a plan of measures."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from kerege.coordination.measures.models import MeasurePlan, PlanPublication
from kerege.coordination.measures.public_summary import PublicBody, PublicMeasure, compose
from kerege.coordination.measures.queries import PlanSummary
from kerege.core.accounts.models import Agency, User
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


def publish_plan() -> MeasurePlan:
    """Save the public summary of a plan with two measures; its act has words in Russian alone."""
    agency = Agency.objects.create(code="keeper-of-a-plan", kind="social_protection", names={"en": "Ministry"})
    days = {"starts_on": date(2025, 1, 1), "ends_on": date(2026, 12, 31)}
    plan = MeasurePlan.objects.create(agency=agency, titles={"ru": "План из 55 мер"}, act="Приказ 7-р", **days)
    body = PublicBody(names=agency.names, leads=True)
    states = {"1.": "done", "2.": "overdue"}
    content = compose(PlanSummary(plan, "2025-H1", date(2025, 7, 16), [])) | {
        "states": {"done": 1, "under_way": 0, "overdue": 1, "not_reported": 0},
        "measures": [
            PublicMeasure(
                number=number,
                texts={"ru": "Обучить не менее 217 инспекторов"},
                direction="prevention",
                bodies=[body],
                terms={"ru": "до 20 июня"},
                due_on="2025-06-20",
                state=state,
            )
            for number, state in states.items()
        ],
    }
    asked = {"submitted_by": "a", "submitted_on": date(2025, 8, 1), "decided_by": "b", "decided_on": date(2025, 8, 2)}
    PlanPublication.objects.create(plan=plan, half="2025-H1", state="published", content=content, **asked)
    return plan


@pytest.fixture(scope="session")
def site(tmp_path_factory: pytest.TempPathFactory, django_db_setup: None, django_db_blocker: Any) -> Path:
    """Return the folder of an exported site, made once for all processes; tests do not change it."""
    with django_db_blocker.unblock():
        return made_once(tmp_path_factory, "exported-site", _export) / "out"


def _export(folder: Path) -> None:
    make_releases(folder / "home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("KEREGE_HOME", str(folder / "home"))
        row, plan = withdraw("annual-2023"), publish_plan()
        try:
            export(folder / "out", MOMENT, BASE, LANGUAGES)
        finally:
            row.delete()
            plan.publications.all().delete()
            plan.delete()
            plan.agency.delete()
            row.prepared_by.delete()
