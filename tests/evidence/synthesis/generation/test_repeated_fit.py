"""The repetition follows from the records and the sizes of noise, from nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kerege.evidence.synthesis.generation import repeated_fit
from kerege.evidence.synthesis.generation.isolated_fit import NOBODY
from kerege.evidence.synthesis.generation.records import CodedRecords
from kerege.evidence.synthesis.generation.repeated_fit import number_columns, repeat_fit
from kerege.evidence.synthesis.measurement.noisy_counts import UNIT, Noisy, NoisyLevel

COLUMN = np.array([0, 0, 2, 2], np.int32)  # a column without values is between the two
RECORDS = CodedRecords(np.array([0, 2, 1, 3] * 50, np.int32), np.arange(0, 201, 2))


def noisy(*, pairs: int = 50, impossible: bool = False) -> Noisy:
    singles = NoisyLevel(np.arange(4, dtype=np.int32)[:, None], np.full(4, 50 * UNIT), 2.0 * UNIT, 0.7)
    items = np.array([[0, 2], [0, 3], [1, 2], [1, 3]], np.int32)
    level = NoisyLevel(items, np.full(4, pairs * UNIT), 3.0 * UNIT, 1.5)
    counts = Noisy(COLUMN, 2, np.array([0, 0, 100]), 1.0, (singles, level))
    return replace(counts, impossible=np.array([[0, 3]], np.int32)) if impossible else counts


def rows(records: CodedRecords | None) -> list[list[int]]:
    assert records is not None
    return [records.values[start:end].tolist() for start, end in zip(records.start, records.start[1:], strict=False)]


def test_the_counts_of_the_measurement_do_not_matter_only_their_noise() -> None:
    one, other = (repeat_fit(noisy(pairs=pairs), RECORDS, 0.85, 3) for pairs in (50, 900))
    assert rows(one) == rows(other)
    assert rows(one) != rows(repeat_fit(noisy(), RECORDS, 0.85, 4))


def test_values_keep_their_numbers() -> None:
    columns = [(column.name, column.values) for column in number_columns(noisy())]
    assert columns == [("0", ("0", "1")), ("2", ("2", "3"))]
    again = repeat_fit(noisy(), RECORDS, 0.85, 3)
    common = [tuple(sorted(row)) for row in rows(again)]
    assert {(0, 2), (1, 3)} <= set(common)
    assert 30 < common.count((0, 2)) < 70


def test_no_record_of_the_repetition_holds_values_that_are_impossible_together() -> None:
    both = CodedRecords(np.array([0, 3, 0, 2] * 50, np.int32), np.arange(0, 201, 2))
    assert not any({0, 3} <= set(row) for row in rows(repeat_fit(noisy(impossible=True), both, 0.85, 1)))


def test_nobody_and_very_many_records_are_not_repeated(monkeypatch: pytest.MonkeyPatch) -> None:
    assert repeat_fit(noisy(), NOBODY, 0.85, 1) is None
    assert repeat_fit(noisy(), CodedRecords(np.empty(0, np.int32), np.zeros(4, np.int64)), 0.85, 1) is None
    monkeypatch.setattr(repeated_fit, "MOST_RECORDS", 99)
    assert repeat_fit(noisy(), RECORDS, 0.85, 1) is None
