"""Releases at every stage: one that the gate refused, one that waits for approval, one that is public."""

from __future__ import annotations

import hashlib
import json
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from django.utils import timezone

from kerege.core.accounts.models import Role
from kerege.publishing.gate import run_gate
from kerege.publishing.releases.calendar_models import AnnouncedRelease
from kerege.publishing.releases.models import Deputy, Release

REFUSED, READY, PUBLIC = "release_refused", "release_ready", "release_public"
EDITED = (
    "about", "data", "tables", "add-table", "table", "text", "release", "table-file", "check-here", "safe", "check",
    "discard", "remove-table", "add-records", "records", "remove-records", "prediction", "evaluation", "records-file",
    "composition", "change-table",
)  # fmt: skip
SUBJECT = {f"releases:{name}": REFUSED for name in EDITED}
SUBJECT |= {"releases:approve": READY, "releases:sign": READY, "releases:take-back": READY}
SUBJECT |= {"releases:correct": PUBLIC, "releases:withdraw": PUBLIC, "releases:end-deputy": "deputy"}
SUBJECT |= {"releases:move-announced": "announced"}
POST_ONLY = {
    "releases:freeze",
    "releases:end-deputy",
    "releases:discard",
    "releases:check",
    "releases:check-here",
    "releases:safe",
    "releases:sign",
    "releases:take-back",
    "releases:correct",
    "releases:remove-table",
    "releases:remove-records",
    "releases:change-table",
}
# releases belong to the programme, not to the user who composes them; a coordinator meets them only as a deputy
PARTED = {*SUBJECT} - {"releases:end-deputy", "releases:move-announced"}
READ = {"releases:release", "releases:table-file", "releases:records-file"}
READ_ONLY = {*READ, "releases:prediction", "releases:composition", "releases:evaluation"}
APPROVE = {"releases:evaluation", "releases:approve", "releases:sign", "releases:take-back", "releases:withdraw"}
EVERYWHERE = {("publisher", name) for name in SUBJECT} | {
    ("analyst", name) for name in (PARTED - APPROVE) | {"releases:evaluation"}
}
EVERYWHERE |= {("auditor", name) for name in READ} | {("coordinator", "releases:move-announced")}
NARROWER = {("coordinator", name) for name in READ | APPROVE}
RECORDS = {"name": "people", "of": "victims", "columns": ["sex"], "epsilon": 1.0}
TABLE = "sex,count,status\n_T,213,ok\nmale,120,ok\nfemale,90,ok\ntransgender,3,ok\n"


def furnish(own: Any, elsewhere: Any, words: Any) -> dict[str, Any]:
    """Create a release in each stage, composed by a user of the agency, and a deputy of that user."""
    colleague = own.user if hasattr(own, "user") else own.assignments.first().user
    releases = {name: _release(colleague, name) for name in (REFUSED, READY, PUBLIC)}
    boss = _named(own, Role.PUBLISHER)
    days = {"from_on": timezone.localdate(), "until_on": timezone.localdate() + timedelta(days=7)}
    deputy = Deputy.objects.create(user=colleague, appointed_by=boss, **days)
    announced = AnnouncedRelease.objects.create(
        title=dict.fromkeys(("kk", "ru", "en"), "Announced"),
        period="1999",
        month=timezone.localdate().replace(day=1),
        announced_by=boss,
    )
    named = {"release_name": releases[PUBLIC].directory, "records": "people", "kind": "csv", "unit": "victims"}
    return (
        releases
        | {"deputy": deputy, "announced": announced}
        | {name: SimpleNamespace(pk=value) for name, value in named.items()}
    )


def _named(own: Any, role: Role) -> Any:
    from kerege.core.accounts.models import User

    number = User.objects.count()
    return User.objects.create_user(f"{role}-{number}", None, full_name="Approver", language="en")


