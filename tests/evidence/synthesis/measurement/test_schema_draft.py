"""A draft of a schema holds column names and public lists only."""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.evidence.data.record_frames import read_column_names
from kerege.evidence.synthesis.measurement.public_schema import CTDC, DISCOVERED, read
from kerege.evidence.synthesis.measurement.schema_draft import draft_schema

CTDC_NAMES = ["yearOfRegistration", "gender", "citizenship", "isForcedLabour", "typeOfSexConcatenated", 'my "own"']


def test_a_draft_is_a_schema_file(tmp_path: Path) -> None:
    (tmp_path / "schema.toml").write_text(draft_schema("x.csv", CTDC_NAMES, [CTDC_NAMES[-1]]), encoding="utf-8")
    columns = read(tmp_path / "schema.toml")
    assert [column.name for column in columns] == CTDC_NAMES
    assert [column.source for column in columns] == [CTDC] * 4 + [DISCOVERED] * 2
    assert [column.multi for column in columns] == [False] * 4 + [True] * 2


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16", "cp1251"])
def test_the_rows_do_not_change_the_draft(tmp_path: Path, encoding: str) -> None:
    drafts = set()
    for rows in ("female,ж\n", "male,м\n" * 9, ""):
        path = tmp_path / "people.csv"
        path.write_bytes(f"sex,пол\n{rows}".encode(encoding))
        drafts.add(draft_schema(path.name, read_column_names(path, "cp1251" if encoding == "cp1251" else "")))
    (text,) = drafts
    assert '[columns."пол"]' in text
    assert "female" not in text
