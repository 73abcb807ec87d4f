"""The model is Splink's format, and weighs a pair as Splink does."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl
import pytest

from kerege.linkage import files, model
from kerege.linkage.model import Model, of_dict, shipped
from kerege.linkage.waterfall import _words
from kerege.standard.faults import BadInput
from tests.linkage.data.invented import records


def linked(folder: Path, size: int = 300) -> files.Linked:
    path = folder / "people.csv"
    records(size).write_csv(path)
    ids, frame = files.gather([path], {}, "id")
    return files.link(ids, frame, shipped())


def test_every_pair_weighs_what_splink_says(tmp_path: Path) -> None:
    splink = pytest.importorskip("splink")
    found = linked(tmp_path)
    document = found.model.as_dict()
    # every pair of one sex, or of none: Splink wants a rule
    document["blocking_rules_to_generate_predictions"] = [{"blocking_rule": "1=1", "sql_dialect": "duckdb"}]
    api = splink.DuckDBAPI()
    table = api.register(files.columns_frame(found).to_arrow())
    linker = splink.Linker(table, document)
    for name, shares in found.common.items():
        values = pl.DataFrame({name: list(found.table[name].values), f"tf_{name}": shares})  # type: ignore[union-attr]
        linker.table_management.register_term_frequency_lookup(api.register(values.to_arrow()), name)
    predicted = linker.inference.predict().as_duckdbpyrelation().pl()
    rows = {name: row for row, name in enumerate(found.ids)}
    left, right = (np.array([rows[i] for i in predicted[f"unique_id_{side}"]]) for side in "lr")
    assert len(left) == 300 * 299 // 2
    assert np.abs(found.scores(left, right).weights - predicted["match_weight"].to_numpy()).max() < 1e-12


def test_a_saved_model_is_read_again_as_it_was(tmp_path: Path) -> None:
    used = linked(tmp_path, 60).model
    (tmp_path / "model.json").write_text(json.dumps(used.as_dict()), "utf-8")
    again = model.read(tmp_path / "model.json")
    assert (again.prior, again.comparisons, again.rules) == (used.prior, used.comparisons, used.rules)


@pytest.mark.parametrize("value", [None, 0, 1.5, "level not observed in training dataset"])
def test_a_level_without_its_share_is_refused(value: object) -> None:
    document = json.loads(json.dumps(shipped().as_dict()))
    document["comparisons"][0]["comparison_levels"][1]["u_probability"] = value
    with pytest.raises(BadInput, match="has no m or no u"):
        of_dict(document)


@pytest.mark.parametrize(
    "text", ["{}", "[]", "no json", '{"comparisons": 1, "probability_two_random_records_match": 1}']
)
def test_what_is_no_model_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.json").write_text(text, "utf-8")
    with pytest.raises(BadInput, match="no linkage model"):
        model.read(tmp_path / "m.json")


def test_levels_that_training_never_sees_are_fixed() -> None:
    """An identifier that two persons never share would else be given Splink's silent 0.05."""
    for comparison in shipped().comparisons:
        if comparison.name in ("document", "contact"):
            top = max(comparison.levels, key=lambda level: level.gamma)
            assert top.fixed_u
            assert top.weight > 10


def test_changed_places_count_once() -> None:
    """Given and family name that changed places are one piece of evidence, though both comparisons see it."""
    by_name = {comparison.name: comparison for comparison in shipped().comparisons}
    swapped = next(level for level in by_name["family"].levels if "changed places" in level.label)
    null = by_name["given"].levels[0]
    assert null.is_null
    assert swapped.condition in null.condition


def test_every_level_has_words_in_three_languages() -> None:
    labels = {level.label for comparison in shipped().comparisons for level in comparison.levels}
    for label in labels | {comparison.name for comparison in shipped().comparisons}:
        assert all(_words()[label][language] for language in ("kk", "ru", "en"))


def test_a_model_for_few_columns_leaves_out_what_cannot_speak() -> None:
    few: Model = shipped().only({"given", "given_key", "birth_year"})
    assert [comparison.name for comparison in few.comparisons] == ["given", "birth"]
    assert all(set(rule.columns) <= {"given", "given_key", "birth_year"} for rule in few.rules)
    assert replace(few, prior=0.5).as_dict()["probability_two_random_records_match"] == 0.5
