"""Overlaps counted from tokens, on large populations.

The checks are those of tests/linkage/tokens/test_run_study.py and tests/linkage/tokens/test_link_error_rates.py.
"""

from __future__ import annotations

from pathlib import Path

from tests.linkage.tokens.test_link_error_rates import check_estimated_errors, check_false_links
from tests.linkage.tokens.test_run_study import check_links_of_tokens, check_one_more_record


def test_one_more_record_changes_only_the_persons_it_links(tmp_path: Path) -> None:
    check_one_more_record(tmp_path, 9_000, [10, 1_000, 2_000])


def test_the_estimated_errors_are_near_the_true_ones(tmp_path: Path) -> None:
    check_estimated_errors(tmp_path, 9_000)


def test_false_links_do_not_depend_on_the_overlap(tmp_path: Path) -> None:
    check_false_links(tmp_path, 20_000)


def test_tokens_find_nearly_the_links_of_names(tmp_path: Path) -> None:
    check_links_of_tokens(tmp_path, 5_000, keys=2)
