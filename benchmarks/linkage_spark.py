"""The model of `kerege link` on local Spark (Java 17).

Run `python benchmarks/linkage_spark.py [--records N] [--every]`.

`kerege link --save-columns --save-model --spark` on records of `benchmarks/people`, then Splink 5's predict on PySpark
4.0 in an environment made in the folder. Every pair that Splink compares is weighed here too: levels, weights, seconds,
and the first pairs that reach another level. Stops unless all levels agree, and the weights to 1e-9.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

PACKAGES = ("splink==5.0.0", "pyspark==4.0.*", "pandas<3", "pyarrow", "setuptools<81")
SETTINGS = {
    "spark.ui.enabled": "false",
    "spark.ui.showConsoleProgress": "false",
    "spark.driver.memory": "3g",
    "spark.sql.shuffle.partitions": "4",
    "spark.default.parallelism": "4",
    "spark.driver.host": "127.0.0.1",
    "spark.driver.bindAddress": "127.0.0.1",
}
WEIGHED = ("family", "given", "patronymic")
LEAST = 1e-9


def on_spark(folder: Path, every: bool) -> None:
    """Splink's predict on the saved columns and model, in the environment with Spark."""
    from pyspark.sql import SparkSession
    from splink import Linker
    from splink.backends.spark import SparkAPI, similarity_jar_location

    builder = SparkSession.builder.master("local[2]").config("spark.jars", similarity_jar_location())
    for key, value in SETTINGS.items():
        builder = builder.config(key, value)
    session = builder.getOrCreate()
    session.sparkContext.setLogLevel("ERROR")
    session.sparkContext.setCheckpointDir(str(folder / "checkpoints"))
    start = time.perf_counter()
    document = json.loads((folder / "model.json").read_text())
    # the levels are written beside the weights
    document["retain_matching_columns"] = document["retain_intermediate_calculation_columns"] = True
    if every:
        document["blocking_rules_to_generate_predictions"] = [{"blocking_rule": "1=1", "sql_dialect": "spark"}]
    api = SparkAPI(spark_session=session)
    linker = Linker(api.register(session.read.parquet(str(folder / "columns.parquet"))), document)
    for name in WEIGHED:
        shares = api.register(session.read.parquet(str(folder / f"tf_{name}.parquet")))
        linker.table_management.register_term_frequency_lookup(shares, name)
    pairs = linker.inference.predict().as_spark_dataframe()
    kept = ["unique_id_l", "unique_id_r", "match_weight", *(c for c in pairs.columns if c.startswith("gamma_"))]
    pairs.select(kept).toPandas().to_parquet(folder / "predicted.parquet")
    (folder / "seconds.json").write_text(json.dumps({"seconds": time.perf_counter() - start}))


def command(records: Path, folder: Path) -> float:
    """`kerege link` as a cluster user runs it; seconds."""
    start = time.perf_counter()
    subprocess.run([str(Path(sys.executable).with_name("kerege")), "link", str(records), "--id", "id", "--out",
                    str(folder / "pairs.csv"), "--save-columns", str(folder / "columns.parquet"), "--save-model",
                    str(folder / "model.json"), "--spark"],
                   check=True, env={**os.environ, "KEREGE_HOME": str(folder / "home")})  # fmt: skip
    return time.perf_counter() - start


def compare(folder: Path, linked: Any) -> bool:
    """Weigh Splink's pairs here, print what differs, and say whether nothing does."""
    import numpy as np
    import polars as pl

    predicted = pl.read_parquet(folder / "predicted.parquet")
    rows = {name: row for row, name in enumerate(linked.ids)}
    left, right = (np.array([rows[record] for record in predicted[f"unique_id_{side}"]]) for side in "lr")
    start = time.perf_counter()
    scores = linked.scores(left, right)
    took = time.perf_counter() - start
    levels = np.array([predicted[f"gamma_{comparison.name}"] for comparison in linked.model.comparisons])
    other = levels != scores.gammas
    off = np.abs(scores.weights - predicted["match_weight"].to_numpy())
    seconds = json.loads((folder / "seconds.json").read_text())["seconds"]
    print(
        f"{len(left):,} pairs compared on Spark in {seconds:.1f} s; here {linked.compared:,} pairs, the same pairs "
        f"weighed in {took:.1f} s; load {os.getloadavg()[0]:.1f}"
    )
    print(f"pairs with equal levels: {1 - other.any(0).mean():.6%} ({other.any(0).sum():,} others)")
    print(
        f"largest difference of weights: {off.max():.3g} bits; where levels are equal {off[~other.any(0)].max():.3g}",
        flush=True,
    )
    for comparison, differs, mine, theirs in zip(linked.model.comparisons, other, scores.gammas, levels, strict=True):
        for place in np.flatnonzero(differs)[:3]:
            two = linked.frame[[int(left[place]), int(right[place])]].to_dicts()
            print(f"  {comparison.name}: here {mine[place]}, on Spark {theirs[place]}, {differs.sum():,} in all: {two}")
    return not other.any() and bool(off.max() < LEAST)


def main() -> None:
    """Run both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=5_000)
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--folder", type=Path, default=Path("var/benchmarks"))
    parser.add_argument("--every", action="store_true", help="Compare every two records, not those of the rules.")
    parser.add_argument("--inside", action="store_true", help=argparse.SUPPRESS)
    asked = parser.parse_args()
    folder = asked.folder.resolve() / "linkage-spark"
    if asked.inside:
        on_spark(folder, asked.every)
        return
    import polars as pl

    from benchmarks.peer_environments import environment
    from benchmarks.people import population
    from kerege.linkage.matching.link_files import gather, link_records
    from kerege.linkage.matching.model_file import load_bundled_model

    records, _ = population(asked.records, asked.seed).write(folder)
    print(f"{asked.records:,} records, `kerege link` with columns and model: {command(records, folder):.1f} s")
    ids, frame = gather([records], {}, "id")
    linked = link_records(ids, frame, load_bundled_model())
    if json.loads((folder / "model.json").read_text()) != linked.model.for_spark():
        raise SystemExit("the command wrote another model")
    for name in WEIGHED:
        values = {name: list(linked.table[name].values), f"tf_{name}": linked.common[name]}  # type: ignore[union-attr]
        pl.DataFrame(values).write_parquet(folder / f"tf_{name}.parquet")
    python = environment(asked.folder.resolve() / "splink-spark", *PACKAGES)
    again = [str(python), __file__, "--inside", "--folder", str(asked.folder), *["--every"] * asked.every]
    subprocess.run(again, check=True)
    if not compare(folder, linked):
        raise SystemExit("Spark weighs otherwise")


if __name__ == "__main__":
    main()
