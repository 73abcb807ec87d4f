"""Coded records are written as plain arrays and read back unchanged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from kerege.evidence.synthesis.generation.isolated_fit import NOBODY
from kerege.evidence.synthesis.generation.records import CodedRecords


def records() -> CodedRecords:
    return CodedRecords(np.array([4, 0, 7], np.int32), np.array([0, 2, 2, 3]), (0.5, 1.25))


def test_a_record_is_the_values_between_two_starts() -> None:
    made = records()
    assert made.people == 3
    rows = [made.values[start:end].tolist() for start, end in zip(made.start, made.start[1:], strict=False)]
    assert rows == [[4, 0], [], [7]]


def test_nobody_is_no_record() -> None:
    assert NOBODY.people == 0
    assert not len(NOBODY.values)


@pytest.mark.parametrize("made", [records(), NOBODY], ids=["three", "none"])
def test_a_file_holds_the_same_records(tmp_path: Path, made: CodedRecords) -> None:
    path = tmp_path / "a name without suffix"
    made.save(path)
    with np.load(path, allow_pickle=False) as file:
        assert file["values"].tolist() == made.values.tolist()
        assert file["start"].tolist() == made.start.tolist()
    loaded = CodedRecords.load(path)
    assert (loaded.people, loaded.apart) == (made.people, made.apart)
    assert loaded.values.dtype == np.int32
