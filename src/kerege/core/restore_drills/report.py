"""Report of a drill: the result of the last one, for doctor and the administrator's page."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path

from kerege.base import files
from kerege.base.file_model import FileModel


class RestoredFacts(FileModel):
    """Facts about a restored backup, which the process in the scratch folder reports.

    `seq` and `hash` are the head of its audit chain. `rows` counts the rows of all tables, `differing` names the tables
    with another number of rows than the manifest states. `opened` counts the sampled values that the keys opened.
    """

    created: str
    seq: int
    hash: str
    migrations: int
    rows: int
    differing: list[str]
    opened: dict[str, int]
    reason: str


class DrillReport(FileModel):
    """Result of a drill; `ended` is empty while it runs, `reason` says why it failed."""

    began: str
    backup: str
    ended: str = ""
    ok: bool = False
    reason: str = ""
    seconds: float = 0.0
    megabytes: float = 0.0
    with_key_file: bool = False
    facts: RestoredFacts | None = None

    @property
    def began_at(self) -> datetime:
        """Return when the drill began."""
        return datetime.fromisoformat(self.began)


def report_path() -> Path:
    """Return the path of the report of the last drill."""
    return files.home() / "audit" / "drill.json"


def write_report(report: DrillReport) -> None:
    """Replace the report of the last drill."""
    with files.atomic_file(report_path()) as part:
        part.write_text(json.dumps(report.model_dump()), encoding="utf-8")


def read_report() -> DrillReport | None:
    """Return the report of the last drill; None before the first one, and when it cannot be read."""
    try:
        return DrillReport.model_validate_json(report_path().read_bytes())
    except (OSError, ValueError):  # also pydantic's
        return None
