"""Model of tokens: Splink's format, and token columns only."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.linkage.matching import link_files
from kerege.linkage.tokens import estimate_overlap, tokenise
from tests.linkage.data.invented import records


def linked(folder: Path, size: int = 300) -> link_files.Linked:
    path = folder / "people.csv"
    records(size).write_csv(path)
    ids, frame = link_files.gather([path], {}, "id")
    return link_files.link_records(ids, tokenise.tokens(frame, b"k" * 32), estimate_overlap.load_bundled_model())


def test_the_model_reads_token_columns_only() -> None:
    assert set(estimate_overlap.load_bundled_model().columns) <= set(tokenise.COLUMNS)


def test_every_token_column_is_read_by_the_model() -> None:
    """A column that the broker does not need must not leave the agency."""
    assert {*tokenise.COLUMNS} - {tokenise.KNOWN} <= set(estimate_overlap.load_bundled_model().columns)


def test_every_match_weight_is_that_of_splink(tmp_path: Path) -> None:
    splink = pytest.importorskip("splink")
    linked_files = linked(tmp_path)
    document = linked_files.model.as_dict()
    document["blocking_rules_to_generate_predictions"] = [{"blocking_rule": "1=1", "sql_dialect": "duckdb"}]
    api = splink.DuckDBAPI()
    linker = splink.Linker(api.register(link_files.columns_frame(linked_files).to_arrow()), document)
    for name, shares in linked_files.common.items():
        values = pl.DataFrame({name: list(linked_files.table[name].values), f"tf_{name}": shares})  # type: ignore[union-attr]
        linker.table_management.register_term_frequency_lookup(api.register(values.to_arrow()), name)
    predicted = linker.inference.predict().as_duckdbpyrelation().pl()
    rows = {name: row for row, name in enumerate(linked_files.ids)}
    left, right = (np.array([rows[i] for i in predicted[f"unique_id_{side}"]]) for side in "lr")
    assert len(left) == 300 * 299 // 2
    assert np.abs(linked_files.scores(left, right).weights - predicted["match_weight"].to_numpy()).max() < 1e-12
