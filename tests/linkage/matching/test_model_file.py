"""Model file: Splink's format, and the same match weights as Splink."""

from __future__ import annotations

import json
import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import polars as pl
import pytest
import sqlglot
from rapidfuzz.distance import Jaro, JaroWinkler
from sqlglot import exp

from kerege.base.errors import BadInput
from kerege.charts.waterfall import LABEL
from kerege.linkage.matching import comparisons, link_files, model_file, spark_sql
from kerege.linkage.matching.batch_scorer import frequencies
from kerege.linkage.matching.column_store import of_frame
from kerege.linkage.matching.labels import _read_labels, translate_label
from kerege.linkage.matching.model_file import Model, digest, load_bundled_model, of_dict
from kerege.linkage.matching.waterfall_chart import PRIOR, decimal
from tests.linkage.data.invented import records


def linked(folder: Path, size: int = 300) -> link_files.Linked:
    path = folder / "people.csv"
    records(size).write_csv(path)
    ids, frame = link_files.gather([path], {}, "id")
    return link_files.link_records(ids, frame, load_bundled_model())


def test_every_match_weight_is_that_of_splink(tmp_path: Path) -> None:
    splink = pytest.importorskip("splink")
    linked_files = linked(tmp_path)
    document = linked_files.model.as_dict()
    # every pair of one sex, or of none: Splink wants a rule
    document["blocking_rules_to_generate_predictions"] = [{"blocking_rule": "1=1", "sql_dialect": "duckdb"}]
    api = splink.DuckDBAPI()
    table = api.register(link_files.columns_frame(linked_files).to_arrow())
    linker = splink.Linker(table, document)
    for name, shares in linked_files.common.items():
        values = pl.DataFrame({name: list(linked_files.table[name].values), f"tf_{name}": shares})  # type: ignore[union-attr]
        linker.table_management.register_term_frequency_lookup(api.register(values.to_arrow()), name)
    predicted = linker.inference.predict().as_duckdbpyrelation().pl()
    rows = {name: row for row, name in enumerate(linked_files.ids)}
    left, right = (np.array([rows[i] for i in predicted[f"unique_id_{side}"]]) for side in "lr")
    assert len(left) == 300 * 299 // 2
    assert np.abs(linked_files.scores(left, right).weights - predicted["match_weight"].to_numpy()).max() < 1e-12


def conditions(document: dict[str, Any]) -> list[str]:
    return [
        level["sql_condition"] for comparison in document["comparisons"] for level in comparison["comparison_levels"]
    ]


def test_for_spark_a_similarity_of_a_missing_value_is_null() -> None:
    """Splink's functions on Spark return 0 or 100; the size of a NULL list is -1 without ANSI mode."""
    asked = {
        "NOT damerau_levenshtein(x_l, x_r) <= 1": "NOT CASE WHEN NOT x_l IS NULL AND NOT x_r IS NULL "
        "THEN DAMERAU_LEVENSHTEIN(x_l, x_r) END <= 1",
        "array_length(list_intersect(x_l, x_r)) >= 1": "CASE WHEN NOT x_l IS NULL AND NOT x_r IS NULL "
        "THEN SIZE(ARRAY_INTERSECT(x_l, x_r)) END >= 1",
        "x_l = x_r OR levenshtein(substr(x_l, 2, 3), x_r) <= 1": "x_l = x_r OR "
        "LEVENSHTEIN(SUBSTRING(x_l, 2, 3), x_r) <= 1",
    }
    for condition, written in asked.items():
        assert spark_sql.condition(condition) == written


def test_for_spark_a_doubtful_jaro_winkler_is_computed_in_sql() -> None:
    """Splink's function on Spark counts half a transposition: 0.95, not 0.967, for ddbeace and ddbacee."""
    assert JaroWinkler.similarity("ddbeace", "ddbacee") == pytest.approx(29 / 30)
    written = spark_sql.condition("(jaro_winkler_similarity(x_l, x_r) >= 0.9 OR y_l = y_r) AND NOT z_l IS NULL")
    unsure = "JARO_WINKLER(x_l, x_r) > CAST(0.844 AS DOUBLE) AND JARO_WINKLER(x_l, x_r) < CAST(0.9 AS DOUBLE)"
    assert f"CASE WHEN {unsure} THEN ARRAY_MAX(TRANSFORM(ARRAY(AGGREGATE(" in written
    assert written.endswith("ELSE JARO_WINKLER(x_l, x_r) END END >= 0.9 OR y_l = y_r) AND NOT z_l IS NULL")
    # a common beginning may lift what is far below
    written = spark_sql.condition("jaro_winkler_similarity(x_l, x_r) >= 0.82")
    assert "> CAST(0.64 AS DOUBLE) AND SUBSTRING(x_l, 1, 3) = SUBSTRING(x_r, 1, 3)) AND" in written
    # without a least value any result but 0 and 1 is doubtful; Splink's jaro_sim is 0 for two equal letters
    assert "> CAST(0 AS DOUBLE) AND" in spark_sql.condition("jaro_winkler_similarity(x_l, x_r) < 0.5")
    assert "jaro_sim" not in spark_sql.condition("jaro_similarity(x_l, x_r) >= 0.8").lower()


