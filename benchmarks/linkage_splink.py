"""Splink on DuckDB, as a careful user would set it up.

Run `python linkage_splink.py TABLE.parquet FOLDER people|febrl`.

Runs in Splink's own environment. Names are compared with term frequencies; u is counted on random pairs, that of
identifiers is fixed by hand; m is learnt on pairs that share a document or a telephone.
"""

from __future__ import annotations

import json
import logging
import sys
import time
from pathlib import Path

import duckdb
import splink.comparison_level_library as cll
import splink.comparison_library as cl
from splink import ColumnExpression, Linker, SettingsCreator, block_on
from splink.backends.duckdb import DuckDBAPI

LEAST, CLUSTERS = 0.5, (0.99, 0.9)


def name(column: str, keyed: bool = True) -> cl.CustomComparison:
    """Equal, alike, a little alike."""
    alike = f"jaro_winkler_similarity({column}_l, {column}_r) >= 0.92"
    near = f"{column}_key_l = {column}_key_r OR {alike}" if keyed else alike
    levels = [
        cll.NullLevel(column),
        cll.ExactMatchLevel(column, term_frequency_adjustments=True),
        cll.CustomLevel(near, label_for_charts="alike"),
        cll.JaroWinklerLevel(column, 0.82),
        cll.ElseLevel(),
    ]
    return cl.CustomComparison(output_column_name=column, comparison_levels=levels)


def birth() -> cl.CustomComparison:
    """Days and years, of which some are not known."""
    levels = [
        cll.NullLevel("birth_year"),
        cll.ExactMatchLevel("birth_date"),
        cll.CustomLevel("birth_year_l = birth_year_r AND birth_day_l = birth_turned_r"),
        cll.CustomLevel("damerau_levenshtein(birth_date_l, birth_date_r) <= 1"),
        cll.CustomLevel("birth_year_l = birth_year_r AND (birth_day_l IS NULL OR birth_day_r IS NULL)"),
        cll.CustomLevel("birth_day_l = birth_day_r AND abs(birth_year_l - birth_year_r) <= 2"),
        cll.CustomLevel("birth_year_l = birth_year_r"),
        cll.CustomLevel("abs(birth_year_l - birth_year_r) <= 2"),
        cll.ElseLevel(),
    ]
    return cl.CustomComparison(output_column_name="birth", comparison_levels=levels)


def identifier(column: str, chance: float, misread: bool = True) -> cl.CustomComparison:
    """An identifier: sampling never meets equal ones of two persons, so that chance is given."""
    equal = cll.ExactMatchLevel(column).configure(m_probability=0.85, u_probability=chance, fix_u_probability=True)
    near = cll.DamerauLevenshteinLevel(column, 1).configure(m_probability=0.08, u_probability=chance * 5)
    levels = [cll.NullLevel(column), equal, *([near] if misread else []), cll.ElseLevel()]
    return cl.CustomComparison(output_column_name=column, comparison_levels=levels)


PEOPLE_RULES = (
    ("document",),
    ("contact",),
    ("given", "family"),
    ("family_key", "birth_date"),
    ("given_key", "birth_date"),
    ("name_key", "birth_year"),
    ("family", "birth_year"),
    ("given", "birth_day"),
    ("patronymic_key", "birth_date"),
    ("given_key", "patronymic_key", "birth_year"),
    ("family_key", "patronymic_key", "given_key"),
)


def people(present: set[str]) -> tuple[list[object], list[object], list[object]]:
    """Comparisons, blocking rules, and what to train on, for a table of persons."""
    compared: list[object] = [name("family"), name("given"), name("patronymic"), birth(), cl.ExactMatch("sex")]
    if "document" in present:
        compared.append(identifier("document", 2e-6))
    if "contact" in present:
        compared.append(identifier("contact", 2e-5, misread=False))
    if "place" in present:
        compared.append(cl.ExactMatch("place").configure(term_frequency_adjustments=True))
    rules = [block_on(*rule) for rule in PEOPLE_RULES if set(rule) <= present]
    train = [block_on(column) for column in ("document", "contact") if column in present]
    return compared, rules, train


