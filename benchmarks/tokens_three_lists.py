"""Links of three lists by tokens: accuracy, time and memory, on lists by two authors.

Run: python benchmarks/tokens_three_lists.py [--lists people|villages] [--people N] [--seed S] [--at-once]
`people` are police, crisis centre and consulate of `benchmarks/people`; `villages` are clinic, school and consulate of
`villages.py`. Documents and telephones are removed. The lists are encoded, the tokens are linked as in a study, and
persons of two lists in one cluster are compared with the truth. `--at-once` links them as Kerege did before, all lists
at once instead of one after the other. Printed are CPU seconds of the agencies and of the broker, and the peak memory
of the process.
"""

from __future__ import annotations

import argparse
import resource
import sys
import tempfile
import time
from itertools import combinations
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks import villages
from benchmarks.people import population
from kerege.linkage.matching.clusters import clusters
from kerege.linkage.tokens import encode_file, estimate_overlap, study_key, token_file

LISTS = {
    "people": {"police": "police", "shelter": "crisis_centre", "consulate": "consulate"},
    "villages": {"clinic": "clinic", "school": "school", "consulate": "consulate"},
}
HIDDEN = ("agency", "office", "person", "document", "phone", "iin", "region", "street", "house", "town")


def draw_lists(author: str, people: int, seed: int) -> tuple[dict[str, pl.DataFrame], dict[str, int]]:
    """Return the records of each list, and the person of each record."""
    if author == "people":
        made = population(people, seed)
        records, truth, column = made.records, made.truth, "agency"
    else:
        (records, truth), column = villages.villages(people, seed), "office"
    table = records if column in records.columns else records.join(truth.select("id", column), on="id")
    lists = {name: table.filter(pl.col(column) == value) for name, value in LISTS[author].items()}
    return {name: rows.drop(HIDDEN, strict=False) for name, rows in lists.items()}, dict(
        truth.select("id", "person").iter_rows()
    )


def encode(lists: dict[str, pl.DataFrame], folder: Path) -> tuple[list[token_file.Tokens], list[str]]:
    """Return the token files as the broker reads them, and the ids of their rows."""
    key, read, ids = study_key.new_study_key("benchmark", study_key.Terms(tuple(lists))), [], []
    for name, table in lists.items():
        table.write_csv(folder / f"{name}.csv")
        made = encode_file.encode_file(folder / f"{name}.csv", key, name, {}, "id")
        token_file.write_token_file(folder / f"{name}.parquet", made.header, made.frame)
        read.append(token_file.read(folder / f"{name}.parquet"))
        known = dict(zip(token_file._write_texts(made.frame), made.ids, strict=True))
        ids += [known[text] for text in read[-1].rows]
    return read, ids


def cluster_at_once(overlap: estimate_overlap.Overlap) -> NDArray[np.int64]:
    """Return (persons,) the clusters of all lists at once; no cluster holds two persons of one list."""
    persons, is_link = overlap.persons, overlap.persons.weights >= overlap.least

    def weigh(one: NDArray[np.intp], other: NDArray[np.intp]) -> NDArray[np.float64]:
        weights = overlap.linked.scores(persons.row[one], persons.row[other]).weights
        return np.where(persons.owner[one] == persons.owner[other], -np.inf, weights)

    return clusters(len(persons.owner), persons.left[is_link], persons.right[is_link], persons.weights[is_link], weigh)


def pairs_of(groups: NDArray[np.int64], owner: NDArray[np.int64], lists: int) -> list[set[tuple[int, int]]]:
    """Return for each two lists the pairs (rows of the first, of the second) that share a group."""
    rows = np.arange(len(groups))
    table = pl.DataFrame({"group": groups, "owner": owner, "row": rows})
    result = []
    for one, other in combinations(range(lists), 2):
        sides = [table.filter(pl.col("owner") == place).drop("owner") for place in (one, other)]
        result.append(set(sides[0].join(sides[1], on="group").select("row", "row_right").iter_rows()))
    return result


def main() -> None:
    """Print a line for each two lists, and one for all."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--lists", choices=tuple(LISTS), default="people")
    parser.add_argument("--people", type=int, default=20_000, help="records of the whole population")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--at-once", action="store_true")
    asked = parser.parse_args()
    tables, who = draw_lists(asked.lists, asked.people, asked.seed)
    print(", ".join(f"{name}: {len(table):,} records" for name, table in tables.items()), flush=True)
    start = time.process_time()
    with tempfile.TemporaryDirectory() as folder:
        read, ids = encode(tables, Path(folder))
    encoded = time.process_time()
    overlap = estimate_overlap.overlap(read)
    linked = time.process_time()
    persons, owner = np.array([who[record] for record in ids]), overlap.persons.owner[overlap.persons.of]
    together = cluster_at_once(overlap) if asked.at_once else overlap.together
    names = [" and ".join(two) for two in combinations(tables, 2)]
    linked_pairs, true_pairs = (
        pairs_of(groups, owner, len(tables)) for groups in (together[overlap.persons.of], persons)
    )
    for name, links, matches in zip(
        [*names, "all"], *([*pairs, set.union(*pairs)] for pairs in (linked_pairs, true_pairs)), strict=True
    ):
        right = len(links & matches)
        print(f"{name:28} {len(links):7,} pairs, precision {right / len(links):.3f}, recall {right / len(matches):.3f}")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(f"CPU seconds: agencies {encoded - start:.0f}, broker {linked - encoded:.0f}; peak memory {peak:.1f} GB")


if __name__ == "__main__":
    main()
