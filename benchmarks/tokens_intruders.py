"""Further intruders on keyed tokens, and private set intersection beside the tokens.

Run: python benchmarks/tokens_intruders.py [--records N] [--seed S]
1. A colluding list owner: the broker gets the key. How many given names do they read with a public list of names?
2. A combiner of studies: a reader who knows every count but those of one person, after one and more studies. Sixteen
   studies of one list are asked for in one year, and the log of the agency decides how many it encodes.
3. Private set intersection cardinality (PSI-CA) over fold keys: the parties learn how many keys both lists have, and
   nothing else. How near is that number to the persons on both lists, beside the count of the tokens?
4. Fuzzy private set intersection over the tokens: two records match if at least k of their tokens are equal, and the
   parties learn the number of persons who match. Each k is tried, and the best by the truth is the last line.
5. Two brokers who do not collude, one with the tokens of names and one with the other tokens. How many rows of a list
   does each pair with the rows of the list in an earlier study?
Two lists of invented persons as in `linkage_tokens.py`, document and telephone removed.
"""

from __future__ import annotations

import argparse
import sys
import tempfile
from pathlib import Path

import numpy as np
import polars as pl
from numpy.typing import NDArray

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.linkage_tokens import View, by_pairing
from benchmarks.people import population
from benchmarks.tokens_lists import LISTS, Sample, sample, true
from kerege.base.errors import Refused
from kerege.linkage.input.person_fields import given_columns
from kerege.linkage.matching import link_files
from kerege.linkage.tokens import encode_file, encoding_log, estimate_overlap, study_key, token_file, tokenise
from kerege.linkage.tokens.study_log import StudyLog

KEYS = {
    "given, family, date of birth": ("given", "family", "birth_date"),
    "given, family, year": ("given", "family", "birth_year"),
    "consonants of both names, date": ("given_key", "family_key", "birth_date"),
    "consonants of both names, year": ("given_key", "family_key", "birth_year"),
    "consonants of the given name, date": ("given_key", "birth_date"),
    "consonants of the family name, date": ("family_key", "birth_date"),
}
YEARS = range(1935, 2021)
# tokens of parts of names agree in spite of an error if so many of their eight marks do
LEAST_MARKS = 4
DATES = frozenset(
    {"birth_date", "birth_year", "birth_day", "birth_turned", "sex", "documents", "contacts", "birth_near"}
)
VIEWS = (
    View("all tokens"),
    View("names alone", frozenset(tokenise.COLUMNS) - DATES, dated=False),
    View("dates and sex", DATES),
)


def collusion(read: token_file.Tokens, key: study_key.Key, public: list[str]) -> tuple[float, float]:
    """Return the shares of rows whose given name is read: by its token, and by that with the year."""
    folded = [given_columns(name) for name in public]
    own, dated = (tokenise._build_token_function(key.tokens, field) for field in ("given", "given_year"))
    names = {own(row["given"]) for row in folded if row["given"]}
    years = {dated(f"{row['given_key']}|{year}") for row in folded if row["given_key"] for year in YEARS}
    return tuple(
        sum(token in known for token in read.frame[column].to_list() if token) / len(read.frame)
        for column, known in (("given", names), ("given_year", years))
    )


def guess_rate(studies: int, epsilon: float, draws: int = 20_000) -> float:
    """Return how often a guess of membership is right; the person moves three counts by one."""
    chance, rate = np.random.default_rng(1), np.exp(-epsilon / 2)
    noise = np.subtract(*(chance.geometric(1 - rate, (2, draws, 3 * studies)) - 1))
    ratio = np.stack([np.abs(noise + inside) - np.abs(noise + inside - 1) for inside in (0, 1)]).sum(-1)
    return float(((ratio[0] < 0).mean() + (ratio[1] > 0).mean() + (ratio == 0).mean()) / 2)


