"""Small register with three transgender persons, and steps to compose, check and approve a release."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from kerege.core.authorization import Actor
from kerege.evidence.data import snapshot
from kerege.publishing.releases.models import Release
from kerege.publishing.releases.services import approve, check
from kerege.publishing.releases.services import compose as compose_services

TITLE = {"kk": "Жынысы", "ru": "Пол", "en": "Sex"}
SEX = {"name": "sex", "of": "victims", "by": ["sex"], "method": "none"}
COUNTS = {"male": 120, "female": 90, "transgender": 3}


def freeze(house: Path, counts: dict[str, int] = COUNTS, as_of: str = "2025-12-31") -> str:
    """Write a snapshot of victims with these counts by sex and return its name."""
    codes = [sex for sex, count in counts.items() for _ in range(count)]
    rows = [{"sex": sex, "year": "2025", "record_id": str(number)} for number, sex in enumerate(codes)]
    path = house / "snapshots" / f"victims-{as_of}.parquet"
    path.parent.mkdir(exist_ok=True)
    snapshot.write(path, "victims", rows, as_of=as_of, invented=True, key=b"k" * 32)
    return path.name


def compose(actor: Actor, name: str, *tables: dict[str, Any], embargo_at: Any = None, **spec: Any) -> Release:
    """Return a draft with these tables."""
    fields = {"title": TITLE, "period": "2025", "threshold": 10, "table": []} | spec
    row = compose_services.create(actor, fields, embargo_at)
    compose_services.set_data(actor, row, [name])
    for table in tables or (SEX | {"method": "suppress"},):
        compose_services.put_table(actor, row, table)
    row.refresh_from_db()
    return row


def ready(actor: Actor, name: str, *tables: dict[str, Any], **spec: Any) -> Release:
    """Return a draft that the gate has found safe."""
    row = compose(actor, name, *tables, **spec)
    check.ask_check(actor, row)
    row.refresh_from_db()
    assert (row.state, row.faults) == ("ready", [])
    return row


def published(composer: Actor, approver: Actor, name: str, *tables: dict[str, Any], **spec: Any) -> Release:
    """Return an approved release."""
    row = ready(composer, name, *tables, **spec)
    return approve.approve(approver, row, row.draft_sha256, known_read=True)
