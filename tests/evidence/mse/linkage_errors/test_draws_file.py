"""Draws of a linkage are read while their table is the same."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

from kerege.base.errors import BadInput
from kerege.evidence.mse import Lists, read_lists
from kerege.evidence.mse.linkage_errors.draws_file import FORMAT, read_draws
from tests.evidence.mse.tables import DATA, table

KOSOVO = table("Kosovo")
DRAW = [[int(history), int(count) + 1] for history, count in zip(KOSOVO.histories, KOSOVO.counts, strict=True)]


def read(folder: Path, **changes: Any) -> list[Lists]:
    path = folder / "lists.csv"
    path.write_bytes((DATA / "Kosovo.csv").read_bytes())
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    document = {"format": FORMAT, "table": digest, "lists": list(KOSOVO.names), "draws": [DRAW, DRAW]}
    (folder / "lists.draws.json").write_text(json.dumps(document | changes))
    return read_draws(path, read_lists(path))


def test_each_draw_is_a_table_of_the_same_lists(tmp_path: Path) -> None:
    draws = read(tmp_path)
    assert len(draws) == 2
    assert draws[0].names == KOSOVO.names
    assert (draws[0].counts == KOSOVO.counts + 1).all()


@pytest.mark.parametrize("changes", [{"table": "0"}, {"format": "other/1"}, {"lists": ["EXH", "ABA", "OSCE"]}])
def test_draws_of_another_table_are_left_out(tmp_path: Path, changes: dict[str, Any]) -> None:
    assert read(tmp_path, **changes) == []


@pytest.mark.parametrize("draws", [[[[1, -5]]], [[[1]]], [5], "x"])
def test_damaged_draws_are_refused(tmp_path: Path, draws: Any) -> None:
    with pytest.raises(BadInput, match="cannot be read"):
        read(tmp_path, draws=draws)


def test_a_table_without_draws_has_none(tmp_path: Path) -> None:
    (tmp_path / "lists.csv").write_bytes((DATA / "Kosovo.csv").read_bytes())
    assert read_draws(tmp_path / "lists.csv", KOSOVO) == []