@pytest.mark.parametrize("least", [0.72, 0.78, 0.82, 0.85, 0.9])
def test_half_a_transposition_decides_only_doubtful_pairs(least: float) -> None:
    draw = random.Random(3)
    decided = 0
    for _ in range(4_000):
        one = "".join(draw.choices("abcde", k=draw.randint(1, 12)))
        prefix = draw.randint(0, 4)
        two = one[:prefix] + "".join(draw.sample(one[prefix:], len(one[prefix:])))
        # of three letters in common at least, half a place more is counted
        fewer = Jaro.similarity(one, two) - 1 / 18
        common = next((place for place in range(4) if one[place : place + 1] != two[place : place + 1]), 4)
        fast = fewer + 0.1 * common * (1 - fewer) if fewer > 0.7 else fewer
        if fast < least <= JaroWinkler.similarity(one, two):
            letters = spark_sql.least_prefix(least)
            begin_alike = letters <= 4 and one[:letters] == two[:letters]
            assert fast > least - (spark_sql.SLACK if begin_alike else spark_sql.HALF)
            decided += 1
    assert decided > 10


def test_for_spark_the_bundled_model_is_valid_spark_sql() -> None:
    document = load_bundled_model().for_spark()
    assert document["sql_dialect"] == "spark"
    assert {rule["sql_dialect"] for rule in document["blocking_rules_to_generate_predictions"]} == {"spark"}
    for before, after in zip(conditions(load_bundled_model().as_dict()), conditions(document), strict=True):
        if before == after == "ELSE":
            continue
        tree = sqlglot.parse_one(after, read="spark")
        assert tree.sql(dialect="spark") == after
        # the names within functions have no side
        columns = {column.name for column in tree.find_all(exp.Column) if column.name[-2:] in ("_l", "_r")}
        assert {name[:-2] for name in columns} == comparisons.columns_of(before)


def test_a_saved_model_is_read_unchanged(tmp_path: Path) -> None:
    used = linked(tmp_path, 60).model
    (tmp_path / "model.json").write_text(json.dumps(used.as_dict()), "utf-8")
    second = model_file.read(tmp_path / "model.json")
    assert (second.prior, second.comparisons, second.rules) == (used.prior, used.comparisons, used.rules)


@pytest.mark.parametrize("value", [None, 0, 1.5, "level not observed in training dataset"])
def test_a_level_without_m_or_u_is_refused(value: object) -> None:
    document = json.loads(json.dumps(load_bundled_model().as_dict()))
    document["comparisons"][0]["comparison_levels"][1]["u_probability"] = value
    with pytest.raises(BadInput, match="has no m or no u"):
        of_dict(document)


@pytest.mark.parametrize(
    "text", ["{}", "[]", "no json", '{"comparisons": 1, "probability_two_random_records_match": 1}']
)
def test_an_invalid_model_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "m.json").write_text(text, "utf-8")
    with pytest.raises(BadInput, match="not a linkage model"):
        model_file.read(tmp_path / "m.json")


def test_a_model_that_compares_between_files_only_is_refused() -> None:
    with pytest.raises(BadInput, match="the model is link_only, and records of one file are always compared"):
        of_dict({**load_bundled_model().as_dict(), "link_type": "link_only"})
    assert (
        of_dict({**load_bundled_model().as_dict(), "link_type": "link_and_dedupe"}).rules == load_bundled_model().rules
    )


@pytest.mark.parametrize("part", ["tf_adjustment_column", "sql_condition", "blocking_rule"])
def test_an_unknown_column_is_refused(tmp_path: Path, part: str) -> None:
    document = json.loads(json.dumps(load_bundled_model().as_dict()))
    rules = document["blocking_rules_to_generate_predictions"]
    row = rules[0] if part == "blocking_rule" else document["comparisons"][0]["comparison_levels"][1]
    row[part] = {"tf_adjustment_column": "clan", "sql_condition": "clan_l = clan_r"}.get(part, "l.clan = r.clan")
    (tmp_path / "m.json").write_text(json.dumps(document), "utf-8")
    with pytest.raises(BadInput, match="column clan: the model reads a column that no table has"):
        model_file.read(tmp_path / "m.json")