def febrl(present: set[str]) -> tuple[list[object], list[object], list[object]]:
    """The same for FEBRL's English addresses."""
    compared: list[object] = [
        name("given_name", False),
        name("surname", False),
        cl.DateOfBirthComparison("date", input_is_string=False),
        cl.LevenshteinAtThresholds("postcode", [1, 2]),
        cl.DamerauLevenshteinAtThresholds("street_number", [1]),
        cl.JaroWinklerAtThresholds("address_1", [0.9]),
        cl.JaroWinklerAtThresholds("suburb", [0.9]),
    ]
    if "soc_sec_id" in present:
        compared.append(identifier("soc_sec_id", 1e-6))
    rules: list[object] = [
        block_on("date_of_birth"),
        block_on("given_name", "surname"),
        block_on("surname", "postcode"),
        block_on("given_name", "postcode"),
        block_on("street_number", "postcode"),
        block_on("address_1", "street_number"),
        block_on("suburb", "street_number", ColumnExpression("given_name").substr(1, 3)),
    ]
    if "soc_sec_id" in present:
        rules.append(block_on("soc_sec_id"))
    return compared, rules, [block_on("date_of_birth"), block_on("given_name", "surname"), block_on("postcode")]


def trained(linker: Linker, kind: str, train: list[object]) -> None:
    """Learn the model."""
    if kind == "people":
        sure = ["l.document = r.document", block_on("family", "given", "birth_date")]
        recall = 0.35
    else:
        sure, recall = (
            [block_on("given_name", "surname", "date_of_birth"), block_on("address_1", "postcode", "surname")],
            0.8,
        )
    linker.training.estimate_probability_two_random_records_match(sure, recall=recall)
    linker.training.estimate_u_using_random_sampling(max_pairs=1e6 if kind == "febrl" else 3e6, seed=1)
    for rule in train:
        try:
            linker.training.estimate_parameters_using_expectation_maximisation(rule, max_pairs=1e6)
        except Exception as error:
            print(f"not trained on {rule}: {error}")


def sides(database: duckdb.DuckDBPyConnection) -> list[str]:
    """Return two tables without duplicates, of one that says on which side each record is."""
    for side in ("a", "b"):
        database.execute(f"CREATE TABLE side_{side} AS SELECT * EXCLUDE (side) FROM people WHERE side = '{side}'")
    return ["side_a", "side_b"]


def linked(linker: Linker, folder: Path) -> dict[str, float]:
    """Write pairs and clusters; seconds and the number of pairs."""
    start = time.perf_counter()
    pairs = linker.inference.predict(threshold_match_probability=LEAST)
    predicted = time.perf_counter()
    columns = "unique_id_l AS left, unique_id_r AS right, match_probability AS probability"
    pairs.as_duckdbpyrelation().project(columns).write_csv(str(folder / "pairs.csv"))
    seconds = {"predict": predicted - start}
    for least in CLUSTERS:
        start = time.perf_counter()
        groups = linker.clustering.cluster_pairwise_predictions_at_threshold(pairs, least)
        groups.as_duckdbpyrelation().project("unique_id AS id, cluster_id AS cluster").write_csv(
            str(folder / f"clusters-{least}.csv")
        )
        seconds["clusters"] = time.perf_counter() - start
    return seconds


def main() -> None:
    """Link one table."""
    logging.disable(logging.WARNING)
    path, folder, kind = Path(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    start = time.perf_counter()
    database = duckdb.connect()
    database.execute("SET threads = 2")
    present = {row[0] for row in database.execute(f"DESCRIBE SELECT * FROM read_parquet('{path}')").fetchall()}
    more = ""
    if "contacts" in present:
        more, present = ", contacts[1] AS contact", present | {"contact"}
    database.execute(f"CREATE TABLE people AS SELECT id AS unique_id, * {more} FROM read_parquet('{path}')")
    apart = sides(database) if "side" in present else []
    compared, rules, train = people(present) if kind == "people" else febrl(present)
    settings = SettingsCreator(
        link_type="link_only" if apart else "dedupe_only",
        comparisons=compared,
        retain_matching_columns=False,
        blocking_rules_to_generate_predictions=rules,
    )
    api = DuckDBAPI(connection=database)
    linker = Linker([api.register(table) for table in (apart or ["people"])], settings)
    trained(linker, kind, train)
    ready = time.perf_counter()
    seconds = {"training": ready - start, **linked(linker, folder)}
    (folder / "seconds.json").write_text(json.dumps(seconds))


if __name__ == "__main__":
    main()