def _release(colleague: Any, stage: str) -> Release:
    number = Release.objects.count() + 1
    title = {"kk": "Шығарылым", "ru": "Выпуск", "en": "Release"}
    tables = [{"name": "assisted", "of": "victims", "by": ["sex"], "method": "none"}]
    row = Release(
        title=title["en"],
        period="1999",
        directory=f"1999-{number}",
        prepared_by=colleague,
        check_number=1,
        spec={"title": title, "period": "1999", "threshold": 10, "table": tables, "microdata": [RECORDS]},
        checked_at=timezone.now(),
    )
    row.state = {REFUSED: "refused", READY: "ready", PUBLIC: "published"}[stage]
    if stage == PUBLIC:
        row.approved_by, row.approved_at, row.published_at = _named(None, Role.PUBLISHER), *[timezone.now()] * 2
    row.save()
    row.draft_sha256 = _draft(run_gate.drafts(row.pk) / "1", title, disclosed=stage == REFUSED)
    row.save()
    return row


def _draft(folder: Path, title: dict[str, str], *, disclosed: bool) -> str:
    """Create a checked draft as the gate leaves it."""
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    (folder / "tables/assisted.csv").write_text(TABLE)
    _records(folder)
    cell = {"sex": "transgender"}
    disclosure = {
        "kind": "small",
        "table": "assisted",
        "release": "Release",
        "where": {},
        "cell": cell,
        "lower": 3,
        "upper": 3,
        "people": 3,
        "from": [{"release": "Release", "table": "assisted", "cell": cell, "value": 3}],
        "remedy": "",
        "words": [],
        "advice": [{"table": "assisted", "action": "hide", "cells": [cell]}],
        "already_public": not disclosed,
    }
    entry = {
        "name": "assisted",
        "file": "tables/assisted.csv",
        "of": "victims",
        "by": ["sex"],
        "where": {},
        "method": "none",
        "params": {},
        "title": dict.fromkeys(title, "assisted"),
        "notes": [],
        "multi": [],
        "cells": {"published": 4, "suppressed": 0, "perturbed": 0, "noised": 0},
        "sha256": _sha(folder / "tables/assisted.csv"),
    }
    manifest = {
        "format": "kerege-release/1",
        "title": title,
        "period": "1999",
        "created": "2025-01-01T00:00:00Z",
        "invented": True,
        "code_version": "0.1.0",
        "privacy": {"rho": 0, "delta": 1e-9, "epsilon": 0},
        "request": "0" * 64,
        "before": [],
        "hashes": {},
        "snapshots": [],
        "policy": {"threshold": 10},
        "tables": [entry],
        "approvals": [],
        "attack": {
            "safe": False,
            "undecided": 0,
            "threshold": 10,
            "disclosures": [disclosure],
            "groups": [],
            "notes": [],
            "examined": {"releases": 1, "tables": 1, "cells": 4, "hidden": 0, "differences": 0},
            "already_public": 0 if disclosed else 1,
        },
        "microdata": [
            RECORDS
            | {
                "title": title,
                "preset": "balanced",
                "rows": 2,
                "worth": disclosed,
                "errors": [],
                "multi": [],
                "method": "dp",
                "rho": 1,
                "epsilon": 2.0,
                "delta": 0,
                "unit": "one record",
                "advice": "",
                "files": [{"file": "microdata/people.csv", "sha256": _sha(folder / "microdata/people.csv")}],
            }
        ],
        "prose": dict.fromkeys(title, "{{table:assisted|sex=female}} + {{share:assisted|sex=male}}"),
    }
    (folder / "draft.json").write_text(json.dumps(manifest))
    return _sha(folder / "draft.json")


def _sha(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def _records(folder: Path) -> None:
    """Synthetic records of a draft, and what was found about them."""
    (folder / "microdata").mkdir(exist_ok=True)
    (folder / "microdata/people.csv").write_text("sex\nfemale\nmale\n")
    inside = folder.parent / f"{folder.name}.inside"
    inside.mkdir(exist_ok=True)
    for lang in ("kk", "ru", "en"):
        (inside / f"people.{lang}.html").write_text("<!doctype html><title>Evaluation</title>")
    errors = {"length": 1, "errors": {"mean": 1.5}, "missing_share": 0.1, "fabricated_share": 0.2}
    risk = {"risk": "Learning an attribute", "level": "no sign"}
    (inside / "people.json").write_text(json.dumps({"lengths": [errors], "verdicts": [risk], "page": True}))
