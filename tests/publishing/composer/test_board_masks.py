"""Codes that a public release withholds are withheld on boards too."""

from __future__ import annotations

from unittest.mock import Mock

import pytest

from kerege.evidence.release.manifest import TableEntry
from kerege.publishing.composer import board_masks
from kerege.publishing.storage.published_tables import PublishedTable
from kerege.publishing.storage.release_files import ReleaseFiles
from kerege.web.cell_masks import Rows

SERVICES = """service,payer,count,status
_T,_T,90,ok
_T,iom,60,ok
shelter,_T,40,ok
shelter,iom,,suppressed
education,_T,,suppressed
education,iom,,suppressed
repatriation,_T,20,perturbed
"""


def release(content: str, by: tuple[str, ...]) -> ReleaseFiles:
    table = PublishedTable("services_by_kind", by, Mock(spec=TableEntry), content.encode())
    return Mock(spec=ReleaseFiles, tables={table.name: table})


def test_a_code_counts_as_withheld_when_its_total_over_the_other_columns_is() -> None:
    releases = [release(SERVICES, ("service", "payer")), release("year,count,status\n2024,,suppressed\n", ("year",))]
    assert board_masks.withheld_codes("service", releases) == {"education"}


def test_the_board_masks_what_a_release_withholds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(board_masks.queries, "public_files", lambda: [release(SERVICES, ("service", "payer"))])
    rows: Rows = {code: dict.fromkeys(range(30), 1) for code in ("shelter", "education", "other")}
    masked = board_masks.mask_board_parts("service", rows, 10)
    assert masked["education"] is None
    assert list(masked.values()).count(None) == 2