def allowed_studies(epsilon: float, asked: int, records: int = 2_000) -> int:
    """Return how many studies of one list its agency's log allows in a year; a tenth changes each time."""
    chance, allowed = np.random.default_rng(2), 0
    people = [f"person {number}" for number in range(records)]
    with tempfile.TemporaryDirectory() as folder:
        log = StudyLog(Path(folder))
        with log.locked():
            for number in range(asked):
                key = study_key.new_study_key(f"study-{number}", study_key.Terms(("police", "other"), epsilon=epsilon))
                for place in chance.integers(records, size=records // 10).tolist():
                    people[place] = f"person {number} {place}"
                try:
                    encoding_log.check_budget(key, "police", encoding_log.earlier_studies(log, key, "police", people))
                except Refused:
                    continue
                encoding_log.log_encoding(log, key, "police", people)
                allowed += 1
    return allowed


def intersections(lists: Sample) -> None:
    """Print for each fold key the number of keys on both lists, and its pairs by the truth."""
    ids, frame = link_files.gather(list(lists.paths.values()), {}, "id")
    persons, first = lists.persons(ids), len(pl.read_csv(lists.paths["police"], infer_schema_length=0))
    both = len(set(persons[:first].tolist()) & set(persons[first:].tolist()))
    print(f"\n{both} persons on both\n{'':40} {'counted':>8} {'off by':>7} {'P':>6} {'R':>6}")
    for what, columns in KEYS.items():
        key = frame.select(pl.concat_str([pl.col(name).cast(pl.String) for name in columns], separator="|")).to_series()
        table = pl.DataFrame({"key": key, "person": persons})
        sides = [part.drop_nulls("key").unique() for part in (table[:first], table[first:])]
        pairs = sides[0].join(sides[1], on="key")
        counted, right = pairs["key"].n_unique(), int((pairs["person"] == pairs["person_right"]).sum())
        report(f"PSI-CA: {what}", counted, both, right / max(1, len(pairs)), right / both)


def count_equal(
    overlap: estimate_overlap.Overlap, left: NDArray[np.int64], right: NDArray[np.int64]
) -> NDArray[np.int64]:
    """Return (pairs,) how many tokens of two records are equal; of a list, whether enough are."""
    equal, frame = np.zeros(len(left), np.int64), overlap.linked.frame
    for name in frame.columns:
        one, other = frame[name][left], frame[name][right]
        if frame[name].dtype == pl.List:
            common = pl.DataFrame({"one": one, "other": other}).select(
                pl.col("one").list.set_intersection("other").list.len()
            )
            least = LEAST_MARKS if name in tokenise.NEAR else 1
            equal += (common.to_series().fill_null(0) >= least).to_numpy()
        else:
            equal += (one == other).fill_null(False).to_numpy()
    return equal


def fuzzy(overlap: estimate_overlap.Overlap, persons: NDArray[np.int64], first: int) -> None:
    """Print how many persons match by at least k equal tokens, nobody twice, and the best k by the truth."""
    left, right = overlap.linked.left, overlap.linked.right
    across = (left < first) & (right >= first)
    left, right = left[across], right[across]
    equal = count_equal(overlap, left, right)
    both = len(set(persons[:first].tolist()) & set(persons[first:].tolist()))
    order = np.argsort(-equal, kind="stable")
    free, right_links, links, rows = np.ones(len(persons), bool), set[int](), 0, []
    for row, k in zip(order.tolist(), equal[order].tolist(), strict=True):
        one, other = left[row], right[row]
        if free[one] and free[other]:
            free[one] = free[other] = False
            links += 1
            right_links |= {int(persons[one])} if persons[one] == persons[other] else set()
        rows.append((k, links, len(right_links) / max(1, links), len(right_links) / both))
    by_k = {k: row for k, *row in rows}
    best = max(by_k, key=lambda k: 2 * by_k[k][1] * by_k[k][2] / (by_k[k][1] + by_k[k][2] + 1e-9))
    for k in sorted(k for k in by_k if abs(k - best) <= 3):
        counted, precision, recall = by_k[k]
        report(f"fuzzy PSI: {k} equal tokens{' (the best)' if k == best else ''}", counted, both, precision, recall)


def report(what: str, counted: int, both: int, precision: float, recall: float) -> None:
    """Print one row."""
    print(f"{what:40} {counted:8} {counted / both - 1:7.1%} {precision:6.3f} {recall:6.3f}", flush=True)


def main() -> None:
    """Run all parts."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--records", type=int, default=3_000)
    parser.add_argument("--seed", type=int, default=7)
    asked = parser.parse_args()
    print("combined studies: how often a guess of membership is right")
    for epsilon in (2.0, 1.0, 0.5, 0.25):
        allowed = allowed_studies(epsilon, 16)
        rates = (f"{n}: {guess_rate(n, epsilon):.1%}" for n in (1, 2, 4, 8, 16))
        print(f"epsilon {epsilon:4}", *rates, f"| 16 asked, {allowed} allowed: {guess_rate(allowed, epsilon):.1%}")
    with tempfile.TemporaryDirectory() as temporary:
        folder, key = Path(temporary), study_key.new_study_key("benchmark", study_key.Terms(tuple(LISTS)))
        lists = sample(asked.records, asked.seed, folder)
        read, ids = [], []
        for name, path in lists.paths.items():
            made = encode_file.encode_file(path, key, name, {}, "id")
            token_file.write_token_file(folder / f"{name}.parquet", made.header, made.frame)
            read.append(token_file.read(folder / f"{name}.parquet"))
            known = dict(zip(token_file._write_texts(made.frame), made.ids, strict=True))
            ids += [known[text] for text in read[-1].rows]
        public = population(20_000, asked.seed + 1_000).records["given_name"].drop_nulls().unique().to_list()
        own, dated = collusion(read[0], key, public)
        print(f"\ncollusion, {len(read[0].frame)} police rows, {len(public)} public spellings of given names")
        print(f"read by the name's own token {own:.1%}, by its token with the year {dated:.1%}")
        intersections(lists)
        overlap = estimate_overlap.overlap(read)
        fuzzy(overlap, lists.persons(ids), len(read[0].frame))
        was = true(overlap, lists.persons(ids), len(read[0].frame))
        report("tokens", int(overlap.histories[2]), int(was.both), was.hit / was.links, was.hit / was.both)
        print("\nrows of the police list that a broker pairs with those of an earlier study")
        for view in VIEWS:
            by_pairing(lists, folder, view)


if __name__ == "__main__":
    main()
