"""Estimates of the people on no list from lists that tokens linked, beside the true number.

Run: python benchmarks/tokens_prevalence.py [--times N] [--seed S] [--people N] [--epsilon E]
Villagers are on three lists by chance and independently, each with a record of one kind of office (`villages.py`, whose
author did not write the linkage). So the number of all people is known, and nothing but the linkage and its noise can
be wrong. The lists are linked by tokens, and the panel estimates the number three times: from the true links, from the
links of the tokens as they are, and with the stated rates of missed and false links.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import polars as pl

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import villages
from kerege.evidence.mse import Lists, panel
from kerege.evidence.mse.linkage_errors.error_rates import LinkageRates
from kerege.evidence.mse.linkage_errors.rates_file import read_rates
from kerege.linkage.tokens import encode_file, study_key, token_file
from kerege.linkage.tokens.run_study import run_study
from kerege.linkage.tokens.study_log import StudyLog

CHANCES = {"clinic": 0.35, "school": 0.3, "consulate": 0.3}
NAMES = ["office", "surname", "name", "patronymic", "birth date", "sex", "iin", "phone", "street", "house", "town"]
HIDDEN = ["office", "street", "house", "town"]
METHODS = ("independence", "stepwise", "bic")
TIMES = 1000


def draw_lists(people: int, seed: int) -> tuple[dict[str, pl.DataFrame], Lists]:
    """Return the lists, and the people by capture history with true links."""
    made, chance = villages.Villages(seed), np.random.default_rng(seed)
    made.settle(people)
    persons = made.people[:people]
    rows: dict[str, list[tuple[str, ...]]] = {}
    history = np.zeros(people, np.int64)
    for place, office in enumerate(office for office in villages.OFFICES if office.name in CHANCES):
        on_list = chance.random(people) < CHANCES[office.name]
        history += on_list << place
        villages.OFFICES, offices = (office,), villages.OFFICES
        rows[office.name] = [made._write(person) for person, is_on in zip(persons, on_list, strict=True) if is_on]
        villages.OFFICES = offices
    counts = Counter(history[history > 0].tolist())
    tables = {name: pl.DataFrame(table, schema=NAMES, orient="row").drop(HIDDEN) for name, table in rows.items()}
    return tables, Lists(list(counts), list(counts.values()), tuple(tables))


def link(tables: dict[str, pl.DataFrame], epsilon: float, folder: Path) -> tuple[Lists, LinkageRates | None]:
    """Return the counts that a study publishes, and its rates."""
    key, paths = study_key.new_study_key("benchmark", study_key.Terms(tuple(tables), epsilon=epsilon)), []
    for name, table in tables.items():
        table.write_csv(folder / f"{name}.csv")
        made = encode_file.encode_file(folder / f"{name}.csv", key, name, {})
        paths.append(folder / f"{name}.parquet")
        token_file.write_token_file(paths[-1], made.header, made.frame)
    log = StudyLog(folder / "log")
    with log.locked():
        run_study(paths, folder / "LISTS.csv", log, "benchmark")
    counts = pl.read_csv(folder / "LISTS.csv")
    histories = sum(counts[name].to_numpy() << place for place, name in enumerate(tables))
    deviation = float(counts["noise"][0])
    lists = Lists(histories, counts["count"].to_numpy(), tuple(tables), noise=deviation)
    return lists, read_rates(folder / "LISTS.csv", lists)


def estimates(people: int, seed: int, epsilon: float) -> Iterator[tuple[str, str, float, bool, bool]]:
    """Yield links, method, estimate, and whether the intervals of 80 and 95 % hold the number of people."""
    tables, exact = draw_lists(people, seed)
    with tempfile.TemporaryDirectory() as folder:
        linked, rates = link(tables, epsilon, Path(folder))
    for what, lists, known in (("true links", exact, None), ("tokens", linked, None), ("with rates", linked, rates)):
        result = panel(lists, METHODS, times=TIMES, seed=seed, rates=known)
        for method in result.methods.values():
            if method.estimate is not None:
                limits = (method.interval80, method.interval95)
                holds = (between is not None and between[0] <= people <= between[1] for between in limits)
                yield (what, method.key, method.estimate / people, *holds)


def main() -> None:
    """Print how far each method is off, and how often its intervals hold."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=8)
    parser.add_argument("--seed", type=int, default=200)
    parser.add_argument("--people", type=int, default=5_000)
    parser.add_argument("--epsilon", type=float, default=1.0)
    asked = parser.parse_args()
    rows = [row for n in range(asked.times) for row in estimates(asked.people, asked.seed + n, asked.epsilon)]
    table = pl.DataFrame(rows, schema=["links", "method", "ratio", "80 %", "95 %"], orient="row")
    means = table.group_by("links", "method", maintain_order=True).agg(
        pl.col("ratio").mean(), pl.col("ratio").std().alias("sd"), pl.col("80 %", "95 %").sum(), pl.len().alias("of")
    )
    print(f"{asked.people:,} people, epsilon {asked.epsilon}, seeds from {asked.seed}; estimate / truth")
    for links, method, ratio, deviation, low, high, of in means.iter_rows():
        print(f"{links:12} {method:14} {ratio:.3f} (sd {deviation:.3f})  holds {low} and {high} of {of}")


if __name__ == "__main__":
    main()
