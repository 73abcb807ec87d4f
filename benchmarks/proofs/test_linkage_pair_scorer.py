"""Namesakes among 6,000 records.

The cases are those of tests/linkage/matching/test_pair_scorer.py in a larger file.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.linkage.matching import test_pair_scorer as fast

RECORDS = 6_000


@pytest.mark.parametrize("name", fast.DIFFERENT)
def test_namesakes_do_not_match_in_a_large_file(tmp_path: Path, name: str) -> None:
    fast.check_different(tmp_path, [name], RECORDS)


@pytest.mark.parametrize("name", fast.SAME)
def test_strong_evidence_makes_a_match_in_a_large_file(tmp_path: Path, name: str) -> None:
    fast.check_same(tmp_path, [name], RECORDS)


def test_many_records_of_one_name_and_year_are_no_cluster(tmp_path: Path) -> None:
    fast.check_name_and_year(tmp_path, RECORDS)