@pytest.mark.parametrize("column", ["birth_year", "documents"])
def test_numbers_and_lists_have_no_term_frequency_adjustment(column: str) -> None:
    document = json.loads(json.dumps(load_bundled_model().as_dict()))
    document["comparisons"][0]["comparison_levels"][1]["tf_adjustment_column"] = column
    table = of_frame(pl.DataFrame({"birth_year": [1990], "documents": [["N1"]]}))
    with pytest.raises(BadInput, match=f"how common a value of {column} is, and {column} holds no texts"):
        frequencies(table, of_dict(document))


def test_levels_that_training_never_sees_are_fixed() -> None:
    """Otherwise Splink would assign 0.05 to an identifier that two persons never share."""
    for comparison in load_bundled_model().comparisons:
        if comparison.name in ("document", "contact"):
            top = max(comparison.levels, key=lambda level: level.weight)
            assert top.fixed_u
            assert top.weight > 10


def test_swapped_names_count_once() -> None:
    """Swapped given and family names are one piece of evidence, though both comparisons reach that level."""
    by_name = {comparison.name: comparison for comparison in load_bundled_model().comparisons}
    swapped = next(level for level in by_name["family"].levels if "changed places" in level.label)
    null = by_name["given"].levels[0]
    assert null.is_null
    assert swapped.condition in null.condition


def test_every_level_has_a_label_in_three_languages() -> None:
    labels = {level.label for comparison in load_bundled_model().comparisons for level in comparison.levels}
    for label in labels | {comparison.name for comparison in load_bundled_model().comparisons}:
        assert all(_read_labels()[label][language] for language in ("kk", "ru", "en"))


def test_comparison_labels_fit_the_chart_on_a_phone() -> None:
    names = [PRIOR, "sum", *(comparison.name for comparison in load_bundled_model().comparisons)]
    longest = max((translate_label(name, language) for name in names for language in ("kk", "ru", "en")), key=len)
    assert len(longest) * 22 * 0.6 <= LABEL  # 22 units a letter is high, and about 0.6 of that wide


def test_a_model_for_few_columns_omits_inapplicable_comparisons() -> None:
    few: Model = load_bundled_model().only({"given", "given_key", "birth_year"})
    assert [comparison.name for comparison in few.comparisons] == ["given", "nameless", "birth_year"]
    assert all(set(rule.columns) <= {"given", "given_key", "birth_year"} for rule in few.rules)
    assert replace(few, prior=0.5).as_dict()["probability_two_random_records_match"] == 0.5


@pytest.mark.parametrize(
    "rule",
    [
        "SUBSTR(l.family, 1, 2) = SUBSTR(r.family, 1, 2)",
        "lower(l.family) = lower(r.family)",
        "1 = 1",
        "l.family = r.given",
        "l.family = l.family",
        "l.family = r.family OR l.given = r.given",
        "l.family = r.family AND l.given <> r.given",
    ],
)
def test_a_blocking_rule_that_is_more_than_equal_columns_is_refused(rule: str) -> None:
    with pytest.raises(BadInput, match="blocking rule"):
        of_dict({**load_bundled_model().as_dict(), "blocking_rules_to_generate_predictions": [{"blocking_rule": rule}]})


def test_a_blocking_rule_is_read_with_any_quoting() -> None:
    written = ['l."family" = r."family" AND (r.birth_year = l.birth_year)']
    read = of_dict({**load_bundled_model().as_dict(), "blocking_rules_to_generate_predictions": written})
    assert [rule.columns for rule in read.rules] == [("family", "birth_year")]


@pytest.mark.parametrize("language", ["kk", "ru", "en"])
@pytest.mark.parametrize("number", [0.0, -0.04, 0.25, -0.25, 0.35, 12.05, -17.96, 1e-5])
def test_numbers_are_formatted_as_in_cldr(number: float, language: str) -> None:
    numbers = pytest.importorskip("babel.numbers")
    assert decimal(number, "+.1f", language) == numbers.format_decimal(number, "+0.0;−0.0", language)
    assert decimal(abs(number), ".4f", language) == numbers.format_decimal(abs(number), "0.0000", language)


def test_a_version_of_a_model_is_the_start_of_its_sha_256() -> None:
    """SHA-256 of the two bytes `{}` begins with 44136fa355b3678a."""
    assert digest({}) == "44136fa3"
    assert digest({"a": 1, "b": [2]}) == digest({"b": [2], "a": 1}) != digest({"a": 1, "b": [3]})
