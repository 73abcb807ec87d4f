"""Training on 4,000 records recovers its parameters.

The checks are those of tests/linkage/matching/test_train.py on a larger file.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from kerege.linkage.matching import link_files
from tests.linkage.matching import test_train as fast


@pytest.fixture(scope="module")
def linked(tmp_path_factory: pytest.TempPathFactory) -> link_files.Linked:
    return fast.link_people(tmp_path_factory.mktemp("people"), 4_000)


def test_m_of_equal_names_follows_the_identifiers(linked: link_files.Linked) -> None:
    fast.check_equal_names(linked)


def test_the_prior_follows_the_size_of_the_file(linked: link_files.Linked, tmp_path: Path) -> None:
    fast.check_prior(linked, tmp_path)


def test_a_distant_start_ends_near_the_same_values(linked: link_files.Linked) -> None:
    fast.check_distant_start(linked)


def test_a_missing_day_carries_no_evidence(linked: link_files.Linked) -> None:
    fast.check_missing_day(linked)
