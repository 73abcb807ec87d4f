"""Sentences about mutated tables: none is false, and at most one true one in twenty is lost.

At least 200 tables a figure and language: `pytest benchmarks/proofs/test_publishing_claims.py -n 0 -s` prints the counts.
"""

from __future__ import annotations

import pytest

from kerege.publishing.report.localiser import LANGUAGES
from tests.publishing import mutations
from tests.publishing.report.test_claims import FIGURES

SEEDS = range(100, 123)  # with nine mutations 207 tables


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("figure", FIGURES)
def test_no_printed_sentence_is_false_and_few_true_ones_are_lost(figure: str, lang: str) -> None:
    count = mutations.judge(figure, (lang,), SEEDS)
    print(
        f"{figure} {lang}: {count.tables} tables, {count.printed} sentences, {len(count.false)} false, "
        f"{len(count.lost)} of {count.due} true ones lost"
    )
    assert count.tables >= 200
    assert count.false == []
    assert len(count.lost) <= 0.05 * count.due
